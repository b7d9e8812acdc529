package patterns

import (
	"go/types"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// hasPointerMethods reports whether the type of a variable has methods that can
// change it in place.
func hasPointerMethods(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	for m := range n.Methods() {
		if _, ptr := m.Signature().Recv().Type().(*types.Pointer); ptr {
			return true
		}
	}
	return false
}

// StructOf returns the struct type of t or of what t points to.
func StructOf(t types.Type) (*types.Struct, bool) {
	t = Deref(t)
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

func Deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// NamedOf returns the named type of t, or of what t points to, as declared.
func NamedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Origin()
	}
	return nil
}

// IsPointer reports whether a type is a pointer; nil is none.
func IsPointer(t types.Type) bool { return storage.IsPointer(t) }

// IsCancel reports whether a function value was made by package context.
func IsCancel(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "context" {
		return false
	}
	return n.Obj().Name() == "CancelFunc" || n.Obj().Name() == "CancelCauseFunc"
}

func MethodOf(t types.Type, name string, pkg *types.Package) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	fn, _ := obj.(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

func IsChan(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		t = p.Constraint()
		if i, ok := t.Underlying().(*types.Interface); ok && i.NumEmbeddeds() == 1 {
			t = i.EmbeddedType(0)
			if n, ok := t.(*types.Union); ok {
				t = n.Term(0).Type()
			}
		}
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// IsReference reports whether a variable of the type only refers to a lock.
func IsReference(t types.Type) bool { return IsPointer(t) || types.IsInterface(t) }

// IsError reports whether a type is the predeclared error.
func IsError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
