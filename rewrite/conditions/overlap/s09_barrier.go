package overlap

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S9 about code that takes the lock for nothing but to wait until
// the section is over.
//
//	func (s *Server) Quiesce() {
//		s.mu.Lock()
//		s.mu.Unlock()
//	}

// askBarrier asks about another section that uses nothing, and, if no question of S9 was
// asked, about code outside of the package that can hold the lock.
func askBarrier(w *move.Window) {
	for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
		if s.Acquire != w.Section.Acquire && usesNothing(s) {
			w.Assume(safety.S9, w.Freed()[0].Pos(), "%s is taken at %s only to wait for sections like this one, and the call can now still be under way after that. Is that fine?", w.Section.Lock, w.Line(s.Pos()))
			return
		}
	}
	if !w.Has(safety.S9) && guards.HandsLockOut(w.Program, w.Pkg, w.Section.LockVar()) {
		w.Assume(safety.S9, w.Freed()[0].Pos(), "%s can be held by code that letgo does not see, and the call can now be under way there. Is that fine?", w.Section.Lock)
	}
}

// usesNothing reports whether a section ends in its function, uses no field or package-level
// variable, and calls nothing.
func usesNothing(s *locks.Section) bool {
	return len(s.Releases) > 0 && !slices.ContainsFunc(s.Nodes, func(n ast.Node) bool {
		calls := syntax.Has(n, func(c *ast.CallExpr) bool { return s.Unit.Pkg.Info.Types[c.Fun].IsValue() })
		return calls || slices.ContainsFunc(guards.AccessesIn(s.Unit, n), func(a *guards.Access) bool {
			return a.Var != s.LockVar() && (a.Var.IsField() || patterns.IsGlobal(a.Var))
		})
	})
}
