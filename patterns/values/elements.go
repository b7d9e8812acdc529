package values

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
)

// ElementsOf is [ValuesOf] for the elements of a container, or what is sent on a channel.
func ElementsOf(x *patterns.Program, home, u *patterns.Unit, e ast.Expr) FuncValues {
	s := newSearch(x, home)
	s.out.each = true
	s.elements(u, e, MaxValueDepth)
	return s.answer()
}

// ElementType returns the type of the elements of a container, or of what is sent on a
// channel. It is nil for other types.
func ElementType(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	case *types.Map:
		return t.Elem()
	case *types.Chan:
		return t.Elem()
	case *types.Pointer:
		if a, ok := t.Elem().Underlying().(*types.Array); ok {
			return a.Elem()
		}
	}
	return nil
}

// ArgumentsOf lists the arguments of a call that it passes for a parameter, or for the
// elements of one.
func ArgumentsOf(sig *types.Signature, c *ast.CallExpr, i int) (args []ast.Expr, elements bool) {
	switch {
	case i >= len(c.Args):
		return nil, false
	case isVariadic(sig, i) && !c.Ellipsis.IsValid():
		return c.Args[i:], true
	}
	return c.Args[i : i+1], false
}

// VariadicFor lists the arguments that calls of a function in its package pass one by one
// for a variadic parameter.
func VariadicFor(x *patterns.Program, u *patterns.Unit, v *types.Var) []guards.UnitExpr {
	i := ParamIndex(u.Signature(), v)
	if u.Obj == nil || !isVariadic(u.Signature(), i) {
		return nil
	}
	var out []guards.UnitExpr
	for _, c := range CallsTo(x, u) {
		if i < len(c.Call.Args) && !c.Call.Ellipsis.IsValid() {
			for _, a := range c.Call.Args[i:] {
				out = append(out, guards.UnitExpr{Unit: c.Unit, Expr: a})
			}
		}
	}
	return out
}

// isVariadic reports whether a parameter stands for all arguments from there on.
func isVariadic(sig *types.Signature, i int) bool {
	return sig.Variadic() && i == sig.Params().Len()-1
}

// elements adds what the elements of a container, or the values sent on a
// channel, may be.
func (s *valueSearch) elements(u *patterns.Unit, e ast.Expr, depth int) {
	info := u.Pkg.Info
	if depth == 0 {
		s.out.open = true
		return
	}
	if tv := info.Types[e]; tv.IsNil() {
		return
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			s.element(u, elt, depth)
		}
	case *ast.Ident:
		v, _ := info.Uses[e].(*types.Var)
		s.held(u, v, depth)
	case *ast.SelectorExpr:
		v, _ := info.Uses[e.Sel].(*types.Var)
		s.held(u, v, depth)
	case *ast.SliceExpr:
		s.elements(u, e.X, depth-1)
	case *ast.IndexExpr:
		s.elements(u, e.X, depth-1)
	case *ast.CallExpr:
		switch patterns.BuiltinOf(info, e) {
		case "make", "new":
		case "append":
			s.elements(u, e.Args[0], depth-1)
			for _, a := range e.Args[1:] {
				if e.Ellipsis.IsValid() {
					s.elements(u, a, depth-1)
				} else {
					s.element(u, a, depth)
				}
			}
		default:
			s.result(u, e, 0, depth, s.elements)
		}
	default:
		s.out.open = true
	}
}

// element adds one element: a function, or the functions in a container of its own.
func (s *valueSearch) element(u *patterns.Unit, e ast.Expr, depth int) {
	if t := u.Pkg.Info.TypeOf(e); isFunc(t) || s.objects && ElementType(t) == nil {
		s.value(u, e, depth-1)
		return
	}
	s.elements(u, e, depth-1)
}

func isFunc(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// holdsFunc reports whether a type is that of a function or of a pointer to one.
func holdsFunc(t types.Type) bool { return t != nil && isFunc(patterns.Deref(t)) }

// held adds the elements of the container that a variable holds.
func (s *valueSearch) held(u *patterns.Unit, v *types.Var, depth int) {
	if v == nil {
		s.out.open = true
		return
	}
	key := valueKey{v.Origin(), true}
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	for _, st := range StoresIn(s.x, u.Pkg)[v.Origin()] {
		if s.objects || holdsFunc(st.Unit.Pkg.Info.TypeOf(st.Expr)) {
			s.value(st.Unit, st.Expr, depth-1)
		}
	}
	s.variable(u, v.Origin(), depth, s.elements)
}

// StoresIn lists the functions, and what is given as an interface, that are stored in
// elements of a variable, or sent on a channel that it holds, for all variables of a
// package.
func StoresIn(x *patterns.Program, p *patterns.Package) map[*types.Var][]guards.UnitExpr {
	return stores.Get(x, p, func() map[*types.Var][]guards.UnitExpr {
		m := make(map[*types.Var][]guards.UnitExpr)
		note := func(holder, value ast.Expr, elem types.Type) {
			for {
				ix, ok := ast.Unparen(holder).(*ast.IndexExpr)
				if !ok {
					break
				}
				holder = ix.X
			}
			if q, ok := patterns.PathOf(p.Info, holder); ok && (holdsFunc(p.Info.TypeOf(value)) || elem != nil && types.IsInterface(elem)) {
				m[q.Last()] = append(m[q.Last()], guards.UnitExpr{Unit: x.UnitAt(p, value.Pos()), Expr: value})
			}
		}
		for _, f := range p.Files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					for i, l := range n.Lhs {
						if _, ok := ast.Unparen(l).(*ast.IndexExpr); ok && len(n.Lhs) == len(n.Rhs) {
							note(l, n.Rhs[i], p.Info.TypeOf(l))
						}
					}
				case *ast.CallExpr:
					fn := patterns.CalleeOf(p.Info, n)
					if fn == nil {
						break
					}
					if i, ok := storesTo[x.KeyOf(fn)]; ok && i < len(n.Args) {
						note(patterns.ReceiverOf(n.Fun), n.Args[i], fn.Signature().Params().At(i).Type())
					}
				case *ast.SendStmt:
					note(n.Chan, n.Value, ElementType(p.Info.TypeOf(n.Chan)))
				}
				return true
			})
		}
		return m
	})
}

var stores patterns.Memo[*patterns.Package, map[*types.Var][]guards.UnitExpr]
