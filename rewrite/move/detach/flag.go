package detach

import (
	"go/ast"
	"go/constant"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A flag that says that there is something to write is cleared before the write, and set again
// if the write fails. Clearing it after the write would forget what was added in the meantime.
//
//	if !s.dirty {
//		return nil
//	}
//	data := encode(s.items)
//	s.dirty = false
//	s.mu.Unlock()
//
//	err := write(data)
//
//	s.mu.Lock()
//	if err != nil {
//		s.dirty = true
//		return err
//	}
//
// So is one that says that something runs, before the wait for its end.

// flagDetachment finds the assignment, after the waits, that sets a flag to the value for which
// a test before them returns. The waits must only write or await something, and nothing that
// they return may be stored, so that a cleared flag means nothing else.
func flagDetachment(s *site.Site, first, last int) *site.Detachment {
	if slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool { return o.Effect == blocking.EffectRead }) {
		return nil
	}
	for _, st := range s.Body[last+1:] {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 {
			continue
		}
		p, ok := patterns.PathOf(s.Info, as.Lhs[0])
		value := s.Info.Types[as.Rhs[0]].Value
		if !ok || value == nil || value.Kind() != constant.Bool || !extract.ExtractableRoot(s, as.Lhs[0]) || behaviour.Touches(s, as.Lhs[0]).Guarded() == nil {
			continue
		}
		cleared := constant.BoolVal(value)
		if leavesFor(s, s.Body[:first], p, cleared) && !usedOtherwise(s, p, as) && onlyCountsBesides(s, s.Body[first:], as) && setAnew(s, p, !cleared) {
			return &site.Detachment{Stmts: []ast.Stmt{as}, Paths: []patterns.Path{p}, MadeOf: true, Back: map[bool]string{true: "false", false: "true"}[cleared]}
		}
	}
	return nil
}

// leavesFor reports whether a test returns if the flag has the given value.
func leavesFor(s *site.Site, list []ast.Stmt, flag patterns.Path, value bool) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		ifs, ok := st.(*ast.IfStmt)
		if !ok || ifs.Init != nil || ifs.Else != nil || !syntax.ReturnsLast(ifs.Body) {
			return false
		}
		cond := ast.Unparen(ifs.Cond)
		if not, ok := cond.(*ast.UnaryExpr); !value && ok && not.Op == token.NOT {
			cond = not.X
		} else if !value {
			return false
		}
		p, ok := patterns.PathOf(s.Info, cond)
		return ok && p.Root == flag.Root && p.String() == flag.String()
	})
}

// usedOtherwise reports whether the section uses a flag other than in one test and where it
// clears the flag.
func usedOtherwise(s *site.Site, flag patterns.Path, clears ast.Stmt) bool {
	uses := 0
	for _, st := range s.Body {
		for _, t := range behaviour.Touches(s, st).List {
			if t.Access.Var == flag.Last() && !syntax.Within(t.Access.Node, clears) {
				uses++
			}
		}
	}
	return uses != 1
}

// onlyCountsBesides reports whether the statements in list, except for the statement but, change no
// guarded state other than counters and timestamps.
func onlyCountsBesides(s *site.Site, list []ast.Stmt, but ast.Stmt) bool {
	for _, st := range list {
		if st == but {
			continue
		}
		for _, t := range behaviour.GuardedChanges(behaviour.Touches(s, st)) {
			if _, counts := behaviour.CountOf(t.Access); t.Via != nil || !counts && !behaviour.SetsNow(t.Access) {
				return false
			}
		}
	}
	return true
}

// setAnew reports whether another section sets a flag to the given value.
func setAnew(s *site.Site, flag patterns.Path, to bool) bool {
	v := flag.Last()
	return guards.SharingOf(s.Program, s.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		value := behaviour.FlagSet(a)
		return a.Under(s.Section.LockVar()) && !(a.Unit == s.Unit && s.InBody(a.Node)) && value != nil && constant.BoolVal(value) == to
	}) != nil
}
