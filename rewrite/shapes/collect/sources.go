package collect

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/lifetime"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// sources lists the variables that the value of an expression comes from:
// guarded ones, and those that hold what it names.
func (c *collection) sources(e ast.Expr) []*types.Var {
	var vars []*types.Var
	c.eachSource(e, func(t *site.Touch) {
		if !t.Filled && !slices.Contains(vars, t.Access.Var) {
			vars = append(vars, t.Access.Var)
		}
	})
	for _, v := range lifetime.Origins(c.Window, e) {
		if !slices.Contains(vars, v) {
			vars = append(vars, v)
		}
	}
	return vars
}

// leadsTo reports whether what an expression refers to may have been found in a variable:
// not if it only has values without references from there, such as the index of an
// element.
func (c *collection) leadsTo(e ast.Expr, g *types.Var) bool {
	plain := true
	c.eachSource(e, func(t *site.Touch) { plain = plain && (t.Access.Var != g || t.Plain) })
	return !plain || slices.Contains(lifetime.Origins(c.Window, e), g)
}

// guardedSources lists the guarded variables that the value of an expression
// comes from.
func (c *collection) guardedSources(e ast.Expr) []*types.Var {
	var vars []*types.Var
	c.eachSource(e, func(t *site.Touch) {
		if !slices.Contains(vars, t.Access.Var) {
			vars = append(vars, t.Access.Var)
		}
	})
	return vars
}

// eachSource visits the guarded uses that the value of an expression comes from,
// in a fixed order.
func (c *collection) eachSource(e ast.Expr, visit func(*site.Touch)) {
	each := func(ts []*site.Touch) {
		for _, t := range ts {
			if t.Class == site.GuardedUse {
				visit(t)
			}
		}
	}
	each(behaviour.Touches(c.Window.Site, e).List)
	for _, v := range syntax.SortedVars(c.Derived) {
		if syntax.Mentions(c.Info, e, v) {
			each(c.Derived[v])
		}
	}
}
