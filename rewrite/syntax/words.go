package syntax

import (
	"fmt"
	"slices"
	"strings"
)

// JoinNames joins names with commas. Of more than four it names three and counts the
// others.
func JoinNames(names []string) string {
	if len(names) > 4 {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d more", len(names)-3))
	}
	return strings.Join(names, ", ")
}

// IsOrAre is the verb for n things.
func IsOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Singular guesses the name of one element from that of a collection; "v" if
// it cannot.
func Singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"), strings.HasSuffix(name, "shes"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && len(name) > 2:
		return name[:len(name)-1]
	}
	return "v"
}

// Plural guesses the name of a collection from that of one element.
func Plural(name string) string {
	switch {
	case strings.HasSuffix(name, "y") && len(name) > 1 && !strings.ContainsAny(name[len(name)-2:len(name)-1], "aeiou"):
		return name[:len(name)-1] + "ies"
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		return name + "es"
	}
	return name + "s"
}

// LowerFirst turns a field's name into a variable's: "URL" into "url", "Addr"
// into "addr", "HTTPClient" into "httpClient", "URLs" into "urls".
func LowerFirst(name string) string {
	r := []rune(name)
	for i := range r {
		if r[i] < 'A' || r[i] > 'Z' {
			break
		}
		if i > 0 && i+1 < len(r) && r[i+1] >= 'a' && r[i+1] <= 'z' && string(r[i+1:]) != "s" {
			break
		}
		r[i] += 'a' - 'A'
	}
	return string(r)
}
