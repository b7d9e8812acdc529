// Package endings knows which values have to be ended when they are dropped, like a connection
// or the body of a response, and how.
package endings

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An Inner is a part of a value that must be closed when the value is dropped, although the
// value itself has no method for that: the body of an HTTP response, or the connection in a
// struct.
type Inner struct {
	Path string // the fields that lead to it: ".Body"
	Ours bool   // its type is from the loaded packages; others may have it, too
	Sure bool   // it always exists, and closing it is all there is to do
}

// InnerOf returns the part of a value of type t that must be closed. Unexported fields
// count only in the loaded packages.
func InnerOf(s *site.Site, t types.Type) (Inner, bool) {
	switch types.TypeString(t, nil) {
	case "*net/http.Response":
		return Inner{Path: ".Body", Sure: true}, true // never nil, says the documentation
	case "*os/exec.Cmd":
		return Inner{Path: ".Process"}, true
	}
	return innerOf(s, t, "", 0)
}

// maxInner bounds how deep to look into nested fields.
const maxInner = 3

func innerOf(s *site.Site, t types.Type, path string, depth int) (Inner, bool) {
	if depth > maxInner {
		return Inner{}, false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if _, isStruct := u.Elem().Underlying().(*types.Struct); isStruct {
			return innerOf(s, u.Elem(), path, depth)
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
	return Inner{}, false
}

// innerElement is innerOf for a part that may itself need closing.
func innerElement(s *site.Site, t types.Type, path string, depth int) (Inner, bool) {
	if syntax.RefsOf(t, 0) != syntax.NoRefs && hasClose(t) {
		return Inner{Path: path, Ours: isOurs(s, t)}, true
	}
	if _, ptr := t.Underlying().(*types.Pointer); ptr && isOurs(s, t) && depth > 0 {
		return Inner{}, false // more likely than not, somebody else closes it
	}
	return innerOf(s, t, path, depth+1)
}

// NilUnless reports whether a local variable is nil unless an assignment has given it a value.
func NilUnless(s *site.Site, v *types.Var, made *ast.AssignStmt) bool {
	if s.Unit.IsParam(v) || s.Unit.IsResult(v) || s.IsReceiver(v) || s.Unit.Captured(v) || s.Unit.Addressed(v) {
		return false
	}
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && syntax.VarOf(s.Info, id) == v
	}
	return syntax.HasOuter(s.Unit.Body, func(n *ast.ValueSpec) bool {
		return len(n.Values) == 0 && slices.ContainsFunc(n.Names, func(id *ast.Ident) bool { return s.Info.Defs[id] == types.Object(v) })
	}) && !syntax.HasOuter(s.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			return n != made && slices.ContainsFunc(n.Lhs, is)
		case *ast.RangeStmt:
			return is(n.Key) || is(n.Value)
		}
		return false
	})
}

// isOurs reports whether a type is declared in a loaded package.
func isOurs(s *site.Site, t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && s.IsLoaded(n.Obj().Pkg())
}

// Needed reports whether dropping a value of the type leaves something open.
func Needed(s *site.Site, t types.Type) bool {
	_, inner := InnerOf(s, t)
	return hasEnd(t) || inner || AsInstance(s, t) != ""
}

// hasClose reports whether values of the type have a Close method without parameters.
func hasClose(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Close")
	fn, ok := obj.(*types.Func)
	return ok && fn.Signature().Params().Len() == 0 && fn.Signature().Results().Len() <= 1
}

// hasEnd reports whether values of the type have a method that ends their lifetime.
func hasEnd(t types.Type) bool {
	name, _ := Method(t)
	return name != ""
}

// Method returns the name of the method that ends the lifetime of values of the type, or
// "". If plain is true, it is a Close without parameters.
func Method(t types.Type) (name string, plain bool) {
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
