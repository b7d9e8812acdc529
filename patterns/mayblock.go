package patterns

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A reachKey says what a unit reaches: a blocking operation of a category that
// runs with all locks of the callers held, or one that runs after a lock of
// theirs was released. That one does not count against sections of this lock,
// but it does against those of any other.
type reachKey struct {
	cat   string
	freed lockRef // the lock, if any
}

// reach is the shortest way from a unit to a blocking operation of one
// category: the operation itself, or a call that leads on.
type reach struct {
	dist int
	op   *Op
	next *Unit
	key  reachKey // of next
	node ast.Node
	weak string
	sure bool       // the evidence is not weak anywhere on the way
	site int        // of the unit: of several ways of one length the first in the source counts
	fact *ReachFact // for a unit that facts describe
}

// before reports whether a way goes before another one.
func (r reach) before(s reach) bool {
	if r.sure != s.sure {
		return r.sure
	}
	return cmp.Or(cmp.Compare(r.dist, s.dist), cmp.Compare(r.site, s.site), compareReachKeys(r.key, s.key)) < 0
}

// A reachEdge is a call, or an operation, in a unit.
type reachEdge struct {
	caller *Unit
	s      site
	site   int // of the caller, in source order
}

// A reachItem is what has become known of a unit and is to be told its callers.
type reachItem struct {
	u   *Unit
	key reachKey
}

// reachQueue holds what the search has still to look at.
type reachQueue []reachItem

// push notes that a unit reaches an operation, unless a shorter path is known.
func (queue *reachQueue) push(e reachEdge, key reachKey, r reach) {
	none := lockRef{}
	if e.s.freed != none {
		if key.freed != none && key.freed != e.s.freed {
			return // both are released: no section of either holds its lock
		}
		key.freed = e.s.freed
	}
	r.node, r.site = e.s.node, e.site
	old, ok := mayReach.Of(e.caller)[key]
	if ok && !r.before(old) {
		return
	}
	mayReach.Of(e.caller)[key] = r
	if !ok || r.sure && !old.sure || r.dist < old.dist {
		*queue = append(*queue, reachItem{e.caller, key})
	}
}

// mayReach is what each unit may wait for.
var mayReach = NewSlot[map[reachKey]reach]().Anew().FromFacts(func(_ *Program, _ *types.Func, fact *FuncFact) map[reachKey]reach {
	may := make(map[reachKey]reach, len(fact.May))
	for i := range fact.May {
		r := &fact.May[i]
		may[reachKey{r.Category, r.Freed}] = reach{dist: r.Dist, fact: r, sure: r.Weak == ""}
	}
	return may
})

// findMayBlock computes, for every unit and category, the shortest call path
// to an operation that may block. It is a breadth-first search from the
// operations against the direction of calls, so recursion needs no care, and
// it is linear in the number of calls.
func (x *Program) findMayBlock(units []*Unit) {
	callers := make(map[*Unit][]reachEdge)
	var queue reachQueue
	for _, u := range units {
		mayReach.Set(u, make(map[reachKey]reach))
		variants.Set(u, nil)
	}
	units, sites := x.unitSites(units)
	inSet := make(map[*Unit]bool, len(units))
	for _, u := range units {
		inSet[u] = true
	}
	var later []reachEdge // calls of units whose reach is known already
	var joins []reachEdge // waits for units that may turn out to wait for nothing
	for at, sites := range sites {
		for i, s := range sites {
			e := reachEdge{units[at], s, i}
			switch {
			case s.take != nil:
			case s.op != nil && s.op.awaits() && x.onlyComputes(e.caller, s.node):
				joins = append(joins, e)
			case s.op != nil:
				queue.push(e, reachKey{cat: s.op.Category}, reach{op: s.op, sure: s.op.Weak == ""})
			case inSet[s.callee]:
				callers[s.callee] = append(callers[s.callee], e)
			default:
				later = append(later, e)
			}
		}
	}
	for _, e := range later {
		for _, key := range sortedReach(mayReach.Of(e.s.callee)) {
			queue.push(e, key, e.beyond(mayReach.Of(e.s.callee)[key], key))
		}
	}
	queue.spread(callers)
	for again := true; again; {
		again = false
		joins = slices.DeleteFunc(joins, func(e reachEdge) bool {
			if x.onlyComputes(e.caller, e.s.node) {
				return false
			}
			queue.push(e, reachKey{cat: e.s.op.Category}, reach{op: e.s.op, sure: e.s.op.Weak == ""})
			again = true
			return true
		})
		queue.spread(callers)
	}
}

// spread tells the callers of what has become known, and theirs.
func (queue *reachQueue) spread(callers map[*Unit][]reachEdge) {
	for len(*queue) > 0 {
		q := (*queue)[0]
		*queue = (*queue)[1:]
		r := mayReach.Of(q.u)[q.key]
		for _, e := range callers[q.u] {
			queue.push(e, q.key, e.beyond(r, q.key))
		}
	}
}

// awaits reports whether an operation is a wait for other goroutines.
func (o *Op) awaits() bool { return o.Category == "chan" || o.Category == "wait" }

// beyond is the way of the caller to what its callee reaches.
func (e reachEdge) beyond(r reach, key reachKey) reach {
	return reach{dist: r.dist + 1, next: e.s.callee, key: key, weak: e.s.weak, sure: r.sure && e.s.weak == ""}
}

// maxTakeRounds bounds through how many functions a parameter is followed.
const maxTakeRounds = 6

// unitSites lists the sites of each unit, and finds out what the units do with
// their parameters: a call of one that does something is more sites. It adds the
// variants of units that are called.
func (x *Program) unitSites(units []*Unit) ([]*Unit, [][]site) {
	t := &takeSearch{callers: make(map[*Unit][]int), index: make(map[*Unit]int, len(units))}
	x.takeVariants()
	for _, u := range units {
		takes.Set(u, nil)
	}
	units = slices.Clone(units)
	var sites [][]site
	for i := 0; i < len(units); i++ {
		u := units[i]
		sites = append(sites, x.sites(u))
		t.visit(i, u, sites[i])
		for _, v := range x.takeVariants() {
			mayReach.Set(v, make(map[reachKey]reach))
			units = append(units, v)
		}
	}
	for range maxTakeRounds {
		again := t.again()
		if len(again) == 0 {
			break
		}
		for _, i := range again {
			sites[i] = x.sites(units[i])
			t.note(units[i], sites[i])
		}
	}
	return units, sites
}

// takeSearch is the state of unitSites.
type takeSearch struct {
	callers map[*Unit][]int
	index   map[*Unit]int
	changed []*Unit
}

func (t *takeSearch) visit(i int, u *Unit, sites []site) {
	t.index[u] = i
	for _, s := range sites {
		if s.callee != nil && s.callee.Pkg == u.Pkg {
			t.callers[s.callee] = append(t.callers[s.callee], i)
		}
	}
	t.note(u, sites)
}

func (t *takeSearch) note(u *Unit, sites []site) {
	if u.noteTakes(sites) {
		t.changed = append(t.changed, u)
	}
}

// again lists the units that call one of those that have changed.
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

func sortedReach(m map[reachKey]reach) []reachKey {
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

// sites lists what the unit may wait for, in source order, with the lock of its
// caller that it has released before, if any.
func (x *Program) sites(u *Unit) []site {
	if u.Body == nil || isRuntime(u.Pkg.Path) {
		return nil
	}
	if d := x.markedUnit(u); d != nil {
		return d.sites(u)
	}
	return x.bodySites(u)
}

// bodySites is sites without a look at the directives of the unit itself.
func (x *Program) bodySites(u *Unit) []site {
	var sites []site
	free, untaken := u.callerFreeRanges(), u.untaken(u.Known)
	w := &waiter{x: x, u: u, found: func(s site) {
		if s.freedIn(free) && !untaken.has(s.node) {
			sites = append(sites, s)
		}
	}}
	w.walk(u.Body, false)
	return sites
}

// A span is a stretch of source in which a lock of the caller is released.
type span struct {
	start, end token.Pos
	lock       lockRef
}

// freedIn notes the lock that is released where the site stands. It reports
// whether that is one at most: where several are, the site is left out.
func (s *site) freedIn(spans []span) bool {
	for _, sp := range spans {
		if s.node.Pos() < sp.start || sp.end <= s.node.Pos() {
			continue
		}
		if s.freed != (lockRef{}) && s.freed != sp.lock {
			return false
		}
		s.freed = sp.lock
	}
	return true
}

// callerFreeRanges lists the nodes that run after the unit has released a lock
// of its caller and before it takes it again.
func (u *Unit) callerFreeRanges() []span {
	if !slices.ContainsFunc(effects.Of(u), func(e lockEffect) bool { return e.kind == evCycle || e.kind == evRelease }) {
		return nil
	}
	var spans []span
	selects := u.selects()
	for _, b := range lockFlows.Of(u).graph.Blocks {
		for i, n := range b.Nodes {
			for _, k := range lockFlows.Of(u).keys {
				set := lockFlows.Of(u).pre[k].at(nodeRef{b.Index, i})
				if len(set) > 0 && !slices.ContainsFunc(set, func(h hold) bool { return h.site != callerFree }) {
					lock := u.refOf(lockFlows.Of(u).pathOf(k).Last())
					spans = append(spans, span{n.Pos(), n.End(), lock})
					if sel, ok := selects[stmtOf(n)]; ok && firstComm(sel) == n {
						spans = append(spans, span{sel.Pos(), sel.Pos() + 1, lock})
					}
				}
			}
		}
	}
	return spans
}

// through builds the operation that a call of callee may lead to.
func (u *Unit) through(s site, key reachKey) *Op {
	o := Op{Node: s.node, Deferred: s.defers, Weak: s.weak}
	depth := min(mayReach.Of(s.callee)[key].dist, maxHops) + 2
	o.Path, o.chain = make([]Hop, 0, depth), make([]link, 0, depth)
	o.Path = append(o.Path, Hop{s.callee.Name(), u.Position(s.node.Pos())})
	o.chain = append(o.chain, link{s.node, s.callee})
	said, ok := s.callee.follow(key, &o)
	if !ok {
		return nil
	}
	if said && len(o.Path) == 1 {
		o.Path = nil
	}
	return &o
}

// maxHops is how many calls of a path are kept one by one. Who follows that many
// by eye? And if a thousand functions that each take a lock call each other in a
// row, their findings would name half a million calls.
const maxHops = 50

// follow fills in the operation that the unit reaches, and adds the calls that
// lead there. said reports whether it is known from a directive of the function
// called last.
func (u *Unit) follow(key reachKey, o *Op) (said, ok bool) {
	r, ok := mayReach.Of(u)[key]
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
			o.end(f.op())
			o.Weak = cmp.Or(o.Weak, f.Weak)
			o.Path = append(o.Path, f.Path...)
			return f.Said, true
		}
		if r.op != nil {
			o.end(r.op)
			o.Weak = cmp.Or(o.Weak, r.op.Weak)
			if _, said := r.node.(*ast.FuncDecl); said {
				return true, true
			}
			o.Path = append(o.Path, Hop{r.op.What, cur.Position(r.node.Pos())})
			return false, true
		}
		if call := (link{r.node, r.next}); len(o.Path) < maxHops {
			o.Path = append(o.Path, Hop{r.next.Name(), cur.Position(r.node.Pos())})
			o.chain = append(o.chain, call)
		} else {
			out.add(cur, call)
		}
		cur = r.next
		next, ok := mayReach.Of(cur)[r.key]
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
	last  link
}

// add leaves out a call that a unit makes.
func (l *leftOut) add(caller *Unit, call link) {
	if l.calls == 0 {
		l.from = caller.Position(call.node.Pos())
	}
	l.calls++
	l.last = call
}

// skip puts one hop in the place of the calls that are left out, if there are any.
func (o *Op) skip(out leftOut) {
	what := fmt.Sprintf("%d more calls", out.calls)
	switch out.calls {
	case 0:
		return
	case 1:
		what = "1 more call"
	}
	o.Path = append(o.Path, Hop{what, out.from})
	o.chain, o.gap = append(o.chain, out.last), true
}

// end takes over what is known of the operation at the end of the calls.
func (o *Op) end(last *Op) {
	o.last = last
	o.Category, o.Effect, o.Safety, o.What, o.Why = last.Category, last.Effect, last.Safety, last.What, last.Why
	o.cond, o.lock, o.Own = last.cond, last.lock, last.Own
}

// opsOf lists the blocking operations that a section encloses, in source
// order: one for each place, the category of most worth first.
func (x *Program) opsOf(s *Section, on map[string]bool) []*Op {
	return mergeOps(x.allOps(s, on))
}

// allOps is opsOf with one operation for each place and category.
func (x *Program) allOps(s *Section, on map[string]bool) []*Op {
	u := s.Unit
	var ops []*Op
	add := func(o *Op) {
		if o == nil || !on[o.Category] || o.lock != "" && o.lock == varID(u.Pkg.Fset, s.heldVar()) {
			return
		}
		if o.cond != nil && o.cond.releases(o, s) {
			if c, ok := o.Node.(*ast.CallExpr); ok && !slices.Contains(s.Cycles, c) {
				s.Cycles = append(s.Cycles, c)
			}
			if c, ok := o.Node.(*ast.CallExpr); ok && o.cond.belongs(o, s) && !slices.Contains(s.CondWaits, c) {
				s.CondWaits = append(s.CondWaits, c)
			}
			return
		}
		if x.over(s, o) || x.awaited(s, o) || o.Category == "sleep" && x.sleepsZero(s, o) || x.unpublished(s, o.Node) ||
			o.last == nil && o.awaits() && x.onlyComputes(x.unitAt(u.Pkg, o.Pos()), o.Node) {
			return
		}
		ops = append(ops, o)
	}
	x.eachSite(s, func(st site) {
		switch {
		case s.ownLock(st.freed) || st.take != nil:
		case st.op != nil:
			add(st.op)
		default:
			for _, key := range sortedReach(mayReach.Of(st.callee)) {
				if !s.ownLock(key.freed) {
					add(u.through(st, key))
				}
			}
		}
	})
	return ops
}

// over reports whether what a receive under the lock waits for has happened: all
// that brings it about is done under the same lock, stays (a close, or a value
// in a buffer), and comes with setting a variable that is tested around the
// receive.
func (x *Program) over(s *Section, o *Op) bool {
	n, ok := o.Node.(*ast.UnaryExpr)
	if !ok || o.last != nil || s.LockVar() == nil {
		return false
	}
	c := x.flowsOf(s.Unit.Pkg).classOf(n.X)
	if c == nil || c.Open || len(c.Sends)+len(c.Closes) == 0 || len(c.Sends) > 0 && (len(c.Rooms) == 0 || slices.Min(c.Rooms) < 1) {
		return false
	}
	tested := make(map[*types.Var]bool)
	ast.Inspect(s.Unit.Body, func(m ast.Node) bool {
		if f, ok := m.(*ast.IfStmt); ok && s.covers(f.Cond.Pos()) && f.Body.Pos() <= n.Pos() && n.Pos() < f.Body.End() {
			for _, a := range s.Unit.AccessesIn(f.Cond) {
				tested[a.Var] = true
			}
		}
		return true
	})
	for _, use := range slices.Concat(c.Sends, c.Closes) {
		held := slices.ContainsFunc(use.Unit.HeldAt(use.Node), func(p Path) bool { return p.Last() == s.LockVar() })
		sets := slices.ContainsFunc(use.Unit.AccessesIn(use.Unit.Body), func(a *Access) bool { return a.Kind == Write && tested[a.Var] })
		if use.Deferred || use.Tried || !held || !sets {
			return false
		}
	}
	return true
}

// sleepsZero reports whether an operation sleeps for as long as a field says
// which is still zero: the object was made in the section's function, and the
// field is not set before.
func (x *Program) sleepsZero(s *Section, o *Op) bool {
	u, op := o.innermost(s.Unit)
	call, ok := op.Node.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	p, ok := PathOf(u.Pkg.Info, call.Args[0])
	if !ok || len(p.Fields) == 0 {
		return false
	}
	p = s.Unit.liftAll(o, p)
	if p.Root == nil || len(p.Fields) != 1 || !s.Unit.Fresh(p.Root) {
		return false
	}
	set := false
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && lit.Pos() < o.Pos() {
			eachElement(s.Unit.Pkg.Info, lit, func(v *types.Var, _ ast.Expr) {
				set = set || v != nil && v.Origin() == p.Fields[0]
			})
		}
		return !set
	})
	eachAssignment(s.Unit.Body, func(lhs, _ ast.Expr) {
		q, ok := PathOf(s.Unit.Pkg.Info, lhs)
		set = set || ok && lhs.Pos() < o.Pos() && q.Last() == p.Fields[0]
	})
	return !set
}

// liftAll says a path of the unit that an operation is made in, in the terms of
// the unit that calls lead there from. Root is nil if that cannot be told.
func (u *Unit) liftAll(o *Op, p Path) Path {
	if o.gap {
		return Path{}
	}
	for i := len(o.chain) - 1; i >= 0 && p.Root != nil; i-- {
		caller := u
		if i > 0 {
			caller = o.chain[i-1].callee
		}
		p = caller.lift(o.chain[i].callee, p, o.chain[i].node)
	}
	return p
}

// node visits one node of the graph.
func (w *waiter) node(s *Section, ref nodeRef, n ast.Node, selects map[ast.Stmt]*ast.SelectStmt) {
	switch n := n.(type) {
	case ast.Stmt:
		if sel, ok := selects[n]; ok {
			if first := firstComm(sel); first == n && !hasDefault(sel) {
				w.op(sel, selectWait(sel))
			}
			w.commOperands(n)
			return
		}
		if d, ok := n.(*ast.DeferStmt); ok {
			w.operands(d.Call)
			if lockFlows.Of(w.u).runsUnder(s, ref, d) {
				w.call(d.Call, true)
			}
			return
		}
	}
	w.walk(n, false)
}

// runsUnder reports whether a deferred call registered at ref runs before the
// deferred release of the section, or contains that release.
func (f *lockFlow) runsUnder(s *Section, ref nodeRef, d *ast.DeferStmt) bool {
	for _, r := range s.Releases {
		if r.Call == d.Call {
			return r.Closure || r.Wrapper
		}
	}
	for _, h := range f.pre[s.Lock.key()].at(ref) {
		if h.site == s.index && h.def > 0 {
			return true
		}
	}
	return false
}

// selects maps the communications of selects to their statements: the graph
// lists only those parts.
func (u *Unit) selects() map[ast.Stmt]*ast.SelectStmt {
	if all := selects.Of(u); all != nil {
		return all
	}
	all := make(map[ast.Stmt]*ast.SelectStmt)
	selects.Set(u, all)
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

var selects = NewSlot[map[ast.Stmt]*ast.SelectStmt]()

// mergeOps keeps one operation for each place, with the category of most worth.
func mergeOps(ops []*Op) []*Op {
	if len(ops) == 0 {
		return nil
	}
	worth := worths()
	slices.SortStableFunc(ops, func(a, b *Op) int {
		if d := int(a.Pos() - b.Pos()); d != 0 {
			return d
		}
		if (a.Weak == "") != (b.Weak == "") {
			if a.Weak == "" {
				return -1
			}
			return 1
		}
		return worth[a.Category] - worth[b.Category]
	})
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
