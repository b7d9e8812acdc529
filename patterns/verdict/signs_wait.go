package verdict

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// waitSigns weighs what a wait for another goroutine is about.
func (j *judging) waitSigns() {
	if d := j.f.Deadlock; d != nil {
		sign := "deadlock"
		if d.Timed {
			sign = "stall"
		}
		j.see(sign, d.Op.Pos(), "%s", d.Message())
	}
	u, op := j.main.Innermost(j.s.Unit)
	p := waitedFor(u, op)
	if isJoin(op) && (p.Root == nil || u != j.s.Unit || len(p.Fields) > 0 || patterns.IsGlobal(p.Root) || u.IsParam(p.Root)) {
		j.see("joins", j.main.Pos(), "it waits for goroutines that were started elsewhere to end")
	}
	if p.Root == nil {
		return
	}
	lock := j.s.LockVar()
	j.closeGuard(u, op, p, lock)
}

// joinFuncs wait until goroutines have ended.
var joinFuncs = []string{"(*sync.WaitGroup).Wait", "(*golang.org/x/sync/errgroup.Group).Wait"}

func isJoin(o *waits.Op) bool { return slices.Contains(joinFuncs, o.What) }

// closeGuard looks for a close of the channel that the operation of the unit is on,
// made under the same lock: by its own name, or of what the model of storage cannot
// tell from it, such as another element of the map that it was taken from.
func (j *judging) closeGuard(u *patterns.Unit, op *waits.Op, p patterns.Path, lock *types.Var) {
	if !patterns.IsChan(p.Last().Type()) {
		return
	}
	for _, a := range guards.SharingOf(j.x, u.Pkg, p.Last()).Accesses {
		if a.Kind == guards.Close && a.Under(lock) {
			j.see("close-guard", a.Pos(), "%s is closed under the same lock", p)
			return
		}
	}
	send, ok := op.Node.(*ast.SendStmt)
	if !ok || lock == nil {
		return
	}
	m := j.x.StorageOf(u.Pkg)
	for _, c := range guards.CallsUnder(j.x, u.Pkg, lock) {
		if patterns.BuiltinOf(u.Pkg.Info, c.Call) == "close" && len(c.Call.Args) == 1 && m.Refers(c.Call.Args[0]) == m.Refers(send.Chan) {
			add(&j.v, "close-guard", c.Unit.Position(c.Call.Pos()), "%s may be closed under the same lock", p)
			return
		}
	}
}
