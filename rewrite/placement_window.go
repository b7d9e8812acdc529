package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/place"
)

// open makes the window of the placement: what runs without the lock, with what may
// come before it and after it under the lock.
func (p *Placement) open(s *Site) *Refusal {
	next := place.Successors(p.body)
	var held, free, cut []*place.Step
	by := make(map[*place.Step]*placedStep)
	lifts := 0
	for _, st := range p.steps {
		by[st.leaf] = st
		if st.mode.To == place.Outside {
			next[st.leaf] = nil // the section is over
		}
		if st.held() && !p.isLock(s, st) {
			held = append(held, st.leaf)
		}
		if st.free() && !p.isLock(s, st) || st.mode.Kind == commit {
			free = append(free, st.leaf)
		}
		if st.mode.Kind == commit && !st.lift.IsInit() {
			lifts++
		}
		if st.mode.From == place.Cut {
			cut = append(cut, st.leaf)
		}
	}
	if lifts > 1 {
		return Refuse(S11, "several-results", s.Lock.Pos(), "the results of several waits would have to be kept until the lock is held again")
	}
	afterHeld := place.Reach(next, slices.Concat(held, cut))
	inWindow := make(map[*place.Step]bool)
	var window, prefix []*place.Step
	for _, f := range free {
		if afterHeld[f] || s.inherited != nil || by[f].mode.From == place.Cut || by[f].mode.Kind == cutBefore {
			window = append(window, f)
			inWindow[f] = true
		} else {
			prefix = append(prefix, f)
		}
	}
	before := place.Reach(place.Reverse(next), window)
	if len(window) == 0 {
		before = setOf(held)
	}
	after := place.Reach(next, window)
	is := func(set map[*place.Step]bool, h bool) func(*placedStep) bool {
		return func(st *placedStep) bool {
			return set[st.leaf] && (h && st.held() && !p.isLock(s, st) || !h && st.mode.Kind != commit)
		}
	}
	over := func(st *placedStep) bool { // after an Unlock of the source
		return st.mode.From == place.Outside && st.order > p.begins() || st.mode.Kind == dropped
	}
	pre, post := p.stmts(s, is(before, true), func(st *placedStep) bool { // the exits of what comes before
		return (st.held() || over(st)) && !before[st.leaf] && !after[st.leaf]
	}), p.stmts(s, is(after, true), over)
	if len(window) == 0 && (!s.waitsDeferredIn(s.Unit.Body) || p.waits(s, prefix)) {
		return p.openFree(s, prefix, held)
	}
	w := p.window(s, pre, p.stmts(s, is(inWindow, false), over), post)
	p.Window = w
	p.readTests(next, after)
	if p.waits(s, prefix) {
		p.first = s.NewWindow(nil, p.stmts(s, is(setOf(prefix), false), nil), p.stmts(s, is(place.Reach(next, prefix), true), nil))
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

// begins returns the order of the first Lock.
func (p *Placement) begins() int {
	if len(p.locks) == 0 {
		return p.last
	}
	return p.locks[0].order
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
	return slices.ContainsFunc(list, func(st *place.Step) bool {
		p := st.ID.(*step)
		return p.op != nil || s.waits(p.node)
	})
}

// openFree is for a placement that only takes the lock later, or not at all.
func (p *Placement) openFree(s *Site, prefix, held []*place.Step) *Refusal {
	if len(held) == 0 {
		if r := s.RefuseWithout(); r != nil {
			return r
		}
	}
	in, under := setOf(prefix), setOf(held)
	p.Window = p.window(s, nil,
		p.stmts(s, func(st *placedStep) bool { return in[st.leaf] && st.mode.Kind != commit }, nil),
		p.stmts(s, func(st *placedStep) bool { return under[st.leaf] }, nil))
	p.Free = true
	if len(held) == 0 {
		p.AssumeWithout()
	}
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
		if d, ok := s.parents[o.Node].(*ast.DeferStmt); ok && o.Deferred && len(pre) > 0 && !slices.ContainsFunc(in, func(st ast.Stmt) bool { return within(d, st) }) {
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
		if st.mode.Kind == commit && !st.lift.IsInit() {
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
			if (within(o.Node, st.node) || st.op != nil && ast.Node(st.op) == o.Node) && st.mode.From == place.Held && st.mode.Kind != cutBefore {
				out = append(out, o)
				break
			}
		}
	}
	return out
}

// stmts lists the largest statements all of whose steps satisfy the predicate, or
// may stand beside such; of a statement of which only parts do, those parts.
func (p *Placement) stmts(s *Site, is, beside func(*placedStep) bool) []ast.Stmt {
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
			if slices.ContainsFunc(p.steps, func(o *placedStep) bool { return within(o.node, list) && !is(o) && (beside == nil || !beside(o)) }) {
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
					d.branch(o.node, condOf(st.node))
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
			p.tests = append(p.tests, enclosingTest{condOf(st.node), commits})
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
		if p.Unit.Captured(v.of) || p.Unit.Addressed(v.of) || slices.ContainsFunc(p.steps, func(st *placedStep) bool {
			return !st.free() && !p.defines(st.node, v.of) && mentions(p.Info, st.node, v.of)
		}) {
			continue
		}
		p.copies = append(p.copies, p.copiesIn(p.Unit.DefinedOnce(v.of))...)
	}
}

// defines reports whether a statement declares a variable.
func (p *Placement) defines(st ast.Stmt, v *types.Var) bool {
	as, ok := st.(*ast.AssignStmt)
	return ok && as.Tok == token.DEFINE && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
		id, ok := l.(*ast.Ident)
		return ok && p.Info.Defs[id] == v
	})
}

// copiesIn lists what has to be copied of what a variable is defined by: that itself,
// or elements of the composite literal that it is.
func (p *Placement) copiesIn(def ast.Expr) []Extraction {
	if lit, ok := ast.Unparen(def).(*ast.CompositeLit); ok {
		var out []Extraction
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Value
			}
			if path, ok := patterns.PathOf(p.Info, e); ok && len(path.Fields) > 0 && p.storageChange(path.Last()) != nil {
				out = append(out, p.copiesIn(e)...)
			}
		}
		return out
	}
	path, ok := patterns.PathOf(p.Info, def)
	if !ok || !p.extractableRoot(def) {
		return nil
	}
	switch path.Last().Type().Underlying().(type) {
	case *types.Map, *types.Slice:
		return []Extraction{{Path: path, Uses: []ast.Expr{def}, Cloned: true}}
	}
	return nil
}

// testedBy returns the statement whose condition a step is, if that statement may
// leave the section or only a part of it is in the window; nil otherwise.
func (p *Placement) testedBy(st *placedStep) ast.Stmt {
	if condOf(st.node) == nil || p.Site.parents[st.node] != nil {
		return nil
	}
	around := p.Site.parents[condOf(st.node)]
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
	if p.inStmts(stmt, p.Pre) {
		return nil // what comes before the window is looked at as it is
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

// condOf returns the expression that a step of a header is made of, or nil.
func condOf(st ast.Stmt) ast.Expr {
	if e, ok := st.(*ast.ExprStmt); ok {
		return e.X
	}
	return nil
}

// An enclosingTest is a condition on which a window depends.
type enclosingTest struct {
	cond    ast.Expr
	commits bool // so does something that is done under the lock after it
}

// proveLeft asks whether sparing the lock some of the waits is worth it.
func (w *Window) proveLeft() {
	if len(w.stay) == 0 {
		w.proved(S15, "verified on the result: the finding is gone and no other has come")
		return
	}
	w.assume(S15, w.stay[0].Pos(), "The lock is still held across %s. Is that as it should be?", w.stay[0].Call())
}
