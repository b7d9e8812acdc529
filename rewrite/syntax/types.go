package syntax

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// StructOf returns a type as a struct, and whether it is one.
func StructOf(t types.Type) (*types.Struct, bool) {
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

// A RefKind says what copying a value shares with the original.
type RefKind byte

// maxNested bounds how deep RefsOf looks into structs and arrays.
const maxNested = 10

const (
	NoRefs    RefKind = iota // nothing
	Aliasing                 // elements of a map or slice
	ObjectRef                // an object: a pointer or interface
	ChanRef                  // a channel
	OpaqueFn                 // a function
)

// RefsOf says what a copy of a value of type t shares with it.
func RefsOf(t types.Type, depth int) RefKind {
	if t == nil {
		return NoRefs
	}
	if depth > maxNested {
		return ObjectRef
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
		switch n.Obj().Pkg().Path() + "." + n.Obj().Name() {
		case "time.Time", "time.Location", "reflect.Type", "context.Context", "net/netip.Addr", "net/netip.AddrPort":
			return NoRefs // never changes once made
		}
	}
	if patterns.IsError(t) {
		return NoRefs
	}
	if p, ok := types.Unalias(t).(*types.TypeParam); ok && onlyPlain(p.Constraint(), depth) {
		return NoRefs
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.UnsafePointer {
			return ObjectRef
		}
	case *types.Slice, *types.Map:
		return Aliasing
	case *types.Pointer, *types.Interface:
		return ObjectRef
	case *types.Chan:
		return ChanRef
	case *types.Signature:
		return OpaqueFn
	case *types.Array:
		return RefsOf(u.Elem(), depth+1)
	case *types.Struct:
		kind := NoRefs
		for i := range u.NumFields() {
			if k := RefsOf(u.Field(i).Type(), depth+1); k != NoRefs && (kind == NoRefs || k == Aliasing) {
				kind = k
			}
		}
		return kind
	}
	return NoRefs
}

// onlyPlain reports whether a constraint lists types whose copies share nothing.
func onlyPlain(constraint types.Type, depth int) bool {
	u, ok := constraint.Underlying().(*types.Interface)
	if !ok {
		return RefsOf(constraint, depth+1) == NoRefs
	}
	for t := range u.EmbeddedTypes() {
		union, ok := t.(*types.Union)
		if !ok {
			if onlyPlain(t, depth) {
				return true
			}
			continue
		}
		plain := true
		for term := range union.Terms() {
			plain = plain && onlyPlain(term.Type(), depth)
		}
		if plain {
			return true
		}
	}
	return false
}

// ElementType is the type of what a copy of a map or slice shares with the original:
// the type of its elements, or of its keys if only they are references.
func ElementType(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Map:
		if RefsOf(u.Elem(), 0) == NoRefs {
			return u.Key()
		}
		return u.Elem()
	}
	return t
}

// IsSlice reports whether a type is a slice type. The blank identifier has none.
func IsSlice(t types.Type) bool { return is[*types.Slice](t) }

// IsBasic reports whether a type is one of numbers, strings or booleans.
func IsBasic(t types.Type) bool { return is[*types.Basic](t) }

// IsMapType reports whether a type is a map type.
func IsMapType(t types.Type) bool { return is[*types.Map](t) }

// IsChannel reports whether a type is a channel type.
func IsChannel(t types.Type) bool { return is[*types.Chan](t) }

// IsFunction reports whether a type is that of functions.
func IsFunction(t types.Type) bool { return is[*types.Signature](t) }

func is[T types.Type](t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(T)
	return ok
}

// IsPlain reports whether an expression is just the name of a variable.
func IsPlain(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.Ident)
	return ok
}

// SameElem reports whether two types are channel types with the same element type.
func SameElem(a, b types.Type) bool {
	ca, ok1 := a.Underlying().(*types.Chan)
	cb, ok2 := b.Underlying().(*types.Chan)
	return ok1 && ok2 && types.Identical(ca.Elem(), cb.Elem())
}

// IsContext reports whether a type is [context.Context].
func IsContext(t types.Type) bool {
	return t != nil && types.TypeString(t, nil) == "context.Context"
}

// IsBool reports whether a type is boolean.
func IsBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// IsString reports whether values of a type are strings.
func IsString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// IsErrorOrNil reports whether an expression is nil or has the type error.
func IsErrorOrNil(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	return tv.IsNil() || patterns.IsError(tv.Type)
}

// IsOrdered reports whether values of a type can be drawn in some order: numbers and
// times, and structs of them.
func IsOrdered(t types.Type) bool {
	if t == nil { // of the blank identifier
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsNumeric != 0 && u.Info()&types.IsComplex == 0
	case *types.Struct:
		if types.TypeString(t, nil) == "time.Time" {
			return true
		}
		for f := range u.Fields() {
			if !IsOrdered(f.Type()) {
				return false
			}
		}
		return u.NumFields() > 0
	}
	return false
}

// Carries reports whether the values of a channel tell anything about who sent them:
// they are not struct{}, and not the times of a timer.
func Carries(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(0).Type()
	}
	st, ok := t.Underlying().(*types.Struct)
	return !(ok && st.NumFields() == 0) && types.TypeString(t, nil) != "time.Time"
}

// OnlyData reports whether nothing but numbers, strings and the like can be reached from a
// value, so that it cannot stand for something that is held elsewhere, such as a connection:
// there is no interface, function, channel or lock in it.
func OnlyData(t types.Type) bool { return onlyData(t, make(map[types.Type]bool)) }

func onlyData(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	if patterns.IsSyncType(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer && u.Kind() != types.Uintptr
	case *types.Pointer:
		return onlyData(u.Elem(), seen)
	case *types.Slice:
		return onlyData(u.Elem(), seen)
	case *types.Array:
		return onlyData(u.Elem(), seen)
	case *types.Map:
		return onlyData(u.Key(), seen) && onlyData(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if !onlyData(f.Type(), seen) {
				return false
			}
		}
		return true
	}
	return false
}
