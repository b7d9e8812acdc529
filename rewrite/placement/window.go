package placement

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// open builds the window of the placement: what runs without the lock, and what may run before
// and after it under the lock.
func (p *Placement) open(s *site.Site) *safety.Refusal {
	next := place.Successors(p.body)
	steps := p.divide(s, next)
	held, free := steps.held, steps.free
	if steps.lifts > 1 {
		return safety.Refuse(safety.S11, "several-results", s.Lock.Pos(), "the results of several waits would have to be kept until the lock is held again")
	}
	afterHeld := place.Reach(next, slices.Concat(held, steps.cut))
	inWindow := make(map[*place.Step]bool)
	var window, prefix []*place.Step
	for _, f := range free {
		if afterHeld[f] || s.Inherited != nil || steps.by[f].Mode.From == place.Cut || steps.by[f].Mode.Kind == CutBefore {
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
	p.leaveRounds(s, next, window, before, after)
	is := func(set map[*place.Step]bool, h bool) func(*PlacedStep) bool {
		return func(st *PlacedStep) bool {
			return set[st.leaf] && (h && st.held() && !p.isLock(s, st) || !h && st.Mode.Kind != Commit)
		}
	}
	over := func(st *PlacedStep) bool { // after an Unlock in the source
		return st.Mode.From == place.Outside && st.order > p.begins() || st.Mode.Kind == Dropped
	}
	pre, post := p.StmtsWhere(s, is(before, true), func(st *PlacedStep) bool { // and its exits
		return (st.held() || over(st)) && !before[st.leaf] && !after[st.leaf]
	}), append(p.StmtsWhere(s, is(after, true), over), atExit(s)...)
	if len(window) == 0 && (!waitsDeferredIn(s, s.Unit.Body) || p.waits(s, prefix)) {
		return p.openFree(s, prefix, held)
	}
	w := p.window(s, pre, p.StmtsWhere(s, is(inWindow, false), over), post)
	p.Window = w
	p.compareEntries()
	p.readTests(next, after)
	if p.waits(s, prefix) {
		p.first = move.NewWindow(s, nil, p.StmtsWhere(s, is(setOf(prefix), false), nil), append(p.StmtsWhere(s, is(place.Reach(next, prefix), true), nil), atExit(s)...))
		p.first.Free = true
	}
	return nil
}

// dividedSteps are the steps of a placement, grouped by what they do with the lock.
type dividedSteps struct {
	held  []*place.Step // run under the lock, without taking or releasing it
	free  []*place.Step // run without it
	cut   []*place.Step // begin after the lock was released
	by    map[*place.Step]*PlacedStep
	lifts int // number of statements of which only the result is stored under the lock
}

// divide groups the steps, and cuts off the successors in next where the section ends.
func (p *Placement) divide(s *site.Site, next map[*place.Step][]*place.Step) dividedSteps {
	d := dividedSteps{by: make(map[*place.Step]*PlacedStep)}
	for _, st := range p.Steps {
		d.by[st.leaf] = st
		if st.Mode.To == place.Outside {
			next[st.leaf] = nil
		}
		if st.held() && !p.isLock(s, st) {
			d.held = append(d.held, st.leaf)
		}
		if st.Free() && !p.isLock(s, st) || st.Mode.Kind == Commit {
			d.free = append(d.free, st.leaf)
		}
		if st.Mode.Kind == Commit && !st.Lift.IsInit() {
			d.lifts++
		}
		if st.Mode.From == place.Cut {
			d.cut = append(d.cut, st.leaf)
		}
	}
	return d
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
	if len(p.Locks) == 0 {
		return p.last
	}
	return p.Locks[0].order
}

// isLock reports whether a step is the section's own Lock or Unlock.
func (p *Placement) isLock(s *site.Site, st *PlacedStep) bool {
	if st.node == ast.Stmt(s.Lock) || s.Defer != nil && st.node == ast.Stmt(s.Defer) || isAtExit(s, st.node) {
		return true
	}
	e, ok := st.node.(*ast.ExprStmt)
	return ok && slices.ContainsFunc(s.Section.Releases, func(r locks.Release) bool { return ast.Expr(r.Call) == e.X })
}

func (p *Placement) waits(s *site.Site, list []*place.Step) bool {
	return slices.ContainsFunc(list, func(st *place.Step) bool {
		p := st.ID.(*step)
		return p.op != nil || s.Waits(p.node)
	})
}

// openFree builds the window of a placement that takes the lock later, or not at all.
func (p *Placement) openFree(s *site.Site, prefix, held []*place.Step) *safety.Refusal {
	none := len(held) == 0 && len(s.AtExit) == 0
	if none {
		if r := conditions.RefuseWithout(s); r != nil {
			return r
		}
	}
	in, under := setOf(prefix), setOf(held)
	p.Window = p.window(s, nil,
		p.StmtsWhere(s, func(st *PlacedStep) bool { return in[st.leaf] && st.Mode.Kind != Commit }, nil),
		append(p.StmtsWhere(s, func(st *PlacedStep) bool { return under[st.leaf] }, nil), atExit(s)...))
	p.Free = true
	if none {
		conditions.AssumeWithout(p.Window)
	}
	return nil
}

// window returns a window that is ready to be checked, with the values that the placement
// extracts.
func (p *Placement) window(s *site.Site, pre, in, post []ast.Stmt) *move.Window {
	for _, st := range p.Steps {
		if st.Mode.Kind == Commit {
			part := st.Lift.Part
			if !slices.ContainsFunc(in, func(o ast.Stmt) bool { return syntax.Within(part, o) }) {
				in = append(in, part)
			}
		}
	}
	for _, o := range s.Finding.Ops {
		if d, ok := s.Parents[o.Node].(*ast.DeferStmt); ok && o.Deferred && len(pre) > 0 && !slices.ContainsFunc(in, func(st ast.Stmt) bool { return syntax.Within(d, st) }) {
			in = append(in, d)
		}
	}
	for _, r := range p.Releases {
		for _, x := range r.Values {
			if x.Acts { // as if it stood in a statement of its own
				pre = append(pre, &ast.ExprStmt{X: x.Uses[0]})
			}
		}
	}
	t := *s
	t.Stay = p.left(s)
	w := move.NewWindow(&t, pre, in, post)
	w.Derived = behaviour.Derived(&t, p.readUnderLock(pre))
	for _, r := range p.Releases {
		w.Values = append(w.Values, r.Values...)
	}
	w.Values = append(w.Values, p.earlierValues()...)
	w.PostTouches = behaviour.TouchesOutside(&t, p.usesEarlier, syntax.StmtNodes(post)...)
	w.Touches = extract.TouchesBut(&t, w.Values, syntax.StmtNodes(in)...)
	for _, st := range p.Steps {
		if st.Mode.Kind == Commit && !st.Lift.IsInit() {
			w.Lift = st.Lift
			w.PostTouches = st.Lift.Touches()
			for _, o := range post {
				if o != st.Lift.Of {
					w.PostTouches.Add(behaviour.TouchesOutside(&t, p.usesEarlier, o))
				}
			}
		}
	}
	return w
}

// readUnderLock leaves out the statements whose results come from a wait in the window, since
// these are no older than the wait.
func (p *Placement) readUnderLock(list []ast.Stmt) []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(list), func(st ast.Stmt) bool {
		return slices.ContainsFunc(p.Steps, func(o *PlacedStep) bool { return o.Mode.Kind == Commit && o.node == st })
	})
}

// left lists the waits that remain under the lock.
func (p *Placement) left(s *site.Site) []*waits.Op {
	var out []*waits.Op
	for _, o := range s.Finding.Ops {
		if o.Deferred {
			continue
		}
		for _, st := range p.Steps {
			if st.waitsIn(o) && st.Mode.From == place.Held && st.Mode.Kind != CutBefore {
				out = append(out, o)
				break
			}
		}
	}
	return out
}

// StmtsWhere lists the largest statements that have a step that satisfies the predicate is, and
// whose other steps satisfy is or beside. Of a statement that only partly qualifies, it lists
// the parts that do.
func (p *Placement) StmtsWhere(s *site.Site, is, beside func(*PlacedStep) bool) []ast.Stmt {
	var out []ast.Stmt
	for _, st := range p.Steps {
		if !is(st) || slices.ContainsFunc(out, func(o ast.Stmt) bool { return syntax.Within(st.node, o) }) {
			continue
		}
		largest := st.node
		for n := ast.Node(st.node); n != nil && n != ast.Node(s.Unit.Body); n = around(s, n) {
			list, ok := n.(ast.Stmt)
			if !ok || s.ListOf(list) == nil {
				continue
			}
			if slices.ContainsFunc(p.Steps, func(o *PlacedStep) bool {
				return syntax.Within(o.node, list) && !is(o) && (beside == nil || !beside(o))
			}) {
				break
			}
			largest = list
		}
		out = append(out, largest)
	}
	return out
}

// around returns the parent of a node. For a synthetic node, it is the parent of its expression.
func around(s *site.Site, n ast.Node) ast.Node {
	if e, ok := n.(*ast.ExprStmt); ok && s.Parents[n] == nil {
		return s.Parents[e.X]
	}
	return s.Parents[n]
}

// readTests finds the conditions that decide whether the window, or the code under the lock
// after it, runs, and what is derived from them. They belong to statements that may leave the
// section, or of which only a part is in the window.
func (p *Placement) readTests(next map[*place.Step][]*place.Step, after map[*place.Step]bool) {
	d := behaviour.NewDeriver(p.Window.Site, p.Derived)
	p.deriveFromCopies(d)
	for d.Changed = true; d.Changed; {
		d.Run(p.readUnderLock(p.Pre))
		d.Changed = false
		p.deriveFromLocals(d)
		for _, st := range p.Steps {
			around := p.testedBy(st)
			if around == nil || !st.held() {
				continue
			}
			for _, o := range p.Steps {
				if o.held() && !p.isLock(p.Site, o) && syntax.Within(o.node, around) {
					d.Branch(o.node, condOf(st.node))
				}
			}
		}
	}
	for _, st := range p.Steps {
		around := p.testedBy(st)
		if around == nil || !st.held() && !st.Free() || p.roundOf(p.Site, st) != nil {
			continue
		}
		reached := place.Reach(p.withinRound(st, next), []*place.Step{st.leaf})
		waits, commits := false, false
		for _, o := range p.Steps {
			if reached[o.leaf] {
				waits = waits || (o.Free() || o.Mode.Kind == Commit) && p.waits(p.Site, []*place.Step{o.leaf})
				commits = commits || after[o.leaf] && o.held() && behaviour.Touches(p.Window.Site, o.node).GuardedChange() != nil
				commits = commits || o.Mode.Kind == Commit && o.Lift.Touches().GuardedChange() != nil
			}
		}
		if waits || commits {
			test := move.EnclosingTest{Cond: condOf(st.node), Commits: commits}
			if commits {
				p.repeat(&test, around)
			}
			p.Tests = append(p.Tests, test)
		}
	}
}

// repeat sets what runs under the lock at the end of an if statement that contains the window,
// if the test can be repeated for it. If the lock is released again later, no other section may
// change what the test looks at.
func (p *Placement) repeat(test *move.EnclosingTest, around ast.Stmt) {
	ifs, ok := around.(*ast.IfStmt)
	if !ok {
		return
	}
	var lock *LockPlace
	for _, l := range p.Locks {
		if l.At != nil && syntax.Within(l.At, ifs) {
			if lock != nil || l.After || l.Commit != nil || move.BranchWith(ifs, l.At) == nil {
				return
			}
			lock = l
		}
	}
	if lock == nil {
		return
	}
	list := p.ListOf(lock.At)
	again := *test
	again.If, again.Repeats = ifs, list[slices.Index(list, lock.At):]
	again.Missing = move.MissingFor(p.Window.Site, ifs, again.Repeats)
	if again.Missing == nil {
		if again.Reads, ok = move.Repeatable(p.Window.Site, ifs, again.Repeats); !ok {
			return
		}
	}
	for _, r := range p.Releases {
		if r.order < lock.order {
			continue
		}
		if syntax.Within(r.At, ifs) {
			return
		}
		for _, t := range behaviour.Touches(p.Window.Site, again.Looks()...).List {
			if guards.SharingOf(p.Program, p.PackageOf(t.Access.Var), t.Access.Var).Changed(func(a *guards.Access) bool { return !p.Contains(a) }) != nil {
				return
			}
		}
	}
	*test = again
}

// deriveFromCopies records that the variables of a loop over a copy come from what was copied.
func (p *Placement) deriveFromCopies(d *behaviour.Deriver) {
	for _, x := range p.Values {
		for _, u := range x.Uses {
			if r, ok := p.Site.Parents[u].(*ast.RangeStmt); ok && r.X == u {
				d.Assign(r.Key, u)
				d.Assign(r.Value, u)
			}
		}
	}
}

// deriveFromLocals records that the numbers and strings of a loop around the window come from
// what the local variable was made of that it goes through.
//
//	for _, key := range dead {
//		http.Get(key)
//		...
//		delete(s.m, key)
func (p *Placement) deriveFromLocals(d *behaviour.Deriver) {
	for _, st := range p.Stmts {
		for n := ast.Node(st); n != nil && n != ast.Node(p.Unit.Body); n = around(p.Site, n) {
			if r, ok := n.(*ast.RangeStmt); ok && behaviour.Touches(p.Window.Site, r.X).Guarded() == nil {
				for _, v := range []ast.Expr{r.Key, r.Value} {
					if v != nil && syntax.RefsOf(p.Info.TypeOf(v), 0) == syntax.NoRefs {
						d.Assign(v, r.X)
					}
				}
			}
		}
	}
}

// copyLocals gives local variables copies of the guarded maps and slices that they are defined
// by, if only the window uses the variables and a section changes the elements.
func (p *Placement) copyLocals() {
	for _, v := range p.GuardedValues() {
		if v.Of == nil || v.Taken || syntax.RefsOf(v.Typ, 0) != syntax.Aliasing || !slices.ContainsFunc(conditions.AliasSources(v), func(g *types.Var) bool { return behaviour.StorageChange(p.Window.Site, g) != nil }) {
			continue
		}
		if p.Unit.Captured(v.Of) || p.Unit.Addressed(v.Of) || slices.ContainsFunc(p.Steps, func(st *PlacedStep) bool {
			return !st.Free() && !p.defines(st.node, v.Of) && usesContent(p.Info, st.node, v.Of)
		}) {
			continue
		}
		p.Copies = append(p.Copies, copiesOf(p.Window.Site, v.Of)...)
	}
}

// defines reports whether a statement declares the variable.
func (p *Placement) defines(st ast.Stmt, v *types.Var) bool {
	as, ok := st.(*ast.AssignStmt)
	return ok && as.Tok == token.DEFINE && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
		id, ok := l.(*ast.Ident)
		return ok && p.Info.Defs[id] == v
	})
}

// usesContent reports whether a node does more with a map or slice than take its length or
// compare it to nil.
func usesContent(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if patterns.BuiltinOf(info, n) == "len" {
				id, ok := ast.Unparen(n.Args[0]).(*ast.Ident)
				return !ok || info.Uses[id] != v
			}
		case *ast.BinaryExpr:
			id, ok := ast.Unparen(n.X).(*ast.Ident)
			return !ok || info.Uses[id] != v || !info.Types[n.Y].IsNil()
		case *ast.Ident:
			found = found || info.Uses[n] == v
		}
		return !found
	})
	return found
}

// copiesOf lists the parts of a local variable's value that can be copied.
func copiesOf(s *site.Site, v *types.Var) []extract.Extraction {
	def := s.Unit.DefinedOnce(v)
	if def == nil {
		def = s.Unit.LookedUpOnce(v)
	}
	if def == nil {
		return nil
	}
	return copiesIn(s, def)
}

// copiesIn lists what must be copied of the expression that defines a variable: the whole of it
// or, for a composite literal, some of its elements.
func copiesIn(s *site.Site, def ast.Expr) []extract.Extraction {
	if lit, ok := ast.Unparen(def).(*ast.CompositeLit); ok {
		var out []extract.Extraction
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Value
			}
			if path, ok := patterns.PathOf(s.Info, e); ok && len(path.Fields) > 0 && behaviour.StorageChange(s, path.Last()) != nil {
				out = append(out, copiesIn(s, e)...)
			}
		}
		return out
	}
	of := def
	ix, isElement := ast.Unparen(def).(*ast.IndexExpr)
	if isElement {
		of = ix.X
	}
	path, ok := patterns.PathOf(s.Info, of)
	if !ok || !extract.ExtractableRoot(s, of) {
		return nil
	}
	t := s.Info.TypeOf(def)
	if tuple, ok := t.(*types.Tuple); ok { // in v, ok := m[k]
		t = tuple.At(0).Type()
	}
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice:
		return []extract.Extraction{{Path: path, Uses: []ast.Expr{def}, Part: isElement, Cloned: true}}
	}
	return nil
}

// testedBy returns the statement that a step is the condition of, if the statement may leave the
// section or only a part of it is in the window. It returns nil otherwise.
func (p *Placement) testedBy(st *PlacedStep) ast.Stmt {
	if condOf(st.node) == nil || p.Site.Parents[st.node] != nil {
		return nil
	}
	around := p.Site.Parents[condOf(st.node)]
	if cc, ok := around.(*ast.CaseClause); ok {
		around = p.Site.Parents[p.Site.Parents[cc]]
	}
	stmt, ok := around.(ast.Stmt)
	if !ok {
		return nil
	}
	if _, isRange := stmt.(*ast.RangeStmt); isRange && st.Free() {
		return nil // over a copy; the conditions cover that
	}
	if p.InStmts(stmt, p.Pre) {
		return nil // the statements before the window are examined as they are
	}
	if p.MayLeave(stmt) {
		return stmt
	}
	free, held := false, false
	for _, o := range p.Steps {
		if syntax.Within(o.node, stmt) {
			free, held = free || o.Free(), held || o.held()
		}
	}
	if free && held {
		return stmt
	}
	return nil
}

// waitsDeferredIn reports whether a node defers a call that waits, so that the lock must be
// released before that call.
func waitsDeferredIn(s *site.Site, n ast.Node) bool {
	return slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool { return o.Deferred && syntax.Within(o.Node, n) })
}
