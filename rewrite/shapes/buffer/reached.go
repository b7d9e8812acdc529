package buffer

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is about what the section may do to the writer under another name: what it
// writes there would come before what is still in the buffer.

// usesHolder refuses a section that uses a variable between the first and the last write
// through which the writer can be reached, or to which it writes itself.
//
//	comma := func() { fmt.Fprint(w, ",") }
//	out := bufio.NewWriter(w)
func (b *buffering) usesHolder() *safety.Refusal {
	holders := b.holders()
	for _, st := range b.Pre[b.first:] {
		id := syntax.First(st, func(id *ast.Ident) *ast.Ident {
			if v, ok := b.Info.Uses[id].(*types.Var); ok && holders[v] {
				return id
			}
			return nil
		})
		if id != nil {
			return safety.Inapplicable(id.Pos(), "%s and %s may be one writer, and what goes to the one would come after what goes to the other", b.to.Name(), id.Name)
		}
	}
	return nil
}

// holders are the variables through which the writer can be reached, but for its encoders,
// and those of the writers below it.
func (b *buffering) holders() map[*types.Var]bool {
	holders := b.below()
	for n := -1; n < len(holders); {
		n = len(holders)
		ast.Inspect(b.Unit.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if slices.ContainsFunc(n.Rhs, func(e ast.Expr) bool { return b.holds(e, holders) }) {
					b.addHolders(holders, n.Lhs)
				}
			case *ast.ValueSpec:
				if slices.ContainsFunc(n.Values, func(e ast.Expr) bool { return b.holds(e, holders) }) {
					for _, id := range n.Names {
						b.addHolders(holders, []ast.Expr{id})
					}
				}
			case *ast.CallExpr:
				if n.Pos() < b.Lock.Pos() && slices.ContainsFunc(n.Args, func(e ast.Expr) bool { return b.holds(e, holders) }) {
					b.addHolders(holders, b.keepers(n))
				}
			}
			return true
		})
	}
	return holders
}

// keepers lists the local variables that a call with the writer gets, too, and may put it
// into. What the function is given itself is not taken to keep the writer.
func (b *buffering) keepers(c *ast.CallExpr) []ast.Expr {
	given := slices.Clone(c.Args)
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && b.Info.Selections[sel] != nil {
		given = append(given, sel.X)
	}
	var out []ast.Expr
	for _, e := range given {
		if addr, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
			e = addr.X
		}
		id, ok := syntax.RootIdent(e)
		if !ok {
			continue
		}
		if v := syntax.VarOf(b.Info, id); v != nil && b.Unit.Declares(v) && !b.Unit.IsParam(v) {
			out = append(out, e)
		}
	}
	return out
}

// below are the writers that the writer was made from.
func (b *buffering) below() map[*types.Var]bool {
	below := make(map[*types.Var]bool)
	for _, e := range b.Unit.Given(b.to) {
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := b.Info.Uses[id].(*types.Var); ok && !v.IsField() && v != b.to && hasWrite(v.Type()) {
					below[v] = true
				}
			}
			return true
		})
	}
	return below
}

// addHolders adds the variables that are assigned to, or lead to what is assigned to, and
// can hold more than a plain value or an error.
func (b *buffering) addHolders(holders map[*types.Var]bool, targets []ast.Expr) {
	for _, e := range targets {
		id, ok := syntax.RootIdent(e)
		if !ok || id.Name == "_" {
			continue
		}
		t := b.Info.TypeOf(e)
		if v := syntax.VarOf(b.Info, id); v != nil && v != b.to && t != nil && !patterns.IsError(t) && syntax.RefsOf(t, 0) != syntax.NoRefs {
			holders[v] = true
		}
	}
}

// holds reports whether the value of an expression can lead to the writer.
func (b *buffering) holds(e ast.Expr, holders map[*types.Var]bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if b.makesEncoder(n) || b.closesOnly(n) {
				return false
			}
		case *ast.Ident:
			v := syntax.VarOf(b.Info, n)
			found = found || v != nil && (v == b.to || holders[v])
		}
		return !found
	})
	return found
}

// makesEncoder reports whether a call makes the encoder of a write: that is told to write
// into the buffer.
func (b *buffering) makesEncoder(c *ast.CallExpr) bool {
	return slices.ContainsFunc(b.writes, func(w *write) bool { return w.in == c && w.call != c })
}

// closesOnly reports whether what a call makes of a response does nothing with it but to
// tell the server that the connection is of no more use.
func (b *buffering) closesOnly(c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(b.Info, c)
	return fn != nil && fn.FullName() == "net/http.MaxBytesReader" && behaviour.IsResponse(b.Site, c.Args[0])
}
