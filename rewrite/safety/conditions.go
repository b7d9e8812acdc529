package safety

import (
	"embed"
	"slices"
	"strings"
	"sync"
)

// A Condition is one of the things that a rewrite must prove. Each was broken
// by a real hand-made fix of this kind, which then had to be repaired.
type Condition string

// The conditions. What they say stands in a file each, s01_guarded.txt and so on, and
// how they are decided in the register of package conditions.
const (
	S1  Condition = "S1"
	S2  Condition = "S2"
	S3  Condition = "S3"
	S4  Condition = "S4"
	S5  Condition = "S5"
	S6  Condition = "S6"
	S7  Condition = "S7"
	S8  Condition = "S8"
	S9  Condition = "S9"
	S10 Condition = "S10"
	S11 Condition = "S11"
	S12 Condition = "S12"
	S13 Condition = "S13"
	S14 Condition = "S14"
	S15 Condition = "S15"
	S16 Condition = "S16"
	S17 Condition = "S17"
	S18 Condition = "S18"
)

// A text is the file of a condition:
//
//	S4 lost update: a write after the wait does not overwrite what others wrote meanwhile
//
//	prose, and the commits that broke it
//
//	Rules
//	    added-meanwhile  Subtract what the call has got, instead of setting back.
//	    taken-later      -
//
// The rules are the ways in which it can be broken, with what one can do about each, or
// "-" for nothing. They are sorted.
type text struct {
	condition  Condition
	title, doc string
	prose      string // without the rules
	rules      []Rule
}

//go:embed s*.txt
var files embed.FS

// texts reads the files, in the order of their names, which is that of the numbers.
var texts = sync.OnceValue(func() []text {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // they are part of the program
	}
	var out []text
	for _, e := range entries {
		content, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		out = append(out, readText(string(content)))
	}
	return out
})

func readText(content string) text {
	head, rest, _ := strings.Cut(content, "\n")
	name, doc, _ := strings.Cut(head, ": ")
	number, title, _ := strings.Cut(name, " ")
	prose, rules, _ := strings.Cut(rest, "\nRules\n")
	t := text{condition: Condition(number), title: title, doc: doc, prose: strings.TrimSpace(prose)}
	for line := range strings.Lines(rules) {
		if name, advice, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			t.rules = append(t.rules, Rule{number + "/" + name, strings.TrimPrefix(strings.TrimSpace(advice), "-")})
		}
	}
	return t
}

// Conditions lists all conditions in order.
func Conditions() []Condition {
	var out []Condition
	for _, t := range texts() {
		out = append(out, t.condition)
	}
	return out
}

// Title returns the short name of the condition: "alias" for S2.
func (c Condition) Title() string { return c.text().title }

// Doc says what the condition is, in words that follow its name.
func (c Condition) Doc() string { return c.text().doc }

// Prose says at length what the condition is about, which commits broke it, and what is
// easily missed.
func (c Condition) Prose() string { return c.text().prose }

// Rules lists the ways in which the condition can be broken.
func (c Condition) Rules() []Rule { return c.text().rules }

func (c Condition) text() text {
	if i := c.Order(); i >= 0 {
		return texts()[i]
	}
	return text{}
}

// Order returns the place of the condition among all, or -1.
func (c Condition) Order() int {
	return slices.IndexFunc(texts(), func(t text) bool { return t.condition == c })
}
