package waits

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/values"
)

// Work that a function forks and joins is a computation like any other, as long as
// what is forked waits for nothing else:
//
//	var wg sync.WaitGroup
//	for i := range parts {
//		wg.Go(func() { sum(parts[i]) })
//	}
//	wg.Wait()
//
// So a wait for goroutines, on a channel or group held only by local variables, counts only
// if one of its parties may itself wait for something outside the parties, or takes a lock.

// A party is a unit that has to make progress before a wait ends.
type party struct {
	unit    *patterns.Unit
	spawned bool // it is a goroutine, not the function that has forked the others
}

// onlyComputes reports whether an operation of a unit waits for parties none of which is
// known to wait for anything else. It is called while that is being computed, so the answer
// may change from true to false.
func onlyComputes(x *patterns.Program, u *patterns.Unit, n ast.Node) bool {
	parties := partiesOf(x, u, n)
	return len(parties) > 0 && !slices.ContainsFunc(parties, func(p party) bool {
		own := !p.spawned && u != p.unit && len(locks.HeldAt(u, n)) == 0 // it forks the waiting unit, and may hold anything
		return len(MayReach.Of(p.unit)) > 0 || len(takes.Of(p.unit)) > 0 || !own && mayTakeLocks(x, p.unit, nil)
	})
}

// partiesOf lists the goroutines that end a wait and the function that forks them, if they
// share a channel or wait group that nobody else has; nil otherwise.
func partiesOf(x *patterns.Program, u *patterns.Unit, n ast.Node) []party {
	f := values.FlowsOf(x, u.Pkg)
	var uses []values.FlowUse
	var c *values.FlowClass
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if c = f.ClassOf(n.X); c != nil {
			uses = slices.Concat(c.Sends, c.Closes)
		}
	case *ast.RangeStmt:
		if c = f.ClassOf(n.X); c != nil && len(c.Closes) > 0 {
			uses = slices.Concat(c.Sends, c.Closes)
		}
	case *ast.SendStmt:
		if c = f.ClassOf(n.Chan); c != nil {
			uses = c.Receives
		}
	case *ast.CallExpr:
		if recv := patterns.ReceiverOf(n.Fun); recv != nil && values.Carries(u.Pkg.Info.TypeOf(recv)) {
			if c = f.ClassOf(recv); c != nil {
				uses = slices.Concat(c.Dones, c.Runs)
			}
		}
	}
	if c == nil || c.Open || !local(c) {
		return nil
	}
	var out []party
	for _, use := range uses {
		if use.Runs == nil {
			use.Runs = []*patterns.Unit{use.Unit}
		}
		for _, v := range use.Runs {
			add, ok := partyOf(x, u, v, use)
			if !ok {
				return nil
			}
			out = append(out, add...)
		}
	}
	return out
}

// local reports whether only local variables and parameters hold the objects.
func local(c *values.FlowClass) bool {
	for _, uses := range [][]values.FlowUse{c.Sends, c.Receives, c.Closes, c.Adds, c.Dones, c.Runs} {
		for _, use := range uses {
			if use.Path.Root == nil || len(use.Path.Fields) > 0 || patterns.IsGlobal(use.Path.Root) {
				return false
			}
		}
	}
	return true
}

// partyOf lists the goroutines that a use of an object depends on, outwards from the unit v
// that makes it or is run for it. ok is false if something else decides whether and when v
// runs.
func partyOf(x *patterns.Program, waits, v *patterns.Unit, use values.FlowUse) (out []party, ok bool) {
	for ; v.Lit != nil && v.Outer != nil; v = v.Outer { // a literal of a package variable has nothing around it
		switch spawned, inPlace := startOf(v); {
		case spawned:
			out = append(out, party{v, true})
			if v.Outer == patterns.TopOf(waits) {
				return out, true
			}
		case !inPlace:
			return nil, false
		}
	}
	if !v.IsParam(use.Path.Root) {
		return append(out, party{v, false}), true
	}
	calls := values.CallsTo(x, v)
	for _, k := range calls {
		if !InGo(k.Unit, k.Call) {
			return nil, false
		}
	}
	return append(out, party{v, true}), len(calls) > 0
}

// startOf says how a literal is run: as a goroutine or in place, which for a deferred
// literal is the end of the function around it.
func startOf(v *patterns.Unit) (spawned, inPlace bool) {
	for _, c := range v.Outer.Calls() {
		if ast.Unparen(c.Fun) == ast.Expr(v.Lit) {
			return InGo(v.Outer, c), !InGo(v.Outer, c)
		}
		recv := patterns.ReceiverOf(c.Fun)
		if recv != nil && values.Carries(v.Pkg.Info.TypeOf(recv)) && len(c.Args) == 1 && ast.Unparen(c.Args[0]) == ast.Expr(v.Lit) {
			return true, false
		}
	}
	return false, false
}

// mayTakeLocks reports whether a unit, or what it calls in its package, takes a lock or
// calls an unseen function. Calls of the given parameters do not count.
func mayTakeLocks(x *patterns.Program, u *patterns.Unit, given map[*types.Var]bool) bool {
	seen := map[*patterns.Unit]bool{u: true}
	for work := []*patterns.Unit{u}; len(work) > 0; work = work[1:] {
		v := work[0]
		if locks.Flows.Of(v) != nil && len(locks.Flows.Of(v).Acquires) > 0 {
			return true
		}
		for _, c := range v.Calls() {
			if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok && given[patterns.AsVar(v.Pkg.Info, id)] {
				continue
			}
			callees, known := x.OwnCallees(v, c)
			if !known && DynamicCall(x, v, c) {
				return true
			}
			for _, w := range callees {
				if !seen[w] {
					seen[w] = true
					work = append(work, w)
				}
			}
		}
	}
	return false
}
