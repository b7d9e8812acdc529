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
	"github.com/letgo-dev/letgo/rewrite/conditions/external"
	"github.com/letgo-dev/letgo/rewrite/conditions/lifetime"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/move/detach"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// stepsOf builds the tree of steps for a function body.
type stepsOf struct {
	s       *site.Site
	targets map[ast.Stmt]place.Node // loops and switches, by statement
	labels  map[string]ast.Stmt
	around  []ast.Stmt // the enclosing loops, switches and selects
	list    ast.Stmt   // the current element of a statement list
	keep    bool       // everything but the waits stays under the lock
	closes  bool       // a channel may be closed before the lock is taken
	own     bool       // returns may give back what was read before a wait and a Lock, see setBeforeWaits
	refusal *safety.Refusal
}

// steps returns the tree of steps for the section's function.
func (b stepsOf) steps(s *site.Site) (place.Node, *safety.Refusal) {
	b.s, b.targets, b.labels = s, make(map[ast.Stmt]place.Node), make(map[string]ast.Stmt)
	body := b.block(s.Unit.Body.List)
	return body, b.refusal
}

func (b *stepsOf) refuse(n ast.Node, format string, args ...any) {
	if b.refusal == nil {
		b.refusal = safety.Refuse(safety.S11, "jumps", n.Pos(), format, args...)
	}
}

func (b *stepsOf) block(list []ast.Stmt) *place.List {
	l := &place.List{}
	for _, st := range list {
		if b.s.Detach.Has(st) {
			continue // it moves before the wait
		}
		outer := b.list
		b.list = st
		n := b.stmt(st)
		b.list = outer
		l.Elems = append(l.Elems, place.Elem{Node: n, ID: st, Deny: b.deny(st)})
	}
	return l
}

// deny reports whether no Lock or Unlock may go before a statement, because a lock that was
// taken under this one may be held there.
func (b *stepsOf) deny(st ast.Stmt) bool {
	return b.s.InnerLockAt(st) != nil || b.s.Defer != nil && st == ast.Stmt(b.s.Defer) && !isAtExit(b.s, st)
}

func (b *stepsOf) stmt(st ast.Stmt) place.Node {
	switch st := st.(type) {
	case *ast.BlockStmt:
		return b.block(st.List)
	case *ast.LabeledStmt:
		b.labels[st.Label.Name] = st.Stmt
		return b.stmt(st.Stmt)
	case *ast.IfStmt:
		return b.ifStmt(st)
	case *ast.ForStmt:
		return b.forStmt(st)
	case *ast.RangeStmt:
		return b.rangeStmt(st)
	case *ast.SwitchStmt:
		return b.switchStmt(st, st.Init, st.Tag, st.Body)
	case *ast.TypeSwitchStmt:
		return b.switchStmt(st, st.Init, syntax.SwitchedOn(st), st.Body)
	case *ast.SelectStmt:
		return b.selectStmt(st)
	case *ast.BranchStmt:
		return b.branchStmt(st)
	}
	return b.simple(st)
}

// expr makes a step from an expression in a header.
func (b *stepsOf) expr(e ast.Expr) *place.Step { return b.part(&ast.ExprStmt{X: e}) }

// first makes a step from the condition of an if or the tag of a switch. If nothing else in the
// statement comes before it, the guarded state that it needs can be read before the statement.
func (b *stepsOf) first(e ast.Expr, st, init ast.Stmt) *place.Step {
	head := b.expr(e)
	if p := head.ID.(*step); init == nil && b.list == st && !b.deny(st) && len(p.ops) == 0 && !b.s.Waits(e) && !b.keep && !keepsLock(b.s, p.node) {
		if behaviour.Touches(b.s, e).Guarded() != nil {
			if xs, ok := extract.Operands(b.s, p.node, nil); ok && !slices.ContainsFunc(xs, acts) {
				p.ops = xs
				b.add(head, place.Held, place.Cut, costOf(len(xs), b.s.Early)+b.toggle(), CutBefore)
			}
		}
	}
	return head
}

// part makes a step from a part of a header.
func (b *stepsOf) part(st ast.Stmt) *place.Step {
	p := &step{node: st, stmt: b.list}
	return &place.Step{ID: p, Modes: b.modes(p)}
}

func (b *stepsOf) ifStmt(st *ast.IfStmt) place.Node {
	n := &place.Branch{Skips: st.Else == nil}
	if st.Init != nil {
		init := b.part(st.Init)
		if b.list == ast.Stmt(st) && !b.deny(st) {
			b.lifts(init, st)
		}
		n.Header = append(n.Header, init)
	}
	n.Header = append(n.Header, b.first(st.Cond, st, st.Init))
	n.Arms = append(n.Arms, b.arm(st.Body.List, st))
	switch e := st.Else.(type) {
	case *ast.BlockStmt:
		n.Arms = append(n.Arms, b.arm(e.List, st))
	case *ast.IfStmt:
		outer := b.list
		b.list = nil // nothing can be inserted before it
		n.Arms = append(n.Arms, b.ifStmt(e))
		b.list = outer
	}
	return n
}

// arm builds the list for a branch of a statement.
func (b *stepsOf) arm(list []ast.Stmt, of ast.Stmt) *place.List {
	l := b.block(list)
	l.Tail = len(list) > 0 && b.s.Unit.Results().Len() == 0 && isTail(b.s, of)
	return l
}

// isTail reports whether the function ends right after a statement.
func isTail(s *site.Site, st ast.Stmt) bool {
	for {
		list := s.ListOf(st)
		if len(list) == 0 || list[len(list)-1] != st {
			return false
		}
		block, ok := s.Parents[st].(*ast.BlockStmt)
		if !ok {
			return false
		}
		if block == s.Unit.Body {
			return true
		}
		around, ok := s.Parents[block].(*ast.IfStmt)
		if !ok {
			return false
		}
		st = around
	}
}

// lifts adds the modes in which the init statement of an if, or a part of it, runs before the
// if, and the lock is released or taken in between.
func (b *stepsOf) lifts(init *place.Step, st *ast.IfStmt) {
	p := init.ID.(*step)
	if keepsLock(b.s, p.node) {
		return
	}
	if lift, ok := extract.LiftOf(b.s, st); ok {
		b.commits(init, lift)
		return
	}
	if b.s.Waits(st.Init) || !movableInit(b.s, st) || behaviour.Touches(b.s, st.Init).Guarded() == nil {
		return
	}
	p.Lift = &extract.Lift{Part: st.Init, Site: b.s, Of: st, Init: st.Init}
	b.add(init, place.Held, place.Cut, costLift+b.toggle(), LiftBefore)
}

func (b *stepsOf) add(st *place.Step, from, to place.State, cost, kind int) {
	st.Modes = append(st.Modes, place.Mode{From: from, To: to, Cost: cost, Kind: kind})
}

func (b *stepsOf) forStmt(st *ast.ForStmt) place.Node {
	n := &place.Loop{Leaves: st.Cond != nil, Again: testsAnew(b.s, st)}
	b.targets[st] = n
	if st.Init != nil {
		n.Init = append(n.Init, b.part(st.Init))
	}
	if st.Cond != nil {
		n.Header = append(n.Header, b.expr(st.Cond))
	}
	if st.Post != nil {
		n.Post = append(n.Post, b.part(st.Post))
	}
	n.Body = b.inside(st, st.Body.List)
	return n
}

func (b *stepsOf) inside(st ast.Stmt, list []ast.Stmt) place.Node {
	b.around = append(b.around, st)
	defer func() { b.around = b.around[:len(b.around)-1] }()
	return b.block(list)
}

func (b *stepsOf) rangeStmt(st *ast.RangeStmt) place.Node {
	n := &place.Loop{Leaves: true, Init: []*place.Step{b.expr(st.X)}}
	b.targets[st] = n
	if b.rangesOverGuarded(st) {
		head := &place.Step{ID: &step{node: &ast.ExprStmt{X: st.X}, stmt: b.list}}
		b.add(head, place.Outside, place.Outside, 0, AsItIs)
		b.add(head, place.Held, place.Held, 0, AsItIs)
		if slices.ContainsFunc(extract.Extractions(b.s, []ast.Stmt{&ast.ExprStmt{X: st.X}}), func(x extract.Extraction) bool { return x.Uses[0] == st.X }) {
			b.add(head, place.Cut, place.Cut, 0, AsItIs)
			b.add(head, place.Free, place.Free, 0, AsItIs)
			b.add(head, place.Gone, place.Gone, 0, AsItIs)
		}
		n.Header = append(n.Header, head)
	}
	if b.isOp(st) {
		head := b.identity(&step{node: &ast.ExprStmt{X: st.X}, stmt: b.list})
		n.Header = append(n.Header, head)
		b.waitsWith(head, st)
	}
	if st.Tok == token.ASSIGN {
		for _, e := range []ast.Expr{st.Key, st.Value} {
			if e != nil {
				n.Header = append(n.Header, b.expr(e))
			}
		}
	}
	n.Body = b.inside(st, st.Body.List)
	return n
}

// touches lists what a step uses. For shapes that make copies, it leaves out what a local
// variable shares with a guarded map or slice that can be copied where the variable is defined;
// see [Placement.copyLocals].
func (b *stepsOf) touches(n ast.Node) *site.Touches {
	t := behaviour.Touches(b.s, n)
	if !b.s.Cloning {
		return t
	}
	out := &site.Touches{Unknown: t.Unknown}
	for _, u := range t.List {
		if u.Via == nil && u.Access.Alias && b.s.Detach.Empties(u.Access.Path) {
			continue // nobody else has what is taken out
		}
		id, ok := syntax.RootIdent(u.Access.Node)
		if ok && u.Via == nil && u.Access.Alias && u.Access.Kind == guards.Read {
			v, _ := b.s.Info.Uses[id].(*types.Var)
			if len(copiesOf(b.s, v)) > 0 {
				continue
			}
		}
		out.List = append(out.List, u)
	}
	return out
}

// rangesOverGuarded reports whether each iteration of a loop reads guarded state: the next
// element of a map, slice or array that changes under the lock, or what an iterator uses, which
// continues between the iterations.
func (b *stepsOf) rangesOverGuarded(st *ast.RangeStmt) bool {
	t := b.touches(st.X)
	if c := b.s.Unit.IteratorCall(st.X); c != nil {
		t.Add(behaviour.CallTouches(b.s, b.s.Unit, c))
	}
	_, isBasic := b.s.Info.TypeOf(st.X).Underlying().(*types.Basic)
	return !isBasic && t.Guarded() != nil // a string or number is evaluated once
}

func (b *stepsOf) switchStmt(st ast.Stmt, init ast.Stmt, tag ast.Expr, body *ast.BlockStmt) place.Node {
	n := &place.Branch{Skips: true}
	b.targets[st] = n
	if init != nil {
		n.Header = append(n.Header, b.part(init))
	}
	if tag != nil {
		n.Header = append(n.Header, b.first(tag, st, init))
	}
	for _, c := range body.List {
		cc := c.(*ast.CaseClause)
		if cc.List == nil {
			n.Skips = false
		}
		for _, e := range cc.List {
			if tv := b.s.Info.Types[e]; !tv.IsType() && !tv.IsNil() && tv.Value == nil {
				n.Header = append(n.Header, b.expr(e))
			}
		}
		n.Arms = append(n.Arms, b.inside(st, cc.Body))
	}
	return n
}

func (b *stepsOf) selectStmt(st *ast.SelectStmt) place.Node {
	n := &place.Branch{}
	b.targets[st] = n
	for _, c := range st.Body.List {
		cc := c.(*ast.CommClause)
		if cc.Comm != nil {
			n.Header = append(n.Header, b.part(cc.Comm))
		}
		n.Arms = append(n.Arms, b.inside(st, cc.Body))
	}
	if len(n.Header) > 0 && b.isOp(st) {
		b.waitsWith(n.Header[0], st)
	}
	return n
}

// isOp reports whether a statement as a whole is a blocking operation of the finding.
func (b *stepsOf) isOp(st ast.Stmt) bool {
	return slices.ContainsFunc(b.s.Finding.Ops, func(o *waits.Op) bool { return o.Node == ast.Node(st) })
}

// waitsWith makes it expensive to hold the lock at the step where a statement waits.
func (b *stepsOf) waitsWith(head *place.Step, st ast.Stmt) {
	head.ID.(*step).op = st
	for i, m := range head.Modes {
		if m.From == place.Held {
			head.Modes[i].Cost += costWait
		}
	}
}

func (b *stepsOf) branchStmt(st *ast.BranchStmt) place.Node {
	p := b.identity(&step{node: st, stmt: b.list})
	var target ast.Stmt
	switch {
	case st.Tok == token.GOTO:
		b.refuse(st, "the function has a goto")
	case st.Tok == token.FALLTHROUGH:
		b.refuse(st, "a case of the section falls through to the next one")
	case st.Label != nil:
		target = b.labels[st.Label.Name]
	default:
		for _, a := range slices.Backward(b.around) {
			_, sw := a.(*ast.SwitchStmt)
			_, tsw := a.(*ast.TypeSwitchStmt)
			_, sel := a.(*ast.SelectStmt)
			if st.Tok == token.BREAK || !sw && !tsw && !sel {
				target = a
				break
			}
		}
	}
	p.Jump, p.Continue = b.targets[target], st.Tok == token.CONTINUE
	if p.Jump == nil {
		b.refuse(st, "the jump leads to where it cannot be followed")
	}
	return p
}

// identity makes a step that keeps every state, at no cost.
func (b *stepsOf) identity(p *step) *place.Step {
	st := &place.Step{ID: p}
	for _, state := range []place.State{place.Outside, place.Held, place.Cut, place.Free, place.Gone} {
		b.add(st, state, state, 0, AsItIs)
	}
	return st
}

// simple makes a step from a statement without parts.
func (b *stepsOf) simple(st ast.Stmt) place.Node {
	p := &step{node: st, stmt: b.list}
	if n := b.lockStep(p); n != nil {
		return n
	}
	switch st := st.(type) {
	case *ast.ReturnStmt:
		return b.leaving(p)
	case *ast.ExprStmt:
		if c, ok := st.X.(*ast.CallExpr); ok && locks.Unwinds(b.s.Info, c) {
			return b.leaving(p)
		} else if ok && locks.NeverReturns(b.s.Info, c) {
			n := b.identity(p)
			n.Ends = true
			return n
		}
	case *ast.DeferStmt:
		if t := behaviour.Touches(b.s, st).Guarded(); t != nil && b.refusal == nil && b.s.Inherited == nil && b.s.Section.MayHold(st) {
			b.refusal = safety.Refuse(safety.S1, "deferred-uses-guarded", st.Pos(), "this deferred call runs under the lock and uses %s, which the lock guards", t.Name())
		}
	}
	n := &place.Step{ID: p, Modes: b.modes(p)}
	if lift, ok := extract.LiftOf(b.s, st); ok && b.list != nil && !b.deny(b.list) {
		b.commits(n, lift)
	}
	return n
}

// toggle returns the cost of a Lock or Unlock that comes with a step: the same as for one next
// to it.
func (b *stepsOf) toggle() int {
	cost := costToggle
	for _, st := range b.around {
		switch st.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			cost *= costLoop
		}
	}
	return cost
}

// commits adds the modes in which a part of a statement runs first, without the lock.
func (b *stepsOf) commits(n *place.Step, lift *extract.Lift) {
	p := n.ID.(*step)
	values := extract.Extractions(b.s, []ast.Stmt{lift.Part})
	if slices.ContainsFunc(values, func(x extract.Extraction) bool { return x.Part }) {
		return
	}
	p.Lift, p.liftOps = lift, values
	b.add(n, place.Cut, place.Held, costLift+b.toggle()+costExtract*len(values), Commit)
	if len(values) == 0 {
		b.add(n, place.Free, place.Held, costLift+b.toggle(), Commit)
	}
}

// mayBeHeldAt reports whether the section's lock may be held at a node.
func mayBeHeldAt(s *site.Site, n ast.Node) bool {
	return slices.ContainsFunc(locks.MayHoldAt(s.Unit, n), func(p patterns.Path) bool { return p.String() == s.Section.Lock.String() })
}

// lockStep makes a step from a statement that takes or releases the section's lock. It returns
// nil for other statements.
func (b *stepsOf) lockStep(p *step) *place.Step {
	s := b.s
	if d, ok := p.node.(*ast.DeferStmt); ok {
		if d == s.Defer || isAtExit(s, d) || slices.ContainsFunc(s.Section.Releases, func(r locks.Release) bool { return r.Call == d.Call }) {
			return b.identity(p)
		}
		return nil
	}
	e, ok := p.node.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	n := &place.Step{ID: p}
	switch {
	case e.X == ast.Expr(s.Section.Acquire):
		b.add(n, place.Outside, place.Held, 0, AsItIs)
		b.add(n, place.Outside, place.Free, 0, Dropped)
		return n
	case slices.ContainsFunc(s.Section.Releases, func(r locks.Release) bool { return ast.Expr(r.Call) == e.X }):
		b.add(n, place.Held, place.Outside, 0, AsItIs)
		if putsBackAfter(s, e) {
			return n
		}
		b.add(n, place.Cut, place.Outside, 0, Dropped)
		b.add(n, place.Free, place.Outside, 0, Dropped)
		b.add(n, place.Outside, place.Outside, 0, AsItIs)
		return n
	}
	return nil
}

// putsBackAfter reports whether the return after an Unlock puts back what was taken out, which
// requires that the lock is held.
func putsBackAfter(s *site.Site, unlock ast.Stmt) bool {
	list := s.ListOf(unlock)
	i := slices.Index(list, unlock)
	return i >= 0 && i+1 < len(list) && s.Detach.PutsBack(list[i+1])
}

// leaving makes a step from a return or panic, before which the lock is released.
func (b *stepsOf) leaving(p *step) *place.Step {
	n := &place.Step{ID: p, Modes: b.modes(p), Ends: true}
	if b.s.Detach.PutsBack(p.node) {
		n.Modes = slices.DeleteFunc(n.Modes, func(m place.Mode) bool { return m.From != place.Outside && m.From != place.Held })
	}
	if b.s.Inherited != nil {
		n.Modes = slices.DeleteFunc(n.Modes, func(m place.Mode) bool { return m.To != place.Held && m.To != place.Gone })
		return n
	}
	waits := b.s.Waits(p.node)
	if b.own && len(p.ops) > 0 && !slices.ContainsFunc(p.ops, func(x extract.Extraction) bool { return x.Part || !setBeforeWaits(b.s, x.Path.Last()) }) {
		b.add(n, place.Free, place.Free, costOf(len(p.ops), false), Extracting)
	}
	for i, m := range n.Modes {
		if m.From == place.Held && m.To == place.Held {
			n.Modes[i].Cost, n.Modes[i].Kind = costReturn, Releasing
			if b.answersBefore(p.node) {
				n.Modes[i].Cost = costToggle
			}
			if waits {
				n.Modes[i].Cost += costWait
			}
		}
	}
	return n
}

// setBeforeWaits reports whether the section sets a variable, and only before it waits. What it
// returns of that later is what it has set itself: the value has to be read before the Unlock.
func setBeforeWaits(s *site.Site, v *types.Var) bool {
	first := slices.MinFunc(s.Finding.Ops, func(a, b *waits.Op) int { return int(a.Node.Pos() - b.Node.Pos()) })
	set := false
	for _, st := range s.Body {
		for _, t := range behaviour.Touches(s, st).List {
			if t.Access.Var != v || t.Access.Kind == guards.Read {
				continue
			}
			if st.End() > first.Node.Pos() {
				return false
			}
			set = true
		}
	}
	return set
}

// answersBefore reports whether the statement before st in its list answers the request, and
// needs no lock. Releasing the lock before that is as easy as releasing it before st.
func (b *stepsOf) answersBefore(st ast.Stmt) bool {
	list := b.s.ListOf(st)
	i := slices.Index(list, st)
	return i > 0 && answers(b.s, list[i-1])
}

// answers reports whether a statement does nothing but answer the request, and needs no lock.
func answers(s *site.Site, st ast.Stmt) bool {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := ast.Unparen(e.X).(*ast.CallExpr)
	return ok && behaviour.Answers(s, c) && behaviour.Touches(s, e).Guarded() == nil
}

// answersAndLeaves reports whether a branch only answers the request and returns, from st on.
func answersAndLeaves(s *site.Site, st ast.Stmt) bool {
	list := s.ListOf(st)
	i, last := slices.Index(list, st), len(list)-1
	if i < 0 || i == last || s.Parents[st] == ast.Node(s.Unit.Body) {
		return false
	}
	_, leaves := list[last].(*ast.ReturnStmt)
	return leaves && !slices.ContainsFunc(list[i:last], func(st ast.Stmt) bool { return !answers(s, st) })
}

// waitsIn counts the blocking operations that run as part of a node.
func (b *stepsOf) waitsIn(n ast.Node) int {
	waits := 0
	for _, o := range b.s.Finding.Ops {
		if !o.Deferred && syntax.Within(o.Node, n) {
			waits++
		}
	}
	return waits
}

// modes lists the ways to run a step that is neither Lock nor Unlock.
func (b *stepsOf) modes(p *step) []place.Mode {
	n := &place.Step{}
	s := b.s
	list := []ast.Stmt{p.node}
	waits := b.waitsIn(p.node)
	b.add(n, place.Outside, place.Outside, 0, AsItIs)
	b.add(n, place.Held, place.Held, costHeld+waits*costWait, AsItIs)
	if keepsLock(s, p.node) {
		return n.Modes[1:]
	}
	t := b.touches(p.node)
	if _, leaves := p.node.(*ast.ReturnStmt); b.keep && waits == 0 && !leaves && !answers(s, p.node) {
		return n.Modes
	}
	if waits > 0 && b.copiesPointees(p, n, t) {
		return n.Modes
	}
	if t.Guarded() == nil || behaviour.Bare(s, p.node) {
		b.add(n, place.Cut, place.Cut, 0, AsItIs)
		b.add(n, place.Free, place.Free, 0, AsItIs)
		b.add(n, place.Gone, place.Gone, 0, AsItIs)
		return n.Modes
	}
	if behaviour.Polls(s, p.node) {
		return n.Modes
	}
	if b.closes && lifetime.LoneClose(s, p.node) {
		b.add(n, place.Free, place.Free, costEarly, AsItIs)
	}
	all := extract.Extractions(s, list)
	if e := condOf(p.node); e != nil && s.Cloning {
		if loop, ok := s.Parents[e].(*ast.ForStmt); ok && loop.Cond == e {
			all = wholes(s, all)
		}
	}
	values := slices.DeleteFunc(slices.Clone(all), func(x extract.Extraction) bool { return x.Part && !x.Cloned && !x.Entry }) // those are operands
	switch {
	case waits > 0 && b.computesFirst(p, n, values):
	case extract.ReadsOnlyIn(t, values) && (waits > 0 || !slices.ContainsFunc(values, func(x extract.Extraction) bool { return keepsHeld(s, x) })):
		p.ops = values
		soon := waits > 0 || s.Early && !keepsOnly(p.node, values) || detach.EmptiesAll(s.Detach, values)
		b.add(n, place.Cut, place.Cut, costOf(len(values), soon), Extracting)
		if soon && waits == 0 {
			n.Modes[1].Cost += costExtract
		}
		b.add(n, place.Gone, place.Gone, costOf(len(values), soon), Extracting)
		b.joinsValues(p, n)
	case waits > 0 && b.list != nil && !b.deny(b.list):
		xs, ok := all, extract.ReadsOnlyIn(t, all)
		if !ok {
			xs, ok = extract.Operands(s, p.node, values)
		}
		if ok {
			p.ops = xs
			b.add(n, place.Held, place.Cut, costOf(len(xs), true)+b.toggle(), CutBefore)
		}
	}
	return n.Modes
}

// copiesPointees adds the mode in which the objects that a waiting statement passes on are
// copied right before it, and reports whether they must be.
func (b *stepsOf) copiesPointees(p *step, n *place.Step, t *site.Touches) bool {
	if !b.s.Cloning || b.list == nil || b.deny(b.list) {
		return false
	}
	xs := extract.Pointees(b.s, p.node)
	if len(xs) == 0 || !extract.ReadsOnlyIn(t, xs) {
		return false
	}
	p.joined = xs
	b.add(n, place.Held, place.Cut, costOf(len(xs), true)+b.toggle(), CutBefore)
	return true
}

// computesFirst adds the mode in which operands that are computed from maps and slices, like
// strings.Join(s.names, ","), are evaluated right before a waiting statement, and reports
// whether it is the one to choose: they share nothing with what others change, so that a copy
// of the elements would only be used to compute them.
func (b *stepsOf) computesFirst(p *step, n *place.Step, values []extract.Extraction) bool {
	if b.s.Cloning || b.list == nil || b.deny(b.list) || b.s.Detach != nil || !slices.ContainsFunc(values, func(x extract.Extraction) bool { return keepsHeld(b.s, x) }) {
		return false
	}
	xs, ok := extract.Operands(b.s, p.node, nil)
	if !ok || slices.ContainsFunc(xs, func(x extract.Extraction) bool {
		return acts(x) || move.MayPanic(b.s, x.Uses[0]) || !move.SharesNothing(b.s, x.Uses[0])
	}) {
		return false
	}
	p.ops = xs
	b.add(n, place.Held, place.Cut, costOf(len(xs), true)+b.toggle(), CutBefore)
	return true
}

// joinsValues adds the mode in which operands like s.base + s.path are evaluated right before a
// waiting statement, if there are fewer of them than of the values in them.
func (b *stepsOf) joinsValues(p *step, n *place.Step) {
	if len(p.ops) < 2 || !b.s.Waits(p.node) || b.list == nil || b.deny(b.list) || b.s.Detach != nil || slices.ContainsFunc(p.ops, func(x extract.Extraction) bool { return x.Cloned }) {
		return
	}
	unfit := func(x extract.Extraction) bool { return acts(x) || move.MayPanic(b.s, x.Uses[0]) }
	if xs, ok := extract.Operands(b.s, p.node, nil); ok && len(xs) < len(p.ops) && !slices.ContainsFunc(xs, unfit) {
		p.joined = xs
		b.add(n, place.Held, place.Cut, costOf(len(xs), true)+b.toggle(), CutBefore)
	}
}

// acts reports whether evaluating a value has an effect, which only a wait is worth moving.
func acts(x extract.Extraction) bool { return x.Acts }

// wholes replaces lengths among the values by the maps and slices themselves: a loop up to the
// length goes through a copy.
func wholes(s *site.Site, values []extract.Extraction) []extract.Extraction {
	for i, x := range values {
		c, ok := x.Uses[0].(*ast.CallExpr)
		if ok && x.Part && behaviour.StorageChange(s, x.Path.Last()) != nil {
			values[i] = extract.Extraction{Path: x.Path, Uses: []ast.Expr{c.Args[0]}, Cloned: true}
		}
	}
	return values
}

// keepsHeld reports whether a statement that does not wait should read a value under the lock,
// since it is a map or slice whose elements others change.
func keepsHeld(s *site.Site, x extract.Extraction) bool {
	if x.Part || x.Cloned {
		return false
	}
	k := syntax.RefsOf(x.Path.Last().Type(), 0)
	return k == syntax.Aliasing && !s.Cloning
}

// costOf returns the cost of extracting values. It is lower if a wait needs them, or if the lock
// should be released as soon as possible.
func costOf(values int, soon bool) int {
	if soon {
		return costExtract * values
	}
	return costEarly * values
}

// keepsOnly reports whether a statement only stores the values in variables, so that they need
// not be extracted to other ones.
func keepsOnly(st ast.Stmt, values []extract.Extraction) bool {
	as, ok := st.(*ast.AssignStmt)
	return ok && as.Tok == token.DEFINE && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool {
		return !slices.ContainsFunc(values, func(x extract.Extraction) bool { return slices.Contains(x.Uses, ast.Unparen(e)) })
	})
}

// movableInit reports whether the init statement of an if can go before the if, where its
// variables must shadow nothing.
func movableInit(s *site.Site, ifs *ast.IfStmt) bool {
	as, ok := ifs.Init.(*ast.AssignStmt)
	if !ok || as.Tok != token.DEFINE {
		return ok
	}
	return extract.HidesNothing(s, ifs, as) && !slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return usedLater(s, ifs, l.(*ast.Ident).Name) })
}

// usedLater reports whether a name occurs after a statement in the statement's block.
func usedLater(s *site.Site, st ast.Stmt, name string) bool {
	found := false
	for _, o := range s.ListOf(st) {
		if o.Pos() > st.Pos() {
			ast.Inspect(o, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				found = found || ok && id.Name == name
				return !found
			})
		}
	}
	return found
}

// condOf returns the expression of a header step, or nil.
func condOf(st ast.Stmt) ast.Expr {
	if e, ok := st.(*ast.ExprStmt); ok {
		return e.X
	}
	return nil
}

// keepsLock reports whether a step must run under the lock in the placement that is being
// searched for.
func keepsLock(s *site.Site, st ast.Stmt) bool {
	if external.KeptOutside(s, st) == nil && !slices.ContainsFunc(s.UnderLock, func(o ast.Stmt) bool { return syntax.Within(st, o) }) {
		return false
	}
	if e := condOf(st); e != nil {
		return mayBeHeldAt(s, e)
	}
	return mayBeHeldAt(s, st)
}
