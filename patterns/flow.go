package patterns

import (
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

	// cycled: the caller's hold was released and this site took the lock again.
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

// lockFlow is the result of following every lock of one unit over its
// control-flow graph, one lock at a time.
type lockFlow struct {
	unit     *Unit
	graph    *cfg.CFG
	events   map[nodeRef][]event
	keys     []pathKey // locks, in the order of their first event
	pre      map[pathKey]map[nodeRef]holdSet
	exit     map[pathKey]holdSet // states at returns, before deferred calls run
	acquires []event
	releases []releaseEvent
	defers   []event // deferred releases and acquisitions
	problems map[int]problem
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

// newFlow follows the locks of the unit, or returns nil if it touches none.
func newFlow(u *Unit, x *Program) *lockFlow {
	if !u.mayTouchLocks(x) {
		return nil
	}
	f := &lockFlow{
		unit:     u,
		graph:    cfg.New(u.Body, func(c *ast.CallExpr) bool { return mayReturn(u.Pkg.Info, c) }),
		events:   make(map[nodeRef][]event),
		pre:      make(map[pathKey]map[nodeRef]holdSet),
		exit:     make(map[pathKey]holdSet),
		problems: make(map[int]problem),
	}
	f.scan(x)
	if len(f.keys) == 0 {
		return nil
	}
	for _, k := range f.keys {
		f.follow(k)
	}
	return f
}

// scan collects the events of all live nodes.
func (f *lockFlow) scan(x *Program) {
	seen := make(map[pathKey]bool)
	comms := make(map[ast.Node]bool)
	for _, b := range f.graph.Blocks {
		if !b.Live {
			continue
		}
		for i, n := range b.Nodes {
			if comms[n] {
				continue // a select's communication is listed once before and once in its clause
			}
			comms[n] = true
			ref := nodeRef{b.Index, i}
			evs := f.unit.eventsOf(n, x)
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
	pre := make(map[nodeRef]holdSet)
	in := map[int32]holdSet{0: {hold{site: untouched}}}
	work := []*cfg.Block{f.graph.Blocks[0]}
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		s := in[b.Index]
		for i, n := range b.Nodes {
			ref := nodeRef{b.Index, i}
			pre[ref] = slices.Clone(s)
			for _, e := range f.events[ref] {
				if e.path.key() == k {
					s = f.apply(e, s)
				}
			}
			if _, ok := n.(*ast.ReturnStmt); ok {
				for _, h := range s {
					f.exit[k] = f.exit[k].with(h)
				}
			}
		}
		for i, succ := range b.Succs {
			out := f.branch(k, b, i, s)
			old, seen := in[succ.Index]
			merged := slices.Clone(old)
			for _, h := range out {
				merged = merged.with(h)
			}
			if !seen || len(merged) != len(old) {
				in[succ.Index] = merged
				if !slices.Contains(work, succ) {
					work = append(work, succ)
				}
			}
		}
	}
	f.pre[k] = pre
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
			}
		case evRelease:
			out = out.with(f.releaseHold(e, h))
		case evDeferRelease, evDeferAcquire:
			if h.def != 0 && h.def != e.index+1 && h.site >= 0 {
				f.problem(h.site, e.pos, "the release is deferred more than once")
			}
			h.def = e.index + 1
			out = out.with(h)
		case evPoison:
			if h.site >= 0 {
				f.problem(h.site, e.pos, e.why)
			}
			out = out.with(h)
		default:
			out = out.with(h)
		}
	}
	return out
}

func (f *lockFlow) releaseHold(e event, h hold) hold {
	if h.site >= 0 {
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
	if len(b.Succs) != 2 || len(b.Nodes) == 0 {
		return s
	}
	cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
	if !ok || b.Succs[0].Kind == cfg.KindRangeBody || b.Succs[0].Kind == cfg.KindSelectCaseBody {
		return s
	}
	ref := nodeRef{b.Index, len(b.Nodes) - 1}
	var out holdSet
	for _, h := range s {
		switch f.outcome(cond, h.cond, succ == 0) {
		case yes:
			if h.cond != nil && h.site < 0 {
				continue
			}
			h.cond = nil
		case no:
			if h.cond != nil && h.site >= 0 {
				continue
			}
			h.cond = nil
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

// tried applies a TryLock that stands in a condition to one edge of it.
func (f *lockFlow) tried(e event, cond ast.Expr, edge bool, s holdSet) holdSet {
	var out holdSet
	for _, h := range s {
		switch truth(cond, edge, func(x ast.Expr) bool { return x == ast.Expr(e.call) }) {
		case yes:
			out = out.with(hold{site: e.index, def: h.def})
		case no:
			out = out.with(h)
		default:
			out = out.with(hold{site: e.index, def: h.def})
			out = out.with(h)
		}
	}
	return out
}

type tristate int

const (
	maybe tristate = iota
	yes
	no
)

// outcome says what the edge tells of the variable v.
func (f *lockFlow) outcome(cond ast.Expr, v *types.Var, edge bool) tristate {
	if v == nil {
		return maybe
	}
	return truth(cond, edge, func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return ok && f.unit.Pkg.Info.Uses[id] == v
	})
}

// truth says whether the part of a condition that is accepted by is must be
// true (yes) or false (no) where the condition has the value edge.
func truth(cond ast.Expr, edge bool, is func(ast.Expr) bool) tristate {
	cond = ast.Unparen(cond)
	if is(cond) {
		if edge {
			return yes
		}
		return no
	}
	switch c := cond.(type) {
	case *ast.UnaryExpr:
		if c.Op == token.NOT {
			return truth(c.X, !edge, is)
		}
	case *ast.BinaryExpr:
		if c.Op == token.LAND && edge || c.Op == token.LOR && !edge {
			if t := truth(c.X, edge, is); t != maybe {
				return t
			}
			return truth(c.Y, edge, is)
		}
	}
	return maybe
}

// mayReturn reports whether a call may return to its caller.
func mayReturn(info *types.Info, call *ast.CallExpr) bool {
	if builtinOf(info, call) == "panic" {
		return false
	}
	fn := calleeOf(info, call)
	if fn == nil {
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
