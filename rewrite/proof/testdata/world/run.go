package world

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// An Instance is one object of a program, ready to be called.
type Instance struct {
	Locks   []any   // pointers to its mutexes, or what took their place
	State   []any   // pointers to all of its state
	Funcs   []Func  // what can be called
	Tallies []Tally // counters that never lose a count
	Own     []any   // pointers to the variables that the program is about
	Fields  []Field // further variables that the lock guards
	Zero    *int    // a counter that is zero whenever nothing runs, or nil
	Ordered string  // effects that begin with it come in the order of the sections, or ""
}

// A Func is one function of a program.
type Func struct {
	Name string
	Many bool // it takes the lock several times: others may come in between anyway

	Tries bool   // it gives up rather than wait for the lock
	Sets  string // the variable that it sets to its argument, if that is all it does

	F    reflect.Value   `json:"-"`
	recv []reflect.Value // what F takes first: the instance, if it is a method
}

// call calls the function.
func (f Func) call(args []reflect.Value) []reflect.Value {
	return f.F.Call(slices.Concat(f.recv, args))
}

// A Field is one variable of a program.
type Field struct {
	Name string
	Var  any // a pointer
}

// A Tally is a counter that a function raises by one in every call that
// returns; Calls names those functions.
type Tally struct {
	Var   *int
	Calls []string
}

// A Variant describes one form of a program: as it was written, or rewritten.
type Variant struct {
	Name    string // "before", or which plan was carried out
	Safe    bool   // its grade
	Assumes string // the conditions that are assumed: "S3 S10"
	Clean   bool   // no finding is left
	Joins   bool   // a call may wait for another one and take over its result
	Turns   string // functions that take a second lock, of which one runs at a time
	Reorder bool   // effects may come in another order: a person was asked
	Passes  bool   // so may changes of one call and what the other waits for
	Asks    bool   // a person was asked about what the program is about
	Named   string // what the questions name: "n last"
}

// assumes reports whether a person was asked about a condition.
func (v Variant) assumes(condition string) bool {
	return slices.Contains(strings.Fields(v.Assumes), condition)
}

// named reports whether a question names a variable.
func (v Variant) named(name string) bool { return slices.Contains(strings.Fields(v.Named), name) }

// empties reports whether a slice may be nil where it was empty: what is drained.
func (v Variant) empties() bool {
	return strings.HasPrefix(v.Name, "drain") || v.Name == "all" && v.assumes("S17")
}

// finishes reports whether the section may have come to its end, or have emptied a list,
// where a call in it would have panicked and left the lock locked for good, so that nobody
// sees the state.
func (v Variant) finishes() bool {
	return strings.HasPrefix(v.Name, "collect") || strings.HasPrefix(v.Name, "drain") || v.Name == "all"
}

// ends reports whether a panic while a helper waits may end the program, because a
// caller's deferred unlock finds the lock unlocked: a person was asked.
func (v Variant) ends() bool {
	return (strings.HasPrefix(v.Name, "helper") || v.Name == "all") && v.assumes("S12")
}

type program struct {
	Description
	codes []Code // of the variants
}

var programs = make(map[int]*program)

// Register adds variants of programs.
func Register(codes []Code) {
	for _, c := range codes {
		p := programs[c.Program]
		if p == nil {
			p = &program{}
			programs[c.Program] = p
		}
		p.codes = append(p.codes, make([]Code, max(0, c.Variant+1-len(p.codes)))...)
		p.codes[c.Variant] = c
	}
}

// A Difference is one way in which a variant is not as good as the original.
type Difference struct {
	Program       int
	Variant       string
	Kind          string
	Before, After string
}

// Counts say how much was tried.
type Counts struct{ Programs, Variants, Sequences, Panics, Ops, Steered, Windows, Serial, Excused, Met int }

// patience is how long one program may run before it counts as stuck.
const patience = 30 * time.Second

// Main runs the programs that standard input describes, in JSON, in the mode that
// the first argument names: "seq" or "race". It prints "@ID" before each program,
// differences as JSON, and counts as JSON after it.
func Main() {
	debug.SetGCPercent(400)
	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	var counts Counts
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var d Description
		if in.Decode(&d) != nil {
			break
		}
		fmt.Fprintf(out, "@%d\n", d.ID)
		out.Flush()
		p := programs[d.ID]
		p.Description = d
		c := checker{p: p, out: out, counts: &counts, report: func(d Difference) { enc.Encode(d) }}
		stuck := time.AfterFunc(patience, func() {
			debug.SetTraceback("all")
			fmt.Fprintln(os.Stderr, "it hangs")
			panic("it hangs")
		})
		switch os.Args[1] {
		case "seq":
			c.check()
		case "race":
			c.race()
		}
		stuck.Stop()
		enc.Encode(counts)
		counts = Counts{}
	}
	out.Flush()
}

// A checker compares the variants of one program.
type checker struct {
	p      *program
	out    *bufio.Writer
	counts *Counts
	report func(Difference)

	spoiled bool // a call never ended: what is shared by all instances may change at any time
}

// sequences is how many sequences of calls each program goes through.
const sequences = 12

func (c *checker) check() {
	c.counts.Programs++
	c.counts.Variants += len(c.p.Variants) - 1
	failed := make(map[string]bool)
	for s := range uint64(sequences) {
		seed := c.p.Seed*1000 + s
		before := c.sequence(0, seed, maxCalls)
		c.counts.Ops += before.ops
		c.counts.Panics += before.panics
		for v := 1; v < len(c.p.Variants); v++ {
			name := c.p.Variants[v].Name
			if failed[name] {
				continue
			}
			if before.fault && c.p.Variants[v].ends() {
				c.counts.Excused++
				continue
			}
			c.counts.Sequences++
			after := c.sequence(v, seed, before.calls)
			if c.p.Variants[v].empties() && after.emptied().like(before.emptied()) {
				continue
			}
			if before.stuck && c.p.Variants[v].finishes() && after.calling() == before.calling() {
				continue
			}
			if c.p.Variants[v].Reorder && after.unordered().like(before.unordered()) {
				continue
			}
			// Where maps are gone through, the same run may panic or not.
			like, other := after.like(before) || !c.p.Variants[v].Safe && after.faults().like(before.faults()), excused(after, c.p.Variants[v])
			if !like && (excused(before, c.p.Variants[v]) || other && c.varies(seed, after.calls)) {
				c.counts.Excused++
			} else if !like && !c.possible(seed, after, c.p.Variants[v]) {
				failed[name] = true
				c.report(Difference{c.p.ID, name, "sequence", before.String(), after.String()})
			} else if c.p.Variants[v].Clean && len(after.held) > 0 && !after.stuck { // a panic that leaves it locked: deferred calls wait with it
				failed[name] = true
				c.report(Difference{c.p.ID, name, "held", strings.Join(before.held, "\n"), strings.Join(after.held, "\n")})
			}
		}
	}
	for v := 1; v < len(c.p.Variants); v++ {
		if !failed[c.p.Variants[v].Name] && !c.p.Variants[v].Joins { // pairs run on one goroutine
			c.steer(v)
		}
	}
}

// unordered drops the order of the effects.
func (o outcome) unordered() outcome {
	lines := strings.Split(o.text, "\n")
	slices.Sort(lines)
	o.text = strings.Join(lines, "\n")
	return o
}

// emptied makes no difference between slices that are nil and empty ones.
func (o outcome) emptied() outcome {
	o.text = nilIfEmpty.Replace(o.text)
	return o
}

// faults makes no difference between runtime errors: of two that one statement would
// raise, the other one may come first where it is taken apart.
func (o outcome) faults() outcome {
	lines := strings.Split(o.text, "\n")
	for i, line := range lines {
		if call, _, ok := strings.Cut(line, " panics: runtime error: "); ok {
			lines[i] = call + " panics"
		}
	}
	o.text = strings.Join(lines, "\n")
	return o
}

var nilIfEmpty = strings.NewReplacer("map[]", "map[]", "[]", "nil")

// excused reports whether a difference is what an assumption asks about: what
// becomes of state (S17) and of effects (S12) if something panics.
func excused(before outcome, v Variant) bool {
	return before.fault && (v.assumes("S17") || v.assumes("S12"))
}

// calling is the calls and the effects without the state.
func (o outcome) calling() string {
	calls, effects, _ := strings.Cut(o.text, "\nstate ")
	_, effects, _ = strings.Cut(effects, "\n")
	return calls + "\n" + effects
}

// possible reports whether the program as it was can also come out like this:
// ranges over maps have no order.
func (c *checker) possible(seed uint64, after outcome, v Variant) bool {
	if !c.varies(seed, after.calls) {
		return false
	}
	like := outcome.like
	if v.Reorder {
		like = func(after, before outcome) bool { return after.unordered().like(before.unordered()) }
	}
	tries := 20_000
	if c.p.Parks {
		tries = 200 // each takes much longer
	}
	for range tries { // five calls that range over maps come out in thousands of ways
		before := c.sequence(0, seed, after.calls)
		if like(after, before) || before.stuck && before.calls < after.calls && after.at[before.calls-1] == before.text {
			return true
		}
	}
	return false
}

// varies reports whether the program as it was comes out in several ways.
func (c *checker) varies(seed uint64, calls int) bool {
	first := c.sequence(0, seed, calls)
	for range 100 {
		if c.sequence(0, seed, calls).text != first.text {
			return true
		}
	}
	return false
}

// An outcome is what can be seen of a run.
type outcome struct {
	text   string
	at     []string // the text if the sequence had ended after each of its calls
	stuck  bool     // the last call has left the lock locked
	calls  int
	held   []string
	ops    int
	panics int
	fault  bool // one of the panics is not the program's own
}

// like reports whether a rewritten program did what the original did. Where
// that left the lock locked, because a backend panicked and nothing was
// deferred, the rewritten one may have released it already.
func (o outcome) like(before outcome) bool {
	return o.text == before.text && (!o.stuck || before.stuck)
}

func (o outcome) String() string {
	return fmt.Sprintf("%sthe lock stays locked: %v\n", o.text, o.stuck)
}

// maxCalls is how many calls a sequence has at most.
const maxCalls = 5

// sequence runs a sequence of calls, but no more than limit, on one goroutine.
// It stops when the lock is not free any more.
func (c *checker) sequence(variant int, seed uint64, limit int) outcome {
	in := newInput(seed)
	w := &World{seed: seed, faults: in.faults(seed)}
	inst := c.start(variant, w, in)
	run := call
	if c.p.Parks {
		k := newCrew(w)
		run = func(f Func, args []reflect.Value) (string, bool) {
			m := k.begin(w.task, f, args)
			return m.result, m.panicked
		}
	}
	var o outcome
	var b strings.Builder
	for i := range min(1+in.n(maxCalls), limit) {
		w.task = &task{id: i + 1}
		f := inst.Funcs[in.n(len(inst.Funcs))]
		text, panicked := run(f, in.args(w, f))
		fmt.Fprintf(&b, "%s\n", text)
		o.at = append(o.at, b.String()+seen(inst, w))
		if panicked {
			o.panics++
			o.fault = o.fault || !strings.HasSuffix(text, "panics: stopped") && !strings.HasSuffix(text, "panics: bad")
		}
		o.calls++
		if o.stuck = w.locked() || panicked && w.leftLocked(); o.stuck {
			break
		}
	}
	o.held, o.ops = w.held, len(w.Trace)
	o.text = b.String() + seen(inst, w)
	return o
}

// seen is what calls have left behind: the state and the effects.
func seen(inst *Instance, w *World) string {
	var b strings.Builder
	fmt.Fprintf(&b, "state %s\n", state(inst))
	for _, t := range w.Trace {
		fmt.Fprintf(&b, "effect %s\n", t)
	}
	return b.String()
}

func (c *checker) start(variant int, w *World, in *Input) *Instance {
	w.task = &task{}
	inst := c.p.instance(variant, w, in)
	for _, l := range inst.Locks {
		w.locks = append(w.locks, lockOf(l))
	}
	for _, v := range inst.Own {
		if l, ok := v.(locker); ok {
			w.others = append(w.others, lockOf(l))
		}
	}
	return inst
}

func state(inst *Instance) string { return dumpTargets(inst.State) }

// dumpTargets prints what pointers lead to.
func dumpTargets(pointers []any) string {
	var parts []string
	for _, s := range pointers {
		parts = append(parts, dump(reflect.ValueOf(s).Elem(), 0))
	}
	return strings.Join(parts, " ")
}

// call calls a function and says what came of it.
func call(f Func, args []reflect.Value) (text string, panicked bool) {
	text = f.Name + "(" + dumpAll(args) + ")"
	defer func() {
		if r := recover(); r != nil {
			value, _, _ := strings.Cut(fmt.Sprint(r), "\n") // singleflight adds a stack
			text, panicked = text+" panics: "+value, true
		}
	}()
	text += " = " + dumpAll(f.call(args))
	for _, a := range args {
		if out, ok := a.Interface().(*Output); ok {
			text += fmt.Sprintf(", and writes %q", out.Text)
		}
	}
	return text, false
}

func dumpAll(values []reflect.Value) string {
	var shown []string
	for _, v := range values {
		if e, ok := v.Interface().(error); ok {
			shown = append(shown, "error "+e.Error())
		} else {
			shown = append(shown, dump(v, 0))
		}
	}
	return strings.Join(shown, ", ")
}

// A lock is what guards the state of a program.
type lock interface {
	free() bool
	reset()        // after somebody has left it locked
	patient() bool // who waits for it can give up: it may be held while waiting
}

type mutex struct{ *sync.Mutex }

func (m mutex) free() bool    { return m.TryLock() && unlock(m.Unlock) }
func (m mutex) patient() bool { return false }
func (m mutex) reset()        { *m.Mutex = sync.Mutex{} }

type rwMutex struct{ *sync.RWMutex }

func (m rwMutex) free() bool    { return m.TryLock() && unlock(m.Unlock) }
func (m rwMutex) patient() bool { return false }
func (m rwMutex) reset()        { *m.RWMutex = sync.RWMutex{} }

// A locker is a mutex of the package that stands for sync.
type locker interface {
	TryLock() bool
	Unlock()
}

type other struct{ locker }

func (o other) free() bool    { return o.TryLock() && unlock(o.Unlock) }
func (o other) patient() bool { return false }

func (o other) reset() {
	if !o.free() {
		o.Unlock()
	}
}

// A weighted is a semaphore that took a mutex's place.
type weighted interface {
	TryAcquire(n int64) bool
	Release(n int64)
}

type semaphore struct{ weighted }

func (s semaphore) patient() bool { return true }

func (s semaphore) free() bool { return s.TryAcquire(1) && unlock(func() { s.Release(1) }) }

func (s semaphore) reset() {
	if !s.free() {
		s.Release(1)
	}
}

type slot struct{ c reflect.Value }

func (s slot) patient() bool { return true }

// free expects a channel with one slot, filled while the lock is held.
func (s slot) free() bool { return s.c.Len() == 0 }

func (s slot) reset() {
	if !s.free() {
		s.c.Recv()
	}
}

func unlock(f func()) bool {
	f()
	return true
}

func lockOf(l any) lock {
	switch l := l.(type) {
	case *sync.Mutex:
		return mutex{l}
	case **sync.Mutex:
		return mutex{*l}
	case *sync.RWMutex:
		return rwMutex{l}
	case **sync.RWMutex:
		return rwMutex{*l}
	case locker:
		return other{l}
	}
	v := reflect.ValueOf(l).Elem()
	if p, ok := v.Interface().(locker); ok {
		return other{p}
	}
	if v.Kind() == reflect.Chan {
		return slot{v}
	}
	if s, ok := v.Interface().(weighted); ok {
		return semaphore{s}
	}
	return semaphore{l.(weighted)}
}
