package world

import (
	"fmt"
	"slices"
	"strings"
)

// see records the state of the program's subject and what else [checker.unasked] needs.
func (p *pair) see(inst *Instance) {
	p.own = dumpTargets(inst.Own)
	for _, f := range inst.Fields {
		p.names = append(p.names, f.Name)
		p.fields = append(p.fields, dumpTargets([]any{f.Var}))
	}
	if inst.Zero != nil {
		p.zero = *inst.Zero
	}
	if inst.Ordered != "" {
		for _, t := range p.w.arrived {
			if strings.HasPrefix(t, inst.Ordered) {
				p.ordered += t + "\n"
			}
		}
	}
	p.leaked = int(p.w.open.Load()) - strings.Count(p.own, "closed:false")
}

// unasked describes a difference from running the two calls one after the other
// that no question of the plan covers. A question about something else is no
// excuse.
func (c *checker) unasked(p *pair, serial []*pair, v Variant, seed uint64, at int) string {
	if p.held {
		return ""
	}
	for _, q := range serial {
		if q.locked || q.panicked || q.lost != "" {
			return ""
		}
	}
	none := func(f func(q *pair) bool) bool { return !slices.ContainsFunc(serial, f) }
	switch {
	case p.misused(v) != "":
		return p.misused(v)
	case p.zero != 0 && none(func(q *pair) bool { return q.zero != 0 }):
		return fmt.Sprintf("a counter that goes up and down is %d at the end", p.zero)
	case p.leaked != 0 && !v.assumes("S5") && none(func(q *pair) bool { return q.leaked != 0 }):
		return fmt.Sprintf("%d bodies are open and nobody can close them", p.leaked)
	case p.ordered != "" && !v.assumes("S8") && none(func(q *pair) bool { return q.ordered == p.ordered }):
		return "the two calls have overtaken each other"
	case p.own != "" && !v.Asks && !p.many && none(func(q *pair) bool { return q.own == p.own }) && !c.some(seed, func(q *pair) bool { return q.own == p.own }):
		return "no order of the two calls leaves this, and no question names it"
	case !p.many && c.stray(p, serial, v, seed) != "":
		return c.stray(p, serial, v, seed)
	case p.called[1].Tries && !v.assumes("S9"):
		if q := c.pair(0, seed, at, false); q.inside && q.results[1] != p.results[1] {
			return "the second call does not find the lock taken any more: before it was " + q.results[1]
		}
	}
	return ""
}

// misuses lists panics that report misuse, such as closing a channel twice, and
// the conditions whose questions cover them.
var misuses = []struct {
	text    string
	excuses []string
}{
	{"close of ", []string{"S6", "S7"}},
	{"send on closed channel", []string{"S6", "S7"}},
	{"negative WaitGroup counter", []string{"S6", "S7"}},
	{"WaitGroup is reused", []string{"S6", "S7"}},
	{"use of closed link", []string{"S6"}},
	{"stream is used twice at once", []string{"S9"}},
	{"half done", []string{"S10"}},
}

// misused returns a panic in misuses that happened, unless a person was asked about
// it.
func (p *pair) misused(v Variant) string {
	for _, r := range p.results {
		_, value, _ := strings.Cut(r, " panics: ")
		for _, m := range misuses {
			if strings.Contains(value, m.text) && !slices.ContainsFunc(m.excuses, v.assumes) {
				return "a panic: " + value
			}
		}
	}
	return ""
}

// stray describes a variable whose value matches no order of the two calls and that
// no question names.
func (c *checker) stray(p *pair, serial []*pair, v Variant, seed uint64) string {
	for i, value := range p.fields {
		same := func(q *pair) bool { return q.fields[i] == value }
		if !v.named(p.names[i]) && !slices.ContainsFunc(serial, same) && !c.some(seed, same) {
			return fmt.Sprintf("%s is %s, which it is after no order of the two, and no question names it", p.names[i], value)
		}
	}
	return ""
}

// some tries both orders many more times, since map iteration order varies.
func (c *checker) some(seed uint64, like func(q *pair) bool) bool {
	for range 300 {
		if slices.ContainsFunc(c.serial(seed), like) {
			return true
		}
	}
	return false
}
