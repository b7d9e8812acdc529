package profile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// A Missed is a section against which the profiles have something, though letgo did not
// find that it waits.
type Missed struct {
	Section *patterns.Section
	Delay   *patterns.Delay
	Held    bool    // a stack is known on which it waited while it held the lock
	Stack   []Frame // with most delay, from the section's function on: inwards if Held, else to its callers

	// Function is what the section calls, outside of what letgo can see, when it waits;
	// "" if there is no such function.
	// Kind is the category that the wait seems to have.
	Function string
	Kind     string
	// Category is that of the wait, if the section is only left out because such waits
	// are not reported unless they are asked for.
	Category string
}

// Missed lists the sections with delay that are not among those that letgo finds, the
// most delayed first. isWorth says which delays are worth a word.
func (d *Delays) Missed(x *patterns.Program, isWorth func(*patterns.Delay) bool) []Missed {
	var out []Missed
	found := make(map[*patterns.Package]map[place]string)
	for _, c := range d.charges() {
		delay := d.of(c.section)
		if c.released.Count+c.held.Count == 0 || !isWorth(delay) {
			continue
		}
		p := c.section.Unit.Pkg
		if found[p] == nil {
			found[p] = categoriesIn(x, p)
		}
		category, known := found[p][placeOf(c.section.Position())]
		if known && category == "" {
			continue
		}
		m := Missed{Section: c.section, Delay: delay, Held: c.held.Count > 0, Stack: c.example, Category: category}
		if m.Held {
			m.Stack = slices.Clone(c.example[:c.at+1])
			slices.Reverse(m.Stack)
		} else if c.at < len(c.example) {
			m.Stack = c.example[c.at:]
		}
		if m.Held && !known {
			if m.Kind = kindOfWait(c.example); m.Kind == "lock" {
				m.Category = m.Kind
			} else {
				m.Function = d.outside(c.example[:c.at])
			}
		}
		out = append(out, m)
	}
	return out
}

// categoriesIn finds the sections of a package that wait, whatever for. Those that are
// only found because all categories are on have one that is off.
func categoriesIn(x *patterns.Program, p *patterns.Package) map[place]string {
	filter := x.Filter
	x.Filter = nil // what a project leaves out was found, too
	defer func() { x.Filter = filter }()
	var all patterns.Options
	for _, c := range patterns.Categories() {
		all.Categories = append(all.Categories, c.Name)
	}
	out := make(map[place]string)
	for _, f := range x.FindIn(p, all) {
		out[placeOf(f.Position())] = f.Main().Category
	}
	for _, f := range x.FindIn(p, patterns.Options{}) {
		out[placeOf(f.Position())] = ""
	}
	return out
}

// outside returns the function by which a stack leaves the packages that are looked at,
// as the table of blocking functions spells it, or "".
func (d *Delays) outside(inner []Frame) string {
	for i := len(inner) - 1; i >= 0; i-- {
		s := parseSymbol(inner[i].Func)
		if s.pkg == "runtime" || s.pkg == "" {
			return ""
		}
		if _, res := d.checkout.locate(inner[i]); res == elsewhere {
			return s.tableName()
		}
	}
	return ""
}

// kindOfWait guesses the category of a wait from its innermost functions.
func kindOfWait(stack []Frame) string {
	for _, f := range stack {
		s := parseSymbol(f.Func)
		switch {
		case s.pkg == "time" && s.name == "Sleep":
			return "sleep"
		case strings.HasPrefix(f.Func, "internal/poll.(*FD)") || s.pkg == "net":
			return "net"
		case s.pkg == "syscall" || s.pkg == "os":
			return "disk"
		case s.pkg == "sync" && !isAcquire(f.Func):
			return "wait"
		case isAcquire(f.Func):
			return "lock"
		case s.pkg != "runtime":
			return "chan"
		}
	}
	return "chan"
}

// shortest is how many functions of a stack are printed at most.
const shortest = 4

// Short prints the stack in one line.
func (m *Missed) Short() string {
	var parts []string
	for _, f := range m.Stack {
		s := parseSymbol(f.Func)
		if s.pkg == "runtime" || s.isWrapper() {
			continue
		}
		name := s.name
		if s.lits != "" {
			name += "." + s.lits
		}
		parts = append(parts, fmt.Sprintf("%s.%s (%s:%d)", path.Base(s.pkg), name, path.Base(f.File), f.Line))
		if len(parts) == shortest {
			break
		}
	}
	if m.Held {
		return strings.Join(parts, " → ")
	}
	return strings.Join(parts, " ← ")
}
