package conditions

import (
	"regexp"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/site"
)

// joinClauses joins two statements, into one about both if they differ only in what they
// name.
func joinClauses(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	case strings.HasPrefix(a, InCaller) && strings.HasSuffix(a, ": "+b):
		return b + ", also " + lower(strings.TrimSuffix(a, ": "+b))
	case strings.HasPrefix(b, InCaller) && strings.HasSuffix(b, ": "+a):
		return a + ", also " + lower(strings.TrimSuffix(b, ": "+a))
	}
	x, y := strings.Fields(a), strings.Fields(b)
	switch {
	case isPartOf(x, y):
		return b
	case isPartOf(y, x):
		return a
	}
	if at, to := placeInClause.FindAllString(a, -1), placeInClause.FindAllString(b, -1); len(at) == 1 && len(to) == 1 {
		const mark = "\x00"
		without, others := strings.Replace(a, at[0], mark, 1), strings.Replace(b, to[0], mark, 1)
		if joined, ok := joinWords(strings.Fields(without), strings.Fields(others)); ok && strings.Count(joined, mark) == 1 {
			return strings.Replace(joined, mark, site.JoinPlaces(placesIn(at[0], to[0])), 1)
		}
	}
	if joined, ok := joinWords(x, y); ok {
		return joined
	}
	return a + ", and " + lower(b)
}

// placeInClause is a place, or several in one file, as [site.JoinPlaces] names them.
var placeInClause = regexp.MustCompile(`\blines? \d+(, \d+)*|[^\s("',:]+\.go:\d+(, [^\s("',:]+\.go:\d+)*`)

// placesNamed lists the places that a text names, each once.
func placesNamed(text string) []string { return placesIn(placeInClause.FindAllString(text, -1)...) }

// placesIn lists the places of a list, each once.
func placesIn(lists ...string) []string {
	var out []string
	for _, list := range lists {
		numbers, several := strings.CutPrefix(list, "lines ")
		for part := range strings.SplitSeq(numbers, ", ") {
			if several {
				part = "line " + part
			}
			if !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}

// joinWords makes one statement of two that differ only in what they name, if they do.
func joinWords(x, y []string) (joined string, ok bool) {
	same := func(i, j int) bool { return x[i] == y[j] || isVerb(x[i]) && isVerb(y[j]) }
	before := 0
	for before < min(len(x), len(y)) && same(before, before) {
		before++
	}
	after := 0
	for after < min(len(x), len(y))-before && same(len(x)-1-after, len(y)-1-after) {
		after++
	}
	sep := ", "
	if before > 0 && strings.EqualFold(x[0], "If") {
		sep = " or "
	}
	one, other := strings.Join(x[before:len(x)-after], " "), strings.Join(y[before:len(y)-after], " ")
	comma := ""
	if strings.HasSuffix(one, ",") && strings.HasSuffix(other, ",") {
		one, other, comma = strings.TrimSuffix(one, ","), strings.TrimSuffix(other, ","), ","
	}
	names, ok := joinNames(one, other, sep)
	if !ok || before+after < minShared {
		return "", false
	}
	rest := slices.Clone(x[len(x)-after:])
	if before == 0 && isVerb(rest[0]) {
		rest[0] = "are"
	}
	return strings.Join(slices.Concat(x[:before], []string{names + comma}, rest), " "), true
}

// isVerb reports whether a word depends on how many things are named before it.
func isVerb(word string) bool { return word == "is" || word == "are" }

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

// joinNames joins lists of names; ok is false if they are not names.
func joinNames(a, b string, sep string) (names string, ok bool) {
	var out []string
	for _, list := range []string{a, b} {
		if list == "" {
			return "", false
		}
		for name := range strings.SplitSeq(list, ", ") {
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

// questionOf divides a question into what it says and what it asks.
func questionOf(text string) (clause, question string) {
	i := strings.LastIndex(text, ". ")
	if i < 0 {
		return "", text
	}
	return text[:i], text[i+2:]
}

// InCaller begins a question about a caller of the function that waits.
const InCaller = "In the caller "

// minShared is how many words two statements must share to become one, and maxName is the
// most words in a name: "send on s.done".
const minShared, maxName = 3, 3
