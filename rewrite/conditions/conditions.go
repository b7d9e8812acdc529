// Package conditions decides whether a plan keeps the conditions of package safety, one
// file for each question.
package conditions

import (
	"fmt"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/conditions/lifetime"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/conditions/undone"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A Check decides a condition, or a part of one, for a window: it records why that holds
// or what a reviewer must answer, or it refuses:
//
//	const s19 safety.Condition = "S19"
//
//	// proveFew is S19: what waits is few calls.
//	func proveFew(w *move.Window) *safety.Refusal {
//		switch n := len(w.Stmts); {
//		case n > 9:
//			return safety.Refuse(s19, "many", w.Stmts[0].Pos(), "%d statements run without the lock", n)
//		case n > 3:
//			w.Assume(s19, w.Stmts[0].Pos(), "Are %d statements not too many?", n)
//		default:
//			w.Proved(s19, "few statements run without the lock")
//		}
//		return nil
//	}
//
// The rule "many" is explained in the file of the condition, rewrite/safety/s19_few.txt, whose
// form package safety describes (go doc -u ./rewrite/safety text).
type Check struct {
	Name  string
	Of    []safety.Condition // what it decides, that above all which comes first
	Prove func(*move.Window) *safety.Refusal

	// Callers: it also looks at each caller of a function that releases its callers' lock:
	// what the caller has read before the call and does after it.
	Callers bool
}

// Register lists the checks in the order in which they run. A later one need not repeat
// what an earlier one asks.
var Register = []Check{
	{Name: "guarded", Of: of(safety.S1, safety.S7), Prove: ProveGuarded},
	{Name: "join", Of: of(safety.S1, safety.S6), Prove: signals.ProveJoin},
	{Name: "alias", Of: of(safety.S2), Prove: proveAlias},
	{Name: "stale", Of: of(safety.S3, safety.S17), Prove: stale.ProveStale, Callers: true},
	{Name: "updates", Of: of(safety.S4, safety.S5), Prove: proveUpdates, Callers: true},
	{Name: "lifetime", Of: of(safety.S6), Prove: lifetime.ProveLifetime},
	{Name: "channels", Of: of(safety.S7), Prove: lifetime.ProveChannels},
	{Name: "once", Of: of(safety.S7, safety.S10), Prove: signals.ProveOnce},
	{Name: "undone", Of: of(safety.S17), Prove: undone.ProveUndone, Callers: true},
	{Name: "tickets", Of: of(safety.S8), Prove: order.ProveTickets},
	{Name: "answered", Of: of(safety.S3), Prove: signals.ProveAnswered},
	{Name: "room", Of: of(safety.S3), Prove: signals.AskRoom},
	{Name: "own answers", Of: of(safety.S9), Prove: signals.ProveOwnAnswers},
	{Name: "order", Of: of(safety.S8), Prove: order.ProveOrder},
	{Name: "overlap", Of: of(safety.S9, safety.S1), Prove: overlap.ProveOverlap},
	{Name: "half-done", Of: of(safety.S10), Prove: proveHalfDone, Callers: true},
	{Name: "balance", Of: of(safety.S11), Prove: proveBalance},
	{Name: "lock order", Of: of(safety.S13), Prove: proveLockOrder},
	{Name: "callers", Of: of(safety.S14), Prove: proveCallers},
	{Name: "residue", Of: of(safety.S15), Prove: proveLeft},
	{Name: "read lock", Of: of(safety.S16), Prove: proveMode},
	{Name: "error path", Of: of(safety.S17), Prove: proveErrors},
	{Name: "cond", Of: of(safety.S18), Prove: proveCond},
	{Name: "outdated", Of: of(safety.S3), Prove: stale.AskOutdated},
}

// A PlanCheck is a [Check] of a whole plan, with the obligations that it has by then.
type PlanCheck struct {
	Name  string
	Of    []safety.Condition
	Prove func(*site.Site, *plan.Plan) *safety.Refusal
}

// OfPlans lists the checks of plans, which run after those of windows.
var OfPlans = []PlanCheck{
	{Name: "panic", Of: of(safety.S12), Prove: provePanic},
	{Name: "left out", Of: of(safety.S1, safety.S6), Prove: askLeftOut},
	{Name: "pace", Of: of(safety.S9), Prove: overlap.AskPace},
}

func of(list ...safety.Condition) []safety.Condition { return list }

// Prove runs all checks of the register. It returns all obligations, proved or assumed, or
// the first condition that is broken.
func Prove(w *move.Window) ([]safety.Obligation, *safety.Refusal) {
	if r := ProveBut(w, nil); r != nil {
		return nil, r
	}
	w.Recorded = joinQuestions(w.Recorded)
	return w.Recorded, nil
}

// ProveBut runs the checks of the register, but replaces those named in own by other
// checks, or by none where there is nothing to look at.
func ProveBut(w *move.Window, own Own) *safety.Refusal {
	for name := range own {
		if !slices.ContainsFunc(Register, func(c Check) bool { return c.Name == name }) {
			panic(fmt.Sprintf("there is no check %q to be made in another way", name))
		}
	}
	for _, c := range Register {
		checks, ok := own[c.Name]
		if !ok {
			checks = []func() *safety.Refusal{nil}
		}
		for _, check := range checks {
			if check == nil {
				check = w.On(c.Prove)
			}
			if r := check(); r != nil {
				return r.AsTried()
			}
		}
	}
	return nil
}

// OfCallers lists the checks that also look at callers.
func OfCallers() []func(*move.Window) *safety.Refusal {
	var out []func(*move.Window) *safety.Refusal
	for _, c := range Register {
		if c.Callers {
			out = append(out, c.Prove)
		}
	}
	return out
}

// Own is what a shape checks itself, by the names of the checks that it replaces. A nil
// function stands for the check of the register.
type Own map[string][]func() *safety.Refusal
