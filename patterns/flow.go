package patterns

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// A hold is one possible state of one lock at one point of a unit.
type hold struct {
	site int        // index of the acquisition that holds it, or one of the constants below
	def  int        // index+1 of the deferred release that is pending, or 0
	cond *types.Var // result of TryLock on which this state depends, or nil

	// cycled: the caller's hold was released, and this site took the lock again
	// or, where the state is untouched, a called function did.
	cycled bool
}

const (
	untouched  = -1 // as the caller left it
	free       = -2 // released after an acquisition of this unit
	callerFree = -3 // the caller's hold was released by this unit
)

// A holdSet is the set of states that are possible at one point.
type holdSet []hold

func (s holdSet) has(h hold) bool { return slices.Contains(s, h) }

func (s holdSet) with(h hold) holdSet {
	if s.has(h) {
		return s
	}
	return append(s, h)
}

// union returns the set with the states of another one. It leaves both as they
// are.
func (s holdSet) union(other holdSet) holdSet {
	if len(s) == 0 {
		return slices.Clip(other)
	}
	out := slices.Clip(s)
	for _, h := range other {
		out = out.with(h)
	}
	return out
}

// holds reports whether the site holds the lock in some state, and in all.
func (s holdSet) holds(site int) (some, all bool) {
	all = len(s) > 0
	for _, h := range s {
		if h.site == site {
			some = true
		} else {
			all = false
		}
	}
	return some, some && all
}

// nodeRef is a node of the control-flow graph.
type nodeRef struct {
	block int32
	node  int
}

// states has the states of one lock before each node of a graph, by block, and
// after the last one of a block; none where no path leads. Nodes share sets:
// most do nothing to a lock.
type states [][]holdSet

// at returns the states before a node; none for a node that there is not.
func (s states) at(ref nodeRef) holdSet {
	if int(ref.block) >= len(s) || ref.node < 0 || ref.node >= len(s[ref.block]) {
		return nil
	}
	return s[ref.block][ref.node]
}

// lockFlow is the result of following every lock of one unit over its
// control-flow graph, one lock at a time.
type lockFlow struct {
	unit     *Unit
	graph    *cfg.CFG
	events   map[nodeRef][]event
	keys     []pathKey // locks, in the order of their first event
	pre      map[pathKey]states
	held     map[int][]nodeRef   // where an acquisition may hold its lock, by site; in the order of the graph
	exit     map[pathKey]holdSet // states at returns, before deferred calls run
	acquires []event
	releases []releaseEvent
	defers   []event // deferred releases and acquisitions
	problems map[int]problem
	mixed    map[pathKey]bool // locks with several deferred events whose sum is not known
}

// A releaseEvent is a release with the site that it released.
type releaseEvent struct {
	event
	site int
	at   nodeRef
}

type problem struct {
	pos token.Pos
	why string
}

// lockFlows has the lock flow of each unit, nil where it touches no lock.
var lockFlows = NewSlot[*lockFlow]()

// newFlow follows the locks of the unit, or returns nil if it touches none.
func newFlow(u *Unit, x *Program) *lockFlow {
	byCall, eventful := u.eventsByCall(x)
	if len(byCall) == 0 {
		return nil
	}
	f := &lockFlow{
		unit:     u,
		graph:    cfg.New(u.Body, func(c *ast.CallExpr) bool { return mayReturn(u.Pkg.Info, c) }),
		events:   make(map[nodeRef][]event),
		pre:      make(map[pathKey]states),
		held:     make(map[int][]nodeRef),
		exit:     make(map[pathKey]holdSet),
		problems: make(map[int]problem),
		mixed:    make(map[pathKey]bool),
	}
	f.scan(byCall, eventful)
	if len(f.keys) == 0 {
		return nil
	}
	for _, k := range f.keys {
		f.follow(k)
	}
	return f
}

// scan collects the events of all live nodes. The calls that make them are at the
// positions eventful.
func (f *lockFlow) scan(byCall map[*ast.CallExpr][]event, eventful []token.Pos) {
	seen := make(map[pathKey]bool)
	for _, b := range f.graph.Blocks {
		if !b.Live {
			continue
		}
		for i, n := range b.Nodes {
			if first, _ := slices.BinarySearch(eventful, n.Pos()); first == len(eventful) || eventful[first] >= n.End() {
				continue // most nodes do nothing to locks
			}
			ref := nodeRef{b.Index, i}
			evs := f.unit.eventsOf(n, byCall)
			if len(evs) == 0 {
				continue
			}
			for j := range evs {
				e := &evs[j]
				e.at = ref
				switch e.kind {
				case evAcquire, evTry:
					e.index = len(f.acquires)
					f.acquires = append(f.acquires, *e)
				case evDeferRelease, evDeferAcquire:
					e.index = len(f.defers)
					f.defers = append(f.defers, *e)
				}
				if !seen[e.path.key()] {
					seen[e.path.key()] = true
					f.keys = append(f.keys, e.path.key())
				}
			}
			f.events[ref] = evs
		}
	}
}

// follow computes the states of one lock before every node, to a fixed point.
func (f *lockFlow) follow(k pathKey) {
	path := f.pathOf(k)
	pre := make(states, len(f.graph.Blocks))
	in := make([]holdSet, len(f.graph.Blocks))
	in[0] = holdSet{{site: untouched}}
	work := []*cfg.Block{f.graph.Blocks[0]}
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		s := in[b.Index]
		if pre[b.Index] == nil {
			pre[b.Index] = make([]holdSet, len(b.Nodes)+1)
		}
		for i, n := range b.Nodes {
			pre[b.Index][i] = s
			s = f.step(k, path, nodeRef{b.Index, i}, n, s)
		}
		pre[b.Index][len(b.Nodes)] = s
		for i, succ := range b.Succs {
			merged := in[succ.Index].union(f.branch(k, b, i, s))
			if pre[succ.Index] != nil && len(merged) == len(in[succ.Index]) {
				continue
			}
			in[succ.Index] = merged
			if !slices.Contains(work, succ) {
				work = append(work, succ)
			}
		}
	}
	f.pre[k] = pre
	f.index(pre)
}

// step returns the states after one node.
func (f *lockFlow) step(k pathKey, path Path, ref nodeRef, n ast.Node, s holdSet) holdSet {
	if v, pos := f.reassigns(n, path); v != "" {
		for _, h := range s {
			if h.site >= 0 {
				f.problem(h.site, pos, v+" is assigned while the lock is held through it")
			}
		}
	}
	for _, e := range f.events[ref] {
		if e.path.key() == k {
			s = f.apply(e, s)
		}
	}
	if _, ok := n.(*ast.ReturnStmt); ok {
		f.exit[k] = f.exit[k].union(s)
	}
	return s
}

// index notes where each acquisition of a lock may hold it: a function may have
// thousands of sections of a few nodes each.
func (f *lockFlow) index(pre states) {
	for block, sets := range pre {
		for i, set := range sets {
			ref := nodeRef{int32(block), i}
			for _, h := range set {
				if n := len(f.held[h.site]); h.site >= 0 && (n == 0 || f.held[h.site][n-1] != ref) {
					f.held[h.site] = append(f.held[h.site], ref)
				}
			}
		}
	}
}

// reassigns returns the variable or field that a node assigns, if the path of
// the lock leads through it.
func (f *lockFlow) reassigns(n ast.Node, lock Path) (string, token.Pos) {
	as, ok := n.(*ast.AssignStmt)
	if !ok || lock.Root == nil {
		return "", token.NoPos
	}
	info := f.unit.Pkg.Info
	for _, l := range as.Lhs {
		if id, ok := ast.Unparen(l).(*ast.Ident); ok && info.Defs[id] != nil {
			continue
		}
		p, ok := PathOf(info, l)
		if ok && p.Root == lock.Root && len(p.Fields) <= len(lock.Fields) && slices.Equal(p.Fields, lock.Fields[:len(p.Fields)]) {
			return p.String(), as.Pos()
		}
	}
	return "", token.NoPos
}

// apply carries one event out on a set of states.
func (f *lockFlow) apply(e event, s holdSet) holdSet {
	var out holdSet
	for _, h := range s {
		switch e.kind {
		case evAcquire:
			if h.site >= 0 {
				f.problem(h.site, e.pos, "the lock is taken again while it is held")
				f.problem(e.index, e.pos, "the lock is taken again while it is held")
			}
			out = out.with(hold{site: e.index, def: h.def, cycled: h.site == callerFree})
		case evTry:
			if e.cond != nil {
				out = out.with(hold{site: e.index, def: h.def, cond: e.cond})
				out = out.with(hold{site: h.site, def: h.def, cond: e.cond})
			} else {
				out = out.with(h) // decided on the edges: see branch
				if !f.decides(e.at) {
					out = out.with(hold{site: e.index, def: h.def})
				}
			}
		case evRelease:
			out = out.with(f.releaseHold(e, h))
		case evDeferRelease, evDeferAcquire:
			if h.def != 0 && h.def != e.index+1 && h.site >= 0 {
				f.problem(h.site, e.pos, "the release is deferred more than once")
			}
			if e.kind == evDeferAcquire && h.def > 0 && f.defers[h.def-1].kind == evDeferRelease {
				h.def = 0 // the one undoes the other: they run in this order
			} else {
				if h.def > 0 && h.def != e.index+1 {
					f.mixed[e.path.key()] = true
				}
				h.def = e.index + 1
			}
			out = out.with(h)
		case evPoison:
			if h.site >= 0 {
				f.problem(h.site, e.pos, e.why)
			}
			out = out.with(h)
		case evCycle:
			h.cycled = h.cycled || h.site == untouched
			out = out.with(h)
		default:
			out = out.with(h)
		}
	}
	return out
}

func (f *lockFlow) releaseHold(e event, h hold) hold {
	if h.site >= 0 {
		if got := f.acquires[h.site].mode; got != e.mode {
			f.problem(h.site, e.pos, fmt.Sprintf("the lock is released by %s, but was taken by %s", e.mode.Release(), got.Acquire()))
		}
		r := releaseEvent{event: e, site: h.site, at: e.at}
		if !slices.ContainsFunc(f.releases, func(o releaseEvent) bool { return o.call == r.call && o.site == r.site }) {
			f.releases = append(f.releases, r)
		}
		if h.cycled {
			return hold{site: callerFree, def: h.def}
		}
		return hold{site: free, def: h.def}
	}
	if h.site == untouched {
		return hold{site: callerFree, def: h.def}
	}
	return h
}

func (f *lockFlow) problem(site int, pos token.Pos, why string) {
	if _, ok := f.problems[site]; !ok {
		f.problems[site] = problem{pos, why}
	}
}

// branch narrows the states along one edge of a conditional block by the
// outcome of a TryLock in its condition.
func (f *lockFlow) branch(k pathKey, b *cfg.Block, succ int, s holdSet) holdSet {
	ref := nodeRef{b.Index, len(b.Nodes) - 1}
	if !f.decides(ref) {
		return s
	}
	cond := b.Nodes[ref.node].(ast.Expr)
	var out holdSet
	for _, h := range s {
		if h.cond != nil {
			value := h.site >= 0
			possible := slices.ContainsFunc(outcomes(cond, f.uses(h.cond), &value), func(o outcome) bool { return o.value == (succ == 0) })
			if !possible {
				continue
			}
			if f.tests(cond, h.cond) {
				h.cond = nil
			}
		}
		out = out.with(h)
	}
	for _, e := range f.events[ref] {
		if e.kind == evTry && e.cond == nil && e.path.key() == k {
			out = f.tried(e, cond, succ == 0, out)
		}
	}
	return out
}

// decides reports whether the node is a condition that the graph branches on.
func (f *lockFlow) decides(ref nodeRef) bool {
	b := f.graph.Blocks[ref.block]
	if len(b.Succs) != 2 || ref.node < 0 || ref.node != len(b.Nodes)-1 {
		return false
	}
	_, ok := b.Nodes[ref.node].(ast.Expr)
	return ok && b.Succs[0].Kind != cfg.KindRangeBody && b.Succs[0].Kind != cfg.KindSelectCaseBody
}

// tests reports whether a condition is the variable or its negation.
func (f *lockFlow) tests(cond ast.Expr, v *types.Var) bool {
	cond = ast.Unparen(cond)
	if n, ok := cond.(*ast.UnaryExpr); ok && n.Op == token.NOT {
		return f.tests(n.X, v)
	}
	return f.uses(v)(cond)
}

func (f *lockFlow) uses(v *types.Var) func(ast.Expr) bool {
	return func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return ok && f.unit.Pkg.Info.Uses[id] == v
	}
}

// tried applies a TryLock that stands in a condition to one edge of it.
func (f *lockFlow) tried(e event, cond ast.Expr, edge bool, s holdSet) holdSet {
	var out holdSet
	for _, h := range s {
		for _, o := range outcomes(cond, func(x ast.Expr) bool { return x == ast.Expr(e.call) }, nil) {
			switch {
			case o.value != edge:
			case o.is:
				out = out.with(hold{site: e.index, def: h.def})
			default:
				out = out.with(h)
			}
		}
	}
	return out
}

// An outcome is a value that a condition may have, and whether the part of it
// that is asked for was evaluated and true.
type outcome struct{ value, is bool }

// outcomes lists the outcomes of a condition with regard to the part that is
// accepted by part. If known is not nil, that part has this value.
func outcomes(cond ast.Expr, part func(ast.Expr) bool, known *bool) []outcome {
	cond = ast.Unparen(cond)
	if part(cond) {
		if known != nil {
			return []outcome{{*known, *known}}
		}
		return []outcome{{true, true}, {false, false}}
	}
	var out []outcome
	switch c := cond.(type) {
	case *ast.UnaryExpr:
		if c.Op == token.NOT {
			for _, o := range outcomes(c.X, part, known) {
				out = append(out, outcome{!o.value, o.is})
			}
			return out
		}
	case *ast.BinaryExpr:
		if c.Op == token.LAND || c.Op == token.LOR {
			for _, x := range outcomes(c.X, part, known) {
				if x.value == (c.Op == token.LOR) {
					out = append(out, x) // the right side is not evaluated
					continue
				}
				for _, y := range outcomes(c.Y, part, known) {
					out = append(out, outcome{y.value, x.is || y.is})
				}
			}
			return out
		}
	}
	return []outcome{{true, false}, {false, false}}
}

// NeverReturns reports whether a call is known not to return to its caller: a
// panic, an exit, the end of a test.
func NeverReturns(info *types.Info, call *ast.CallExpr) bool { return !mayReturn(info, call) }

// mayReturn reports whether a call may return to its caller.
func mayReturn(info *types.Info, call *ast.CallExpr) bool {
	if BuiltinOf(info, call) == "panic" {
		return false
	}
	fn := CalleeOf(info, call)
	if fn == nil {
		return true
	}
	if fn.Pkg() == nil {
		return true
	}
	switch fn.Pkg().Path() { // for most calls the full name need not be made
	case "os", "runtime", "log", "syscall", "testing":
	default:
		return true
	}
	switch fn.FullName() {
	case "os.Exit", "runtime.Goexit", "log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf", "log.Panicln",
		"(*log.Logger).Fatal", "(*log.Logger).Fatalf", "(*log.Logger).Fatalln",
		"(*log.Logger).Panic", "(*log.Logger).Panicf", "(*log.Logger).Panicln", "syscall.Exit",
		"(*testing.common).Fatal", "(*testing.common).Fatalf", "(*testing.common).FailNow",
		"(*testing.common).Skip", "(*testing.common).Skipf", "(*testing.common).SkipNow":
		return false
	}
	return true
}
