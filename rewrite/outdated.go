package rewrite

import (
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// askOutdated is the part of S3 that is about the call itself: it is made with a
// value that another section may have replaced since. Before, nobody could be
// told that the value is replaced, and then still see the call made with the old
// one. Nothing is asked where another question is about the same already, or
// where the value only says how long to sleep.
func (w *Window) askOutdated() *Refusal {
	if w.asksAny(S3, S6, S8) || w.onlySleeps() {
		return nil
	}
	for _, v := range w.guardedValues() {
		if v.taken {
			continue
		}
		if w.isOnlyOperated(v) && w.asksAny(S7) {
			continue // about the old channel
		}
		for _, g := range v.from {
			if w.outdated(g, v.pos, v.name) {
				return nil
			}
		}
	}
	return nil
}

// outdated asks about a value that comes from a variable which another section
// changes, and reports whether it does.
func (w *Window) outdated(g *types.Var, pos token.Pos, name string) bool {
	if w.detached(g) {
		return false
	}
	change := w.Program.SharingOf(w.packageOf(g), g).Changed(func(a *patterns.Access) bool {
		return !w.contains(a) && a.Under(w.Section.LockVar())
	})
	if change == nil {
		return false
	}
	w.assume(S3, pos, "%s comes from %s, which can change at %s before the call is over. Is a call with the old value fine?", name, g.Name(), w.line(change.Pos()))
	return true
}

// asksAny reports whether one of the conditions is assumed.
func (w *Window) asksAny(conditions ...Condition) bool {
	return slices.ContainsFunc(w.obligations, func(o Obligation) bool {
		return o.Status == Assumed && slices.ContainsFunc(conditions, o.Answers)
	})
}

// onlySleeps reports whether all that the section waits for is that time passes.
func (w *Window) onlySleeps() bool {
	return !slices.ContainsFunc(w.Finding.Ops, func(o *patterns.Op) bool { return o.Category != "sleep" })
}
