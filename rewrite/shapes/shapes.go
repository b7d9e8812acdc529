// Package shapes has the ways to fix a finding, one file each: prose about what the
// rewrite does and keeps, an example that runs as a test, and the function that plans
// it.
package shapes

// All lists the shapes in the order in which they are offered.
func All() []Shape {
	return []Shape{Hoist, Sink, Split, Recheck, Snapshot, Drain, Buffer, Collect, Helper, Singleflight, ContextLock}
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
