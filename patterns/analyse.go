package patterns

import (
	"github.com/letgo-dev/letgo/patterns/storage"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"sync"
)

// findLockWaits adds the waits for locks that are held long to what is known of
// every unit, once.
func (x *Program) findLockWaits() {
	if x.locks {
		return
	}
	x.locks, x.slow = true, make(map[string]map[string]bool)
	for path, f := range x.facts {
		x.slow[path] = make(map[string]bool)
		for _, id := range f.Slow {
			x.slow[path][id] = true
		}
	}
	x.analyseAll()
}

// NewProgram analyses the packages. The table says which functions outside of
// them block; nil means [DefaultTable].
func NewProgram(pkgs []*Package, table *Table) *Program {
	return NewProgramFrom(pkgs, table, nil)
}

// NewProgramFrom is NewProgram with facts of packages that are not there
// themselves.
//
// A package is analysed after those that it imports, of which it knows their
// facts, so what is found in it is the same whatever else is in the program,
// as long as all of the module that it depends on is there, or its facts are.
func NewProgramFrom(pkgs []*Package, table *Table, facts map[string]*Facts) *Program {
	return newProgram(pkgs, table, facts, false)
}

// newProgram is NewProgramFrom. With noTests set, the packages were
// type-checked with test files that are not among their files.
func newProgram(pkgs []*Package, table *Table, facts map[string]*Facts, noTests bool) *Program {
	if table == nil {
		table = DefaultTable()
	}
	x := &Program{
		Packages:   pkgs,
		table:      table,
		units:      make(map[*Package][]*Unit),
		byKey:      make(map[string]*Unit),
		lits:       make(map[*ast.FuncLit]*Unit),
		methods:    make(map[*types.Package]map[string][]*types.Func),
		seen:       make(map[string][]*Unit),
		impls:      make(map[string][]*types.Func),
		embedded:   make(map[*Package][]types.Type),
		assigns:    make(map[*Package]map[*types.Var][]assigned),
		models:     make(map[*Package]*storage.Model),
		memos:      new(sync.Mutex),
		keys:       make(map[*types.Func]string),
		owners:     make(map[*types.Package]map[*types.Var]*types.Struct),
		structs:    make(map[*types.Package]map[*types.Struct]string),
		bodies:     make(map[*Package][]*Unit),
		byDecl:     make(map[*Package]map[string][]*Unit),
		settings:   make(map[any]any),
		kept:       make(map[any]any),
		ofPackages: make(map[packageKey]any),
		facts:      make(map[string]*Facts),
		borders:    make(map[*Facts]map[string]*Unit),
		globals:    make(map[string]Path),
		partial:    facts != nil,
		noTests:    noTests,
	}
	maps.Copy(x.facts, facts)
	for _, p := range pkgs {
		x.addUnits(p)
	}
	x.analyseAll()
	return x
}

// With returns a program in which the package q, a changed copy of one of x's
// packages, takes that package's place. Only q is analysed anew; what the
// other packages' functions do is taken over, which is right as long as the
// change keeps what q's functions do for their callers.
func (x *Program) With(q *Package) *Program {
	y := x.without(q.ID)
	y.base = x
	y.byKey = make(map[string]*Unit)
	y.lits = make(map[*ast.FuncLit]*Unit)
	y.Put(q)
	return y
}

// Without returns a program that has forgotten what it knew of a package, for
// [Program.Put]. Together they are [Program.With] for a program that goes on in
// the new state: nothing of the old one is kept, not even while the new one is
// made.
func (x *Program) Without(id string) *Program {
	y := x.without(id)
	old := func(u *Unit) bool { return u.Pkg.ID == id }
	y.byKey = maps.Clone(x.byKey)
	maps.DeleteFunc(y.byKey, func(_ string, u *Unit) bool { return old(u) })
	y.lits = maps.Clone(x.lits)
	maps.DeleteFunc(y.lits, func(_ *ast.FuncLit, u *Unit) bool { return old(u) })
	return y
}

// Put analyses q in the place of the package with its ID.
func (x *Program) Put(q *Package) {
	for i, p := range x.Packages {
		if p.ID == q.ID {
			x.Packages[i] = q
		}
	}
	x.addUnits(q)
	x.analyse(q)
}

// analyseAll analyses every package after those that it imports.
func (x *Program) analyseAll() {
	order, cyclic := importOrder(x.Packages)
	for _, p := range order {
		x.analyse(p)
	}
	if cyclic { // by test files: what came too early is done once more
		x.seen = make(map[string][]*Unit)
		for _, p := range order {
			x.analyse(p)
		}
	}
}

// analyse follows locks and calls through one package. What it imports has been
// analysed before.
func (x *Program) analyse(p *Package) {
	x.followLocks(x.units[p])
	x.findMayBlock(x.units[p])
	if x.locks {
		x.slow[p.Path] = x.longHeld(p)
		x.findMayBlock(x.units[p])
	}
	x.facts[p.Path] = x.makeFacts(p)
}

// followLocks computes the lock flow and effects of the units, repeated while
// effects change: wrappers of wrappers settle in a few rounds. In the first one
// no unit knows another's effects.
func (x *Program) followLocks(units []*Unit) {
	first := make([][]lockEffect, len(units))
	eachUnit(units, func(i int, u *Unit) { first[i] = x.followUnit(u) })
	changed := make(map[*Unit]bool)
	for i, u := range units {
		if effects.Set(u, first[i]); len(effects.Of(u)) > 0 {
			changed[u] = true
		}
	}
	for range 5 {
		if len(changed) == 0 {
			return
		}
		next := make(map[*Unit]bool)
		for _, u := range slices.Backward(units) { // literals before the unit around them
			if u.Body == nil || !x.callsAny(u, changed) && !x.callsAny(u, next) {
				continue
			}
			found := x.followUnit(u)
			if !slices.EqualFunc(found, effects.Of(u), lockEffect.same) {
				next[u] = true
			}
			effects.Set(u, found)
		}
		changed = next
	}
}

// followUnit computes the lock flow of one unit with the effects that others are
// known to have. It returns its own.
func (x *Program) followUnit(u *Unit) []lockEffect {
	if u.Body == nil {
		return nil
	}
	lockFlows.Set(u, newFlow(u, x))
	return u.computeEffects()
}

// callsAny reports whether the unit calls or contains one of the set.
func (x *Program) callsAny(u *Unit, set map[*Unit]bool) bool {
	for _, l := range u.lits {
		if set[l] {
			return true
		}
	}
	for _, c := range u.calls {
		if fn := CalleeOf(u.Pkg.Info, c); fn != nil && set[x.UnitOf(fn)] {
			return true
		}
		if lit := u.litCalled(c); lit != nil && set[x.LitUnit(lit)] {
			return true
		}
	}
	return false
}

// FollowLockWaits makes waits for locks that are held long part of what is known
// of every function, as it is if the category lock is asked for.
func (x *Program) FollowLockWaits() { x.findLockWaits() }
