package guards

import (
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// IsPrivateLock reports whether no package other than the declaring one can hold a
// lock: its name is not exported, no exported function returns with it held, and only
// package sync gets its address.
func IsPrivateLock(x *patterns.Program, p *patterns.Package, lock *types.Var) bool {
	if lock == nil || lock.Exported() || lock.Pkg() != p.Types || !lock.IsField() && !patterns.IsGlobal(lock) {
		return false
	}
	return privateLocks.Get(x, lock, func() bool { return !handsLockOut(x, p, lock) })
}

// privateLocks has what [IsPrivateLock] has found out.
var privateLocks patterns.Memo[*types.Var, bool]

func handsLockOut(x *patterns.Program, p *patterns.Package, lock *types.Var) bool {
	for _, u := range x.UnitsIn(p) {
		own := unitAccesses.Of(u)
		if u.Obj != nil && !u.Obj.Exported() && !(own != nil && own.loose) {
			continue
		}
		if slices.ContainsFunc(locks.Effects.Of(u), func(e locks.Effect) bool { return e.MayHold() && e.Path.Last() == lock }) {
			return true
		}
	}
	given := func(a *Access) bool { return a.Var == lock && a.Kind == Escape }
	return slices.ContainsFunc(SharingOf(x, p, lock).Accesses, given)
}
