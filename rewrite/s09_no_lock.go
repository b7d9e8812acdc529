package rewrite

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// RefuseWithout refuses to give up the lock of a section that uses nothing that
// is seen to be guarded, unless all it does is to wait for another goroutine,
// once, while other sections of the lock do other things. A lock around
// anything else keeps the calls apart, or what they do together; but not if those
// who are waited for need it.
func (s *Site) RefuseWithout() *Refusal {
	itself := Refuse(S9, "guards-the-wait", s.Lock.Pos(), "nothing that the section uses looks guarded, so the lock seems to protect the wait itself")
	if len(s.Finding.Ops) != 1 {
		return itself
	}
	if s.Finding.MayDeadlock() {
		return nil
	}
	o := s.Finding.Ops[0]
	if o.Category != "chan" && o.Category != "wait" || o.Deferred || !s.onlyWaits(o) {
		return itself
	}
	for _, other := range s.Program.SectionsIn(s.Pkg) {
		if other.LockVar() == s.Section.LockVar() && other.Acquire != s.Section.Acquire && !s.Program.Waits(other) {
			return nil
		}
	}
	return itself
}

// onlyWaits reports whether the section does nothing but one wait: no other
// call, no assignment, no loop.
func (s *Site) onlyWaits(o *patterns.Op) bool {
	only := true
	for _, st := range s.Body {
		inspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt, *ast.GoStmt, *ast.DeferStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SelectStmt:
				only = false
			case *ast.SendStmt:
				only = only && ast.Node(n) == o.Node
			case *ast.UnaryExpr:
				only = only && (n.Op != token.ARROW || ast.Node(n) == o.Node)
			case *ast.CallExpr:
				only = only && (ast.Node(n) == o.Node || s.idle(n))
			}
			return only
		})
	}
	return only
}

// idle reports whether a call does nothing that anybody can see: a conversion, a
// function without an effect, or the release of the lock.
func (s *Site) idle(c *ast.CallExpr) bool {
	if tv := s.Info.Types[c.Fun]; tv.IsType() {
		return true
	}
	if s.releases(c) {
		return true
	}
	return s.hasNoEffect(s.Unit, c)
}

// releases reports whether a call releases the section's lock.
func (s *Site) releases(c *ast.CallExpr) bool {
	return slices.ContainsFunc(s.Section.Releases, func(r patterns.Release) bool { return r.Call == c })
}

// AssumeWithout asks the reviewer for a reason that stands nowhere.
func (w *Window) AssumeWithout() {
	w.assume(S9, w.Lock.Pos(), "Nothing that the section uses looks guarded by %s, so the lock is no longer taken. Is it true that it does not serialize the wait?", w.Section.Lock)
}
