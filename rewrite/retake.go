package rewrite

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// ForDeferred is the comment behind a Lock that only a deferred release needs.
const ForDeferred = "// for the deferred release"

// retake releases the lock for a wait at the end of the section and takes it
// again for the deferred release, which stays what ends the section however it
// is left:
//
//	s.mu.Unlock()
//	s.wg.Wait()
//	s.mu.Lock() // for the deferred release
//	return nil
//
// It serves where the guarded part is too large for a function literal. Between
// the release and the second Lock nothing may panic or return: the deferred call
// would release a lock that is not held, which ends the process.
func (w *Window) retake(t Tail) ([]tree.Op, bool) {
	stmts := t.Stmts
	if ret, ok := stmts[len(stmts)-1].(*ast.ReturnStmt); ok && !w.waits(ret) {
		stmts = stmts[:len(stmts)-1]
	}
	if len(stmts) == 0 || w.detach != nil || w.Section.Wrapper || t.Exit != nil {
		return nil, false
	}
	if at, _ := w.mayPanic(stmts, nil); at != nil || w.leavesSection(stmts) != nil || len(returnsIn(stmts)) > 0 {
		return nil, false
	}
	last := stmts[len(stmts)-1]
	if w.innerLockAt(last) != nil || slices.ContainsFunc(w.Section.Others, func(o patterns.OtherLock) bool { return last.Pos() <= o.Pos && o.Pos < last.End() }) {
		return nil, false // S13
	}
	w.proved(S12, "the release stays deferred, and nothing can panic while the lock is not held")
	w.Retakes = true
	return append(w.releaseBefore(t), tree.InsertAfter{
		Stmt: last, Code: w.LockText() + " " + ForDeferred, Space: tree.Space{Before: tree.None},
	}), true
}
