package world

import "runtime"

// unseen runs f with its synchronization hidden from the race detector, so that
// scheduling the calls doesn't order their memory accesses.
func unseen(f func()) {
	runtime.RaceDisable()
	defer runtime.RaceEnable()
	f()
}

// races returns the number of races reported so far.
func races() int { return runtime.RaceErrors() }
