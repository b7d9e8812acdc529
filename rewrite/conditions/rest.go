package conditions

import (
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// ProveRest records the conditions that hold by the form of the section, as
// [layout.New] has established, and those that verification proves.
func ProveRest(w *move.Window) *safety.Refusal {
	w.Proved(safety.S11, "verified on the result: every path locks and unlocks equally")
	if len(w.Post) > 0 {
		if o := w.InnerLockAt(w.Post[0]); o != nil {
			return safety.Refuse(safety.S13, "lock-order", o.Pos, "%s is taken while %s is held, and would be held when that is taken again", o.Lock, w.Section.Lock)
		}
	}
	switch {
	case w.Free:
		w.Proved(safety.S13, "the lock is taken later, and nothing else is")
	case len(w.Post) == 0:
		w.Proved(safety.S13, "the lock is not taken again")
	case len(w.Section.Others) > 0:
		w.Proved(safety.S13, "no lock that was taken after %s is held when it is taken again", w.Section.Lock)
	default:
		w.Proved(safety.S13, "no other lock is held when the lock is taken")
	}
	w.ProvedOnce(safety.S14, "the lock is taken and released in this function, so no caller holds it")
	proveLeft(w)
	w.Proved(safety.S16, "verified on the result: the lock is taken by %s only, as before", w.Section.Mode.Acquire())
	w.ProvedOnce(safety.S17, "verified on the result: what the section does, on an error or not, it still does")
	return proveCond(w)
}

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
		w.Proved(safety.S18, "the wait for the condition variable stays under the lock, before the window")
		return nil
	}
	w.ProvedOnce(safety.S18, "no condition variable is waited for")
	return nil
}

// proveLeft asks whether sparing the lock some of the waits is worth it.
func proveLeft(w *move.Window) {
	if len(w.Stay) == 0 {
		w.Proved(safety.S15, "verified on the result: the finding is gone and there is no new one")
		return
	}
	w.Assume(safety.S15, w.Stay[0].Pos(), "The lock is still held across %s. Is that intended?", w.Stay[0].Call())
}
