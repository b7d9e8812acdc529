package behaviour

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

// CertainError reports whether the last result of a return is an error that cannot be nil: it is
// created there, was just tested, or is a package-level error set at its declaration.
func CertainError(s *site.Site, ret *ast.ReturnStmt) bool {
	e := ast.Unparen(ret.Results[len(ret.Results)-1])
	if c, ok := e.(*ast.CallExpr); ok {
		fn := patterns.CalleeOf(s.Info, c)
		return fn != nil && (fn.FullName() == "errors.New" || fn.FullName() == "fmt.Errorf")
	}
	id := syntax.IdentOf(e)
	if sel, ok := e.(*ast.SelectorExpr); ok {
		id = sel.Sel
	}
	if id == nil {
		return false
	}
	v, ok := s.Info.Uses[id].(*types.Var)
	switch {
	case !ok || v.IsField():
		return false
	case v.Parent() == v.Pkg().Scope():
		return isSentinel(s, v)
	}
	for n := s.Parents[ret]; n != nil; n = s.Parents[n] {
		ifs, ok := n.(*ast.IfStmt)
		if ok && syntax.Within(ret, ifs.Body) && testsNotNil(s, ifs.Cond, v) && !s.Unit.Assigned(v, ifs.Body.List) {
			return true
		}
	}
	return false
}

// testsNotNil reports whether a condition implies that v is not nil.
func testsNotNil(s *site.Site, cond ast.Expr, v *types.Var) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	switch {
	case !ok:
		return false
	case b.Op == token.LAND:
		return testsNotNil(s, b.X, v) || testsNotNil(s, b.Y, v)
	}
	id, ok := ast.Unparen(b.X).(*ast.Ident)
	return ok && b.Op == token.NEQ && s.Info.Uses[id] == v && s.IsNil(b.Y)
}

// isSentinel reports whether v is a package-level error that is set at its declaration and never
// again. In packages that are not loaded, letgo assumes this of every package-level error, like
// io.EOF.
func isSentinel(s *site.Site, v *types.Var) bool {
	if v.IsField() || v.Parent() != v.Pkg().Scope() || !patterns.IsError(v.Type()) {
		return false
	}
	p := s.PackageOf(v)
	if p.Types != v.Pkg() {
		return true
	}
	set := slices.ContainsFunc(p.Info.InitOrder, func(i *types.Initializer) bool {
		return slices.Contains(i.Lhs, v) && !p.Info.Types[i.Rhs].IsNil()
	})
	return set && guards.SharingOf(s.Program, p, v).Changed(nil) == nil
}
