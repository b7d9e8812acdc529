package storage

import (
	"go/ast"
	"go/types"
	"slices"
)

// Apart reports whether two expressions never refer to the same storage.
func (m *Model) Apart(a, b ast.Expr) bool {
	ca, cb := m.Refers(a), m.Refers(b)
	return ca != 0 && cb != 0 && ca != cb
}

// ApartVariables reports whether the values of two variables never share storage. It looks
// only at maps, slices, pointers and arrays of values that refer to nothing, not into
// structs or interfaces.
func (m *Model) ApartVariables(v, w *types.Var) bool {
	if !isPlain(v.Type(), 0) || !isPlain(w.Type(), 0) || m.mayBeGiven(v) || m.mayBeGiven(w) {
		return false
	}
	a, b := m.Holds(v), m.Holds(w)
	if len(a) < 2 || len(b) < 2 {
		return false
	}
	return !slices.ContainsFunc(a[1:], func(c Class) bool { return slices.Contains(b, c) }) && !slices.Contains(b[1:], a[0])
}

// isPlain reports whether a type is a basic one, or made of such types by slices, arrays,
// pointers and maps alone.
func isPlain(t types.Type, depth int) bool {
	if depth > maxNesting {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Slice:
		return isPlain(u.Elem(), depth+1)
	case *types.Array:
		return isPlain(u.Elem(), depth+1)
	case *types.Pointer:
		return isPlain(u.Elem(), depth+1)
	case *types.Map:
		return isPlain(u.Key(), depth+1) && isPlain(u.Elem(), depth+1)
	}
	return false
}

// mayBeGiven reports whether the arguments of its function may have brought what a local
// variable refers to. The model does not follow parameters to the calls: an argument and
// its parameter have different classes.
func (m *Model) mayBeGiven(v *types.Var) bool {
	d := m.DeclAt(v.Pos())
	if d == nil {
		return false
	}
	fn, ok := m.info.Defs[d.Name].(*types.Func)
	if !ok {
		return false
	}
	holds := m.Holds(v)
	given := func(p *types.Var) bool {
		return p == v || p != nil && slices.ContainsFunc(m.Holds(p), func(c Class) bool { return slices.Contains(holds, c) })
	}
	return given(fn.Signature().Recv()) || slices.ContainsFunc(slices.Collect(fn.Signature().Params().Variables()), given)
}
