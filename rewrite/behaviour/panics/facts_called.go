package panics

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// testedInside reports whether a condition is a call of a function that only returns a
// comparison, and that comparison says that e is not nil:
//
//	func (s *Source) valid() bool { return s.token != nil && time.Now().Before(s.expiry) }
func (p *panicCheck) testedInside(f fact, e ast.Expr) bool {
	call, ok := f.cond.(*ast.CallExpr)
	want, isPath := plainPath(p.info, e)
	if !ok || !isPath {
		return false
	}
	fn := patterns.CalleeOf(p.info, call)
	callees, known := p.s.Program.Callees(p.unit, call)
	if fn == nil || !known || len(callees) != 1 || callees[0].Obj != fn.Origin() || len(callees[0].Body.List) != 1 {
		return false
	}
	ret, ok := callees[0].Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	inner := panicCheck{s: p.s, info: callees[0].Pkg.Info, unit: callees[0]}
	return slices.ContainsFunc(inner.conditions(ret.Results[0], f.holds), func(g fact) bool {
		x := inner.comparedToNil(g)
		if x == nil {
			return false
		}
		path, ok := plainPath(inner.info, x)
		given, isGiven := p.givenTo(fn, call, path.Root)
		later := func(c *ast.CallExpr) bool { return c.Pos() >= g.since && behaviour.Effectful(p.s, callees[0], c) }
		return ok && isGiven && given.Root == want.Root && slices.Equal(slices.Concat(given.Fields, path.Fields), want.Fields) &&
			!syntax.Has(ret, later)
	})
}

// plainPath is like [patterns.PathOf], for a variable or field itself rather than what it points
// to.
func plainPath(info *types.Info, e ast.Expr) (patterns.Path, bool) {
	if _, pointee := ast.Unparen(e).(*ast.StarExpr); pointee {
		return patterns.Path{}, false
	}
	return patterns.PathOf(info, e)
}

// givenTo returns what a call of fn gives to its receiver or parameter v.
func (p *panicCheck) givenTo(fn *types.Func, call *ast.CallExpr, v *types.Var) (patterns.Path, bool) {
	sig := fn.Origin().Signature()
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && v == sig.Recv() {
		return patterns.PathOf(p.info, sel.X)
	}
	i := slices.Index(slices.Collect(sig.Params().Variables()), v)
	if v == nil || i < 0 || i >= len(call.Args) || sig.Variadic() {
		return patterns.Path{}, false
	}
	return patterns.PathOf(p.info, call.Args[i])
}
