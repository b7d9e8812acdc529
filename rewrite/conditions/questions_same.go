package conditions

import (
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// MergeQuestions joins questions of a plan that a reviewer can answer together: those
// about one kind of doubt, and those about one condition with the same words except for
// the names.
func MergeQuestions(s *site.Site, list []safety.Obligation) []safety.Obligation {
	list = mergeHeld(list)
	list = mergeLost(list)
	list = joinQuestions(list)
	for i := range list {
		if list[i].About == safety.LastStays {
			list[i].About = safety.OlderStays
		}
	}
	list = mergeRemovals(list)
	list = MergeUsedAgain(list)
	list = mergeMeanwhile(list)
	list = mergeDoubts(list, safety.SeenEarly, "Is that a valid state?")
	list = mergeDoubts(list, safety.OlderStays, "Is it fine if the result of an older call stays?")
	list = mergeDoubts(list, safety.OnPanic, "Is it certain that this does not happen?")
	list = mergeDoubts(list, safety.OldValue, "Is it fine for the call to use the old value?")
	list = mergeSame(list)
	for i, o := range list {
		if o.Status == safety.Assumed && len(o.Places) > 0 {
			list[i].Text = withPlaces(s, o)
		}
	}
	return list
}

// mergeRemovals makes one question of the removal of objects before the call, and of
// what others see of it.
func mergeRemovals(list []safety.Obligation) []safety.Obligation {
	is := func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && (o.About == safety.Removed || o.About == safety.SeenEarly)
	}
	var joined []safety.Obligation
	clause, seen, calls := "", "", ""
	for _, o := range list {
		switch {
		case !is(o):
			continue
		case o.About == safety.SeenEarly && (o.What == "" || seen != ""):
			return list
		case o.About == safety.SeenEarly:
			seen = o.What
			if o.Answers(safety.S8) {
				calls = ", and make calls of their own,"
			}
		default:
			c, _ := questionOf(o.Text)
			clause = joinClauses(clause, c)
		}
		joined = append(joined, o)
	}
	if clause == "" || seen == "" {
		return list
	}
	text := clause + ", and others can see the change to " + seen + calls + " before the call is over. Is it fine if another one takes its place meanwhile?"
	return append(slices.DeleteFunc(list, is), together(joined, text))
}

// mergeLost makes one question of whether a panic may lose what is taken out before the
// call, and of whether others may find nothing there until it is over.
func mergeLost(list []safety.Obligation) []safety.Obligation {
	i := slices.IndexFunc(list, func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && (o.About == safety.LostOnPanic || o.About == safety.StaysOnPanic)
	})
	if i < 0 {
		return list
	}
	lost, loses, empty := list[i], ", and a panic loses it", ": others find it empty until then, and a panic loses its contents"
	if lost.About == safety.StaysOnPanic {
		loses, empty = ", and a panic leaves it so", ": others see that before the call is over, and a panic leaves it so"
	}
	for j, o := range list {
		if o.Status != safety.Assumed || strings.HasPrefix(o.Text, InCaller) {
			continue
		}
		clause, question := questionOf(o.Text)
		switch {
		case o.About == safety.TakenFirst:
			clause += loses
		case o.About == safety.SeenEarly && o.What == lost.What && !o.Answers(safety.S8):
			clause, _ = questionOf(lost.Text)
			clause, question = clause+empty, "Is that right?"
		case o.About == safety.SeenEarly && slices.Contains(strings.Split(o.What, ", "), lost.What) && lost.About == safety.LostOnPanic:
			clause, question = clause+", and a panic loses what was in "+lost.What, "Is that right?"
		default:
			continue
		}
		list[j] = together([]safety.Obligation{o, lost}, clause+". "+question)
		list[j].About, list[j].What = o.About, o.What
		return slices.Delete(list, i, i+1)
	}
	return list
}

// mergeHeld drops the question about the use of an object in the call where another one
// asks about its change after the call.
func mergeHeld(list []safety.Obligation) []safety.Obligation {
	for i, o := range list {
		if o.About != safety.HeldObject {
			continue
		}
		isHeld := func(p safety.Obligation) bool {
			return p.About == safety.StillHeld && stale.NamesOrigin(p.What, o.What)
		}
		if slices.ContainsFunc(list, isHeld) {
			list[i].Also = append(list[i].Also, safety.S6)
			list[i].Text = strings.Replace(o.Text, "before the call, and changed", "before the call, used for it, and changed", 1)
			return mergeHeld(slices.DeleteFunc(list, isHeld))
		}
	}
	return list
}

// MergeUsedAgain joins the questions about what others see of a change before the call
// is over, and about its use after the call.
func MergeUsedAgain(list []safety.Obligation) []safety.Obligation {
	for _, again := range list {
		i := slices.IndexFunc(list, func(o safety.Obligation) bool {
			return o.About == safety.SeenEarly && o.What == again.What && o.What != ""
		})
		if again.About != safety.UsedAgain || i < 0 {
			continue
		}
		seen := list[i]
		clause, _ := questionOf(seen.Text)
		_, at, _ := strings.Cut(again.Text, " and ")
		at, _ = questionOf(at)
		joined := together([]safety.Obligation{seen, again}, clause+", and change it before it is "+at+". Is that right?")
		joined.About, joined.What = seen.About, seen.What
		list[i] = joined
		list = slices.DeleteFunc(list, func(o safety.Obligation) bool { return o.About == safety.UsedAgain && o.What == again.What })
		return MergeUsedAgain(list)
	}
	return list
}

// mergeDoubts makes one question of those about a topic.
func mergeDoubts(list []safety.Obligation, about safety.Topic, question string) []safety.Obligation {
	is := func(o safety.Obligation) bool { return o.Status == safety.Assumed && o.About == about }
	joined := slices.DeleteFunc(slices.Clone(list), func(o safety.Obligation) bool { return !is(o) })
	if len(joined) < 2 {
		return list
	}
	text, same := "", ""
	for _, o := range joined {
		clause, q := questionOf(o.Text)
		text = joinClauses(text, clause)
		if same == "" {
			same = q
		} else if same != q {
			same = question
		}
	}
	return append(slices.DeleteFunc(list, is), together(joined, text+". "+same))
}

// mergeSame makes one question of those about a condition that ask the same thing.
func mergeSame(list []safety.Obligation) []safety.Obligation {
	var out []safety.Obligation
	for _, o := range list {
		clause, question := questionOf(o.Text)
		i := slices.IndexFunc(out, func(p safety.Obligation) bool {
			c, q := questionOf(p.Text)
			return o.Status == safety.Assumed && p.Status == safety.Assumed && p.Condition == o.Condition && q == question && c != "" && clause != ""
		})
		if i < 0 {
			out = append(out, o)
			continue
		}
		first, _ := questionOf(out[i].Text)
		both := []safety.Obligation{out[i], o}
		joined := joinClauses(first, clause)
		out[i] = together(both, joined+". "+question)
		if !strings.HasSuffix(joined, lower(clause)) {
			out[i].Places = placesOf(both)
		}
	}
	return out
}

// withPlaces is the text of a question with the lines of the joined ones that it does not
// already name.
func withPlaces(s *site.Site, o safety.Obligation) string {
	clause, question := questionOf(o.Text)
	var lines []string
	for _, pos := range o.Places {
		if l := s.Line(pos); pos.IsValid() && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return namesPlace(clause, l) })
	if len(lines) < 2 {
		return o.Text
	}
	return clause + " (" + site.JoinPlaces(lines) + "). " + question
}

// namesPlace reports whether a text names a place, alone or with others.
func namesPlace(text, place string) bool {
	return slices.Contains(placesNamed(text), place)
}
