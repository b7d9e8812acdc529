package conditions

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askPace is the part of S9 about a section that does nothing but pause and change what the lock
// guards: it may be meant to let callers through one at a time.
//
//	t.mu.Lock()
//	defer t.mu.Unlock()
//	time.Sleep(t.interval)
//	t.passed++
//
// Whoever is asked about the plan anyway sees the pause, so it is only asked about where the plan
// would be safe. A pause of constant length, or as long as the caller wants, is taken for one that
// lets something else happen.
func askPace(s *site.Site, p *plan.Plan) *safety.Refusal {
	if p.Semaphore || s.Section.Mode != patterns.Exclusive || len(p.Assumptions()) > 0 {
		return nil
	}
	w := &move.Window{Site: s}
	freed := w.Freed()
	if len(freed) == 0 || slices.ContainsFunc(freed, func(o *waits.Op) bool { return !overlap.Pauses(o) }) || !slices.ContainsFunc(freed, func(o *waits.Op) bool { return varies(w, o) }) {
		return nil
	}
	p.Obligations = slices.DeleteFunc(p.Obligations, func(o safety.Obligation) bool { return o.Condition == safety.S9 })
	w.Assume(safety.S9, freed[0].Pos(), "Several callers can now pause here at the same time, and no longer go on one after the other. Is that fine?")
	p.Obligations = append(p.Obligations, w.Recorded...)
	return nil
}

// varies reports whether the length of a pause is neither a constant nor the caller's choice.
func varies(w *move.Window, pause *waits.Op) bool {
	return syntax.HasOuter(pause.Node, func(c *ast.CallExpr) bool {
		return slices.ContainsFunc(c.Args, func(e ast.Expr) bool {
			id, ok := ast.Unparen(e).(*ast.Ident)
			given := ok && w.Unit.IsParam(syntax.VarOf(w.Info, id))
			return !given && w.Info.Types[e].Value == nil
		})
	})
}
