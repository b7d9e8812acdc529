package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// headroom is how much the heap may grow in bytes before garbage is collected. A run
// lasts seconds and most of what it allocates stays in use, so that collections at the
// usual growth, which start with a small heap, are a fifth of its time. A heap that is
// larger than this grows as usual.
const headroom = 512 << 20

// smallest is the heap below which the runtime does not collect, at a growth of 100 %.
const smallest = 4 << 20

// roomyHeap gives the heap headroom until done is called. GOGC in the environment takes
// precedence over it.
func roomyHeap() (done func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	var mu sync.Mutex
	over := false
	usual := debug.SetGCPercent(100)
	afterEachCollection(func() bool {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return false
		}
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(int(max(100, 100*headroom/max(live[0].Value.Uint64(), smallest))))
		return true
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		debug.SetGCPercent(usual)
	}
}

// afterEachCollection calls f now and after each garbage collection, until it returns
// false. The compiler of Go does the same to begin with a larger heap (AdjustStartingHeap
// in cmd/compile/internal/base).
func afterEachCollection(f func() bool) {
	type sentinel struct{ _ [16]byte }
	if f() {
		runtime.SetFinalizer(new(sentinel), func(*sentinel) { afterEachCollection(f) })
	}
}
