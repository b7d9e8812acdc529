package locks

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// A function may take a lock that its callers cannot name, an element or a variable of its
// own, and return what releases it:
//
//	func (s *S) acquire(i int) func() { s.mus[i].Lock(); return s.mus[i].Unlock }
//
// For the caller that lock is the one of the call, s.acquire(i): held from there on, and
// released by calls of the result.

// unnamedLocks are the locks that a unit may leave held and that its callers cannot name.
type unnamedLocks struct {
	left  []*types.Var  // by the variable
	hands patterns.Mode // of the one that a result releases, 0 if there is none
}

var unnamed = patterns.NewSlot[unnamedLocks]().FromFacts(func(_ *patterns.Program, _ *types.Func, fact *patterns.FuncFact) unnamedLocks {
	return unnamedLocks{hands: fact.HandsOver}
})

// HandsOver returns the mode of a lock that a unit leaves held together with a result that
// releases it, where its callers cannot name the lock. It is 0 if there is none.
func HandsOver(u *patterns.Unit) patterns.Mode { return unnamed.Of(u).hands }

// LeavesHeld reports whether a unit may return with a lock held that its callers cannot name,
// and so do not know of:
//
//	func (db *DB) Begin() *Tx { tx := &Tx{db: db}; tx.db.mu.Lock(); return tx }
func LeavesHeld(u *patterns.Unit, lock *types.Var) bool {
	return slices.Contains(unnamed.Of(u).left, lock)
}

// returnsRelease reports whether a result of the unit releases a lock: the method of the
// lock itself, or a literal that calls it.
func returnsRelease(u *patterns.Unit, lock patterns.Path) bool {
	info := u.Pkg.Info
	found := false
	releases := func(sel *ast.SelectorExpr) bool {
		op, ok := patterns.LockMethod(info, sel)
		return ok && op.Kind == patterns.ReleasesLock && op.Path.Key() == lock.Key()
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			_, lit := n.(*ast.FuncLit)
			return !lit
		}
		for _, r := range ret.Results {
			switch r := ast.Unparen(r).(type) {
			case *ast.SelectorExpr:
				found = found || releases(r)
			case *ast.FuncLit:
				ast.Inspect(r.Body, func(n ast.Node) bool {
					c, ok := n.(*ast.CallExpr)
					if ok {
						sel, isSel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
						found = found || isSel && releases(sel)
					}
					return !found
				})
			}
		}
		return false
	})
	return found
}

// handedEvents lists what a call does to a lock that its function hands over: it takes it,
// or it is one of the result, and releases it.
func handedEvents(u *patterns.Unit, x *patterns.Program, call *ast.CallExpr, fn *types.Func) []Event {
	event := func(kind eventKind, of *ast.CallExpr, fn *types.Func) []Event {
		v := x.SummaryOf(u.Pkg, fn)
		if v == nil || HandsOver(v) == 0 {
			return nil
		}
		path := patterns.Path{Text: types.ExprString(of)}
		return []Event{{Kind: kind, Mode: HandsOver(v), Path: path, Call: call, Pos: call.Pos(), Wrapper: true}}
	}
	if fn != nil {
		return event(EvAcquire, call, fn)
	}
	made, _ := ast.Unparen(call.Fun).(*ast.CallExpr)
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if v := patterns.AsVar(u.Pkg.Info, id); v != nil {
			if given := u.Given(v); len(given) == 1 {
				made, _ = given[0].(*ast.CallExpr)
			}
		}
	}
	if made == nil {
		return nil
	}
	if fn := patterns.CalleeOf(u.Pkg.Info, made); fn != nil {
		return event(EvRelease, made, fn)
	}
	return nil
}
