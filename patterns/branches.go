package patterns

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// constantsFor returns the parameters of a callee for which a call gives true or
// false.
func (u *Unit) constantsFor(callee *Unit, c *ast.CallExpr) map[*types.Var]bool {
	known := make(map[*types.Var]bool)
	params := callee.sig().Params()
	for i, a := range c.Args {
		val := u.Pkg.Info.Types[a].Value
		if val != nil && val.Kind() == constant.Bool && i < params.Len() && len(callee.definitions().defs[params.At(i)]) <= 1 {
			known[params.At(i)] = constant.BoolVal(val)
		}
	}
	return known
}

// excluded reports whether a call stands in a branch that is not taken for the
// known values of parameters.
func (u *Unit) excluded(c *ast.CallExpr, known map[*types.Var]bool) bool {
	if len(known) == 0 {
		return false
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		if !ok {
			return !found
		}
		in := func(b ast.Node) bool { return b.Pos() <= c.Pos() && c.Pos() < b.End() }
		value, sure := u.truth(s.Cond, known)
		found = found || sure && (!value && in(s.Body) || value && s.Else != nil && in(s.Else))
		return !found
	})
	return found
}

// truth works out a condition from known variables, if they decide it.
func (u *Unit) truth(e ast.Expr, known map[*types.Var]bool) (value, sure bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := u.Pkg.Info.Uses[e].(*types.Var)
		value, sure = known[v]
		return value, sure
	case *ast.UnaryExpr:
		value, sure = u.truth(e.X, known)
		return !value, sure && e.Op == token.NOT
	case *ast.BinaryExpr:
		if e.Op != token.LAND && e.Op != token.LOR {
			return false, false
		}
		stop := e.Op == token.LOR // the value of one side that decides
		x, sureX := u.truth(e.X, known)
		y, sureY := u.truth(e.Y, known)
		if sureX && x == stop || sureY && y == stop {
			return stop, true
		}
		return !stop, sureX && sureY
	}
	return false, false
}
