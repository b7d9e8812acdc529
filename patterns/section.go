package patterns

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// A Section is one critical section: what runs between one acquisition of a
// lock and its releases, on every path of the control-flow graph.
type Section struct {
	Unit    *Unit
	Lock    Path
	Mode    Mode
	Acquire *ast.CallExpr
	Wrapper bool // taken by a function of the loaded packages that wraps the lock
	Try     bool // taken by TryLock

	Releases []Release  // in source order
	Nodes    []ast.Node // the graph's nodes that run while the lock is held, in source order

	// Problem says why the extent is not certain, or why it is not the same on
	// all paths; ProblemPos is where. A section with a problem is reported but
	// never rewritten.
	Problem    string
	ProblemPos token.Pos

	// Cycles are calls and waits in the section that release the lock and take
	// it again: sync.Cond.Wait on this lock, helpers that unlock around a wait.
	Cycles []*ast.CallExpr

	// CondWaits are those of Cycles that wait for a sync.Cond whose mutex is seen
	// to be this section's. They are known once the section was looked through
	// for what waits.
	CondWaits []*ast.CallExpr

	// Others are the other locks held at some point of the section, with
	// whether they were taken after this one.
	Others []OtherLock

	index int // of the acquisition in the unit's flow
	refs  map[nodeRef]bool
	ends  map[nodeRef]bool // the nodes that release the lock, or defer that
}

// A Release is one release of a section's lock.
type Release struct {
	Call     *ast.CallExpr
	Deferred bool
	Closure  bool // inside a deferred function literal
	Wrapper  bool
}

// An OtherLock is a lock that is held together with a section's own.
type OtherLock struct {
	Lock  Path
	Pos   token.Pos
	Inner bool // taken while the section's lock was held
}

// Pos is the position of the call that takes the lock.
func (s *Section) Pos() token.Pos { return s.Acquire.Pos() }

// Position is where the lock is taken.
func (s *Section) Position() token.Position { return s.Unit.Position(s.Pos()) }

// Deferred returns the deferred release, if the section has exactly one
// release and that is deferred.
func (s *Section) Deferred() (Release, bool) {
	if len(s.Releases) == 1 && s.Releases[0].Deferred {
		return s.Releases[0], true
	}
	return Release{}, false
}

// LockVar identifies the mutex among all of its package: the field or variable
// that holds it. It is nil for locks that have no path.
func (s *Section) LockVar() *types.Var { return s.Lock.Last() }

// sectionsOf lists the critical sections of a unit in source order.
func (x *Program) sectionsOf(u *Unit) []*Section {
	f := lockFlows.Of(u)
	if f == nil {
		return nil
	}
	var sections []*Section
	for i, e := range f.acquires {
		s := &Section{
			Unit: u, Lock: e.path, Mode: e.mode, Acquire: e.call, Wrapper: e.wrapper,
			Try: e.kind == evTry, index: i, refs: make(map[nodeRef]bool), ends: make(map[nodeRef]bool),
		}
		f.extent(s)
		f.findReleases(s)
		f.findCycles(s, x)
		f.others(s)
		f.judge(s)
		sections = append(sections, s)
	}
	slices.SortStableFunc(sections, func(a, b *Section) int { return int(a.Pos() - b.Pos()) })
	return sections
}

// extent collects the nodes during which the acquisition holds the lock.
func (f *lockFlow) extent(s *Section) {
	pre := f.pre[s.Lock.key()]
	seen := make(map[ast.Node]bool)
	for ref, n := range f.nodesHeld(s) {
		_, all := pre.at(ref).holds(s.index)
		if f.onlyReleases(ref, s) {
			s.ends[ref] = true
			continue
		}
		if !all && f.testsHold(ref, pre.at(ref)) {
			continue
		}
		if !all && s.Problem == "" {
			s.Problem, s.ProblemPos = OnSomePaths, n.Pos()
		}
		s.refs[ref] = true
		if !seen[n] {
			seen[n] = true
			s.Nodes = append(s.Nodes, n)
		}
	}
	slices.SortStableFunc(s.Nodes, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
}

// nodesHeld visits the nodes before which the section's acquisition may hold the
// lock, in the order of the graph.
func (f *lockFlow) nodesHeld(s *Section) iter.Seq2[nodeRef, ast.Node] {
	return func(yield func(nodeRef, ast.Node) bool) {
		for _, ref := range f.held[s.index] {
			if nodes := f.blockOf(ref).Nodes; ref.node < len(nodes) && !yield(ref, nodes[ref.node]) {
				return
			}
		}
	}
}

// testsHold reports whether the node is the test of the variable that says
// whether a TryLock took the lock.
func (f *lockFlow) testsHold(ref nodeRef, set holdSet) bool {
	if !f.decides(ref) {
		return false
	}
	cond := f.graph.Blocks[ref.block].Nodes[ref.node].(ast.Expr)
	return !slices.ContainsFunc(set, func(h hold) bool { return h.cond == nil || !f.tests(cond, h.cond) })
}

// onlyReleases reports whether the node is just a release of the section, or
// the registration of its deferred release.
func (f *lockFlow) onlyReleases(ref nodeRef, s *Section) bool {
	for _, e := range f.events[ref] {
		if e.path.key() != s.Lock.key() || e.closure {
			continue
		}
		switch n := f.graph.Blocks[ref.block].Nodes[ref.node].(type) {
		case *ast.ExprStmt:
			if e.kind == evRelease && ast.Unparen(n.X) == ast.Expr(e.call) {
				return true
			}
		case *ast.DeferStmt:
			if e.kind == evDeferRelease && n.Call == e.call {
				return true
			}
		}
	}
	return false
}

func (f *lockFlow) findReleases(s *Section) {
	k := s.Lock.key()
	for _, r := range f.releases {
		if r.site == s.index {
			s.Releases = append(s.Releases, Release{Call: r.call, Closure: r.closure, Wrapper: r.wrapper})
		}
	}
	var defs []int
	for _, h := range f.exit[k] {
		if h.site == s.index && h.def > 0 && !slices.Contains(defs, h.def-1) {
			defs = append(defs, h.def-1)
		}
	}
	for _, d := range defs {
		if e := f.defers[d]; e.kind == evDeferRelease {
			s.Releases = append(s.Releases, Release{Call: e.call, Deferred: true, Closure: e.closure, Wrapper: e.wrapper})
		}
	}
	slices.SortStableFunc(s.Releases, func(a, b Release) int { return int(a.Call.Pos() - b.Call.Pos()) })
}

// findCycles finds the calls in the section that release its lock and take it
// again. A callee that does so to a lock which it reaches through a pointer or
// an interface, as a hand-made condition variable does, may mean this one.
func (f *lockFlow) findCycles(s *Section, x *Program) {
	for ref := range s.refs {
		for _, e := range f.events[ref] {
			if e.kind == evCycle && e.path.key() == s.Lock.key() {
				s.Cycles = append(s.Cycles, e.call)
			}
		}
		inspectCalls(f.blockOf(ref).Nodes[ref.node], func(c *ast.CallExpr) {
			fn := CalleeOf(f.unit.Pkg.Info, c)
			if fn == nil || slices.Contains(s.Cycles, c) {
				return
			}
			for _, ef := range x.effectsOf(f.unit.Pkg, fn) {
				if v := ef.path.Last(); ef.kind == evCycle && v != nil && isReference(v.Type()) {
					s.Cycles = append(s.Cycles, c)
					return
				}
			}
		})
	}
	slices.SortFunc(s.Cycles, func(a, b *ast.CallExpr) int { return int(a.Pos() - b.Pos()) })
}

// OnSomePaths is the problem of a section in which a path that holds the lock meets
// one that does not.
const OnSomePaths = "the lock is held on some paths only"

// AlsoEnds is the problem of a section that shares a release with another one.
const AlsoEnds = "the release also ends another acquisition"

// Balances reports whether every path through the unit that comes to a node agrees on
// whether a lock with the given name is held there, whichever Lock took it, and the
// lock is free when the unit returns.
func (u *Unit) Balances(lock string) bool {
	if lockFlows.Of(u) == nil {
		return true
	}
	for _, e := range lockFlows.Of(u).acquires {
		if v := e.path.Last(); v != nil && v.Name() == lock && !lockFlows.Of(u).balances(e.path.key()) {
			return false
		}
	}
	return true
}

func (f *lockFlow) balances(k pathKey) bool {
	for _, block := range f.pre[k] {
		for _, set := range block {
			if len(set) > 0 && slices.ContainsFunc(set, func(h hold) bool { return (h.site >= 0) != (set[0].site >= 0) }) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(f.exit[k], func(h hold) bool {
		released := h.def > 0 && f.defers[h.def-1].kind == evDeferRelease
		return released != (h.site >= 0)
	})
}

// ForeignRelease is the problem of a section that may end with a release that
// was deferred for an acquisition before: the extent of either is not certain,
// unless both are known to belong together.
const ForeignRelease = "a deferred release that belongs to another acquisition is pending"

// judge fills in the problem of a section whose extent is not certain.
func (f *lockFlow) judge(s *Section) {
	set := func(pos token.Pos, format string, args ...any) {
		if s.Problem == "" {
			s.Problem, s.ProblemPos = fmt.Sprintf(format, args...), pos
		}
	}
	if p, ok := f.problems[s.index]; ok {
		set(p.pos, "%s", p.why)
	}
	u := s.Unit
	switch v := s.Lock.Root; {
	case v == nil:
		set(s.Pos(), "the lock comes from a map, a slice or a call")
	case s.Lock.Last().Name() == "L" && s.Lock.Last().IsField() && s.Lock.Last().Pkg().Path() == "sync":
		set(s.Pos(), "the lock is reached through a condition variable, so which mutex it is cannot be seen")
	case len(s.Lock.Fields) == 0 && u.IsParam(v) && !isGlobal(v) && namedIsSync(v.Type()):
		set(s.Pos(), "the lock is a parameter, so which mutex it is depends on the caller")
	case len(s.Lock.Fields) == 0 && !isGlobal(v) && fromContainer(u.Pkg.Info, u.DefinedOnce(v)):
		set(s.Pos(), "the lock comes from a map, a slice or a call")
	case len(s.Lock.Fields) == 0 && !isGlobal(v) && !u.IsParam(v) && (isPointer(v.Type()) || types.IsInterface(v.Type())) && !madeLock(u.Pkg.Info, u.DefinedOnce(v)):
		set(s.Pos(), "the lock is reached through a variable, so which mutex it is cannot be seen")
	}
	if d, ok := f.foreignDefer(s); ok {
		set(f.defers[d].pos, ForeignRelease)
	}
	for _, h := range f.exit[s.Lock.key()] {
		if h.site == s.index && (h.def == 0 || f.defers[h.def-1].kind != evDeferRelease) {
			set(s.Pos(), "the lock is acquired here and released elsewhere")
		}
		if h.site < 0 && h.def > 0 && f.defers[h.def-1].kind == evDeferRelease && f.startsBefore(s, h.def-1) {
			set(f.defers[h.def-1].pos, "the deferred release also runs where the lock is not held")
		}
	}
	for _, r := range f.releases {
		if r.site == s.index && f.alsoReleases(r, s.index) {
			set(r.pos, AlsoEnds)
		}
	}
}

// foreignDefer returns a deferred release that is pending during the section
// but is not one of its own.
func (f *lockFlow) foreignDefer(s *Section) (int, bool) {
	pre := f.pre[s.Lock.key()]
	for ref := range f.nodesHeld(s) {
		if !s.refs[ref] {
			continue
		}
		for _, h := range pre.at(ref) {
			if h.site == s.index && h.def > 0 && !f.startsBefore(s, h.def-1) {
				return h.def - 1, true
			}
		}
	}
	return 0, false
}

func (f *lockFlow) startsBefore(s *Section, def int) bool {
	return slices.ContainsFunc(s.Releases, func(r Release) bool { return r.Call == f.defers[def].call })
}

func (f *lockFlow) alsoReleases(r releaseEvent, site int) bool {
	return slices.ContainsFunc(f.releases, func(o releaseEvent) bool { return o.call == r.call && o.site != site })
}

func namedIsSync(t types.Type) bool {
	if isSyncType(t) {
		return true
	}
	return types.IsInterface(t)
}

// fromContainer reports whether a lock variable was filled from something that
// gives a different lock each time.
func fromContainer(info *types.Info, def ast.Expr) bool {
	switch e := ast.Unparen(def).(type) {
	case *ast.CallExpr:
		return BuiltinOf(info, e) != "new"
	case *ast.IndexExpr, *ast.TypeAssertExpr:
		return true
	}
	return false
}

// madeLock reports whether a lock is made where it is assigned: new(sync.Mutex)
// or &sync.Mutex{}.
func madeLock(info *types.Info, def ast.Expr) bool {
	switch e := ast.Unparen(def).(type) {
	case *ast.CallExpr:
		return BuiltinOf(info, e) == "new"
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	}
	return false
}

// others finds the other locks that are held during the section.
func (f *lockFlow) others(s *Section) {
	own := s.Lock.key()
	for _, k := range f.keys {
		if k == own {
			continue
		}
		seen := make(map[int]bool)
		for ref := range f.nodesHeld(s) {
			if !s.refs[ref] {
				continue
			}
			for _, h := range f.pre[k].at(ref) {
				if h.site < 0 || seen[h.site] {
					continue
				}
				seen[h.site] = true
				e := f.acquires[h.site]
				s.Others = append(s.Others, OtherLock{Lock: e.path, Pos: e.pos, Inner: s.refs[e.at]})
			}
		}
	}
	slices.SortStableFunc(s.Others, func(a, b OtherLock) int { return int(a.Pos - b.Pos) })
}

// HeldAt lists the locks that the unit itself certainly holds when the first
// part of the node runs.
func (u *Unit) HeldAt(n ast.Node) []Path {
	if lockFlows.Of(u) == nil {
		return nil
	}
	ref, ok := lockFlows.Of(u).firstIn(n)
	if !ok {
		return nil
	}
	return u.heldAt(ref)
}

// MayHoldAt lists the locks that the unit itself holds on some path when the
// first part of the node runs.
func (u *Unit) MayHoldAt(n ast.Node) []Path {
	if lockFlows.Of(u) == nil {
		return nil
	}
	ref, ok := lockFlows.Of(u).firstIn(n)
	if !ok {
		return nil
	}
	var held []Path
	for _, k := range lockFlows.Of(u).keys {
		set := lockFlows.Of(u).pre[k].at(ref)
		if i := slices.IndexFunc(set, func(h hold) bool { return h.site >= 0 }); i >= 0 {
			held = append(held, lockFlows.Of(u).acquires[set[i].site].path)
		}
	}
	return held
}

// firstIn finds the graph node of the first part of a node that runs; ok is
// false if none can be reached.
func (f *lockFlow) firstIn(n ast.Node) (ref nodeRef, ok bool) {
	best := n.End()
	for _, b := range f.graph.Blocks {
		for i, m := range b.Nodes {
			if n.Pos() <= m.Pos() && m.Pos() < best && b.Live {
				best, ref, ok = m.Pos(), nodeRef{b.Index, i}, true
			}
		}
	}
	return ref, ok
}

// Covers reports whether the graph node n runs under the section's lock.
func (s *Section) Covers(n ast.Node) bool { return slices.Contains(s.Nodes, n) }

// blockOf returns the graph block with the given index.
func (f *lockFlow) blockOf(ref nodeRef) *cfg.Block { return f.graph.Blocks[ref.block] }

// HeldAt lists the locks that are certainly held before the graph node n of the
// unit runs: those that this unit took itself.
func (u *Unit) heldAt(ref nodeRef) []Path {
	var held []Path
	if lockFlows.Of(u) == nil {
		return nil
	}
	for _, k := range lockFlows.Of(u).keys {
		set := lockFlows.Of(u).pre[k].at(ref)
		if len(set) == 0 {
			continue
		}
		all := true
		for _, h := range set {
			all = all && h.site >= 0
		}
		if all {
			held = append(held, lockFlows.Of(u).acquires[set[0].site].path)
		}
	}
	return held
}

// heldDeferred lists the locks that are held when a deferred call runs: those
// whose release was deferred before it, and that the unit releases by nothing
// else.
func (u *Unit) heldDeferred(ref nodeRef) []*types.Var {
	var out []*types.Var
	for _, k := range lockFlows.Of(u).keys {
		set := lockFlows.Of(u).pre[k].at(ref)
		pending := len(set) > 0 && !slices.ContainsFunc(set, func(h hold) bool {
			return h.site < 0 || h.def == 0 || lockFlows.Of(u).defers[h.def-1].kind != evDeferRelease
		})
		if !pending || lockFlows.Of(u).mixed[k] || lockFlows.Of(u).releasesItself(k) {
			continue
		}
		if v := lockFlows.Of(u).acquires[set[0].site].path.Last(); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// releasesItself reports whether a lock is released, or may be, before the deferred
// calls run.
func (f *lockFlow) releasesItself(k pathKey) bool {
	for _, list := range f.events {
		if slices.ContainsFunc(list, func(e event) bool { return e.path.key() == k && (e.kind == evRelease || e.kind == evPoison) }) {
			return true
		}
	}
	return false
}

// SectionsIn lists the critical sections of one package in source order.
func (x *Program) SectionsIn(p *Package) []*Section {
	sections := make([][]*Section, len(x.UnitsIn(p)))
	eachUnit(x.UnitsIn(p), func(i int, u *Unit) { sections[i] = x.sectionsOf(u) })
	return slices.Concat(sections...)
}

// covers reports whether a position lies in a node of the section.
func (s *Section) covers(pos token.Pos) bool {
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() })
}

// KeepsLock reports whether the callers of a unit, who hold the lock that the
// variable of that name holds, find it held when the unit returns, on every path.
func (u *Unit) KeepsLock(lock string) bool {
	for _, e := range effects.Of(u) {
		if v := e.path.Last(); v == nil || v.Name() != lock {
			continue
		}
		if e.kind != evCycle {
			return false
		}
	}
	return true
}

// LeavesLock reports whether a unit that runs under its callers' lock, which the
// variable of that name holds, neither releases nor takes it.
func (u *Unit) LeavesLock(lock string) bool {
	return !slices.ContainsFunc(effects.Of(u), func(e lockEffect) bool { return e.path.Last() != nil && e.path.Last().Name() == lock })
}

// SectionAround returns the section of the lock in the unit that the node runs
// in, or nil.
func (x *Program) SectionAround(u *Unit, lock *types.Var, n ast.Node) *Section {
	for _, s := range x.sectionsOf(u) {
		if s.LockVar() != lock {
			continue
		}
		for _, m := range s.Nodes {
			if m.Pos() <= n.Pos() && n.End() <= m.End() {
				return s
			}
		}
	}
	return nil
}
