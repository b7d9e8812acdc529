package world

import (
	"iter"
	"reflect"

	"proof/sync"
)

// A crew runs the calls of programs with a second lock or a condition variable,
// one at a time. A call that waits is suspended while others run, possibly forever.
type crew struct {
	members []*member
	now     *member // the member that is running
}

// A member is one call.
type member struct {
	task  *task
	next  func() (bool, bool)
	yield func(bool) bool
	busy  bool // it is running, or has started another member that is
	over  bool

	result   string
	panicked bool
}

// waitsForEver stands for the result of a call that has not come back.
const waitsForEver = " waits for ever"

// newCrew makes a crew for the calls that follow.
func newCrew(w *World) *crew {
	c := &crew{}
	sync.Yield = func() { c.now.yield(true) }
	w.yield = func(string) { c.settle() }
	w.crew = c
	return c
}

// begin starts a call and runs it until it returns or waits.
func (c *crew) begin(t *task, f Func, args []reflect.Value) *member {
	m := &member{task: t, result: f.Name + "(" + dumpAll(args) + ")" + waitsForEver}
	m.next, _ = iter.Pull(func(yield func(bool) bool) {
		m.yield = yield
		m.result, m.panicked = call(f, args)
	})
	c.members = append(c.members, m)
	c.resume(m)
	c.settle()
	return m
}

// resume runs a call until it returns or waits.
func (c *crew) resume(m *member) {
	outer := c.now
	c.now, m.busy = m, true
	_, more := m.next()
	c.now, m.busy, m.over = outer, false, !more
}

// settle runs the other calls until each of them has returned or waits.
func (c *crew) settle() {
	for moved := true; moved; {
		moved = false
		for _, m := range c.members {
			if m.busy || m.over {
				continue
			}
			before := sync.Steps
			c.resume(m)
			moved = moved || m.over || sync.Steps != before
		}
	}
}

// cross runs two calls. The second starts after the first if at is 0, before it if
// at is -1, and otherwise during operation number at of the first.
func (c *checker) cross(p *pair, inst *Instance, at int) {
	k := newCrew(p.w)
	var members [2]*member
	second := false
	begin := func(i int) {
		second = second || i == 1
		members[i] = k.begin(p.tasks[i], p.called[i], p.args[i])
	}
	if p.inside = at <= 0; at < 0 {
		begin(1)
	}
	p.w.yield = func(string) {
		if k.now.task == p.tasks[0] && k.now.task.ops == at && !second {
			p.inside = true
			begin(1)
		}
		k.settle()
	}
	begin(0)
	if !second {
		begin(1)
	}
	for i, m := range members {
		p.results[i], p.waits[i] = m.result, !m.over
		p.panicked = p.panicked || m.panicked
	}
	p.locked = (p.w.locked() || p.w.leftLocked()) && (p.panicked || !p.waits[0] && !p.waits[1])
	p.stuck = p.panicked && p.locked
	p.state = state(inst)
	p.see(inst)
	if !p.waits[0] && !p.waits[1] {
		p.count(inst, p.called[:])
	}
}
