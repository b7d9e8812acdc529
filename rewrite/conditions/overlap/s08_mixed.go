package overlap

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askMixed asks about several sends on one channel that the section makes one after the
// other: another caller's can now come in between. For a loop through a copy,
// [order.OwnCopies] asks that.
func askMixed(w *move.Window) {
	if w.Section.Mode == patterns.Shared {
		return
	}
	ops := w.Freed()
	copies := slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool { return o.About == safety.OwnCopies })
	for i, o := range ops {
		send, ok := o.Node.(*ast.SendStmt)
		if !ok || o.Deferred || saysNothing(w, send) || copies && w.LoopAround(send) != nil {
			continue
		}
		ch := types.ExprString(send.Chan)
		for _, r := range ops[:i] {
			if first, ok := r.Node.(*ast.SendStmt); ok && types.ExprString(first.Chan) == ch && !exclusively(w, r, o) {
				w.Assume(safety.S8, o.Pos(), "What another caller sends on %s can now come between %s and this. Is that fine?", ch, w.Line(r.Pos()))
				return
			}
		}
		if loop := w.LoopAround(send); loop != nil && repeats(w, send) && w.InBody(loop) && !changesIn(w, loop, send.Chan) {
			w.Assume(safety.S8, o.Pos(), "What another caller sends on %s can now come in between. Is that fine?", ch)
			return
		}
	}
}

// saysNothing reports whether all values of a channel are the same, so that nobody can tell
// in which order they were sent.
func saysNothing(w *move.Window, send *ast.SendStmt) bool {
	st, ok := w.Info.TypeOf(send.Value).Underlying().(*types.Struct)
	return ok && st.NumFields() == 0
}

// repeats reports whether a send in a loop may run again before the section ends. Of one that
// is no node of the section's graph, as in a literal, nothing is known.
func repeats(w *move.Window, send *ast.SendStmt) bool {
	return !slices.Contains(w.Section.Nodes, ast.Node(send)) || w.Section.After(send).Repeats(send)
}

// changesIn reports whether an expression mentions a variable that a loop declares or
// assigns.
func changesIn(w *move.Window, loop ast.Stmt, e ast.Expr) bool {
	return syntax.Has(e, func(id *ast.Ident) bool {
		v, _ := w.Info.Uses[id].(*types.Var)
		return v != nil && (loop.Pos() <= v.Pos() && v.Pos() < loop.End() || w.Unit.Assigned(v, []ast.Stmt{loop}))
	})
}
