package guards

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// manyWithout is how many functions must make a call without the lock before letgo assumes that
// the lock does not guard it.
const manyWithout = 3

// CalledWithout reports whether an access is a call of a method on an object that several other
// functions of the package make without the lock. Then the lock hardly serializes these calls,
// like those of a logger. One or two functions are not enough, nor are those that only init or
// main call: they may run before there are other goroutines.
//
// Of a package-level variable, that is a call of the same method. Of a field, any will do, if no
// function calls one under the lock as far as its callers are seen.
func CalledWithout(x *patterns.Program, sharing Sharing, a *Access, lock *types.Var) bool {
	if !isCallOn(a) {
		return false
	}
	is := isCallOn
	switch {
	case patterns.IsGlobal(a.Var):
		called := functionAt(a)
		is = func(o *Access) bool { return o.By == a.By && functionAt(o) == called }
	case !isObject(a.Var.Type()) || slices.ContainsFunc(sharing.Accesses, func(o *Access) bool { return isCallOn(o) && o.Under(lock) }):
		return false
	}
	without := make(map[*types.Func]bool)
	for _, o := range sharing.Accesses {
		if fn := o.Unit.Obj; fn != nil && is(o) && !o.MayBeUnder(lock) && !RunsAtStart(x, o.Unit) {
			without[fn] = true
		}
	}
	return len(without) >= manyWithout
}

func isCallOn(a *Access) bool { return a.Alias && a.By != "" }

// isObject reports whether values of a type are pointers to structs, or interfaces.
func isObject(t types.Type) bool {
	return types.IsInterface(t) || patterns.IsPointer(t) && storage.StructOf(t) != nil
}

// functionAt returns the function that is called on, or with, the accessed expression, or nil if
// it is unknown.
func functionAt(a *Access) *types.Func {
	for _, c := range a.Unit.Calls() {
		sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		if ok && sel.X == a.Node || slices.Contains(c.Args, a.Node) {
			return patterns.CalleeOf(a.Unit.Pkg.Info, c)
		}
	}
	return nil
}
