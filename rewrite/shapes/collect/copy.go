package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A loop that only makes a call or a send on each element keeps all of the elements. They
// are copied at once then:
//
//	receivers := slices.Clone(t.receivers)
//	t.mu.Unlock()
//
//	for _, r := range receivers {
//		r <- msg
//	}

// copyLoops turns groups that keep every element of a loop into copies, where the variable
// can be declared in place of the loop.
func (c *collection) copyLoops(groups []*gathering) {
	for _, g := range groups {
		if g.form != list || len(g.actions) != 1 {
			continue
		}
		loop, ok := c.Parents[c.Parents[g.actions[0].Stmt]].(*ast.RangeStmt)
		if ok && c.keepsAll(g.actions[0], loop) && c.endsBeside(g.actions[0], loop) {
			g.loop, g.copy = loop, c.copyText(loop)
		}
	}
}

// keepsAll reports whether a loop does nothing but keep each of its elements.
func (c *collection) keepsAll(a *action, loop *ast.RangeStmt) bool {
	id, ok := a.Takes[0].(*ast.Ident)
	if !ok || loop.Tok != token.DEFINE || len(loop.Body.List) != 1 || holdsComment(c.File, loop) || c.Unit.IteratorCall(loop.X) != nil {
		return false
	}
	key, value := syntax.IdentOf(loop.Key), syntax.IdentOf(loop.Value)
	return key != nil && value != nil && key.Name == "_" && c.Info.Uses[id] == c.Info.Defs[value]
}

// endsBeside reports whether the action is carried out in the list of statements that the
// loop or test around it is in, wherever that is.
func (c *collection) endsBeside(a *action, around ast.Stmt) bool {
	stmts := c.ListOf(around)
	if !slices.Contains(c.Body, around) {
		return false
	}
	return c.Defer != nil || !slices.ContainsFunc(c.Section.Releases, func(r locks.Release) bool {
		st, ok := c.Parents[r.Call].(ast.Stmt)
		return slices.Contains(a.Rest.Ends, r.Call) && !(ok && slices.Contains(stmts, st))
	})
}

// copyText copies what a loop ranges over, or is "" if there is no function that does: for
// an array, or in an older version of the language.
func (c *collection) copyText(loop *ast.RangeStmt) string {
	x := c.Source(loop.X)
	switch c.Info.TypeOf(loop.X).Underlying().(type) {
	case *types.Slice:
		if c.Since("go1.21") {
			return c.Qualifier("slices") + ".Clone(" + x + ")"
		}
	case *types.Map:
		if c.Since("go1.23") {
			return c.Qualifier("slices") + ".Collect(" + c.Qualifier("maps") + ".Values(" + x + "))"
		}
	}
	return ""
}

// keepCopy returns the operation that puts the copy in place of the loop.
func (g *gathering) keepCopy() []tree.Op {
	return []tree.Op{tree.ReplaceStmt{Stmt: g.loop, Code: g.name + " := " + g.copy}}
}
