package verdict

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/values"
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
	if len(j.main.Path) == 0 {
		j.see("direct", j.main.Pos(), "the function waits itself, not in a call of another one")
	}
	j.keepsOpen()
}

// keepsOpen weighs a send on a channel that another section of the lock closes: whoever
// sends holds the lock so that the channel is not closed meanwhile.
func (j *judging) keepsOpen() {
	u, op := j.main.Innermost(j.s.Unit)
	if u.Pkg != j.s.Unit.Pkg || j.s.LockVar() == nil {
		return
	}
	for _, ch := range sentOn(op.Node) {
		c := values.FlowsOf(j.x, u.Pkg).ClassOf(ch)
		if c == nil {
			continue
		}
		for _, closed := range c.Closes {
			for _, s := range locks.SectionsOfLock(j.x, u.Pkg, j.s.LockVar()) {
				if s.Acquire != j.s.Acquire && s.Unit == closed.Unit && s.CoversPos(closed.Node.Pos()) {
					j.see("keeps-open", closed.Node.Pos(), "another section of the lock closes the channel that this one sends on")
					return
				}
			}
		}
	}
}

// sentOn lists the channels that a statement sends on: one, or those of the cases of a
// select statement.
func sentOn(n ast.Node) (chans []ast.Expr) {
	switch n := n.(type) {
	case *ast.SendStmt:
		return []ast.Expr{n.Chan}
	case *ast.SelectStmt:
		for _, st := range n.Body.List {
			if s, ok := st.(*ast.CommClause).Comm.(*ast.SendStmt); ok {
				chans = append(chans, s.Chan)
			}
		}
	}
	return chans
}
