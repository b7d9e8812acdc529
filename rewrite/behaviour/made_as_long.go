package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A slice for the results of a fan-out is as long as what the section goes through, and the loop
// that takes them from there needs the same elements:
//
//	up := make([]bool, len(p.hosts))
//	... // a goroutine for each host
//	wg.Wait()
//	for i, h := range p.hosts {
//		p.up[h] = up[i]
//	}
//
// If others change the list meanwhile, an index finds nothing there, or the result for another
// element.

// LoopsAsLong lists the loops in statements that go through guarded state and use their index in
// a local slice that was made as long as that.
func LoopsAsLong(s *site.Site, list []ast.Stmt) []*ast.RangeStmt {
	var out []*ast.RangeStmt
	for _, st := range list {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			r, ok := n.(*ast.RangeStmt)
			if !ok || Touches(s, r.X).Guarded() == nil {
				return true
			}
			key, ok := r.Key.(*ast.Ident)
			if ok && syntax.IsSlice(s.Info.TypeOf(r.X)) && syntax.HasOuter(r.Body, func(ix *ast.IndexExpr) bool {
				id, plain := ast.Unparen(ix.Index).(*ast.Ident)
				return plain && syntax.VarOf(s.Info, id) == syntax.VarOf(s.Info, key) && madeAsLong(s, ix.X, r)
			}) {
				out = append(out, r)
			}
			return true
		})
	}
	return out
}

// madeAsLong reports whether an expression is a local slice that was made, before a loop, as long
// as what the loop goes through.
func madeAsLong(s *site.Site, e ast.Expr, loop *ast.RangeStmt) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(s.Info, id)
	made := syntax.CallOf(s.Unit.DefinedOnce(v))
	if made == nil || patterns.BuiltinOf(s.Info, made) != "make" || made.End() > loop.Pos() {
		return false
	}
	return slices.ContainsFunc(made.Args[1:], func(a ast.Expr) bool {
		c := syntax.CallOf(a)
		return c != nil && patterns.BuiltinOf(s.Info, c) == "len" && types.ExprString(c.Args[0]) == types.ExprString(loop.X)
	})
}
