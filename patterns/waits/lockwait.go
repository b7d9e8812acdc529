package waits

import (
	"go/ast"
	"go/types"
	"maps"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// Waiting for a lock means waiting for its holder. To keep every nesting of locks from
// being a finding, only locks that are held for long count: those that some section holds
// across a wait for something else, and those that are handed to the caller in a way that
// letgo cannot follow. None of this is computed unless the category lock is requested.

// longHeldLocks has them by package path and varID; it is nil if waits for locks are not
// followed.
var longHeldLocks patterns.Setting[map[string]map[string]bool]

// FollowsLocks reports whether letgo also follows waits for locks that are held for
// long.
func FollowsLocks(x *patterns.Program) bool { return longHeldLocks.Of(x) != nil }

// SetLongHeld stores the locks of a package that are held for long.
func SetLongHeld(x *patterns.Program, path string, locks map[string]bool) {
	all := maps.Clone(longHeldLocks.Of(x))
	if all == nil {
		all = make(map[string]map[string]bool)
	}
	all[path] = locks
	longHeldLocks.Set(x, all)
}

// LongHeldOf returns what SetLongHeld stored.
func LongHeldOf(x *patterns.Program, path string) map[string]bool { return longHeldLocks.Of(x)[path] }

// heldLong reports whether a lock is among those that are held for long.
func heldLong(x *patterns.Program, u *patterns.Unit, v *types.Var) bool {
	return v.Pkg() != nil && longHeldLocks.Of(x)[v.Pkg().Path()][patterns.VarID(u.Pkg.Fset, v)]
}

// LongHeld collects the locks that a package holds for long, by the variable that holds
// the mutex, or the map or slice that holds several.
func LongHeld(x *patterns.Program, p *patterns.Package) map[string]bool {
	on := Options{}.On()
	slow := make(map[string]bool)
	for _, s := range locks.SectionsIn(x, p) {
		v := heldVar(s)
		if v == nil || v.Pkg() != p.Types {
			continue
		}
		if id := patterns.VarID(p.Fset, v); !slow[id] && (givenAway(s) || len(AllOps(x, s, on)) > 0) {
			slow[id] = true
		}
	}
	return slow
}

// heldVar is [locks.Section.LockVar]; for an element of a map or slice it is the variable
// that holds the map or slice.
func heldVar(s *locks.Section) *types.Var {
	if v := s.LockVar(); v != nil {
		return v
	}
	op, ok := patterns.LockCall(s.Unit.Pkg.Info, s.Acquire)
	if !ok {
		return nil
	}
	return lockHolder(s.Unit.Pkg.Info, op)
}

// lockHolder returns the variable that holds the mutex of a lock operation, or
// the map or slice that holds several.
func lockHolder(info *types.Info, op patterns.LockOp) *types.Var {
	if op.Path.Root != nil {
		return op.Path.Last()
	}
	sel := ast.Unparen(op.Call.Fun).(*ast.SelectorExpr)
	if ix, ok := ast.Unparen(sel.X).(*ast.IndexExpr); ok {
		if p, ok := patterns.PathOf(info, ix.X); ok {
			return p.Last()
		}
	}
	return nil
}

// givenAway reports whether the section's unit returns with the lock held, and letgo does
// not see that its callers then hold it.
func givenAway(s *locks.Section) bool {
	f := locks.Flows.Of(s.Unit)
	for _, ef := range locks.Effects.Of(s.Unit) {
		if ef.Path.Key() == s.Lock.Key() {
			return false
		}
	}
	for _, h := range f.Exit[s.Lock.Key()] {
		if h.Site == s.Index && (h.Def == 0 || f.Defers[h.Def-1].Kind != locks.EvDeferRelease) {
			return true
		}
	}
	return false
}

// lock handles a call that takes a lock.
func (w *Waiter) lock(c *ast.CallExpr, deferred bool) {
	op, ok := patterns.LockCall(w.U.Pkg.Info, c)
	if !ok || op.Kind != patterns.TakesLock {
		return
	}
	v := lockHolder(w.U.Pkg.Info, op)
	if v == nil || !heldLong(w.X, w.U, v) {
		return
	}
	w.op(c, Op{Category: "lock", Effect: "wait", Safety: "safe", What: types.ExprString(c.Fun), Deferred: deferred, lock: patterns.VarID(w.U.Pkg.Fset, v),
		Why: "waits until the lock is free, and its holders may wait themselves"})
}
