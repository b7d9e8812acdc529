package patterns

import (
	"go/ast"
	"go/types"
	"maps"
)

// What waits for a lock waits for whoever holds it. Every nesting of locks
// would be a finding if that were all, so only locks that are held for long
// count: those that some section holds across a wait for something else, and
// those that are given to the caller in a way that cannot be followed. Nothing
// of this is worked out unless the category lock is asked for.

// longHeldLocks has them by varID, by the path of the package; it is nil if waits for
// locks are not followed.
var longHeldLocks Setting[map[string]map[string]bool]

// followsLocks reports whether waits for locks that are held long are followed, too.
func (x *Program) followsLocks() bool { return longHeldLocks.Of(x) != nil }

// setLongHeld notes the locks of a package that are held long.
func (x *Program) setLongHeld(path string, locks map[string]bool) {
	all := maps.Clone(longHeldLocks.Of(x))
	if all == nil {
		all = make(map[string]map[string]bool)
	}
	all[path] = locks
	longHeldLocks.Set(x, all)
}

// longHeldOf returns them.
func (x *Program) longHeldOf(path string) map[string]bool { return longHeldLocks.Of(x)[path] }

// heldLong reports whether a lock is one of those that are held long.
func (x *Program) heldLong(u *Unit, v *types.Var) bool {
	return v.Pkg() != nil && longHeldLocks.Of(x)[v.Pkg().Path()][varID(u.Pkg.Fset, v)]
}

// longHeld collects the locks of a package that it holds long, by the variable
// that holds the mutex, or the map or slice that holds several.
func (x *Program) longHeld(p *Package) map[string]bool {
	on := Options{}.on()
	slow := make(map[string]bool)
	for _, s := range x.SectionsIn(p) {
		v := s.heldVar()
		if v == nil || v.Pkg() != p.Types {
			continue
		}
		if id := varID(p.Fset, v); !slow[id] && (s.givenAway() || len(x.allOps(s, on)) > 0) {
			slow[id] = true
		}
	}
	return slow
}

// heldVar is [Section.LockVar]; for an element of a map or slice it is the
// variable that holds that.
func (s *Section) heldVar() *types.Var {
	if v := s.LockVar(); v != nil {
		return v
	}
	op, ok := lockCall(s.Unit.Pkg.Info, s.Acquire)
	if !ok {
		return nil
	}
	return lockHolder(s.Unit.Pkg.Info, op)
}

// lockHolder returns the variable that holds the mutex of a lock operation, or
// the map or slice that holds several.
func lockHolder(info *types.Info, op lockOp) *types.Var {
	if op.path.Root != nil {
		return op.path.Last()
	}
	sel := ast.Unparen(op.call.Fun).(*ast.SelectorExpr)
	if ix, ok := ast.Unparen(sel.X).(*ast.IndexExpr); ok {
		if p, ok := PathOf(info, ix.X); ok {
			return p.Last()
		}
	}
	return nil
}

// givenAway reports whether the section's unit returns with the lock held, and
// its callers cannot be seen to hold it then.
func (s *Section) givenAway() bool {
	f := lockFlows.Of(s.Unit)
	for _, ef := range effects.Of(s.Unit) {
		if ef.path.key() == s.Lock.key() {
			return false
		}
	}
	for _, h := range f.exit[s.Lock.key()] {
		if h.site == s.index && (h.def == 0 || f.defers[h.def-1].kind != evDeferRelease) {
			return true
		}
	}
	return false
}

// lock handles a call that takes a lock.
func (w *waiter) lock(c *ast.CallExpr, deferred bool) {
	op, ok := lockCall(w.u.Pkg.Info, c)
	if !ok || op.kind != acquire {
		return
	}
	v := lockHolder(w.u.Pkg.Info, op)
	if v == nil || !w.x.heldLong(w.u, v) {
		return
	}
	w.op(c, Op{Category: "lock", Effect: "wait", Safety: "safe", What: types.ExprString(c.Fun), Deferred: deferred, lock: varID(w.u.Pkg.Fset, v),
		Why: "waits until the lock is free, and its holders may wait themselves"})
}
