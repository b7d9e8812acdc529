package conditions

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// The slices in a map stay as they are as far as they go, if entries are only made anew, deleted,
// or added to:
//
//	s.topics[name] = append(s.topics[name], url)
//
// Whoever has read such a slice under the lock can use it without.

// onlyAppended reports whether a value is an element of a variable, a slice, and whether all
// elements of the variable are only changed like that.
func onlyAppended(w *move.Window, v move.UsedValue, g *types.Var) bool {
	return syntax.IsSlice(v.Typ) && holdsType(g.Type(), v.Typ) && guards.SharingOf(w.Program, w.PackageOf(g), g).Changed(func(a *guards.Access) bool {
		return a.Kind != guards.Write && !setsEntry(a)
	}) == nil
}

// setsEntry reports whether a change only sets an entry to a new slice, deletes it, or appends to
// it.
func setsEntry(a *guards.Access) bool {
	if a.Kind != guards.Content || a.Unit.Body == nil {
		return false
	}
	info := a.Unit.Pkg.Info
	found := false
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				ix, ok := ast.Unparen(l).(*ast.IndexExpr)
				if !ok || n.Tok != token.ASSIGN || len(n.Lhs) != len(n.Rhs) || !isNewOrLonger(info, l, n.Rhs[i]) {
					continue
				}
				entry := !a.Alias && syntax.Within(a.Node, ix.X) && !syntax.Has(ix.X, func(*ast.IndexExpr) bool { return true })
				base := a.Alias && patterns.BuiltinOf(info, syntax.CallOf(n.Rhs[i])) == "append" && a.Node == syntax.CallOf(n.Rhs[i]).Args[0]
				found = found || entry || base
			}
		case *ast.CallExpr:
			found = found || patterns.BuiltinOf(info, n) == "delete" && (!a.Alias && syntax.Within(a.Node, n.Args[0]) || a.Node == ast.Unparen(n.Args[0]))
		}
		return !found
	})
	return found
}

// isNewOrLonger reports whether an expression is a slice that nobody else has, or appends to what
// is at the given place.
func isNewOrLonger(info *types.Info, at, e ast.Expr) bool {
	e = ast.Unparen(e)
	switch c := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		b := patterns.BuiltinOf(info, c)
		return b == "make" || b == "append" && types.ExprString(c.Args[0]) == types.ExprString(at)
	}
	return info.Types[e].IsNil()
}
