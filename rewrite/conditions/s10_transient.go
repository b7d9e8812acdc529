package conditions

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// refuseTransient is the part of S10 about a mark that a section, or a function that it
// calls, sets and resets:
//
//	e.busy.Store(true)
//	_, err := http.Get(u)
//	e.busy.Store(false)
//
// That it can be read without the lock does not matter: under the lock, nobody ever finds
// it set. Once the lock is released meanwhile, they do. The same holds for a counter of
// running calls, by which a call refuses to run twice at once. A counter that is only
// displayed is not a mark: [proveFlags] asks about that.
func refuseTransient(w *move.Window, list []ast.Stmt) *safety.Refusal {
	changes := make(map[*types.Var][]atomicChange)
	looked := make(map[*types.Var]token.Pos) // in the section
	for _, st := range list {
		behaviour.EachAtomic(w.Site, st, func(u *patterns.Unit, at ast.Expr, v *types.Var, isChange bool) {
			c, ok := at.(*ast.CallExpr)
			if !ok || isSyncMap(u, c) || behaviour.Measured(u, c) != nil {
				return
			}
			tested := behaviour.LooksAtAtomic(u, c)
			if isChange {
				counts := strings.HasPrefix(patterns.CalleeOf(u.Pkg.Info, c).Name(), "Add")
				changes[v] = append(changes[v], atomicChange{u, c.Pos(), tested || !counts})
			}
			if tested && !looked[v].IsValid() && w.Section.Mode != patterns.Shared { // others with the read lock saw it all along
				looked[v] = c.Pos()
			}
		})
	}
	for _, v := range syntax.SortedVars(changes) {
		set, back := setAndBack(changes[v], looked[v].IsValid())
		if back == nil {
			continue
		}
		at := looked[v]
		if !at.IsValid() {
			at = lookedAtUnder(w, v)
		}
		if at.IsValid() {
			return safety.Refuse(safety.S10, "transient", set.pos, "%s is changed here and changed back at %s; the code at %s, under %s, has never seen it changed", v.Name(), w.Line(back.pos), w.Line(at), w.Section.Lock)
		}
	}
	return nil
}

// atomicChange is a call of package sync/atomic that changes something.
type atomicChange struct {
	unit  *patterns.Unit
	pos   token.Pos
	marks bool // it does more than to count for somebody who reads it later
}

// setAndBack returns two changes of which one may follow the other, if they make
// a mark of the variable: one that the section itself looks at is a mark.
func setAndBack(list []atomicChange, looked bool) (set, back *atomicChange) {
	for i := range list {
		for j := range list[:i] {
			a, b := &list[j], &list[i]
			if (looked || a.marks || b.marks) && (a.unit != b.unit || !syntax.Exclusive(a.unit.Body, a.pos, b.pos)) {
				return a, b
			}
		}
	}
	return nil, nil
}

// lookedAtUnder returns where another section, which the lock keeps apart from this one, looks at a
// variable of package sync/atomic, or no position.
func lookedAtUnder(w *move.Window, v *types.Var) token.Pos {
	for _, c := range guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()) {
		own := c.Unit == w.Unit && w.InBody(c.Call)
		if !own && !w.RanBeside(c) && syntax.AtomicOf(c.Unit, c.Call) == v && behaviour.LooksAtAtomic(c.Unit, c.Call) {
			return c.Call.Pos()
		}
	}
	return token.NoPos
}

func isSyncMap(u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	return fn != nil && strings.HasPrefix(fn.FullName(), "(*sync.Map).")
}
