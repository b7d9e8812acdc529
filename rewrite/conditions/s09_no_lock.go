package conditions

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RefuseWithout refuses to release the lock of a section in which letgo sees nothing
// guarded, unless the section only waits for another goroutine, once, while other sections
// of the lock do other things. A lock around anything else serializes the calls, or what
// they do together, unless the awaited goroutine needs it.
func RefuseWithout(s *site.Site) *safety.Refusal {
	itself := safety.Refuse(safety.S9, "guards-the-wait", s.Lock.Pos(), "nothing that the section uses looks guarded, so the lock seems to protect the wait itself")
	if len(s.Finding.Ops) != 1 {
		return itself
	}
	if s.Finding.MayDeadlock() {
		return nil
	}
	o := s.Finding.Ops[0]
	if o.Category != "chan" && o.Category != "wait" || o.Deferred || !onlyWaits(s, o) {
		return itself
	}
	for _, other := range locks.SectionsOfLock(s.Program, s.Pkg, s.Section.LockVar()) {
		if other.Acquire != s.Section.Acquire && !waits.Waits(s.Program, other) {
			return nil
		}
	}
	return itself
}

// onlyWaits reports whether the section does nothing but one wait: no other
// call, no assignment, no loop. What a function that was given does is not seen.
func onlyWaits(s *site.Site, o *waits.Op) bool {
	only := true
	for _, st := range s.Body {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt, *ast.GoStmt, *ast.DeferStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SelectStmt:
				only = false
			case *ast.SendStmt:
				only = only && ast.Node(n) == o.Node
			case *ast.UnaryExpr:
				only = only && (n.Op != token.ARROW || ast.Node(n) == o.Node)
			case *ast.CallExpr:
				_, known := s.Program.Callees(s.Unit, n)
				only = only && (ast.Node(n) == o.Node && known || idle(s, n))
			}
			return only
		})
	}
	return only
}

// idle reports whether a call does nothing that anybody can see: a conversion, a
// function without an effect, or the release of the lock.
func idle(s *site.Site, c *ast.CallExpr) bool {
	if tv := s.Info.Types[c.Fun]; tv.IsType() {
		return true
	}
	if s.Releases(c) {
		return true
	}
	return behaviour.HasNoEffect(s, s.Unit, c)
}

// AssumeWithout asks whether the lock has a reason that the code does not show. A section that
// has never ended has shown none, and neither has one whose call takes the read lock itself.
func AssumeWithout(w *move.Window) {
	if !slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool { return !w.Finding.NeverPassed(o) && !overlap.ReadsAgain(w, o) }) {
		return
	}
	w.Assume(safety.S9, w.Lock.Pos(), "The lock is no longer taken. Is it true that %s is not there to serialize the wait?", w.Section.Lock)
}
