package undone

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RefuseTransient is the part of S10 about a mark that a section, or a function that it
// calls, sets and resets:
//
//	e.busy.Store(true)
//	_, err := http.Get(u)
//	e.busy.Store(false)
//
// That it can be read without the lock does not matter: under the lock, nobody ever finds
// it set. Once the lock is released meanwhile, they do. The same holds for a counter of
// running calls, by which a call refuses to run twice at once, and for a mark that two callers
// would set and set back at once. A counter that is only displayed is not a mark: proveFlags
// asks about that.
func RefuseTransient(w *move.Window, list []ast.Stmt) *safety.Refusal {
	changes := make(map[*types.Var][]atomicChange)
	looked := make(map[*types.Var]token.Pos) // in the section
	for _, st := range list {
		behaviour.EachAtomic(w.Site, st, func(u *patterns.Unit, at ast.Expr, v *types.Var, isChange bool) {
			c, ok := at.(*ast.CallExpr)
			if !ok || syntax.IsSyncMap(u, c) || behaviour.Measured(u, c) != nil {
				return
			}
			tested := behaviour.LooksAtAtomic(u, c)
			if isChange {
				counts := strings.HasPrefix(patterns.CalleeOf(u.Pkg.Info, c).Name(), "Add")
				changes[v] = append(changes[v], atomicChange{u, c, c.Pos(), tested || !counts, tested})
			}
			if tested && !looked[v].IsValid() && w.Section.Mode != patterns.Shared { // others with the read lock saw it all along
				looked[v] = c.Pos()
			}
		})
	}
	for _, v := range syntax.SortedVars(changes) {
		set, back := setAndBack(changes[v], looked[v].IsValid())
		if back == nil {
			continue
		}
		at := looked[v]
		if !at.IsValid() {
			at = LookedAtUnder(w, v)
		}
		switch {
		case !at.IsValid() && endsUnderOthers(w, set, back):
			return safety.Refuse(safety.S10, "transient", set.pos, "%s is changed here for the time of the call and changed back at %s: of two calls at once, the one that ends first would change it back for the other", v.Name(), w.Line(back.pos))
		case at.IsValid():
			return safety.Refuse(safety.S10, "transient", set.pos, "%s is changed here and changed back at %s; the code at %s, under %s, has never seen it changed", v.Name(), w.Line(back.pos), w.Line(at), w.Section.Lock)
		}
	}
	return nil
}

// atomicChange is a call of package sync/atomic that changes something.
type atomicChange struct {
	unit   *patterns.Unit
	call   *ast.CallExpr
	pos    token.Pos
	marks  bool // it does more than to count for somebody who reads it later
	tested bool // the code looks at what it gets from the call, like the answer of a CompareAndSwap
}

// endsUnderOthers reports whether a mark holds for the time of the wait, and only the lock keeps
// two callers from having it set at once.
//
//	s.quiet.Store(true)
//	defer s.quiet.Store(false)
//	_, err := http.Get(u)
func endsUnderOthers(w *move.Window, set, back *atomicChange) bool {
	if w.Section.Mode == patterns.Shared || set.tested || back.tested || storesZero(set) || !storesZero(back) {
		return false
	}
	return slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool {
		return w.InBody(set.call) && set.pos < o.Pos() && w.InBody(back.call) && (o.Pos() < back.pos || Deferred(w, back.call))
	})
}

// Deferred reports whether a node of the function runs only when that returns.
func Deferred(w *move.Window, n ast.Node) bool {
	for ; n != nil; n = w.Parents[n] {
		if _, ok := n.(*ast.DeferStmt); ok {
			return true
		}
	}
	return false
}

// storesZero reports whether an operation stores false, 0, "" or nil.
func storesZero(a *atomicChange) bool {
	if !strings.HasPrefix(patterns.CalleeOf(a.unit.Pkg.Info, a.call).Name(), "Store") || len(a.call.Args) == 0 {
		return false
	}
	tv := a.unit.Pkg.Info.Types[a.call.Args[len(a.call.Args)-1]]
	return tv.IsNil() || tv.Value != nil && syntax.IsZero(tv.Value)
}

// setAndBack returns two changes of which one may follow the other, if they make
// a mark of the variable: one that the section itself looks at is a mark.
func setAndBack(list []atomicChange, looked bool) (set, back *atomicChange) {
	for i := range list {
		for j := range list[:i] {
			a, b := &list[j], &list[i]
			if (looked || a.marks || b.marks) && (a.unit != b.unit || !syntax.Exclusive(a.unit.Body, a.pos, b.pos)) {
				return a, b
			}
		}
	}
	return nil, nil
}

// LookedAtUnder returns where another section, which the lock keeps apart from this one, looks at a
// variable of package sync/atomic, or no position.
func LookedAtUnder(w *move.Window, v *types.Var) token.Pos {
	for _, c := range guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()) {
		own := c.Unit == w.Unit && w.InBody(c.Call)
		if !own && !w.RanBeside(c) && syntax.AtomicOf(c.Unit, c.Call) == v && behaviour.LooksAtAtomic(c.Unit, c.Call) {
			return c.Call.Pos()
		}
	}
	return token.NoPos
}
