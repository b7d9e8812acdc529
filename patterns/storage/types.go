package storage

import (
	"go/ast"
	"go/types"
)

// maxNesting bounds how far types are looked into.
const maxNesting = 8

// Refers reports whether values of a type may refer to storage that can be written to:
// slices, maps, pointers, channels, interfaces, and types that contain them. Functions
// count too: they refer to the variables that they capture.
func Refers(t types.Type) bool { return refers(t, maxNesting) }

func refers(t types.Type, depth int) bool {
	if t == nil || depth == 0 {
		return t != nil
	}
	if Immutable(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer, *types.Chan, *types.Interface, *types.Signature:
		return true
	case *types.Array:
		return refers(u.Elem(), depth-1)
	case *types.Struct:
		for i := range u.NumFields() {
			if refers(u.Field(i).Type(), depth-1) {
				return true
			}
		}
	case *types.Tuple:
		for i := range u.Len() {
			if refers(u.At(i).Type(), depth-1) {
				return true
			}
		}
	}
	return false
}

// immutable are types of other packages that refer to storage which never changes once it
// is made.
var immutable = map[typeName]bool{
	{"time", "Time"}: true, {"time", "Location"}: true, {"reflect", "Type"}: true, {"context", "Context"}: true,
	{"net/netip", "Addr"}: true, {"net/netip", "AddrPort"}: true, {"net/netip", "Prefix"}: true, {"regexp", "Regexp"}: true,
	{"unique", "Handle"}: true, {"context", "CancelFunc"}: true, {"context", "CancelCauseFunc"}: true, {"go/token", "Pos"}: true,
}

// A typeName is the path of a package, and a name in it.
type typeName struct{ path, name string }

// Immutable reports whether the documentation of a type says that its values, or what it
// points to, never change once they are made.
func Immutable(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	obj := n.Obj()
	if obj.Pkg() == nil {
		return obj.Name() == "error"
	}
	return immutable[typeName{obj.Pkg().Path(), obj.Name()}]
}

// IsPlainRef reports whether values of a type refer to storage themselves, unlike a struct
// or array that holds such values.
func IsPlainRef(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer, *types.Chan, *types.Interface:
		return true
	}
	return false
}

// IsArray reports whether values of a type are arrays.
func IsArray(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Array)
	return ok
}

// IsString reports whether values of a type are strings.
func IsString(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// StructOf returns the struct that a type is or points to.
func StructOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}

// IsStruct reports whether values of a type are structs.
func IsStruct(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// Through lists the embedded fields that a selection passes without naming them and that refer
// to objects of their own: what is selected is a part of the last of these, which a copy of the
// struct shares.
//
//	type conn struct{ *base }
//	c := s.conn
//	c.hits++ // of the base that s.conn has, too
func Through(s *types.Selection) []*types.Var {
	if s == nil {
		return nil
	}
	var out []*types.Var
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		st := StructOf(t)
		if st == nil {
			break // a type parameter
		}
		f := st.Field(i).Origin()
		if t = f.Type(); IsPointer(t) || types.IsInterface(t) {
			out = append(out, f)
		}
	}
	return out
}

// IsPart reports whether an expression denotes the variable that it starts from, or a part
// of it, so that its address points into the variable and not into something that the
// variable refers to.
func IsPart(info *types.Info, e ast.Expr) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			s := info.Selections[x]
			if s == nil {
				return true
			}
			if s.Indirect() {
				return false
			}
			e = x.X
		case *ast.IndexExpr:
			if !IsArray(info.TypeOf(x.X)) {
				return false
			}
			e = x.X
		case *ast.StarExpr:
			return false
		default:
			return true
		}
	}
}

// IsPointer reports whether a type is a pointer type.
func IsPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// ElementRefers reports whether the elements of values of a type, if they are slices,
// may refer to storage.
func ElementRefers(t types.Type) bool {
	if t == nil {
		return false
	}
	if s, ok := t.Underlying().(*types.Slice); ok {
		return Refers(s.Elem())
	}
	return true
}

// ResultType returns the type of one result of a call that has the given type.
func ResultType(t types.Type, i int) types.Type {
	if tuple, ok := t.(*types.Tuple); ok {
		if i < tuple.Len() {
			return tuple.At(i).Type()
		}
		return nil
	}
	return t
}
