package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/undone"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveFlags is the part of S10 about flags that the section changes before the
// window or in it, and that other sections of the lock read.
func proveFlags(w *move.Window) *safety.Refusal {
	if r := undone.RefuseTransient(w, slices.Concat(w.Pre, w.Stmts, w.Post)); r != nil {
		return r
	}
	for _, st := range append(slices.Clone(w.Pre), w.Stmts...) {
		behaviour.EachAtomic(w.Site, st, func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			if !change {
				return
			}
			if other := undone.LookedAtUnder(w, v); other.IsValid() {
				w.Ask(safety.SeenEarly, "", safety.S10, at.Pos(), "%s is changed before the section is done, and read under %s at %s. Is it fine if others see the change that early?", v.Name(), w.Section.Lock, w.Line(other))
			} else if other := behaviour.LookedAtBefore(w.Site, v); other.IsValid() && len(behaviour.GuardedChanges(w.PostTouches)) > 0 {
				w.Ask(safety.SeenEarly, "", safety.S10, at.Pos(), "%s is changed before the section is done, and read at %s before %s is taken. Is it fine if others see the change that early?", v.Name(), w.Line(other), w.Section.Lock)
			}
		})
	}
	return nil
}
