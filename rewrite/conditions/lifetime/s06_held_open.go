package lifetime

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// heldOpen reports whether the read lock has no other purpose than to keep an object open:
// each section that excludes the readers ends its life. Such a lock is held across the call
// on purpose, even if the object can safely be closed in between.
//
//	func (f *File) Write(p []byte) (int, error) { f.mu.RLock() ... f.f.Write(p) ... }
//	func (f *File) Close() error                { f.mu.Lock() ... f.f.Close() ... }
func heldOpen(w *move.Window, v move.UsedValue) bool {
	closings := w.ClosingCalls(v)
	return onlyExcludes(w, func(s *locks.Section) bool {
		return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return endsIn(w, s.Unit, n, closings) })
	})
}

// onlyExcludes reports whether the section has a read lock, and each section that excludes the
// readers is one of those that ends accepts.
func onlyExcludes(w *move.Window, ends func(*locks.Section) bool) bool {
	if w.Section.Mode != patterns.Shared {
		return false
	}
	writers := 0
	for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
		if s.Mode == patterns.Shared {
			continue
		}
		writers++
		if !ends(s) {
			return false
		}
	}
	return writers > 0
}

// refuseHeldOpen refuses a window if the read lock keeps open what lies beside it in its
// struct. What the call uses may have been made from that, like a batch of a database.
//
//	func (b *batch) Write() error { b.db.mu.RLock(); if b.db.closed { ... } b.batch.Commit() ... }
//	func (d *db) Close() error    { d.mu.Lock() ... d.closed = true ... d.file.Close() ... }
func refuseHeldOpen(w *move.Window) *safety.Refusal {
	holder := behaviour.Holder(w.Site, w.Section.LockVar())
	var closed ast.Expr
	var at *locks.Section
	closes := func(s *locks.Section) bool { // in the section or after it: nobody reads any more
		return syntax.Has(s.Unit.Body, func(c *ast.CallExpr) bool {
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || c.Pos() < s.Acquire.Pos() || !behaviour.EndsLife(sel.Sel.Name) {
				return false
			}
			p, ok := patterns.PathOf(s.Unit.Pkg.Info, sel.X)
			if !ok || !p.Last().IsField() || behaviour.Holder(w.Site, p.Last()) != holder {
				return false
			}
			closed, at = sel.X, s
			return true
		})
	}
	if holder == nil || !onlyExcludes(w, closes) {
		return nil
	}
	return safety.Refuse(safety.S6, "held-open", w.Section.Acquire.Pos(), "the read lock keeps %s open during the call: %s is taken for writing only where that is closed (%s)",
		types.ExprString(closed), w.Section.Lock, w.Line(at.Acquire.Pos()))
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
