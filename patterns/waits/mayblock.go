package waits

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/channels"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A reachKey says what a unit reaches: a blocking operation of a category that runs with
// all of the callers' locks held, or after one of them was released. The latter does not
// count against sections of that lock, but does against those of any other.
type reachKey struct {
	cat   string
	freed patterns.LockRef // the lock, if any
}

// reach is the shortest way from a unit to a blocking operation of one
// category: the operation itself, or a call that leads on.
type reach struct {
	dist int
	op   *Op
	next *patterns.Unit
	key  reachKey // of next
	node ast.Node
	weak string
	sure bool                // the evidence is not weak anywhere on the way
	site int                 // in the unit: of several ways of equal length, the first in the source counts
	fact *patterns.ReachFact // for a unit that facts describe
}

// before reports whether a way takes precedence over another one.
func (r reach) before(s reach) bool {
	if r.sure != s.sure {
		return r.sure
	}
	return cmp.Or(cmp.Compare(r.dist, s.dist), cmp.Compare(r.site, s.site), compareReachKeys(r.key, s.key)) < 0
}

// A reachEdge is a call, or an operation, in a unit.
type reachEdge struct {
	caller *patterns.Unit
	s      Site
	site   int // of the caller, in source order
}

// A reachItem is something learned about a unit, to be passed to its callers.
type reachItem struct {
	u   *patterns.Unit
	key reachKey
}

// reachQueue holds what the search has yet to look at.
type reachQueue []reachItem

// push notes that a unit reaches an operation, unless a shorter path is known.
func (queue *reachQueue) push(x *patterns.Program, e reachEdge, key reachKey, r reach) {
	key.cat = categoryIn(x, e.caller, key.cat)
	none := patterns.LockRef{}
	if e.s.Freed != none {
		if key.freed != none && key.freed != e.s.Freed {
			return // both are released: sections of neither lock hold it then
		}
		key.freed = e.s.Freed
	}
	r.node, r.site = e.s.Node, e.site
	old, ok := MayReach.Of(e.caller)[key]
	if ok && !r.before(old) {
		return
	}
	MayReach.Of(e.caller)[key] = r
	if !ok || r.sure && !old.sure || r.dist < old.dist {
		*queue = append(*queue, reachItem{e.caller, key})
	}
}

// MayReach is what each unit may wait for.
var MayReach = patterns.NewSlot[map[reachKey]reach]().Anew().FromFacts(func(_ *patterns.Program, _ *types.Func, fact *patterns.FuncFact) map[reachKey]reach {
	may := make(map[reachKey]reach, len(fact.May))
	for i := range fact.May {
		r := &fact.May[i]
		may[reachKey{r.Category, r.Freed}] = reach{dist: r.Dist, fact: r, sure: r.Weak == ""}
	}
	return may
})

// ownWaits are the waits for other goroutines in a unit itself: what else waits behind the
// shortest way.
var ownWaits = patterns.NewSlot[map[reachKey][]patterns.Hop]().Anew()

// maxOwnWaits is how many of them are named.
const maxOwnWaits = 5

// noteWait adds an operation to those of its unit.
func noteWait(u *patterns.Unit, s Site) {
	all := ownWaits.Of(u)
	if all == nil {
		all = make(map[reachKey][]patterns.Hop)
		ownWaits.Set(u, all)
	}
	key := reachKey{s.Op.Category, s.Freed}
	known := all[key]
	if len(s.Op.Path) > 0 || len(known) >= maxOwnWaits || slices.ContainsFunc(known, func(h patterns.Hop) bool { return h.Func == s.Op.What }) {
		return
	}
	all[key] = append(known, patterns.Hop{Func: s.Op.What, At: u.Position(s.Node.Pos())})
}

// FindMayBlock computes, for every unit and category, the shortest call path to an
// operation that may block. It searches breadth-first from the operations against the
// direction of calls, so recursion needs no special care and the time is linear in the
// number of calls.
func FindMayBlock(x *patterns.Program, units []*patterns.Unit) {
	callers := make(map[*patterns.Unit][]reachEdge)
	var queue reachQueue
	for _, u := range units {
		MayReach.Set(u, make(map[reachKey]reach))
		ownWaits.Set(u, nil)
		values.Variants.Set(u, nil)
	}
	units, sites := unitSites(x, units)
	inSet := make(map[*patterns.Unit]bool, len(units))
	for _, u := range units {
		inSet[u] = true
	}
	var later []reachEdge // calls of units whose reach is known already
	var joins []reachEdge // waits for units that may turn out to wait for nothing
	for at, sites := range sites {
		for i, s := range sites {
			e := reachEdge{units[at], s, i}
			if s.Op != nil && s.Op.awaits() {
				noteWait(e.caller, s)
			}
			switch {
			case s.Take != nil:
			case s.Op != nil && s.Op.awaits() && onlyComputes(x, e.caller, s.Node):
				joins = append(joins, e)
			case s.Op != nil:
				queue.push(x, e, reachKey{cat: s.Op.Category}, reach{op: s.Op, sure: s.Op.Weak == ""})
			case inSet[s.Callee]:
				callers[s.Callee] = append(callers[s.Callee], e)
			default:
				later = append(later, e)
			}
		}
	}
	for _, e := range later {
		for _, key := range SortedReach(MayReach.Of(e.s.Callee)) {
			queue.push(x, e, key, e.beyond(MayReach.Of(e.s.Callee)[key], key))
		}
	}
	queue.spread(x, callers)
	for again := true; again; {
		again = false
		joins = slices.DeleteFunc(joins, func(e reachEdge) bool {
			if onlyComputes(x, e.caller, e.s.Node) {
				return false
			}
			queue.push(x, e, reachKey{cat: e.s.Op.Category}, reach{op: e.s.Op, sure: e.s.Op.Weak == ""})
			again = true
			return true
		})
		queue.spread(x, callers)
	}
}

// spread passes what was learned to the callers, and to theirs.
func (queue *reachQueue) spread(x *patterns.Program, callers map[*patterns.Unit][]reachEdge) {
	for len(*queue) > 0 {
		q := (*queue)[0]
		*queue = (*queue)[1:]
		r := MayReach.Of(q.u)[q.key]
		for _, e := range callers[q.u] {
			queue.push(x, e, q.key, e.beyond(r, q.key))
		}
	}
}

// awaits reports whether an operation is a wait for other goroutines.
func (o *Op) awaits() bool { return o.Category == "chan" || o.Category == "wait" }

// beyond is the caller's way to what its callee reaches.
func (e reachEdge) beyond(r reach, key reachKey) reach {
	return reach{dist: r.dist + 1, next: e.s.Callee, key: key, weak: e.s.weak, sure: r.sure && e.s.weak == ""}
}

// maxTakeRounds bounds through how many functions a parameter is followed.
const maxTakeRounds = 6

// unitSites lists the sites of each unit, and finds out what the units do with their
// parameters, because calling a unit that does something with them adds sites. It adds the
// variants of called units.
func unitSites(x *patterns.Program, units []*patterns.Unit) ([]*patterns.Unit, [][]Site) {
	t := &takeSearch{callers: make(map[*patterns.Unit][]int), index: make(map[*patterns.Unit]int, len(units))}
	values.TakeVariants(x)
	for _, u := range units {
		takes.Set(u, nil)
	}
	units = slices.Clone(units)
	var sites [][]Site
	for i := 0; i < len(units); i++ {
		u := units[i]
		sites = append(sites, sitesIn(x, u))
		t.visit(i, u, sites[i])
		for _, v := range values.TakeVariants(x) {
			MayReach.Set(v, make(map[reachKey]reach))
			units = append(units, v)
		}
	}
	for range maxTakeRounds {
		again := t.again()
		if len(again) == 0 {
			break
		}
		for _, i := range again {
			sites[i] = sitesIn(x, units[i])
			t.note(units[i], sites[i])
		}
	}
	return units, sites
}

// takeSearch is the state of unitSites.
type takeSearch struct {
	callers map[*patterns.Unit][]int
	index   map[*patterns.Unit]int
	changed []*patterns.Unit
}

func (t *takeSearch) visit(i int, u *patterns.Unit, sites []Site) {
	t.index[u] = i
	for _, s := range sites {
		if s.Callee != nil && s.Callee.Pkg == u.Pkg {
			t.callers[s.Callee] = append(t.callers[s.Callee], i)
		}
	}
	t.note(u, sites)
}

func (t *takeSearch) note(u *patterns.Unit, sites []Site) {
	if noteTakes(u, sites) {
		t.changed = append(t.changed, u)
	}
}

// again lists the units that call a changed one.
func (t *takeSearch) again() []int {
	var again []int
	for _, u := range t.changed {
		again = append(again, t.callers[u]...)
		if i, ok := t.index[u.Outer]; ok { // calls it by a variable, or passes it on
			again = append(again, i)
		}
	}
	t.changed = nil
	slices.Sort(again)
	return slices.Compact(again)
}

func SortedReach(m map[reachKey]reach) []reachKey {
	keys := make([]reachKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareReachKeys)
	return keys
}

func compareReachKeys(a, b reachKey) int {
	return cmp.Or(cmp.Compare(a.cat, b.cat), cmp.Compare(a.freed.ID, b.freed.ID))
}

// sitesIn lists what the unit may wait for, in source order, each with the caller's lock
// that the unit has released by then, if any.
func sitesIn(x *patterns.Program, u *patterns.Unit) []Site {
	if u.Body == nil || patterns.IsRuntime(u.Pkg.Path) {
		return nil
	}
	if d := directive.MarkedUnit(x, u); d != nil {
		return directiveSites(d, u)
	}
	return BodySites(x, u)
}

// BodySites is SitesOf, ignoring the directives of the unit itself.
func BodySites(x *patterns.Program, u *patterns.Unit) []Site {
	var sites []Site
	free, untaken, ending := CallerFreeRanges(u), values.Untaken(u, u.Known), endings(u)
	w := &Waiter{X: x, U: u, found: func(s Site) {
		if s.FreedIn(free) && !untaken.Has(s.Node) && !ending.has(s.Node) {
			sites = append(sites, s)
		}
	}}
	w.walk(u.Body, false)
	return sites
}

// A span is a stretch of source in which a lock of the caller is released.
type span struct {
	start, end token.Pos
	lock       patterns.LockRef
}

// FreedIn records the lock that is released where the site is. It reports whether there
// is at most one; sites where several are released are left out.
func (s *Site) FreedIn(spans []span) bool {
	for _, sp := range spans {
		if s.Node.Pos() < sp.start || sp.end <= s.Node.Pos() {
			continue
		}
		if s.Freed != (patterns.LockRef{}) && s.Freed != sp.lock {
			return false
		}
		s.Freed = sp.lock
	}
	return true
}

// CallerFreeRanges lists the nodes that run after the unit has released a lock of its
// caller and before it takes it again.
func CallerFreeRanges(u *patterns.Unit) []span {
	if !slices.ContainsFunc(locks.Effects.Of(u), func(e locks.Effect) bool { return e.Kind == locks.EvCycle || e.Kind == locks.EvRelease }) {
		return nil
	}
	var spans []span
	selects := selects(u)
	for _, b := range locks.Flows.Of(u).Graph.Blocks {
		for i, n := range b.Nodes {
			for _, k := range locks.Flows.Of(u).Keys {
				set := locks.Flows.Of(u).Pre[k].At(locks.NodeRef{Block: b.Index, Node: i})
				if len(set) > 0 && !slices.ContainsFunc(set, func(h locks.Hold) bool { return h.Site != locks.CallerFree }) {
					lock := u.RefOf(locks.Flows.Of(u).PathOf(k).Last())
					from := n.Pos()
					if d, ok := n.(*ast.DeferStmt); ok && !locks.Flows.Of(u).RunsFree(k, d) {
						from = d.Call.Lparen // only its arguments are evaluated here
					}
					spans = append(spans, span{from, n.End(), lock})
					if sel, ok := selects[statements.StmtOf(n)]; ok && statements.FirstComm(sel) == n {
						spans = append(spans, span{sel.Pos(), sel.Pos() + 1, lock})
					}
				}
			}
		}
	}
	return spans
}

// through builds the operation that a call of callee may lead to.
func through(u *patterns.Unit, s Site, key reachKey) *Op {
	o := Op{Node: s.Node, Deferred: s.Defers, Weak: s.weak}
	depth := min(MayReach.Of(s.Callee)[key].dist, maxHops) + 2
	o.Path, o.Chain = make([]patterns.Hop, 0, depth), make([]Link, 0, depth)
	o.Path = append(o.Path, patterns.Hop{Func: s.Callee.Name(), At: u.Position(s.Node.Pos())})
	o.Chain = append(o.Chain, Link{s.Node, s.Callee})
	said, ok := follow(s.Callee, key, &o)
	if !ok {
		return nil
	}
	if said && len(o.Path) == 1 {
		o.Path = nil
	}
	return &o
}

// maxHops is how many calls of a path are kept individually. Nobody follows more by eye,
// and a chain of a thousand functions that each take a lock would otherwise produce
// findings that name half a million calls.
const maxHops = 50

// follow fills in the operation that the unit reaches, and adds the calls that lead there.
// said reports whether a directive on the last called function names the operation.
func follow(u *patterns.Unit, key reachKey, o *Op) (said, ok bool) {
	defer func(cat string) { o.Category = cat }(key.cat)
	r, ok := MayReach.Of(u)[key]
	if !ok {
		return false, false
	}
	var out leftOut
	for cur := u; ; {
		o.Weak = cmp.Or(o.Weak, r.weak)
		if r.fact != nil || r.op != nil {
			o.skip(out)
		}
		if f := r.fact; f != nil {
			o.end(reachedOp(f))
			o.Beside = f.Beside
			o.Weak = cmp.Or(o.Weak, f.Weak)
			o.Path = append(o.Path, f.Path...)
			return f.Said, true
		}
		if r.op != nil {
			o.end(r.op)
			if r.op.awaits() {
				o.Beside = slices.DeleteFunc(slices.Clone(ownWaits.Of(cur)[key]), func(h patterns.Hop) bool { return h.Func == r.op.What })
			}
			o.Weak = cmp.Or(o.Weak, r.op.Weak)
			if _, said := r.node.(*ast.FuncDecl); said {
				return true, true
			}
			o.Path = append(o.Path, patterns.Hop{Func: r.op.What, At: cur.Position(r.node.Pos())})
			return false, true
		}
		if call := (Link{r.node, r.next}); len(o.Path) < maxHops {
			o.Path = append(o.Path, patterns.Hop{Func: r.next.Name(), At: cur.Position(r.node.Pos())})
			o.Chain = append(o.Chain, call)
		} else {
			out.add(cur, call)
		}
		cur, key = r.next, r.key
		next, ok := MayReach.Of(cur)[key]
		if !ok {
			return false, false
		}
		r = next
	}
}

// leftOut are the calls in the middle of a path that are not kept.
type leftOut struct {
	calls int
	from  token.Position // of the first
	last  Link
}

// add leaves out a call that a unit makes.
func (l *leftOut) add(caller *patterns.Unit, call Link) {
	if l.calls == 0 {
		l.from = caller.Position(call.Node.Pos())
	}
	l.calls++
	l.last = call
}

// skip puts one hop in place of the calls that are left out, if any.
func (o *Op) skip(out leftOut) {
	what := fmt.Sprintf("%d more calls", out.calls)
	switch out.calls {
	case 0:
		return
	case 1:
		what = "1 more call"
	}
	o.Path = append(o.Path, patterns.Hop{Func: what, At: out.from})
	o.Chain, o.gap = append(o.Chain, out.last), true
}

// end copies what is known about the operation at the end of the calls.
func (o *Op) end(last *Op) {
	o.Last = last
	o.Category, o.Effect, o.Safety, o.What, o.Why = last.Category, last.Effect, last.Safety, last.What, last.Why
	o.Cond, o.lock, o.Own = last.Cond, last.lock, last.Own
}

// OpsIn lists the blocking operations that a section encloses, in source order: for each
// place only the most important category.
func OpsIn(x *patterns.Program, s *locks.Section, on map[string]bool) []*Op {
	return mergeOps(AllOps(x, s, on))
}

// AllOps is OpsOf with one operation for each place and category.
func AllOps(x *patterns.Program, s *locks.Section, on map[string]bool) []*Op {
	u := s.Unit
	var ops []*Op
	add := func(o *Op) {
		if o == nil || !on[o.Category] || o.lock != "" && o.lock == patterns.VarID(u.Pkg.Fset, heldVar(s)) {
			return
		}
		if o.Cond != nil && o.Cond.Releases(o, s) {
			if c, ok := o.Node.(*ast.CallExpr); ok && !slices.Contains(s.Cycles, c) {
				s.Cycles = append(s.Cycles, c)
			}
			if c, ok := o.Node.(*ast.CallExpr); ok && o.Cond.belongs(o, s) && !slices.Contains(s.CondWaits, c) {
				s.CondWaits = append(s.CondWaits, c)
			}
			return
		}
		if AlreadyHappened(x, s, o) || awaited(x, s, o) || o.Category == "sleep" && sleepsZero(s, o) || guards.Unpublished(x, s, o.Node) || guards.AtStart(x, s) || givesBack(x, u, o) ||
			o.Last == nil && o.awaits() && onlyComputes(x, x.UnitAt(u.Pkg, o.Pos()), o.Node) {
			return
		}
		ops = append(ops, o)
	}
	eachSite(x, s, func(st Site) {
		switch {
		case ownLock(s, st.Freed) || st.Take != nil:
		case st.Op != nil:
			add(st.Op)
		default:
			for _, key := range SortedReach(MayReach.Of(st.Callee)) {
				if !ownLock(s, key.freed) && !joinsComputations(x, u, st, key) {
					add(through(u, st, key))
				}
			}
		}
	})
	return ops
}

// givesBack reports whether an operation is a send that finds room, for it gives back what was
// taken out of the channel.
func givesBack(x *patterns.Program, u *patterns.Unit, o *Op) bool {
	at, last := o.Innermost(u)
	send, ok := last.Node.(*ast.SendStmt)
	return ok && channels.GivesBack(x, at, send)
}

// AlreadyHappened reports whether the event that a receive under the lock waits for has
// already happened: the code that causes it runs under the same lock, its effect stays
// (a close, or a value in a buffer), and it also sets a variable that is tested around
// the receive.
func AlreadyHappened(x *patterns.Program, s *locks.Section, o *Op) bool {
	n, ok := o.Node.(*ast.UnaryExpr)
	if !ok || o.Last != nil || s.LockVar() == nil {
		return false
	}
	c := values.FlowsOf(x, s.Unit.Pkg).ClassOf(n.X)
	if c == nil || c.Open || len(c.Sends)+len(c.Closes) == 0 || len(c.Sends) > 0 && (len(c.Rooms) == 0 || slices.Min(c.Rooms) < 1) {
		return false
	}
	tested := make(map[*types.Var]bool)
	ast.Inspect(s.Unit.Body, func(m ast.Node) bool {
		if f, ok := m.(*ast.IfStmt); ok && s.CoversPos(f.Cond.Pos()) && f.Body.Pos() <= n.Pos() && n.Pos() < f.Body.End() {
			for _, a := range guards.AccessesIn(s.Unit, f.Cond) {
				tested[a.Var] = true
			}
		}
		return true
	})
	for _, use := range slices.Concat(c.Sends, c.Closes) {
		held := slices.ContainsFunc(locks.HeldAt(use.Unit, use.Node), func(p patterns.Path) bool { return p.Last() == s.LockVar() })
		sets := slices.ContainsFunc(guards.AccessesIn(use.Unit, use.Unit.Body), func(a *guards.Access) bool { return a.Kind == guards.Write && tested[a.Var] })
		if use.Deferred || use.Tried || !held || !sets {
			return false
		}
	}
	return true
}

// sleepsZero reports whether an operation sleeps for the duration in a field that is still
// zero: the object was made in the section's function, and the field is not set before.
func sleepsZero(s *locks.Section, o *Op) bool {
	u, op := o.Innermost(s.Unit)
	call, ok := op.Node.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	p, ok := patterns.PathOf(u.Pkg.Info, call.Args[0])
	if !ok || len(p.Fields) == 0 {
		return false
	}
	p = LiftAll(s.Unit, o, p)
	if p.Root == nil || len(p.Fields) != 1 || !s.Unit.Fresh(p.Root) {
		return false
	}
	set := false
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && lit.Pos() < o.Pos() {
			patterns.EachElement(s.Unit.Pkg.Info, lit, func(v *types.Var, _ ast.Expr) {
				set = set || v != nil && v.Origin() == p.Fields[0]
			})
		}
		return !set
	})
	patterns.EachAssignment(s.Unit.Body, func(lhs, _ ast.Expr) {
		q, ok := patterns.PathOf(s.Unit.Pkg.Info, lhs)
		set = set || ok && lhs.Pos() < o.Pos() && q.Last() == p.Fields[0]
	})
	return !set
}

// LiftAll translates a path of the unit that makes an operation into terms of the unit from
// which calls lead there. Root is nil if that is impossible.
func LiftAll(u *patterns.Unit, o *Op, p patterns.Path) patterns.Path {
	if o.gap {
		return patterns.Path{}
	}
	for i := len(o.Chain) - 1; i >= 0 && p.Root != nil; i-- {
		caller := u
		if i > 0 {
			caller = o.Chain[i-1].Callee
		}
		p = values.Lift(caller, o.Chain[i].Callee, p, o.Chain[i].Node)
	}
	return p
}

// node visits one node of the graph.
func (w *Waiter) node(s *locks.Section, ref locks.NodeRef, n ast.Node, selects map[ast.Stmt]*ast.SelectStmt) {
	switch n := n.(type) {
	case ast.Stmt:
		if sel, ok := selects[n]; ok {
			if statements.FirstComm(sel) == n {
				w.selectWait(sel)
			}
			w.commOperands(n)
			return
		}
		if d, ok := n.(*ast.DeferStmt); ok {
			w.operands(d.Call)
			if RunsUnder(locks.Flows.Of(w.U), s, ref, d) {
				w.call(d.Call, true)
			}
			return
		}
	}
	w.walk(n, false)
}

// RunsUnder reports whether a deferred call registered at ref runs before the deferred
// release of the section, or contains that release.
func RunsUnder(f *locks.Flow, s *locks.Section, ref locks.NodeRef, d *ast.DeferStmt) bool {
	for _, r := range s.Releases {
		if r.Call == d.Call {
			return r.Closure || r.Wrapper
		}
	}
	for _, h := range f.Pre[s.Lock.Key()].At(ref) {
		if h.Site == s.Index && h.Def > 0 {
			return true
		}
	}
	return false
}

// selects maps the communications of selects to their statements: the graph
// lists only those parts.
func selects(u *patterns.Unit) map[ast.Stmt]*ast.SelectStmt {
	if all := selectsOfUnits.Of(u); all != nil {
		return all
	}
	all := make(map[ast.Stmt]*ast.SelectStmt)
	selectsOfUnits.Set(u, all)
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if n, ok := n.(*ast.SelectStmt); ok {
			for _, c := range n.Body.List {
				if comm := c.(*ast.CommClause).Comm; comm != nil {
					all[comm] = n
				}
			}
		}
		return true
	})
	return all
}

var selectsOfUnits = patterns.NewSlot[map[ast.Stmt]*ast.SelectStmt]()

// mergeOps keeps one operation for each place, with the most important category.
func mergeOps(ops []*Op) []*Op {
	if len(ops) == 0 {
		return nil
	}
	slices.SortStableFunc(ops, func(a, b *Op) int { return cmp.Or(int(a.Pos()-b.Pos()), Compare(a, b)) })
	var out []*Op
	for _, o := range ops {
		if n := len(out); n > 0 && out[n-1].Node == o.Node {
			if out[n-1].Category != o.Category {
				out[n-1].Also = append(out[n-1].Also, o.Category)
			}
			continue
		}
		out = append(out, o)
	}
	return out
}
