package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"
)

// A weighted is the lock that context-lock makes.
type weighted struct {
	*semaphore.Weighted
	ctx context.Context
}

func (w weighted) Lock() {
	if err := w.Acquire(w.ctx, 1); err != nil {
		panic(err)
	}
}
func (w weighted) Unlock() { w.Release(1) }

// A slot is a channel with room for one, the other way to wait with a context.
type slot struct {
	ch  chan struct{}
	ctx context.Context
}

func (s slot) Lock() {
	select {
	case s.ch <- struct{}{}:
	case <-s.ctx.Done():
		panic(s.ctx.Err())
	}
}
func (s slot) Unlock() { <-s.ch }

// BenchmarkLock measures what a lock costs, by itself and while 64 goroutines
// want it, and with the lock held for no time and while its holder sleeps for a
// millisecond. The semaphore and the channel wait with a context that may end.
func BenchmarkLock(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, l := range []struct {
		name string
		make func() sync.Locker
	}{
		{"Mutex", func() sync.Locker { return new(sync.Mutex) }},
		{"RWMutex", func() sync.Locker { return new(sync.RWMutex) }},
		{"RWMutex-read", func() sync.Locker { return new(sync.RWMutex).RLocker() }},
		{"Weighted", func() sync.Locker { return weighted{semaphore.NewWeighted(1), ctx} }},
		{"channel", func() sync.Locker { return slot{make(chan struct{}, 1), ctx} }},
	} {
		for _, held := range []time.Duration{0, time.Millisecond} {
			for _, goroutines := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/held=%v/goroutines=%d", l.name, held, goroutines), func(b *testing.B) {
					benchLock(b, l.make(), held, goroutines)
				})
			}
		}
	}
}

func benchLock(b *testing.B, l sync.Locker, held time.Duration, goroutines int) {
	var wg sync.WaitGroup
	b.ResetTimer()
	for i := range goroutines {
		rounds := (b.N + i) / goroutines // b.N in all
		wg.Go(func() {
			for range rounds {
				l.Lock()
				if held > 0 {
					time.Sleep(held)
				}
				l.Unlock()
			}
		})
	}
	wg.Wait()
}
