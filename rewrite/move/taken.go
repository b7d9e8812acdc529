package move

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// takenElement reports whether the section takes an element out of a guarded map before
// the window uses it, and nothing else in the package holds values of its type:
//
//	c, ok := s.conns[id]
//	delete(s.conns, id)
func (w *Window) takenElement(v *types.Var) bool {
	var values []ast.Expr
	behaviour.EachValue(w.Site, v, func(e ast.Expr) { values = append(values, ast.Unparen(e)) })
	if len(values) != 1 || !w.Unit.Declares(v) || w.Unit.IsParam(v) {
		return false
	}
	ix, ok := values[0].(*ast.IndexExpr)
	if !ok || !extract.SameThroughout(w.Site, ix.Index, w.Unit.Body.List) {
		return false
	}
	from, ok := patterns.PathOf(w.Info, ix.X)
	m, isMap := w.Info.TypeOf(ix.X).Underlying().(*types.Map)
	if !ok || !isMap || len(from.Fields) == 0 && !from.Global() || w.heldElsewhere(m.Elem(), from.Last()) {
		return false
	}
	for _, st := range w.Pre {
		taken := false
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if ok && patterns.BuiltinOf(w.Info, c) == "delete" && types.ExprString(c.Args[0]) == types.ExprString(ix.X) && types.ExprString(c.Args[1]) == types.ExprString(ix.Index) {
				taken = taken || w.before(c, v)
			}
			return !taken
		})
		if taken {
			return true
		}
	}
	return false
}

// before reports whether a statement that makes a call is always carried out before
// the window uses a variable: all that does so stands in the same block, behind it.
func (w *Window) before(c *ast.CallExpr, v *types.Var) bool {
	st, ok := w.Parents[c].(*ast.ExprStmt)
	if !ok {
		return false
	}
	block := w.Parents[st]
	return !slices.ContainsFunc(w.Stmts, func(o ast.Stmt) bool {
		return syntax.Mentions(w.Info, o, v) && !(syntax.Within(o, block) && st.End() <= o.Pos())
	})
}

// heldElsewhere reports whether a field or package-level variable of the package, other
// than the given one, may hold values of a type.
func (w *Window) heldElsewhere(t types.Type, besides *types.Var) bool {
	for _, obj := range w.Info.Defs {
		v, ok := obj.(*types.Var)
		if ok && v != besides && (v.IsField() || syntax.IsGlobal(v)) && mayHold(v.Type(), t, 0) {
			return true
		}
	}
	return false
}

// mayHold reports whether a variable of a type may hold a value of another one, in its
// elements, too.
func mayHold(in, t types.Type, depth int) bool {
	if depth > 3 || types.Identical(in, t) || types.IsInterface(in) && types.AssignableTo(t, in) {
		return true
	}
	switch u := in.Underlying().(type) {
	case *types.Slice:
		return mayHold(u.Elem(), t, depth+1)
	case *types.Array:
		return mayHold(u.Elem(), t, depth+1)
	case *types.Chan:
		return mayHold(u.Elem(), t, depth+1)
	case *types.Map:
		return mayHold(u.Elem(), t, depth+1) || mayHold(u.Key(), t, depth+1)
	}
	return false
}

// Taken reports whether the section itself takes a value out of a guarded
// variable before the window, and gives it to nobody: x := s.buf; s.buf = nil.
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
