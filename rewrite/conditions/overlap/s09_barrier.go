package overlap

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
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

// askBarrier asks about another section that uses nothing, or that only runs what its caller
// passes, and, if no question of S9 was asked, about code outside of the package that can hold
// the lock.
func askBarrier(w *move.Window) {
	for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
		switch {
		case s.Acquire == w.Section.Acquire || len(s.Releases) == 0 || usesState(s):
		case !callsIn(s, func(c *ast.CallExpr) bool { return s.Unit.Pkg.Info.Types[c.Fun].IsValue() }):
			w.Assume(safety.S9, w.Freed()[0].Pos(), "%s is taken at %s only to wait for sections like this one, and the call can now still be under way after that. Is that fine?", w.Section.Lock, w.Line(s.Pos()))
			return
		case runsForCaller(s) && slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool { return o.Category != "sleep" }):
			w.Assume(safety.S9, w.Freed()[0].Pos(), "%s is held at %s for a function that the caller passes, and the call can now be under way while that runs. Is that fine?", w.Section.Lock, w.Line(s.Pos()))
			return
		}
	}
	if w.Has(safety.S9) {
		return
	}
	if at := guards.HandedOut(w.Program, w.Pkg, w.Section.LockVar()); at.IsValid() {
		w.Assume(safety.S9, w.Freed()[0].Pos(), "%s is handed out at %s, and whoever holds it then can now run while the call is under way. Is that fine?", w.Section.Lock, w.Line(at))
	}
}

// usesState reports whether a section uses a field or package-level variable other than its lock.
func usesState(s *locks.Section) bool {
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool {
		return slices.ContainsFunc(guards.AccessesIn(s.Unit, n), func(a *guards.Access) bool {
			return a.Var != s.LockVar() && (a.Var.IsField() || patterns.IsGlobal(a.Var))
		})
	})
}

// runsForCaller reports whether a section of an exported function calls a function that it gets.
//
//	func (s *Store) Freeze(f func()) {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		f()
//	}
func runsForCaller(s *locks.Section) bool {
	top := patterns.TopOf(s.Unit)
	return top.Obj != nil && top.Obj.Exported() && callsIn(s, func(c *ast.CallExpr) bool {
		id, ok := ast.Unparen(c.Fun).(*ast.Ident)
		if !ok {
			return false
		}
		v := syntax.VarOf(s.Unit.Pkg.Info, id)
		return v != nil && top.IsParam(v)
	})
}

// callsIn reports whether a section makes such a call.
func callsIn(s *locks.Section, such func(*ast.CallExpr) bool) bool {
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return syntax.Has(n, such) })
}
