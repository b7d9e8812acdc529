package move

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// If others only append to a slice, an index always finds the same element, and a slice that was
// long enough stays long enough.
//
//	s.items[i].err = check(s.items[i].url)

// AppendOnly reports whether all assignments to a slice field append to it.
func (w *Window) AppendOnly(v *types.Var) bool {
	return v != nil && v.IsField() && syntax.IsSlice(v.Type()) && guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		return a.Kind == guards.Write && !syntax.Appends(a) || a.Kind == guards.Escape
	}) == nil
}

// InElement reports whether a change is to a field of an element of a slice that others only
// append to, so that the index still finds the same element.
func (w *Window) InElement(a *guards.Access) bool {
	ix := w.Indexed(a)
	if ix == nil {
		ast.Inspect(a.Node, func(n ast.Node) bool {
			if found, ok := n.(*ast.IndexExpr); ok && ix == nil {
				ix = found
			}
			return ix == nil
		})
	}
	if ix == nil || !behaviour.SameThroughout(w.Site, ix.Index, w.Unit.Body.List) {
		return false
	}
	p, ok := patterns.PathOf(w.Info, ix.X)
	if _, field := w.Parents[ix].(*ast.SelectorExpr); !ok || !field || !w.AppendOnly(p.Last()) {
		return false
	}
	return guards.SharingOf(w.Program, w.PackageOf(p.Last()), p.Last()).Changed(func(o *guards.Access) bool {
		if !w.Contains(o) {
			return !syntax.Appends(o)
		}
		of := w.Indexed(o)
		if of == nil {
			return !syntax.Appends(o)
		}
		_, field := w.Parents[of].(*ast.SelectorExpr)
		return !field
	}) == nil
}

// Indexed returns the index expression whose operand is the accessed variable, or nil.
func (w *Window) Indexed(a *guards.Access) *ast.IndexExpr {
	return syntax.Indexed(w.Parents, a.Node)
}
