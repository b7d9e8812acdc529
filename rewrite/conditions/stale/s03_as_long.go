package stale

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveAsLong refuses a loop after the window that goes through guarded state, and with the same
// index through a slice that was made as long as that before the window.
func proveAsLong(w *move.Window) *safety.Refusal {
	for _, r := range behaviour.LoopsAsLong(w.Site, w.Post) {
		if slices.Contains(w.Earlier, r) || len(w.Stmts) > 0 && syntax.Within(w.Stmts[0], r) {
			continue
		}
		t := behaviour.Touches(w.Site, r.X).Guarded()
		v := t.Access.Var
		changed := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return !w.Contains(a) })
		if changed != nil {
			return safety.Refuse(safety.S3, "as-long", r.Pos(), "this loop uses its index in a slice that was made as long as %s before the wait, and %s changes at %s", types.ExprString(r.X), t.Name(), w.Line(changed.Pos()))
		}
	}
	return nil
}

// fromEarlier reports whether all that a variable comes from is what a loop after the window goes
// through, as it was before: the question about that loop covers it.
func fromEarlier(w *move.Window, v *types.Var) bool {
	for _, t := range w.Derived[v] {
		if !syntax.Has(w.Unit.Body, func(r *ast.RangeStmt) bool {
			return slices.Contains(w.Earlier, r) && behaviour.Touches(w.Site, r.X).Guarded() != nil && behaviour.Touches(w.Site, r.X).Guarded().Access.Var == t.Access.Var
		}) {
			return false
		}
	}
	return len(w.Derived[v]) > 0
}
