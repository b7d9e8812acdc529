package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// takenElement reports whether the section takes an element out of a guarded map before
// the window uses it, and nothing else in the package holds values of its type:
//
//	c, ok := s.conns[id]
//	delete(s.conns, id)
func (w *Window) takenElement(v *types.Var) bool {
	var values []ast.Expr
	w.eachValue(v, func(e ast.Expr) { values = append(values, ast.Unparen(e)) })
	if len(values) != 1 || !w.Unit.Declares(v) || w.Unit.IsParam(v) {
		return false
	}
	ix, ok := values[0].(*ast.IndexExpr)
	if !ok || !w.sameThroughout(ix.Index, w.Unit.Body.List) {
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

// takenFrom reports whether what the window uses was taken out of the variable, which
// is changed by that.
func (w *Window) takenFrom(v *types.Var) bool {
	return slices.ContainsFunc(w.guardedValues(), func(u usedValue) bool { return u.taken && slices.Contains(u.from, v) })
}

// before reports whether a statement that makes a call is always carried out before
// the window uses a variable: all that does so stands in the same block, behind it.
func (w *Window) before(c *ast.CallExpr, v *types.Var) bool {
	st, ok := w.parents[c].(*ast.ExprStmt)
	if !ok {
		return false
	}
	block := w.parents[st]
	return !slices.ContainsFunc(w.Stmts, func(o ast.Stmt) bool {
		return mentions(w.Info, o, v) && !(within(o, block) && st.End() <= o.Pos())
	})
}

// heldElsewhere reports whether a field or package-level variable of the package, other
// than the given one, may hold values of a type.
func (w *Window) heldElsewhere(t types.Type, besides *types.Var) bool {
	for _, obj := range w.Info.Defs {
		v, ok := obj.(*types.Var)
		if ok && v != besides && (v.IsField() || isGlobal(v)) && mayHold(v.Type(), t, 0) {
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
