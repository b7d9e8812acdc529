// Package sync stands for the package of that name in programs whose calls may wait
// for each other by other means than the lock. Who waits lets others run and looks
// again, so that one call runs at a time, and nothing depends on chance.
package sync

import "sync"

// Yield lets others run. It comes back even if nothing has changed.
var Yield func()

// Steps counts what somebody may have waited for.
var Steps int

// These need not know of it.
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

// A Mutex is held by one.
type Mutex struct{ held bool }

// Lock waits until nobody holds the mutex.
func (m *Mutex) Lock() { until(m.TryLock) }

// TryLock takes the mutex if nobody holds it.
func (m *Mutex) TryLock() bool {
	free := !m.held
	m.held = true
	return free
}

// Unlock lets the mutex go.
func (m *Mutex) Unlock() {
	if !m.held {
		panic("unlock of unlocked mutex")
	}
	m.held = false
	Steps++
}

// An RWMutex is held by one, or by readers.
type RWMutex struct {
	held    bool
	readers int
}

// Lock waits until nobody holds the mutex.
func (m *RWMutex) Lock() { until(m.TryLock) }

// TryLock takes the mutex if nobody holds it.
func (m *RWMutex) TryLock() bool {
	if m.held || m.readers > 0 {
		return false
	}
	m.held = true
	return true
}

// Unlock lets the mutex go.
func (m *RWMutex) Unlock() {
	if !m.held {
		panic("unlock of unlocked mutex")
	}
	m.held = false
	Steps++
}

// RLock waits until there are none but readers.
func (m *RWMutex) RLock() {
	until(func() bool { return !m.held })
	m.readers++
}

// RUnlock is for readers.
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

// NewCond makes a condition variable.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

// Wait lets the lock go, waits to be woken, and takes the lock again.
func (c *Cond) Wait() {
	var woken bool
	c.waiting = append(c.waiting, &woken)
	c.L.Unlock()
	until(func() bool { return woken })
	c.L.Lock()
}

// Signal wakes the one who has waited longest.
func (c *Cond) Signal() { c.wake(min(1, len(c.waiting))) }

// Broadcast wakes all who wait.
func (c *Cond) Broadcast() { c.wake(len(c.waiting)) }

func (c *Cond) wake(n int) {
	for _, woken := range c.waiting[:n] {
		*woken = true
	}
	c.waiting = c.waiting[n:]
	Steps++
}
