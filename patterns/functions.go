package patterns

import (
	"go/ast"
	"go/types"
	"slices"
)

// functionsOf lists the functions that an expression may have as its value, if
// all are seen: literals and names, what a variable, field or parameter is given
// everywhere, what a function returns.
func (x *Program) functionsOf(u *Unit, e ast.Expr, depth int) []*Unit {
	info := u.Pkg.Info
	if units := x.ValueUnits(info, e); len(units) > 0 || depth == 0 {
		return units
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.Uses[e].(*types.Var)
		if def := u.DefinedOnce(v); def != nil {
			return x.functionsOf(u, def, depth-1)
		}
		return x.parameterFunctions(u, v, depth)
	case *ast.SelectorExpr:
		v, _ := info.Uses[e.Sel].(*types.Var)
		if v == nil || v.Exported() && u.Pkg.Name != "main" {
			return nil
		}
		return x.eachFunction(x.givenTo(u.Pkg, v), depth)
	case *ast.CallExpr:
		fn := CalleeOf(info, e)
		if fn == nil || x.UnitOf(fn) == nil || fn.Pkg() != u.Pkg.Types {
			return nil
		}
		var exprs []unitExpr
		w := x.UnitOf(fn)
		ast.Inspect(w.Body, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
				exprs = append(exprs, unitExpr{w, r.Results[0]})
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
		return x.eachFunction(exprs, depth)
	}
	return nil
}

// A unitExpr is an expression and the unit that it stands in.
type unitExpr struct {
	unit *Unit
	expr ast.Expr
}

// eachFunction lists the functions of several expressions, or none if one of
// them is not seen.
func (x *Program) eachFunction(exprs []unitExpr, depth int) []*Unit {
	var units []*Unit
	for _, e := range exprs {
		us := x.functionsOf(e.unit, e.expr, depth-1)
		if len(us) == 0 {
			return nil
		}
		for _, w := range us {
			if !slices.Contains(units, w) {
				units = append(units, w)
			}
		}
	}
	return units
}

// givenTo lists what a field or package-level variable is given, with the
// units in which that stands.
func (x *Program) givenTo(p *Package, v *types.Var) []unitExpr {
	var exprs []unitExpr
	for _, a := range x.assignmentsIn(p)[v.Origin()] {
		var at *Unit
		for _, u := range x.UnitsIn(p) {
			if a.expr != nil && u.Contains(a.expr.Pos()) {
				at = u // literals come after the unit around them
			}
		}
		if at == nil {
			return nil
		}
		exprs = append(exprs, unitExpr{at, a.expr})
	}
	return exprs
}

// parameterFunctions lists the functions that callers give for a parameter of
// the outermost function around the unit.
func (x *Program) parameterFunctions(u *Unit, v *types.Var, depth int) []*Unit {
	top := topOf(u)
	if v == nil || top.Obj == nil || top.Obj.Exported() && u.Pkg.Name != "main" || len(top.definitions().defs[v]) != 1 {
		return nil
	}
	at := -1
	for i := range top.Signature().Params().Len() {
		if top.Signature().Params().At(i) == v {
			at = i
		}
	}
	callers, open := x.callersOf(top)
	if at < 0 || open {
		return nil
	}
	var exprs []unitExpr
	for _, k := range callers {
		if at >= len(k.call.Args) {
			return nil
		}
		exprs = append(exprs, unitExpr{k.unit, k.call.Args[at]})
	}
	return x.eachFunction(exprs, depth)
}

// deferredCalls lists the calls that the unit defers.
func (u *Unit) deferredCalls() map[*ast.CallExpr]bool {
	calls := make(map[*ast.CallExpr]bool)
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			calls[d.Call] = true
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return calls
}
