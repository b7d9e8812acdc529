package syntax

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// MakesMap reports whether an if statement does nothing but make a map if it is nil.
func MakesMap(info *types.Info, ifs *ast.IfStmt, v *types.Var) bool {
	cond, ok := ast.Unparen(ifs.Cond).(*ast.BinaryExpr)
	if !ok || cond.Op != token.EQL || !info.Types[cond.Y].IsNil() || ifs.Init != nil || ifs.Else != nil || len(ifs.Body.List) != 1 {
		return false
	}
	as, ok := ifs.Body.List[0].(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || !IsMapType(info.TypeOf(as.Lhs[0])) || types.ExprString(as.Lhs[0]) != types.ExprString(cond.X) {
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

// LooksAtNil reports whether a function may be able to tell whether a map is nil: it does more
// than read and write its entries, count them, or make the map.
func LooksAtNil(u *patterns.Unit, v *types.Var) bool {
	info := u.Pkg.Info
	entries, found := make(map[ast.Expr]bool), false
	InspectOuter(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if MakesMap(info, n, v) {
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
