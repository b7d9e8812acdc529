// Package layout lays out the section of a finding as a contiguous part of one statement list,
// or says why it is not one.
package layout

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// New lays out the section of a finding, or says why the shapes cannot handle its form.
func New(x *patterns.Program, f *finding.Finding) (*site.Site, *safety.Refusal) {
	return Like(x, f, nil)
}

// Like is like [New], for another section with the lock of the site like. It reuses what is
// known about the lock. The site may be nil.
func Like(x *patterns.Program, f *finding.Finding, like *site.Site) (*site.Site, *safety.Refusal) {
	s := f.Section
	u := s.Unit
	site := site.New(x, f)
	if like != nil {
		site.Flags = like.Flags
	}
	if u.Decl == nil {
		return nil, safety.Inapplicable(s.Pos(), "the section is in a function literal outside of any function")
	}
	if u.File.Fixed != "" {
		return nil, safety.Inapplicable(s.Pos(), "this file is never rewritten: %s", u.File.Fixed)
	}
	if r := RefuseUnknown(u.Pkg, u.Decl); r != nil {
		return nil, r
	}
	if s.Problem != "" && s.Problem != locks.OnSomePaths {
		return nil, safety.Refuse(safety.S11, "unclear", s.ProblemPos, "%s", s.Problem)
	}
	if s.Try {
		return nil, safety.Refuse(safety.S9, "trylock", s.Pos(), "the lock is taken by TryLock, so whoever fails to get it does something else")
	}
	if like == nil {
		if r := overlap.RefuseTryLock(site); r != nil {
			return nil, r
		}
	}
	if r := refuseCycle(site); r != nil {
		return nil, r
	}
	if s.Problem != "" {
		site.FormRefusal = safety.Refuse(safety.S11, "unclear", s.ProblemPos, "%s", s.Problem)
	} else {
		site.FormRefusal = layOut(site)
	}
	if site.FormRefusal == nil {
		return site, nil
	}
	if r := layOutLoosely(site); r != nil {
		return site, r
	}
	if like != nil && len(site.AtExit) > 0 {
		return site, site.FormRefusal // what it does at the end would have to be looked at, too
	}
	return site, nil
}

// RefuseUnknown refuses to rewrite a function that contains something unknown.
func RefuseUnknown(p *patterns.Package, d *ast.FuncDecl) *safety.Refusal {
	e := p.Unknown(d)
	switch {
	case e == d.Name:
		return safety.Inapplicable(e.Pos(), "%s has a compile error, so letgo does not know everything in it", d.Name.Name)
	case e != nil:
		return safety.Inapplicable(e.Pos(), "the type of %s is unknown: a package is missing", types.ExprString(e))
	}
	return nil
}

// layOutLoosely lays out a section of any form as the rest of the function, from the statement
// in which the lock is taken.
func layOutLoosely(s *site.Site) *safety.Refusal {
	lock, ok := s.Parents[s.Section.Acquire].(*ast.ExprStmt)
	if !ok || s.ListOf(lock) == nil || len(s.Section.Releases) == 0 {
		return s.FormRefusal
	}
	s.Lock = lock
	for _, r := range s.Section.Releases {
		if r.Closure {
			if s.Defer, s.Unlock = unlocksFirst(s, r); s.Defer != nil && len(s.Section.Releases) == 1 {
				continue
			}
			if s.Defer, s.Unlock = unlocksLast(s, r); s.Defer == nil {
				return s.FormRefusal
			}
			s.AtExit = append(s.AtExit, s.Defer)
			continue
		}
		if d, ok := s.Parents[r.Call].(*ast.DeferStmt); ok && r.Deferred {
			s.Defer = d
			continue
		}
		if e, ok := s.Parents[r.Call].(*ast.ExprStmt); !ok || s.ListOf(e) == nil {
			return s.FormRefusal
		}
	}
	if s.Section.Problem != "" && s.Defer == nil {
		return s.FormRefusal // the branch conditions decide which paths belong together
	}
	s.Exits, s.Final = nil, nil
	s.List = s.Unit.Body.List
	i := slices.IndexFunc(s.List, func(st ast.Stmt) bool { return syntax.Within(s.Lock, st) })
	if i < 0 {
		return s.FormRefusal
	}
	s.Body = s.List[i:]
	return atExit(s)
}

// refuseCycle refuses sections in which a call releases the lock and takes it again, except for
// waiting on a condition variable of this lock.
func refuseCycle(s *site.Site) *safety.Refusal {
	for _, c := range s.Section.Cycles {
		if slices.Contains(s.Section.CondWaits, c) {
			continue
		}
		fn := patterns.CalleeOf(s.Info, c)
		if fn != nil && fn.FullName() == "(*sync.Cond).Wait" {
			return safety.Refuse(safety.S18, "releases-itself", c.Pos(), "%s may release the lock while it waits and retake it", types.ExprString(c.Fun))
		}
		held := locks.HeldAt(s.Unit, c)
		for _, o := range s.Section.Others {
			if o.Inner && slices.ContainsFunc(held, func(p patterns.Path) bool { return p.String() == o.Lock.String() }) {
				return safety.Refuse(safety.S13, "lock-order", c.Pos(), "%s releases and retakes %s while %s is held, which is taken under it elsewhere", types.ExprString(c.Fun), s.Section.Lock, o.Lock)
			}
		}
		return safety.Refuse(safety.S14, "releases-itself", c.Pos(), "%s releases and retakes %s, so what was seen before it may not hold after it", types.ExprString(c.Fun), s.Section.Lock)
	}
	return nil
}

// RefuseCondWaits refuses sections that wait on a condition variable, for shapes that do not
// handle them.
func RefuseCondWaits(s *site.Site) *safety.Refusal {
	if len(s.Section.CondWaits) == 0 {
		return nil
	}
	c := s.Section.CondWaits[0]
	return safety.Refuse(safety.S18, "releases-itself", c.Pos(), "%s releases the lock while it waits and retakes it", types.ExprString(c.Fun))
}

// layOut finds the statements of the section.
func layOut(s *site.Site) *safety.Refusal {
	lock, ok := s.Parents[s.Section.Acquire].(*ast.ExprStmt)
	if !ok {
		return safety.Refuse(safety.S11, "lock-form", s.Section.Pos(), "the call that takes the lock is part of a larger statement")
	}
	s.Lock = lock
	s.List = s.ListOf(lock)
	at := slices.Index(s.List, ast.Stmt(lock))
	if at < 0 {
		return safety.Refuse(safety.S11, "lock-form", lock.Pos(), "the lock is not taken in a plain list of statements")
	}
	if r, ok := s.Section.Deferred(); ok {
		return layOutDeferred(s, r, at)
	}
	return layOutExplicit(s, at)
}

func layOutDeferred(s *site.Site, r locks.Release, at int) *safety.Refusal {
	if r.Closure {
		return safety.Refuse(safety.S12, "unlock-form", r.Call.Pos(), "a deferred function literal releases the lock, and it may do more than that")
	}
	s.Defer, _ = s.Parents[r.Call].(*ast.DeferStmt)
	d := slices.Index(s.List, ast.Stmt(s.Defer))
	if s.Defer == nil || d < at {
		return safety.Refuse(safety.S11, "unlock-form", r.Call.Pos(), "the unlock is deferred in a different block from the one that takes the lock")
	}
	if s.Parents[s.Lock] != ast.Node(s.Unit.Body) {
		return safety.Refuse(safety.S11, "lock-form", s.Lock.Pos(), "the lock is taken in an inner block and held until the function returns")
	}
	if r := refuseBetween(s, s.List[at+1:d]); r != nil {
		return r
	}
	s.Body = slices.Concat(s.List[at+1:d], s.List[d+1:])
	return otherDefers(s)
}

// refuseBetween refuses statements between the lock and its deferred release that wait, or that
// may keep the release from being deferred.
func refuseBetween(s *site.Site, list []ast.Stmt) *safety.Refusal {
	for _, st := range list {
		if _, plain := st.(*ast.ExprStmt); !plain || panics.MayPanic(s, []ast.Stmt{st}, nil) != nil || s.Waits(st) {
			return safety.Refuse(safety.S12, "unlock-form", s.Defer.Pos(), "statements run between the lock and its deferred unlock")
		}
	}
	return nil
}

// otherDefers refuses sections in which other deferred calls run under the lock and touch what
// it guards.
func otherDefers(s *site.Site) *safety.Refusal {
	for _, st := range s.Body {
		found := syntax.FirstOuter(st, func(d *ast.DeferStmt) *safety.Refusal {
			if t := behaviour.Touches(s, d); t.Guarded() != nil && s.Section.MayHold(d) && !slices.Contains(s.AtExit, d) {
				return safety.Refuse(safety.S1, "deferred-uses-guarded", d.Pos(), "this deferred call runs under the lock and uses %s, which the lock guards", t.Guarded().Name())
			}
			return nil
		})
		if found != nil {
			return found
		}
	}
	return nil
}

func layOutExplicit(s *site.Site, at int) *safety.Refusal {
	rest := s.List[at+1:]
	end := len(rest)
	for _, r := range s.Section.Releases {
		if r.Deferred {
			return safety.Refuse(safety.S11, "unlock-form", r.Call.Pos(), "the lock is released both by a deferred call and explicitly")
		}
		st, ok := s.Parents[r.Call].(*ast.ExprStmt)
		if !ok {
			return safety.Refuse(safety.S11, "unlock-form", r.Call.Pos(), "the call that releases the lock is part of a larger statement")
		}
		i := slices.Index(rest, ast.Stmt(st))
		if i < 0 {
			s.Exits = append(s.Exits, st)
			continue
		}
		if s.Final != nil {
			return safety.Refuse(safety.S11, "unlock-form", r.Call.Pos(), "the lock is released twice in one list of statements")
		}
		s.Final, end = st, i
	}
	if len(s.Section.Releases) == 0 {
		return safety.Refuse(safety.S11, "unlock-form", s.Lock.Pos(), "the lock is never released in this function")
	}
	s.Body = rest[:end]
	for _, e := range s.Exits {
		if !s.InBody(e) {
			return safety.Refuse(safety.S11, "unlock-form", e.Pos(), "the lock is released outside of the block that takes it")
		}
	}
	if s.Final == nil && (len(s.Body) == 0 || !syntax.Terminates(s.Info, s.Body[len(s.Body)-1])) {
		return safety.Refuse(safety.S11, "unlock-form", s.Lock.Pos(), "the lock is released in inner blocks only")
	}
	return nil
}
