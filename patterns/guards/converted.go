package guards

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// eachConverted visits the types of the values that a file converts to interfaces or passes
// to generic functions of other packages: whoever gets such a value can convert it back.
// Functions known to keep nothing of it do not count.
func eachConverted(info *types.Info, file *ast.File, visit func(types.Type)) {
	c := converted{info: info, visit: visit}
	var results []*types.Tuple // of the enclosing functions
	var stack []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			switch stack[len(stack)-1].(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				results = results[:len(results)-1]
			}
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.FuncDecl:
			results = append(results, info.Defs[n.Name].(*types.Func).Signature().Results())
		case *ast.FuncLit:
			results = append(results, info.TypeOf(n).(*types.Signature).Results())
		case *ast.ReturnStmt:
			c.list(n.Results, func(i int) types.Type { return results[len(results)-1].At(i).Type() })
		case *ast.AssignStmt:
			c.list(n.Rhs, func(i int) types.Type { return info.TypeOf(n.Lhs[i]) })
		case *ast.ValueSpec:
			c.list(n.Values, func(i int) types.Type { return info.TypeOf(n.Names[i]) })
		case *ast.SendStmt:
			if ch, ok := info.TypeOf(n.Chan).Underlying().(*types.Chan); ok {
				c.value(n.Value, ch.Elem())
			}
		case *ast.IndexExpr:
			if m, ok := info.TypeOf(n.X).Underlying().(*types.Map); ok {
				c.value(n.Index, m.Key())
			}
		case *ast.RangeStmt:
			c.ranged(n)
		case *ast.CompositeLit:
			c.literal(n)
		case *ast.CallExpr:
			c.call(n)
		}
		return true
	})
}

type converted struct {
	info  *types.Info
	visit func(types.Type)
}

// value visits the type of a value that is converted to another type.
func (c converted) value(e ast.Expr, to types.Type) { c.typed(c.info.TypeOf(e), to) }

func (c converted) typed(t, to types.Type) {
	if t == nil || to == nil || types.IsInterface(t) {
		return
	}
	_, generic := types.Unalias(to).(*types.TypeParam)
	if generic || types.IsInterface(to) {
		c.visit(t)
	}
}

// list visits the values of a list, or the results of the one call in it.
func (c converted) list(values []ast.Expr, to func(int) types.Type) {
	for i, e := range values {
		if tuple, ok := c.info.TypeOf(e).(*types.Tuple); ok && len(values) == 1 {
			for i := range tuple.Len() {
				c.typed(tuple.At(i).Type(), to(i))
			}
			continue
		}
		c.value(e, to(i))
	}
}

// ranged visits what a loop assigns to variables of other types.
func (c converted) ranged(n *ast.RangeStmt) {
	if n.Tok != token.ASSIGN {
		return
	}
	switch t := c.info.TypeOf(n.X).Underlying().(type) {
	case *types.Map:
		c.typed(t.Key(), c.info.TypeOf(n.Key))
		c.assigned(t.Elem(), n.Value)
	case *types.Chan:
		c.typed(t.Elem(), c.info.TypeOf(n.Key))
	case interface{ Elem() types.Type }:
		c.assigned(t.Elem(), n.Value)
	}
}

func (c converted) assigned(t types.Type, to ast.Expr) {
	if to != nil {
		c.typed(t, c.info.TypeOf(to))
	}
}

// literal visits the elements of a composite literal.
func (c converted) literal(lit *ast.CompositeLit) {
	for i, e := range lit.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		if keyed {
			e = kv.Value
		}
		of := c.info.TypeOf(lit).Underlying()
		if p, ok := of.(*types.Pointer); ok { // &T is left out in a list
			of = p.Elem().Underlying()
		}
		switch t := of.(type) {
		case *types.Struct:
			f := t.Field(min(i, t.NumFields()-1))
			if keyed {
				f, _ = c.info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
			}
			c.value(e, f.Type())
		case *types.Map:
			c.value(e, t.Elem())
			if keyed {
				c.value(kv.Key, t.Key())
			}
		case *types.Slice:
			c.value(e, t.Elem())
		case *types.Array:
			c.value(e, t.Elem())
		}
	}
}

// call visits the arguments of a call, or the operand of a conversion.
func (c converted) call(n *ast.CallExpr) {
	if tv := c.info.Types[n.Fun]; tv.IsType() {
		c.value(n.Args[0], tv.Type)
		return
	}
	fn := patterns.CalleeOf(c.info, n)
	sig, ok := c.info.TypeOf(n.Fun).(*types.Signature)
	if !ok {
		return // a built-in function
	}
	if fn != nil {
		sig = fn.Origin().Signature() // with its type parameters
	}
	c.list(n.Args, func(i int) types.Type {
		last := sig.Params().Len() - 1
		p := min(i, last)
		if p < 0 || fn != nil && keepsNothing(fn, p) {
			return nil
		}
		t := sig.Params().At(p).Type()
		if sig.Variadic() && p == last && !n.Ellipsis.IsValid() {
			t = t.(*types.Slice).Elem()
		}
		return t
	})
}

// keepsNothing reports whether a function is known neither to keep nor to return anything
// that a parameter refers to.
func keepsNothing(fn *types.Func, param int) bool {
	s, ok := known.Storage(fn)
	return ok && !s.PassesOn(param)
}
