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
	"sync/atomic"
	"time"
)

// An Instance is an instance of a program, ready to be called.
type Instance struct {
	Locks   []any   // pointers to its mutex, or to what replaced it
	State   []any   // pointers to all of its state
	Funcs   []Func  // the functions to call
	Tallies []Tally // counters that must never lose a count
	Own     []any   // pointers to the program's subject
	Fields  []Field // other variables that the lock guards
	Zero    *int    // a counter that is zero when nothing runs, or nil
	Ordered string  // prefix of effects that must keep the order of the sections, or ""
}

// A Func is one function of a program.
type Func struct {
	Name string
	Many bool // it takes the lock several times, so others may run in between anyway

	Tries bool   // it uses TryLock and gives up
	Sets  string // the variable it sets to its argument, if it does nothing else

	F    reflect.Value   `json:"-"`
	recv []reflect.Value // the receiver, if F is a method
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

// A Tally is a counter that the functions in Calls increment by one in every call that
// returns.
type Tally struct {
	Var   *int
	Calls []string
}

// A Variant describes one version of a program: the original or a rewrite. A person
// "was asked" about something if a question of the plan covers it.
type Variant struct {
	Name    string // "before", or the plan that was applied
	Safe    bool   // the plan's grade is safe
	Assumes string // the assumed conditions: "S3 S10"
	Clean   bool   // no findings are left
	Joins   bool   // a call may wait for another one and share its result
	Turns   string // functions that take a lock added by the plan, so only one runs at a time
	Reorder bool   // a person was asked about the order of effects
	Passes  bool   // a person was asked about calls that overtake each other
	Asks    bool   // a person was asked about the program's subject
	Named   string // the names in the questions: "n last"
}

// assumes reports whether the variant assumes a condition.
func (v Variant) assumes(condition string) bool {
	return slices.Contains(strings.Fields(v.Assumes), condition)
}

// named reports whether a question names a variable.
func (v Variant) named(name string) bool { return slices.Contains(strings.Fields(v.Named), name) }

// empties reports whether a slice may be nil that was empty before: drain sets
// slices to nil, also in a helper.
func (v Variant) empties() bool {
	return strings.HasPrefix(v.Name, "drain") || (strings.HasPrefix(v.Name, "helper") || v.Name == "all") && v.assumes("S17")
}

// overtakes reports whether a person was asked about the order of effects, or about the order of
// calls that ran beside each other, as those do that wait for a condition.
func (v Variant) overtakes(o outcome) bool {
	return v.Reorder || v.Passes && strings.Contains(o.text, waitsForEver)
}

// finishes reports whether the section may complete, or empty a list, before a call
// panics that used to panic inside the section. The original then left the lock
// locked for good, so nobody could see the state.
func (v Variant) finishes() bool {
	return strings.HasPrefix(v.Name, "collect") || strings.HasPrefix(v.Name, "drain") || v.Name == "all"
}

// ends reports whether a panic while a helper waits may crash the program because a
// caller's deferred unlock finds the lock unlocked. A person was asked about that.
func (v Variant) ends() bool {
	return (strings.HasPrefix(v.Name, "helper") || v.Name == "all") && v.assumes("S12")
}

type program struct {
	Description
	codes []Code // by variant
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

// A Difference is one way in which a variant behaves worse than the original.
type Difference struct {
	Program       int
	Variant       string
	Kind          string
	Before, After string
}

// Counts says how much was tried.
type Counts struct{ Programs, Variants, Sequences, Panics, Ops, Steered, Windows, Serial, Excused, Met int }

// patience is how long one program may run before it counts as stuck.
const patience = 30 * time.Second

// Main runs the programs described as JSON on standard input, in the mode given by
// the first argument, "seq" or "race". For each program it prints "@ID", then
// differences as JSON, then counts as JSON.
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
			panic(fmt.Sprintf("variant %d hangs", c.running.Load()))
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

	spoiled bool         // a call never returned, so shared state may change at any time
	running atomic.Int32 // the variant that runs
}

// sequences is the number of call sequences to run for each program.
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
			if c.p.Variants[v].overtakes(before) && after.unordered().like(before.unordered()) {
				continue
			}
			// With map iteration, the same run may or may not panic.
			like, other := after.like(before) || !c.p.Variants[v].Safe && after.faults().like(before.faults()), excused(after, c.p.Variants[v])
			if !like && (excused(before, c.p.Variants[v]) || other && c.varies(seed, after.calls)) {
				c.counts.Excused++
			} else if !like && !c.possible(seed, after, c.p.Variants[v]) {
				failed[name] = true
				c.report(Difference{c.p.ID, name, "sequence", before.String(), after.String()})
			} else if c.p.Variants[v].Clean && len(after.held) > 0 && !after.stuck {
				// If a panic leaves the lock locked, deferred calls may wait with it held.
				failed[name] = true
				c.report(Difference{c.p.ID, name, "held", strings.Join(before.held, "\n"), strings.Join(after.held, "\n")})
			}
		}
	}
	for v := 1; v < len(c.p.Variants); v++ {
		// A pair runs on one goroutine, so a call that joins another would wait forever.
		if !failed[c.p.Variants[v].Name] && !c.p.Variants[v].Joins {
			c.steer(v)
		}
	}
}

// unordered removes the order of effects from the text.
func (o outcome) unordered() outcome {
	lines := strings.Split(o.text, "\n")
	slices.Sort(lines)
	o.text = strings.Join(lines, "\n")
	return o
}

// emptied makes empty slices in the text look like nil ones.
func (o outcome) emptied() outcome {
	o.text = nilIfEmpty.Replace(o.text)
	return o
}

// faults removes the messages of runtime errors. If a rewrite splits a statement
// that can panic in two ways, the other panic may come first.
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

// excused reports whether an assumption covers a difference: what happens to state
// (S17) and effects (S12) after a panic.
func excused(before outcome, v Variant) bool {
	return before.fault && (v.assumes("S17") || v.assumes("S12"))
}

// calling returns the calls and effects without the state.
func (o outcome) calling() string {
	calls, effects, _ := strings.Cut(o.text, "\nstate ")
	_, effects, _ = strings.Cut(effects, "\n")
	return calls + "\n" + effects
}

// possible reports whether the original program can also produce this outcome,
// because it ranges over maps.
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
		tries = 200 // each try takes much longer
	}
	outcomes := make(map[string]int)
	unordered := false
	for range tries { // five calls that range over maps have thousands of outcomes
		before := c.sequence(0, seed, after.calls)
		if like(after, before) || before.stuck && before.calls < after.calls && after.at[before.calls-1] == before.text {
			return true
		}
		outcomes[before.text]++
		unordered = unordered || after.unordered().like(before.unordered())
	}
	once := 0
	for _, n := range outcomes {
		if n == 1 {
			once++
		}
	}
	return unordered && once > tries/20 // the others have that share (Good and Turing)
}

// varies reports whether the original program has several outcomes.
func (c *checker) varies(seed uint64, calls int) bool {
	first := c.sequence(0, seed, calls)
	for range 100 {
		if c.sequence(0, seed, calls).text != first.text {
			return true
		}
	}
	return false
}

// An outcome is the observable behavior of a run.
type outcome struct {
	text   string
	at     []string // the text as it would be if the sequence had ended after each call
	stuck  bool     // the last call left the lock locked
	calls  int
	held   []string
	ops    int
	panics int
	fault  bool // one of the panics is not the program's own
}

// like reports whether a rewritten program did the same as the original. If the
// original left the lock locked, because a backend panicked and no unlock was
// deferred, the rewritten one may have released it.
func (o outcome) like(before outcome) bool {
	return o.text == before.text && (!o.stuck || before.stuck)
}

func (o outcome) String() string {
	return fmt.Sprintf("%sthe lock stays locked: %v\n", o.text, o.stuck)
}

// maxCalls is the maximum number of calls in a sequence.
const maxCalls = 5

// sequence runs a sequence of at most limit calls on one goroutine. It stops if a
// call leaves the lock locked.
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

// seen returns the state and the effects so far.
func seen(inst *Instance, w *World) string {
	var b strings.Builder
	fmt.Fprintf(&b, "state %s\n", state(inst))
	for _, t := range w.Trace {
		fmt.Fprintf(&b, "effect %s\n", t)
	}
	return b.String()
}

func (c *checker) start(variant int, w *World, in *Input) *Instance {
	c.running.Store(int32(variant))
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

// dumpTargets dumps the values that pointers point to.
func dumpTargets(pointers []any) string {
	var parts []string
	for _, s := range pointers {
		parts = append(parts, dump(reflect.ValueOf(s).Elem(), 0))
	}
	return strings.Join(parts, " ")
}

// call calls a function and describes the result.
func call(f Func, args []reflect.Value) (text string, panicked bool) {
	text = f.Name + "(" + dumpAll(args) + ")"
	defer func() {
		if r := recover(); r != nil {
			value, _, _ := strings.Cut(fmt.Sprint(r), "\n") // singleflight appends a stack trace
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

// A lock guards the state of a program.
type lock interface {
	free() bool
	reset()        // unlocks it if it was left locked
	patient() bool // waiters can give up, so it may be held during a wait
}

type mutex struct{ *sync.Mutex }

func (m mutex) free() bool    { return m.TryLock() && unlock(m.Unlock) }
func (m mutex) patient() bool { return false }
func (m mutex) reset()        { *m.Mutex = sync.Mutex{} }

type rwMutex struct{ *sync.RWMutex }

func (m rwMutex) free() bool    { return m.TryLock() && unlock(m.Unlock) }
func (m rwMutex) patient() bool { return false }
func (m rwMutex) reset()        { *m.RWMutex = sync.RWMutex{} }

// A locker is a mutex of package proof/sync.
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

// A weighted is a semaphore that replaced a mutex.
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

// free expects a channel with capacity 1 that is full while the lock is held.
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
