package patterns

import (
	"go/ast"
	"go/types"
	"slices"
)

// CallersHolding lists the calls of an unexported function of the package, which
// all hold the lock. It is not ok if there may be others: the function is used
// as a value, started as a goroutine, deferred, or may be called through an
// interface.
func (x *Program) CallersHolding(u *Unit, lock *types.Var) (calls []Call, ok bool) {
	if u.Obj == nil || u.Obj.Exported() || lock == nil || !slices.Contains(x.guardsOf(u.Pkg).entry[u], lock) {
		return nil, false
	}
	if u.Obj.Signature().Recv() != nil && x.inInterface(u) {
		return nil, false
	}
	for _, v := range x.units[u.Pkg] {
		if v.Body == nil {
			continue
		}
		x.eachCall(v, func(c *ast.CallExpr, _ []*types.Var, _ bool) {
			if fn := calleeOf(v.Pkg.Info, c); fn != nil && fn.Origin() == u.Obj {
				calls = append(calls, Call{v, c})
			}
		})
	}
	return calls, len(calls) > 0
}

// inInterface reports whether an interface of the package has a method of the
// unit's name.
func (x *Program) inInterface(u *Unit) bool {
	for id, obj := range u.Pkg.Info.Defs {
		if x.noTests && x.inTest(id.Pos()) {
			continue
		}
		if fn, ok := obj.(*types.Func); ok && fn.Name() == u.Obj.Name() {
			if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
				return true
			}
		}
	}
	return false
}

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
		for _, key := range sortedReach(s.callee.may) {
			add(u.through(s, key))
		}
	}
	return mergeOps(ops)
}

// KeepsLock reports whether the callers of a unit, who hold the lock that the
// variable of that name holds, find it held when the unit returns, on every path.
func (u *Unit) KeepsLock(lock string) bool {
	for _, e := range u.effects {
		if v := e.path.Last(); v == nil || v.Name() != lock {
			continue
		}
		if e.kind != evCycle {
			return false
		}
	}
	return true
}

// SectionAround returns the section of the lock in the unit that the node runs
// in, or nil.
func (x *Program) SectionAround(u *Unit, lock *types.Var, n ast.Node) *Section {
	for _, s := range x.SectionsIn(u.Pkg) {
		if s.Unit != u || s.LockVar() != lock {
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
