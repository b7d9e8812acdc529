package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// CallersHolding lists the calls of a function of the package, if each of them is
// seen to be made with the lock held. Otherwise why says what is not certain about
// that, and at is where.
func (x *Program) CallersHolding(u *Unit, lock *types.Var) (calls []Call, why string, at token.Pos) {
	switch {
	case u.Obj == nil || lock == nil:
		return nil, u.Name() + " is a function literal", u.Body.Pos()
	case u.Obj.Exported():
		return nil, u.Name() + " is exported, and callers in other packages may not hold the lock", u.Decl.Pos()
	case u.Obj.Signature().Recv() != nil && x.inInterface(u):
		return nil, u.Name() + " may be called through an interface without the lock", u.Decl.Pos()
	}
	entry := x.guardsOf(u.Pkg).entry
	for _, c := range x.callsByFunc(u.Pkg)[u.Obj] {
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

// A heldCall is a call with the locks that the unit around it holds itself.
type heldCall struct {
	Call
	held    []*types.Var
	spawned bool // by go
}

// callsByFunc lists the calls that a package makes, by the function called.
func (x *Program) callsByFunc(p *Package) map[*types.Func][]heldCall {
	return heldCalls.Get(x, p, func() map[*types.Func][]heldCall {
		calls := make(map[*types.Func][]heldCall)
		for _, v := range x.units[p] {
			if v.Body == nil {
				continue
			}
			x.eachCall(v, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
				if fn := calleeOf(p.Info, c); fn != nil {
					calls[fn.Origin()] = append(calls[fn.Origin()], heldCall{Call{v, c}, held, spawned})
				}
			})
		}
		return calls
	})
}

var heldCalls PackageMemo[map[*types.Func][]heldCall]

// inInterface reports whether an interface of the package has a method of the
// unit's name.
func (x *Program) inInterface(u *Unit) bool {
	methods := interfaceMethods.Get(x, u.Pkg, func() map[string]bool {
		methods := make(map[string]bool)
		for id, obj := range u.Pkg.Info.Defs {
			if x.noTests && x.inTest(id.Pos()) {
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
var interfaceMethods PackageMemo[map[string]bool]

// OpsOf lists what a unit may wait for while it holds its callers' locks, in
// source order.
func (x *Program) OpsOf(u *Unit) []*Op {
	on := Options{}.on()
	var ops []*Op
	add := func(o *Op) {
		if o != nil && on[o.Category] {
			ops = append(ops, o)
		}
	}
	for _, s := range x.sites(u) {
		if s.op != nil {
			add(s.op)
			continue
		}
		if s.take != nil {
			continue
		}
		for _, key := range sortedReach(mayReach.Of(s.callee)) {
			add(u.through(s, key))
		}
	}
	return mergeOps(ops)
}

// KeepsLock reports whether the callers of a unit, who hold the lock that the
// variable of that name holds, find it held when the unit returns, on every path.
func (u *Unit) KeepsLock(lock string) bool {
	for _, e := range effects.Of(u) {
		if v := e.path.Last(); v == nil || v.Name() != lock {
			continue
		}
		if e.kind != evCycle {
			return false
		}
	}
	return true
}

// LeavesLock reports whether a unit that runs under its callers' lock, which the
// variable of that name holds, neither releases nor takes it.
func (u *Unit) LeavesLock(lock string) bool {
	return !slices.ContainsFunc(effects.Of(u), func(e lockEffect) bool { return e.path.Last() != nil && e.path.Last().Name() == lock })
}

// SectionAround returns the section of the lock in the unit that the node runs
// in, or nil.
func (x *Program) SectionAround(u *Unit, lock *types.Var, n ast.Node) *Section {
	for _, s := range x.sectionsOf(u) {
		if s.LockVar() != lock {
			continue
		}
		for _, m := range s.Nodes {
			if m.Pos() <= n.Pos() && n.End() <= m.End() {
				return s
			}
		}
	}
	return nil
}
