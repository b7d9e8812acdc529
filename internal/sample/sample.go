// Package sample has a small program for tests, with a critical section that waits for a channel,
// and the program after a rewrite.
package sample

import "strings"

// Before is a file of package p, before the rewrite.
const Before = `package p

import "sync"

type T struct {
	mu sync.Mutex
	n  int
}

func (t *T) Wait(ch <-chan int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := <-ch
	t.n += v
}

func (t *T) Get() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}

func (t *T) Add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n += n
}

func (t *T) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n = 0
}

func (t *T) Double() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n *= 2
}
`

// After is Before with the wait moved before the lock.
var After = strings.Replace(Before, "\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tv := <-ch\n", "\tv := <-ch\n\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n", 1)
