package conditions

import (
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// proveCond is S18: waits for a condition variable of the lock stay as they
// are, under the lock and before the window, so that their predicate holds when
// it begins.
func proveCond(w *move.Window) *safety.Refusal {
	if r := signals.ProveSignals(w); r != nil {
		return r
	}
	for _, c := range w.Section.CondWaits {
		if w.InStmts(c, w.Stmts) || !w.InStmts(c, w.Pre) {
			return safety.Refuse(safety.S18, "cond-needs-lock", c.Pos(), "%s needs the lock, and would run without it or after it was released", types.ExprString(c.Fun))
		}
	}
	if len(w.Section.CondWaits) > 0 {
		w.Proved(safety.S18, "the wait for the condition variable stays under the lock")
		return nil
	}
	w.ProvedOnce(safety.S18, "no condition variable is waited for")
	return nil
}
