package behaviour

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A method that takes the lock of its receiver calls other functions under it. If the section
// calls such a method on the object whose lock it holds (a read lock allows that until a writer
// waits), what those functions use stays under the lock even without the section's lock.

// onLocked reports whether a method is called on the object whose lock the section holds.
func onLocked(s *site.Site, from site.Callee, c *ast.CallExpr) bool {
	on := patterns.ReceiverOf(c.Fun)
	if on == nil {
		return false
	}
	p, ok := patterns.PathOf(from.Unit.Pkg.Info, on)
	if !ok || p.Root == nil || from.Unit.Assigned(p.Root, from.Unit.Body.List) {
		return false
	}
	if from.Unit == s.Unit {
		lock := s.Section.Lock
		n := len(lock.Fields) - 1
		return n >= 0 && p.Root == lock.Root && slices.Equal(p.Fields, lock.Fields[:n])
	}
	return from.Locks && len(p.Fields) == 0 && p.Root == from.Unit.Signature().Recv()
}

// underReceivers returns the calls that a unit makes while it holds the lock of its receiver,
// which it took itself.
func underReceivers(s *site.Site, u *patterns.Unit) map[*ast.CallExpr]bool {
	out := make(map[*ast.CallExpr]bool)
	lock, recv := s.Section.LockVar(), u.Signature().Recv()
	if lock == nil || locks.Flows.Of(u) == nil {
		return out
	}
	locks.EachNode(u, func(ref locks.NodeRef, n ast.Node) {
		held := slices.ContainsFunc(locks.HeldAtNode(u, ref), func(p patterns.Path) bool {
			return p.Root == recv && len(p.Fields) == 1 && p.Last() == lock
		})
		if held {
			syntax.EachSynchronousCall(n, func(c *ast.CallExpr) { out[c] = true })
		}
	})
	return out
}

// LocksAgain lists the calls in a node to methods that take the section's lock again, on the
// same object.
func LocksAgain(s *site.Site, n ast.Node) []*ast.CallExpr {
	var out []*ast.CallExpr
	lock := s.Section.LockVar()
	syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
		fn := patterns.CalleeOf(s.Info, c)
		if fn == nil || !onLocked(s, site.Callee{Unit: s.Unit}, c) {
			return
		}
		u := s.Program.UnitOf(fn)
		if u == nil || locks.Flows.Of(u) == nil {
			return
		}
		if slices.ContainsFunc(locks.Flows.Of(u).Acquires, func(a locks.Event) bool { return a.Path.Root == fn.Signature().Recv() && a.Path.Last() == lock }) {
			out = append(out, c)
		}
	})
	return out
}
