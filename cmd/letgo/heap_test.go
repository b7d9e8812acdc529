package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// A small heap gets room to grow for as long as a command runs.
func TestRoomyHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	before := percent()
	done := roomyHeap()
	runtime.GC()
	if p := percent(); p <= 100 {
		t.Errorf("the heap may grow by %d %%, want more than 100 %%", p)
	}
	done()
	runtime.GC()
	if p := percent(); p != before {
		t.Errorf("afterwards the heap may grow by %d %%, want %d %%", p, before)
	}
	t.Setenv("GOGC", "50")
	debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	defer roomyHeap()()
	if p := percent(); p != 50 {
		t.Errorf("with GOGC=50 the heap may grow by %d %%", p)
	}
}
