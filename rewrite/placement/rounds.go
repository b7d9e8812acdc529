package placement

import (
	"go/ast"
	"maps"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A loop that tests guarded state can release the lock during each iteration if it takes it again
// before the test. Each test is then made under the lock, and each iteration is a section of its
// own:
//
//	c.mu.Lock()
//	for len(c.queue) > 0 {
//		x := c.queue[0]
//		c.queue = c.queue[1:]
//		c.mu.Unlock()
//		send(x)
//		c.mu.Lock()
//	}
//	c.mu.Unlock()
//
// After the wait, an iteration may no longer rely on its test.

// testsAnew reports whether the test of a loop looks only at guarded state, so that it is made
// anew in each iteration. A local variable in it could be older, or be the position in what
// others change meanwhile. A loop that waits for a condition must hold the lock from its test to
// that wait.
func testsAnew(s *site.Site, loop *ast.ForStmt) bool {
	if loop.Cond == nil || s.Inherited != nil || s.Waits(&ast.ExprStmt{X: loop.Cond}) || !s.Waits(loop.Body) {
		return false
	}
	touches := behaviour.Touches(s, loop.Cond)
	inLoop := func(c *ast.CallExpr) bool { return syntax.Within(c, loop) }
	if slices.ContainsFunc(s.Section.CondWaits, inLoop) || touches.Guarded() == nil || len(behaviour.GuardedChanges(touches)) > 0 {
		return false
	}
	return ofOneRound(s, &ast.ExprStmt{X: loop.Cond}, loop.Body)
}

// roundOf returns the loop whose test a step is, if the loop takes the lock again before the test.
func (p *Placement) roundOf(s *site.Site, st *PlacedStep) *ast.ForStmt {
	cond := condOf(st.node)
	if cond == nil || !st.held() || s.Parents[st.node] != nil {
		return nil
	}
	loop, ok := s.Parents[cond].(*ast.ForStmt)
	if !ok || loop.Cond != cond || !testsAnew(s, loop) || !slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.At != nil && syntax.Within(l.At, loop) }) {
		return nil
	}
	return loop
}

// leaveRounds removes what belongs to another iteration from what runs before and after a window:
// what only the test leads to, and what leads to the window only by the test. It may use no local
// variables but those of its iteration, and nothing before the loop may have been tested for it.
func (p *Placement) leaveRounds(s *site.Site, next map[*place.Step][]*place.Step, window []*place.Step, before, after map[*place.Step]bool) {
	for _, test := range p.Steps {
		loop := p.roundOf(s, test)
		if loop == nil || p.testedEarlier(s, loop) {
			continue
		}
		within := maps.Clone(next)
		delete(within, test.leaf)
		reached, leads := place.Reach(within, window), place.Reach(place.Reverse(within), window)
		delete(after, test.leaf)
		for _, st := range p.Steps {
			if st == test || !st.held() || !syntax.Within(st.node, loop) || !ofOneRound(s, st.node, loop) {
				continue
			}
			if !reached[st.leaf] {
				delete(after, st.leaf)
			}
			if !leads[st.leaf] {
				delete(before, st.leaf)
			}
		}
	}
}

// testedEarlier reports whether guarded state is tested before or around a loop.
func (p *Placement) testedEarlier(s *site.Site, loop ast.Stmt) bool {
	w := &move.Window{Site: s}
	return slices.ContainsFunc(p.Steps, func(st *PlacedStep) bool {
		cond := condOf(st.node)
		return cond != nil && st.node.Pos() < loop.Pos() && behaviour.Touches(s, cond).Guarded() != nil || st.node.Pos() < loop.Pos() && w.GuardedExit([]ast.Stmt{st.node}) != nil
	})
}

// ofOneRound reports whether a statement in a loop uses only local variables that the loop
// declares, and parameters that nothing assigns.
func ofOneRound(s *site.Site, st ast.Stmt, loop ast.Stmt) bool {
	return syntax.First(st, func(id *ast.Ident) *ast.Ident {
		v := syntax.VarOf(s.Info, id)
		if v == nil || v.IsField() || v.Parent() == s.Pkg.Types.Scope() || loop.Pos() <= v.Pos() && v.Pos() < loop.End() || s.Unit.IsParam(v) && !s.Unit.Assigned(v, s.Unit.Body.List) {
			return nil
		}
		return id
	}) == nil
}

// withinRound returns the graph of the steps that follow a test, which ends where the test of the
// loop is made anew.
func (p *Placement) withinRound(st *PlacedStep, next map[*place.Step][]*place.Step) map[*place.Step][]*place.Step {
	for _, test := range p.Steps {
		if loop := p.roundOf(p.Site, test); loop != nil && syntax.Within(st.node, loop) && !p.testedEarlier(p.Site, loop) {
			next = maps.Clone(next)
			delete(next, test.leaf)
		}
	}
	return next
}

// afterInRound lists what an iteration does with guarded state after a wait, before the test is
// made again.
func (p *Placement) afterInRound(test *PlacedStep) []*site.Touch {
	next := maps.Clone(place.Successors(p.body))
	delete(next, test.leaf)
	var window []*place.Step
	for _, st := range p.Steps {
		if (st.Free() || st.Mode.Kind == Commit) && syntax.Within(st.node, p.roundOf(p.Site, test)) {
			window = append(window, st.leaf)
		}
	}
	reached := place.Reach(next, window)
	var out []*site.Touch
	for _, st := range p.Steps {
		if st.Mode.Kind != Commit && !reached[st.leaf] || !st.held() || st == test || p.isLock(p.Site, st) {
			continue
		}
		for _, t := range behaviour.Touches(p.Window.Site, st.node).List {
			if t.Class == site.GuardedUse {
				out = append(out, t)
			}
		}
	}
	return out
}

// refuseRounds refuses to release the lock in an iteration that, after a wait, relies on the test
// at its beginning. It may only read and count what the test does not look at.
func (p *Placement) refuseRounds(s *site.Site) *safety.Refusal {
	for _, st := range p.Steps {
		if p.roundOf(p.Site, st) == nil {
			continue
		}
		tested := behaviour.Touches(s, condOf(st.node))
		for _, t := range p.afterInRound(st) {
			looked := slices.ContainsFunc(tested.List, func(u *site.Touch) bool { return u.Access.Var == t.Access.Var })
			if looked || t.Access.Kind != guards.Read && !behaviour.CountsItself(t.Access) {
				return neededEachRound(s, condOf(st.node), tested.Guarded())
			}
		}
	}
	return nil
}

// neededEachRound refuses because of the test of a loop.
func neededEachRound(s *site.Site, test ast.Expr, t *site.Touch) *safety.Refusal {
	return safety.Refuse(safety.S1, "needed-each-round", test.Pos(), "each round of this loop begins with a test of %s, which %s guards: %s", t.Name(), s.Section.Lock, t.Why)
}

// countedInRound names what an iteration counts after a wait, although its test may not hold any
// more.
func (p *Placement) countedInRound(loop ast.Stmt) []string {
	var counted []*site.Touch
	for _, st := range p.Steps {
		if f := p.roundOf(p.Site, st); f != nil && ast.Stmt(f) == loop {
			counted = append(counted, slices.DeleteFunc(p.afterInRound(st), func(t *site.Touch) bool { return !t.Access.Kind.Changes() })...)
		}
	}
	return site.TouchNames(counted)
}
