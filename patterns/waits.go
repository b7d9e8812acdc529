package patterns

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// eachSite visits what the nodes of a section may wait for.
func (x *Program) eachSite(s *Section, found func(site)) {
	u := s.Unit
	w := &waiter{x: x, u: u, section: true, found: found}
	selects := u.selects()
	for _, ref := range lockFlows.Of(u).held[s.index] {
		b := lockFlows.Of(u).blockOf(ref)
		if r, ok := rangeHead(b, ref); ok {
			w.rangeOp(r)
		}
		if ref.node < len(b.Nodes) && (s.refs[ref] || s.ends[ref]) {
			w.node(s, ref, b.Nodes[ref.node], selects)
		}
	}
}

// ownLock reports whether a lock that a called function releases is, or may be,
// the section's. One that is reached through a pointer or an interface, as a
// hand-made condition variable does, may be.
func (s *Section) ownLock(r lockRef) bool {
	return r.Ref || r.ID != "" && r.ID == varID(s.Unit.Pkg.Fset, s.LockVar())
}

// Bounds of a search for the waits of a section.
const (
	maxWaitDepth = 7
	maxWaits     = 150
)

// waitsOf lists all waits of a section for other goroutines, and for what another
// side sends: not only the shortest way to each kind, as [Program.opsOf] does, but
// each in a function of the package, with one of the ways there.
func (x *Program) waitsOf(s *Section) []*Op {
	d := &waitSearch{x: x, s: s, seen: make(map[*Unit]bool)}
	x.eachSite(s, func(st site) { d.site(st, &Op{}, 0) })
	for len(d.next) > 0 && len(d.ops) < maxWaits {
		n := d.next[0]
		d.next = d.next[1:]
		for _, st := range x.sitesOf(n.unit) {
			d.site(st, n.way, n.depth)
		}
	}
	return d.ops
}

// waitSearch is the state of waitsOf: a search in breadth, so that ways are short.
type waitSearch struct {
	x    *Program
	s    *Section
	seen map[*Unit]bool
	next []waitStep
	ops  []*Op
}

// A waitStep is a unit that is still to be looked at, and the way there.
type waitStep struct {
	unit  *Unit
	way   *Op
	depth int
}

// site looks at one site of a unit that the way leads to.
func (d *waitSearch) site(st site, way *Op, depth int) {
	if st.take != nil || d.s.ownLock(st.freed) {
		return
	}
	if st.op != nil {
		if len(st.op.Path) == 0 && concernsDeadlocks(st.op) {
			d.ops = append(d.ops, way.to(d.s, st))
		}
		return
	}
	v := st.callee
	if v.Body == nil || d.seen[v] || depth >= maxWaitDepth || !v.reachesWaits() {
		return
	}
	d.seen[v] = true
	o := way.then(d.s, st)
	d.next = append(d.next, waitStep{v, o, depth + 1})
}

// concernsDeadlocks reports whether it matters to a wait who may end it.
func concernsDeadlocks(o *Op) bool {
	switch o.Category {
	case "chan", "wait":
		return true
	case "net", "http":
		return o.Effect == EffectRead || o.Effect == EffectWait || o.What == serverShutdown
	}
	return false
}

const serverShutdown = "(*net/http.Server).Shutdown"

// reachesWaits reports whether a unit may wait for another goroutine.
func (u *Unit) reachesWaits() bool {
	for key := range mayReach.Of(u) {
		switch key.cat {
		case "chan", "wait", "net", "http":
			return true
		}
	}
	return false
}

// unitOf returns the unit that a way has led to.
func (o *Op) unitOf(s *Section) *Unit {
	if len(o.chain) == 0 {
		return s.Unit
	}
	return o.chain[len(o.chain)-1].callee
}

// then is the way with one more call.
func (o *Op) then(s *Section, st site) *Op {
	n := *o
	if n.Node == nil {
		n.Node, n.Deferred = st.node, st.defers
	}
	if st.weak != "" && n.Weak == "" {
		n.Weak, n.guess = st.weak, st.callee.Name()
	}
	n.Path = append(slices.Clip(o.Path), Hop{st.callee.Name(), o.unitOf(s).Position(st.node.Pos())})
	n.chain = append(slices.Clip(o.chain), link{st.node, st.callee})
	return &n
}

// to is the operation at the end of a way.
func (o *Op) to(s *Section, st site) *Op {
	if len(o.chain) == 0 {
		op := *st.op
		return &op
	}
	n := *o
	n.end(st.op)
	if n.Weak == "" {
		n.Weak = st.op.Weak
	}
	n.Path = append(slices.Clip(o.Path), Hop{st.op.What, o.unitOf(s).Position(st.node.Pos())})
	return &n
}

// sitesOf is sites, remembered: for units of packages that are analysed.
func (x *Program) sitesOf(u *Unit) []site {
	return walked.Get(x, u, func() []site { return x.sites(u) })
}

var walked Memo[*Unit, []site]

// rangeHead returns the range statement at whose head a node of the graph stands.
func rangeHead(b *cfg.Block, ref nodeRef) (*ast.RangeStmt, bool) {
	r, ok := b.Stmt.(*ast.RangeStmt)
	return r, ok && ref.node == 0 && b.Kind == cfg.KindRangeLoop
}

// WaitsUnder returns another section of the lock that changes something outside
// of the process in the given category: the lock may be there to keep that in
// step. It is nil if there is none.
func (x *Program) WaitsUnder(p *Package, lock *types.Var, category string, not *Section) *Op {
	ops := opsByLock.Get(x, p, func() map[*types.Var][]sectionOp {
		ops := make(map[*types.Var][]sectionOp)
		on := make(map[string]bool)
		for _, c := range Categories() {
			on[c.Name] = true
		}
		for _, s := range x.SectionsIn(p) {
			for _, o := range x.allOps(s, on) {
				ops[s.LockVar()] = append(ops[s.LockVar()], sectionOp{s, o})
			}
		}
		return ops
	})
	for _, so := range ops[lock] {
		if so.section.Acquire != not.Acquire && so.op.Effect == EffectWrite && !so.op.Own && sameWorld(so.op.Category, category) {
			return so.op
		}
	}
	return nil
}

// Waits reports whether a section encloses a blocking operation of any category.
func (x *Program) Waits(s *Section) bool {
	on := make(map[string]bool)
	for _, c := range Categories() {
		on[c.Name] = true
	}
	return len(x.allOps(s, on)) > 0
}

var opsByLock PackageMemo[map[*types.Var][]sectionOp]

type sectionOp struct {
	section *Section
	op      *Op
}

// sameWorld reports whether two categories concern the same part of the world.
func sameWorld(a, b string) bool {
	if a == b {
		return a != "chan" && a != "wait" && a != "sleep"
	}
	disk := func(c string) bool { return c == "disk" || c == "fsync" || c == "syscall" || c == "db" }
	net := func(c string) bool { return c == "net" || c == "http" || c == "rpc" }
	return disk(a) && disk(b) || net(a) && net(b)
}

// Options narrow what Find reports.
type Options struct {
	Categories []string // nil: those that are on by default
}

func (o Options) on() map[string]bool {
	on := make(map[string]bool)
	for _, c := range Categories() {
		if o.Categories == nil {
			on[c.Name] = c.Default
		} else {
			on[c.Name] = slices.Contains(o.Categories, c.Name)
		}
	}
	return on
}
