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
		if id, ok := ast.Unparen(a).(*ast.Ident); ok && i < params.Len() { // given on
			if value, ok := u.known[asVar(u.Pkg.Info, id)]; ok {
				known[params.At(i)] = value
			}
		}
		if val != nil && val.Kind() == constant.Bool && i < params.Len() && len(callee.definitions().defs[params.At(i)]) <= 1 {
			known[params.At(i)] = constant.BoolVal(val)
		}
	}
	return known
}

// variant returns the unit that stands for a call of a function with constants for
// bool parameters: without the branches that are not taken then. That is the
// function itself if no branch depends on them.
func (x *Program) variant(u, callee *Unit, c *ast.CallExpr) *Unit {
	if callee.Body == nil || callee.Obj == nil || callee.Pkg != u.Pkg || len(c.Args) == 0 {
		return callee
	}
	known := u.constantsFor(callee, c)
	for v := range known {
		if !callee.branchesOn(v) {
			delete(known, v)
		}
	}
	if len(known) == 0 {
		return callee
	}
	var key []byte
	for v := range callee.sig().Params().Variables() {
		value, ok := known[v]
		switch {
		case !ok:
			key = append(key, '-')
		case value:
			key = append(key, '1')
		default:
			key = append(key, '0')
		}
	}
	if v := callee.variants[string(key)]; v != nil {
		return v
	}
	v := new(Unit)
	*v = *callee
	v.of, v.known, v.may, v.takes, v.variants = callee, known, make(map[reachKey]reach), nil, nil
	if callee.variants == nil {
		callee.variants = make(map[string]*Unit)
	}
	callee.variants[string(key)] = v
	x.made = append(x.made, v)
	return v
}

// branchesOn reports whether a condition of the unit is about a parameter.
func (u *Unit) branchesOn(v *types.Var) bool {
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if !ok {
			return !found
		}
		ast.Inspect(f.Cond, func(m ast.Node) bool {
			id, ok := m.(*ast.Ident)
			found = found || ok && u.Pkg.Info.Uses[id] == v
			return !found
		})
		return !found
	})
	return found
}

// excluded reports whether a call stands in a branch that is not taken for the
// known values of parameters.
func (u *Unit) excluded(c ast.Node, known map[*types.Var]bool) bool {
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
		if sure && value && s.Else == nil && s.End() <= c.Pos() && ends(u.Pkg.Info, s.Body) && u.directly(s, c) {
			found = true // after a return that is taken
		}
		found = found || sure && (!value && in(s.Body) || value && s.Else != nil && in(s.Else))
		return !found
	})
	return found
}

// directly reports whether a node stands in the list of a statement, after it.
func (u *Unit) directly(st ast.Stmt, n ast.Node) bool {
	list, at := statementsAround(u.Body, st)
	return list != nil && n.Pos() < list[len(list)-1].End() && at < len(list)-1
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
