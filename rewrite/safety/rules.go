package safety

import (
	_ "embed"
	"strings"
	"sync"
)

// A Rule is one way to break a condition, and what one can do about it.
type Rule struct {
	Name   string // "S3/tested-before"
	Advice string // what to change so that a rewrite becomes possible, or ""
}

//go:embed rules.txt
var rulesText string

// Rules lists all rules, in the order of their conditions and names.
var Rules = sync.OnceValue(func() []Rule {
	var out []Rule
	for line := range strings.Lines(rulesText) {
		if name, advice, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			out = append(out, Rule{name, strings.TrimPrefix(strings.TrimSpace(advice), "-")})
		}
	}
	return out
})

// Advice says what one can change to make the rewrite possible, or "".
func (r *Refusal) Advice() string {
	for _, rule := range Rules() {
		if rule.Name == r.Name() {
			return rule.Advice
		}
	}
	return ""
}
