package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
)

// An unseen method may end the life of its receiver, whatever its name:
//
//	s.feed.Fetch(id)        // in the window
//	s.feed.Quit()           // in another section
//
// It does not if it has no effect, if its source was read, or if the window calls it
// itself, which S9 asks about.

// mayEnd returns a call under the lock, outside of the section, of such a method of an
// object of the value's type; nil if there is none.
func mayEnd(w *move.Window, v move.UsedValue) *patterns.Call {
	own := calledOn(w, v.Typ)
	calls := w.MethodsUnder(v.Typ)
	i := slices.IndexFunc(calls, func(c patterns.Call) bool {
		fn := patterns.CalleeOf(c.Unit.Pkg.Info, c.Call)
		return fn != nil && !own[fn] && !isSeen(w, c, fn)
	})
	if i < 0 {
		return nil
	}
	return &calls[i]
}

// isSeen reports whether it is known what a called method does to its receiver.
func isSeen(w *move.Window, c patterns.Call, fn *types.Func) bool {
	if _, ok := known.Storage(fn); ok || behaviour.HasNoEffect(w.Site, c.Unit, c.Call) {
		return true
	}
	units, all := w.Program.Callees(c.Unit, c.Call)
	return all && len(units) > 0
}

// calledOn lists the methods of objects of a type that the window calls itself.
func calledOn(w *move.Window, t types.Type) map[*types.Func]bool {
	out := make(map[*types.Func]bool)
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				of := patterns.ReceiverOf(c.Fun)
				if fn := patterns.CalleeOf(w.Info, c); fn != nil && of != nil && w.Info.TypeOf(of) != nil && types.Identical(w.Info.TypeOf(of), t) {
					out[fn] = true
				}
			}
			return true
		})
	}
	return out
}
