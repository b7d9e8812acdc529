package waits

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
)

// MayTake reports whether a unit, or a function that it calls, may take a lock. It is false
// only if letgo sees all of them and none does.
func MayTake(x *patterns.Program, u *patterns.Unit, lock *types.Var) bool {
	if u == nil || lock == nil {
		return true
	}
	seen := map[*patterns.Unit]bool{u: true}
	for work := []*patterns.Unit{u}; len(work) > 0; work = work[1:] {
		for _, c := range work[0].Calls() {
			if op, ok := patterns.LockCall(work[0].Pkg.Info, c); ok && (op.Path.Last() == nil || op.Path.Last().Origin() == lock.Origin()) {
				return true
			}
			callees, known := x.Callees(work[0], c)
			if !known {
				return true
			}
			for _, v := range callees {
				if !seen[v] {
					seen[v] = true
					work = append(work, v)
				}
			}
		}
	}
	return false
}

// DynamicCall reports whether a value decides which function a call runs.
func DynamicCall(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	return fn == nil && u.LitCalled(c) == nil || fn != nil && patterns.IsInterfaceMethod(fn)
}

// RunBy lists the functions that a call runs before it returns: the callee, and the passed
// functions that the callee is known to call.
func RunBy(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) []*patterns.Unit {
	plain := *c
	plain.Args = nil
	callees, known := x.OwnCallees(u, &plain)
	if !known {
		callees = guards.FunctionsOf(x, u, c.Fun, 4)
	}
	if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
		w := &Waiter{X: x, U: u}
		for _, i := range w.Callbacks(fn, x.KeyOf(fn)) {
			if i < len(c.Args) {
				callees = append(callees, x.ValueUnits(u.Pkg.Info, c.Args[i])...)
			}
		}
	}
	return slices.DeleteFunc(callees, func(v *patterns.Unit) bool { return v.Pkg.Path != u.Pkg.Path })
}
