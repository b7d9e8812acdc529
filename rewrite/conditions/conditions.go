// Package conditions decides whether a window keeps the conditions, with one file for
// each question.
package conditions

import (
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/conditions/undone"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// Prove checks the conditions one by one. It returns all obligations, proved or
// assumed, or the first condition that is broken.
func Prove(w *move.Window) ([]safety.Obligation, *safety.Refusal) {
	checks := []func(*move.Window) *safety.Refusal{
		ProveGuarded, signals.ProveJoin, proveAlias, stale.ProveStale, ProveUpdates, ProveLifetime,
		ProveChannels, signals.ProveOnce, undone.ProveUndone, order.ProveTickets, signals.ProveAnswered,
		signals.ProveOwnAnswers, order.ProveOrder, overlap.ProveOverlap, ProveHalfDone, ProveRest, stale.AskOutdated,
	}
	for _, check := range checks {
		if r := check(w); r != nil {
			return nil, r.AsTried()
		}
	}
	w.Recorded = joinQuestions(w.Recorded)
	return w.Recorded, nil
}
