// Package shapes holds the ways to put a finding right, one file each: what
// the rewrite does and keeps in prose, an example that is run as a test, and
// the function that plans it.
package shapes

// All lists the shapes in the order in which they are offered.
func All() []Shape {
	return []Shape{Hoist, Sink, Split, Recheck, Snapshot, Drain, Collect, Helper, Singleflight, ContextLock}
}

// Named returns the shape with the given name.
func Named(name string) (Shape, bool) {
	for _, s := range All() {
		if s.Name == name {
			return s, true
		}
	}
	return Shape{}, false
}
