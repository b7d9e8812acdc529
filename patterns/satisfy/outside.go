package satisfy

import (
	"cmp"
	"go/types"
	"slices"
)

// Outside returns a method that accept takes, among those that a call of an interface's method
// m may run in the packages whose types m's signature names: for
//
//	Do(*http.Request) (*http.Response, error)
//
// that is Do of [net/http.Client]. It returns nil if there is none.
func Outside(m *types.Func, iface types.Type, accept func(*types.Func) bool) *types.Func {
	i, ok := iface.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	for _, p := range namedPackages(m) {
		for _, name := range p.Scope().Names() {
			tn, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || !tn.Exported() || types.IsInterface(tn.Type()) {
				continue
			}
			t := types.NewPointer(tn.Type())
			if !types.Implements(t, i) {
				continue
			}
			obj, _, _ := types.LookupFieldOrMethod(t, false, p, m.Name())
			if fn, ok := obj.(*types.Func); ok && accept(fn) {
				return fn
			}
		}
	}
	return nil
}

// namedPackages lists the packages of the types in a function's signature, by path.
func namedPackages(m *types.Func) []*types.Package {
	var pkgs []*types.Package
	for _, t := range []*types.Tuple{m.Signature().Params(), m.Signature().Results()} {
		for v := range t.Variables() {
			t := types.Unalias(v.Type())
			switch u := t.(type) {
			case *types.Pointer:
				t = types.Unalias(u.Elem())
			case *types.Slice:
				t = types.Unalias(u.Elem())
			}
			if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg() != m.Pkg() && !slices.Contains(pkgs, n.Obj().Pkg()) {
				pkgs = append(pkgs, n.Obj().Pkg())
			}
		}
	}
	slices.SortFunc(pkgs, func(a, b *types.Package) int { return cmp.Compare(a.Path(), b.Path()) })
	return pkgs
}
