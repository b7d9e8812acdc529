package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/place"
)

// A Placement says where the lock of a section is released and taken again in its
// function, as [place.Solve] finds it, with the window that this opens.
type Placement struct {
	*Window
	steps    []*placedStep // in source order
	releases []*release
	locks    []*lockPlace
	leaves   []*leave
	last     int     // how many steps, releases, Locks and returns it was read from
	first    *Window // what runs before the lock is taken at all, or nil

	lifted map[ast.Node]map[string]*types.Var // by block, the variables of init statements that are declared in it now

	body    place.Node
	dropped bool // the Lock of the source is not where the section begins any more
}

// A placedStep is a step in the way in which it is carried out.
type placedStep struct {
	*step
	leaf  *place.Step
	mode  place.Mode
	order int
}

// free reports whether the step runs without the lock, in the function's section.
func (p *placedStep) free() bool {
	switch p.mode.Kind {
	case cutBefore:
		return true
	case releasing, dropped, commit, liftBefore:
		return false
	}
	return p.mode.From == place.Cut || p.mode.From == place.Free || p.mode.From == place.Gone
}

// held reports whether the step, or a part of it, runs under the lock.
func (p *placedStep) held() bool {
	return p.mode.From == place.Held && p.mode.Kind != cutBefore || p.mode.Kind == commit
}

// A release is an Unlock that the placement adds, with the values that are taken out
// before it.
type release struct {
	at     ast.Stmt
	after  bool
	gone   bool // the lock is taken again by defer only
	values []Extraction
	order  int
	moved  ast.Stmt // the Unlock of the source that comes here, or nil
	lifted bool     // an init statement comes before it
}

// A leave is a return that the placement adds at the end of a branch, where the
// function ends anyway.
type leave struct {
	at    ast.Stmt
	order int
}

// A lockPlace is a Lock that the placement adds or keeps.
type lockPlace struct {
	at     ast.Stmt // nil for the Lock of the source
	after  bool
	commit *placedStep // the step that it stands in, or nil
	order  int

	// deferred: the lock is held from there until the function returns, so that its
	// release can be deferred; the last step of that is at end.
	deferred bool
	end      int
}

var placeCosts = place.Costs{Lock: costToggle, Unlock: costToggle, Loop: costLoop, Return: costLeave}

// Place finds the cheapest placement of the section's lock, for the named shape. It
// refuses if none spares the lock a wait.
//
// A section that uses nothing which is seen to be guarded has a lock all the same, and
// for a reason that is not seen. Only where it may deadlock is the lock given up for
// the waits, and kept for all else; sink gives it up.
func (s *Site) Place(shape string) (*Placement, *Refusal) {
	p, r := s.place(s.early && s.Finding.MayDeadlock(), true)
	if p == nil && r.Condition == S9 {
		p, r = s.place(false, false)
	}
	if s.Finding.Deadlock != nil && (p == nil && r.Condition == S9 || p != nil && p.Free && len(p.Post) == 0 && shape != "sink") {
		return s.place(true, false)
	}
	return p, r
}

// place finds the cheapest placement. keep says that all but the waits stays under the
// lock, closes that a channel may be closed before the lock is taken.
func (s *Site) place(keep, closes bool) (*Placement, *Refusal) {
	s = s.named()
	body, r := s.steps(keep, closes)
	if r != nil {
		return nil, r
	}
	solve, costs := place.Solve, placeCosts
	if s.inherited != nil {
		solve, costs.Gone = place.SolveHeld, s.inherited.costOfDefer()
	}
	events, _, ok := solve(body, costs)
	if !ok {
		return nil, Refuse(S11, "no-place", s.Lock.Pos(), "there is no place for the unlocks of %s that works on every path", s.Section.Lock)
	}
	p := &Placement{body: body}
	p.read(events, nil)
	p.last = p.next()
	p.deferReleases(s)
	if !s.worthIt(p.left(s)) && !p.joins(s) {
		return nil, p.refuseLeft(s)
	}
	if r := p.refuseInner(s); r != nil {
		return nil, r
	}
	if s.Section.Wrapper && !s.PlainWrapper() && slices.ContainsFunc(p.locks, func(l *lockPlace) bool { return l.at != nil }) {
		return nil, Refuse(S1, "lock-does-more", s.Lock.Pos(), "%s does more than take the lock, and would do it twice", s.LockText())
	}
	if r := p.open(s); r != nil {
		return nil, r
	}
	if s.cloning {
		p.copyLocals()
	}
	return p, nil
}

// named returns the site with names of its own, which its parts and copies share.
func (s *Site) named() *Site {
	c := *s
	c.names, c.valueNames = c.namesInUse(), make(map[string]string)
	return &c
}

// refuseLeft refuses because the lock cannot be released for a wait: what needs it
// stands in the same statement, or in the one around it.
func (p *Placement) refuseLeft(s *Site) *Refusal {
	for _, o := range p.left(s) {
		for n := ast.Node(o.Node); n != nil && n != ast.Node(s.Unit.Body); n = s.parents[n] {
			if st, ok := n.(ast.Stmt); !ok || !within(o.Node, st) {
				continue
			}
			if t := s.touches(n).guarded(); t != nil {
				return Refuse(S1, "wait-uses-guarded", t.access.Pos(), "the code that waits also uses %s, which %s guards (%s)", t.name(), s.Section.Lock, t.why)
			}
		}
	}
	if i := slices.IndexFunc(s.Section.Others, func(o patterns.OtherLock) bool { return o.Inner }); i >= 0 {
		return Refuse(S13, "second-lock", s.Section.Others[i].Pos, "%s is taken while %s is held, and may still be held during the wait", s.Section.Others[i].Lock, s.Section.Lock)
	}
	return Refuse(S1, "needed-after", s.Lock.Pos(), "the code after the wait needs %s as well", s.Section.Lock)
}

// refuseInner refuses to take the lock at another place if other locks are taken under
// it, unless all that is over before the first wait. Which of the two is given up first
// decides whether the other one can be, and a second run would find more to do.
func (p *Placement) refuseInner(s *Site) *Refusal {
	if !slices.ContainsFunc(p.locks, func(l *lockPlace) bool { return l.at != nil }) {
		return nil
	}
	for _, o := range s.Section.Others {
		if o.Inner && slices.ContainsFunc(s.Finding.Ops, func(op *patterns.Op) bool { return op.Pos() < o.Pos || s.innerLockAt(op.Node) != nil }) {
			return Refuse(S13, "inner-first", o.Pos, "%s is taken while %s is held: the inner section has to be rewritten first", o.Lock, s.Section.Lock)
		}
	}
	return nil
}

// worthIt reports whether it is worth it to free the waits of the finding but those
// that are left under the lock: the one that may deadlock is freed, or none is left
// that may take as long as those that are freed.
func (s *Site) worthIt(left []*patterns.Op) bool {
	freed, stays := 0, 0
	for _, o := range s.Finding.Ops {
		switch {
		case slices.Contains(left, o):
			stays = max(stays, slowness(o))
		default:
			freed = max(freed, slowness(o))
		}
	}
	if d := s.Finding.Deadlock; d != nil {
		return freed > 0 && !slices.Contains(left, d.Op)
	}
	return freed > stays
}

// joins reports whether the placement tells a goroutine to end before the lock is taken,
// by closing a channel: that it waits for that, too, is worth it whatever stays.
func (p *Placement) joins(s *Site) bool {
	return slices.ContainsFunc(p.steps, func(st *placedStep) bool { return st.free() && s.loneClose(st.node) })
}

// slowness says how long an operation can take: a disk answers sooner or later, what
// else there is may never.
func slowness(o *patterns.Op) int {
	if o.Category == "disk" || o.Category == "fsync" {
		return 1
	}
	return 2
}

// read takes over the events of a solution. last is the latest Unlock, before which
// values can be taken out.
func (p *Placement) read(events []place.Event, last *release) {
	for _, e := range events {
		switch {
		case e.Arms != nil:
			for _, a := range e.Arms {
				p.read(a, last)
			}
		case e.Step != nil:
			last = p.readStep(e, last)
		case e.Return:
			p.leaves = append(p.leaves, &leave{at: e.At.(ast.Stmt), order: p.next()})
		case e.Toggle == place.Held:
			p.locks = append(p.locks, &lockPlace{at: e.At.(ast.Stmt), after: e.After, order: p.next()})
		default:
			last = &release{at: e.At.(ast.Stmt), after: e.After, gone: e.Toggle == place.Gone, order: p.next()}
			p.releases = append(p.releases, last)
		}
	}
}

func (p *Placement) next() int { return len(p.steps) + len(p.releases) + len(p.locks) + len(p.leaves) }

func (p *Placement) readStep(e place.Event, last *release) *release {
	st := &placedStep{step: e.Step.ID.(*step), leaf: e.Step, mode: e.Mode, order: p.next()}
	p.steps = append(p.steps, st)
	switch st.mode.Kind {
	case extracting:
		last.take(st.ops)
	case cutBefore, liftBefore:
		last = &release{at: st.stmt, order: p.next(), lifted: st.mode.Kind == liftBefore}
		if st.mode.Kind == cutBefore {
			last.take(st.ops)
		}
		p.releases = append(p.releases, last)
	case commit:
		if st.mode.From == place.Cut {
			last.take(st.liftOps)
		}
		p.locks = append(p.locks, &lockPlace{at: st.stmt, commit: st, order: p.next()})
	case dropped:
		p.dropped = true
	case asItIs:
		if st.mode.From == place.Outside && st.mode.To == place.Held {
			p.locks = append(p.locks, &lockPlace{order: p.next()})
		}
	}
	return last
}

// take adds values to those that are taken out before the Unlock.
func (r *release) take(xs []Extraction) {
	for _, x := range xs {
		if len(x.Uses) == 0 {
			continue
		}
		i := slices.IndexFunc(r.values, func(v Extraction) bool {
			return v.Operand == x.Operand && v.Part == x.Part && v.Cloned == x.Cloned && types.ExprString(v.Uses[0]) == types.ExprString(x.Uses[0])
		})
		if i < 0 {
			r.values = append(r.values, x)
			continue
		}
		r.values[i].Uses = append(slices.Clone(r.values[i].Uses), x.Uses...)
	}
}

// deferReleases finds the Locks after which nothing waits until the function returns.
// There the lock is held to the end, and its release deferred, as it was.
func (p *Placement) deferReleases(s *Site) {
	if s.Defer == nil || s.explicit {
		return
	}
	for i, l := range p.locks {
		if l.at == nil || l.after || s.loopAround(l.at) != nil {
			continue
		}
		list, block := s.listOf(l.at), s.parents[l.at]
		if block != ast.Node(s.Unit.Body) && !terminates(s.Info, list[len(list)-1]) {
			continue
		}
		l.end, l.deferred = l.order, true
		for _, st := range p.steps {
			if st.order < l.order || !within(st.node, block) {
				continue
			}
			l.end = max(l.end, st.order)
			l.deferred = l.deferred && st.mode.To != place.Outside && !s.waitsDeferredIn(st.node) && (st.held() || st.op == nil && !s.waits(st.node)) && !s.jumpsBefore(st.node, list)
		}
		if i+1 < len(p.locks) && p.locks[i+1].order <= l.end {
			l.deferred = false
		}
		if l.deferred {
			p.holdToEnd(s, l)
		}
	}
}

// jumpsBefore reports whether a statement is a jump to what is not in the list, or to
// where it cannot be told.
func (s *Site) jumpsBefore(st ast.Stmt, list []ast.Stmt) bool {
	b, ok := st.(*ast.BranchStmt)
	if !ok || b.Label == nil {
		return ok && !s.insideLoop(b, list)
	}
	return !slices.ContainsFunc(list, func(o ast.Stmt) bool {
		l, ok := o.(*ast.LabeledStmt)
		return ok && l.Label.Name == b.Label.Name && within(b, l)
	})
}

// holdToEnd leaves out the releases after a Lock whose release is deferred.
func (p *Placement) holdToEnd(s *Site, l *lockPlace) {
	block := s.parents[l.at]
	p.releases = slices.DeleteFunc(p.releases, func(r *release) bool { return r.order > l.order && within(r.at, block) })
	p.leaves = slices.DeleteFunc(p.leaves, func(r *leave) bool { return r.order > l.order && within(r.at, block) })
	for _, st := range p.steps {
		if st.order < l.order || st.order > l.end || l.commit == st {
			continue
		}
		st.mode.From, st.mode.To, st.mode.Kind = place.Held, place.Held, asItIs
		if st.leaf.Ends {
			st.mode.Kind = releasing
		}
	}
}

// waitsDeferredIn reports whether a node defers a call that waits, before which the lock
// then has to be released.
func (s *Site) waitsDeferredIn(n ast.Node) bool {
	return slices.ContainsFunc(s.Finding.Ops, func(o *patterns.Op) bool { return o.Deferred && within(o.Node, n) })
}

// Prove discharges the conditions for all windows of the placement.
func (p *Placement) Prove() *Refusal {
	if p.first != nil {
		if _, r := p.first.Prove(); r != nil {
			return r
		}
	}
	if _, r := p.Window.Prove(); r != nil {
		return r
	}
	p.askRounds()
	if p.first != nil {
		p.Join(p.first)
	}
	return nil
}

// askRounds is S3 for a loop that takes the lock anew in each round: what others
// change meanwhile, one round sees and the one before it did not.
func (p *Placement) askRounds() {
	for _, l := range p.locks {
		loop := p.loopAround(l.at)
		if r, ok := loop.(*ast.RangeStmt); loop == nil || ok && slices.ContainsFunc(p.Clones(), func(x Extraction) bool { return slices.Contains(x.Uses, r.X) }) {
			continue // what changes while it goes through a copy is asked already
		}
		var names []string
		for _, st := range p.steps {
			if !st.held() && st.mode.Kind != cutBefore || !within(st.node, loop) || p.isLock(p.Site, st) {
				continue
			}
			for _, t := range p.touches(st.node).touches {
				if t.class == guardedUse && t.access.Kind == patterns.Read && !p.adds(t.access) && !slices.Contains(names, t.name()) {
					names = append(names, t.name())
				}
			}
		}
		for _, r := range p.releases {
			for _, x := range r.values {
				if within(r.at, loop) && !slices.Contains(names, x.String()) {
					names = append(names, x.String())
				}
			}
		}
		if len(names) > 0 {
			p.obligations = slices.DeleteFunc(p.obligations, func(o Obligation) bool { return o.Condition == S3 && o.Status == Proved })
			p.assume(S3, loop.Pos(), "Each iteration now takes %s anew, and %s can change between two of them. Is each iteration right on its own?", p.Section.Lock, some(names))
			return
		}
	}
}

// loopAround returns the loop in the section's function that a statement stands in, or
// nil.
func (s *Site) loopAround(st ast.Stmt) ast.Stmt {
	if st == nil {
		return nil
	}
	for n := s.parents[st]; n != nil; n = s.parents[n] {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return n.(ast.Stmt)
		}
	}
	return nil
}

// Name says which of the shapes the placement is.
func (p *Placement) Name() string {
	added := slices.ContainsFunc(p.locks, func(l *lockPlace) bool { return l.at != nil })
	switch {
	case p.Free, p.first != nil && len(p.locks) == 1:
		return "sink"
	case len(p.Clones()) > 0:
		return "snapshot"
	case added:
		return "split"
	}
	return "hoist"
}

// RefuseAs says why the placement is not the named shape.
func (p *Placement) RefuseAs(name string) *Refusal {
	before, after := p.pre.guarded(), p.post.guarded()
	switch {
	case name == "snapshot":
		return Inapplicable(p.Lock.Pos(), "no map or slice has to be copied for the wait")
	case p.Name() == "snapshot":
		x := p.Clones()[0]
		return Inapplicable(x.Uses[0].Pos(), "the wait needs a copy of %s: use snapshot", x)
	case p.Name() == "sink":
		return Inapplicable(p.Lock.Pos(), "nothing guarded is used before the wait: use sink")
	case name == "hoist" && after != nil:
		return Refuse(S1, "needed-after", after.access.Pos(), "%s is used after the wait, and %s guards it: %s", after.name(), p.Section.Lock, after.why)
	case name == "sink" && before != nil:
		return Refuse(S1, "needed-before", before.access.Pos(), "%s is used before the wait is over, and %s guards it: %s", before.name(), p.Section.Lock, before.why)
	case p.Name() == "hoist" && name != "sink" && after == nil:
		return Inapplicable(p.Lock.Pos(), "nothing guarded is used after the wait: use hoist")
	case name == "recheck":
		return Inapplicable(p.Lock.Pos(), "%s is not taken again in one place after the wait, where tests could be repeated", p.Section.Lock)
	case len(p.Values) > 0:
		return Refuse(S1, "needed-before", p.Values[0].Uses[0].Pos(), "the wait needs %s, which %s guards", p.Values[0], p.Section.Lock)
	}
	return Inapplicable(p.Lock.Pos(), "the lock is needed elsewhere in the function: use %s", p.Name())
}

// Stays returns how many of the finding's operations stay under the lock.
func (p *Placement) Stays() int { return len(p.stay) }

// Describe says in a few words what the placement does, for a title; call is "the
// call" or "the wait".
func (p *Placement) Describe(call string) string {
	lock := p.Section.Lock.String()
	switch {
	case p.detach != nil:
		return "Take what is in " + p.detach.paths[0].String() + ", and release " + lock + " before " + call
	case p.recheck != nil && p.first != nil:
		return "Take " + lock + " after the first wait, and release it for the next"
	case p.recheck != nil:
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
		var names []string
		for _, x := range p.Clones() {
			names = append(names, x.Path.String())
		}
		return "Copy " + strings.Join(names, " and ") + ", and release " + lock + " before " + call
	case "split":
		return "Release " + lock + " during " + call + " and take it again"
	}
	return "Release " + lock + " before " + call
}
