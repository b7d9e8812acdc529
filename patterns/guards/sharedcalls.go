package guards

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// ChangedUnder reports whether an access in a function may be made under a lock to an
// object that others have, although the lock is not held in every call that letgo sees:
// a constructor also calls the function, before it publishes the object, or the
// function is used as a value.
//
// shared is false if every call is for an object that only the caller has. without says
// that the package also calls the function without the lock for an object that others
// have: then the lock may not be what protected the access.
func ChangedUnder(x *patterns.Program, a *Access, lock *types.Var) (shared, without bool) {
	u := a.Unit
	if u.Obj == nil || u.Lit != nil {
		return true, false
	}
	calls, value := CallersOf(x, u)
	shared = value || u.Obj.Signature().Recv() != nil && InInterface(x, u) || len(calls) == 0 // an unseen caller calls it
	for _, c := range calls {
		if e := c.argumentFor(u, a.Path.Root); e != nil && x.Owns(c.Unit.Pkg, e) {
			continue
		}
		if c.withoutLock(x, lock, make(map[*patterns.Unit]bool)) {
			return true, true
		}
		shared = true
	}
	return shared, false
}

// withoutLock reports whether letgo sees that a call is made without the lock.
func (c Caller) withoutLock(x *patterns.Program, lock *types.Var, seen map[*patterns.Unit]bool) bool {
	return c.Spawned || !mayHold(c.held, lock) && entersWithout(x, c.Unit, lock, seen)
}

// entersWithout reports whether letgo sees that a unit runs without a lock that it does not
// take itself: others can call it, it runs in a goroutine, or a caller does not hold the
// lock.
func entersWithout(x *patterns.Program, u *patterns.Unit, lock *types.Var, seen map[*patterns.Unit]bool) bool {
	switch {
	case seen[u] || mayHold(IndexOf(x, u.Pkg).Seen[u], lock):
		return false
	case u.Lit != nil:
		return startsGoroutine(x, u)
	case u.Obj == nil || u.Obj.Exported() || u.Obj.Name() == "main":
		return true
	}
	seen[u] = true
	calls, _ := CallersOf(x, u)
	return slices.ContainsFunc(calls, func(c Caller) bool { return c.withoutLock(x, lock, seen) })
}

// RunsAtStart reports whether, as far as letgo sees, a function runs only in the goroutine
// that initialises the program and enters main: it is init or main, or only those call it.
func RunsAtStart(x *patterns.Program, u *patterns.Unit) bool {
	return runsAtStart(x, u, make(map[*patterns.Unit]bool))
}

func runsAtStart(x *patterns.Program, u *patterns.Unit, seen map[*patterns.Unit]bool) bool {
	switch {
	case seen[u]:
		return true
	case u.Obj == nil || u.Lit != nil || u.Obj.Exported() || u.Obj.Signature().Recv() != nil && InInterface(x, u):
		return false
	case u.Obj.Name() == "init" || u.Obj.Name() == "main":
		return u.Obj.Signature().Recv() == nil
	}
	seen[u] = true
	calls, value := CallersOf(x, u)
	return len(calls) > 0 && !value && !slices.ContainsFunc(calls, func(c Caller) bool { return c.Spawned || !runsAtStart(x, c.Unit, seen) })
}

// runsInInit reports whether a function runs only while its package is initialised: it is
// init, or only that calls it.
func runsInInit(x *patterns.Program, u *patterns.Unit, seen map[*patterns.Unit]bool) bool {
	switch {
	case seen[u]:
		return true
	case u.Obj == nil || u.Lit != nil || u.Obj.Exported() || u.Obj.Signature().Recv() != nil:
		return false
	case u.Obj.Name() == "init":
		return true
	}
	seen[u] = true
	calls, value := CallersOf(x, u)
	return len(calls) > 0 && !value && !slices.ContainsFunc(calls, func(c Caller) bool { return c.Spawned || !runsInInit(x, c.Unit, seen) })
}

// startsGoroutine reports whether a function literal is what a go statement calls.
func startsGoroutine(x *patterns.Program, u *patterns.Unit) bool {
	if u.Outer == nil {
		return false // a package-level variable holds it
	}
	g := IndexOf(x, u.Pkg)
	started, ok := g.started[u.Outer]
	if !ok {
		started = make(map[*ast.FuncLit]bool)
		locks.EachCall(x, u.Outer, func(c *ast.CallExpr, _ []*types.Var, spawned bool) {
			if spawned {
				started[u.Outer.LitCalled(c)] = true
			}
		})
		if g.started == nil {
			g.started = make(map[*patterns.Unit]map[*ast.FuncLit]bool)
		}
		g.started[u.Outer] = started
	}
	return started[u.Lit]
}

// argumentFor returns what a call passes for a parameter or the receiver of the called
// function, or nil.
func (c Caller) argumentFor(callee *patterns.Unit, param *types.Var) ast.Expr {
	sig := callee.Obj.Signature()
	if param == nil {
		return nil
	}
	if param == sig.Recv() {
		sel, ok := ast.Unparen(c.Call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if m := c.Unit.Pkg.Info.Selections[sel]; m == nil || m.Kind() != types.MethodVal || len(storage.Through(m)) > 0 {
			return nil // a method expression, or a method of what is embedded
		}
		return sel.X
	}
	for i := range min(sig.Params().Len(), len(c.Call.Args)) {
		if sig.Params().At(i) == param && !(sig.Variadic() && i == sig.Params().Len()-1) {
			return c.Call.Args[i]
		}
	}
	return nil
}
