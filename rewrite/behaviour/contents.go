package behaviour

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Contents lists e and the parts of it that its type does not show: what was put into an
// interface, a literal, or a local variable.
//
//	json.NewEncoder(w).Encode(map[string]any{"device": d})
func Contents(u *patterns.Unit, e ast.Expr) []ast.Expr {
	c := contents{u: u, seen: make(map[*types.Var]bool)}
	c.add(e)
	return c.list
}

type contents struct {
	u    *patterns.Unit
	list []ast.Expr
	seen map[*types.Var]bool
}

func (c *contents) add(e ast.Expr) {
	e = ast.Unparen(e)
	t := c.u.Pkg.Info.TypeOf(e)
	if _, several := t.(*types.Tuple); t == nil || several {
		return
	}
	c.list = append(c.list, e)
	if !holdsInterface(t, make(map[types.Type]bool)) {
		return
	}
	switch e := e.(type) {
	case *ast.UnaryExpr:
		c.add(e.X)
	case *ast.CompositeLit:
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				el = kv.Value
			}
			c.add(el)
		}
	case *ast.CallExpr:
		if tv := c.u.Pkg.Info.Types[e.Fun]; tv.IsType() || patterns.BuiltinOf(c.u.Pkg.Info, e) == "append" {
			for _, a := range e.Args {
				c.add(a)
			}
		}
	case *ast.Ident:
		c.addVariable(e)
	}
}

// addVariable adds what is assigned to a local variable or to a part of it.
func (c *contents) addVariable(id *ast.Ident) {
	v := syntax.VarOf(c.u.Pkg.Info, id)
	if v == nil || v.IsField() || syntax.IsGlobal(v) || c.seen[v] {
		return
	}
	c.seen[v] = true
	for _, e := range c.u.Given(v) {
		c.add(e)
	}
	ast.Inspect(c.u.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, l := range as.Lhs {
			if root, ok := syntax.RootIdent(l); ok && root != ast.Unparen(l) && syntax.VarOf(c.u.Pkg.Info, root) == v {
				c.add(as.Rhs[i])
			}
		}
		return true
	})
}

// holdsInterface reports whether a value of type t may contain an interface, whose dynamic type
// is unknown.
func holdsInterface(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Pointer:
		return holdsInterface(u.Elem(), seen)
	case *types.Slice:
		return holdsInterface(u.Elem(), seen)
	case *types.Array:
		return holdsInterface(u.Elem(), seen)
	case *types.Map:
		return holdsInterface(u.Key(), seen) || holdsInterface(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if holdsInterface(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}
