package safety

import (
	"embed"
	"slices"
	"strings"
	"sync"
)

// A Condition is one of the things that a rewrite must prove. A real hand-made fix
// broke each of them and had to be repaired.
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
//	prose
//
//	Broken by hand in
//	    the commits, or "nowhere"
//
//	Example
//	    Two calls can now finish in either order, and the last one's value of c.val stays.
//	    Is that right?
//
//	Held throughout
//	    no section is interrupted, so nothing can be written in the middle of it
//
//	Rules
//	    added-meanwhile  Subtract what the call handled instead of resetting the variable.
//	    taken-later      -
//
// The example is something that letgo prints: a question, or a refusal where letgo never
// asks. "Held throughout" says why the condition holds where no section is interrupted, and
// is left out where a rewrite that interrupts none has to see to it itself. The rules are the ways to break the condition, with what one can do about each, or
// "-" for nothing. They are sorted.
type text struct {
	condition  Condition
	title, doc string
	prose      string // without the example and the rules
	example    string
	held       string
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
	rest, rules, _ := strings.Cut(rest, "\nRules\n")
	rest, held, _ := strings.Cut(rest, "\nHeld throughout\n")
	prose, example, _ := strings.Cut(rest, "\nExample\n")
	line := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	t := text{condition: Condition(number), title: title, doc: doc, prose: strings.TrimSpace(prose), example: line(example), held: line(held)}
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

// Example is something that letgo prints about the condition: a question, which ends with
// a question mark, or a refusal where letgo never asks.
func (c Condition) Example() string { return c.text().example }

// HeldThroughout says why the condition holds for a rewrite that interrupts no section, or "" if
// that has to be proved.
func (c Condition) HeldThroughout() string { return c.text().held }

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
