package guards

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// CallsUnder lists the calls that may be made under a lock of a package's section: those for
// which the calling function or all of its callers hold it, in other packages that can take it,
// too. If the lock can outlive the function that takes it, as that of a transaction does, they
// include all calls in the package that declares it.
func CallsUnder(x *patterns.Program, p *patterns.Package, lock *types.Var) (calls []patterns.Call) {
	declares := func(q *patterns.Package) bool { return q.Types == lock.Pkg() }
	handedOut := slices.ContainsFunc(x.Packages, func(q *patterns.Package) bool { return declares(q) && HandedOut(x, q, lock).IsValid() })
	for _, q := range x.Packages {
		canTake := (handedOut || lock.Exported()) && slices.Contains(q.Types.Imports(), lock.Pkg()) && knowsLocks(x, q)
		switch {
		case handedOut && declares(q):
			calls = append(calls, allCalls(x, q)...)
		case q == p || declares(q) || canTake:
			calls = append(calls, callsHolding(x, q, lock)...)
		}
	}
	return calls
}

// callsHolding lists the calls in a package for which the calling function or all of its
// callers are known to hold the lock.
func callsHolding(x *patterns.Program, p *patterns.Package, lock *types.Var) []patterns.Call {
	return underLocks.Get(x, p, func() map[*types.Var][]patterns.Call {
		g := IndexOf(x, p)
		under := make(map[*types.Var][]patterns.Call)
		for _, u := range x.UnitsIn(p) {
			if u.Body == nil {
				continue
			}
			locks.EachCall(x, u, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
				if spawned {
					return
				}
				for _, l := range slices.Concat(held, g.Seen[u]) {
					under[l] = append(under[l], patterns.Call{Unit: u, Call: c})
				}
			})
		}
		return under
	})[lock]
}

// allCalls lists the calls in a package.
func allCalls(x *patterns.Program, p *patterns.Package) []patterns.Call {
	return callsIn.Get(x, p, func() (all []patterns.Call) {
		for _, u := range x.UnitsIn(p) {
			for _, c := range u.Calls() {
				all = append(all, patterns.Call{Unit: u, Call: c})
			}
		}
		return all
	})
}

var (
	underLocks patterns.PackageMemo[map[*types.Var][]patterns.Call]
	callsIn    patterns.PackageMemo[[]patterns.Call]
)

// markValues marks the functions of the package that are used as values: they may be called
// from anywhere.
func markValues(x *patterns.Program, p *patterns.Package, open map[*patterns.Unit]bool) {
	called := make(map[*ast.Ident]bool)
	for _, u := range x.UnitsIn(p) {
		for _, c := range u.Calls() {
			switch f := ast.Unparen(c.Fun).(type) {
			case *ast.Ident:
				called[f] = true
			case *ast.SelectorExpr:
				called[f.Sel] = true
			}
		}
	}
	for id, obj := range p.Info.Uses {
		if x.NoTests && x.InTest(id.Pos()) {
			continue
		}
		if fn, ok := obj.(*types.Func); ok && !called[id] && fn.Pkg() == p.Types {
			if u := x.UnitOf(fn); u != nil {
				open[u] = true
			}
		}
	}
}

// A Caller is one call of a unit.
type Caller struct {
	Unit     *patterns.Unit
	Call     *ast.CallExpr
	held     []*types.Var // by the unit itself
	Spawned  bool
	Deferred bool
}

// CallersOf lists the calls of a declared function in its package. open reports
// whether it is also used as a value.
func CallersOf(x *patterns.Program, u *patterns.Unit) (calls []Caller, open bool) {
	g := allCallers.Get(x, u.Pkg, func() *callersIndex {
		g := &callersIndex{make(map[*patterns.Unit][]Caller), make(map[*patterns.Unit]bool)}
		markValues(x, u.Pkg, g.values)
		for _, v := range x.UnitsIn(u.Pkg) {
			if v.Body == nil {
				continue
			}
			deferred := DeferredCalls(v)
			locks.EachCall(x, v, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
				if fn := patterns.CalleeOf(v.Pkg.Info, c); fn != nil {
					if w := x.UnitOf(fn); w != nil {
						g.callers[w] = append(g.callers[w], Caller{v, c, held, spawned, deferred[c]})
					}
				}
			})
		}
		return g
	})
	return g.callers[u], g.values[u]
}

// OnlySpawned reports whether a declared function only ever runs as a goroutine, which
// starts with no lock held.
func OnlySpawned(x *patterns.Program, u *patterns.Unit) bool {
	if u.Lit != nil || u.Obj == nil || u.Obj.Exported() || u.Obj.Signature().Recv() != nil && InInterface(x, u) {
		return false
	}
	calls, open := CallersOf(x, u)
	return !open && len(calls) > 0 && !slices.ContainsFunc(calls, func(c Caller) bool { return !c.Spawned })
}

// callersIndex has the calls of a package's units, and which of them are used as values.
type callersIndex struct {
	callers map[*patterns.Unit][]Caller
	values  map[*patterns.Unit]bool
}

var allCallers patterns.PackageMemo[*callersIndex]

// CallersHolding lists the calls of a function in the package, if letgo sees that each is
// made with the lock held. Otherwise why says what is uncertain, and at says where.
func CallersHolding(x *patterns.Program, u *patterns.Unit, lock *types.Var) (calls []patterns.Call, why string, at token.Pos) {
	switch {
	case u.Obj == nil || lock == nil:
		return nil, u.Name() + " is a function literal", u.Body.Pos()
	case u.Obj.Exported():
		return nil, u.Name() + " is exported, and callers in other packages may not hold the lock", u.Decl.Pos()
	case u.Obj.Signature().Recv() != nil && InInterface(x, u):
		return nil, u.Name() + " may be called through an interface without the lock", u.Decl.Pos()
	}
	entry := IndexOf(x, u.Pkg).Entry
	for _, c := range callsByFunc(x, u.Pkg)[u.Obj] {
		calls = append(calls, c.Call)
		if why == "" && (c.spawned || !slices.Contains(c.held, lock) && !slices.Contains(entry[c.Unit], lock)) {
			why, at = c.Unit.Name()+" calls "+u.Name()+" without the lock", c.Call.Call.Pos()
		}
	}
	switch {
	case why != "":
		return nil, why, at
	case !slices.Contains(entry[u], lock):
		return nil, u.Name() + " may be called as a function value without the lock", u.Decl.Pos()
	}
	return calls, "", token.NoPos
}

// A heldCall is a call with the locks that its unit holds itself.
type heldCall struct {
	patterns.Call
	held    []*types.Var
	spawned bool // by go
}

// callsByFunc lists the calls that a package makes, by the function called.
func callsByFunc(x *patterns.Program, p *patterns.Package) map[*types.Func][]heldCall {
	return heldCalls.Get(x, p, func() map[*types.Func][]heldCall {
		calls := make(map[*types.Func][]heldCall)
		for _, v := range x.UnitsIn(p) {
			if v.Body == nil {
				continue
			}
			locks.EachCall(x, v, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
				if fn := patterns.CalleeOf(p.Info, c); fn != nil {
					calls[fn.Origin()] = append(calls[fn.Origin()], heldCall{patterns.Call{Unit: v, Call: c}, held, spawned})
				}
			})
		}
		return calls
	})
}

var heldCalls patterns.PackageMemo[map[*types.Func][]heldCall]
