package lifetime

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An unseen method may end the life of its receiver, whatever its name:
//
//	s.feed.Fetch(id)        // in the window
//	s.feed.Quit()           // in another section
//
// It does not if it has no effect, if its source was read, or if the window calls it
// itself, which S9 asks about. A method that gives back one of the things behind its receiver,
// such as pool.Release(key), is asked about even then: its name says that something ends.

// askMayEnd asks whether an object that a window uses stays usable during a call that may end
// its life, and reports whether there is such a call.
func askMayEnd(w *move.Window, v move.UsedValue) bool {
	if AskGivenBack(w, v) {
		return true
	}
	c := mayEnd(w, v)
	if c != nil {
		call := syntax.CallName(c.Call) + " (" + w.Line(c.Call.Pos()) + ")"
		w.Ask(safety.UnseenBeside, call, safety.S6, v.Pos, "letgo cannot see into %s, which can now run during the call. Does %s stay usable then?", call, v.Name)
	}
	return c != nil
}

// AskGivenBack asks whether an object that a window uses stays usable during a call that gives
// back one of the things behind it, and reports whether there is such a call.
func AskGivenBack(w *move.Window, v move.UsedValue) bool {
	back := w.GivingBack(v.Typ)
	if len(back) == 0 {
		return false
	}
	name, line := syntax.CallName(back[0].Call), w.Line(back[0].Call.Pos())
	w.Ask(safety.Besides, name+" at "+line, safety.S6, v.Pos, "%s (%s) can now run during the call. Does %s stay usable then?", name, line, v.Name)
	return true
}

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
