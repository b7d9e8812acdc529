package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A test around the window can be repeated for the code under the lock after the window:
//
//	if t.text == nil {
//		t.mu.Unlock()
//		b, err := os.ReadFile(t.path)
//		if err != nil {
//			return nil, err
//		}
//		t.mu.Lock()
//		if t.text == nil {
//			t.text = b
//		}
//	}
//
// If the second test fails, others have done the work in the meantime, and the section continues
// as if the first test had failed.

// Repeatable reports whether the test of an if statement can be repeated for the last statements
// of its body, or of its else branch: it only reads guarded state, and the statements do not wait. It also returns the
// assignments before the if statement that must be repeated first, since the test, or the code
// after it, uses what they read; the init statement comes last:
//
//	q, ok := x.quotes[p]
//	miss := !ok || time.Since(q.at) > time.Minute
//	if miss {
func Repeatable(s *site.Site, ifs *ast.IfStmt, last []ast.Stmt) ([]*ast.AssignStmt, bool) {
	r := &Recheck{Site: s, reads: make(map[*types.Var]bool)}
	branch := BranchWith(ifs, last[0])
	other := OtherBranch(ifs, branch)
	if branch == nil || !r.pureHeader(ifs.Init, ifs.Cond) || other != nil && !r.isBriefBranch(other) {
		return nil, false
	}
	after := usedBeyond(s, ifs)
	reads := r.readsBefore(ifs, last, after)
	looks := append(nodesOf(reads), ifs.Cond)
	made := branch.List[:len(branch.List)-len(last)]
	since := slices.Concat(r.since(ifs, reads), made)
	tested := behaviour.Touches(s, looks...)
	switch {
	case slices.ContainsFunc(looks, func(n ast.Node) bool { return len(behaviour.FlagsIn(s, n)) > 0 }):
	case len(behaviour.GuardedChanges(tested)) > 0 || slices.ContainsFunc(looks, r.counts):
	case tested.Guarded() == nil || !r.staySame(ifs, last, made, since, reads) || changesTested(s, since, tested):
	case slices.ContainsFunc(last, func(st ast.Stmt) bool { return s.Waits(st) }):
	case hidesName(s, made, looks) || other != nil && hidesName(s, made, syntax.StmtNodes(other.List)):
	case changesBack(s, made, last) || keepsToClose(s, made):
	default:
		for v := range assignedIn(s, branch) {
			given := other != nil && Reassigned(s, v, other.List) && !s.Unit.Assigned(v, made)
			if !r.reads[v] && !given && (after[v] || s.Unit.Captured(v)) {
				return nil, false // it may depend on what was made
			}
		}
		return reads, true
	}
	return nil, false
}

// counts reports whether a node calls a function that counts something: it would count twice.
func (r *Recheck) counts(n ast.Node) bool {
	found := false
	syntax.EachSynchronousCall(n, func(c *ast.CallExpr) { found = found || behaviour.Effectful(r.Site, r.Site.Unit, c) })
	return found
}

// BranchWith returns the branch of an if statement that a statement stands in, or nil. An if
// statement with an else branch of another form has none.
func BranchWith(ifs *ast.IfStmt, st ast.Stmt) *ast.BlockStmt {
	other, isBlock := ifs.Else.(*ast.BlockStmt)
	switch {
	case (ifs.Else == nil || isBlock) && slices.Contains(ifs.Body.List, st):
		return ifs.Body
	case isBlock && slices.Contains(other.List, st):
		return other
	}
	return nil
}

// OtherBranch returns the branch of an if statement besides the given one, or nil.
func OtherBranch(ifs *ast.IfStmt, branch *ast.BlockStmt) *ast.BlockStmt {
	other, isBlock := ifs.Else.(*ast.BlockStmt)
	switch {
	case !isBlock:
		return nil
	case branch == other:
		return ifs.Body
	}
	return other
}

// isBriefBranch reports whether a branch can be repeated for a test that succeeds at the second
// look: it only assigns, and reaches its end.
func (r *Recheck) isBriefBranch(b *ast.BlockStmt) bool {
	return len(b.List) <= maxOnTheWayOut && !slices.ContainsFunc(b.List, func(st ast.Stmt) bool {
		as, assigns := st.(*ast.AssignStmt)
		_, counts := st.(*ast.IncDecStmt)
		return !counts && (!assigns || as.Tok == token.DEFINE) || !r.brief(st)
	})
}

// changesTested reports whether statements before the last ones of a branch change what its test
// looks at. The repeated test would see that change.
//
//	if s.used < max {
//		s.used++
//		wait()
//		s.used-- // whatever others have done
//	}
func changesTested(s *site.Site, list []ast.Stmt, tested *site.Touches) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		return slices.ContainsFunc(behaviour.Touches(s, st).List, func(t *site.Touch) bool {
			return t.Access.Kind.Changes() && slices.ContainsFunc(tested.List, func(u *site.Touch) bool { return u.Access.Var == t.Access.Var })
		})
	})
}

// changesBack reports whether the last statements of a branch change a variable that the branch
// has changed before. If they were skipped, the first change would stay.
//
//	if s.text == nil {
//		s.loading++
//		wait()
//		s.text = text
//		s.loading--
//	}
func changesBack(s *site.Site, made, last []ast.Stmt) bool {
	before := behaviour.GuardedChanges(behaviour.Touches(s, syntax.StmtNodes(made)...))
	return slices.ContainsFunc(behaviour.GuardedChanges(behaviour.Touches(s, syntax.StmtNodes(last)...)), func(t *site.Touch) bool {
		return slices.ContainsFunc(before, func(u *site.Touch) bool { return u.Access.Var == t.Access.Var })
	})
}

// Repeats reports whether an access is part of a step or test that is repeated after the
// window.
func (w *Window) Repeats(a *guards.Access) bool {
	return w.Recheck.Repeats(a.Node) || slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool {
		return t.Repeats != nil && (syntax.Within(a.Node, t.Cond) || t.readsAgain(a.Node))
	})
}

// Repeats reports whether a node is part of what is repeated. Without a recheck, none is.
func (r *Recheck) Repeats(n ast.Node) bool {
	return r != nil && slices.ContainsFunc(slices.Concat(r.Steps, r.Tests), func(st ast.Stmt) bool { return syntax.Within(n, st) })
}

// TestsAgain reports whether a variable is tested again after the window.
func (w *Window) TestsAgain(v *types.Var) bool {
	return w.Recheck.TestsAgain(v) || slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool {
		return t.Repeats != nil && slices.ContainsFunc(behaviour.Touches(w.Site, t.Looks()...).List, func(u *site.Touch) bool { return u.Access.Var == v })
	})
}

// FollowsRepeated reports whether a condition is part of what runs under a repeated test, and
// looks only at what has been read again for that.
func (w *Window) FollowsRepeated(cond ast.Expr) bool {
	return slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool {
		return w.InStmts(cond, t.Repeats) && w.looksOnlyAt(cond, func(v *types.Var, _ *ast.Ident) bool { return t.sets(w.Site, v) })
	})
}
