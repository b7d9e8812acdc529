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
	first    *Window // what runs before the lock is taken at all, or nil
	deferred int     // the index, in locks, of the Lock whose release is deferred, or -1

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
	top    bool // not in a branch or loop
}

var placeCosts = place.Costs{Lock: costToggle, Unlock: costToggle, Loop: costLoop, Return: costLeave}

// Place finds the cheapest placement of the section's lock. It refuses if none spares
// the lock a wait.
//
// A section that uses nothing which is seen to be guarded has a lock all the same, and
// for a reason that is not seen. Only where it may deadlock is the lock given up for
// the waits, and kept for all else.
func (s *Site) Place() (*Placement, *Refusal) {
	p, r := s.place(false)
	if p == nil && s.Finding.Deadlock != nil && r.Condition == S9 {
		return s.place(true)
	}
	return p, r
}

func (s *Site) place(keep bool) (*Placement, *Refusal) {
	if i := slices.IndexFunc(s.Section.Others, func(o patterns.OtherLock) bool { return o.Inner }); i >= 0 {
		// Which of the two is given up first decides whether the other one can be, and
		// a second run would find more to do.
		o := s.Section.Others[i]
		return nil, Refuse(S13, "inner-first", o.Pos, "%s is taken while %s is held: the inner section has to be rewritten first", o.Lock, s.Section.Lock)
	}
	body, r := s.steps(keep)
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
	p := &Placement{body: body, deferred: -1}
	p.read(events, nil, true)
	if !s.worthIt(p.left(s)) {
		return nil, Refuse(S1, "needed-after", s.Lock.Pos(), "the code after the wait needs %s as well", s.Section.Lock)
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
	p.deferTail()
	return p, nil
}

// worthIt reports whether it is worth it to free the waits of the finding but those
// that are left under the lock: the one that may deadlock is freed, or none is left
// that may take as long as those that are freed.
func (s *Site) worthIt(left []*patterns.Op) bool {
	freed, stays := 0, 0
	for _, o := range s.Finding.Ops {
		switch {
		case o.Deferred:
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
func (p *Placement) read(events []place.Event, last *release, top bool) {
	for _, e := range events {
		switch {
		case e.Arms != nil:
			for _, a := range e.Arms {
				p.read(a, last, false)
			}
		case e.Step != nil:
			last = p.readStep(e, last, top)
		case e.Return:
			p.leaves = append(p.leaves, &leave{at: e.At.(ast.Stmt), order: p.next()})
		case e.Toggle == place.Held:
			p.locks = append(p.locks, &lockPlace{at: e.At.(ast.Stmt), after: e.After, order: p.next(), top: top})
		default:
			last = &release{at: e.At.(ast.Stmt), after: e.After, gone: e.Toggle == place.Gone, order: p.next()}
			p.releases = append(p.releases, last)
		}
	}
}

func (p *Placement) next() int { return len(p.steps) + len(p.releases) + len(p.locks) + len(p.leaves) }

func (p *Placement) readStep(e place.Event, last *release, top bool) *release {
	st := &placedStep{step: e.Step.ID.(*step), leaf: e.Step, mode: e.Mode, order: p.next()}
	p.steps = append(p.steps, st)
	switch st.mode.Kind {
	case extracting:
		last.take(st.ops)
	case cutBefore, liftBefore:
		last = &release{at: st.stmt, order: p.next()}
		last.take(st.ops)
		p.releases = append(p.releases, last)
	case commit:
		if st.mode.From == place.Cut {
			last.take(st.ops)
		}
		p.locks = append(p.locks, &lockPlace{at: st.stmt, commit: st, order: p.next(), top: top})
	case dropped:
		p.dropped = true
	case asItIs:
		if st.mode.From == place.Outside && st.mode.To == place.Held {
			p.locks = append(p.locks, &lockPlace{order: p.next(), top: top})
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

// deferTail finds the Lock after which the lock is held until the function returns,
// so that its release can be deferred.
func (p *Placement) deferTail() {
	if p.Defer == nil || len(p.locks) == 0 {
		return
	}
	last := p.locks[len(p.locks)-1]
	if !last.top {
		return
	}
	for _, r := range p.releases {
		if r.order > last.order && !p.isEnd(r) {
			return
		}
	}
	for _, st := range p.steps {
		if st.order > last.order && (st.mode.From == place.Cut || st.mode.From == place.Free) {
			return
		}
	}
	p.deferred = len(p.locks) - 1
}

// isEnd reports whether a release stands at the very end of the function.
func (p *Placement) isEnd(r *release) bool {
	list := p.Unit.Body.List
	return r.after && r.at == list[len(list)-1] && len(r.values) == 0
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
	case p.Free:
		return "sink"
	case len(p.Clones()) > 0:
		return "snapshot"
	case added:
		return "split"
	}
	return "hoist"
}

// Stays returns how many of the finding's operations stay under the lock.
func (p *Placement) Stays() int { return len(p.stay) }

// Describe says in a few words what the placement does, for a title; call is "the
// call" or "the wait".
func (p *Placement) Describe(call string) string {
	lock := p.Section.Lock.String()
	switch p.Name() {
	case "sink":
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
