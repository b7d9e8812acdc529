package layout

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A deferred function literal may release the lock first, and then do what needs no lock:
//
//	q.mu.Lock()
//	defer func() {
//		q.mu.Unlock()
//		log.Printf("%d: %v", id, err)
//	}()
//
// That is the same as two deferred calls, the release last. The literal keeps the rest.

// unlocksFirst returns the deferred call of a literal that releases the lock first, right after the
// Lock, if the rest of it neither needs the lock nor takes or releases one; else nil. Its release
// is the second result.
func unlocksFirst(s *site.Site, r locks.Release) (*ast.DeferStmt, *ast.CallExpr) {
	lit, ok := r.Call.Fun.(*ast.FuncLit)
	d, isDefer := s.Parents[r.Call].(*ast.DeferStmt)
	if !ok || !isDefer || len(r.Call.Args) > 0 || len(lit.Body.List) == 0 {
		return nil, nil
	}
	list := s.Unit.Body.List
	if i := slices.Index(list, ast.Stmt(s.Lock)); i < 0 || i+1 == len(list) || list[i+1] != ast.Stmt(d) {
		return nil, nil
	}
	release, rest := releaseOf(s, lit.Body.List[0]), lit.Body.List[1:]
	needs := func(st ast.Stmt) bool { return behaviour.Touches(s, st).Guarded() != nil || s.Waits(st) }
	if release == nil || hasLockCall(s, rest) || slices.ContainsFunc(rest, needs) {
		return nil, nil
	}
	return d, release
}

// unlocksLast returns the deferred call of a literal that uses guarded state and releases the
// lock at its end, if the literal could take the lock itself; else nil. Its release is the
// second result.
func unlocksLast(s *site.Site, r locks.Release) (*ast.DeferStmt, *ast.CallExpr) {
	d, isDefer := s.Parents[r.Call].(*ast.DeferStmt)
	if !isDefer || !mayTakeLock(s, d) {
		return nil, nil
	}
	body := d.Call.Fun.(*ast.FuncLit).Body.List
	release := releaseOf(s, body[len(body)-1])
	if release == nil || hasLockCall(s, body[:len(body)-1]) {
		return nil, nil
	}
	return d, release
}

// releaseOf returns the call of a statement that releases the section's lock, or nil.
func releaseOf(s *site.Site, st ast.Stmt) *ast.CallExpr {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	release := syntax.CallOf(e.X)
	op, ok := patterns.LockCall(s.Info, release)
	if !ok || op.Kind != patterns.ReleasesLock || op.Path.Key() != s.Section.Lock.Key() {
		return nil
	}
	return release
}

// mayTakeLock reports whether a deferred literal in the statement list of the function, which
// runs under the lock when the function returns, could take the lock itself: it always runs to
// its end, does not wait, and hides no panic.
func mayTakeLock(s *site.Site, d *ast.DeferStmt) bool {
	lit, ok := d.Call.Fun.(*ast.FuncLit)
	if !ok || len(d.Call.Args) > 0 || len(lit.Body.List) == 0 || s.Parents[d] != ast.Node(s.Unit.Body) || len(s.Section.CondWaits) > 0 {
		return false
	}
	if s.Parents[s.Lock] != ast.Node(s.Unit.Body) || d.Pos() < s.Lock.End() || s.Section.Wrapper || takesAgain(s) || changesRoot(s) {
		return false // the lock may be held, or be another one, where the function returns
	}
	if lit.Type.Results != nil && len(lit.Type.Results.List) > 0 {
		return false
	}
	leaves := syntax.HasOuter(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.LabeledStmt:
			return true
		case *ast.CallExpr:
			return patterns.BuiltinOf(s.Info, n) == "recover" || patterns.BuiltinOf(s.Info, n) == "panic" || locks.NeverReturns(s.Info, n)
		}
		return false
	})
	for _, o := range s.Finding.Ops {
		leaves = leaves || syntax.Within(o.Node, d)
	}
	return !leaves
}

// takesAgain reports whether the function takes the section's lock in a second place.
func takesAgain(s *site.Site) bool {
	return syntax.Has(s.Unit.Body, func(c *ast.CallExpr) bool {
		op, ok := patterns.LockCall(s.Info, c)
		return ok && op.Kind != patterns.ReleasesLock && c != s.Section.Acquire && op.Path.Last() == s.Section.LockVar()
	})
}

// changesRoot reports whether the function gives the variable another value, after the Lock, that
// the lock is reached through.
func changesRoot(s *site.Site) bool {
	root, list := s.Section.Lock.Root, s.Unit.Body.List
	return root == nil || !syntax.IsGlobal(root) && s.Unit.Assigned(root, list[slices.Index(list, ast.Stmt(s.Lock)):])
}

// hasLockCall reports whether statements take or release a lock.
func hasLockCall(s *site.Site, list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		return syntax.Has(st, func(c *ast.CallExpr) bool { return patterns.IsLockCall(s.Info, c) })
	})
}

// atExit finds the deferred literals that use guarded state under the deferred release, and
// could take the lock themselves. It refuses other deferred calls that need the lock.
//
//	s.mu.Lock()
//	defer s.mu.Unlock()
//	s.running++
//	defer func() { s.running-- }()
func atExit(s *site.Site) *safety.Refusal {
	for _, st := range s.Body {
		d, ok := st.(*ast.DeferStmt)
		if !ok || d == s.Defer || s.Defer == nil || d.Pos() < s.Defer.End() || s.Inherited != nil || slices.Contains(s.AtExit, d) {
			continue
		}
		if behaviour.Touches(s, d).Guarded() != nil && mayTakeLock(s, d) && !hasLockCall(s, d.Call.Fun.(*ast.FuncLit).Body.List) {
			s.AtExit = append(s.AtExit, d)
		}
	}
	return otherDefers(s)
}
