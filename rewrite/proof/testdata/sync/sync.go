// Package sync replaces the standard package sync in programs whose calls may wait
// for each other by means other than the lock. A call that waits yields to others
// and then tries again, so that one call runs at a time, deterministically.
package sync

import "sync"

// Yield lets other calls run. It may return even if nothing has changed.
var Yield func()

// Steps counts events that may let a waiting call continue.
var Steps int

// The standard versions of these will do.
type (
	Locker    = sync.Locker
	WaitGroup = sync.WaitGroup
	Once      = sync.Once
	Map       = sync.Map
)

func until(free func() bool) {
	for !free() {
		Yield()
	}
	Steps++
}

// A Mutex is a mutual exclusion lock.
type Mutex struct{ held bool }

// Lock waits until nobody holds the mutex, then takes it.
func (m *Mutex) Lock() { until(m.TryLock) }

// TryLock takes the mutex if nobody holds it.
func (m *Mutex) TryLock() bool {
	free := !m.held
	m.held = true
	return free
}

// Unlock releases the mutex.
func (m *Mutex) Unlock() {
	if !m.held {
		panic("unlock of unlocked mutex")
	}
	m.held = false
	Steps++
}

// An RWMutex is held by one writer or by any number of readers.
type RWMutex struct {
	held    bool
	readers int
}

// Lock waits until nobody holds the mutex, then takes it.
func (m *RWMutex) Lock() { until(m.TryLock) }

// TryLock takes the mutex if nobody holds it.
func (m *RWMutex) TryLock() bool {
	if m.held || m.readers > 0 {
		return false
	}
	m.held = true
	return true
}

// Unlock releases the mutex.
func (m *RWMutex) Unlock() {
	if !m.held {
		panic("unlock of unlocked mutex")
	}
	m.held = false
	Steps++
}

// RLock waits until no writer holds the mutex, then takes it for reading.
func (m *RWMutex) RLock() {
	until(func() bool { return !m.held })
	m.readers++
}

// RUnlock undoes one RLock.
func (m *RWMutex) RUnlock() {
	if m.readers == 0 {
		panic("unlock of unlocked mutex")
	}
	m.readers--
	Steps++
}

// A Cond is a condition variable.
type Cond struct {
	L       Locker
	waiting []*bool
}

// NewCond returns a new condition variable.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

// Wait unlocks c.L, waits to be woken, and locks c.L again.
func (c *Cond) Wait() {
	var woken bool
	c.waiting = append(c.waiting, &woken)
	c.L.Unlock()
	until(func() bool { return woken })
	c.L.Lock()
}

// Signal wakes the longest waiter.
func (c *Cond) Signal() { c.wake(min(1, len(c.waiting))) }

// Broadcast wakes all waiters.
func (c *Cond) Broadcast() { c.wake(len(c.waiting)) }

func (c *Cond) wake(n int) {
	for _, woken := range c.waiting[:n] {
		*woken = true
	}
	c.waiting = c.waiting[n:]
	Steps++
}
