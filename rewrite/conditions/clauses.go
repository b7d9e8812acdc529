package conditions

import (
	"slices"
	"strings"
)

// joinClauses joins two statements: where they differ only in what they name, to one
// about both.
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

// minShared is how many words two statements must have in common to become one, and
// maxName of how many words a name consists at most: "send on s.done".
const minShared, maxName = 3, 3
