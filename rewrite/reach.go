package rewrite

import (
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// reach is the storage that a value may lead to, as far as types tell: the types
// of the variables and elements, and of the maps, that references in it lead to.
type reach struct {
	types  []types.Type
	hidden bool // and something that the types do not tell: in an interface, a function, an object of another module
}

// carries reports whether values of a type lead to storage that may change.
func carries(t types.Type) bool {
	if t == nil {
		return false
	}
	if tuple, ok := t.(*types.Tuple); ok {
		for i := range tuple.Len() {
			if carries(tuple.At(i).Type()) {
				return true
			}
		}
		return false
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		return b.Kind() == types.UnsafePointer
	}
	return refsOf(t, 0) != noRefs
}

// elemType is the type of the elements of a slice, array or channel, or nil.
func elemType(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Chan:
		return u.Elem()
	}
	return nil
}

// reachOf returns what the value of a type leads to.
func (s *Site) reachOf(t types.Type) reach {
	var r reach
	s.follow(&r, t)
	return r
}

// cellOf returns the storage of one variable or element of a type, and what that
// leads to.
func (s *Site) cellOf(t types.Type) reach {
	var r reach
	s.addCell(&r, t)
	return r
}

func (s *Site) addCell(r *reach, t types.Type) {
	if slices.ContainsFunc(r.types, func(o types.Type) bool { return types.Identical(o, t) }) {
		return
	}
	if s.isForeign(t) && !hasExportedField(t) {
		r.hidden = true
		return
	}
	r.types = append(r.types, t)
	s.follow(r, t)
}

// follow adds what a value of type t leads to.
func (s *Site) follow(r *reach, t types.Type) {
	if !carries(t) {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		s.addCell(r, u.Elem())
	case *types.Slice:
		s.addCell(r, u.Elem())
	case *types.Map:
		if slices.ContainsFunc(r.types, func(o types.Type) bool { return types.Identical(o, u) }) {
			return
		}
		r.types = append(r.types, u)
		s.follow(r, u.Key())
		s.follow(r, u.Elem())
	case *types.Chan:
		s.follow(r, u.Elem())
	case *types.Array:
		s.follow(r, u.Elem())
	case *types.Struct:
		foreign := s.isForeign(t)
		for f := range u.Fields() {
			if foreign && !f.Exported() {
				r.hidden = true
				continue
			}
			s.follow(r, f.Type())
		}
	default:
		r.hidden = true
	}
}

// isForeign reports whether a type is declared outside of the loaded packages.
func (s *Site) isForeign(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && !slices.ContainsFunc(s.Program.Packages, func(p *patterns.Package) bool { return p.Path == n.Obj().Pkg().Path() })
}

func hasExportedField(t types.Type) bool {
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return true
	}
	for f := range st.Fields() {
		if f.Exported() {
			return true
		}
	}
	return false
}

// overlaps reports whether the two may have storage in common that the types
// tell of.
func (r reach) overlaps(o reach) bool {
	return slices.ContainsFunc(r.types, func(t types.Type) bool {
		return slices.ContainsFunc(o.types, func(u types.Type) bool { return hasPart(t, u) || hasPart(u, t) })
	})
}

// hasPart reports whether a variable of type t is one of type u, or has one as
// a part.
func hasPart(t, u types.Type) bool {
	if sameType(t, u) || sameType(t.Underlying(), u.Underlying()) {
		return true
	}
	switch x := t.Underlying().(type) {
	case *types.Struct:
		for f := range x.Fields() {
			if hasPart(f.Type(), u) {
				return true
			}
		}
	case *types.Array:
		return hasPart(x.Elem(), u)
	}
	return false
}

// sameType reports whether two types are the same, also if one comes from a
// package's source and the other from its export data.
func sameType(t, u types.Type) bool {
	return types.Identical(t, u) || types.TypeString(t, nil) == types.TypeString(u, nil)
}
