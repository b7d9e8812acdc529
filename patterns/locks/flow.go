// Package locks follows locks through the control-flow graph of a function: which locks
// are held where, what a function does to the locks of its callers, and where a
// critical section begins and ends.
package locks

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"golang.org/x/tools/go/cfg"
)

// A Hold is one possible state of one lock at one point of a unit.
type Hold struct {
	Site int        // index of the acquisition that holds it, or one of the constants below
	Def  int        // index+1 of the deferred release that is pending, or 0
	cond *types.Var // result of TryLock on which this state depends, or nil

	// cycled: the caller's hold was released, and this site took the lock again
	// or, where the state is untouched, a called function did.
	cycled bool
}

const (
	untouched  = -1 // as the caller left it
	free       = -2 // released after an acquisition of this unit
	CallerFree = -3 // the caller's hold was released by this unit
)

// A holdSet is the set of states that are possible at one point.
type holdSet []Hold

func (s holdSet) has(h Hold) bool { return slices.Contains(s, h) }

func (s holdSet) with(h Hold) holdSet {
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
		if h.Site == site {
			some = true
		} else {
			all = false
		}
	}
	return some, some && all
}

// NodeRef is a node of the control-flow graph.
type NodeRef struct {
	Block int32
	Node  int
}

// States has the states of one lock before each node of a graph, by block, and after the
// last node of a block. Unreachable nodes have none. Nodes share sets, because most do
// nothing to a lock.
type States [][]holdSet

// At returns the states before a node, or none if there is no such node.
func (s States) At(ref NodeRef) holdSet {
	if int(ref.Block) >= len(s) || ref.Node < 0 || ref.Node >= len(s[ref.Block]) {
		return nil
	}
	return s[ref.Block][ref.Node]
}

// A Flow is the result of following every lock of one unit over its control-flow graph,
// one lock at a time.
type Flow struct {
	unit     *patterns.Unit
	Graph    *cfg.CFG
	events   map[NodeRef][]Event
	Keys     []patterns.PathKey // locks, in the order of their first event
	Pre      map[patterns.PathKey]States
	Held     map[int][]NodeRef            // where an acquisition may hold its lock, by site; in the order of the graph
	Exit     map[patterns.PathKey]holdSet // states at returns, before deferred calls run
	Acquires []Event
	releases []releaseEvent
	Defers   []Event // deferred releases and acquisitions
	problems map[int]problem
	mixed    map[patterns.PathKey]bool // locks with several deferred events whose net effect is not known
}

// RunsFree reports whether a call that is deferred while a lock of the caller is released still
// runs without it: the lock is only taken again by a call that was deferred before.
//
//	mu.Unlock()
//	defer mu.Lock()
//	defer f.Close() // without the lock; and with it if mu.Lock() stood below
func (f *Flow) RunsFree(k patterns.PathKey, d *ast.DeferStmt) bool {
	return !slices.ContainsFunc(f.Exit[k], func(h Hold) bool {
		switch {
		case h.Site == untouched:
			return h.cycled // else it returns before the release
		case h.Def > 0:
			return h.Site != CallerFree || f.Defers[h.Def-1].Pos > d.Pos()
		}
		return h.Site != CallerFree
	})
}

// A releaseEvent is a release with the site that it released.
type releaseEvent struct {
	Event
	site int
	at   NodeRef
}

type problem struct {
	pos token.Pos
	why string
}

// Flows holds the lock flow of each unit. It is nil for a unit that touches no lock.
var Flows = patterns.NewSlot[*Flow]()

// newFlow follows the locks of the unit, or returns nil if it touches none.
func newFlow(u *patterns.Unit, x *patterns.Program) *Flow {
	byCall, eventful := eventsByCall(u, x)
	if len(byCall) == 0 {
		return nil
	}
	f := &Flow{
		unit:     u,
		Graph:    cfg.New(u.Body, func(c *ast.CallExpr) bool { return mayReturn(u.Pkg.Info, c) }),
		events:   make(map[NodeRef][]Event),
		Pre:      make(map[patterns.PathKey]States),
		Held:     make(map[int][]NodeRef),
		Exit:     make(map[patterns.PathKey]holdSet),
		problems: make(map[int]problem),
		mixed:    make(map[patterns.PathKey]bool),
	}
	f.scan(byCall, eventful)
	if len(f.Keys) == 0 {
		return nil
	}
	for _, k := range f.Keys {
		f.follow(k)
	}
	return f
}

// scan collects the events of all live nodes. The positions of the calls that make them are
// in eventful.
func (f *Flow) scan(byCall map[*ast.CallExpr][]Event, eventful []token.Pos) {
	seen := make(map[patterns.PathKey]bool)
	for _, b := range f.Graph.Blocks {
		if !b.Live {
			continue
		}
		for i, n := range b.Nodes {
			if first, _ := slices.BinarySearch(eventful, n.Pos()); first == len(eventful) || eventful[first] >= n.End() {
				continue // most nodes do nothing to locks
			}
			ref := NodeRef{b.Index, i}
			evs := eventsOf(f.unit, n, byCall)
			if len(evs) == 0 {
				continue
			}
			for j := range evs {
				e := &evs[j]
				e.At = ref
				switch e.Kind {
				case EvAcquire, evTry:
					e.index = len(f.Acquires)
					f.Acquires = append(f.Acquires, *e)
				case EvDeferRelease, evDeferAcquire:
					e.index = len(f.Defers)
					f.Defers = append(f.Defers, *e)
				}
				if !seen[e.Path.Key()] {
					seen[e.Path.Key()] = true
					f.Keys = append(f.Keys, e.Path.Key())
				}
			}
			f.events[ref] = evs
		}
	}
}

// follow computes the states of one lock before every node, to a fixed point.
func (f *Flow) follow(k patterns.PathKey) {
	path := f.PathOf(k)
	pre := make(States, len(f.Graph.Blocks))
	in := make([]holdSet, len(f.Graph.Blocks))
	in[0] = holdSet{{Site: untouched}}
	work := []*cfg.Block{f.Graph.Blocks[0]}
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		s := in[b.Index]
		if pre[b.Index] == nil {
			pre[b.Index] = make([]holdSet, len(b.Nodes)+1)
		}
		for i, n := range b.Nodes {
			pre[b.Index][i] = s
			s = f.step(k, path, NodeRef{b.Index, i}, n, s)
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
	f.Pre[k] = pre
	f.index(pre)
}

// step returns the states after one node.
func (f *Flow) step(k patterns.PathKey, path patterns.Path, ref NodeRef, n ast.Node, s holdSet) holdSet {
	if v, pos := f.reassigns(n, path); v != "" {
		for _, h := range s {
			if h.Site >= 0 {
				f.problem(h.Site, pos, v+" is assigned while the lock is held through it")
			}
		}
	}
	for _, e := range f.events[ref] {
		if e.Path.Key() == k {
			s = f.apply(e, s)
		}
	}
	if _, ok := n.(*ast.ReturnStmt); ok {
		f.Exit[k] = f.Exit[k].union(s)
	}
	return s
}

// index notes where each acquisition of a lock may hold it: a function may have
// thousands of sections of a few nodes each.
func (f *Flow) index(pre States) {
	for block, sets := range pre {
		for i, set := range sets {
			ref := NodeRef{int32(block), i}
			for _, h := range set {
				if n := len(f.Held[h.Site]); h.Site >= 0 && (n == 0 || f.Held[h.Site][n-1] != ref) {
					f.Held[h.Site] = append(f.Held[h.Site], ref)
				}
			}
		}
	}
}

// reassigns returns the variable or field that a node assigns, if the path of
// the lock leads through it.
func (f *Flow) reassigns(n ast.Node, lock patterns.Path) (string, token.Pos) {
	as, ok := n.(*ast.AssignStmt)
	if !ok || lock.Root == nil {
		return "", token.NoPos
	}
	info := f.unit.Pkg.Info
	for _, l := range as.Lhs {
		if id, ok := ast.Unparen(l).(*ast.Ident); ok && info.Defs[id] != nil {
			continue
		}
		p, ok := patterns.PathOf(info, l)
		if ok && p.Root == lock.Root && len(p.Fields) <= len(lock.Fields) && slices.Equal(p.Fields, lock.Fields[:len(p.Fields)]) {
			return p.String(), as.Pos()
		}
	}
	return "", token.NoPos
}

// apply applies one event to a set of states.
func (f *Flow) apply(e Event, s holdSet) holdSet {
	var out holdSet
	for _, h := range s {
		switch e.Kind {
		case EvAcquire:
			if h.Site >= 0 {
				f.problem(h.Site, e.Pos, "the lock is taken again while it is held")
				f.problem(e.index, e.Pos, "the lock is taken again while it is held")
			}
			out = out.with(Hold{Site: e.index, Def: h.Def, cycled: h.Site == CallerFree})
		case evTry:
			if e.cond != nil {
				out = out.with(Hold{Site: e.index, Def: h.Def, cond: e.cond})
				out = out.with(Hold{Site: h.Site, Def: h.Def, cond: e.cond})
			} else {
				out = out.with(h) // decided on the edges: see branch
				if !f.decides(e.At) {
					out = out.with(Hold{Site: e.index, Def: h.Def})
				}
			}
		case EvRelease:
			out = out.with(f.releaseHold(e, h))
		case EvDeferRelease, evDeferAcquire:
			if h.Def != 0 && h.Def != e.index+1 && h.Site >= 0 {
				f.problem(h.Site, e.Pos, "the release is deferred more than once")
			}
			if e.Kind == evDeferAcquire && h.Def > 0 && f.Defers[h.Def-1].Kind == EvDeferRelease {
				h.Def = 0 // the one undoes the other: they run in this order
			} else {
				if h.Def > 0 && h.Def != e.index+1 {
					f.mixed[e.Path.Key()] = true
				}
				h.Def = e.index + 1
			}
			out = out.with(h)
		case evPoison:
			if h.Site >= 0 {
				f.problem(h.Site, e.Pos, e.why)
			}
			out = out.with(h)
		case EvCycle:
			h.cycled = h.cycled || h.Site == untouched
			out = out.with(h)
		default:
			out = out.with(h)
		}
	}
	return out
}

func (f *Flow) releaseHold(e Event, h Hold) Hold {
	if h.Site >= 0 {
		if got := f.Acquires[h.Site].Mode; got != e.Mode {
			f.problem(h.Site, e.Pos, fmt.Sprintf("the lock is released by %s, but was taken by %s", e.Mode.Release(), got.Acquire()))
		}
		r := releaseEvent{Event: e, site: h.Site, at: e.At}
		if !slices.ContainsFunc(f.releases, func(o releaseEvent) bool { return o.Call == r.Call && o.site == r.site }) {
			f.releases = append(f.releases, r)
		}
		if h.cycled {
			return Hold{Site: CallerFree, Def: h.Def}
		}
		return Hold{Site: free, Def: h.Def}
	}
	if h.Site == untouched {
		return Hold{Site: CallerFree, Def: h.Def}
	}
	return h
}

func (f *Flow) problem(site int, pos token.Pos, why string) {
	if _, ok := f.problems[site]; !ok {
		f.problems[site] = problem{pos, why}
	}
}

// branch narrows the states along one edge of a conditional block by the
// outcome of a TryLock in its condition.
func (f *Flow) branch(k patterns.PathKey, b *cfg.Block, succ int, s holdSet) holdSet {
	ref := NodeRef{b.Index, len(b.Nodes) - 1}
	if !f.decides(ref) {
		return s
	}
	cond := b.Nodes[ref.Node].(ast.Expr)
	var out holdSet
	for _, h := range s {
		if h.cond != nil {
			value := h.Site >= 0
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
		if e.Kind == evTry && e.cond == nil && e.Path.Key() == k {
			out = f.tried(e, cond, succ == 0, out)
		}
	}
	return out
}

// decides reports whether the node is a condition that the graph branches on.
func (f *Flow) decides(ref NodeRef) bool {
	b := f.Graph.Blocks[ref.Block]
	if len(b.Succs) != 2 || ref.Node < 0 || ref.Node != len(b.Nodes)-1 {
		return false
	}
	_, ok := b.Nodes[ref.Node].(ast.Expr)
	return ok && b.Succs[0].Kind != cfg.KindRangeBody && b.Succs[0].Kind != cfg.KindSelectCaseBody
}

// tests reports whether a condition is the variable or its negation.
func (f *Flow) tests(cond ast.Expr, v *types.Var) bool {
	cond = ast.Unparen(cond)
	if n, ok := cond.(*ast.UnaryExpr); ok && n.Op == token.NOT {
		return f.tests(n.X, v)
	}
	return f.uses(v)(cond)
}

func (f *Flow) uses(v *types.Var) func(ast.Expr) bool {
	return func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return ok && f.unit.Pkg.Info.Uses[id] == v
	}
}

// tried applies a TryLock in a condition to one of its edges.
func (f *Flow) tried(e Event, cond ast.Expr, edge bool, s holdSet) holdSet {
	var out holdSet
	for _, h := range s {
		for _, o := range outcomes(cond, func(x ast.Expr) bool { return x == ast.Expr(e.Call) }, nil) {
			switch {
			case o.value != edge:
			case o.is:
				out = out.with(Hold{Site: e.index, Def: h.Def})
			default:
				out = out.with(h)
			}
		}
	}
	return out
}

// An outcome is a value that a condition may have, and whether the part in question was
// evaluated and true.
type outcome struct{ value, is bool }

// outcomes lists the outcomes of a condition with regard to the part that the function part
// accepts. If known is not nil, that part has this value.
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

// Unwinds reports whether a call is known to run the deferred calls instead of returning: a
// panic, the end of the goroutine or of a test.
func Unwinds(info *types.Info, call *ast.CallExpr) bool {
	return NeverReturns(info, call) && !EndsProgram(info, call)
}

// mayReturn reports whether a call may return to its caller.
func mayReturn(info *types.Info, call *ast.CallExpr) bool {
	return patterns.BuiltinOf(info, call) != "panic" && !slices.Contains(unwinding, libraryName(info, call)) && !EndsProgram(info, call)
}

// EndsProgram reports whether a call is known to end the program.
func EndsProgram(info *types.Info, call *ast.CallExpr) bool {
	return slices.Contains(exits, libraryName(info, call))
}

var (
	// exits are functions that end the program.
	exits = []string{"os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln",
		"(*log.Logger).Fatal", "(*log.Logger).Fatalf", "(*log.Logger).Fatalln"}

	// unwinding are functions that end the goroutine or panic.
	unwinding = []string{"runtime.Goexit", "log.Panic", "log.Panicf", "log.Panicln",
		"(*log.Logger).Panic", "(*log.Logger).Panicf", "(*log.Logger).Panicln",
		"(*testing.common).Fatal", "(*testing.common).Fatalf", "(*testing.common).FailNow",
		"(*testing.common).Skip", "(*testing.common).Skipf", "(*testing.common).SkipNow"}
)

// libraryName returns the full name of a function that a call runs, if it is of a package with
// functions that do not return; otherwise "". Most calls do not need their full name.
func libraryName(info *types.Info, call *ast.CallExpr) string {
	fn := patterns.CalleeOf(info, call)
	if fn == nil || fn.Pkg() == nil {
		return ""
	}
	switch fn.Pkg().Path() {
	case "os", "runtime", "log", "syscall", "testing":
		return fn.FullName()
	}
	return ""
}
