package layout

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
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
	first, ok := lit.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return nil, nil
	}
	release := syntax.CallOf(first.X)
	op, ok := patterns.LockCall(s.Info, release)
	if !ok || op.Kind != patterns.ReleasesLock || op.Path.Key() != s.Section.Lock.Key() {
		return nil, nil
	}
	for _, rest := range lit.Body.List[1:] {
		if behaviour.Touches(s, rest).Guarded() != nil || s.Waits(rest) || syntax.Has(rest, func(c *ast.CallExpr) bool { return patterns.IsLockCall(s.Info, c) }) {
			return nil, nil
		}
	}
	return d, release
}
