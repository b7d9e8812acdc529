package placement

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/conditions/external"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

var placeCosts = place.Costs{Lock: costToggle, Unlock: costToggle, Loop: costLoop, Return: costLeave}

// Place finds the cheapest placement of the section's lock for the named shape. It refuses if no
// placement releases the lock for a wait.
//
// Even if letgo sees nothing guarded in a section, the lock has a reason. The waits are moved
// out of such a section only if they may deadlock, and everything else stays under the lock;
// only the shape sink gives up the lock altogether.
func Place(s *site.Site, shape string) (*Placement, *safety.Refusal) {
	if s.Narrow {
		return PlaceWith(s, true, false)
	}
	// What is taken out needs the lock first, so no channel may be closed before that.
	p, r := PlaceWith(s, s.Early && s.Finding.MayDeadlock(), s.Detach == nil)
	if p == nil && r.Condition == safety.S9 {
		p, r = PlaceWith(s, false, false)
	}
	if s.Finding.Deadlock != nil && (p == nil && r.Condition == safety.S9 || p != nil && p.Free && len(p.Post) == 0 && shape != "sink") {
		return PlaceWith(s, true, false)
	}
	return p, r
}

// PlaceWith finds the cheapest placement. If keep is set, everything but the waits stays under
// the lock; if closes is set, a channel may be closed before the lock is taken.
func PlaceWith(s *site.Site, keep, closes bool) (*Placement, *safety.Refusal) {
	return placeFor(s, stepsOf{keep: keep, closes: closes, own: true})
}

// placeFor finds the cheapest placement with the steps that the builder makes.
func placeFor(s *site.Site, from stepsOf) (*Placement, *safety.Refusal) {
	s = named(s)
	body, r := from.steps(s)
	if r != nil {
		return nil, r
	}
	solve, costs := place.Solve, placeCosts
	if s.Inherited != nil {
		solve, costs.Gone = place.SolveHeld, costOfDefer(s.Inherited)
	}
	events, _, ok := solve(body, costs)
	if !ok || !anchored(events) {
		if r := refuseHeld(s, s.Finding.Ops); r != nil {
			return nil, r
		}
		return nil, safety.Refuse(safety.S11, "no-place", s.Lock.Pos(), "there is no place for the unlocks of %s that works on every path", s.Section.Lock)
	}
	p := &Placement{body: body}
	p.read(events, nil)
	p.last = p.next()
	if !p.takeOwn(s) {
		from.own = false
		return placeFor(s, from)
	}
	p.deferReleases(s)
	if r := p.goThroughEarlier(s); r != nil {
		return nil, r
	}
	if !p.worthIt(s) {
		return nil, p.refuseLeft(s)
	}
	if r := p.refuseInner(s); r != nil {
		return nil, r
	}
	if r := p.refuseDisturbed(s); r != nil {
		return nil, r
	}
	if s.Section.Wrapper && !s.PlainWrapper() && slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.At != nil }) {
		return nil, safety.Refuse(safety.S1, "lock-does-more", s.Lock.Pos(), "%s does more than take the lock, and would do it twice", s.LockText())
	}
	if r := p.open(s); r != nil {
		return nil, r
	}
	if r := p.refuseRounds(s); r != nil {
		return nil, r
	}
	if s.Cloning {
		p.copyLocals()
	}
	return p, nil
}

// named returns the site with a new set of names, shared by its parts and copies.
func named(s *site.Site) *site.Site {
	c := *s
	c.Names, c.ValueNames = c.NamesInUse(), make(map[string]string)
	return &c
}

// refuseLeft says why the lock cannot be released for a wait that the placement leaves under it.
func (p *Placement) refuseLeft(s *site.Site) *safety.Refusal {
	if r := refuseHeld(s, p.left(s)); r != nil {
		return r
	}
	if i := slices.IndexFunc(s.Section.Others, func(o locks.OtherLock) bool { return o.Inner }); i >= 0 {
		return safety.Refuse(safety.S13, "second-lock", s.Section.Others[i].Pos, "%s is taken while %s is held, and may still be held during the wait", s.Section.Others[i].Lock, s.Section.Lock)
	}
	return safety.Refuse(safety.S1, "needed-after", s.Lock.Pos(), "the code after the wait needs %s as well", s.Section.Lock)
}

// refuseHeld names what keeps one of some waits under the lock: it is in the same statement or in
// the one around it. It returns nil if that is not the reason.
func refuseHeld(s *site.Site, list []*waits.Op) *safety.Refusal {
	for _, o := range list {
		if r := external.KeptOutside(s, o.Node); r != nil {
			return r
		}
		if r := refuseAround(s, o); r != nil {
			return r
		}
	}
	return nil
}

// refuseAround names what needs the lock in the statement of a wait, or in one around it. A
// target that can be assigned after the wait does not need it.
func refuseAround(s *site.Site, o *waits.Op) *safety.Refusal {
	commits := func(ast.Node) bool { return false }
	for n := ast.Node(o.Node); n != nil && n != ast.Node(s.Unit.Body); n = s.Parents[n] {
		st, ok := n.(ast.Stmt)
		if _, block := n.(*ast.BlockStmt); !ok || block || !syntax.Within(o.Node, st) {
			continue
		}
		if lift, ok := extract.LiftOf(s, st); ok && !lift.IsInit() && syntax.Within(o.Node, lift.Commit.Rhs[0]) {
			commits = func(n ast.Node) bool { return syntax.Within(n, st) }
		}
		if e := testOf(st); e != nil {
			if t := behaviour.Touches(s, e).Guarded(); t != nil {
				return neededEachRound(s, e, t)
			}
		}
		touches := behaviour.TouchesOutside(s, commits, n)
		t := extract.Beyond(touches, extract.Extractions(s, []ast.Stmt{st})) // what could be read before is no obstacle
		if t == nil {
			t = touches.Guarded()
		}
		if t != nil {
			if t.Via != nil && o.Weak != "" && !slices.Contains(o.Callees(), t.Via) {
				return safety.Refuse(safety.S1, "wait-uses-guarded", t.Access.Pos(), "the call may run %s instead, which uses %s, and %s guards that: %s", t.Via.Name(), t.Access.Var.Name(), s.Section.Lock, t.Why)
			}
			return safety.Refuse(safety.S1, "wait-uses-guarded", t.Access.Pos(), "the code that waits also uses %s, which %s guards: %s", t.Name(), s.Section.Lock, t.Why)
		}
	}
	return nil
}

// testOf returns the condition of a loop, or nil.
func testOf(st ast.Stmt) ast.Expr {
	loop, ok := st.(*ast.ForStmt)
	if !ok {
		return nil
	}
	return loop.Cond
}

// refuseInner refuses to take the lock in a new place if other locks are taken under it, unless
// those are released before the first wait. Which lock is released first decides whether the
// other one can be, and a second run would find more to do.
func (p *Placement) refuseInner(s *site.Site) *safety.Refusal {
	if !slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.At != nil }) {
		return nil
	}
	for _, o := range s.Section.Others {
		if o.Inner && slices.ContainsFunc(s.Finding.Ops, func(op *waits.Op) bool { return op.Pos() < o.Pos || s.InnerLockAt(op.Node) != nil }) {
			return safety.Refuse(safety.S13, "inner-first", o.Pos, "%s is taken while %s is held: the inner section has to be rewritten first", o.Lock, s.Section.Lock)
		}
	}
	return nil
}

// refuseDisturbed refuses to read two values before a release if reading one may change the
// other.
func (p *Placement) refuseDisturbed(s *site.Site) *safety.Refusal {
	for _, r := range p.Releases {
		if extract.Disturbed(s, r.Values) {
			e := r.Values[slices.IndexFunc(r.Values, func(x extract.Extraction) bool { return x.Acts })].Uses[0]
			return safety.Refuse(safety.S1, "wait-uses-guarded", e.Pos(), "%s may change what else is read before the call: it has to be evaluated in a statement of its own", types.ExprString(e))
		}
	}
	return nil
}

// anchored reports whether every Lock, Unlock and return of a solution is next to a statement.
// Places outside of statement lists are not, like the part of a loop header that runs in each
// iteration.
func anchored(events []place.Event) bool {
	return !slices.ContainsFunc(events, func(e place.Event) bool {
		_, ok := e.At.(ast.Stmt)
		return e.Arms != nil && slices.ContainsFunc(e.Arms, func(a []place.Event) bool { return !anchored(a) }) ||
			e.Arms == nil && e.Step == nil && !ok
	})
}

// read adds the events of a solution to the placement. The parameter last is the latest Unlock,
// before which values can be extracted.
func (p *Placement) read(events []place.Event, last *Release) {
	for _, e := range events {
		switch {
		case e.Arms != nil:
			for _, a := range e.Arms {
				p.read(a, last)
			}
		case e.Step != nil:
			last = p.readStep(e, last)
		case e.Return:
			p.Leaves = append(p.Leaves, &Leave{at: e.At.(ast.Stmt), order: p.next()})
		case e.Toggle == place.Held:
			p.Locks = append(p.Locks, &LockPlace{At: e.At.(ast.Stmt), After: e.After, order: p.next()})
		default:
			last = &Release{At: e.At.(ast.Stmt), After: e.After, Gone: e.Toggle == place.Gone, order: p.next()}
			p.Releases = append(p.Releases, last)
		}
	}
}

func (p *Placement) next() int { return len(p.Steps) + len(p.Releases) + len(p.Locks) + len(p.Leaves) }

func (p *Placement) readStep(e place.Event, last *Release) *Release {
	st := &PlacedStep{step: e.Step.ID.(*step), leaf: e.Step, Mode: e.Mode, order: p.next()}
	p.Steps = append(p.Steps, st)
	switch st.Mode.Kind {
	case Extracting:
		if st.Mode.From != place.Free { // see takeOwn
			last.take(st.ops)
		}
	case CutBefore, LiftBefore:
		last = &Release{At: st.stmt, order: p.next(), lifted: st.Mode.Kind == LiftBefore}
		switch {
		case st.Mode.Kind == CutBefore && st.joined != nil:
			last.take(st.joined)
		case st.Mode.Kind == CutBefore:
			last.take(st.ops)
		}
		p.Releases = append(p.Releases, last)
	case Commit:
		if st.Mode.From == place.Cut {
			last.take(st.liftOps)
		}
		p.Locks = append(p.Locks, &LockPlace{At: st.stmt, Commit: st, order: p.next()})
	case Dropped:
		p.dropped = true
	case AsItIs:
		if st.Mode.From == place.Outside && st.Mode.To == place.Held {
			p.Locks = append(p.Locks, &LockPlace{order: p.next()})
		}
	}
	return last
}

// takeOwn adds what returns give back of the section's own changes to the last release before
// them that every path passes. It fails if there is none.
func (p *Placement) takeOwn(s *site.Site) bool {
	for _, st := range p.Steps {
		if st.Mode.Kind != Extracting || st.Mode.From != place.Free {
			continue
		}
		var last *Release
		for _, r := range p.Releases {
			if r.order < st.order && !r.After && slices.Contains(s.Body, r.At) {
				last = r
			}
		}
		if last == nil {
			return false
		}
		last.take(st.ops)
	}
	return true
}

// take adds values to those that are extracted before the Unlock.
func (r *Release) take(xs []extract.Extraction) {
	for _, x := range xs {
		if len(x.Uses) == 0 {
			continue
		}
		i := slices.IndexFunc(r.Values, func(v extract.Extraction) bool {
			return !x.Acts && v.Operand == x.Operand && v.Part == x.Part && v.Cloned == x.Cloned && types.ExprString(v.Uses[0]) == types.ExprString(x.Uses[0])
		})
		if i < 0 {
			x.Before = r.At
			r.Values = append(r.Values, x)
			continue
		}
		r.Values[i].Uses = append(slices.Clone(r.Values[i].Uses), x.Uses...)
	}
}

// deferReleases finds the Locks after which nothing waits until the function returns. Such a
// lock is held to the end with a deferred release, as before.
func (p *Placement) deferReleases(s *site.Site) {
	if s.Defer == nil || s.Explicit {
		return
	}
	for i, l := range p.Locks {
		if l.At == nil || l.After || s.LoopAround(l.At) != nil {
			continue
		}
		list, block := s.ListOf(l.At), s.Parents[l.At]
		if block != ast.Node(s.Unit.Body) && !syntax.Terminates(s.Info, list[len(list)-1]) {
			continue
		}
		l.end, l.deferred = l.order, true
		for _, st := range p.Steps {
			if st.order < l.order || !syntax.Within(st.node, block) {
				continue
			}
			l.end = max(l.end, st.order)
			l.deferred = l.deferred && st.Mode.To != place.Outside && !waitsDeferredIn(s, st.node) && (st.held() || st.op == nil && !s.Waits(st.node)) && !jumpsBefore(s, st.node, list)
		}
		if i+1 < len(p.Locks) && p.Locks[i+1].order <= l.end {
			l.deferred = false
		}
		if l.deferred {
			p.holdToEnd(s, l)
		}
	}
}

// jumpsBefore reports whether a statement jumps out of the list, or may do so.
func jumpsBefore(s *site.Site, st ast.Stmt, list []ast.Stmt) bool {
	b, ok := st.(*ast.BranchStmt)
	if !ok || b.Label == nil {
		return ok && !s.InsideLoop(b, list)
	}
	return !slices.ContainsFunc(list, func(o ast.Stmt) bool {
		l, ok := o.(*ast.LabeledStmt)
		return ok && l.Label.Name == b.Label.Name && syntax.Within(b, l)
	})
}

// holdToEnd removes the releases after a Lock whose release is deferred.
func (p *Placement) holdToEnd(s *site.Site, l *LockPlace) {
	block := s.Parents[l.At]
	p.Releases = slices.DeleteFunc(p.Releases, func(r *Release) bool { return r.order > l.order && syntax.Within(r.At, block) })
	p.Leaves = slices.DeleteFunc(p.Leaves, func(r *Leave) bool { return r.order > l.order && syntax.Within(r.at, block) })
	for _, st := range p.Steps {
		if st.order < l.order || st.order > l.end || l.Commit == st {
			continue
		}
		st.Mode.From, st.Mode.To, st.Mode.Kind = place.Held, place.Held, AsItIs
		if st.leaf.Ends {
			st.Mode.Kind = Releasing
		}
	}
}

// Prove checks the conditions for all windows of the placement.
func (p *Placement) Prove() *safety.Refusal {
	if p.first != nil {
		if _, r := conditions.Prove(p.first); r != nil {
			return r
		}
	}
	if _, r := conditions.Prove(p.Window); r != nil {
		return r
	}
	if r := p.proveAtExit(); r != nil {
		return r
	}
	p.askRounds()
	if p.first != nil {
		p.Join(p.first)
	}
	return nil
}

// copiedFor returns the variable whose copy a loop ranges over, or nil. There is a separate
// question about changes to that variable.
func (p *Placement) copiedFor(loop ast.Stmt) *types.Var {
	r, ok := loop.(*ast.RangeStmt)
	if !ok {
		return nil
	}
	for _, x := range p.Clones() {
		if slices.Contains(x.Uses, r.X) {
			return x.Path.Last()
		}
	}
	return nil
}

// isOfRound reports whether a variable is given its value by a loop over a copy: no other iteration
// looks at what it leads to.
func (p *Placement) isOfRound(loop ast.Stmt, v *types.Var) bool {
	r, ok := loop.(*ast.RangeStmt)
	if !ok || v == nil || p.copiedFor(loop) == nil {
		return false
	}
	return slices.ContainsFunc([]ast.Expr{r.Key, r.Value}, func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && syntax.VarOf(p.Info, id) == v
	})
}

// askRounds checks S3 for a loop that takes the lock anew in each iteration: an iteration may
// see changes that the previous one did not see.
func (p *Placement) askRounds() {
	for _, l := range p.Locks {
		loop := p.LoopAround(l.At)
		if loop == nil {
			continue
		}
		copied := p.copiedFor(loop)
		var names []string
		for _, st := range p.Steps {
			if !st.held() && st.Mode.Kind != CutBefore || !syntax.Within(st.node, loop) || p.isLock(p.Site, st) {
				continue
			}
			for _, t := range behaviour.Touches(p.Window.Site, st.node).List {
				if t.Class == site.GuardedUse && t.Access.Kind == guards.Read && t.Access.Var != copied && !p.isOfRound(loop, t.Access.Path.Root) && !behaviour.CountsItself(t.Access) && !slices.Contains(names, t.Name()) {
					names = append(names, t.Name())
				}
			}
		}
		for _, r := range p.Releases {
			for _, x := range r.Values {
				if r.At != loop && syntax.Within(r.At, loop) && !slices.Contains(x.Sources(), copied) && !slices.Contains(names, x.String()) {
					names = append(names, x.String())
				}
			}
		}
		if len(names) > 0 {
			p.Recorded = slices.DeleteFunc(p.Recorded, func(o safety.Obligation) bool { return o.Condition == safety.S3 && o.Status == safety.Proved })
			when := "between two of them"
			if counted := p.countedInRound(loop); len(counted) > 0 {
				when += ", and before an iteration changes " + syntax.JoinNames(counted)
			}
			p.Assume(safety.S3, loop.Pos(), "Each iteration now locks %s again, and %s can change %s. Is each iteration right on its own?", p.Section.Lock, syntax.JoinNames(names), when)
			return
		}
	}
}

// Unlocked lists the statements, and parts of statements, that do not run entirely under the
// lock.
func (p *Placement) Unlocked() []ast.Stmt {
	toTheEnd := func(st *PlacedStep) bool {
		return slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.deferred && l.order <= st.order && st.order <= l.end })
	}
	var out []ast.Stmt
	for _, st := range p.Steps {
		if !st.held() || st.Mode.Kind != AsItIs && !toTheEnd(st) {
			out = append(out, st.node)
		}
	}
	return out
}

// Name returns the name of the shape that the placement has.
func (p *Placement) Name() string {
	added := slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.At != nil })
	switch {
	case p.Free, p.first != nil && len(p.Locks) == 1:
		return "sink"
	case len(p.copied()) > 0:
		return "snapshot"
	case added || len(p.AtExit) > 0:
		return "split"
	}
	return "hoist"
}

// copied returns the names of the maps, slices and objects that are copied before a wait.
func (p *Placement) copied() []string {
	var names []string
	for _, x := range p.Clones() {
		names = append(names, x.Path.String())
	}
	for _, x := range p.Values {
		if x.Pointee {
			names = append(names, "*"+types.ExprString(x.Uses[0]))
		}
	}
	return names
}

// RefuseAs says why the placement is not the named shape.
func (p *Placement) RefuseAs(name string) *safety.Refusal {
	before, after := p.PreTouches.Guarded(), p.PostTouches.Guarded()
	switch {
	case name == "snapshot":
		return safety.Inapplicable(p.Lock.Pos(), "no map or slice has to be copied for the wait")
	case p.Name() == "snapshot":
		x := p.Clones()[0]
		return safety.Inapplicable(x.Uses[0].Pos(), "the wait needs a copy of %s: use snapshot", x)
	case p.Name() == "sink":
		return safety.Inapplicable(p.Lock.Pos(), "nothing guarded is used before the wait: use sink")
	case name == "hoist" && after != nil:
		return safety.Refuse(safety.S1, "needed-after", after.Access.Pos(), "%s is used after the wait, and %s guards it: %s", after.Name(), p.Section.Lock, after.Why)
	case name == "sink" && before != nil:
		return safety.Refuse(safety.S1, "needed-before", before.Access.Pos(), "%s is used before the wait is over, and %s guards it: %s", before.Name(), p.Section.Lock, before.Why)
	case p.Name() == "hoist" && name != "sink" && after == nil:
		return safety.Inapplicable(p.Lock.Pos(), "nothing guarded is used after the wait: use hoist")
	case name == "recheck":
		return safety.Inapplicable(p.Lock.Pos(), "%s is not taken again in one place after the wait, where tests could be repeated", p.Section.Lock)
	case len(p.Values) > 0:
		return safety.Refuse(safety.S1, "needed-before", p.Values[0].Uses[0].Pos(), "the wait needs %s, which %s guards", p.Values[0], p.Section.Lock)
	}
	return safety.Inapplicable(p.Lock.Pos(), "the lock is needed elsewhere in the function: use %s", p.Name())
}

// Stays returns how many of the finding's operations remain under the lock.
func (p *Placement) Stays() int { return len(p.Stay) }

// Describe summarizes the placement for a title; call is "the call" or "the wait".
func (p *Placement) Describe(call string) string {
	lock := p.Section.Lock.String()
	switch {
	case p.Detach != nil && p.Detach.Back != "":
		return "Clear " + p.Detach.Paths[0].String() + ", and release " + lock + " before " + call
	case p.Detach != nil:
		return "Take what is in " + p.Detach.String() + ", and release " + lock + " before " + call
	case p.Recheck != nil && p.first != nil:
		return "Take " + lock + " after the first wait, and release it for the next"
	case p.Recheck != nil:
		return "Release " + lock + " during " + call + " and take it again, and test again"
	}
	switch p.Name() {
	case "sink":
		if len(p.Post) == 0 {
			return "Wait without " + lock
		}
		if !p.Free {
			return "Take " + lock + " between the waits only"
		}
		return "Take " + lock + " after " + call
	case "snapshot":
		return "Copy " + strings.Join(p.copied(), " and ") + ", and release " + lock + " before " + call
	case "split":
		return "Release " + lock + " during " + call + " and take it again"
	}
	return "Release " + lock + " before " + call
}

// costOfDefer is the cost of taking the lock again in a defer. If a panic must find the lock
// held, it is less than that of a function literal. Otherwise, it is more than that of a Lock,
// where one is possible.
func costOfDefer(in *site.Inheritance) int {
	if in.Deferred {
		return costToggle + costExtract
	}
	return 2*costToggle + costExtract
}

// Clumsy reports whether the placement replaces a deferred release with many explicit ones, one
// of which the next change to the function will forget, and frees only waits that are rarely
// long: writes to a disk or to the response of a request.
func (p *Placement) Clumsy() bool {
	if p.Defer == nil || p.Finding.MayDeadlock() {
		return false
	}
	unlocks := len(p.Releases)
	for _, st := range p.Steps {
		if st.Mode.Kind == Releasing {
			unlocks++
		}
	}
	return unlocks > mostUnlocks && !slices.ContainsFunc(p.Freed(), func(o *waits.Op) bool { return slowness(o) > ofDisk && !o.Own })
}

// mostUnlocks is how many explicit releases may replace a deferred one.
const mostUnlocks = 3
