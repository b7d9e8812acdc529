package deadlock

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// Who is waited for may need a second lock, and whoever has that may need the holder's:
//
//	func (s *S) Stop() { s.mu.Lock(); s.wg.Wait(); s.mu.Unlock() }
//	func (s *S) work() { defer s.wg.Done(); s.stats.Lock(); .. }
//	func (s *S) Report() { s.stats.Lock(); s.mu.Lock(); .. }
//
// Then all three wait for each other.

// An order is a section in which another lock is taken.
type order struct {
	section *locks.Section
	inner   patterns.Path // of the other lock, in terms of the section's unit
	mode    patterns.Mode // in which that is taken
	hops    []patterns.Hop
}

var orders patterns.PackageMemo[map[*types.Var][]order]

// ordersOf lists the sections of a package in which another lock is taken, by that lock.
func ordersOf(x *patterns.Program, p *patterns.Package) map[*types.Var][]order {
	return orders.Get(x, p, func() map[*types.Var][]order {
		all := make(map[*types.Var][]order)
		for _, s := range locks.SectionsIn(x, p) {
			outer := s.LockVar()
			if outer == nil || s.Lock.Root == nil || s.Problem != "" || s.Try {
				continue
			}
			note := func(inner patterns.Path, mode patterns.Mode, hops ...patterns.Hop) {
				if inner.Root != nil && inner.Last() != outer {
					all[inner.Last()] = append(all[inner.Last()], order{s, inner, mode, hops})
				}
			}
			for _, e := range locks.Flows.Of(s.Unit).Acquires {
				if e.Kind == locks.EvAcquire && !e.Wrapper && !e.Closure && s.CoversPos(e.Pos) {
					note(e.Path, e.Mode, acquiring(s.Unit, e))
				}
			}
			for _, c := range calls(s) {
				for _, n := range locksIn(x, s.Unit, c) {
					if n.guess == "" {
						hop := patterns.Hop{Func: n.callee.Name(), At: s.Unit.Position(c.Pos())}
						note(n.path, n.Mode, append([]patterns.Hop{hop}, n.hops...)...)
					}
				}
			}
		}
		return all
	})
}

// behind finds a lock that the unit takes, itself or in a call, where runs holds, and whose
// holder may wait for the lock in question.
func (s *needSearch) behind(u *patterns.Unit, n ast.Node, runs func(ast.Node) bool) *need {
	second := make(map[*types.Var]bool)
	for _, o := range ordersOf(s.x, u.Pkg)[s.lock] {
		second[o.section.LockVar()] = true
	}
	if len(second) == 0 {
		return nil
	}
	if locks.Flows.Of(u) != nil {
		for _, e := range locks.Flows.Of(u).Acquires {
			if e.Kind != locks.EvAcquire || e.Wrapper || e.Closure || !second[e.Path.Last()] {
				continue
			}
			if found := s.inOrder(u, e.Path, e.Mode, acquiring(u, e)); found != nil && runs(e.Call) {
				found.again = loopAround(u, e.Call, n) || loopBefore(u, e.Call, n)
				return found
			}
		}
	}
	for _, c := range freeCalls(u) {
		for _, k := range takenBy(s.x, u, c, second) {
			if found := s.inOrder(u, k.path, k.Mode, k.hops...); found != nil && runs(c) {
				found.again = loopAround(u, c, n) || loopBefore(u, c, n)
				return found
			}
		}
	}
	return nil
}

// takenBy lists those of some locks that a function of the package takes itself which a unit
// calls: to follow the calls of all functions would take too long.
func takenBy(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, wanted map[*types.Var]bool) (out []lockTaken) {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil {
		return nil
	}
	callee := x.UnitOf(fn)
	if callee == nil || callee.Pkg != u.Pkg || locks.Flows.Of(callee) == nil {
		return nil
	}
	for _, e := range locks.Flows.Of(callee).Acquires {
		ef := locks.Effect{Path: e.Path, Mode: e.Mode}
		if e.Kind != locks.EvAcquire || e.Wrapper || e.Closure || !wanted[e.Path.Last()] || !locks.Nameable(callee, &ef) {
			continue
		}
		if path, ok := locks.Translate(u, ef, c); ok {
			hops := []patterns.Hop{{Func: callee.Name(), At: u.Position(c.Pos())}, acquiring(callee, e)}
			out = append(out, lockTaken{lockNeed: lockNeed{Effect: ef, hops: hops}, path: path, callee: callee})
		}
	}
	return out
}

// inOrder finds a section of a lock that a unit takes in which the lock in question is taken,
// of the same object.
func (s *needSearch) inOrder(u *patterns.Unit, second patterns.Path, mode patterns.Mode, hops ...patterns.Hop) *need {
	if second.Root == nil {
		return nil
	}
	for _, o := range ordersOf(s.x, u.Pkg)[s.lock] {
		v := o.section.Unit
		switch {
		case o.section.LockVar() != second.Last() || s.shared && o.mode == patterns.Shared || mode == patterns.Shared && o.section.Mode == patterns.Shared:
			continue
		case s.waiting(v) || v == u || v.Fresh(o.section.Lock.Root) || s.keptApart(o.section):
			continue
		}
		found := &need{hops: slices.Concat(hops, o.hops), after: v.Name()}
		switch outer := o.section.Lock; {
		case o.inner.Global():
			found.path = o.inner
		case outer.Root == o.inner.Root && slices.Equal(outer.Fields, second.Fields):
			found.path = patterns.Path{Root: second.Root, Fields: o.inner.Fields}
		default:
			continue
		}
		return found
	}
	return nil
}

// keptApart reports whether a lock that the holder has, too, keeps it and a section from
// running at the same time.
func (s *needSearch) keptApart(o *locks.Section) bool {
	held := func(u *patterns.Unit, n ast.Node) []*types.Var {
		return slices.Concat(locks.Vars(locks.HeldAt(u, n)), guards.IndexOf(s.x, u.Pkg).Seen[u])
	}
	there := held(o.Unit, o.Acquire)
	return slices.ContainsFunc(held(s.holder.Unit, s.op.Node), func(v *types.Var) bool { return slices.Contains(there, v) })
}
