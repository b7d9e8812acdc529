package conditions

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askPassed is S1 for objects that the window passes on: another section of the lock may
// call an unseen method on the same object while the function that it was passed to still
// uses it.
//
//	s.mu.Lock()              s.mu.Lock()
//	err := s.client.Do(s.req)    s.req.SetPathValue("id", id)
//	s.mu.Unlock()            s.mu.Unlock()
func askPassed(w *move.Window) {
	asked := make(map[*types.Var]bool)
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			if tv := w.Info.Types[c.Fun]; tv.IsType() || tv.IsBuiltin() {
				return
			}
			for _, a := range c.Args {
				p, ok := patterns.PathOf(w.Info, a)
				if !ok || !overlap.SharedPath(w, p) || asked[p.Last()] || syntax.RefsOf(p.Last().Type(), 0) != syntax.ObjectRef || overlap.OwnState(w, p.Last().Type()) {
					continue
				}
				if m := methodUnder(w, p.Last()); m != nil {
					asked[p.Last()] = true
					w.Assume(safety.S1, a.Pos(), "%s is passed to %s, and %s is called on it under %s at %s. Is it safe for concurrent use?",
						p, syntax.CallName(c), m.Sel.Name, w.Section.Lock, w.Line(m.Pos()))
				}
			}
		})
	}
}

// methodUnder returns a call, in another section of the lock, of an unseen method that may
// have an effect, on the object in a variable; nil if there is none.
func methodUnder(w *move.Window, v *types.Var) *ast.SelectorExpr {
	for _, a := range guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses {
		if w.Contains(a) || !a.Under(w.Section.LockVar()) || a.Unit.Body == nil {
			continue
		}
		info := a.Unit.Pkg.Info
		found := syntax.First(a.Unit.Body, func(c *ast.CallExpr) *ast.SelectorExpr {
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || !syntax.Within(a.Node, sel.X) {
				return nil
			}
			fn := patterns.CalleeOf(info, c)
			callees, _ := w.Program.Callees(a.Unit, c)
			if fn != nil && fn.Signature().Recv() != nil && len(callees) == 0 && !behaviour.HasNoEffect(w.Site, a.Unit, c) && !guards.UsedByMany(w.Program, fn) {
				return sel
			}
			return nil
		})
		if found != nil {
			return found
		}
	}
	return nil
}
