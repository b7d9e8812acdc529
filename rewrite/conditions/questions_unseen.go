package conditions

import (
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// mergeUnseen makes one question of those about functions that letgo cannot see into: whether
// they may run without the lock, at the same time as others, and with what the caller has passed.
func mergeUnseen(list []safety.Obligation) []safety.Obligation {
	list = slices.Clone(list)
	for i := 0; i < len(list); i++ {
		o := list[i]
		if o.Status != safety.Assumed {
			continue
		}
		j := slices.IndexFunc(list, func(q safety.Obligation) bool { return q.Status == safety.Assumed && includes(q, o) })
		switch {
		case j < 0:
		case o.About == safety.LentToUnseen:
			list[i].About = safety.CallersOwn
		default:
			list[j].Also = append(slices.Clone(list[j].Also), append([]safety.Condition{o.Condition}, o.Also...)...)
			list = slices.Delete(list, i, i+1)
			i--
		}
	}
	return askUnseen(list)
}

// includes reports whether a question about calls that run at the same time includes another one.
func includes(q, o safety.Obligation) bool {
	switch o.About {
	case safety.Unseen:
		return q.About == safety.SafeUse && q.Pos == o.Pos
	case safety.UnseenBeside:
		places := placesNamed(o.What)
		return q.About == safety.Besides && len(places) > 0 && slices.Equal(placesNamed(q.What), places)
	case safety.SharedObject:
		return q.About == safety.SafeUse && strings.HasPrefix(q.What[strings.LastIndex(q.What, ".")+1:], o.What+" ")
	case safety.LentToUnseen:
		return q.About == safety.SafeUse
	}
	return false
}

// askUnseen joins the question whether what letgo cannot see into may be called without the lock
// with those about what may run beside it, and about what it gets.
func askUnseen(list []safety.Obligation) []safety.Obligation {
	var joined []safety.Obligation
	var names, beside, lent []string
	question := ""
	for _, o := range list {
		if o.Status != safety.Assumed || strings.HasPrefix(o.Text, InCaller) {
			continue
		}
		switch o.About {
		case safety.Unseen:
			_, question = questionOf(o.Text)
			names = addOnce(names, o.What)
		case safety.UnseenBeside:
			beside = addOnce(beside, o.What)
		case safety.LentToUnseen:
			lent = addOnce(lent, o.What)
		default:
			continue
		}
		joined = append(joined, o)
	}
	if len(names) == 0 || len(names) == len(joined) {
		return list
	}
	text := "letgo cannot see into " + syntax.JoinNames(names)
	var which []string
	if len(lent) > 0 {
		which = append(which, "gets "+strings.Join(lent, ", ")+" from the caller")
	}
	if len(beside) > 0 {
		which = append(which, "can now run at the same time as "+strings.Join(beside, ", "))
	}
	o := together(joined, text+", which "+strings.Join(which, " and ")+". "+question)
	o.About, o.What = safety.Unseen, syntax.JoinNames(names)
	return append(slices.DeleteFunc(list, func(p safety.Obligation) bool {
		return p.Status == safety.Assumed && !strings.HasPrefix(p.Text, InCaller) && safety.Unseen <= p.About && p.About <= safety.LentToUnseen
	}), o)
}

// addOnce adds a name to a list that does not have it.
func addOnce(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// mergeMeanwhile makes one question of what other sections may rely on while the call runs,
// and of what they see of the section's changes by then.
func mergeMeanwhile(list []safety.Obligation) []safety.Obligation {
	at := func(is func(safety.Obligation) bool) int {
		return slices.IndexFunc(list, func(o safety.Obligation) bool {
			return o.Status == safety.Assumed && !strings.HasPrefix(o.Text, InCaller) && is(o)
		})
	}
	i := at(func(o safety.Obligation) bool { return o.About == safety.RunsMeanwhile })
	j := at(func(o safety.Obligation) bool {
		return o.About == safety.SeenEarly && o.What != "" && strings.HasPrefix(o.Text, othersSee)
	})
	if i < 0 || j < 0 {
		return list
	}
	seen, asked := questionOf(list[j].Text)
	seen = strings.Replace(strings.TrimPrefix(seen, othersSee), " before the call is done", "", 1)
	text := strings.TrimSuffix(list[i].Text, "?") + ", and see " + seen + "?"
	if asked != validState {
		text = list[i].Text + " They then see " + seen + ". Is all of that right?"
	}
	joined := together([]safety.Obligation{list[i], list[j]}, text)
	return append(slices.DeleteFunc(slices.Clone(list), func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && (o.Text == list[i].Text || o.Text == list[j].Text)
	}), joined)
}

// othersSee is how the question of S10 about what others see early begins, and validState is
// what it asks.
const (
	othersSee  = "Other goroutines can now see "
	validState = "Is that a valid state?"
)
