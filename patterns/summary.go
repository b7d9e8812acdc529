package patterns

import (
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/satisfy"
)

// SummaryOf returns what is known about a function to a package that calls it: its unit
// if it belongs to the package, otherwise a unit without a body that the facts of its
// package describe, or nil if there are none.
func (x *Program) SummaryOf(from *Package, fn *types.Func) *Unit {
	if fn.Pkg() == nil {
		return nil
	}
	if u := x.UnitOf(fn); u != nil && u.Pkg.Path == from.Path {
		return u
	}
	if IsInterfaceMethod(fn) {
		return nil
	}
	return x.factUnit(fn.Pkg().Path(), x.KeyOf(fn), fn)
}

// factUnit makes the unit that facts describe. Functions of which the facts of
// their package say nothing do not wait.
func (x *Program) factUnit(pkg, name string, fn *types.Func) *Unit {
	facts := x.facts[pkg]
	if facts == nil {
		return nil
	}
	x.memos.Lock()
	defer x.memos.Unlock()
	memo := x.borders[facts]
	if memo == nil {
		memo = make(map[string]*Unit)
		x.borders[facts] = memo
	}
	if u := memo[name]; u != nil && (u.Obj == fn || fn == nil) {
		return u
	}
	u := &Unit{Pkg: &Package{Path: pkg, Module: facts.Module}, Obj: fn, name: name}
	i, ok := slices.BinarySearchFunc(facts.Funcs, name, func(f FuncFact, name string) int {
		switch {
		case f.Name < name:
			return -1
		case f.Name > name:
			return 1
		}
		return 0
	})
	if ok {
		fact := &facts.Funcs[i]
		u.name = fact.Short
		x.fillSlots(u, fact)
	}
	memo[name] = u
	return u
}

// Name prints the path below the package-level variable.
func (e EffectFact) Name() string {
	s := e.Global
	for _, f := range e.Fields {
		s += "." + f
	}
	return s
}

// ImplementedIn lists the methods of a package's types that a call of the interface
// method may reach; with exported, only those of exported types.
func (x *Program) ImplementedIn(p *Package, m *types.Func, exported bool) []*types.Func {
	return implementers(x.methodsOf(p)[m.Name()], m.Signature().Recv().Type(), exported)
}

// ImplementedOutside returns a method that waits according to the table, and that a call of an
// interface's method may run, or nil: see [satisfy.Outside].
func (x *Program) ImplementedOutside(m *types.Func, of types.Type) *types.Func {
	return satisfy.Outside(m, of, func(fn *types.Func) bool {
		_, waits := x.table.Entry(x.KeyOf(fn))
		return waits
	})
}

func implementers(methods []*types.Func, of types.Type, exported bool) []*types.Func {
	iface, ok := of.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var impl []*types.Func
	for _, c := range methods {
		t := c.Signature().Recv().Type()
		if exported && (NamedOf(t) == nil || !NamedOf(t).Obj().Exported()) {
			continue
		}
		if satisfy.Implements(t, iface) {
			impl = append(impl, c)
		}
	}
	return impl
}

// SeenImplementations lists what a call of an interface method may run, as far as the
// calling package can see: methods of its own types, of exported types of packages that
// it imports, and of all types of the package that declares the interface.
// Implementations in other packages are unknown where packages are analysed one by one.
func (x *Program) SeenImplementations(from *Package, m *types.Func, of types.Type) []*Unit {
	key := from.ID + "|" + types.TypeString(of, nil) + "." + m.Name()
	if units, ok := x.seen[key]; ok {
		return units
	}
	var units []*Unit
	add := func(u *Unit) {
		if u != nil {
			units = append(units, u)
		}
	}
	for _, c := range implementers(x.methodsOf(from)[m.Name()], of, false) {
		add(x.SummaryOf(from, c))
	}
	declares := m.Pkg()
	for _, d := range from.Types.Imports() {
		if d == declares || x.facts[d.Path()] == nil {
			continue
		}
		for _, c := range implementers(x.methodsIn(d)[m.Name()], of, true) {
			add(x.SummaryOf(from, c))
		}
	}
	if declares != nil && declares.Path() != from.Path {
		if f := x.facts[declares.Path()]; f != nil {
			for _, i := range f.Interfaces {
				if i.Method == x.KeyOf(m) {
					for _, name := range i.By {
						add(x.factUnit(declares.Path(), name, nil))
					}
				}
			}
		}
	}
	x.seen[key] = units
	return units
}
