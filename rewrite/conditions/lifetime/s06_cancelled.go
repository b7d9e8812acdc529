package lifetime

import (
	"go/ast"
	"go/types"

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
