package guards

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// IsPrivateLock reports whether only the package that declares a lock can hold it, or run
// code while it is held: its name is not exported and its methods are not promoted, no
// exported function returns with it held, neither it nor one of its methods is passed on,
// and no unseen function is called under it. Code that has the object cannot take the lock
// either, because package reflect calls no methods of unexported fields.
func IsPrivateLock(x *patterns.Program, p *patterns.Package, lock *types.Var) bool {
	if lock == nil || lock.Exported() || lock.Embedded() || lock.Pkg() != p.Types || !lock.IsField() && !patterns.IsGlobal(lock) || isReference(lock) {
		return false
	}
	return privateLocks.Get(x, lock, func() bool { return !HandedOut(x, p, lock).IsValid() && !callsOutUnder(x, p, lock) })
}

// isReference reports whether a variable that names a lock may also name another variable's
// lock: it is a pointer or an interface, or a parameter or local variable.
func isReference(v *types.Var) bool {
	return !v.IsField() && !patterns.IsGlobal(v) || patterns.IsPointer(v.Type()) || types.IsInterface(v.Type())
}

// privateLocks has the answers of [IsPrivateLock].
var privateLocks patterns.Memo[*types.Var, bool]

// HandedOut returns where code outside the package gets to hold a lock, or any code to take it
// by another name than its variable, or no position: an exported function returns with it held,
// any function does so with that of an object its callers cannot name, or its address or one of
// its methods is passed on.
func HandedOut(x *patterns.Program, p *patterns.Package, lock *types.Var) token.Pos {
	return handedOut.Get(x, lock, func() token.Pos { return findHandedOut(x, p, lock) })
}

// handedOut has the answers of [HandedOut].
var handedOut patterns.Memo[*types.Var, token.Pos]

func findHandedOut(x *patterns.Program, p *patterns.Package, lock *types.Var) token.Pos {
	for _, u := range x.UnitsIn(p) {
		if locks.LeavesHeld(u, lock) {
			return u.Body.Pos()
		}
		own := unitAccesses.Of(u)
		if u.Obj != nil && !u.Obj.Exported() && !(own != nil && own.loose) {
			continue
		}
		if slices.ContainsFunc(locks.Effects.Of(u), func(e locks.Effect) bool { return e.MayHold() && e.Path.Last() == lock }) {
			return u.Body.Pos()
		}
	}
	made := onlyNewLocks(x, p, lock)
	for _, a := range SharingOf(x, p, lock).Accesses { // &mu, or mu.Lock as a value
		if a.Kind == Escape || a.Kind == Read && !a.Leads && !(made && isLockCall(a)) {
			return a.Pos()
		}
	}
	return token.NoPos
}

// onlyNewLocks reports whether a variable holds a pointer to a lock, and is only ever given a
// new one.
func onlyNewLocks(x *patterns.Program, p *patterns.Package, lock *types.Var) bool {
	given := x.AssignmentsIn(p)[lock]
	return patterns.IsPointer(lock.Type()) && len(given) > 0 && !slices.ContainsFunc(given, func(g patterns.Assigned) bool {
		return g.Expr == nil || !locks.MadeLock(g.Info, g.Expr)
	})
}

// isLockCall reports whether an access is only to call a method of the lock.
func isLockCall(a *Access) bool {
	return slices.ContainsFunc(a.Unit.Calls(), func(c *ast.CallExpr) bool {
		_, ok := patterns.LockCall(a.Unit.Pkg.Info, c)
		return ok && c.Fun.Pos() <= a.Pos() && a.Pos() < c.Fun.End()
	})
}

// callsOutUnder reports whether an unseen function is called while a lock is held.
func callsOutUnder(x *patterns.Program, p *patterns.Package, lock *types.Var) bool {
	return slices.ContainsFunc(CallsUnder(x, p, lock), func(c patterns.Call) bool {
		_, known := x.Callees(c.Unit, c.Call)
		return !known
	})
}
