package guards

import (
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// visible is what other packages can reach of a package's objects: what an exported
// function, variable or method leads to, and what is handed out as an interface. Being able
// to name a type and make objects of it gives them none of the package's objects. If they
// cannot name an object's type, they can use only its methods.
type visible struct {
	fields map[*types.Var]bool
	seen   map[types.Type]bool
}

// visibleOf returns what other packages can reach of a package, computed once.
func (g *Index) visibleOf(p *patterns.Package) *visible {
	if g.visible != nil {
		return g.visible
	}
	g.visible = &visible{fields: make(map[*types.Var]bool), seen: make(map[types.Type]bool)}
	if p.Name == "main" || strings.Contains("/"+p.Path+"/", "/internal/") {
		return g.visible
	}
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		if obj := scope.Lookup(name); obj.Exported() && !isPlainStruct(obj) {
			g.visible.visit(obj.Type())
		}
	}
	for _, f := range p.Files {
		eachConverted(p.Info, f.Syntax, func(t types.Type) {
			if isNameable(t) {
				g.visible.visit(t)
			}
		})
	}
	return g.visible
}

// isPlainStruct reports whether an object is a struct type without exported methods,
// through which others could pass in objects of their own.
func isPlainStruct(obj types.Object) bool {
	name, ok := obj.(*types.TypeName)
	if !ok || name.IsAlias() {
		return false
	}
	st, ok := name.Type().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f.Embedded() {
			return false // its methods are promoted
		}
	}
	methods := types.NewMethodSet(types.NewPointer(name.Type()))
	for i := range methods.Len() {
		if methods.At(i).Obj().Exported() {
			return false
		}
	}
	return true
}

// isNameable reports whether other packages can name the type of a value, or of what it
// refers to.
func isNameable(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return !ok || n.Obj().Exported()
}

// settableElsewhere reports whether other packages can set a variable.
func (g *Index) settableElsewhere(p *patterns.Package, v *types.Var) bool {
	if !v.Exported() {
		return false
	}
	if v.Pkg() != p.Types || !v.IsField() {
		return p.Name != "main" && !strings.Contains("/"+p.Path+"/", "/internal/")
	}
	return g.visibleOf(p).fields[v.Origin()]
}

// visit visits all types that a type leads to through exported names.
func (w *visible) visit(t types.Type) {
	if t == nil || w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		w.visit(types.Unalias(t))
	case *types.Named:
		w.named(t)
	case *types.TypeParam:
		w.visit(t.Constraint())
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				w.fields[f.Origin()] = true
			}
			if f.Exported() || f.Embedded() { // its exported fields are promoted
				w.visit(f.Type())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			w.visit(m.Signature())
		}
		for e := range t.EmbeddedTypes() {
			w.visit(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.visit(term.Type())
		}
	case *types.Signature:
		w.visit(t.Params())
		w.visit(t.Results())
		for q := range t.TypeParams().TypeParams() {
			w.visit(q)
		}
	case *types.Tuple:
		for v := range t.Variables() {
			w.visit(v.Type())
		}
	case *types.Map:
		w.visit(t.Key())
		w.visit(t.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		w.visit(t.Elem())
	}
}

// named follows a defined type: its methods, its underlying type, and its type arguments.
// Generic types are looked at as declared.
func (w *visible) named(t *types.Named) {
	for q := range t.TypeArgs().Types() {
		w.visit(q)
	}
	t = t.Origin()
	w.visit(t.Underlying())
	for m := range t.Methods() {
		if m.Exported() {
			w.visit(m.Signature())
		}
	}
}

// accessesElsewhere lists the accesses to an exported variable of package p that other
// packages make under a lock. Those made without a lock never were separated from a
// section.
func accessesElsewhere(x *patterns.Program, p *patterns.Package, v *types.Var) []*Access {
	var out []*Access
	for _, q := range x.Packages {
		if q == p || !foreignIn(x, q)[v] || !knowsLocks(x, q) {
			continue
		}
		for _, a := range IndexOf(x, q).accessesTo(v) {
			if !a.Fresh && len(a.Held) > 0 {
				out = append(out, a)
			}
		}
	}
	return out
}

// knowsLocks reports whether a lock is ever held in a function of a package.
func knowsLocks(x *patterns.Program, p *patterns.Package) bool {
	return slices.ContainsFunc(x.UnitsIn(p), func(u *patterns.Unit) bool { return locks.Flows.Of(u) != nil })
}

// foreignIn returns the fields and package-level variables of other packages that a
// package uses.
func foreignIn(x *patterns.Program, p *patterns.Package) map[*types.Var]bool {
	return usedOfOthers.Get(x, p, func() map[*types.Var]bool {
		used := make(map[*types.Var]bool)
		for _, obj := range p.Info.Uses {
			if v, isVar := obj.(*types.Var); isVar && v.Exported() && v.Pkg() != p.Types {
				used[v.Origin()] = true
			}
		}
		return used
	})
}

var usedOfOthers patterns.PackageMemo[map[*types.Var]bool]

// InInterface reports whether an interface of the package has a method of the
// unit's name.
func InInterface(x *patterns.Program, u *patterns.Unit) bool {
	methods := interfaceMethods.Get(x, u.Pkg, func() map[string]bool {
		methods := make(map[string]bool)
		for id, obj := range u.Pkg.Info.Defs {
			if x.NoTests && x.InTest(id.Pos()) {
				continue
			}
			if fn, ok := obj.(*types.Func); ok {
				if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
					methods[fn.Name()] = true
				}
			}
		}
		return methods
	})
	return methods[u.Obj.Name()]
}

// interfaceMethods has the names of the methods of the interfaces of a package.
var interfaceMethods patterns.PackageMemo[map[string]bool]
