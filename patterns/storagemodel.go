package patterns

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// StorageOf returns the model of the storage of a package, made once.
func (x *Program) StorageOf(p *Package) *storage.Model {
	if m := x.models[p]; m != nil {
		return m
	}
	if x.base != nil && x.base.units[p] != nil { // as in guardsOf
		return x.base.StorageOf(p)
	}
	files := make([]*ast.File, len(p.Files))
	for i, f := range p.Files {
		files[i] = f.Syntax
	}
	m := storage.New(p.Types, p.Info, files, &storageWorld{x: x, p: p, impl: make(map[*types.Func][]*types.Func)})
	x.models[p] = m
	return m
}

// Owns reports whether only the call of the function around an expression can
// reach what that denotes and refers to: see [storage.Model.OwnerOf].
func (x *Program) Owns(p *Package, e ast.Expr) bool {
	return x.StorageOf(p).OwnerOf(e) == storage.Own
}

// Apart reports whether two expressions of a package never refer to the same
// storage.
func (x *Program) Apart(p *Package, a, b ast.Expr) bool {
	m := x.StorageOf(p)
	ca, cb := m.Refers(a), m.Refers(b)
	return ca != 0 && cb != 0 && ca != cb
}

// ApartVariables reports whether what two variables hold never shares storage. It
// is known only of maps, slices, pointers and arrays of values that refer to
// nothing: fields of structs and what interfaces hold are not looked into.
func (x *Program) ApartVariables(p *Package, v, w *types.Var) bool {
	if !isPlainStorage(v.Type(), 0) || !isPlainStorage(w.Type(), 0) {
		return false
	}
	m := x.StorageOf(p)
	a, b := m.Holds(v), m.Holds(w)
	if len(a) < 2 || len(b) < 2 {
		return false
	}
	return !slices.ContainsFunc(a[1:], func(c storage.Class) bool { return slices.Contains(b, c) }) &&
		!slices.Contains(b[1:], a[0])
}

func isPlainStorage(t types.Type, depth int) bool {
	if depth > MaxNesting {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Slice:
		return isPlainStorage(u.Elem(), depth+1)
	case *types.Array:
		return isPlainStorage(u.Elem(), depth+1)
	case *types.Pointer:
		return isPlainStorage(u.Elem(), depth+1)
	case *types.Map:
		return isPlainStorage(u.Key(), depth+1) && isPlainStorage(u.Elem(), depth+1)
	}
	return false
}

// storageWorld tells the model of one package of the others.
type storageWorld struct {
	x    *Program
	p    *Package
	impl map[*types.Func][]*types.Func // memo of Implementations
}

// Implementations lists those in the package itself and in what it imports. Where
// the interface is declared in a package of the program, they are all: as for
// calls ([Program.Callees]), what other packages implement is theirs.
func (w *storageWorld) Implementations(m *types.Func) (impl []*types.Func, all bool) {
	impl, seen := w.impl[m]
	if !seen {
		impl = slices.Clone(w.x.ImplementedIn(w.p, m, false))
		for _, d := range w.p.Types.Imports() {
			if d != w.p.Types && w.x.facts[d.Path()] != nil {
				impl = append(impl, implementers(w.x.methodsIn(d)[m.Name()], m.Signature().Recv().Type(), true)...)
			}
		}
		w.impl[m] = impl
	}
	own := m.Pkg() == w.p.Types || w.x.Knows(m.Pkg())
	return impl, own && len(impl) > 0 && len(impl) <= MaxImplementations
}

// Spawns asks the table.
func (w *storageWorld) Spawns(fn *types.Func) bool { return known.Spawns(fn) }

// NamedElsewhere asks the files that the build leaves out.
func (w *storageWorld) NamedElsewhere(fn *types.Func) bool {
	_, found := w.p.eachLeftOut(fn, func(_ *LeftOutTree, n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		return ok && id.Name == fn.Name()
	}, fn.Name())
	return found
}

// Summary asks the tables, and the facts of the other packages.
func (w *storageWorld) Summary(fn *types.Func) (storage.Summary, bool) {
	if s, ok := known.Storage(fn); ok {
		return s, true
	}
	if fn.Pkg() == nil || IsInterfaceMethod(fn) {
		return storage.Summary{}, false
	}
	facts := w.x.facts[fn.Pkg().Path()]
	if facts == nil || fn.Pkg() == w.p.Types {
		return storage.Summary{}, false
	}
	i, ok := slices.BinarySearchFunc(facts.Funcs, w.x.KeyOf(fn), func(f FuncFact, name string) int { return cmp.Compare(f.Name, name) })
	if !ok {
		return storage.Summary{}, true // it has nothing to do with what it is given but to read it
	}
	s, err := storage.ParseSummary(facts.Funcs[i].Storage)
	return s, err == nil
}

// Concurrent asks the table.
func (w *storageWorld) Concurrent(t types.Type) bool { return known.Concurrent(t) }

// StorageFact says what a function does to its arguments, for its facts: "" for
// one that only reads.
func (x *Program) StorageFact(u *Unit) string {
	sig := u.Obj.Signature()
	if r := sig.Recv(); !storage.Refers(sig.Params()) && !storage.Refers(sig.Results()) && (r == nil || !storage.Refers(r.Type())) {
		return ""
	}
	s, ok := x.StorageOf(u.Pkg).SummaryOf(u.Obj.Origin())
	if text := s.String(); ok && text != "-" {
		return text
	}
	return ""
}
