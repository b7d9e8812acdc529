// Package satisfy tells which types implement an interface.
package satisfy

import "go/types"

// Implements reports whether a type, or a pointer to it, has the methods of an interface,
// for some type arguments of either: unlike [types.Implements], it takes
//
//	func (pages) Fetch(url string) ([]byte, error)
//
// for a method of Fetcher[K, V] that declares Fetch(K) (V, error). Constraints of type
// parameters are not looked at.
func Implements(t types.Type, iface *types.Interface) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	p := types.NewPointer(t)
	if types.Implements(t, iface) || types.Implements(p, iface) {
		return true
	}
	args := make(arguments)
	for m := range iface.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(p, false, m.Pkg(), m.Name())
		fn, ok := obj.(*types.Func)
		if !ok || !args.unify(fn.Signature(), m.Signature(), maxDepth) {
			return false
		}
	}
	return len(args) > 0
}

// maxDepth limits how deep types are compared, since an argument may contain its own
// parameter.
const maxDepth = 12

// arguments are what type parameters stand for.
type arguments map[*types.TypeParam]types.Type

// resolve returns what a type stands for, if it is a parameter.
func (a arguments) resolve(t types.Type) types.Type {
	for {
		t = types.Unalias(t)
		p, ok := t.(*types.TypeParam)
		if !ok || a[p] == nil {
			return t
		}
		t = a[p]
	}
}

// unify reports whether two types are identical for some arguments, and keeps these.
func (a arguments) unify(x, y types.Type, depth int) bool {
	x, y = a.resolve(x), a.resolve(y)
	if x == y {
		return true
	}
	if depth == 0 {
		return false
	}
	if p, ok := x.(*types.TypeParam); ok {
		a[p] = y
		return true
	}
	if _, ok := y.(*types.TypeParam); ok {
		return a.unify(y, x, depth)
	}
	xs, ys := parts(x), parts(y)
	if len(xs) == 0 || len(xs) != len(ys) || !sameForm(x, y) {
		return types.Identical(x, y)
	}
	for i := range xs {
		if !a.unify(xs[i], ys[i], depth-1) {
			return false
		}
	}
	return true
}

// parts lists the types that a type is made of, or none if it has no parts that may contain
// parameters. Structs are not taken apart.
func parts(t types.Type) (list []types.Type) {
	switch t := t.(type) {
	case *types.Pointer, *types.Slice, *types.Array, *types.Chan:
		return []types.Type{t.(interface{ Elem() types.Type }).Elem()}
	case *types.Map:
		return []types.Type{t.Key(), t.Elem()}
	case *types.Signature:
		return append(parts(t.Params()), parts(t.Results())...)
	case *types.Tuple:
		for v := range t.Variables() {
			list = append(list, v.Type())
		}
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			list = append(list, arg)
		}
	}
	return list
}

// sameForm reports whether two types are identical if their parts are.
func sameForm(x, y types.Type) bool {
	switch x := x.(type) {
	case *types.Array:
		y, ok := y.(*types.Array)
		return ok && x.Len() == y.Len()
	case *types.Chan:
		y, ok := y.(*types.Chan)
		return ok && x.Dir() == y.Dir()
	case *types.Signature:
		y, ok := y.(*types.Signature)
		return ok && x.Params().Len() == y.Params().Len() && x.Variadic() == y.Variadic()
	case *types.Named:
		y, ok := y.(*types.Named)
		return ok && x.Origin() == y.Origin()
	case *types.Pointer:
		_, ok := y.(*types.Pointer)
		return ok
	case *types.Slice:
		_, ok := y.(*types.Slice)
		return ok
	case *types.Map:
		_, ok := y.(*types.Map)
		return ok
	}
	return false
}
