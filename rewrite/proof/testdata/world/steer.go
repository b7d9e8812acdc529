package world

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// excuses are the conditions that permit two calls to behave differently from
// running one after the other, because a person was asked whether that matters.
var excuses = []string{"S1", "S3", "S4", "S5", "S6", "S10"}

// steerings is the minimum number of pairs of calls to run. There are more if
// needed to make every function the second one at least twice.
const steerings = 10

// steer runs pairs of calls of a variant so that the second runs while the first
// waits without the lock. The result must be the same as if they had run one after
// the other, unless an assumption says otherwise. In any case no count may be lost,
// the lock must be free at the end, and nothing may be misused.
func (c *checker) steer(v int) {
	variant := c.p.Variants[v]
	rounds := uint64(max(steerings, 2*len(c.start(v, &World{}, newInput(c.p.Seed)).Funcs)))
	for s := range rounds {
		seed := c.p.Seed*1000 + 500 + s
		serial := c.serial(seed)
		from := 1
		if c.p.Parks {
			from = -1
		}
		for at := from; at <= 3; at++ {
			for _, overlap := range []bool{false, true} {
				p := c.pair(v, seed, at, overlap)
				if !p.inside || p.stuck && p.panicked && p.misused(variant) == "" {
					continue
				}
				c.counts.Windows++
				why := p.problem(serial, variant)
				if why == "" {
					why = c.unasked(p, serial, variant, seed, at)
				}
				if why == "" && p.strict(variant) && !p.held && !p.many && !slices.ContainsFunc(serial, func(q *pair) bool { return q.locked }) {
					c.counts.Serial++
					if same := func(q *pair) bool { return q.like(p, variant) }; !slices.ContainsFunc(serial, same) && !c.some(seed, same) {
						why = "no order of the two calls comes out like this"
					}
				}
				if why != "" && !c.before(p, variant, seed, at, overlap) {
					c.report(Difference{c.p.ID, variant.Name, "steer", fmt.Sprintf("%s\n%s\nor\n%s", why, serial[0].text(), serial[1].text()), p.text() + p.schedule(at, overlap)})
					return
				}
			}
		}
	}
	c.counts.Steered++
}

// before reports whether the original program does the same on the same schedule.
// Functions that the rewrite didn't change may release the lock too.
func (c *checker) before(p *pair, v Variant, seed uint64, at int, overlap bool) bool {
	q := c.pair(0, seed, at, overlap)
	return q.inside && q.like(p, v)
}

// strict reports whether the two calls must behave as if one had run after the
// other. If the second only sets a variable, it can't observe half-done state, so
// only S1 or a question that names the variable excuses a difference.
func (p *pair) strict(v Variant) bool {
	if p.panicked && (v.assumes("S12") || v.assumes("S17")) {
		return false // the lock may stay locked, and drained elements may be lost
	}
	if sets := p.called[1].Sets; sets != "" && !v.named(sets) {
		return !v.assumes("S1")
	}
	return !slices.ContainsFunc(excuses, v.assumes)
}

// serial runs two calls of the original program one after the other, in both
// orders.
func (c *checker) serial(seed uint64) []*pair {
	return []*pair{c.pair(0, seed, 0, false), c.pair(0, seed, -1, false)}
}

// A pair is the outcome of two calls.
type pair struct {
	w      *World
	tasks  [2]*task
	called [2]Func
	args   [2][]reflect.Value

	results  [2]string
	panicked bool
	state    string
	fields   []string // the state of each field
	names    []string // the name of each field
	own      string   // the state of the program's subject
	ordered  string   // the effects whose order matters
	zero     int      // the counter that should be zero
	leaked   int      // open bodies that nothing refers to
	locked   bool
	lost     string  // describes a wrong counter
	inside   bool    // the second call ran while the first waited
	held     bool    // the first waited with the lock held; the second uses TryLock
	many     bool    // a function takes the lock several times
	turns    bool    // both take a lock added by the plan, so they can't overlap
	waits    [2]bool // whether each call never returns
	stuck    bool    // one call left the lock locked, so the other would wait forever
}

func (p *pair) text() string {
	return fmt.Sprintf("%s\n%s\nstate %s\nlocked %v\neffects of the first: %v\neffects of the second: %v\n",
		p.results[0], p.results[1], p.state, p.locked, p.tasks[0].did, p.tasks[1].did)
}

// like reports whether two pairs have the same outcome. It ignores the order of
// effects if a person was asked about that.
func (p *pair) like(q *pair, v Variant) bool {
	a, b := p.text(), q.text()
	if v.empties() {
		a, b = nilIfEmpty.Replace(a), nilIfEmpty.Replace(b)
	}
	if v.Reorder || v.Passes {
		a, b = sortedText(a), sortedText(b)
	}
	return a == b
}

func sortedText(text string) string {
	words := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(text))
	slices.Sort(words)
	return strings.Join(words, " ")
}

func (p *pair) schedule(at int, overlap bool) string {
	if overlap {
		return fmt.Sprintf("schedule: the first call until its operation %d, the second until it waits, the first, the second\n", at)
	}
	return fmt.Sprintf("schedule: the second call runs during operation %d of the first\n", at)
}

// problem says what is wrong whatever the plan assumes, or returns "". The exception is a panic
// of the program that leaves its lock locked: state that a person was asked about decides on it.
func (p *pair) problem(serial []*pair, v Variant) string {
	for _, q := range serial {
		if q.locked || q.panicked || q.lost != "" {
			return "" // the same happens one after the other
		}
	}
	switch {
	case p.locked && p.panicked && (p.many || v.assumes("S3") && !p.faults()):
		return "" // the second call may have run between two sections, too
	case p.locked:
		return "the lock is still held"
	case p.lost != "":
		return p.lost
	case !p.many && (p.hangs(0, serial) || p.hangs(1, serial)):
		return "a call waits for ever"
	}
	return ""
}

// faults reports whether a call has panicked because of a runtime error, and not because the
// program says so.
func (p *pair) faults() bool {
	return slices.ContainsFunc(p.results[:], func(r string) bool { return strings.Contains(r, " panics: runtime error: ") })
}

// hangs reports whether call i waits forever but doesn't in either serial order.
func (p *pair) hangs(i int, serial []*pair) bool {
	return p.waits[i] && !slices.ContainsFunc(serial, func(q *pair) bool { return q.waits[i] })
}

// pair runs two calls. If at is 0, the second runs after the first; if at is -1,
// before it. Otherwise it starts during operation number at of the first, if the
// lock is free then. With overlap it runs only until it waits without the lock
// itself, and the rest runs after the first call.
func (c *checker) pair(variant int, seed uint64, at int, overlap bool) *pair {
	in := newInput(seed)
	w := &World{seed: seed}
	if seed%3 == 0 {
		w.errors = 4
	}
	inst := c.start(variant, w, in)
	p := &pair{w: w, tasks: [2]*task{{id: 1}, {id: 2}}}
	for i := range p.called {
		p.called[i] = inst.Funcs[in.n(len(inst.Funcs))]
		if i == 1 {
			p.called[i] = inst.Funcs[seed%uint64(len(inst.Funcs))]
		}
		p.args[i] = in.args(w, p.called[i])
		p.many = p.many || p.called[i].Many
	}
	turns := strings.Fields(c.p.Variants[variant].Turns)
	p.turns = slices.Contains(turns, p.called[0].Name) && slices.Contains(turns, p.called[1].Name)
	if c.p.Parks {
		if !overlap {
			c.cross(p, inst, at)
		}
		return p
	}
	if at < 0 {
		p.run(1)
	}
	finish := p.steer(at, overlap)
	if at >= 0 || !w.locked() {
		p.run(0)
	}
	if p.stuck = p.stuck || w.locked(); !p.stuck {
		finish()
	}
	w.yield = nil
	if at == 0 && !w.locked() {
		p.run(1)
	}
	p.locked = w.locked()
	p.state = state(inst)
	p.see(inst)
	p.count(inst, p.called[:])
	return p
}

// run makes one of the calls.
func (p *pair) run(i int) {
	p.w.task = p.tasks[i]
	text, panicked := call(p.called[i], p.args[i])
	p.results[i] = text
	p.panicked = p.panicked || panicked
}

// steer arranges for the second call to run during operation number at of the
// first. finish runs the rest of it.
func (p *pair) steer(at int, overlap bool) (finish func()) {
	w, rest := p.w, func() {}
	w.yield = func(string) {
		held := w.locked()
		if w.task != p.tasks[0] || w.task.ops != at || held && !p.called[1].Tries || p.inside || p.turns {
			return
		}
		p.inside = true
		if held {
			p.held = true
			p.run(1)
			w.task = p.tasks[0]
			return
		}
		if overlap {
			rest = w.pause(p.tasks[1], func() { p.run(1) })
		} else {
			p.run(1)
		}
		w.task = p.tasks[0]
		if p.stuck = w.locked(); p.stuck {
			for _, l := range w.locks {
				l.reset() // so that deferred calls of the first don't block
			}
			panic("the second call left the lock locked: the first would wait for ever")
		}
	}
	return func() { rest() }
}

// pause runs f until its task waits without the lock. rest runs the rest of f.
func (w *World) pause(t *task, f func()) (rest func()) {
	outer := w.yield
	next, _ := iter.Pull(func(yield func(bool) bool) {
		w.yield = func(string) {
			if w.task == t && !w.locked() {
				yield(true)
				w.task = t
			}
		}
		f()
	})
	next()
	w.yield = outer
	return func() {
		w.yield = nil
		for {
			w.task = t
			if _, more := next(); !more {
				return
			}
		}
	}
}

// count checks the counters that every call increments.
func (p *pair) count(inst *Instance, called []Func) {
	for _, t := range inst.Tallies {
		want := 0
		for _, f := range called {
			if slices.Contains(t.Calls, f.Name) {
				want++
			}
		}
		if *t.Var != want {
			p.lost = fmt.Sprintf("a counter is %d after %d calls that raise it", *t.Var, want)
		}
	}
}
