package placement

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// PlaceAndLookAgain finds the cheapest placement that takes the section's lock again after the
// wait and repeats there what was tested before.
func PlaceAndLookAgain(s *site.Site) (*Placement, *safety.Refusal) {
	if s.Section.Problem != "" {
		return nil, s.FormRefusal // a test without the lock cannot be repeated under it
	}
	t := *s
	t.UnderLock = testsBefore(s)
	p, r := placeAgain(&t)
	if r != nil {
		return nil, r
	}
	if n := p.Recheck.Reaches(p.unlocked()); p.lift() == nil && n < len(p.unlocked()) {
		// The rest reassigns a variable that is read again.
		t.UnderLock = append(t.UnderLock, p.unlocked()[n:]...)
		if p, r = placeAgain(&t); r != nil {
			return nil, r
		}
	}
	if r := p.Recheck.Check(p.Pre, p.unlocked(), p.lift()); r != nil {
		return nil, r
	}
	if p.Recheck.Closes() {
		if r := p.refuseGuardedResults(); r != nil {
			return nil, r
		}
		t.Explicit = true
		if p, r = placeAgain(&t); r != nil {
			return nil, r
		}
		if r := p.Recheck.Check(p.Pre, p.unlocked(), p.lift()); r != nil {
			return nil, r
		}
	}
	p.Recheck.Explicit = !p.again().deferred
	return p, nil
}

// testsBefore lists the tests of guarded state before the wait. If there are none, and the
// section waits before it needs the lock, it lists those before the next wait.
func testsBefore(s *site.Site) []ast.Stmt {
	if tests := testsIn(s, s.Body); len(tests) > 0 {
		return tests
	}
	begin := slices.IndexFunc(s.Body, func(st ast.Stmt) bool { return behaviour.Touches(s, st).Guarded() != nil })
	return testsIn(s, s.Body[max(begin, 0):])
}

// testsIn lists the tests of guarded state before the first wait in a list.
func testsIn(s *site.Site, list []ast.Stmt) []ast.Stmt {
	if i := slices.IndexFunc(list, s.IsWaiting); i >= 0 {
		list = list[:i]
	}
	w := &move.Window{Site: s, Derived: behaviour.Derived(s, list)}
	return slices.DeleteFunc(slices.Clone(list), func(st ast.Stmt) bool { return w.GuardedExit([]ast.Stmt{st}) == nil })
}

// placeAgain finds a placement that takes the lock a second time, in one place, and what must be
// repeated there.
func placeAgain(s *site.Site) (*Placement, *safety.Refusal) {
	p, r := Place(s, "recheck")
	if r != nil {
		return nil, r
	}
	if p.again() == nil {
		return nil, p.RefuseAs("recheck")
	}
	if r := p.refuseSecondWait(); r != nil {
		return nil, r
	}
	if r := p.refuseElsewhere(); r != nil {
		return nil, r
	}
	if p.Recheck, r = move.NewRecheck(p.Site, p.Pre, p.unlocked(), p.Post); r != nil {
		return nil, r
	}
	if r := p.refuseShadowed(); r != nil {
		return nil, r
	}
	p.Same = slices.DeleteFunc(p.Same, func(e *move.SameEntry) bool { // the lookup is repeated
		return e.Found != nil && slices.Contains(p.Recheck.Steps, ast.Stmt(e.Found))
	})
	return p, nil
}

// refuseElsewhere refuses to repeat a test from a branch that does not lead to the place where
// the lock is taken again: on the way there, the test was never made.
func (p *Placement) refuseElsewhere() *safety.Refusal {
	for _, st := range p.Pre {
		if move.Branch(p.Site, st, p.again().At) != st && p.GuardedExit([]ast.Stmt{st}) != nil {
			return safety.Refuse(safety.S3, "tested-before", st.Pos(), "the section continues only after testing guarded state, in a branch that also tests this")
		}
	}
	return nil
}

// refuseShadowed refuses to repeat a test in a branch where one of its names means something
// else:
//
//	if key, err := fetch(key); err == nil {
func (p *Placement) refuseShadowed() *safety.Refusal {
	at := p.again().At
	if slices.Contains(p.List, at) {
		return nil // see [move.Recheck.Check]
	}
	for _, step := range p.Recheck.Steps {
		id := syntax.First(step, func(id *ast.Ident) *ast.Ident {
			obj := p.Info.Uses[id]
			if obj == nil || obj.Parent() == nil || syntax.Within(obj.Parent(), step) || syntax.MeansAt(p.Pkg.Types, obj, at.Pos()) {
				return nil // Parent is nil for fields and methods
			}
			return id
		})
		if id != nil {
			return safety.Refuse(safety.S3, "shadowed", id.Pos(), "%s is another variable after the wait", id.Name)
		}
	}
	return nil
}

// again returns the only place, in the statement list of the section or in a branch there that
// depends on what the wait brings, where the lock is taken a second time, or nil:
//
//	if v, err := fetch(key); err == nil {
//		c.mu.Lock()
func (p *Placement) again() *LockPlace {
	first := len(p.Locks) - 1
	if first < 0 || p.Free || p.Locks[first].At == nil || p.Locks[first].After || !p.inBranch(p.Locks[first].At) {
		return nil
	}
	if first == 0 && p.dropped || first > 1 || first == 1 && p.Locks[0].At != nil && p.Locks[0] != p.firstLock() {
		return nil
	}
	return p.Locks[first]
}

// inBranch reports whether a statement stands in the section's list, or in branches of if
// statements there that run with the lock released.
func (p *Placement) inBranch(st ast.Stmt) bool {
	for !slices.Contains(p.List, st) {
		block, isBlock := p.Parents[st].(*ast.BlockStmt)
		if !isBlock {
			return false
		}
		ifs, isIf := p.Parents[block].(*ast.IfStmt)
		if !isIf || behaviour.Touches(p.Site, ifs.Cond).Guarded() != nil {
			return false
		}
		st = ifs
	}
	return true
}

// firstLock returns the place where the lock is first taken, if that is after a wait, or nil.
func (p *Placement) firstLock() *LockPlace {
	if p.first == nil {
		return nil
	}
	return p.Locks[0]
}

// refuseSecondWait refuses to look again if the lock is released again after that.
func (p *Placement) refuseSecondWait() *safety.Refusal {
	for _, st := range p.unlocked() {
		if p.lift() == nil && st.End() > p.again().At.Pos() && st.Pos() <= p.again().At.Pos() || st.Pos() > p.again().At.End() && p.follows(st) {
			return safety.Refuse(safety.S1, "second-wait", st.Pos(), "another wait follows")
		}
	}
	return nil
}

// follows reports whether a statement after the second Lock may wait once that is released: it
// stands in the same list, or waits after a branch that reaches its end.
func (p *Placement) follows(st ast.Stmt) bool {
	list := p.ListOf(p.again().At)
	if slices.ContainsFunc(list, func(o ast.Stmt) bool { return syntax.Within(st, o) }) {
		return true
	}
	return !syntax.Terminates(p.Info, list[len(list)-1]) && p.Waits(st)
}

// unlocked lists the statements of the window before the second Lock. It leaves out those that
// defer a call that waits when the function returns, with the lock released.
func (p *Placement) unlocked() []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(p.Stmts), func(st ast.Stmt) bool {
		_, deferred := st.(*ast.DeferStmt)
		return deferred && st.Pos() >= p.again().At.Pos()
	})
}

// lift returns the part of a statement that runs before the second Lock, or nil.
func (p *Placement) lift() *extract.Lift {
	for _, st := range p.Steps {
		if st.Mode.Kind == Commit {
			return st.Lift
		}
	}
	return nil
}

// refuseGuardedResults refuses a test whose results cannot be evaluated before the lock is
// released, which must happen before the test closes what it drops.
func (p *Placement) refuseGuardedResults() *safety.Refusal {
	for _, t := range p.Recheck.Tests {
		for _, e := range syntax.ResultsIn(t) {
			if tuple, ok := p.Info.TypeOf(e).(*types.Tuple); ok && tuple.Len() > 1 && edits.ResultNeedsLock(p.Recheck, e) {
				return safety.Refuse(safety.S1, "results-guarded", e.Pos(), "the results are computed from guarded state, but the lock must be released first to close what is not needed")
			}
		}
	}
	return nil
}
