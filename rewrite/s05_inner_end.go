package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// An innerEnd is a part of a value that must be closed when the value is dropped
// although the value itself has no method for that: the body of an HTTP
// response, the connection in a struct.
type innerEnd struct {
	path string // the fields that lead to it: ".Body"
	ours bool   // an object of the loaded packages, which others may have, too
	sure bool   // it is always there and closing it is all that has to be done
}

// findInnerEnd looks for the part of a value of the type that must be closed.
// Fields that are not exported count in the loaded packages.
func (s *Site) findInnerEnd(t types.Type) (innerEnd, bool) {
	switch types.TypeString(t, nil) {
	case "*net/http.Response":
		return innerEnd{path: ".Body", sure: true}, true // never nil, by its documentation
	case "*os/exec.Cmd":
		return innerEnd{path: ".Process"}, true
	}
	return s.innerEndOf(t, "", 0)
}

// maxInner bounds how deep the fields of fields are looked through.
const maxInner = 3

func (s *Site) innerEndOf(t types.Type, path string, depth int) (innerEnd, bool) {
	if depth > maxInner {
		return innerEnd{}, false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if _, isStruct := u.Elem().Underlying().(*types.Struct); isStruct {
			return s.innerEndOf(u.Elem(), path, depth)
		}
	case *types.Slice:
		return s.innerElement(u.Elem(), path, depth)
	case *types.Array:
		return s.innerElement(u.Elem(), path, depth)
	case *types.Map:
		return s.innerElement(u.Elem(), path, depth)
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() && !s.isLoaded(f.Pkg()) {
				continue
			}
			if e, ok := s.innerElement(f.Type(), path+"."+f.Name(), depth); ok {
				return e, true
			}
		}
	}
	return innerEnd{}, false
}

// innerElement is innerEndOf for a part that may itself have to be closed.
func (s *Site) innerElement(t types.Type, path string, depth int) (innerEnd, bool) {
	if refsOf(t, 0) != noRefs && hasClose(t) {
		return innerEnd{path: path, ours: s.isOurs(t)}, true
	}
	if _, ptr := t.Underlying().(*types.Pointer); ptr && s.isOurs(t) && depth > 0 {
		return innerEnd{}, false // somebody else's, more likely than not
	}
	return s.innerEndOf(t, path, depth+1)
}

// isOurs reports whether a type is declared in a loaded package.
func (s *Site) isOurs(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && s.isLoaded(n.Obj().Pkg())
}

// isLoaded reports whether the source of a package is loaded.
func (s *Site) isLoaded(p *types.Package) bool {
	for _, q := range s.Program.Packages {
		if q.Types == p {
			return true
		}
	}
	return false
}

// dropInner notes what a repeated test has to do about the part of a value that
// must be closed: close it where that is known to be right, ask where others may
// have it, refuse where it would be left open.
func (r *Recheck) dropInner(name string, t types.Type, value ast.Expr, test string, always bool) {
	e, ok := r.s.findInnerEnd(t)
	switch {
	case !ok || slices.ContainsFunc(r.product, func(p product) bool { return p.name == name+e.path }):
	case e.sure && always && test != "" || e.sure && always && nillable(t):
		r.product = append(r.product, product{name + e.path, test, value})
	case e.ours:
		r.doubt(value, "If the repeated test goes the other way, %s is dropped and its %s is not closed. Is that right?", name, e.path[1:])
	case r.leaks == nil:
		what := "what it holds"
		if e.path != "" {
			what = "its " + e.path[1:]
		}
		r.leaks = Refuse(S5, "left-open", value.Pos(), "if the repeated test goes the other way, %s is dropped and %s stays open", name, what)
	}
}

// isProduct reports whether dropping a value of the type leaves something open.
func (s *Site) isProduct(t types.Type) bool {
	_, inner := s.findInnerEnd(t)
	return hasEnd(t) || inner
}

// endsInner reports whether a node closes a part of the variable's object:
// resp.Body.Close().
func (r *Recheck) endsInner(n ast.Node, v *types.Var) bool {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok || !endsLife(sel.Sel.Name) {
		return false
	}
	p, ok := patterns.PathOf(r.s.Info, sel.X)
	return ok && p.Root == v && len(p.Fields) > 0
}
