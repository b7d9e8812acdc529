package overlap

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ReadsAgain reports whether an operation is the call of a method that takes the section's read
// lock again and holds it as long as it runs: then no section that changes something can run
// before it is done, with or without the lock of its caller. Nothing else in the window takes
// the lock, except for calls of such methods, about which S3 asks.
//
//	func (s *Set) Len() int {
//		s.mu.RLock()
//		defer s.mu.RUnlock()
//		return len(s.all)
//	}
func ReadsAgain(w *move.Window, o *waits.Op) bool {
	c, ok := o.Node.(*ast.CallExpr)
	if !ok || !o.Relocks || len(o.Also) > 0 || w.Section.Mode != patterns.Shared || !slices.Contains(behaviour.LocksAgain(w.Site, c), c) {
		return false
	}
	if slices.ContainsFunc(w.Finding.Ops, func(p *waits.Op) bool { return p != o && p.Node == o.Node }) {
		return false // it also waits for something else
	}
	for _, st := range w.Stmts {
		if !locksNothing(w, w.Unit, st, behaviour.LocksAgain(w.Site, st), 0) {
			return false
		}
	}
	u := w.Program.UnitOf(patterns.CalleeOf(w.Info, c))
	return slices.ContainsFunc(locks.SectionsOfUnit(w.Program, u), func(s *locks.Section) bool {
		return s.LockVar() == w.Section.LockVar() && s.Mode == patterns.Shared && spans(s)
	})
}

// maxLocksNothing bounds through how many calls locksNothing looks.
const maxLocksNothing = 3

// locksNothing reports whether the calls in a node are certain to take no lock, those in the list
// left out.
func locksNothing(w *move.Window, u *patterns.Unit, n ast.Node, known []*ast.CallExpr, depth int) bool {
	quiet := true
	syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
		if tv := u.Pkg.Info.Types[c.Fun]; !quiet || tv.IsType() || tv.IsBuiltin() || slices.Contains(known, c) {
			return
		}
		callees, seen := w.Program.Callees(u, c)
		if !seen || len(callees) == 0 {
			quiet = behaviour.HasNoEffect(w.Site, u, c)
			return
		}
		quiet = depth < maxLocksNothing && !slices.ContainsFunc(callees, func(v *patterns.Unit) bool {
			return v.Body == nil || !locksNothing(w, v, v.Body, nil, depth+1)
		})
	})
	return quiet
}

// spans reports whether a section is all of its function: the lock is taken first, and
// released on return only.
func spans(s *locks.Section) bool {
	list := s.Unit.Body.List
	if s.Problem != "" || s.Try || len(s.Cycles) > 0 || len(s.Releases) != 1 || len(list) < 2 {
		return false
	}
	first, ok := list[0].(*ast.ExprStmt)
	if !ok || first.X != ast.Expr(s.Acquire) {
		return false
	}
	d, ok := list[1].(*ast.DeferStmt)
	return ok && d.Call == s.Releases[0].Call
}
