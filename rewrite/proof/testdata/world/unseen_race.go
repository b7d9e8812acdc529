package world

import "runtime"

// unseen runs f so that the race detector takes no notice of how it
// synchronizes: what decides which call goes on must not order what the calls do.
func unseen(f func()) {
	runtime.RaceDisable()
	defer runtime.RaceEnable()
	f()
}

// races is how many races have been reported so far.
func races() int { return runtime.RaceErrors() }
