package world

import (
	"reflect"
	"slices"
	"sync/atomic"
	"time"
)

const (
	meetRounds = 2                      // meetings of the same two functions with different inputs
	meetPoints = 3                      // operations of the first call during which the second may run
	meetWait   = 500 * time.Millisecond // how long the first waits for the second, at least
)

// meetAll runs each pair of functions on two goroutines, the second while the
// first waits without the lock, until the race detector reports something.
func (c *checker) meetAll(v int) {
	if c.p.Variants[v].Joins {
		return // the second call might wait for the first
	}
	w := &World{quiet: true}
	n := len(c.start(v, w, newInput(c.p.Seed)).Funcs)
	if slices.ContainsFunc(w.locks, lock.patient) {
		// Such a lock stays held during the wait, and checking it would be reported as a race.
		return
	}
	for a := range n {
		for b := range n {
			for round := range uint64(meetRounds) {
				if c.meetPoints(v, c.p.Seed*1000+700+round*31+uint64(a*7+b), a, b) {
					return
				}
			}
		}
	}
}

// meetPoints runs two calls one after the other, in both orders, and then the
// second during each of the first operations of the first.
func (c *checker) meetPoints(v int, seed uint64, a, b int) (enough bool) {
	for at := int32(secondFirst); at <= meetPoints; at++ {
		before := races()
		m := c.meet(v, seed, a, b, at)
		if races() > before || c.spoiled {
			return true
		}
		if m.inside.Load() {
			c.counts.Met++
		}
		if at > 0 && m.ops.Load() < at {
			return false
		}
	}
	return false
}

// Points at which the second call may run, other than operations of the first.
const (
	secondFirst = -1
	secondLast  = 0
)

// A meeting runs one call while another waits, each on its own goroutine. Only one
// of them runs at a time, but the handover is hidden from the race detector. So it
// reports any unlocked access of one call that conflicts with the other call.
type meeting struct {
	w      *World
	at     int32
	turn   atomic.Int32 // 0 for the first call, 1 for the second, 2 for either
	ops    atomic.Int32 // of the first call
	inside atomic.Bool  // the second call ran while the first waited
	begin  chan bool    // tells the second call whether to run
	back   chan bool    // whether the second call has returned; false if it takes too long
	lost   chan bool    // closed if the first call would wait forever
}

// meet runs call b during operation number at of call a, if the lock is free then.
// at may also be secondFirst or secondLast.
func (c *checker) meet(v int, seed uint64, a, b int, at int32) *meeting {
	in := newInput(seed)
	in.nice = true
	w := &World{seed: seed, quiet: true}
	inst := c.start(v, w, in)
	m := &meeting{w: w, at: at, begin: make(chan bool, 1), back: make(chan bool, 2), lost: make(chan bool)}
	w.meeting = m
	fa, fb := inst.Funcs[a], inst.Funcs[b]
	argsA, argsB := in.args(w, fa), in.args(w, fb)
	first, second := make(chan bool), make(chan bool)
	go func() {
		defer close(second)
		m.second(fb, argsB)
	}()
	go func() {
		defer close(first)
		m.first(fa, argsA)
	}()
	c.spoiled = !m.watch(first, second)
	return m
}

// watch waits for both calls. If the second takes too long, because it waits for
// something that the first holds or forever, watch lets the first continue. It
// reports false if the second does not return after that either.
func (m *meeting) watch(first, second chan bool) bool {
	tick := time.NewTicker(meetWait)
	defer tick.Stop()
	for late := 0; first != nil || second != nil; {
		select {
		case <-first:
			first, late = nil, 0
		case <-second:
			second = nil
		case <-m.lost:
			first = nil
		case <-tick.C:
			if m.turn.Load() != 1 && first != nil {
				continue
			}
			if late++; late == 2 && first == nil {
				return false
			} else if late == 2 {
				m.back <- false
			}
		}
	}
	return true
}

func (m *meeting) first(f Func, args []reflect.Value) {
	stuck := false
	if m.at == secondFirst {
		unseen(func() {
			m.handOver()
			stuck = m.w.locked()
		})
	}
	if stuck {
		return // a panic in the second call has left it locked
	}
	quietly(f, args)
	unseen(func() {
		switch {
		case m.at == secondLast && !m.w.locked():
			m.handOver()
		case m.at >= 0 && !m.inside.Load():
			m.begin <- false
		}
	})
}

// handOver lets the second call run and waits for it.
func (m *meeting) handOver() {
	m.turn.Store(1)
	m.begin <- true
	if <-m.back {
		m.turn.Store(0)
	} else {
		m.turn.Store(2)
	}
}

func (m *meeting) second(f Func, args []reflect.Value) {
	wanted := false
	unseen(func() { wanted = <-m.begin })
	if wanted {
		quietly(f, args)
		unseen(func() { m.back <- true })
	}
}

// quietly makes a call and ignores its results and panics.
func quietly(f Func, args []reflect.Value) {
	defer func() { _ = recover() }()
	f.call(args)
}

// op is called during every operation of either call.
func (m *meeting) op() {
	stuck := false
	unseen(func() {
		if m.turn.Load() != 0 || m.ops.Add(1) != m.at || m.w.locked() {
			return
		}
		m.inside.Store(true)
		m.handOver()
		stuck = m.turn.Load() == 0 && m.w.locked()
	})
	if stuck { // a panic in the second call has left it locked
		close(m.lost)
		select {}
	}
}
