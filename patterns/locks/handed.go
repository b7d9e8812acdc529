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
//
// A result may also release a lock that the callers can name, and it may be a value that
// keeps the function which does so:
//
//	func (m *Mutex) Lock() Guard { m.mu.Lock(); return Guard{release: m.mu.Unlock} }
//	func (g Guard) Unlock()      { g.release() }

// handing is what a unit has to do with locks that are released through a value.
type handing struct {
	left      []*types.Var  // locks that the unit may leave held and that its callers cannot name
	hands     patterns.Mode // of the one of these that a result releases, 0 if there is none
	runsField bool          // see [RunsField]
}

var handings = patterns.NewSlot[handing]().FromFacts(func(_ *patterns.Program, _ *types.Func, fact *patterns.FuncFact) handing {
	return handing{hands: fact.HandsOver, runsField: fact.RunsField}
})

// HandsOver returns the mode of a lock that a unit leaves held together with a result that
// releases it, where its callers cannot name the lock. It is 0 if there is none.
func HandsOver(u *patterns.Unit) patterns.Mode { return handings.Of(u).hands }

// LeavesHeld reports whether a unit may return with a lock held that its callers cannot name,
// and so do not know of:
//
//	func (db *DB) Begin() *Tx { tx := &Tx{db: db}; tx.db.mu.Lock(); return tx }
func LeavesHeld(u *patterns.Unit, lock *types.Var) bool {
	return slices.Contains(handings.Of(u).left, lock)
}

// returnsRelease reports whether a result of the unit releases a lock: the method of the
// lock itself, a literal that calls it, or a value that is made with one of these.
func returnsRelease(u *patterns.Unit, lock patterns.Path) bool {
	found := false
	releases := func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			op, ok := patterns.LockMethod(u.Pkg.Info, sel)
			found = found || ok && op.Kind == patterns.ReleasesLock && op.Path.Key() == lock.Key()
		}
		return !found
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			_, lit := n.(*ast.FuncLit)
			return !lit
		}
		for _, r := range ret.Results {
			ast.Inspect(r, releases)
			if id, ok := ast.Unparen(r).(*ast.Ident); ok {
				for _, e := range u.Given(patterns.AsVar(u.Pkg.Info, id)) {
					ast.Inspect(e, releases)
				}
			}
		}
		return false
	})
	return found
}

// handedEvents lists what a call does to a lock that a function hands over: it is a call of
// that function and takes it, or it is one of the result and releases it.
func handedEvents(u *patterns.Unit, x *patterns.Program, call *ast.CallExpr, fn *types.Func) []Event {
	unnamed := func(kind eventKind, of *ast.CallExpr, fn *types.Func) []Event {
		v := x.SummaryOf(u.Pkg, fn)
		if v == nil || HandsOver(v) == 0 {
			return nil
		}
		path := patterns.Path{Text: types.ExprString(of)}
		return []Event{{Kind: kind, Mode: HandsOver(v), Path: path, Call: call, Pos: call.Pos(), Wrapper: true}}
	}
	var evs []Event
	if fn != nil {
		evs = unnamed(EvAcquire, call, fn)
	}
	made := runResultOf(u, x, call, fn)
	if made == nil {
		return evs
	}
	fn = patterns.CalleeOf(u.Pkg.Info, made)
	if fn == nil {
		return evs
	}
	for _, ef := range effectsOf(x, u.Pkg, fn) {
		if path, ok := Translate(u, ef, made); ok && ef.handed {
			evs = append(evs, Event{Kind: EvRelease, Mode: ef.Mode, Path: path, Call: call, Pos: call.Pos(), Wrapper: true})
		}
	}
	return append(evs, unnamed(EvRelease, made, fn)...)
}

// runResultOf returns the call with the result that a call runs: it is a call of that
// result, of a field of it, or of a method that runs one. fn is the function called.
func runResultOf(u *patterns.Unit, x *patterns.Program, call *ast.CallExpr, fn *types.Func) *ast.CallExpr {
	of := ast.Unparen(call.Fun)
	if sel, ok := of.(*ast.SelectorExpr); ok {
		s := u.Pkg.Info.Selections[sel]
		if s == nil || fn != nil && !runsField(x, u, fn) {
			return nil
		}
		of = ast.Unparen(sel.X)
	} else if fn != nil {
		return nil
	}
	if id, ok := of.(*ast.Ident); ok {
		given := u.Given(patterns.AsVar(u.Pkg.Info, id))
		if len(given) != 1 {
			return nil
		}
		of = given[0]
	}
	made, _ := of.(*ast.CallExpr)
	return made
}

// RunsField reports whether a unit is a method without parameters that calls a function
// which a field of its receiver holds, itself or in another such method.
func RunsField(u *patterns.Unit) bool { return handings.Of(u).runsField }

func runsField(x *patterns.Program, from *patterns.Unit, fn *types.Func) bool {
	u := x.SummaryOf(from.Pkg, fn)
	return u != nil && RunsField(u)
}

// callsField computes [RunsField] from what is known of other units.
func callsField(x *patterns.Program, u *patterns.Unit) bool {
	sig := u.Signature()
	recv := sig.Recv()
	if u.Lit != nil || recv == nil || sig.Params().Len() > 0 {
		return false
	}
	return slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool {
		sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		if !ok || u.Pkg.Info.Selections[sel] == nil {
			return false
		}
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); !ok || patterns.AsVar(u.Pkg.Info, id) != recv {
			return false
		}
		fn := patterns.CalleeOf(u.Pkg.Info, c)
		return len(c.Args) == 0 && (fn == nil || runsField(x, u, fn))
	})
}
