package rewrite

import (
	"slices"
	"strings"
)

// mergeQuestions makes one question of those of a plan that a reviewer answers at once:
// of one kind of doubt, or of one condition and in the same words but for what they name.
func (s *Site) mergeQuestions(list []Obligation) []Obligation {
	list = joinQuestions(list)
	for i := range list {
		if list[i].about == lastStays {
			list[i].about = olderStays
		}
	}
	list = mergeRemovals(list)
	list = mergeDoubts(list, seenEarly, "Is that a valid state?")
	list = mergeDoubts(list, olderStays, "May the result of an older call stay?")
	list = mergeDoubts(list, onPanic, "Is it certain that this does not happen?")
	list = mergeDoubts(list, oldValue, "May the call still use the old value?")
	list = mergeSame(list)
	for i, o := range list {
		if o.Status == Assumed && len(o.places) > 0 {
			list[i].Text = s.withPlaces(o)
		}
	}
	return list
}

// questionOf divides a question into what it says and what it asks.
func questionOf(text string) (clause, question string) {
	i := strings.LastIndex(text, ". ")
	if i < 0 {
		return "", text
	}
	return text[:i], text[i+2:]
}

// mergeRemovals makes one question of the removal of objects before the call, and of
// what others see of it.
func mergeRemovals(list []Obligation) []Obligation {
	is := func(o Obligation) bool { return o.Status == Assumed && (o.about == removed || o.about == seenEarly) }
	var joined []Obligation
	clause, seen, calls := "", "", ""
	for _, o := range list {
		switch {
		case !is(o):
			continue
		case o.about == seenEarly && (o.what == "" || seen != ""):
			return list
		case o.about == seenEarly:
			seen = o.what
			if o.Answers(S8) {
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
	text := clause + ", and others can see the change to " + seen + calls + " before the call is over. May another one take its place meanwhile?"
	return append(slices.DeleteFunc(list, is), together(joined, text))
}

// mergeDoubts makes one question of those of a topic.
func mergeDoubts(list []Obligation, about topic, question string) []Obligation {
	is := func(o Obligation) bool { return o.Status == Assumed && o.about == about }
	joined := slices.DeleteFunc(slices.Clone(list), func(o Obligation) bool { return !is(o) })
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

// mergeSame makes one question of those of a condition that ask the same.
func mergeSame(list []Obligation) []Obligation {
	var out []Obligation
	for _, o := range list {
		clause, question := questionOf(o.Text)
		i := slices.IndexFunc(out, func(p Obligation) bool {
			c, q := questionOf(p.Text)
			return o.Status == Assumed && p.Status == Assumed && p.Condition == o.Condition && q == question && c != "" && clause != ""
		})
		if i < 0 {
			out = append(out, o)
			continue
		}
		first, _ := questionOf(out[i].Text)
		both := []Obligation{out[i], o}
		joined := joinClauses(first, clause)
		out[i] = together(both, joined+". "+question)
		if !strings.HasSuffix(joined, lower(clause)) {
			out[i].places = placesOf(both)
		}
	}
	return out
}

// joinClauses joins two statements: where they differ only in what they name, to one
// about both.
func joinClauses(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	case strings.HasPrefix(a, inCaller) && strings.HasSuffix(a, ": "+b):
		return b + ", also " + lower(strings.TrimSuffix(a, ": "+b))
	case strings.HasPrefix(b, inCaller) && strings.HasSuffix(b, ": "+a):
		return a + ", also " + lower(strings.TrimSuffix(b, ": "+a))
	}
	x, y := strings.Fields(a), strings.Fields(b)
	switch {
	case isPartOf(x, y):
		return b
	case isPartOf(y, x):
		return a
	}
	before := 0
	for before < min(len(x), len(y)) && x[before] == y[before] {
		before++
	}
	after := 0
	for after < min(len(x), len(y))-before && x[len(x)-1-after] == y[len(y)-1-after] {
		after++
	}
	sep := ", "
	if before > 0 && strings.EqualFold(x[0], "If") {
		sep = " or "
	}
	names, ok := joinNames(x[before:len(x)-after], y[before:len(y)-after], sep)
	if !ok || before+after < minShared {
		return a + ", and " + lower(b)
	}
	return strings.Join(slices.Concat(x[:before], []string{names}, x[len(x)-after:]), " ")
}

// inCaller begins a question about a caller of the function that waits.
const inCaller = "In the caller "

// minShared is how many words two statements must have in common to become one, and
// maxName of how many words a name consists at most: "send on s.done".
const minShared, maxName = 3, 3

// isPartOf reports whether the words of one statement occur in another one, in their
// order: it names all that the first one does.
func isPartOf(x, y []string) bool {
	for _, word := range y {
		if len(x) > 0 && strings.Trim(word, ",") == strings.Trim(x[0], ",") {
			x = x[1:]
		}
	}
	return len(x) == 0
}

// joinNames joins lists of names, given in words; ok is false if they are no names.
func joinNames(a, b []string, sep string) (names string, ok bool) {
	var out []string
	for _, words := range [][]string{a, b} {
		if len(words) == 0 {
			return "", false
		}
		for name := range strings.SplitSeq(strings.Join(words, " "), ", ") {
			if strings.Count(name, " ") >= maxName || strings.ContainsAny(name, ";:") && !isPlace(name) {
				return "", false
			}
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return strings.Join(out, sep), true
}

// isPlace reports whether a name is that of a line of a file.
func isPlace(name string) bool {
	file, line, ok := strings.Cut(name, ":")
	return ok && strings.HasSuffix(file, ".go") && strings.Trim(line, "0123456789") == ""
}

// lower makes a sentence that begins with an ordinary word a part of another one.
func lower(sentence string) string {
	word, _, _ := strings.Cut(sentence, " ")
	if slices.Contains([]string{"Calls", "Each", "If", "In", "Nothing", "Other", "Others", "The", "Two", "What"}, word) {
		return strings.ToLower(word) + sentence[len(word):]
	}
	return sentence
}

// withPlaces is the text of a question with the lines of what was joined, as far as it
// does not name them.
func (s *Site) withPlaces(o Obligation) string {
	clause, question := questionOf(o.Text)
	var lines []string
	for _, pos := range o.places {
		if l := s.line(pos); pos.IsValid() && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(clause, l) })
	if len(lines) < 2 {
		return o.Text
	}
	return clause + " (" + strings.Join(lines, ", ") + "). " + question
}
