package patterns

import (
	"go/ast"
	"slices"
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
// So a wait for goroutines at a channel or group that only local variables hold
// counts only if one of the parties to it may wait, too, for something that is not
// among them, or takes a lock.

// A party is a unit that has to come on before a wait ends.
type party struct {
	unit    *Unit
	spawned bool // it is a goroutine, not the function that has forked the others
}

// onlyComputes reports whether an operation of a unit is a wait for parties none of
// which is known to wait for anything else. It is asked while that is found out, so
// the answer may change from true to false.
func (x *Program) onlyComputes(u *Unit, n ast.Node) bool {
	parties := x.partiesOf(u, n)
	return len(parties) > 0 && !slices.ContainsFunc(parties, func(p party) bool {
		own := !p.spawned && u != p.unit && len(u.HeldAt(n)) == 0 // it forks the one that waits, and may hold what it likes
		return len(mayReach.Of(p.unit)) > 0 || len(takes.Of(p.unit)) > 0 || !own && x.mayTakeLocks(p.unit)
	})
}

// partiesOf lists who ends a wait, if they are goroutines, and the function that
// forks them, which share a channel or wait group that nobody else has; nil otherwise.
func (x *Program) partiesOf(u *Unit, n ast.Node) []party {
	f := x.flowsOf(u.Pkg)
	var uses []flowUse
	var c *flowClass
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if c = f.classOf(n.X); c != nil {
			uses = slices.Concat(c.Sends, c.Closes)
		}
	case *ast.RangeStmt:
		if c = f.classOf(n.X); c != nil && len(c.Closes) > 0 {
			uses = slices.Concat(c.Sends, c.Closes)
		}
	case *ast.SendStmt:
		if c = f.classOf(n.Chan); c != nil {
			uses = c.Receives
		}
	case *ast.CallExpr:
		if recv := receiverOf(n.Fun); recv != nil && carries(u.Pkg.Info.TypeOf(recv)) {
			if c = f.classOf(recv); c != nil {
				uses = slices.Concat(c.Dones, c.Runs)
			}
		}
	}
	if c == nil || c.Open || !c.local() {
		return nil
	}
	var out []party
	for _, use := range uses {
		if use.Runs == nil {
			use.Runs = []*Unit{use.Unit}
		}
		for _, v := range use.Runs {
			add, ok := x.partyOf(u, v, use)
			if !ok {
				return nil
			}
			out = append(out, add...)
		}
	}
	return out
}

// local reports whether only local variables and parameters hold the objects.
func (c *flowClass) local() bool {
	for _, uses := range [][]flowUse{c.Sends, c.Receives, c.Closes, c.Adds, c.Dones, c.Runs} {
		for _, use := range uses {
			if use.Path.Root == nil || len(use.Path.Fields) > 0 || isGlobal(use.Path.Root) {
				return false
			}
		}
	}
	return true
}

// partyOf lists the goroutines that a use of an object depends on, outwards from the
// unit v that makes it or is run for it. It is not ok if something else decides
// whether and when v runs.
func (x *Program) partyOf(waits, v *Unit, use flowUse) (out []party, ok bool) {
	for ; v.Lit != nil; v = v.Outer {
		switch spawned, inPlace := startOf(v); {
		case spawned:
			out = append(out, party{v, true})
			if v.Outer == topOf(waits) {
				return out, true
			}
		case !inPlace:
			return nil, false
		}
	}
	if !v.IsParam(use.Path.Root) {
		return append(out, party{v, false}), true
	}
	calls := x.callsTo(v)
	for _, k := range calls {
		if !k.Unit.inGo(k.Call) {
			return nil, false
		}
	}
	return append(out, party{v, true}), len(calls) > 0
}

// startOf says how a literal is run: as a goroutine, or where it stands, at the end
// of the function around it if that is deferred.
func startOf(v *Unit) (spawned, inPlace bool) {
	for _, c := range v.Outer.calls {
		if ast.Unparen(c.Fun) == ast.Expr(v.Lit) {
			return v.Outer.inGo(c), !v.Outer.inGo(c)
		}
		recv := receiverOf(c.Fun)
		if recv != nil && carries(v.Pkg.Info.TypeOf(recv)) && len(c.Args) == 1 && ast.Unparen(c.Args[0]) == ast.Expr(v.Lit) {
			return true, false
		}
	}
	return false, false
}

// mayTakeLocks reports whether a unit, or what it calls in its package, takes a lock
// or calls a function that is not seen.
func (x *Program) mayTakeLocks(u *Unit) bool {
	seen := map[*Unit]bool{u: true}
	for work := []*Unit{u}; len(work) > 0; work = work[1:] {
		v := work[0]
		if lockFlows.Of(v) != nil && len(lockFlows.Of(v).acquires) > 0 {
			return true
		}
		for _, c := range v.calls {
			callees, known := x.ownCallees(v, c)
			if !known && x.dynamicCall(v, c) {
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
