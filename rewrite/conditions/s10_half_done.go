package conditions

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/conditions/undone"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveHalfDone is S10: no broken invariant is visible during the window.
func proveHalfDone(w *move.Window) *safety.Refusal {
	if r := proveFlags(w); r != nil {
		return r
	}
	signals.AskAnnounced(w)
	asked := undone.AskTakenBack(w)
	undone.AskReset(w, asked)
	changes := slices.DeleteFunc(behaviour.GuardedChanges(w.PreTouches), func(t *site.Touch) bool {
		v := t.Access.Var
		return w.OnlyMakesMap(t) || onlyPointsTo(w, t) || order.IsCursor(w, t) && usedWithLater(w, t) == nil || w.PassedOver(t.Access) || order.CountedOnly(w, v) || w.SetAgain(v) || slices.Contains(w.Claimed, v) || w.TestsAgain(v) && onlyHere(w, v) || slices.ContainsFunc(asked, func(o undone.UndoneMark) bool { return o.Done.Of == v })
	})
	all := changes
	if slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool { return o.Status == safety.Assumed }) { // not a safe rewrite
		changes = slices.DeleteFunc(slices.Clone(changes), func(t *site.Touch) bool { return countedApart(w, t) })
		if len(changes) == 0 && dropOrder(w, all) && !w.Has(safety.S8) {
			w.Proved(safety.S8, "the section changes nothing that would show the order of calls")
		}
	}
	if len(changes) > 0 {
		if !seenAlready(w, changes) {
			askSeenEarly(w, changes, all)
		}
		return nil
	}
	askTold(w)
	if !w.Has(safety.S10) {
		w.Proved(safety.S10, "%s", map[bool]string{
			true:  "nothing is changed before the call",
			false: "what is changed before the call only counts, or is set again after it",
		}[len(behaviour.GuardedChanges(w.PreTouches)) == 0])
	}
	return nil
}

// onlyPointsTo reports whether a change is only that a local variable points to it from then on.
// What is changed by way of that is a change of its own.
//
//	p := &s.peers[s.pos]
func onlyPointsTo(w *move.Window, t *site.Touch) bool {
	if t.Via != nil || t.Access.Alias || w.Program.StorageOf(w.Pkg).AddressKept(t.Access.Var) {
		return false
	}
	for n := w.Parents[t.Access.Node]; n != nil; n = w.Parents[n] {
		switch n := n.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.ParenExpr:
		case *ast.UnaryExpr:
			as, ok := w.Parents[n].(*ast.AssignStmt)
			return n.Op == token.AND && ok && as.Tok == token.DEFINE
		default:
			return false
		}
	}
	return false
}

// countedApart reports whether a change only counts, and no other section looks at the
// count together with what is changed after the call: then the count may include unfinished
// calls. Outside code that waits for the count can still tell, so the rewrite is not graded
// safe.
func countedApart(w *move.Window, t *site.Touch) bool {
	return order.CountsUp(w, t) && usedWithLater(w, t) == nil
}

// onlyHere reports whether no other section uses a variable.
func onlyHere(w *move.Window, v *types.Var) bool {
	p := w.PackageOf(v)
	return !p.UsedInOtherBuilds(v) && !slices.ContainsFunc(guards.SharingOf(w.Program, p, v).Accesses, func(a *guards.Access) bool { return !w.Contains(a) && !a.Fresh })
}

// askSeenEarly asks whether others may see changes before the call is over, and
// make calls of their own, if S8 would ask that of all changes.
func askSeenEarly(w *move.Window, changes, all []*site.Touch) {
	names := syntax.JoinNames(site.TouchNames(changes))
	const two = "Others can now see the change to %s, and make calls of their own, before this call is over. Is that right?"
	text, also := othersSee+"%s as changed here before the call is done"+usesBoth(w, changes)+". "+validState, []safety.Condition(nil)
	if !safety.IsBroken(safety.S10) && (dropOrder(w, all) || dropOrder(w, changes)) {
		text, also = two, []safety.Condition{safety.S8}
	}
	w.Ask(safety.SeenEarly, names, safety.S10, changes[0].Access.Pos(), text, names)
	if n := len(w.Recorded) - 1; n >= 0 && w.Recorded[n].Condition == safety.S10 {
		w.Recorded[n].Also = append(w.Recorded[n].Also, also...)
	}
}

// dropOrder withdraws the question of S8 about changes, and reports whether it was asked.
func dropOrder(w *move.Window, changes []*site.Touch) bool {
	return order.DropQuestion(w, safety.S8, order.ChangesAndCallsOf(syntax.JoinNames(site.TouchNames(changes))))
}

// usesBoth says where another section uses what is changed before the call together with
// what is changed only after it. If the two belong together, no section may see one change
// without the other.
//
//	s.from -= n
//	post(url)   // meanwhile: sum := s.from + s.to
//	s.to += n
func usesBoth(w *move.Window, changes []*site.Touch) string {
	for _, t := range changes {
		if t.Access.Kind != guards.Write {
			continue // a part of it, which may be another one
		}
		if p := usedWithLater(w, t, changes...); p != nil {
			return fmt.Sprintf(", and %s not yet changed (%s uses both)", p.later.Name(), w.Line(p.at.Pos()))
		}
	}
	return ""
}

// AskBetween asks about what others can see between the end of a section and what a deferred
// call then does under the lock, unless whoever sees it is asked about for the window already.
func AskBetween(w, window *move.Window) {
	changes := behaviour.GuardedChanges(w.PreTouches)
	for _, t := range changes {
		if p := usedWithLater(w, t, changes...); p != nil && !window.AsksAbout(safety.S10, p.at.Pos()) {
			w.Ask(safety.SeenEarly, t.Name(), safety.S10, t.Access.Pos(), othersSee+"%s as changed here, and %s not yet changed (%s uses both). "+validState, t.Name(), p.later.Name(), w.Line(p.at.Pos()))
		}
	}
}

// usedTogether is a use by another section of what is changed before the call, and what
// it uses of what is changed only after that.
type usedTogether struct {
	at    *guards.Access
	later *site.Touch
}

// usedWithLater returns how another section uses the changed variable together with what is
// changed only after the call; nil if none does. What is also changed before is left out.
func usedWithLater(w *move.Window, t *site.Touch, before ...*site.Touch) *usedTogether {
	return togetherWithLater(w, t, func(*guards.Access) bool { return true }, before...)
}

// togetherWithLater is usedWithLater for the uses that counts accepts.
func togetherWithLater(w *move.Window, t *site.Touch, counts func(*guards.Access) bool, before ...*site.Touch) *usedTogether {
	v := t.Access.Var
	for _, a := range guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses {
		if a.Unit == w.Unit || a.Leads || !a.Under(w.Section.LockVar()) || !counts(a) {
			continue
		}
		for _, p := range behaviour.GuardedChanges(w.PostTouches) {
			same := func(c *site.Touch) bool { return c.Access.Var == p.Access.Var }
			if !slices.ContainsFunc(before, same) && stale.UsesTogether(w, a, p, func(o *guards.Access) bool { return o.Unit.Decl != w.Unit.Decl }) {
				return &usedTogether{a, p}
			}
		}
	}
	return nil
}
