package patterns

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
)

// A lockNeed is a lock that a unit takes which its caller can name, while it has
// released no lock of its callers.
type lockNeed struct {
	lockEffect
	hops []Hop  // the calls from the unit to the one that takes it, which is the last
	way  []link // the calls of hops, each with the unit that it stands in
}

// maxRelockDepth bounds through how many calls a lock is looked for.
const maxRelockDepth = 5

// relockOf looks for a wait of a section for its own lock.
func (x *Program) relockOf(s *Section) *Deadlock {
	if d := x.relock(s); d != nil {
		return d
	}
	return x.relockByCallback(s)
}

// relock looks for a call in a section that takes the very lock that is held: it
// waits for itself.
func (x *Program) relock(s *Section) *Deadlock {
	if s.LockVar() == nil || s.Lock.Root == nil || s.Problem != "" || s.Try || len(s.Cycles) > 0 {
		return nil
	}
	var second *Deadlock // of readers only
	for _, c := range s.calls() {
		for _, n := range x.locksOf(s.Unit, c) {
			if n.path.key() != s.Lock.key() || s.Mode == Shared && n.mode == Shared && (second != nil || !x.written(s)) {
				continue
			}
			d := x.relocked(s, site{callee: n.callee, node: c, defers: s.Unit.deferredCalls()[c]}, n.lockNeed)
			if s.Mode != Shared || n.mode != Shared {
				return d
			}
			d.Doubt = "and waits if somebody asks for the write lock in between"
			second = d
		}
	}
	return second
}

// written reports whether the package takes the lock of a section for writing, too:
// then a reader that reads again may wait for a writer that waits for it.
func (x *Program) written(s *Section) bool {
	return slices.ContainsFunc(x.SectionsOfLock(s.Unit.Pkg, s.LockVar()), func(o *Section) bool {
		return o.Mode == Exclusive
	})
}

// calls lists the calls that run in the section, literals and goroutines left out.
func (s *Section) calls() []*ast.CallExpr {
	var calls []*ast.CallExpr
	f := lockFlows.Of(s.Unit)
	for ref, n := range f.nodesHeld(s) {
		if !s.refs[ref] && !s.ends[ref] {
			continue
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			continue
		case *ast.DeferStmt:
			if f.runsUnder(s, ref, n) {
				calls = append(calls, n.Call)
			}
			continue
		}
		inspectCalls(n, func(c *ast.CallExpr) { calls = append(calls, c) })
	}
	return calls
}

// relocked describes a call that takes the lock of the section that makes it.
func (x *Program) relocked(s *Section, st site, n lockNeed) *Deadlock {
	at := s.Unit.Position(st.node.Pos())
	last := n.hops[len(n.hops)-1]
	op := &Op{
		Node: st.node, Category: "lock", Effect: EffectWait, Safety: SafetySafe, Deferred: st.defers, relocks: true,
		What: last.Func, Why: "waits for the lock that the caller holds",
	}
	op.Path = append([]Hop{{st.callee.Name(), at}}, n.hops...)
	op.chain = []link{{st.node, st.callee}}
	op.last = &Op{Category: op.Category, Effect: op.Effect, Safety: op.Safety, What: op.What, Why: op.Why}
	return &Deadlock{Op: op, Path: op.Path, In: s.Unit.Name(), EndsAt: last.At, Self: true}
}

// locksTaken lists the locks that a unit takes for a while, itself or through what
// it calls, and that a caller can name.
func (x *Program) locksTaken(u *Unit, depth int) []lockNeed {
	if needs, ok := taken.Lookup(x, u); ok {
		return needs
	}
	if depth == 0 || u.Body == nil {
		return nil
	}
	taken.Set(x, u, nil) // while it is worked out, so that recursion ends
	var needs []lockNeed
	add := func(n lockNeed) {
		same := func(m lockNeed) bool {
			return m.path.key() == n.path.key() && m.mode == n.mode && slices.Equal(m.way, n.way)
		}
		if u.nameable(&n.lockEffect) && !slices.ContainsFunc(needs, same) {
			needs = append(needs, n)
		}
	}
	if lockFlows.Of(u) != nil {
		for _, e := range lockFlows.Of(u).acquires {
			set := lockFlows.Of(u).pre[e.path.key()].at(e.at)
			untouchedOnly := len(set) > 0 && !slices.ContainsFunc(set, func(h hold) bool { return h.site == callerFree })
			if e.kind != evAcquire || e.wrapper || e.closure || !untouchedOnly {
				continue
			}
			hop := Hop{e.path.String() + "." + e.mode.Acquire(), u.Position(e.pos)}
			add(lockNeed{lockEffect: lockEffect{path: e.path, mode: e.mode}, hops: []Hop{hop}, way: []link{{e.call, u}}})
		}
	}
	for _, st := range x.sitesOfCalls(u) {
		for _, n := range x.locksTaken(st.callee, depth-1) {
			c := st.node.(*ast.CallExpr)
			if n.excluded(u.constantsFor(st.callee, c)) {
				continue
			}
			path, ok := u.translate(n.lockEffect, c)
			if !ok || path.Root == nil {
				continue
			}
			hops := append([]Hop{{st.callee.Name(), u.Position(c.Pos())}}, n.hops...)
			add(lockNeed{lockEffect: lockEffect{path: path, mode: n.mode}, hops: hops, way: append([]link{{c, u}}, n.way...)})
		}
	}
	taken.Set(x, u, needs)
	return needs
}

var taken Memo[*Unit, []lockNeed]

// sitesOfCalls lists the calls of functions of the package that the unit makes
// before it returns, with all locks of its callers held.
func (x *Program) sitesOfCalls(u *Unit) []site {
	var sites []site
	free := u.callerFreeRanges()
	for _, c := range u.calls {
		fn := CalleeOf(u.Pkg.Info, c)
		if fn == nil || isInterfaceMethod(fn) || u.inGo(c) {
			continue
		}
		st := site{callee: x.UnitOf(fn), node: c}
		if st.callee != nil && st.callee.Pkg == u.Pkg && st.freedIn(free) && st.freed == (lockRef{}) {
			sites = append(sites, st)
		}
	}
	return sites
}

// excluded reports whether the lock is not taken for known values of parameters of
// the unit, which it may give on.
func (n *lockNeed) excluded(known map[*types.Var]constant.Value) bool {
	for i, l := range n.way {
		if l.callee.excluded(l.node, known) {
			return true
		}
		if i+1 < len(n.way) {
			u := *l.callee
			u.Known = known
			known = u.constantsFor(n.way[i+1].callee, l.node.(*ast.CallExpr))
		}
	}
	return false
}

// relockByCallback looks for a function that a helper is given, runs under the
// lock, and that takes it: the helper and the function name the same lock where the
// helper is called.
func (x *Program) relockByCallback(s *Section) *Deadlock {
	u := s.Unit
	ef := lockEffect{path: s.Lock, mode: s.Mode}
	if u.Obj == nil || s.LockVar() == nil || s.Problem != "" || !u.nameable(&ef) || len(u.calledParams()) == 0 {
		return nil
	}
	for _, n := range s.Nodes {
		var found *Deadlock
		inspectCalls(n, func(c *ast.CallExpr) {
			id, ok := ast.Unparen(c.Fun).(*ast.Ident)
			if !ok || found != nil {
				return
			}
			if i := paramIndex(u.Signature(), asVar(u.Pkg.Info, id)); i >= 0 {
				found = x.relockedBy(s, ef, c, i)
			}
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// relockedBy looks at the literals that are given for a parameter which the call c
// in the section calls.
func (x *Program) relockedBy(s *Section, ef lockEffect, c *ast.CallExpr, i int) *Deadlock {
	for _, k := range x.callsTo(s.Unit) {
		if i >= len(k.Call.Args) {
			continue
		}
		lit, ok := ast.Unparen(k.Call.Args[i]).(*ast.FuncLit)
		held, known := k.Unit.translate(ef, k.Call)
		if !ok || !known || held.Root == nil {
			continue
		}
		v := x.LitUnit(lit)
		if v == nil {
			continue
		}
		for _, n := range x.locksTaken(v, maxRelockDepth) {
			if n.path.key() == held.key() && !(s.Mode == Shared && n.mode == Shared) {
				return x.relocked(s, site{callee: v, node: c}, n)
			}
		}
	}
	return nil
}
