// Package shapes holds the ways to put a finding right, one file each: what
// the rewrite does and keeps in prose, an example that is run as a test, and
// the function that plans it.
package shapes

import (
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
)

// All lists the shapes in the order in which they are offered.
func All() []rewrite.Shape {
	return []rewrite.Shape{Hoist, Sink, Split, Recheck, Snapshot, Drain, Collect, Helper, Singleflight, ContextLock}
}

// Named returns the shape with the given name.
func Named(name string) (rewrite.Shape, bool) {
	for _, s := range All() {
		if s.Name == name {
			return s, true
		}
	}
	return rewrite.Shape{}, false
}

// subject names the operation in a title: "the call", "the wait".
func subject(f *patterns.Finding) string {
	switch f.Main().Category {
	case "sleep":
		return "the sleep"
	case "chan", "wait":
		return "the wait"
	}
	return "the call"
}
