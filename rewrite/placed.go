package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/tree"
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
	return p.mode.From == place.Cut || p.mode.From == place.Free
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
		return nil, Refuse(S13, o.Pos, "%s is taken while %s is held: free the wait of that first", o.Lock, s.Section.Lock)
	}
	body, r := s.steps(keep)
	if r != nil {
		return nil, r
	}
	events, _, ok := place.Solve(body, placeCosts)
	if !ok {
		return nil, Refuse(S11, s.Lock.Pos(), "no place was found for the releases of %s", s.Section.Lock)
	}
	p := &Placement{body: body, deferred: -1}
	p.read(events, nil, true)
	if !s.worthIt(p.left(s)) {
		return nil, Refuse(S1, s.Lock.Pos(), "the wait stands among statements that need %s", s.Section.Lock)
	}
	if s.Section.Wrapper && !s.PlainWrapper() && slices.ContainsFunc(p.locks, func(l *lockPlace) bool { return l.at != nil }) {
		return nil, Refuse(S1, s.Lock.Pos(), "%s does more than take the lock, and would do it twice", s.LockText())
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
			last = &release{at: e.At.(ast.Stmt), after: e.After, order: p.next()}
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

// open makes the window of the placement: what runs without the lock, with what may
// come before it and after it under the lock.
func (p *Placement) open(s *Site) *Refusal {
	next := place.Successors(p.body)
	var held, free []*place.Step
	by := make(map[*place.Step]*placedStep)
	lifts := 0
	for _, st := range p.steps {
		by[st.leaf] = st
		if st.held() && !p.isLock(s, st) {
			held = append(held, st.leaf)
		}
		if st.free() && !p.isLock(s, st) || st.mode.Kind == commit {
			free = append(free, st.leaf)
		}
		if st.mode.Kind == commit {
			lifts++
		}
	}
	if lifts > 1 {
		return Refuse(S11, s.Lock.Pos(), "the results of several waits would have to be kept until the lock is held")
	}
	afterHeld := place.Reach(next, held)
	inWindow := make(map[*place.Step]bool)
	var window, prefix []*place.Step
	for _, f := range free {
		if afterHeld[f] || by[f].mode.From == place.Cut || by[f].mode.Kind == cutBefore {
			window = append(window, f)
			inWindow[f] = true
		} else {
			prefix = append(prefix, f)
		}
	}
	before := place.Reach(place.Reverse(next), window)
	after := place.Reach(next, window)
	is := func(set map[*place.Step]bool, h bool) func(*placedStep) bool {
		return func(st *placedStep) bool { return set[st.leaf] && (!h || st.held() && !p.isLock(s, st)) }
	}
	pre, post := p.stmts(s, is(before, true)), p.stmts(s, is(after, true))
	if len(window) == 0 {
		return p.openFree(s, prefix, held)
	}
	w := p.window(s, pre, p.stmts(s, is(inWindow, false)), post)
	p.Window = w
	p.readTests(next, after)
	if p.waits(s, prefix) {
		p.first = s.NewWindow(nil, p.stmts(s, is(setOf(prefix), false)), p.stmts(s, is(place.Reach(next, prefix), true)))
		p.first.Free = true
	}
	return nil
}

func setOf(list []*place.Step) map[*place.Step]bool {
	set := make(map[*place.Step]bool)
	for _, st := range list {
		set[st] = true
	}
	return set
}

// isLock reports whether a step is a Lock or Unlock of the section itself.
func (p *Placement) isLock(s *Site, st *placedStep) bool {
	if st.node == ast.Stmt(s.Lock) || s.Defer != nil && st.node == ast.Stmt(s.Defer) {
		return true
	}
	e, ok := st.node.(*ast.ExprStmt)
	return ok && slices.ContainsFunc(s.Section.Releases, func(r patterns.Release) bool { return ast.Expr(r.Call) == e.X })
}

func (p *Placement) waits(s *Site, list []*place.Step) bool {
	return slices.ContainsFunc(list, func(st *place.Step) bool { return s.waits(st.ID.(*step).node) })
}

// openFree is for a placement that only takes the lock later.
func (p *Placement) openFree(s *Site, prefix, held []*place.Step) *Refusal {
	if len(held) == 0 {
		return Refuse(S9, s.Lock.Pos(), "the section uses nothing that is seen to be guarded: the lock seems to be there for the wait itself")
	}
	in, under := setOf(prefix), setOf(held)
	p.Window = p.window(s, nil, p.stmts(s, func(st *placedStep) bool { return in[st.leaf] }), p.stmts(s, func(st *placedStep) bool { return under[st.leaf] }))
	p.Free = true
	return nil
}

// window prepares a window for proof, with the values that the placement takes out.
func (p *Placement) window(s *Site, pre, in, post []ast.Stmt) *Window {
	for _, st := range p.steps {
		if st.mode.Kind == commit {
			part := st.lift.Part
			if !slices.ContainsFunc(in, func(o ast.Stmt) bool { return within(part, o) }) {
				in = append(in, part)
			}
		}
	}
	for _, o := range s.Finding.Ops {
		if d, ok := s.parents[o.Node].(*ast.DeferStmt); ok && o.Deferred && !slices.ContainsFunc(in, func(st ast.Stmt) bool { return within(d, st) }) {
			in = append(in, d)
		}
	}
	t := *s
	t.stay = p.left(s)
	w := t.NewWindow(pre, in, post)
	w.derived = t.derived(p.readUnderLock(pre))
	for _, r := range p.releases {
		w.Values = append(w.Values, r.values...)
	}
	w.in = t.touchesBut(w.Values, stmtNodes(in)...)
	for _, st := range p.steps {
		if st.mode.Kind == commit {
			w.Lift = st.lift
			w.post = st.lift.touches()
			for _, o := range post {
				if o != st.lift.of {
					w.post.add(t.touches(o))
				}
			}
		}
	}
	return w
}

// readUnderLock leaves out the statements whose results come from a wait of the window:
// they are no older than that.
func (p *Placement) readUnderLock(list []ast.Stmt) []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(list), func(st ast.Stmt) bool {
		return slices.ContainsFunc(p.steps, func(o *placedStep) bool { return o.mode.Kind == commit && o.node == st })
	})
}

// left lists the waits that stay under the lock.
func (p *Placement) left(s *Site) []*patterns.Op {
	var out []*patterns.Op
	for _, o := range s.Finding.Ops {
		if o.Deferred {
			continue
		}
		for _, st := range p.steps {
			if within(o.Node, st.node) && st.mode.From == place.Held && st.mode.Kind != cutBefore {
				out = append(out, o)
				break
			}
		}
	}
	return out
}

// stmts lists the largest statements all of whose steps satisfy the predicate; of a
// statement of which only parts do, those parts.
func (p *Placement) stmts(s *Site, is func(*placedStep) bool) []ast.Stmt {
	var out []ast.Stmt
	for _, st := range p.steps {
		if !is(st) || slices.ContainsFunc(out, func(o ast.Stmt) bool { return within(st.node, o) }) {
			continue
		}
		largest := st.node
		for n := ast.Node(st.node); n != nil && n != ast.Node(s.Unit.Body); n = s.around(n, st) {
			list, ok := n.(ast.Stmt)
			if !ok || s.listOf(list) == nil {
				continue
			}
			if slices.ContainsFunc(p.steps, func(o *placedStep) bool { return within(o.node, list) && !is(o) }) {
				break
			}
			largest = list
		}
		out = append(out, largest)
	}
	return out
}

// around returns what stands around a node; around one that was made up, the
// statement that it is a part of.
func (s *Site) around(n ast.Node, st *placedStep) ast.Node {
	if e, ok := n.(*ast.ExprStmt); ok && s.parents[n] == nil {
		return s.parents[e.X]
	}
	return s.parents[n]
}

// readTests finds the conditions on which it depends whether the window, or what is
// done under the lock after it, is carried out, and what is derived from them: those
// of statements that may leave the section, or of which only a part is the window.
func (p *Placement) readTests(next map[*place.Step][]*place.Step, after map[*place.Step]bool) {
	d := p.newDeriver(p.derived)
	p.deriveFromCopies(d)
	for d.changed = true; d.changed; {
		d.run(p.readUnderLock(p.Pre))
		d.changed = false
		for _, st := range p.steps {
			around := p.testedBy(st)
			if around == nil || !st.held() {
				continue
			}
			for _, o := range p.steps {
				if o.held() && !p.isLock(p.Site, o) && within(o.node, around) {
					d.branch(o.node, condOf(st))
				}
			}
		}
	}
	for _, st := range p.steps {
		around := p.testedBy(st)
		if around == nil || !st.held() && !st.free() {
			continue
		}
		reached := place.Reach(next, []*place.Step{st.leaf})
		waits, commits := false, false
		for _, o := range p.steps {
			if reached[o.leaf] {
				waits = waits || (o.free() || o.mode.Kind == commit) && p.waits(p.Site, []*place.Step{o.leaf})
				commits = commits || after[o.leaf] && o.held() && p.touches(o.node).guardedChange() != nil
			}
		}
		if waits || commits {
			p.tests = append(p.tests, enclosingTest{condOf(st), commits})
		}
	}
}

// deriveFromCopies notes that the variables of a loop over a copy come from what was
// copied.
func (p *Placement) deriveFromCopies(d *deriver) {
	for _, x := range p.Values {
		for _, u := range x.Uses {
			if r, ok := p.Site.parents[u].(*ast.RangeStmt); ok && r.X == u {
				d.assign(r.Key, u)
				d.assign(r.Value, u)
			}
		}
	}
}

// copyLocals gives local variables copies of the guarded maps and slices that they
// are defined by, where only the window uses them and a section changes the elements.
func (p *Placement) copyLocals() {
	for _, v := range p.guardedValues() {
		if v.of == nil || v.taken || refsOf(v.typ, 0) != aliases || !slices.ContainsFunc(aliasSources(v), func(g *types.Var) bool { return p.storageChange(g) != nil }) {
			continue
		}
		def := p.Unit.DefinedOnce(v.of)
		path, ok := patterns.PathOf(p.Info, def)
		if !ok || !p.extractableRoot(def) || p.Unit.Captured(v.of) || p.Unit.Addressed(v.of) {
			continue
		}
		switch path.Last().Type().Underlying().(type) {
		case *types.Map, *types.Slice:
		default:
			continue
		}
		if !slices.ContainsFunc(p.steps, func(st *placedStep) bool { return !st.free() && mentions(p.Info, st.node, v.of) }) {
			p.copies = append(p.copies, Extraction{Path: path, Uses: []ast.Expr{def}, Cloned: true})
		}
	}
}

// testedBy returns the statement whose condition a step is, if that statement may
// leave the section or only a part of it is in the window; nil otherwise.
func (p *Placement) testedBy(st *placedStep) ast.Stmt {
	if condOf(st) == nil || p.Site.parents[st.node] != nil {
		return nil
	}
	around := p.Site.parents[condOf(st)]
	if cc, ok := around.(*ast.CaseClause); ok {
		around = p.Site.parents[p.Site.parents[cc]]
	}
	stmt, ok := around.(ast.Stmt)
	if !ok {
		return nil
	}
	if _, isRange := stmt.(*ast.RangeStmt); isRange && st.free() {
		return nil // over a copy, of which the conditions speak
	}
	if p.mayLeave(stmt) {
		return stmt
	}
	free, held := false, false
	for _, o := range p.steps {
		if within(o.node, stmt) {
			free, held = free || o.free(), held || o.held()
		}
	}
	if free && held {
		return stmt
	}
	return nil
}

// condOf returns the expression of a header that a step is made of, or nil.
func condOf(st *placedStep) ast.Expr {
	if e, ok := st.node.(*ast.ExprStmt); ok {
		return e.X
	}
	return nil
}

// An enclosingTest is a condition on which a window depends.
type enclosingTest struct {
	cond    ast.Expr
	commits bool // so does something that is done under the lock after it
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
			p.assume(S3, loop.Pos(), "each round of the loop takes %s anew, and %s may change between two of them: is each round right on its own?", p.Section.Lock, some(names))
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

// Ops are the operations that carry the placement out.
func (p *Placement) Ops() ([]tree.Op, *Refusal) {
	ops, refusal := p.opsInOrder()
	if refusal != nil {
		return nil, refusal
	}
	if p.Defer != nil && (p.deferred < 0 || p.locks[p.deferred].at != nil) {
		ops = append(ops, tree.Remove{Stmt: p.Defer, Gap: tree.None})
	}
	for _, x := range p.copies {
		code := p.copyOf(x)
		if code == "" {
			return nil, Refuse("", x.Uses[0].Pos(), "the language version has no function that copies %s", x.Path)
		}
		ops = append(ops, tree.ReplaceExpr{Expr: x.Uses[0], Code: code})
	}
	if refusal := p.askPanics(); refusal != nil {
		return nil, refusal
	}
	return ops, nil
}

// opsInOrder are the operations of the steps, and of the Locks and Unlocks between
// them, in the order of the function: of two that stand before the same statement the
// later one is to come nearer.
func (p *Placement) opsInOrder() ([]tree.Op, *Refusal) {
	var ops []tree.Op
	declared := make(map[ast.Node][]string)
	releases, steps, locks, leaves := p.releases, p.steps, p.locks, p.leaves
	for i := range p.next() {
		switch {
		case len(releases) > 0 && releases[0].order == i:
			r := releases[0]
			releases = releases[1:]
			if p.deferred < 0 || !p.isEnd(r) || i < p.locks[p.deferred].order {
				ops = append(ops, p.releaseOps(r, declared)...)
			}
		case len(steps) > 0 && steps[0].order == i:
			more, refusal := p.stepOps(steps[0])
			if refusal != nil {
				return nil, refusal
			}
			ops, steps = append(ops, more...), steps[1:]
		case len(locks) > 0 && locks[0].order == i:
			ops = append(ops, p.lockOps(locks[0], len(p.locks)-len(locks) == p.deferred)...)
			locks = locks[1:]
		default:
			ops = append(ops, tree.InsertAfter{Stmt: leaves[0].at, Code: "return"})
			leaves = leaves[1:]
		}
	}
	return ops, nil
}

// releaseOps places an Unlock, and takes values out before it.
func (p *Placement) releaseOps(r *release, declared map[ast.Node][]string) []tree.Op {
	space := tree.Space{Before: tree.None, After: tree.Blank}
	if _, jump := r.at.(*ast.BranchStmt); jump {
		space.After = tree.None
	}
	p.renew(r, declared)
	if r.after {
		ops := []tree.Op(nil)
		return append(ops, tree.InsertAfter{Stmt: r.at, Code: p.UnlockText(), Space: tree.Space{Before: tree.None}})
	}
	if prev := p.previous(r.at); prev != nil && len(r.values) == 0 {
		return []tree.Op{tree.InsertAfter{Stmt: prev, Code: p.UnlockText(), Space: space}}
	}
	ops := p.ExtractOps(r.values, r.at)
	return append(ops, tree.InsertBefore{Stmt: r.at, Code: p.UnlockText(), Space: space})
}

// renew sees to it that a value which is taken out a second time in the same block
// gets another name.
func (p *Placement) renew(r *release, declared map[ast.Node][]string) {
	block := p.parents[r.at]
	for _, x := range r.values {
		name := p.nameOf(x)
		for n := block; n != nil; n = p.parents[n] {
			if slices.Contains(declared[n], name) {
				p.valueNames = make(map[string]string)
				name = p.nameOf(x)
			}
		}
		declared[block] = append(declared[block], name)
	}
}

// previous returns the statement before another one in its list, if the lock can be
// released right after it.
func (p *Placement) previous(st ast.Stmt) ast.Stmt {
	list := p.listOf(st)
	i := slices.Index(list, st)
	if i < 1 || list[i-1] == ast.Stmt(p.Defer) || terminates(p.Info, list[i-1]) {
		return nil
	}
	return list[i-1]
}

// stepOps are the operations for what a step does besides being carried out.
func (p *Placement) stepOps(st *placedStep) ([]tree.Op, *Refusal) {
	switch st.mode.Kind {
	case releasing:
		if p.deferred >= 0 && st.order > p.locks[p.deferred].order {
			return nil, nil
		}
		return p.releaseAtExit(st.node)
	case liftBefore:
		return st.lift.Before(nil), nil
	case commit:
		return st.lift.Before(st.ops), nil
	case dropped:
		if st.node == ast.Stmt(p.Lock) && p.moved() != nil {
			return nil, nil
		}
		return []tree.Op{tree.Remove{Stmt: st.node}}, nil
	}
	return nil, nil
}

// moved returns the place to which the Lock of the source moves as it is, or nil.
func (p *Placement) moved() *lockPlace {
	if !p.dropped || len(p.locks) != 1 || p.locks[0].at == nil || p.locks[0].after || p.locks[0].commit != nil || !slices.Contains(p.List, p.locks[0].at) {
		return nil
	}
	return p.locks[0]
}

// lockOps places a Lock.
func (p *Placement) lockOps(l *lockPlace, deferred bool) []tree.Op {
	if l.at == nil {
		return nil
	}
	code := p.LockText()
	if deferred {
		code += "\ndefer " + p.UnlockText()
	}
	space := tree.Space{Before: tree.Blank}
	if l == p.moved() {
		ops := []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{p.Lock}, To: l.at, Space: space}}
		if deferred {
			ops = append(ops, tree.InsertBefore{Stmt: l.at, Code: "defer " + p.UnlockText()})
		}
		return ops
	}
	if l.after {
		return []tree.Op{tree.InsertAfter{Stmt: l.at, Code: code, Space: space}}
	}
	ops := []tree.Op{tree.InsertBefore{Stmt: l.at, Code: code, Space: space}}
	if l.commit != nil {
		ops = append(ops, l.commit.lift.After()...)
	}
	return ops
}

// releaseAtExit releases the lock before a return or a panic; what they need the
// lock for is evaluated first.
func (p *Placement) releaseAtExit(st ast.Stmt) ([]tree.Op, *Refusal) {
	if r, ok := st.(*ast.ReturnStmt); ok {
		return p.releaseAtReturn(r)
	}
	return p.releaseAtPanic(st.(*ast.ExprStmt)), nil
}

// askPanics is S12: what runs between a Lock and its explicit release.
func (p *Placement) askPanics() *Refusal {
	if p.Defer == nil || p.has(S12) {
		return nil
	}
	held := p.stmts(p.Site, func(st *placedStep) bool {
		return st.held() && !p.isLock(p.Site, st) && st.mode.Kind != releasing && !(p.deferred >= 0 && st.order > p.locks[p.deferred].order)
	})
	var early []ast.Expr
	for _, r := range p.releases {
		for _, x := range r.values {
			early = append(early, x.Uses[0])
		}
	}
	return p.releaseExplicitly(held, nil, early...)
}

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
