package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// OnlyMakesMap reports whether a change makes a map if it is nil, and nobody can tell the
// difference: the package tests for nil only to make the map in the same way, and an empty map
// reads like a nil one.
//
//	if c.entries == nil {
//		c.entries = make(map[string]*entry)
//	}
func (w *Window) OnlyMakesMap(t *site.Touch) bool {
	v := t.Access.Var
	p := w.PackageOf(v)
	sharing := guards.SharingOf(w.Program, p, v)
	if t.Via != nil || t.Access.Kind != guards.Write || sharing.Exported || p.UsedInOtherBuilds(v) {
		return false
	}
	makes := syntax.Has(w.Unit.Body, func(ifs *ast.IfStmt) bool { return syntax.Within(t.Access.Node, ifs.Body) && makesMap(w.Info, ifs, v) })
	return makes && !slices.ContainsFunc(w.Program.UnitsIn(p), func(u *patterns.Unit) bool { return u.Body != nil && looksAtNil(u, v) })
}

// makesMap reports whether an if statement does nothing but make a map if it is nil.
func makesMap(info *types.Info, ifs *ast.IfStmt, v *types.Var) bool {
	cond, ok := ast.Unparen(ifs.Cond).(*ast.BinaryExpr)
	if !ok || cond.Op != token.EQL || !info.Types[cond.Y].IsNil() || ifs.Init != nil || ifs.Else != nil || len(ifs.Body.List) != 1 {
		return false
	}
	as, ok := ifs.Body.List[0].(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || !syntax.IsMapType(info.TypeOf(as.Lhs[0])) || types.ExprString(as.Lhs[0]) != types.ExprString(cond.X) {
		return false
	}
	p, ok := patterns.PathOf(info, as.Lhs[0])
	if !ok || p.Last() != v {
		return false
	}
	switch made := ast.Unparen(as.Rhs[0]).(type) {
	case *ast.CompositeLit:
		return len(made.Elts) == 0
	case *ast.CallExpr:
		return patterns.BuiltinOf(info, made) == "make"
	}
	return false
}

// looksAtNil reports whether a function may be able to tell whether a map is nil: it does more
// than read and write its entries, count them, or make the map.
func looksAtNil(u *patterns.Unit, v *types.Var) bool {
	info := u.Pkg.Info
	entries, found := make(map[ast.Expr]bool), false
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if makesMap(info, n, v) {
				return false
			}
		case *ast.IndexExpr:
			entries[ast.Unparen(n.X)] = true
		case *ast.RangeStmt:
			entries[ast.Unparen(n.X)] = true
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				entries[ast.Unparen(l)] = true
			}
		case *ast.CallExpr:
			if slices.Contains([]string{"len", "delete", "clear"}, patterns.BuiltinOf(info, n)) {
				entries[ast.Unparen(n.Args[0])] = true
			}
		case *ast.SelectorExpr, *ast.Ident:
			p, ok := patterns.PathOf(info, n.(ast.Expr))
			found = found || ok && p.Last() == v && !entries[n.(ast.Expr)]
		}
		return !found
	})
	return found
}
