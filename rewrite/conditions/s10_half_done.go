package conditions

import (
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveHalfDone is S10: no broken invariant is visible during the window.
func ProveHalfDone(w *move.Window) *safety.Refusal {
	if r := proveFlags(w); r != nil {
		return r
	}
	signals.AskAnnounced(w)
	asked := askTakenBack(w)
	changes := slices.DeleteFunc(behaviour.GuardedChanges(w.PreTouches), func(t *site.Touch) bool {
		v := t.Access.Var
		return order.CountedOnly(w, v) || w.SetAgain(v) || w.TestsAgain(v) && onlyHere(w, v) || slices.ContainsFunc(asked, func(o undoneMark) bool { return o.done.of == v })
	})
	if len(changes) > 0 {
		if !seenAlready(w, changes) {
			askSeenEarly(w, changes)
		}
		return nil
	}
	if !w.Has(safety.S10) {
		w.Proved(safety.S10, "%s", map[bool]string{
			true:  "nothing is changed before the window",
			false: "what is changed before the window only counts, or is set anew after it",
		}[len(behaviour.GuardedChanges(w.PreTouches)) == 0])
	}
	return nil
}

// onlyHere reports whether no other section uses a variable.
func onlyHere(w *move.Window, v *types.Var) bool {
	p := w.PackageOf(v)
	return !p.UsedInOtherBuilds(v) && !slices.ContainsFunc(w.Program.SharingOf(p, v).Accesses, func(a *patterns.Access) bool { return !w.Contains(a) && !a.Fresh })
}

// askSeenEarly asks whether others may see changes before the call is over, and
// make calls of their own, if S8 would ask that.
func askSeenEarly(w *move.Window, changes []*site.Touch) {
	names := syntax.JoinNames(site.TouchNames(changes))
	const one = "Other goroutines can now see %s as changed here before the call is done. Is that a valid state?"
	const two = "Others can now see the change to %s, and make calls of their own, before this call is over. Is that right?"
	text, also := one, []safety.Condition(nil)
	if !safety.IsBroken(safety.S10) && order.DropQuestion(w, safety.S8, order.ChangesAndCallsOf(names)) {
		text, also = two, []safety.Condition{safety.S8}
	}
	w.Ask(safety.SeenEarly, names, safety.S10, changes[0].Access.Pos(), text, names)
	if n := len(w.Recorded) - 1; n >= 0 && w.Recorded[n].Condition == safety.S10 {
		w.Recorded[n].Also = append(w.Recorded[n].Also, also...)
	}
}
