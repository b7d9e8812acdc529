package lifetime

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askCancelled is the part of S6 about a context that is kept for several calls, and that
// another section cancels: it waited until the call was over, and now cuts it off.
//
//	s.mu.Lock()
//	s.cancel()
//	s.mu.Unlock()
func askCancelled(w *move.Window) {
	var kept ast.Expr
	for _, st := range w.Body {
		syntax.InspectRun(w.Info, st, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && kept == nil && syntax.IsContext(w.Info.TypeOf(e)) && isKept(w, e) {
				kept = e
			}
			return kept == nil
		})
	}
	if kept == nil {
		askStoredCancel(w)
		return
	}
	for _, c := range guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()) {
		if c.Unit == w.Unit && w.InBody(c.Call) || !patterns.IsCancel(c.Unit.Pkg.Info.TypeOf(c.Call.Fun)) {
			continue
		}
		if p, ok := patterns.PathOf(c.Unit.Pkg.Info, c.Call.Fun); !ok || p.Last().IsField() || p.Global() {
			w.Assume(safety.S6, kept.Pos(), "%s can now be called at %s during the call. Is it fine if that cuts the call off?", types.ExprString(c.Call.Fun), w.Line(c.Call.Pos()))
			return
		}
	}
}

// isKept reports whether an expression is a field or a package-level variable.
func isKept(w *move.Window, e ast.Expr) bool {
	p, ok := patterns.PathOf(w.Info, e)
	return ok && (p.Last().IsField() || p.Global())
}

// askStoredCancel is askCancelled for a context of this call whose function to cancel it the
// section keeps: whoever calls that, also the next caller of this section, now cuts the call off.
//
//	if j.cancel != nil {
//		j.cancel()
//	}
//	ctx, j.cancel = context.WithCancel(parent)
func askStoredCancel(w *move.Window) {
	for i, st := range w.Pre {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 2 || len(as.Rhs) != 1 || !patterns.IsCancel(w.Info.TypeOf(as.Lhs[1])) {
			continue
		}
		ctx := patterns.AsVar(w.Info, patterns.IdentOf(as.Lhs[0]))
		to := storedTo(w, as.Lhs[1])
		later := slices.Concat(w.Pre[i+1:], w.Stmts) // a request that is made before the window has it, too
		if ctx == nil || to == nil || !slices.ContainsFunc(later, func(st ast.Stmt) bool { return syntax.Mentions(w.Info, st, ctx) }) {
			continue
		}
		for _, c := range guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()) {
			if p, ok := patterns.PathOf(c.Unit.Pkg.Info, c.Call.Fun); ok && p.Last() == to {
				w.Assume(safety.S6, as.Lhs[0].Pos(), "%s can now be called at %s during the call. Is it fine if that cuts the call off?", types.ExprString(c.Call.Fun), w.Line(c.Call.Pos()))
				return
			}
		}
	}
}

// storedTo returns the field or package-level variable that a section puts a value into: the
// expression itself, or what it assigns a local variable to. It is nil if there is none.
func storedTo(w *move.Window, e ast.Expr) *types.Var {
	if p, ok := patterns.PathOf(w.Info, e); ok && isKept(w, e) {
		return p.Last()
	}
	v := patterns.AsVar(w.Info, patterns.IdentOf(e))
	if v == nil {
		return nil
	}
	var to *types.Var
	for _, st := range w.Pre {
		patterns.EachAssignment(st, func(lhs, rhs ast.Expr) {
			if rhs != nil && patterns.AsVar(w.Info, patterns.IdentOf(rhs)) == v && isKept(w, lhs) {
				p, _ := patterns.PathOf(w.Info, lhs)
				to = p.Last()
			}
		})
	}
	return to
}
