package patterns

import (
	"go/ast"
	"go/types"
	"slices"
)

// MayTake reports whether a unit, or a function that it calls, may take a lock: it
// does not if all of them are seen and none does.
func (x *Program) MayTake(u *Unit, lock *types.Var) bool {
	if u == nil || lock == nil {
		return true
	}
	seen := map[*Unit]bool{u: true}
	for work := []*Unit{u}; len(work) > 0; work = work[1:] {
		for _, c := range work[0].calls {
			if op, ok := lockCall(work[0].Pkg.Info, c); ok && (op.path.Last() == nil || op.path.Last().Origin() == lock.Origin()) {
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

// dynamicCall reports whether which function a call runs depends on a value.
func (x *Program) dynamicCall(u *Unit, c *ast.CallExpr) bool {
	fn := CalleeOf(u.Pkg.Info, c)
	return fn == nil && u.litCalled(c) == nil || fn != nil && isInterfaceMethod(fn)
}

// runBy lists the functions that a call runs before it returns: what it calls,
// and the functions passed that what it calls is known to call.
func (x *Program) runBy(u *Unit, c *ast.CallExpr) []*Unit {
	plain := *c
	plain.Args = nil
	callees, known := x.ownCallees(u, &plain)
	if !known {
		callees = x.functionsOf(u, c.Fun, 4)
	}
	if fn := CalleeOf(u.Pkg.Info, c); fn != nil {
		w := &waiter{x: x, u: u}
		for _, i := range w.callbacks(fn, x.keyOf(fn)) {
			if i < len(c.Args) {
				callees = append(callees, x.ValueUnits(u.Pkg.Info, c.Args[i])...)
			}
		}
	}
	return slices.DeleteFunc(callees, func(v *Unit) bool { return v.Pkg.Path != u.Pkg.Path })
}
