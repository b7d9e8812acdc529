package signals

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveSignals is the part of S18 about a section that wakes goroutines that wait for a
// condition variable, waits itself, and only then makes the change that they wait for:
//
//	r.cond.Broadcast()
//	n := <-r.tick
//	r.val = n
//
// While the lock was held, they ran when all of it was done. If the lock is released
// for the wait, they look too early, and nobody wakes them again.
func ProveSignals(w *move.Window) *safety.Refusal {
	if len(w.Post) == 0 {
		return nil
	}
	changes := behaviour.GuardedChanges(w.PostTouches)
	if len(changes) == 0 {
		return nil
	}
	for _, st := range slices.Concat(w.Pre, w.Stmts) {
		var refusal *safety.Refusal
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			EachCallBelow(w.Site, w.Unit, c, make(map[*patterns.Unit]bool), func(u *patterns.Unit, k *ast.CallExpr) {
				if cond, ok := signalledCond(u, k, "Signal", "Broadcast"); ok && refusal == nil {
					refusal = wakesEarly(w, k, cond, changes)
				}
			})
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// wakesEarly refuses a call that wakes those who wait for one of the changes, and asks if
// letgo does not see what they wait for.
func wakesEarly(w *move.Window, c *ast.CallExpr, cond *types.Var, changes []*site.Touch) *safety.Refusal {
	waitedFor, seen := waitedFor(w, cond)
	for _, t := range changes {
		if waitedFor[t.Access.Var] {
			return safety.Refuse(safety.S18, "wakes-too-early", c.Pos(), "%s wakes goroutines that wait for %s, which changes only at %s: with the lock released in between they look too early and are not woken again", types.ExprString(c.Fun), t.Name(), w.Line(t.Access.Pos()))
		}
	}
	if !seen {
		w.Assume(safety.S18, c.Pos(), "%s wakes others, who then run before %s changes at %s. Is it certain that they do not wait for that?", types.ExprString(c.Fun), changes[0].Name(), w.Line(changes[0].Access.Pos()))
	}
	return nil
}

// waitedFor lists the variables that the loops around waits for a condition
// variable look at. seen is false where one of the waits is in no loop, or none is
// seen.
func waitedFor(w *move.Window, cond *types.Var) (vars map[*types.Var]bool, seen bool) {
	vars = make(map[*types.Var]bool)
	for _, u := range w.Program.UnitsIn(w.Pkg) {
		for _, c := range u.Calls() {
			if v, ok := signalledCond(u, c, "Wait"); !ok || v != nil && cond != nil && v != cond {
				continue
			}
			loop := loopAround(u.Body, c)
			if loop == nil {
				return vars, false
			}
			seen = true
			for _, t := range touchesIn(w, u, loop) {
				vars[t.Var] = true
			}
		}
	}
	return vars, seen
}

// signalledCond returns the variable that holds the condition variable on which a call
// calls one of the methods, nil where that is not seen. ok is false for any other
// call.
func signalledCond(u *patterns.Unit, c *ast.CallExpr, methods ...string) (v *types.Var, ok bool) {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	sel, isSel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if fn == nil || !isSel || !slices.ContainsFunc(methods, func(m string) bool { return fn.FullName() == "(*sync.Cond)."+m }) {
		return nil, false
	}
	if p, named := patterns.ReceiverPath(u.Pkg.Info, sel); named && (len(p.Fields) > 0 || p.Global()) {
		return p.Last(), true
	}
	return nil, true
}

// touchesIn lists the accesses of a loop, and of the functions that it calls.
func touchesIn(w *move.Window, u *patterns.Unit, loop ast.Node) []*guards.Access {
	out := guards.AccessesIn(u, loop)
	syntax.EachSynchronousCall(loop, func(c *ast.CallExpr) {
		callees, _ := behaviour.CalleesOf(w.Site, u, c)
		for _, v := range callees {
			out = append(out, guards.OwnAccesses(w.Program, v)...)
		}
	})
	return out
}

// loopAround returns the innermost loop around a call, or nil.
func loopAround(body ast.Node, c *ast.CallExpr) ast.Node {
	var loop ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if f, ok := n.(*ast.ForStmt); ok && syntax.Within(c, f) {
			loop = f
		}
		return true
	})
	return loop
}
