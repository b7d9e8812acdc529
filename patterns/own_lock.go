package patterns

import (
	"go/types"
	"slices"
	"sync"
)

// IsPrivateLock reports whether no other package than the one that declares it can hold
// a lock: its name is not exported, no exported function returns with it held, and its
// address is given to nobody but package sync.
func (x *Program) IsPrivateLock(p *Package, lock *types.Var) bool {
	if lock == nil || lock.Exported() || lock.Pkg() != p.Types || !lock.IsField() && !isGlobal(lock) {
		return false
	}
	type key struct {
		p    *Package
		lock *types.Var
	}
	m := x.Memo(key{p, lock}, func() any { return new(privateLock) }).(*privateLock)
	m.once.Do(func() { m.is = !x.handsLockOut(p, lock) })
	return m.is
}

type privateLock struct {
	once sync.Once
	is   bool
}

func (x *Program) handsLockOut(p *Package, lock *types.Var) bool {
	for _, u := range x.UnitsIn(p) {
		if u.Obj != nil && !u.Obj.Exported() && !u.loose {
			continue
		}
		if slices.ContainsFunc(u.effects, func(e lockEffect) bool { return e.kind != evRelease && e.path.Last() == lock }) {
			return true
		}
	}
	given := func(a *Access) bool { return a.Var == lock && a.Kind == Escape }
	return slices.ContainsFunc(x.SharingOf(p, lock).Accesses, given)
}
