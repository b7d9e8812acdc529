// Package shapes holds the ways to put a finding right, one file each: what
// the rewrite does and keeps in prose, an example that is run as a test, and
// the function that plans it.
package shapes

import (
	"go/ast"

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

// opRange returns the indices of the first and last statement of the section
// that enclose a blocking operation.
func opRange(s *rewrite.Site) (first, last int, refusal *rewrite.Refusal) {
	first, last = -1, -1
	for _, o := range s.Finding.Ops {
		i := s.IndexOf(o.Node)
		if i < 0 {
			return 0, 0, rewrite.Refuse(rewrite.S15, "not-in-section", o.Pos(), "%s is not among the statements of the section", o.Call())
		}
		if first < 0 || i < first {
			first = i
		}
		last = max(last, i)
	}
	return first, last, nil
}

// firstGuarded returns the index of the first statement from index i on that
// uses something guarded, or the number of statements.
func firstGuarded(s *rewrite.Site, list []ast.Stmt, i int) int {
	for ; i < len(list); i++ {
		if s.NeedsLock(list[i]) {
			return i
		}
	}
	return i
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
