package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askTold is the part of S10 about what a section tells others of guarded state before the call,
// and changes only after it: another section, which changes the one and uses the other, can now
// come in between.
//
//	s.sizes.Set(len(s.items))
//	err := s.db.Save(key)       // meanwhile: s.items = append(s.items, x); s.conn.Send(x)
//	s.conn = nil
func askTold(w *move.Window) {
	if w.PostTouches.GuardedChange() == nil {
		return
	}
	for _, st := range w.Pre {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			if stale.AsksAny(w, safety.S3, safety.S10) || w.Logs(c) || !behaviour.Effectful(w.Site, w.Unit, c) {
				return
			}
			for _, t := range readBy(w, c) {
				if p := togetherWithLater(w, t, func(a *guards.Access) bool { return a.Kind.Changes() }); p != nil {
					w.Assume(safety.S10, c.Pos(), "%s is told %s, and %s changes only after the call: others can now change %s in between, at %s. Is that right?",
						types.ExprString(c.Fun), t.Name(), p.later.Name(), t.Name(), w.Line(p.at.Pos()))
					return
				}
			}
		})
	}
}

// readBy lists the guarded state that the arguments of a call read.
func readBy(w *move.Window, c *ast.CallExpr) []*site.Touch {
	var args []ast.Node
	for _, a := range c.Args {
		args = append(args, a)
	}
	return slices.DeleteFunc(slices.Clone(behaviour.Touches(w.Site, args...).List), func(t *site.Touch) bool {
		return t.Class != site.GuardedUse || t.Access.Kind != guards.Read
	})
}
