package syntax

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// LookedUpIn returns the map or slice variable that v is an element of, because it was looked up
// there, by a helper or not, or is the value of a loop over it. It returns nil if there is none.
func LookedUpIn(x *patterns.Program, u *patterns.Unit, v *types.Var) *types.Var {
	if c, i := givenBy(u, v); c != nil {
		return foundBy(x, u, c, i)
	}
	return elementOf(u, v)
}

// elementOf is LookedUpIn without helpers.
func elementOf(u *patterns.Unit, v *types.Var) *types.Var {
	var of ast.Expr
	for _, def := range []ast.Expr{u.DefinedOnce(v), u.LookedUpOnce(v), RangedOver(u, v)} {
		if ix, ok := ast.Unparen(def).(*ast.IndexExpr); ok {
			of = ix.X
		} else if def != nil && of == nil {
			of = def
		}
	}
	if of == nil {
		of = foundOrCreated(u, v)
	}
	return containerOf(u.Pkg.Info, of)
}

// foundOrCreated returns the map in which a variable is looked up, if the variable is only given
// something else where there is no entry, and that becomes the entry; see [Creates].
func foundOrCreated(u *patterns.Unit, v *types.Var) ast.Expr {
	defs := u.Definitions().Defs[v]
	if len(defs) != 2 || u.Addressed(v) {
		return nil
	}
	ix, ok := ast.Unparen(defs[0]).(*ast.IndexExpr)
	if !ok || First(u.Body, func(ifs *ast.IfStmt) *ast.IfStmt {
		stored := Has(ifs.Body, func(as *ast.AssignStmt) bool { return types.ExprString(as.Lhs[0]) == types.ExprString(ix) })
		if stored && Within(defs[1], ifs) && Creates(u.Pkg.Info, ifs, v, nil) {
			return ifs
		}
		return nil
	}) == nil {
		return nil
	}
	return ix.X
}

// containerOf returns the map or slice variable that an expression names, if others can reach it,
// or nil.
func containerOf(info *types.Info, e ast.Expr) *types.Var {
	if e == nil {
		return nil
	}
	p, ok := patterns.PathOf(info, e)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return nil
	}
	switch p.Last().Type().Underlying().(type) {
	case *types.Map, *types.Slice:
		return p.Last()
	}
	return nil
}

// givenBy returns the call that alone gives a local variable its value, and which of the results
// that is; or nil.
func givenBy(u *patterns.Unit, v *types.Var) (c *ast.CallExpr, result int) {
	if len(u.Definitions().Defs[v]) != 1 {
		return nil, 0
	}
	c = First(u.Body, func(as *ast.AssignStmt) *ast.CallExpr {
		for i, l := range as.Lhs {
			id, ok := l.(*ast.Ident)
			if ok && as.Tok == token.DEFINE && len(as.Rhs) == 1 && u.Pkg.Info.Defs[id] == v {
				c, _ := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
				result = i
				return c
			}
		}
		return nil
	})
	return c, result
}

// foundBy returns the map or slice variable that a result of a call is an element of, because the
// function of the same package that it calls returns nothing else there, but nil.
//
//	func (s *Store) find(name string) *item { return s.items[name] }
func foundBy(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, result int) *types.Var {
	callees, known := x.Callees(u, c)
	if !known || len(callees) != 1 || callees[0].Body == nil || callees[0].Pkg != u.Pkg {
		return nil
	}
	helper, info := callees[0], u.Pkg.Info
	var found *types.Var
	same := true
	InspectOuter(helper.Body, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			return true
		}
		if len(ret.Results) != helper.Results().Len() {
			same = false
			return true
		}
		e := ast.Unparen(ret.Results[result])
		if info.Types[e].IsNil() {
			return true
		}
		var of *types.Var
		switch e := e.(type) {
		case *ast.Ident:
			of = elementOf(helper, VarOf(info, e))
		case *ast.IndexExpr:
			of = containerOf(info, e.X)
		}
		same = same && of != nil && (found == nil || found == of)
		found = of
		return true
	})
	if !same {
		return nil
	}
	return found
}

// RangedOver returns the expression that a loop ranges over, if v is the loop's value variable,
// or nil.
func RangedOver(u *patterns.Unit, v *types.Var) ast.Expr {
	if r := LoopOver(u, v); r != nil {
		return r.X
	}
	return nil
}

// LoopOver returns the loop that alone gives a variable its values, or nil.
func LoopOver(u *patterns.Unit, v *types.Var) *ast.RangeStmt {
	return First(u.Body, func(r *ast.RangeStmt) *ast.RangeStmt {
		if r.Tok == token.DEFINE && r.Value != nil && u.Pkg.Info.Defs[IdentOf(r.Value)] == v && !u.Assigned(v, r.Body.List) {
			return r
		}
		return nil
	})
}
