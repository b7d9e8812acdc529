package guards

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// FunctionsOf lists the functions that an expression may have as its value, if letgo
// sees them all: literals and names, everything assigned to a variable, field or
// parameter, and what a function returns.
func FunctionsOf(x *patterns.Program, u *patterns.Unit, e ast.Expr, depth int) []*patterns.Unit {
	info := u.Pkg.Info
	if units := x.ValueUnits(info, e); len(units) > 0 || depth == 0 {
		return units
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.Uses[e].(*types.Var)
		if def := u.DefinedOnce(v); def != nil {
			return FunctionsOf(x, u, def, depth-1)
		}
		if v != nil && patterns.IsGlobal(v) {
			return assignedFunctions(x, u, v, depth)
		}
		return parameterFunctions(x, u, v, depth)
	case *ast.SelectorExpr:
		v, _ := info.Uses[e.Sel].(*types.Var)
		return assignedFunctions(x, u, v, depth)
	case *ast.CallExpr:
		fn := patterns.CalleeOf(info, e)
		if fn == nil || x.UnitOf(fn) == nil || fn.Pkg() != u.Pkg.Types {
			return nil
		}
		var exprs []UnitExpr
		w := x.UnitOf(fn)
		ast.Inspect(w.Body, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
				exprs = append(exprs, UnitExpr{w, r.Results[0]})
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
		return eachFunction(x, exprs, depth)
	}
	return nil
}

// assignedFunctions lists the functions that a field or package-level variable is given, if only
// the unit's package gives it any.
func assignedFunctions(x *patterns.Program, u *patterns.Unit, v *types.Var, depth int) []*patterns.Unit {
	if v == nil || v.Pkg() != u.Pkg.Types || v.Exported() && u.Pkg.Name != "main" {
		return nil
	}
	return eachFunction(x, givenTo(x, u.Pkg, v), depth)
}

// A UnitExpr is an expression and the unit that contains it.
type UnitExpr struct {
	Unit *patterns.Unit
	Expr ast.Expr
}

// eachFunction lists the functions of several expressions, or none if any of them is
// unseen.
func eachFunction(x *patterns.Program, exprs []UnitExpr, depth int) []*patterns.Unit {
	var units []*patterns.Unit
	for _, e := range exprs {
		if e.Unit.Pkg.Info.Types[e.Expr].IsNil() || makesCancel(x, e) {
			continue // nobody can call it, or it runs nothing of the program
		}
		us := FunctionsOf(x, e.Unit, e.Expr, depth-1)
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

// makesCancel reports whether an expression is a call of a function of another module that makes
// a function to cancel something, like [context.WithCancel].
func makesCancel(x *patterns.Program, e UnitExpr) bool {
	c, ok := ast.Unparen(e.Expr).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := patterns.CalleeOf(e.Unit.Pkg.Info, c)
	if fn == nil || x.UnitOf(fn) != nil || patterns.IsInterfaceMethod(fn) {
		return false
	}
	results := fn.Signature().Results()
	return results.Len() > 0 && patterns.IsCancel(results.At(results.Len()-1).Type())
}

// givenTo lists the values that a field or package-level variable is given, with the units
// that contain them.
func givenTo(x *patterns.Program, p *patterns.Package, v *types.Var) []UnitExpr {
	var exprs []UnitExpr
	for _, a := range x.AssignmentsIn(p)[v.Origin()] {
		var at *patterns.Unit
		for _, u := range x.UnitsIn(p) {
			if a.Expr != nil && u.Contains(a.Expr.Pos()) {
				at = u // literals come after the unit around them
			}
		}
		if at == nil {
			return nil
		}
		exprs = append(exprs, UnitExpr{at, a.Expr})
	}
	return exprs
}

// parameterFunctions lists the functions that callers pass for a parameter of the outermost
// function around the unit.
func parameterFunctions(x *patterns.Program, u *patterns.Unit, v *types.Var, depth int) []*patterns.Unit {
	top := patterns.TopOf(u)
	if v == nil || top.Obj == nil || top.Obj.Exported() && u.Pkg.Name != "main" || len(top.Definitions().Defs[v]) != 1 {
		return nil
	}
	at := -1
	for i := range top.Signature().Params().Len() {
		if top.Signature().Params().At(i) == v {
			at = i
		}
	}
	callers, open := CallersOf(x, top)
	if at < 0 || open || top.Signature().Recv() != nil && InInterface(x, top) {
		return nil
	}
	var exprs []UnitExpr
	for _, k := range callers {
		if at >= len(k.Call.Args) {
			return nil
		}
		exprs = append(exprs, UnitExpr{k.Unit, k.Call.Args[at]})
	}
	return eachFunction(x, exprs, depth)
}

// DeferredCalls lists the calls that the unit defers.
func DeferredCalls(u *patterns.Unit) map[*ast.CallExpr]bool {
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
