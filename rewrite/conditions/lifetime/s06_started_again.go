package lifetime

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askClosed asks about what others close during the window, or start after the window has
// begun:
//
//	o := s.sessions[id]
//	err := ping(o.url) // meanwhile: o.timer.Stop() and delete(s.sessions, id)
//	o.timer.Reset(time.Minute)
func askClosed(w *move.Window, v move.UsedValue) {
	var places []string
	for _, c := range w.ClosingCalls(v) {
		places = append(places, w.Line(c.Call.Pos()))
	}
	if c := startsAgain(w, v); c != nil {
		w.Assume(safety.S6, c.Pos(), "%s can now be stopped at %s first, and is then started again here. Is that fine?", v.Name, site.JoinSomePlaces(places))
		return
	}
	w.Assume(safety.S6, v.Pos, nowClosed, v.Name, site.JoinSomePlaces(places))
}

// startsAgain returns a call in the window that starts a timer or ticker again, even if it was
// stopped; or nil.
func startsAgain(w *move.Window, v move.UsedValue) *ast.CallExpr {
	for _, st := range w.WithDeferred() {
		if c := syntax.First(st, func(c *ast.CallExpr) *ast.CallExpr {
			fn := patterns.CalleeOf(w.Info, c)
			if fn == nil || fn.FullName() != "(*time.Timer).Reset" && fn.FullName() != "(*time.Ticker).Reset" || types.ExprString(patterns.ReceiverOf(c.Fun)) != v.Name {
				return nil
			}
			return c
		}); c != nil {
			return c
		}
	}
	return nil
}
