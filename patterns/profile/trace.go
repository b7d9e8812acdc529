package profile

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"golang.org/x/exp/trace"
)

// readTrace reads an execution trace. As in a mutex profile, a wait for a lock is also charged
// to the stack that ended it.
func (p *Profile) readTrace(r io.Reader) error {
	reader, err := trace.NewReader(r)
	if err != nil {
		return fmt.Errorf("the trace cannot be read: %w", err)
	}
	t := &tracer{profile: p, since: make(map[trace.GoID]pending), stacks: make(map[trace.Stack][]Frame)}
	for {
		ev, err := reader.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("the trace is damaged or not complete: %w", err)
		}
		t.last = ev.Time()
		if ev.Kind() == trace.EventStateTransition {
			t.transition(ev)
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(t.since), cmp.Compare) {
		t.end(id, t.last, nil) // goroutines that still wait have waited until the end
	}
	p.Released, p.Waited = add(p.Released), add(p.Waited)
	return nil
}

// A tracer follows the goroutines of a trace.
type tracer struct {
	profile *Profile
	since   map[trace.GoID]pending // goroutines that are waiting
	last    trace.Time
	stacks  map[trace.Stack][]Frame
}

// A pending is a wait that has begun.
type pending struct {
	stack []Frame
	start trace.Time
}

func (t *tracer) transition(ev trace.Event) {
	st := ev.StateTransition()
	if st.Resource.Kind != trace.ResourceGoroutine {
		return
	}
	id := st.Resource.Goroutine()
	from, to := st.Goroutine()
	if isWaiting(from) && from != to {
		var by []Frame
		if ev.Goroutine() != id {
			by = t.frames(ev.Stack())
		}
		t.end(id, ev.Time(), by)
	}
	if isWaiting(to) && from != to {
		if stack := t.frames(st.Stack); len(stack) > 0 {
			t.since[id] = pending{stack, ev.Time()}
		}
	}
}

func isWaiting(s trace.GoState) bool { return s == trace.GoWaiting || s == trace.GoSyscall }

// end records the end of a wait. by is the stack of the goroutine that ended it, if any.
func (t *tracer) end(id trace.GoID, at trace.Time, by []Frame) {
	w, ok := t.since[id]
	if !ok {
		return
	}
	delete(t.since, id)
	d := time.Duration(at.Sub(w.start))
	t.profile.Waited = append(t.profile.Waited, &Sample{w.stack, d, 1, []time.Duration{d}})
	if isAcquire(innermost(w.stack)) && isRelease(innermost(by)) {
		t.profile.Released = append(t.profile.Released, &Sample{by, d, 1, []time.Duration{d}})
	}
}

// frames returns the functions on a stack, innermost first.
func (t *tracer) frames(s trace.Stack) []Frame {
	if known, ok := t.stacks[s]; ok {
		return known
	}
	var out []Frame
	for f := range s.Frames() {
		out = append(out, Frame{Func: printable(f.Func), File: printable(f.File), Line: int(f.Line)})
	}
	t.stacks[s] = out
	return out
}
