package patterns

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
	"sync"

	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// StorageOf returns the model of a package's storage and of who can reach it. It is
// made once.
func (x *Program) StorageOf(p *Package) *ownership.Model {
	x.memos.Lock()
	model := x.models[p]
	if model == nil {
		if x.base != nil && x.base.units[p] != nil { // as in guardsOf
			base := x.base
			model = func() *ownership.Model { return base.StorageOf(p) }
		} else {
			model = sync.OnceValue(func() *ownership.Model { return x.newModel(p) })
		}
		x.models[p] = model
	}
	x.memos.Unlock()
	return model()
}

func (x *Program) newModel(p *Package) *ownership.Model {
	files := make([]*ast.File, len(p.Files))
	for i, f := range p.Files {
		files[i] = f.Syntax
	}
	w := &storageWorld{x: x, p: p, impl: make(map[*types.Func][]*types.Func), said: make(map[*types.Func]*said)}
	return ownership.New(storage.New(p.Info, files, w), p.Info, files, w)
}

// Owns reports whether only the current call of the function around an expression can
// reach what the expression denotes and refers to: see [ownership.Model.OwnerOf].
func (x *Program) Owns(p *Package, e ast.Expr) bool {
	return x.StorageOf(p).OwnerOf(e) == ownership.Own
}

// storageWorld tells the model of one package of the others.
type storageWorld struct {
	x    *Program
	p    *Package
	impl map[*types.Func][]*types.Func // memo of Implementations
	said map[*types.Func]*said         // memo of Summary
}

// said is an answer of Summary.
type said struct {
	s  storage.Summary
	ok bool
}

// Implementations lists those in the package itself and in what it imports. Where
// the interface is declared in a package of the program, they are all: as for
// calls ([Program.Callees]), what other packages implement is theirs. A method of the
// table, such as Do of an HTTP client, stands for others.
func (w *storageWorld) Implementations(m *types.Func) (impl []*types.Func, all bool) {
	impl, seen := w.impl[m]
	if !seen {
		impl = slices.Clone(w.x.ImplementedIn(w.p, m, false))
		for _, d := range w.p.Types.Imports() {
			if d != w.p.Types && w.x.facts[d.Path()] != nil {
				impl = append(impl, implementers(w.x.methodsIn(d)[m.Name()], m.Signature().Recv().Type(), true)...)
			}
		}
		if do := w.x.ImplementedOutside(m, m.Signature().Recv().Type()); do != nil {
			impl = append(impl, do)
		}
		w.impl[m] = impl
	}
	own := m.Pkg() == w.p.Types || w.x.Knows(m.Pkg())
	return impl, own && len(impl) > 0 && len(impl) <= MaxImplementations
}

// UsedByMany asks the table of what blocks: a method that several goroutines may call at
// once keeps in order itself what it does to its receiver.
func (w *storageWorld) UsedByMany(fn *types.Func) bool {
	e, ok := w.x.table.Entry(fn.FullName())
	return ok && e.Safety == blocking.SafetySafe && w.x.table.UsedByMany(fn.FullName())
}

// Spawns asks the table.
func (w *storageWorld) Spawns(fn *types.Func) bool { return known.Spawns(fn) }

// NamedElsewhere asks the files that the build leaves out.
func (w *storageWorld) NamedElsewhere(fn *types.Func) bool { return w.p.namedLeftOut(fn) }

// Summary asks the tables, and the facts of the other packages.
func (w *storageWorld) Summary(fn *types.Func) (storage.Summary, bool) {
	a := w.said[fn]
	if a == nil {
		a = new(said)
		a.s, a.ok = w.summary(fn)
		w.said[fn] = a
	}
	return a.s, a.ok
}

func (w *storageWorld) summary(fn *types.Func) (storage.Summary, bool) {
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
	return w.x.storageOf(facts, w.x.KeyOf(fn))
}

// storageOf returns what a function of a package does to its arguments. It has nothing
// to do with them but to read them if its package says nothing.
func (x *Program) storageOf(facts *Facts, name string) (storage.Summary, bool) {
	if facts.funcs != nil {
		if u := facts.named[name]; u != nil {
			return x.storageSummary(u), true
		}
		return storage.Summary{}, true
	}
	i, ok := slices.BinarySearchFunc(facts.Funcs, name, func(f FuncFact, name string) int { return cmp.Compare(f.Name, name) })
	if !ok {
		return storage.Summary{}, true
	}
	s, err := storage.ParseSummary(facts.Funcs[i].Storage)
	return s, err == nil
}

// Concurrent asks the table.
func (w *storageWorld) Concurrent(t types.Type) bool { return known.Concurrent(t) }

// Passes asks the table.
func (w *storageWorld) Passes(t types.Type) bool { return known.Passes(t) }

// StorageFact says what a function does to its arguments, for its facts. It is "" for a
// function that only reads them.
func (x *Program) StorageFact(u *Unit) string {
	if text := x.storageSummary(u).String(); text != "-" {
		return text
	}
	return ""
}

// storageSummary returns what a function does to its arguments.
func (x *Program) storageSummary(u *Unit) storage.Summary {
	sig := u.Obj.Signature()
	if r := sig.Recv(); !storage.Refers(sig.Params()) && !storage.Refers(sig.Results()) && (r == nil || !storage.Refers(r.Type())) {
		return storage.Summary{}
	}
	model := x.StorageOf(u.Pkg)
	s, _ := model.SummaryOf(u.Obj.Origin())
	s.Fresh = model.FreshFields(u.Obj.Origin())
	return s
}
