package lifetime

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/move"
)

// heldOpen reports whether the read lock has no other purpose than to keep an object open:
// each section that excludes the readers ends its life. Such a lock is held across the call
// on purpose, even if the object can safely be closed in between.
//
//	func (f *File) Write(p []byte) (int, error) { f.mu.RLock() ... f.f.Write(p) ... }
//	func (f *File) Close() error                { f.mu.Lock() ... f.f.Close() ... }
func heldOpen(w *move.Window, v move.UsedValue) bool {
	if w.Section.Mode != patterns.Shared {
		return false
	}
	closings := w.ClosingCalls(v)
	writers := 0
	for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
		if s.Mode == patterns.Shared {
			continue
		}
		writers++
		if !slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return endsIn(w, s.Unit, n, closings) }) {
			return false
		}
	}
	return writers > 0
}

// endsIn reports whether a node of a unit contains one of the calls that end a life, or
// calls the function that makes it.
func endsIn(w *move.Window, u *patterns.Unit, n ast.Node, closings []patterns.Call) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		callees, _ := w.Program.Callees(u, c)
		found = slices.ContainsFunc(closings, func(k patterns.Call) bool { return k.Call == c || slices.Contains(callees, k.Unit) })
		return !found
	})
	return found
}
