package patterns

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// deadlockOf looks for a wait in the section of a finding that only somebody who
// needs the lock can end: of several, one that is certain, and then the first.
func (x *Program) deadlockOf(f *Finding) *Deadlock {
	s := f.Section
	if f.relock != nil {
		return f.relock
	}
	if s.LockVar() == nil || s.Unit.Fresh(s.Lock.Root) || s.Problem != "" {
		return nil // nobody else has the lock, or it is not certain that it is held
	}
	var best *Deadlock
	for _, o := range x.waitsOf(s) {
		if o.Weak != "" && o.guess == "" || x.endsBefore(s, o) {
			continue
		}
		u, op := o.innermost(s.Unit)
		search := &needSearch{x: x, holder: s, shared: s.Mode == Shared, lock: s.LockVar(), held: s.Lock, op: o}
		d := search.operation(u, op.Node)
		if d == nil || o.guess != "" && d.Doubt != "" && !d.again {
			continue
		}
		d.Op = o
		if o.guess != "" {
			d.Doubt = fmt.Sprintf("if it is %s that is called here", o.guess)
		}
		if best == nil || d.rank() < best.rank() {
			best = d
		}
	}
	return best
}

// rank orders deadlocks: certain ones first, delays last.
func (d *Deadlock) rank() int {
	switch {
	case d.Timed:
		return 2
	case d.Doubt != "":
		return 1
	}
	return 0
}

// endsBefore reports whether a wait is none: what is awaited has happened, or the
// condition variable releases the lock.
func (x *Program) endsBefore(s *Section, o *Op) bool {
	return o.cond != nil && o.cond.releases(o, s) || x.over(s, o)
}

// A needSearch looks for code that ends a wait and needs a lock for it.
type needSearch struct {
	x      *Program
	holder *Section
	lock   *types.Var
	held   Path // the lock in the terms of the unit that waits; Root is nil if it cannot be named there
	shared bool // the holder holds the read side
	op     *Op
	oneOf  bool // the wait is at a channel, for one of several
	chain  int  // how many waits lead from the holder's to this one

	// joined are the places that join the group which is waited for: having
	// needed the lock for that is over.
	joined []flowUse
}

// operation judges one operation of unit u.
func (s *needSearch) operation(u *Unit, n ast.Node) *Deadlock {
	info := u.Pkg.Info
	switch n := n.(type) {
	case *ast.UnaryExpr:
		return s.receive(u, n.X, false)
	case *ast.RangeStmt:
		return s.receive(u, n.X, true)
	case *ast.SendStmt:
		return s.send(u, n.Chan)
	case *ast.SelectStmt:
		return s.selects(u, n)
	case *ast.CallExpr:
		sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
		if !ok || info.Selections[sel] == nil {
			return nil
		}
		if fn := CalleeOf(info, n); fn != nil && fn.FullName() == serverShutdown {
			return s.handlers(u)
		}
		if sel.Sel.Name == "Wait" && carries(info.TypeOf(sel.X)) {
			return s.group(u, sel.X)
		}
		return s.closed(u, n, sel)
	}
	return nil
}

// selects judges a select: each of its cases must be out of reach. Cases that end
// only with the object do not count, nor do those of a context of the caller's,
// but for a doubt.
func (s *needSearch) selects(u *Unit, sel *ast.SelectStmt) *Deadlock {
	var found *Deadlock
	timed, doubt := false, ""
	for _, c := range sel.Body.List {
		var d *Deadlock
		var ch ast.Expr
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case *ast.SendStmt:
			d = s.send(u, comm.Chan)
		case *ast.ExprStmt:
			ch = receivedFrom(comm.X)
		case *ast.AssignStmt:
			ch = receivedFrom(comm.Rhs[0])
		}
		if ch != nil {
			d = s.receive(u, ch, false)
			kind := s.arm(u, ch)
			timed = timed || kind == armTimer
			if kind == armContext {
				doubt = "unless the context ends first"
			}
			if d == nil && kind != armOther {
				continue
			}
		}
		if d == nil {
			return nil
		}
		if found == nil || found.Doubt != "" && d.Doubt == "" {
			found = d
		}
	}
	if found == nil {
		return nil
	}
	d := *found
	d.Timed = d.Timed || timed
	d.Doubt = cmp.Or(d.Doubt, doubt)
	return &d
}

// isTimer reports whether a channel is one of package time.
func isTimer(info *types.Info, e ast.Expr) bool {
	c, ok := info.TypeOf(e).Underlying().(*types.Chan)
	return ok && types.TypeString(c.Elem(), nil) == "time.Time"
}

// receive judges a wait for a value, or for the end of a channel: all that may
// bring it must need the lock.
func (s *needSearch) receive(u *Unit, ch ast.Expr, all bool) *Deadlock {
	c := s.x.flowsOf(u.Pkg).classOf(ch)
	if c == nil || c.Open {
		return nil
	}
	uses := slices.Concat(c.Closes, c.Sends)
	if all && len(c.Closes) > 0 {
		uses = c.Closes // a range ends with the channel only
	}
	p, _ := PathOf(u.Pkg.Info, ch)
	return s.every(u, p, uses)
}

// send judges a wait for a receiver.
func (s *needSearch) send(u *Unit, ch ast.Expr) *Deadlock {
	c := s.x.flowsOf(u.Pkg).classOf(ch)
	if c == nil || c.Open {
		return nil
	}
	p, _ := PathOf(u.Pkg.Info, ch)
	if len(c.Rooms) > 0 && slices.Min(c.Rooms) > 0 && !s.lasting(p) {
		return nil // it has room for the answer to one request
	}
	return s.every(u, p, c.Receives)
}

// lasting reports whether a channel belongs to the object that has the lock, or is a
// package-level variable: many values go through it in its life.
func (s *needSearch) lasting(p Path) bool {
	held := s.held
	if s.chain == 0 {
		p, held = s.holder.Unit.liftAll(s.op, p), s.holder.Lock
	}
	return p.Root != nil && (isGlobal(p.Root) || p.Root == held.Root && len(p.Fields) <= len(held.Fields)+1)
}

// group judges a wait for all of several goroutines: one that needs the lock is
// enough.
func (s *needSearch) group(u *Unit, wg ast.Expr) *Deadlock {
	c := s.x.flowsOf(u.Pkg).classOf(wg)
	if c == nil {
		return nil
	}
	p, _ := PathOf(u.Pkg.Info, wg)
	s.joined = c.Adds
	defer func() { s.joined = nil }()
	for _, use := range c.Dones {
		if !use.Deferred && s.joinedAt(use.Unit).IsValid() {
			continue // it takes its own joining back
		}
		if d := s.one(u, p, use); d != nil {
			return d
		}
	}
	for _, use := range c.Runs {
		for _, r := range use.Runs {
			if d := s.one(u, p, flowUse{Unit: r, Node: r.Body, Path: use.Path, Deferred: true}); d != nil {
				d.Ends, d.EndsAt = "returning", r.Position(r.Body.End())
				return d
			}
		}
	}
	return nil
}

// handlers judges a wait for the handlers of a server: those of the package may
// be meant.
func (s *needSearch) handlers(u *Unit) *Deadlock {
	for _, h := range s.x.UnitsIn(s.holder.Unit.Pkg) {
		sig := h.Signature()
		if h.Body == nil || sig.Params().Len() != 2 || sig.Results().Len() != 0 ||
			types.TypeString(sig.Params().At(0).Type(), nil) != "net/http.ResponseWriter" ||
			types.TypeString(sig.Params().At(1).Type(), nil) != "*net/http.Request" {
			continue
		}
		if d := s.one(u, Path{}, flowUse{Unit: h, Node: h.Body, Deferred: true}); d != nil {
			d.Ends, d.EndsAt = "returning", h.Position(h.Body.End())
			d.Doubt = fmt.Sprintf("if %s serves requests of this server", h.Name())
			return d
		}
	}
	return nil
}

// every judges the uses of which one would do: all must need the lock.
func (s *needSearch) every(u *Unit, p Path, uses []flowUse) *Deadlock {
	s.oneOf = true
	defer func() { s.oneOf = false }()
	var first *Deadlock
	for _, use := range uses {
		d := s.one(u, p, use)
		if d == nil {
			return nil
		}
		if first == nil || first.Doubt != "" && d.Doubt == "" {
			first = d
		}
	}
	return first
}

// one judges one operation that would end the wait.
func (s *needSearch) one(u *Unit, p Path, use flowUse) *Deadlock {
	if use.Unit == u || s.waiting(use.Unit) {
		return nil // it has run, or will run, in the goroutine that waits
	}
	n := s.needs(use.Unit, use.Node, use.Path, use.Deferred, 3)
	if n == nil || s.oneOf && !n.again && (s.chain > 0 || s.published(p, use)) {
		return nil
	}
	d := &Deadlock{In: use.Unit.Name(), EndsAt: use.Unit.Position(use.Node.Pos()), Path: n.hops, Ends: describeUse(use), lock: n.path, what: n.what, again: n.again, after: n.after}
	same, other := s.sameObject(u, p, use, n)
	if other {
		return nil
	}
	if !same {
		// Far apart, locks of one type are mostly those of different objects.
		if n.path.Root == nil || len(s.op.Path) > 3 || len(n.hops) > 4 {
			return nil
		}
		d.Doubt = fmt.Sprintf("if %s there and %s here are of one object", n.text(), s.holder.Lock)
	}
	return d
}

// published reports whether the holder knows the object only because whoever
// ends the wait has made it, or has put it where the lock guards it: having
// needed the lock for that is over.
func (s *needSearch) published(p Path, use flowUse) bool {
	if made, ok := ast.Unparen(use.Unit.DefinedOnce(use.Path.Root)).(*ast.CallExpr); ok && len(use.Path.Fields) == 0 && BuiltinOf(use.Unit.Pkg.Info, made) == "make" && !s.holder.covers(made.Pos()) {
		return true
	}
	root := s.holder.Unit.liftAll(s.op, p).Root
	lock := s.holder.Lock
	if root != nil && s.holder.Unit.makes(root) && s.holder.covers(root.Pos()) {
		return false // the holder has made it, and nobody has it before
	}
	if own := use.Path.Root; own != nil && !isGlobal(own) && (paramIndex(use.Unit.Signature(), own) >= 0 || !use.Unit.Contains(own.Pos())) && !use.Unit.stores(own) {
		return false // whoever ends the wait was given it
	}
	return root == nil || root != lock.Root && !isGlobal(root) && !s.holder.Unit.Captured(root) && s.holder.covers(root.Pos())
}

// makes reports whether a local variable holds what the unit has made for it: an
// object, or a channel.
func (u *Unit) makes(v *types.Var) bool {
	c, ok := ast.Unparen(u.DefinedOnce(v)).(*ast.CallExpr)
	return u.Fresh(v) || ok && BuiltinOf(u.Pkg.Info, c) == "make"
}

// waiting reports whether a unit is one of those that the goroutine which waits is
// in.
func (s *needSearch) waiting(u *Unit) bool {
	return u == s.holder.Unit || slices.ContainsFunc(s.op.chain, func(l link) bool { return l.callee == u || l.callee.Of == u })
}

// stores reports whether the unit keeps a variable's value somewhere.
func (u *Unit) stores(v *types.Var) bool {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && u.Pkg.Info.Uses[id] == v
	}
	found := false
	ast.Inspect(topOf(u).Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Rhs, is)
		case *ast.SendStmt:
			found = found || is(n.Value)
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				found = found || is(e)
			}
		case *ast.CallExpr:
			found = found || slices.ContainsFunc(n.Args, is)
		}
		return !found
	})
	return found
}

func describeUse(use flowUse) string {
	switch n := use.Node.(type) {
	case *ast.SendStmt:
		return "sending on " + types.ExprString(n.Chan)
	case *ast.UnaryExpr:
		return "receiving from " + types.ExprString(n.X)
	case *ast.RangeStmt:
		return "receiving from " + types.ExprString(n.X)
	case *ast.CallExpr:
		return types.ExprString(n)
	}
	return "returning"
}

// A need is a place at which a unit takes a lock, itself or in a call.
type need struct {
	hops []Hop
	path Path // of the lock, in the terms of the unit that is asked for; Root is nil if not known
	what Path // what is waited for, in the same terms

	again bool   // it is needed each time, not only before the first
	after string // the function that needs it, if the unit waits for that one
}

func (n *need) text() string {
	return n.path.String()
}

// needs finds out whether the unit needs the lock before it gets to a node: it
// holds it there, takes it on a way to the node, or all of its callers do.
func (s *needSearch) needs(u *Unit, n ast.Node, what Path, deferred bool, depth int) *need {
	if found := s.before(u, n, what, deferred); found != nil {
		found.what = what
		return found
	}
	if depth == 0 || u.Obj == nil || u.Obj.Exported() && u.Pkg.Name != "main" {
		return nil
	}
	callers, open := s.x.callersOf(u)
	if open || len(callers) == 0 {
		return nil
	}
	var first *need
	for _, c := range callers {
		if c.spawned {
			return nil
		}
		m := s.needs(c.unit, c.call, c.unit.lift(u, what, c.call), c.deferred, depth-1)
		if m == nil {
			return nil
		}
		if first == nil {
			first = m
		}
	}
	return first
}

// before finds an acquisition of the lock that can run before the node, or
// another wait that only somebody who needs the lock ends.
func (s *needSearch) before(u *Unit, n ast.Node, what Path, deferred bool) *need {
	if u.Body == nil {
		return nil
	}
	from := max(s.joinedAt(u), u.gotAt(what, n))
	var reached, after map[nodeRef]bool
	if lockFlows.Of(u) != nil && !deferred {
		at, ok := lockFlows.Of(u).refAt(n)
		if !ok {
			return nil
		}
		reached, after = lockFlows.Of(u).connected(at, false), lockFlows.Of(u).connected(at, true)
	}
	passes := func(pos token.Pos) bool {
		return pos > from && (from == token.NoPos || deferred || len(s.joined) > 0 || pos < n.Pos()) && !s.warned(u, pos)
	}
	if lockFlows.Of(u) != nil {
		for _, e := range lockFlows.Of(u).acquires {
			if s.takes(e) && (deferred || reached[e.at]) && passes(e.pos) {
				hop := Hop{e.path.String() + "." + e.mode.Acquire() + "()", u.Position(e.pos)}
				return &need{hops: []Hop{hop}, path: e.path, again: after[e.at] || s.heldAt(u, n)}
			}
		}
	}
	for _, c := range u.calls {
		if u.inGo(c) || !passes(c.Pos()) || !deferred && !u.runsBefore(c, n, reached) {
			continue
		}
		if found := s.within(u, c, map[*Unit]bool{u: true}, 6); found != nil {
			found.again = u.loopAround(c, n)
			return found
		}
	}
	return s.blocked(u, n, what, deferred, func(w ast.Node) bool {
		return passes(w.Pos()) && (deferred || u.runsBefore(w, n, reached))
	})
}

// gotAt returns where the unit gets the object that is waited for, if it comes by a
// channel: what happens before that is over by then.
func (u *Unit) gotAt(what Path, n ast.Node) token.Pos {
	if what.Root == nil || isGlobal(what.Root) || !u.Contains(what.Root.Pos()) {
		return token.NoPos
	}
	if def := u.DefinedOnce(what.Root); def != nil {
		if receivedFrom(def) != nil {
			return def.Pos()
		}
		return token.NoPos
	}
	at := token.NoPos
	ast.Inspect(u.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.RangeStmt:
			if id, ok := m.Key.(*ast.Ident); ok && u.Pkg.Info.ObjectOf(id) == what.Root && isChan(u.Pkg.Info.TypeOf(m.X)) {
				at = m.X.Pos()
			}
		case *ast.AssignStmt:
			if id, ok := m.Lhs[0].(*ast.Ident); ok && len(m.Rhs) == 1 && u.Pkg.Info.ObjectOf(id) == what.Root && receivedFrom(m.Rhs[0]) != nil {
				at = m.Pos()
			}
		}
		return true
	})
	return at
}

// maxChain bounds how many waits are followed one after the other.
const maxChain = 2

// hands reports whether a wait is one for somebody to take what the unit has, or to
// be done: not one for more work, at which a goroutine stands idle.
func hands(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt, *ast.CallExpr:
		return true
	case *ast.SelectStmt:
		return slices.ContainsFunc(n.Body.List, func(c ast.Stmt) bool {
			_, sends := c.(*ast.CommClause).Comm.(*ast.SendStmt)
			return sends
		})
	}
	return false
}

// blocked finds a wait of the unit before the node that only somebody who needs the
// lock ends, as what.
func (s *needSearch) blocked(u *Unit, n ast.Node, what Path, deferred bool, before func(ast.Node) bool) *need {
	if s.chain >= maxChain {
		return nil
	}
	for _, st := range s.x.sitesOf(u) {
		if !hands(st.node) || st.op == nil || len(st.op.Path) > 0 || st.defers || st.node == n || st.op.Weak != "" ||
			st.op.Category != "chan" && st.op.Category != "wait" || !u.Contains(st.node.Pos()) || !before(st.node) {
			continue
		}
		if st.node.Pos() <= n.Pos() && n.End() <= st.node.End() {
			continue // the select that the node is a case of
		}
		inner := &needSearch{x: s.x, holder: s.holder, lock: s.lock, shared: s.shared, op: s.op, chain: s.chain + 1}
		if what.Root != nil {
			inner.held = Path{Root: what.Root, Fields: s.holder.Lock.Fields}
		}
		d := inner.operation(u, st.node)
		if d == nil || d.Timed {
			continue
		}
		hops := append([]Hop{{st.op.What, u.Position(st.node.Pos())}, {d.In, d.EndsAt}}, d.Path...)
		found := &need{hops: hops, again: true, after: cmp.Or(d.after, d.In)}
		if d.Doubt == "" {
			found.path = Path{Root: what.Root, Fields: s.holder.Lock.Fields}
		} else {
			found.path = d.lock
		}
		return found
	}
	return nil
}

// warned reports whether a place of the unit is reached only if a variable says
// so which the holder sets in the section before it waits.
func (s *needSearch) warned(u *Unit, pos token.Pos) bool {
	var set []*types.Var
	for _, a := range s.x.OwnAccesses(s.holder.Unit) {
		if a.Kind == Write && a.Pos() < s.op.Pos() && s.holder.covers(a.Pos()) {
			set = append(set, a.Var)
		}
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if ok && f.Body.Pos() <= pos && pos < f.End() {
			found = found || slices.ContainsFunc(u.AccessesIn(f.Cond), func(a *Access) bool { return slices.Contains(set, a.Var) })
		}
		return !found
	})
	return found
}

// joinedAt returns where the unit itself joins the group that is waited for:
// what it does before that is over by then.
func (s *needSearch) joinedAt(u *Unit) token.Pos {
	at := token.NoPos
	for _, j := range s.joined {
		if j.Unit == u {
			at = max(at, j.Node.Pos())
		}
		for _, c := range u.calls {
			if fn := CalleeOf(u.Pkg.Info, c); fn != nil && s.x.UnitOf(fn) == j.Unit {
				at = max(at, c.Pos())
			}
		}
	}
	return at
}

// heldAt reports whether the unit holds the lock at a node.
func (s *needSearch) heldAt(u *Unit, n ast.Node) bool {
	return slices.ContainsFunc(u.HeldAt(n), func(p Path) bool { return p.Last() == s.lock })
}

// runsBefore reports whether a call of the unit can run before a node of it.
func (u *Unit) runsBefore(c ast.Node, n ast.Node, reached map[nodeRef]bool) bool {
	if lockFlows.Of(u) == nil { // no locks, so no graph: loops make anything possible
		return c.Pos() < n.Pos() || u.loopAround(c, n)
	}
	at, ok := lockFlows.Of(u).refAt(c)
	return ok && reached[at]
}

// loopAround reports whether a loop of the unit holds both nodes.
func (u *Unit) loopAround(a, b ast.Node) bool {
	found := false
	ast.Inspect(u.Body, func(m ast.Node) bool {
		switch m.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			found = found || m.Pos() <= a.Pos() && a.Pos() < m.End() && m.Pos() <= b.Pos() && b.Pos() < m.End()
		}
		return !found
	})
	return found
}

// takes reports whether an event acquires the lock so that it has to wait for
// the holder.
func (s *needSearch) takes(e event) bool {
	return e.kind == evAcquire && e.path.Last() == s.lock && !(s.shared && e.mode == Shared)
}

// connected returns the nodes from which a node can be reached, or with forward
// set those that can be reached from it.
func (f *lockFlow) connected(at nodeRef, forward bool) map[nodeRef]bool {
	seen := make(map[nodeRef]bool)
	for todo := []nodeRef{at}; len(todo) > 0; {
		ref := todo[0]
		todo = todo[1:]
		for _, n := range f.steps(ref, forward) {
			if !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		}
	}
	return seen
}

// within finds an acquisition of the lock in the functions that a call runs.
func (s *needSearch) within(u *Unit, c *ast.CallExpr, seen map[*Unit]bool, depth int) *need {
	callees := s.x.runBy(u, c)
	if depth == 0 || s.x.dynamicCall(u, c) && len(callees) != 1 {
		return nil
	}
	for _, v := range callees {
		if seen[v] || v.Body == nil || slices.ContainsFunc(s.joined, func(j flowUse) bool { return j.Unit == v }) {
			continue
		}
		seen[v] = true
		hop := Hop{v.Name(), u.Position(c.Pos())}
		untaken := v.untaken(u.constantsFor(v, c))
		if lockFlows.Of(v) != nil {
			for _, e := range lockFlows.Of(v).acquires {
				if s.takes(e) && !untaken.has(e.call) {
					return &need{
						hops: []Hop{hop, {e.path.String() + "." + e.mode.Acquire() + "()", v.Position(e.pos)}},
						path: u.lift(v, e.path, c),
					}
				}
			}
		}
		for _, inner := range v.calls {
			if v.inGo(inner) || untaken.has(inner) {
				continue
			}
			if n := s.within(v, inner, seen, depth-1); n != nil {
				return &need{hops: append([]Hop{hop}, n.hops...), path: u.lift(v, n.path, c)}
			}
		}
	}
	return nil
}

// sameObject reports whether the lock that is needed is certainly the one that
// is held, and whether it is certainly, or as good as certainly, one of another object.
func (s *needSearch) sameObject(u *Unit, p Path, use flowUse, n *need) (same, other bool) {
	lock := s.holder.Lock
	if lock.Global() {
		return true, false
	}
	if n.path.Root == nil {
		return false, false
	}
	if n.path.key() == lock.key() && topOf(use.Unit) == topOf(s.holder.Unit) {
		return true, false // one variable of one call
	}
	if s.startedWith(use.Unit, n.path) {
		return true, false
	}
	if s.chain == 0 {
		p = s.holder.Unit.liftAll(s.op, p)
	} else {
		lock = s.held
	}
	there := n.what
	if p.Root == nil || there.Root == nil || lock.Root == nil || there.Root != n.path.Root {
		return false, false
	}
	// There the lock and what is waited for belong to one object.
	same = p.Root == lock.Root && slices.Equal(p.Fields, there.Fields) && slices.Equal(lock.Fields, n.path.Fields)
	return same, p.Root != lock.Root && slices.Equal(p.Fields, there.Fields) && len(p.Fields) == 1 && !isGlobal(p.Root)
}

// startedWith reports whether a unit is only called, or started, by the function
// that holds the lock, with the lock's own object for what the path starts from.
func (s *needSearch) startedWith(u *Unit, lock Path) bool {
	top, home := topOf(u), s.holder.Unit
	callers, open := s.x.callersOf(top)
	if open || len(callers) == 0 {
		return false
	}
	return !slices.ContainsFunc(callers, func(c caller) bool {
		given := c.unit.lift(top, lock, c.call)
		return topOf(c.unit) != topOf(home) || given.Root == nil || given.key() != s.holder.Lock.key()
	})
}
