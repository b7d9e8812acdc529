package move

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
)

// takenElement reports whether the section takes an element out of a guarded map before
// each use of it in the window.
func (w *Window) takenElement(v *types.Var) bool {
	taken, only := false, true
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && only && w.Info.Uses[id] == types.Object(v) {
				taken = behaviour.TakenElementAt(w.Site, v, id)
				only = taken
			}
			return only
		})
	}
	return taken && only
}

// Taken reports whether the section itself takes a value out of a guarded variable
// before the window, and passes it to nobody: x := s.buf; s.buf = nil.
func (w *Window) Taken(v *types.Var) bool {
	if v == nil {
		return false
	}
	from, ok := patterns.PathOf(w.Info, w.Unit.DefinedOnce(v))
	if !ok || len(from.Fields) == 0 && !from.Global() {
		return w.takenElement(v) || w.takenCopy(v, 0)
	}
	var first *ast.Ident // that uses it without the lock, or after that
	for _, st := range slices.Concat(w.Stmts, w.Post) {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && first == nil && w.Info.Uses[id] == types.Object(v) {
				first = id
			}
			return first == nil
		})
	}
	return first != nil && behaviour.TakenAt(w.Site, v, first)
}

// keepsRoom reports whether an assignment empties a slice and keeps its elements for
// those that come: s.buf = s.buf[:0].
func keepsRoom(as *ast.AssignStmt) bool {
	return slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { _, sliced := e.(*ast.SliceExpr); return sliced })
}
