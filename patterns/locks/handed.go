package locks

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// A function may take a lock that its callers cannot name, an element or a variable of its
// own, and return what releases it:
//
//	func (s *S) acquire(i int) func() { s.mus[i].Lock(); return s.mus[i].Unlock }
//
// For the caller that lock is the one of the call, s.acquire(i): held from there on, and
// released by calls of the result.

// handsOver is the mode in which each unit holds such a lock when it returns, 0 if it does
// not.
var handsOver = patterns.NewSlot[patterns.Mode]().FromFacts(func(_ *patterns.Program, _ *types.Func, fact *patterns.FuncFact) patterns.Mode {
	return fact.HandsOver
})

// HandsOver returns the mode of a lock that a unit leaves held together with a result that
// releases it, where its callers cannot name the lock. It is 0 if there is none.
func HandsOver(u *patterns.Unit) patterns.Mode { return handsOver.Of(u) }

// handedOver works out what [HandsOver] returns.
func handedOver(u *patterns.Unit) patterns.Mode {
	flow := Flows.Of(u)
	if flow == nil {
		return 0
	}
	for _, k := range flow.Keys {
		path := flow.PathOf(k)
		if Nameable(u, &Effect{Path: path}) {
			continue
		}
		if kind, mode := flow.net(k); kind == EvAcquire && returnsRelease(u, path) {
			return mode
		}
	}
	return 0
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
		if v == nil || handsOver.Of(v) == 0 {
			return nil
		}
		path := patterns.Path{Text: types.ExprString(of)}
		return []Event{{Kind: kind, Mode: handsOver.Of(v), Path: path, Call: call, Pos: call.Pos(), Wrapper: true}}
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
