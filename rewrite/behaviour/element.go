package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// LookedUpIn returns the map or slice variable that v is an element of, because it was looked up
// there or is the value of a loop over it. It returns nil if there is none.
func LookedUpIn(s *site.Site, v *types.Var) *types.Var {
	var of ast.Expr
	for _, def := range []ast.Expr{s.Unit.DefinedOnce(v), s.Unit.LookedUpOnce(v), RangedOver(s, v)} {
		if ix, ok := ast.Unparen(def).(*ast.IndexExpr); ok {
			of = ix.X
		} else if def != nil && of == nil {
			of = def
		}
	}
	if of == nil {
		return nil
	}
	p, ok := patterns.PathOf(s.Info, of)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return nil
	}
	switch p.Last().Type().Underlying().(type) {
	case *types.Map, *types.Slice:
		return p.Last()
	}
	return nil
}

// RangedOver returns the expression that a loop ranges over, if v is the loop's value variable,
// or nil.
func RangedOver(s *site.Site, v *types.Var) ast.Expr {
	if r := loopOver(s, v); r != nil {
		return r.X
	}
	return nil
}

// loopOver returns the loop that alone gives a variable its values, or nil.
func loopOver(s *site.Site, v *types.Var) *ast.RangeStmt {
	return syntax.First(s.Unit.Body, func(r *ast.RangeStmt) *ast.RangeStmt {
		if r.Tok == token.DEFINE && r.Value != nil && s.Info.Defs[syntax.IdentOf(r.Value)] == v && !s.Unit.Assigned(v, r.Body.List) {
			return r
		}
		return nil
	})
}
