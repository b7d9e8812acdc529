package guards

import (
	"go/ast"
	"go/types"
	"slices"
	"sync"

	"github.com/letgo-dev/letgo/patterns"
)

// access returns the kind of a use, and whether it is a change at all.
func access(u patterns.LeftOutUse) (kind AccessKind, changes bool) {
	switch u {
	case patterns.UseAssigns:
		return Write, true
	case patterns.UseContent:
		return Content, true
	case patterns.UseAddress, patterns.UseAtomic:
		return Escape, true
	}
	return Read, false
}

// changesLeftOut lists the changes of a variable in files that the build leaves out. A
// change in a test counts only if a lock may separate it from the known code: its function
// takes a lock that is held at one of the accesses, and no access changes the variable
// under that lock. If one does, the test only does what other code does, too.
func (s Sharing) changesLeftOut(uses patterns.LeftOutUses) []*Access {
	v := uses.V
	if uses.P == nil || uses.P.LeftOut == nil {
		return nil
	}
	locks := sync.OnceValue(s.locksOfUses) // computed once a test needs them
	uses.Skip = func(t *patterns.LeftOutTree) bool { return t.Test && !slices.ContainsFunc(locks(), t.MayLock) }
	lockedIn := func(t *patterns.LeftOutTree, at ast.Expr) bool {
		return slices.ContainsFunc(locks(), func(lock *types.Var) bool { return t.LocksAround(at, lock) })
	}
	var out []*Access
	uses.Each(func(t *patterns.LeftOutTree, at ast.Expr, use patterns.LeftOutUse) bool {
		kind, changes := access(use)
		if changes && (kind == Write || !SelfSynchronised(v.Type())) && (!t.Test || lockedIn(t, at)) {
			out = append(out, &Access{Var: v, Kind: kind, Node: at, Atomic: use == patterns.UseAtomic})
		}
		return false
	})
	return out
}

// locksOfUses lists the locks that may be held at an access to the variable, but under
// which no access changes it.
func (s Sharing) locksOfUses() []*types.Var {
	var out []*types.Var
	done := make(map[*types.Var]bool)
	for _, a := range s.Accesses {
		for _, lock := range a.seen {
			if !done[lock] && s.Changed(func(c *Access) bool { return c.Under(lock) }) == nil {
				out = append(out, lock)
			}
			done[lock] = true
		}
	}
	return out
}
