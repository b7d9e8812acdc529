package move

import (
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An innerEnd is a part of a value that must be closed when the value is dropped, although the
// value itself has no method for that: the body of an HTTP response, or the connection in a
// struct.
type innerEnd struct {
	path string // the fields that lead to it: ".Body"
	ours bool   // its type is from the loaded packages; others may have it, too
	sure bool   // it always exists, and closing it is all there is to do
}

// findInnerEnd returns the part of a value of type t that must be closed. Unexported fields
// count only in the loaded packages.
func findInnerEnd(s *site.Site, t types.Type) (innerEnd, bool) {
	switch types.TypeString(t, nil) {
	case "*net/http.Response":
		return innerEnd{path: ".Body", sure: true}, true // never nil, says the documentation
	case "*os/exec.Cmd":
		return innerEnd{path: ".Process"}, true
	}
	return innerEndOf(s, t, "", 0)
}

// maxInner bounds how deep to look into nested fields.
const maxInner = 3

func innerEndOf(s *site.Site, t types.Type, path string, depth int) (innerEnd, bool) {
	if depth > maxInner {
		return innerEnd{}, false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if _, isStruct := u.Elem().Underlying().(*types.Struct); isStruct {
			return innerEndOf(s, u.Elem(), path, depth)
		}
	case *types.Slice:
		return innerElement(s, u.Elem(), path, depth)
	case *types.Array:
		return innerElement(s, u.Elem(), path, depth)
	case *types.Map:
		return innerElement(s, u.Elem(), path, depth)
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() && !s.IsLoaded(f.Pkg()) {
				continue
			}
			if e, ok := innerElement(s, f.Type(), path+"."+f.Name(), depth); ok {
				return e, true
			}
		}
	}
	return innerEnd{}, false
}

// innerElement is innerEndOf for a part that may itself need closing.
func innerElement(s *site.Site, t types.Type, path string, depth int) (innerEnd, bool) {
	if syntax.RefsOf(t, 0) != syntax.NoRefs && hasClose(t) {
		return innerEnd{path: path, ours: isOurs(s, t)}, true
	}
	if _, ptr := t.Underlying().(*types.Pointer); ptr && isOurs(s, t) && depth > 0 {
		return innerEnd{}, false // more likely than not, somebody else closes it
	}
	return innerEndOf(s, t, path, depth+1)
}

// isOurs reports whether a type is declared in a loaded package.
func isOurs(s *site.Site, t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && s.IsLoaded(n.Obj().Pkg())
}

// isProduct reports whether dropping a value of the type leaves something open.
func isProduct(s *site.Site, t types.Type) bool {
	_, inner := findInnerEnd(s, t)
	return hasEnd(t) || inner || endsAsInstance(s, t) != nil
}

func nillable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return false
}

// hasClose reports whether values of the type have a Close method without parameters.
func hasClose(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Close")
	fn, ok := obj.(*types.Func)
	return ok && fn.Signature().Params().Len() == 0 && fn.Signature().Results().Len() <= 1
}

// hasEnd reports whether values of the type have a method that ends their lifetime.
func hasEnd(t types.Type) bool {
	name, _ := endingMethod(t)
	return name != ""
}

// endingMethod returns the name of the method that ends the lifetime of values of the type, or
// "". If plain is true, it is a Close without parameters.
func endingMethod(t types.Type) (name string, plain bool) {
	if syntax.RefsOf(t, 0) == syntax.NoRefs {
		return "", false
	}
	if hasClose(t) {
		return "Close", true
	}
	methods := types.NewMethodSet(t)
	if _, ptr := t.Underlying().(*types.Pointer); !ptr && !types.IsInterface(t) {
		methods = types.NewMethodSet(types.NewPointer(t))
	}
	for m := range methods.Methods() {
		if name := m.Obj().Name(); slices.Contains(behaviour.ClosingWords, strings.ToLower(name)) {
			return name, false
		}
	}
	return "", false
}
