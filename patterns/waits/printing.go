package waits

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// categoryIn returns what a wait of a unit's callee counts as for those who call the unit. A
// function that prints its arguments and returns nothing logs them: what it waits for to
// write a file is a wait for the log.
func categoryIn(x *patterns.Program, u *patterns.Unit, cat string) string {
	if cat != "disk" && cat != "fsync" || u.Obj == nil || u.Signature().Results().Len() > 0 || !prints(x, u, maxPrinters) {
		return cat
	}
	return "log"
}

// maxPrinters is through how many functions arguments are followed to where they are printed.
const maxPrinters = 6

// prints reports whether a function passes all arguments from some parameter on to a function
// of package fmt, like Printf does, itself or through other functions.
func prints(x *patterns.Program, u *patterns.Unit, depth int) bool {
	sig := u.Signature()
	if u.Body == nil || depth == 0 || !sig.Variadic() {
		return false
	}
	args := sig.Params().At(sig.Params().Len() - 1)
	if any, ok := args.Type().(*types.Slice); !ok || !isAny(any.Elem()) {
		return false
	}
	for _, c := range u.Calls() {
		if !c.Ellipsis.IsValid() {
			continue
		}
		id, ok := ast.Unparen(c.Args[len(c.Args)-1]).(*ast.Ident)
		fn := patterns.CalleeOf(u.Pkg.Info, c)
		if !ok || u.Pkg.Info.Uses[id] != args || fn == nil {
			continue
		}
		if fn.Pkg() != nil && fn.Pkg().Path() == "fmt" {
			return true
		}
		if v := x.UnitOf(fn); v != nil && prints(x, v, depth-1) {
			return true
		}
	}
	return false
}

// isAny reports whether a type is the empty interface.
func isAny(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty() && i.NumEmbeddeds() == 0
}
