// Package waits finds blocking operations: those of a function itself, and those that
// it reaches through calls.
package waits

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/values"
	"golang.org/x/tools/go/cfg"
)

// eachSite visits what the nodes of a section may wait for.
func eachSite(x *patterns.Program, s *locks.Section, found func(Site)) {
	u := s.Unit
	untaken, ending := values.Untaken(u, nil), endings(u)
	w := &Waiter{X: x, U: u, section: true, found: func(st Site) {
		if !untaken.Has(st.Node) && !ending.has(st.Node) {
			found(st)
		}
	}}
	selects := selects(u)
	for _, ref := range locks.Flows.Of(u).Held[s.Index] {
		b := locks.Flows.Of(u).BlockOf(ref)
		if r, ok := rangeHead(b, ref); ok {
			w.rangeOp(r)
		}
		if ref.Node < len(b.Nodes) && (s.Refs[ref] || s.Ends[ref]) {
			w.node(s, ref, b.Nodes[ref.Node], selects)
		}
	}
}

// ownLock reports whether a lock that a called function releases is, or may be, the
// section's. A lock that is reached through a pointer or an interface, as in a hand-made
// condition variable, may be.
func ownLock(s *locks.Section, r patterns.LockRef) bool {
	return r.Ref || r.ID != "" && r.ID == patterns.VarID(s.Unit.Pkg.Fset, s.LockVar())
}

// Bounds of a search for the waits of a section.
const (
	maxWaitDepth = 7
	maxWaits     = 150
)

// WaitsOf lists all waits of a section for other goroutines, and for what another side
// sends. Unlike [OpsIn], which has only the shortest path to each kind, it lists every wait
// in a function of the package, with one path to each.
func WaitsOf(x *patterns.Program, s *locks.Section) []*Op {
	d := &waitSearch{s: s, seen: make(map[*patterns.Unit]bool)}
	eachSite(x, s, func(st Site) { d.site(st, &Op{}, 0) })
	for len(d.next) > 0 && len(d.ops) < maxWaits {
		n := d.next[0]
		d.next = d.next[1:]
		for _, st := range SitesOf(x, n.unit) {
			d.site(st, n.way, n.depth)
		}
	}
	return d.ops
}

// waitSearch is the state of waitsOf, a breadth-first search, so that ways are short.
type waitSearch struct {
	s    *locks.Section
	seen map[*patterns.Unit]bool
	next []waitStep
	ops  []*Op
}

// A waitStep is a unit yet to be visited, and the way there.
type waitStep struct {
	unit  *patterns.Unit
	way   *Op
	depth int
}

// site looks at one site of a unit that the way leads to.
func (d *waitSearch) site(st Site, way *Op, depth int) {
	if st.Take != nil || ownLock(d.s, st.Freed) {
		return
	}
	if st.Op != nil {
		if len(st.Op.Path) == 0 && concernsDeadlocks(st.Op) {
			d.ops = append(d.ops, way.to(d.s, st))
		}
		return
	}
	v := st.Callee
	if v.Body == nil || d.seen[v] || depth >= maxWaitDepth || !reachesWaits(v) {
		return
	}
	d.seen[v] = true
	o := way.then(d.s, st)
	d.next = append(d.next, waitStep{v, o, depth + 1})
}

// concernsDeadlocks reports whether it matters for a wait who may end it.
func concernsDeadlocks(o *Op) bool {
	switch o.Category {
	case "chan", "wait":
		return true
	case "net", "http":
		return o.Effect == blocking.EffectRead || o.Effect == blocking.EffectWait || o.What == ServerShutdown
	}
	return false
}

const ServerShutdown = "(*net/http.Server).Shutdown"

// reachesWaits reports whether a unit may wait for another goroutine.
func reachesWaits(u *patterns.Unit) bool {
	return Reaches(u, func(category string) bool {
		switch category {
		case "chan", "wait", "net", "http":
			return true
		}
		return false
	})
}

// Reaches reports whether a unit may wait, itself or through others, for something of a
// category that is asked for.
func Reaches(u *patterns.Unit, asked func(category string) bool) bool {
	for key := range MayReach.Of(u) {
		if asked(key.cat) {
			return true
		}
	}
	return false
}

// unitOf returns the unit that a way has led to.
func (o *Op) unitOf(s *locks.Section) *patterns.Unit {
	if len(o.Chain) == 0 {
		return s.Unit
	}
	return o.Chain[len(o.Chain)-1].Callee
}

// then is the way with one more call.
func (o *Op) then(s *locks.Section, st Site) *Op {
	n := *o
	if n.Node == nil {
		n.Node, n.Deferred = st.Node, st.Defers
	}
	if st.weak != "" && n.Weak == "" {
		n.Weak, n.Guess = st.weak, st.Callee.Name()
	}
	n.Path = append(slices.Clip(o.Path), patterns.Hop{Func: st.Callee.Name(), At: o.unitOf(s).Position(st.Node.Pos())})
	n.Chain = append(slices.Clip(o.Chain), Link{st.Node, st.Callee})
	return &n
}

// to is the operation at the end of a way.
func (o *Op) to(s *locks.Section, st Site) *Op {
	if len(o.Chain) == 0 {
		op := *st.Op
		return &op
	}
	n := *o
	n.end(st.Op)
	if n.Weak == "" {
		n.Weak = st.Op.Weak
	}
	n.Path = append(slices.Clip(o.Path), patterns.Hop{Func: st.Op.What, At: o.unitOf(s).Position(st.Node.Pos())})
	return &n
}

// SitesOf returns the sites of a unit in an analysed package, cached.
func SitesOf(x *patterns.Program, u *patterns.Unit) []Site {
	return walked.Get(x, u, func() []Site { return sitesIn(x, u) })
}

var walked patterns.Memo[*patterns.Unit, []Site]

// rangeHead returns the range statement at whose head a node of the graph stands.
func rangeHead(b *cfg.Block, ref locks.NodeRef) (*ast.RangeStmt, bool) {
	r, ok := b.Stmt.(*ast.RangeStmt)
	return r, ok && ref.Node == 0 && b.Kind == cfg.KindRangeLoop
}

// WaitsUnder returns an operation of another section, which the lock keeps apart from this one,
// that changes something of the given category outside the process, which the lock may be there
// to keep consistent. It is nil if there is none.
func WaitsUnder(x *patterns.Program, p *patterns.Package, section *locks.Section, category string) *Op {
	ops := opsByLock.Get(x, p, func() map[*types.Var][]sectionOp {
		ops := make(map[*types.Var][]sectionOp)
		on := make(map[string]bool)
		for _, c := range blocking.Categories() {
			on[c.Name] = true
		}
		for _, s := range locks.SectionsIn(x, p) {
			for _, o := range AllOps(x, s, on) {
				ops[s.LockVar()] = append(ops[s.LockVar()], sectionOp{s, o})
			}
		}
		return ops
	})
	for _, so := range ops[section.LockVar()] {
		if section.KeptApart(so.section) && so.op.Effect == blocking.EffectWrite && !so.op.Own && sameWorld(so.op.Category, category) {
			return so.op
		}
	}
	return nil
}

// Waits reports whether a section encloses a blocking operation of any category.
func Waits(x *patterns.Program, s *locks.Section) bool {
	on := make(map[string]bool)
	for _, c := range blocking.Categories() {
		on[c.Name] = true
	}
	return len(AllOps(x, s, on)) > 0
}

var opsByLock patterns.PackageMemo[map[*types.Var][]sectionOp]

type sectionOp struct {
	section *locks.Section
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

// Options restrict what Find reports.
type Options struct {
	Categories []string // nil: those that are on by default
}

func (o Options) On() map[string]bool {
	on := make(map[string]bool)
	for _, c := range blocking.Categories() {
		if o.Categories == nil {
			on[c.Name] = c.Default
		} else {
			on[c.Name] = slices.Contains(o.Categories, c.Name)
		}
	}
	return on
}
