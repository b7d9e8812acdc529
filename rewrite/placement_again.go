package rewrite

import (
	"go/ast"
	"slices"
)

// PlaceAndLookAgain finds the cheapest placement of the section's lock that takes it
// again after the wait, where what was tested before is tested again.
func (s *Site) PlaceAndLookAgain() (*Placement, *Refusal) {
	if s.Section.Problem != "" {
		return nil, s.form // what is looked at without the lock cannot be looked at again under it
	}
	t := *s
	t.underLock = s.testsBefore()
	p, r := t.placeAgain()
	if r != nil {
		return nil, r
	}
	if n := p.recheck.Reaches(p.unlocked()); p.lift() == nil && n < len(p.unlocked()) {
		// the rest gives a variable another value that is to be read again
		t.underLock = append(t.underLock, p.unlocked()[n:]...)
		if p, r = t.placeAgain(); r != nil {
			return nil, r
		}
	}
	if r := p.recheck.Check(p.Pre, p.unlocked(), p.lift()); r != nil {
		return nil, r
	}
	if p.recheck.Closes() {
		if r := p.refuseGuardedResults(); r != nil {
			return nil, r
		}
		t.explicit = true
		if p, r = t.placeAgain(); r != nil {
			return nil, r
		}
		if r := p.recheck.Check(p.Pre, p.unlocked(), p.lift()); r != nil {
			return nil, r
		}
	}
	p.recheck.explicit = !p.again().deferred
	return p, nil
}

// testsBefore lists the tests before the wait of what is read under the lock. If there
// are none, and the section waits before it needs the lock, those before the next wait.
func (s *Site) testsBefore() []ast.Stmt {
	if tests := s.testsIn(s.Body); len(tests) > 0 {
		return tests
	}
	begin := slices.IndexFunc(s.Body, func(st ast.Stmt) bool { return s.touches(st).guarded() != nil })
	return s.testsIn(s.Body[max(begin, 0):])
}

// testsIn lists the tests before the first wait in a list.
func (s *Site) testsIn(list []ast.Stmt) []ast.Stmt {
	if i := slices.IndexFunc(list, s.isWaiting); i >= 0 {
		list = list[:i]
	}
	w := &Window{Site: s, derived: s.derived(list)}
	return slices.DeleteFunc(slices.Clone(list), func(st ast.Stmt) bool { return w.guardedExit([]ast.Stmt{st}) == nil })
}

func (s *Site) isWaiting(st ast.Stmt) bool { return s.waits(st) }

// placeAgain finds a placement that takes the lock a second time, once, and what is to
// be repeated there.
func (s *Site) placeAgain() (*Placement, *Refusal) {
	p, r := s.Place("recheck")
	if r != nil {
		return nil, r
	}
	if p.again() == nil {
		return nil, p.RefuseAs("recheck")
	}
	if r := p.refuseSecondWait(); r != nil {
		return nil, r
	}
	p.recheck, r = p.Site.newRecheck(p.Pre, p.unlocked(), p.Post)
	return p, r
}

// again returns the one place where the lock is taken a second time, among the
// statements that the section stands in, or nil.
func (p *Placement) again() *lockPlace {
	first := len(p.locks) - 1
	if first < 0 || p.Free || p.locks[first].at == nil || p.locks[first].after || !slices.Contains(p.List, p.locks[first].at) {
		return nil
	}
	if first == 0 && p.dropped || first > 1 || first == 1 && p.locks[0].at != nil && p.locks[0] != p.firstLock() {
		return nil
	}
	return p.locks[first]
}

// firstLock returns where the lock is taken at first, if that is after a wait.
func (p *Placement) firstLock() *lockPlace {
	if p.first == nil {
		return nil
	}
	return p.locks[0]
}

// refuseSecondWait refuses to look again where the lock is released again after that.
func (p *Placement) refuseSecondWait() *Refusal {
	for _, st := range p.unlocked() {
		if p.lift() == nil && st.End() > p.again().at.Pos() || st.Pos() > p.again().at.End() {
			return Refuse(S1, "second-wait", st.Pos(), "another wait follows")
		}
	}
	return nil
}

// unlocked lists the statements of the window before the second Lock: without those that
// defer a call which waits when the function returns, with the lock released.
func (p *Placement) unlocked() []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(p.Stmts), func(st ast.Stmt) bool {
		_, deferred := st.(*ast.DeferStmt)
		return deferred && st.Pos() >= p.again().at.Pos()
	})
}

// lift returns the part of a statement that comes before the second Lock, or nil.
func (p *Placement) lift() *Lift {
	for _, st := range p.steps {
		if st.mode.Kind == commit {
			return st.lift
		}
	}
	return nil
}

// keepsLock reports whether a step must run under the lock for the placement that is
// looked for.
func (s *Site) keepsLock(st ast.Stmt) bool {
	if !slices.ContainsFunc(s.underLock, func(o ast.Stmt) bool { return within(st, o) }) {
		return false
	}
	if e := condOf(st); e != nil {
		return s.mayBeHeldAt(e)
	}
	return s.mayBeHeldAt(st)
}
