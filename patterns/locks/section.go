package locks

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/cfg"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/parallel"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// A Section is one critical section: the code that runs between one acquisition of a
// lock and its releases, on every path of the control-flow graph.
type Section struct {
	Unit    *patterns.Unit
	Lock    patterns.Path
	Mode    patterns.Mode
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

	// CondWaits are the Cycles that wait for a sync.Cond whose mutex is known to be this
	// section's. They are filled in by the search for waits.
	CondWaits []*ast.CallExpr

	// Others are the other locks held at some point of the section, with
	// whether they were taken after this one.
	Others []OtherLock

	Index int // of the acquisition in the unit's flow
	Refs  map[NodeRef]bool
	Ends  map[NodeRef]bool // the nodes that release the lock, or defer its release
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
	Lock  patterns.Path
	Pos   token.Pos
	Inner bool // taken while the section's lock was held
}

// Pos is the position of the call that takes the lock.
func (s *Section) Pos() token.Pos { return s.Acquire.Pos() }

// Position is where the lock is taken.
func (s *Section) Position() token.Position { return s.Unit.Position(s.Pos()) }

// Deferred returns the section's release, if it has exactly one and that is deferred.
func (s *Section) Deferred() (Release, bool) {
	if len(s.Releases) == 1 && s.Releases[0].Deferred {
		return s.Releases[0], true
	}
	return Release{}, false
}

// LockVar identifies the mutex within its package: the field or variable that holds it.
// It is nil for locks that have no path.
func (s *Section) LockVar() *types.Var { return s.Lock.Last() }

// KeptApart reports whether another section of the lock never runs at the same time as this one.
func (s *Section) KeptApart(other *Section) bool {
	return other.Acquire != s.Acquire && !(other.Mode == patterns.Shared && s.Mode == patterns.Shared)
}

// SectionsOfUnit lists the critical sections of a unit in source order.
func SectionsOfUnit(x *patterns.Program, u *patterns.Unit) []*Section {
	f := Flows.Of(u)
	if f == nil {
		return nil
	}
	var sections []*Section
	for i, e := range f.Acquires {
		s := &Section{
			Unit: u, Lock: e.Path, Mode: e.Mode, Acquire: e.Call, Wrapper: e.Wrapper,
			Try: e.Kind == evTry, Index: i, Refs: make(map[NodeRef]bool), Ends: make(map[NodeRef]bool),
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
func (f *Flow) extent(s *Section) {
	pre := f.Pre[s.Lock.Key()]
	seen := make(map[ast.Node]bool)
	for ref, n := range f.NodesHeld(s) {
		_, all := pre.At(ref).holds(s.Index)
		if f.onlyReleases(ref, s) {
			s.Ends[ref] = true
			continue
		}
		if !all && f.testsHold(ref, pre.At(ref)) {
			continue
		}
		if !all && s.Problem == "" {
			s.Problem, s.ProblemPos = OnSomePaths, n.Pos()
		}
		s.Refs[ref] = true
		if !seen[n] {
			seen[n] = true
			s.Nodes = append(s.Nodes, n)
		}
	}
	slices.SortStableFunc(s.Nodes, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
}

// NodesHeld visits the nodes before which the section's acquisition may hold the
// lock, in the order of the graph.
func (f *Flow) NodesHeld(s *Section) iter.Seq2[NodeRef, ast.Node] {
	return func(yield func(NodeRef, ast.Node) bool) {
		for _, ref := range f.Held[s.Index] {
			if nodes := f.BlockOf(ref).Nodes; ref.Node < len(nodes) && !yield(ref, nodes[ref.Node]) {
				return
			}
		}
	}
}

// testsHold reports whether the node tests the variable that says whether a TryLock took
// the lock.
func (f *Flow) testsHold(ref NodeRef, set holdSet) bool {
	if !f.decides(ref) {
		return false
	}
	cond := f.Graph.Blocks[ref.Block].Nodes[ref.Node].(ast.Expr)
	return !slices.ContainsFunc(set, func(h Hold) bool { return h.cond == nil || !f.tests(cond, h.cond) })
}

// onlyReleases reports whether the node is just a release of the section, or
// the registration of its deferred release.
func (f *Flow) onlyReleases(ref NodeRef, s *Section) bool {
	for _, e := range f.events[ref] {
		if e.Path.Key() != s.Lock.Key() || e.Closure {
			continue
		}
		switch n := f.Graph.Blocks[ref.Block].Nodes[ref.Node].(type) {
		case *ast.ExprStmt:
			if e.Kind == EvRelease && ast.Unparen(n.X) == ast.Expr(e.Call) {
				return true
			}
		case *ast.DeferStmt:
			if e.Kind == EvDeferRelease && n.Call == e.Call {
				return true
			}
		}
	}
	return false
}

func (f *Flow) findReleases(s *Section) {
	k := s.Lock.Key()
	for _, r := range f.releases {
		if r.site == s.Index {
			s.Releases = append(s.Releases, Release{Call: r.Call, Closure: r.Closure, Wrapper: r.Wrapper})
		}
	}
	var defs []int
	for _, h := range f.Exit[k] {
		if h.Site == s.Index && h.Def > 0 && !slices.Contains(defs, h.Def-1) {
			defs = append(defs, h.Def-1)
		}
	}
	for _, d := range defs {
		if e := f.Defers[d]; e.Kind == EvDeferRelease {
			s.Releases = append(s.Releases, Release{Call: e.Call, Deferred: true, Closure: e.Closure, Wrapper: e.Wrapper})
		}
	}
	slices.SortStableFunc(s.Releases, func(a, b Release) int { return int(a.Call.Pos() - b.Call.Pos()) })
}

// findCycles finds the calls in the section that release its lock and take it again. A
// callee that does so to a lock that it reaches through a pointer or an interface, like a
// hand-made condition variable, may mean this one.
func (f *Flow) findCycles(s *Section, x *patterns.Program) {
	for ref := range s.Refs {
		for _, e := range f.events[ref] {
			if e.Kind == EvCycle && e.Path.Key() == s.Lock.Key() {
				s.Cycles = append(s.Cycles, e.Call)
			}
		}
		statements.InspectCalls(f.BlockOf(ref).Nodes[ref.Node], func(c *ast.CallExpr) {
			fn := patterns.CalleeOf(f.unit.Pkg.Info, c)
			if fn == nil || slices.Contains(s.Cycles, c) {
				return
			}
			for _, ef := range effectsOf(x, f.unit.Pkg, fn) {
				if v := ef.Path.Last(); ef.Kind == EvCycle && v != nil && patterns.IsReference(v.Type()) {
					s.Cycles = append(s.Cycles, c)
					return
				}
			}
		})
	}
	slices.SortFunc(s.Cycles, func(a, b *ast.CallExpr) int { return int(a.Pos() - b.Pos()) })
}

// OnSomePaths is the problem of a section where a path that holds the lock joins one
// that does not.
const OnSomePaths = "the lock is held on some paths only"

// AlsoEnds is the problem of a section that shares a release with another one.
const AlsoEnds = "the release also ends another acquisition"

// Balances reports whether all paths through the unit agree, at every node, on whether
// a lock with the given name is held, whichever Lock took it, and whether the lock is
// free when the unit returns.
func Balances(u *patterns.Unit, lock string) bool {
	if Flows.Of(u) == nil {
		return true
	}
	for _, e := range Flows.Of(u).Acquires {
		if v := e.Path.Last(); v != nil && v.Name() == lock && !Flows.Of(u).balances(e.Path.Key()) {
			return false
		}
	}
	return true
}

func (f *Flow) balances(k patterns.PathKey) bool {
	for _, block := range f.Pre[k] {
		for _, set := range block {
			if len(set) > 0 && slices.ContainsFunc(set, func(h Hold) bool { return (h.Site >= 0) != (set[0].Site >= 0) }) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(f.Exit[k], func(h Hold) bool {
		released := h.Def > 0 && f.Defers[h.Def-1].Kind == EvDeferRelease
		return released != (h.Site >= 0)
	})
}

// ForeignRelease is the problem of a section that may end with a release deferred for an
// earlier acquisition. Both extents are uncertain, unless the two are known to belong
// together.
const ForeignRelease = "a deferred release that belongs to another acquisition is pending"

// judge fills in the problem of a section whose extent is not certain.
func (f *Flow) judge(s *Section) {
	set := func(pos token.Pos, format string, args ...any) {
		if s.Problem == "" {
			s.Problem, s.ProblemPos = fmt.Sprintf(format, args...), pos
		}
	}
	if p, ok := f.problems[s.Index]; ok {
		set(p.pos, "%s", p.why)
	}
	u := s.Unit
	switch v := s.Lock.Root; {
	case v == nil:
		set(s.Pos(), "the lock comes from a map, a slice or a call")
	case s.Lock.Last().Name() == "L" && s.Lock.Last().IsField() && s.Lock.Last().Pkg().Path() == "sync":
		set(s.Pos(), "the lock is reached through a condition variable, so letgo cannot tell which mutex it is")
	case len(s.Lock.Fields) == 0 && u.IsParam(v) && !patterns.IsGlobal(v) && namedIsSync(v.Type()):
		set(s.Pos(), "the lock is a parameter, so which mutex it is depends on the caller")
	case len(s.Lock.Fields) == 0 && !patterns.IsGlobal(v) && FromContainer(u.Pkg.Info, u.DefinedOnce(v)):
		set(s.Pos(), "the lock comes from a map, a slice or a call")
	case len(s.Lock.Fields) == 0 && !patterns.IsGlobal(v) && !u.IsParam(v) && (patterns.IsPointer(v.Type()) || types.IsInterface(v.Type())) && !MadeLock(u.Pkg.Info, u.DefinedOnce(v)):
		set(s.Pos(), "the lock is reached through a variable, so letgo cannot tell which mutex it is")
	}
	if f.Acquires[s.Index].handed {
		set(s.Pos(), "the lock is released through the result of this call")
	}
	if d, ok := f.foreignDefer(s); ok {
		set(f.Defers[d].Pos, ForeignRelease)
	}
	for _, h := range f.Exit[s.Lock.Key()] {
		if h.Site == s.Index && (h.Def == 0 || f.Defers[h.Def-1].Kind != EvDeferRelease) {
			set(s.Pos(), "the lock is acquired here and released elsewhere")
		}
		if h.Site < 0 && h.Def > 0 && f.Defers[h.Def-1].Kind == EvDeferRelease && f.startsBefore(s, h.Def-1) {
			set(f.Defers[h.Def-1].Pos, "the deferred release also runs where the lock is not held")
		}
	}
	for _, r := range f.releases {
		if r.site == s.Index && f.alsoReleases(r, s.Index) {
			set(r.Pos, AlsoEnds)
		}
	}
}

// foreignDefer returns a deferred release that is pending during the section but belongs to
// another one.
func (f *Flow) foreignDefer(s *Section) (int, bool) {
	pre := f.Pre[s.Lock.Key()]
	for ref := range f.NodesHeld(s) {
		if !s.Refs[ref] {
			continue
		}
		for _, h := range pre.At(ref) {
			if h.Site == s.Index && h.Def > 0 && !f.startsBefore(s, h.Def-1) {
				return h.Def - 1, true
			}
		}
	}
	return 0, false
}

func (f *Flow) startsBefore(s *Section, def int) bool {
	return slices.ContainsFunc(s.Releases, func(r Release) bool { return r.Call == f.Defers[def].Call })
}

func (f *Flow) alsoReleases(r releaseEvent, site int) bool {
	return slices.ContainsFunc(f.releases, func(o releaseEvent) bool { return o.Call == r.Call && o.site != site })
}

func namedIsSync(t types.Type) bool {
	if patterns.IsSyncType(t) {
		return true
	}
	return types.IsInterface(t)
}

// FromContainer reports whether a lock variable was assigned from something that
// returns a different lock each time.
func FromContainer(info *types.Info, def ast.Expr) bool {
	switch e := ast.Unparen(def).(type) {
	case *ast.CallExpr:
		return patterns.BuiltinOf(info, e) != "new"
	case *ast.IndexExpr, *ast.TypeAssertExpr:
		return true
	}
	return false
}

// MadeLock reports whether the right side of an assignment makes a lock:
// new(sync.Mutex) or &sync.Mutex{}.
func MadeLock(info *types.Info, def ast.Expr) bool {
	switch e := ast.Unparen(def).(type) {
	case *ast.CallExpr:
		return patterns.BuiltinOf(info, e) == "new"
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	}
	return false
}

// others finds the other locks that are held during the section.
func (f *Flow) others(s *Section) {
	own := s.Lock.Key()
	for _, k := range f.Keys {
		if k == own {
			continue
		}
		seen := make(map[int]bool)
		for ref := range f.NodesHeld(s) {
			if !s.Refs[ref] {
				continue
			}
			for _, h := range f.Pre[k].At(ref) {
				if h.Site < 0 || seen[h.Site] {
					continue
				}
				seen[h.Site] = true
				e := f.Acquires[h.Site]
				s.Others = append(s.Others, OtherLock{Lock: e.Path, Pos: e.Pos, Inner: s.Refs[e.At]})
			}
		}
	}
	slices.SortStableFunc(s.Others, func(a, b OtherLock) int { return int(a.Pos - b.Pos) })
}

// HeldAt lists the locks that the unit itself certainly holds when the first
// part of the node runs.
func HeldAt(u *patterns.Unit, n ast.Node) []patterns.Path {
	if Flows.Of(u) == nil {
		return nil
	}
	ref, ok := Flows.Of(u).firstIn(n)
	if !ok {
		ref, ok = Flows.Of(u).RefAt(n)
	}
	if !ok {
		return nil
	}
	return HeldAtNode(u, ref)
}

// MayHoldAt lists the locks that the unit itself holds on some path when the
// first part of the node runs.
func MayHoldAt(u *patterns.Unit, n ast.Node) []patterns.Path {
	if Flows.Of(u) == nil {
		return nil
	}
	ref, ok := Flows.Of(u).firstIn(n)
	if !ok {
		return nil
	}
	var held []patterns.Path
	for _, k := range Flows.Of(u).Keys {
		set := Flows.Of(u).Pre[k].At(ref)
		if i := slices.IndexFunc(set, func(h Hold) bool { return h.Site >= 0 }); i >= 0 {
			held = append(held, Flows.Of(u).Acquires[set[i].Site].Path)
		}
	}
	return held
}

// MayHold reports whether the lock may still be held, as the section has taken it, when
// the first part of a node of its function runs. A function that only runs under the lock
// of its callers has taken none.
func (s *Section) MayHold(n ast.Node) bool {
	f := Flows.Of(s.Unit)
	if f == nil {
		return false
	}
	ref, ok := f.firstIn(n)
	if !ok {
		return false
	}
	return slices.ContainsFunc(f.Pre[s.Lock.Key()].At(ref), func(h Hold) bool {
		return h.Site == s.Index
	})
}

// firstIn finds the graph node of the first part of a node that runs; ok is
// false if none can be reached.
func (f *Flow) firstIn(n ast.Node) (ref NodeRef, ok bool) {
	best := n.End()
	for _, b := range f.Graph.Blocks {
		for i, m := range b.Nodes {
			if n.Pos() <= m.Pos() && m.Pos() < best && b.Live {
				best, ref, ok = m.Pos(), NodeRef{b.Index, i}, true
			}
		}
	}
	return ref, ok
}

// BlockOf returns the graph block with the given index.
func (f *Flow) BlockOf(ref NodeRef) *cfg.Block { return f.Graph.Blocks[ref.Block] }

// ReadAtNode lists those of [HeldAtNode] that the unit has taken for reading only.
func ReadAtNode(u *patterns.Unit, ref NodeRef) []patterns.Path {
	f := Flows.Of(u)
	return slices.DeleteFunc(HeldAtNode(u, ref), func(p patterns.Path) bool {
		return slices.ContainsFunc(f.Pre[p.Key()].At(ref), func(h Hold) bool { return h.Site < 0 || f.Acquires[h.Site].Mode != patterns.Shared })
	})
}

// HeldAtNode lists the locks that are certainly held before a node of the unit's graph
// runs, counting only those that this unit took itself.
func HeldAtNode(u *patterns.Unit, ref NodeRef) []patterns.Path {
	var held []patterns.Path
	if Flows.Of(u) == nil {
		return nil
	}
	for _, k := range Flows.Of(u).Keys {
		set := Flows.Of(u).Pre[k].At(ref)
		if len(set) == 0 {
			continue
		}
		all := true
		for _, h := range set {
			all = all && h.Site >= 0
		}
		if all {
			held = append(held, Flows.Of(u).Acquires[set[0].Site].Path)
		}
	}
	return held
}

// heldDeferred lists the locks that are held when a deferred call runs: those
// whose release was deferred before it, and that the unit releases by nothing
// else.
func heldDeferred(u *patterns.Unit, ref NodeRef) []*types.Var {
	var out []*types.Var
	for _, k := range Flows.Of(u).Keys {
		set := Flows.Of(u).Pre[k].At(ref)
		pending := len(set) > 0 && !slices.ContainsFunc(set, func(h Hold) bool {
			return h.Site < 0 || h.Def == 0 || Flows.Of(u).Defers[h.Def-1].Kind != EvDeferRelease
		})
		if !pending || Flows.Of(u).mixed[k] || Flows.Of(u).releasesItself(k) {
			continue
		}
		if v := Flows.Of(u).Acquires[set[0].Site].Path.Last(); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// releasesItself reports whether a lock is released, or may be, before the deferred
// calls run.
func (f *Flow) releasesItself(k patterns.PathKey) bool {
	for _, list := range f.events {
		if slices.ContainsFunc(list, func(e Event) bool { return e.Path.Key() == k && (e.Kind == EvRelease || e.Kind == evPoison) }) {
			return true
		}
	}
	return false
}

// SectionsIn lists the critical sections of one package in source order.
func SectionsIn(x *patterns.Program, p *patterns.Package) []*Section {
	sections := make([][]*Section, len(x.UnitsIn(p)))
	parallel.EachUnit(x.UnitsIn(p), func(i int, u *patterns.Unit) { sections[i] = SectionsOfUnit(x, u) })
	return slices.Concat(sections...)
}

// CoversPos reports whether a position lies in a node of the section.
func (s *Section) CoversPos(pos token.Pos) bool {
	return slices.ContainsFunc(s.Nodes, func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() })
}

// KeepsLock reports whether a unit called with the lock held, in the variable of that
// name, returns with it held on every path.
func KeepsLock(u *patterns.Unit, lock string) bool {
	for _, e := range Effects.Of(u) {
		if v := e.Path.Last(); v == nil || v.Name() != lock {
			continue
		}
		if e.Kind != EvCycle {
			return false
		}
	}
	return true
}

// LeavesLock reports whether a unit called with the lock held, in the variable of that
// name, neither releases nor takes it.
func LeavesLock(u *patterns.Unit, lock string) bool {
	return !slices.ContainsFunc(Effects.Of(u), func(e Effect) bool { return e.Path.Last() != nil && e.Path.Last().Name() == lock })
}

// SectionAround returns the section of the lock in the unit that contains the node, or
// nil.
func SectionAround(x *patterns.Program, u *patterns.Unit, lock *types.Var, n ast.Node) *Section {
	for _, s := range SectionsOfUnit(x, u) {
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
