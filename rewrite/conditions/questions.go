package conditions

import (
	"go/token"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A reviewer who is asked five things about one call answers none of them. This file merges
// questions about the same thing: that two callers, which the lock serialized, may now make
// the call at once and overtake each other; that the call is made although what it was
// decided on has changed; that a loop ranges over a copy. Merged questions keep all the
// names.

// joinQuestions merges questions about the same thing.
func joinQuestions(list []safety.Obligation) []safety.Obligation {
	list = mergeUnseen(list)
	list = dropReadFor(list)
	list = join(list, safety.SafeUse, safety.InVain, overtaking)
	list = join(list, safety.StillTested, safety.StillHeld, outOfDate)
	list = join(list, safety.Overwritten, safety.Overwritten, overwritten)
	return join(list, safety.CopyMeets, safety.CopyHalf, ofCopy)
}

// dropReadFor leaves out the question whether a change after the call is right for the value that
// was read for it, if callers that overtake each other are asked about, each with its own value,
// and the order in which they set something.
func dropReadFor(list []safety.Obligation) []safety.Obligation {
	asked := func(about safety.Topic, name string) bool {
		return slices.ContainsFunc(list, func(o safety.Obligation) bool {
			return o.Status == safety.Assumed && o.About == about && (name == "" || o.What == name)
		})
	}
	return slices.DeleteFunc(slices.Clone(list), func(o safety.Obligation) bool {
		return o.About == safety.ReadFor && o.Status == safety.Assumed && asked(safety.PassedOn, o.What) && (asked(safety.LastStays, "") || asked(safety.ChangesToo, ""))
	})
}

// join makes one question of the topics from first to last.
func join(list []safety.Obligation, first, last safety.Topic, text func([]safety.Obligation) string) []safety.Obligation {
	is := func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && first <= o.About && o.About <= last
	}
	joined := slices.DeleteFunc(slices.Clone(list), func(o safety.Obligation) bool { return !is(o) })
	if len(joined) < 2 {
		return list
	}
	slices.SortStableFunc(joined, func(a, b safety.Obligation) int { return int(a.About) - int(b.About) })
	o := together(joined, text(joined))
	if !slices.ContainsFunc(joined, func(o safety.Obligation) bool { return o.About != safety.StillTested }) {
		o.About, o.What = safety.StillTested, strings.Join(whatOf(joined), " and ")
	}
	if runs := slices.DeleteFunc(joined, func(o safety.Obligation) bool { return o.About > safety.AtOnce }); len(runs) > 1 {
		o.Places = placesOf(runs)
	}
	return append(slices.DeleteFunc(list, is), o)
}

// placesOf lists the positions of questions.
func placesOf(list []safety.Obligation) []token.Pos {
	var out []token.Pos
	for _, o := range list {
		out = append(append(out, o.Pos), o.Places...)
	}
	return out
}

// together is the question that replaces others.
func together(list []safety.Obligation, text string) safety.Obligation {
	var conditions []safety.Condition
	for _, o := range list {
		for _, c := range append([]safety.Condition{o.Condition}, o.Also...) {
			if !slices.Contains(conditions, c) {
				conditions = append(conditions, c)
			}
		}
	}
	slices.SortFunc(conditions, func(a, b safety.Condition) int { return a.Order() - b.Order() })
	return safety.Obligation{Condition: conditions[0], Also: conditions[1:], Status: safety.Assumed, Pos: list[0].Pos, Text: text}
}

// overtaking asks about callers that overtake each other.
func overtaking(list []safety.Obligation) string {
	var with, beside, changed, left []string
	runs, rest, vain := "", "", ""
	for _, o := range list {
		switch o.About {
		case safety.SafeUse, safety.SameFile, safety.AtOnce:
			if runs = joinClauses(runs, o.What); runs == "" {
				runs = o.What
			}
		case safety.Besides:
			beside = addBesides(beside, o.What)
		case safety.PassedOn:
			with = append(with, "its own "+o.What)
		case safety.CallersOwn:
			with = append(with, "the caller's "+o.What)
		case safety.TakenOut:
			with = append(with, "what it took out of "+o.What)
		case safety.OwnCopies:
			with = append(with, "its own copy of "+o.What)
		case safety.OwnTime:
			with = append(with, "the time that it read")
		case safety.ChangesToo:
			changed = append(changed, o.What)
		case safety.LastStays:
			left = append(left, o.What)
		case safety.InVain:
			vain = ", and " + o.What
		}
	}
	if len(changed) > 0 {
		rest += ", and " + eachOnce(changed) + " can be set in another order"
	}
	if len(left) > 0 {
		rest += ", and the last one to finish leaves its value in " + eachOnce(left)
	}
	text := runs
	switch {
	case text == "" && len(beside) > 0:
		text = "The call can now run at the same time as " + strings.Join(beside, " and ")
	case text == "":
		text = "Two callers can now overtake each other"
	case len(beside) > 0:
		text += ", and at the same time as " + strings.Join(beside, " and ")
	}
	if len(with) > 0 {
		text += ", each with " + strings.Join(with, " and ")
	}
	return text + rest + vain + ". " + askOvertaking(list)
}

// overwritten asks about several variables that others set during the call.
func overwritten(list []safety.Obligation) string {
	return "Is it fine to overwrite what others set " + syntax.JoinNames(whatOf(list)) + " to during the call?"
}

// addBesides adds a call to a list of them that may run at the same time, instead of one at
// the same place.
func addBesides(list []string, call string) []string {
	list = slices.DeleteFunc(list, func(s string) bool { return slices.Equal(placesNamed(s), placesNamed(call)) })
	return append(list, call)
}

// eachOnce joins lists of names.
func eachOnce(lists []string) string {
	var names []string
	for _, name := range strings.Split(strings.Join(lists, ", "), ", ") {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// askOvertaking returns the question about callers that overtake each other, extended if
// the calls require more.
func askOvertaking(list []safety.Obligation) string {
	only := func(about safety.Topic) bool {
		return list[0].About == about && !slices.ContainsFunc(list, func(o safety.Obligation) bool { return o.About <= safety.AtOnce && o.About != about })
	}
	ordered := slices.ContainsFunc(list, func(o safety.Obligation) bool { return o.About > safety.Besides && o.About < safety.InVain })
	vain := slices.ContainsFunc(list, func(o safety.Obligation) bool { return o.About == safety.InVain })
	switch {
	case only(safety.SafeUse) && vain:
		return "Is it safe for concurrent use, and is the rest all right?"
	case only(safety.SameFile) && vain:
		return "Does the file stay intact, and is the rest all right?"
	case only(safety.SafeUse) && ordered:
		return "Is it safe for concurrent use, and is any order right?"
	case only(safety.SafeUse):
		return "Is it safe for concurrent use?"
	case only(safety.SameFile) && ordered:
		return "Does the file stay intact, and is any order right?"
	case only(safety.SameFile):
		return "Does the file stay intact?"
	}
	return "Is that all right?"
}

// outOfDate asks about everything that the call is based on.
func outOfDate(list []safety.Obligation) string {
	based := strings.Join(whatOf(list), ", and ")
	if rest, ok := strings.CutPrefix(based, "the "); ok {
		based = "The " + rest
	}
	if strings.Contains(based, ",") {
		based += ","
	}
	return based + " can be out of date before the call is over. Is it fine to make the call even then?"
}

// whatOf lists what questions name.
func whatOf(list []safety.Obligation) []string {
	var what []string
	for _, o := range list {
		if !slices.Contains(what, o.What) {
			what = append(what, o.What)
		}
	}
	return what
}

// ofCopy asks about a loop over a copy: what it can do to entries that have changed, and what
// others see of its changes.
func ofCopy(list []safety.Obligation) string {
	loops, can, fine := list[0].What, []string{"miss added entries"}, safety.MissesAdded
	if slices.ContainsFunc(list, func(o safety.Obligation) bool { return strings.Contains(o.Text, safety.SeesRemoved) }) {
		can, fine = []string{"meet removed entries", "miss added ones"}, safety.SeesRemoved
	}
	meets := len(can)
	var half []string
	for _, o := range list[1:] {
		switch o.About {
		case safety.CopyMeets:
			loops = joinClauses(loops, o.What)
		case safety.CopyDeletes:
			can = append(can, "delete a newer entry with the same key ("+o.What+")")
		case safety.CopySets:
			can = append(can, "put back a removed entry ("+o.What+")")
		case safety.CopySkips:
			can = append(can, "leave out "+o.What+" for an entry that others remove")
		case safety.CopyHalf:
			half = append(half, o.What)
		}
	}
	seen := ""
	if len(half) > 0 {
		seen = " Others can see " + eachOnce(half) + " while only some of the changes are made."
	}
	if len(can) == meets && seen == "" {
		return loops + ". Is it fine if it " + fine + "?"
	}
	all := can[len(can)-1]
	if rest := can[:len(can)-1]; len(rest) > 0 {
		all = strings.Join(rest, ", ") + " and " + all
	}
	return loops + ": it can " + all + "." + seen + " Is all of that fine?"
}

// seenAlready reports whether what others see of changes before the window is asked
// about together with something else.
func seenAlready(w *move.Window, changes []*site.Touch) bool {
	if safety.IsBroken(safety.S10) || safety.IsBroken(safety.S3) {
		return false
	}
	asked := func(about safety.Topic) int {
		return slices.IndexFunc(w.Recorded, func(o safety.Obligation) bool { return o.About == about })
	}
	if i := asked(safety.TakenFirst); i >= 0 && !slices.ContainsFunc(changes, func(t *site.Touch) bool { return !w.TakesOut(t.Access.Var, nil, nil) }) {
		w.Recorded[i].Also = append(w.Recorded[i].Also, safety.S10)
		return true
	}
	all := changes
	again := func(t *site.Touch) bool { // in the previous iteration of the loop
		return slices.ContainsFunc(w.PostTouches.List, func(o *site.Touch) bool { return o.Access.Node == t.Access.Node })
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(t *site.Touch) bool { return w.Alone && stale.Status(w, t.Access.Var) }) // asked about
	if len(changes) > 0 && asked(safety.CopyMeets) >= 0 && !slices.ContainsFunc(changes, func(t *site.Touch) bool { return t.Via != nil || !again(t) }) {
		order.DropQuestion(w, safety.S8, order.ChangesAndCallsOf(syntax.JoinNames(site.TouchNames(all))))
		names := syntax.JoinNames(site.TouchNames(changes))
		w.Ask(safety.CopyHalf, names, safety.S10, changes[0].Access.Pos(), "Other goroutines can now see %s as changed here before the call is done. Is that a valid state?", names)
		return true
	}
	return false
}
