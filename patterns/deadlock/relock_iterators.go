package deadlock

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// relockByRange looks for a loop over an iterator whose body takes the lock that the iterator
// holds while it yields:
//
//	func (s *set) all() iter.Seq[string] {
//		return func(yield func(string) bool) {
//			s.mu.Lock()
//			defer s.mu.Unlock()
//			for k := range s.m {
//				if !yield(k) {
//	...
//	for k := range s.all() {
//		s.remove(k)
//	}
func relockByRange(x *patterns.Program, s *locks.Section) *finding.Deadlock {
	u := s.Unit
	yield := yieldIn(s)
	maker := u
	if u.Lit != nil {
		maker = u.Outer
	}
	ef := locks.Effect{Path: s.Lock, Mode: s.Mode}
	if yield == nil || maker == nil || maker.Obj == nil || s.LockVar() == nil || s.Problem != "" || !locks.Nameable(maker, &ef) || u.Lit != nil && !returns(maker, u.Lit) {
		return nil
	}
	for _, v := range x.UnitsIn(u.Pkg) {
		for _, r := range rangesOf(v) {
			c := v.Iterators[r.X]
			if u.Lit != nil {
				c, _ = ast.Unparen(r.X).(*ast.CallExpr)
			}
			if c == nil {
				continue
			}
			if fn := patterns.CalleeOf(v.Pkg.Info, c); fn == nil || x.UnitOf(fn) != maker {
				continue
			}
			if held, ok := locks.Translate(v, ef, c); ok && held.Root != nil {
				if d := relockedInBody(x, s, yield, v, r.Body, held); d != nil {
					return d
				}
			}
		}
	}
	return nil
}

// relockedInBody looks for the lock in the body of a loop of the unit v.
func relockedInBody(x *patterns.Program, s *locks.Section, yield *ast.CallExpr, v *patterns.Unit, body *ast.BlockStmt, held patterns.Path) *finding.Deadlock {
	conflicts := func(m patterns.Mode) bool { return s.Mode != patterns.Shared || m != patterns.Shared }
	if f := locks.Flows.Of(v); f != nil {
		for _, e := range f.Acquires {
			if e.Kind == locks.EvAcquire && !e.Wrapper && !e.Closure && contains(body, e.Call) && e.Path.Key() == held.Key() && conflicts(e.Mode) {
				return relocked(s, waits.Site{Callee: v, Node: yield}, lockNeed{hops: []patterns.Hop{acquiring(v, e)}})
			}
		}
	}
	deferred := guards.DeferredCalls(v) // until the loop is over
	for _, c := range freeCalls(v) {
		if !contains(body, c) || deferred[c] {
			continue
		}
		for _, n := range locksOf(x, v, c) {
			if n.path.Key() == held.Key() && conflicts(n.Mode) {
				n.hops = append([]patterns.Hop{{Func: n.callee.Name(), At: v.Position(c.Pos())}}, n.hops...)
				return relocked(s, waits.Site{Callee: v, Node: yield}, n.lockNeed)
			}
		}
	}
	return nil
}

// acquiring is the hop of an event that takes a lock.
func acquiring(u *patterns.Unit, e locks.Event) patterns.Hop {
	return patterns.Hop{Func: e.Path.String() + "." + e.Mode.Acquire(), At: u.Position(e.Pos)}
}

// yieldIn returns a call, in a section of an iterator, of the function that runs the body of
// the loop: the only parameter.
func yieldIn(s *locks.Section) (yield *ast.CallExpr) {
	params := s.Unit.Signature().Params()
	if params.Len() != 1 || s.Unit.Signature().Results().Len() > 0 {
		return nil
	}
	for _, n := range s.Nodes {
		statements.InspectCalls(n, func(c *ast.CallExpr) {
			if id := patterns.IdentOf(ast.Unparen(c.Fun)); yield == nil && id != nil && patterns.AsVar(s.Unit.Pkg.Info, id) == params.At(0) {
				yield = c
			}
		})
	}
	return yield
}

// returns reports whether a unit returns a literal.
func returns(u *patterns.Unit, lit *ast.FuncLit) (found bool) {
	values.EachReturned(u, 0, func(e ast.Expr) { found = found || ast.Unparen(e) == ast.Expr(lit) })
	return found
}

// rangesOf lists the loops over functions in a unit.
func rangesOf(u *patterns.Unit) (loops []*ast.RangeStmt) {
	if len(u.Iterators) == 0 {
		return nil
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok && u.Iterators[r.X] != nil {
			loops = append(loops, r)
		}
		return true
	})
	return loops
}
