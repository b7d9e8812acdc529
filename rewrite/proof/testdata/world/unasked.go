package world

import (
	"fmt"
	"slices"
	"strings"
)

// see notes what the program is about.
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

// unasked says what two calls did together that they would not have done one
// after the other, and that no question of the plan is about. That a person was
// asked about something else is no excuse for it.
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

// misuses are panics that say that something was closed twice or the like, with the
// conditions whose questions are about that.
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

// misused returns a panic that says that something was closed twice or the like,
// unless a person was asked about that.
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

// stray names a variable whose value is that of no order of the two calls, and
// that no question names.
func (c *checker) stray(p *pair, serial []*pair, v Variant, seed uint64) string {
	for i, value := range p.fields {
		same := func(q *pair) bool { return q.fields[i] == value }
		if !v.named(p.names[i]) && !slices.ContainsFunc(serial, same) && !c.some(seed, same) {
			return fmt.Sprintf("%s is %s, which it is after no order of the two, and no question names it", p.names[i], value)
		}
	}
	return ""
}

// some tries the two orders more often: ranges over maps have no order.
func (c *checker) some(seed uint64, like func(q *pair) bool) bool {
	for range 300 {
		if slices.ContainsFunc(c.serial(seed), like) {
			return true
		}
	}
	return false
}
