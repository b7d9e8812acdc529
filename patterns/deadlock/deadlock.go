// Package deadlock finds critical sections that may wait forever: for code that needs their
// lock first, or for that lock itself.
package deadlock

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/channels"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// Of looks for a wait in a finding's section that only code which needs the lock can end.
// It prefers a certain deadlock, then the first.
func Of(x *patterns.Program, f *finding.Finding) *finding.Deadlock {
	s := f.Section
	if f.Relock != nil {
		return f.Relock
	}
	if s.LockVar() == nil || s.Unit.Fresh(s.Lock.Root) || s.Problem != "" {
		return nil // nobody else has the lock, or it may not be held
	}
	var best *finding.Deadlock
	for _, o := range waits.WaitsOf(x, s) {
		if o.Weak != "" && o.Guess == "" || endsBefore(x, s, o) {
			continue
		}
		u, op := o.Innermost(s.Unit)
		search := &needSearch{x: x, holder: s, shared: s.Mode == patterns.Shared, lock: s.LockVar(), held: s.Lock, op: o}
		d := search.operation(u, op.Node)
		if d == nil || o.Guess != "" && d.Doubt != "" && !d.Again {
			continue
		}
		d.Op = o
		if o.Guess != "" {
			d.Doubt = fmt.Sprintf("if it is %s that is called here", o.Guess)
		}
		if best == nil || rank(d) < rank(best) {
			best = d
		}
	}
	return best
}

// rank orders deadlocks: certain ones first, delays last.
func rank(d *finding.Deadlock) int {
	switch {
	case d.Timed:
		return 2
	case d.Doubt != "":
		return 1
	}
	return 0
}

// endsBefore reports whether an operation does not hold the lock while it waits: what it
// waits for has already happened, or the condition variable releases the lock.
func endsBefore(x *patterns.Program, s *locks.Section, o *waits.Op) bool {
	return o.Cond != nil && o.Cond.Releases(o, s) || waits.AlreadyHappened(x, s, o)
}

// A needSearch looks for code that ends a wait and needs a lock for it.
type needSearch struct {
	x      *patterns.Program
	holder *locks.Section
	lock   *types.Var
	held   patterns.Path // the lock in the terms of the unit that waits; Root is nil if it cannot be named there
	shared bool          // the holder holds the read side
	op     *waits.Op
	oneOf  bool // the wait is at a channel, for one of several
	ended  bool // the wait ends with a context: code that needs the lock only after that is no obstacle
	stored bool // the wait is for a value in a buffer: whoever needs the lock only after sending has left one
	chain  int  // how many waits lead from the holder's to this one

	gate *types.Var // the flag that lets the awaited sends through, see [needSearch.gateOf]

	// joined are the places that join the awaited group: a lock needed for that is no
	// longer needed.
	joined []values.FlowUse

	warns map[*patterns.Unit][]*ast.IfStmt // memo of warnings
}

// operation judges one operation of unit u.
func (s *needSearch) operation(u *patterns.Unit, n ast.Node) *finding.Deadlock {
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
			return s.closed(u, n, s.readBy(u, n))
		}
		if fn := patterns.CalleeOf(info, n); fn != nil {
			switch fn.FullName() {
			case waits.ServerShutdown:
				return s.handlers(u)
			case "(*sync.Cond).Wait":
				return s.signalled(u, sel.X)
			case "(*io.PipeReader).Read", "(*io.PipeWriter).Write":
				return s.piped(u, sel.X)
			}
		}
		if sel.Sel.Name == "Wait" && values.Carries(info.TypeOf(sel.X)) {
			return s.group(u, sel.X)
		}
		return s.closed(u, n, sel.X)
	}
	return nil
}

// selects judges a select: none of its cases may be able to proceed. A case that proceeds
// only when the object ends does not count, nor does one for a caller's context, though it
// makes the deadlock less certain.
func (s *needSearch) selects(u *patterns.Unit, sel *ast.SelectStmt) *finding.Deadlock {
	var found *finding.Deadlock
	timed, doubt := false, ""
	s.ended = s.endsWithContext(u, sel)
	defer func() { s.ended = false }()
	for _, c := range sel.Body.List {
		var d *finding.Deadlock
		if send, ok := c.(*ast.CommClause).Comm.(*ast.SendStmt); ok {
			d = s.send(u, send.Chan)
		}
		if ch := receivedIn(c.(*ast.CommClause)); ch != nil {
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
	if d.Doubt != "" && doubt != "" {
		doubt = d.Doubt + ", " + doubt
	}
	d.Doubt = cmp.Or(doubt, d.Doubt)
	return &d
}

// isTimer reports whether a channel comes from package time.
func isTimer(info *types.Info, e ast.Expr) bool {
	c, ok := info.TypeOf(e).Underlying().(*types.Chan)
	return ok && types.TypeString(c.Elem(), nil) == "time.Time"
}

// receive judges a wait for a value, or for the close of a channel: everything that may end
// it must need the lock.
func (s *needSearch) receive(u *patterns.Unit, ch ast.Expr, all bool) *finding.Deadlock {
	c := values.FlowsOf(s.x, u.Pkg).ClassOf(ch)
	if c == nil || c.Open {
		return nil
	}
	uses := slices.Concat(c.Closes, c.Sends)
	if all && len(c.Closes) > 0 {
		uses = c.Closes // a range ends with the channel only
	}
	p, _ := patterns.PathOf(u.Pkg.Info, ch)
	s.stored = len(c.Rooms) > 0 && !slices.Contains(c.Rooms, 0)
	defer func() { s.stored = false }()
	if s.stored {
		return s.taken(u, ch, p, uses)
	}
	return s.every(u, p, uses)
}

// send judges a wait for a receiver.
func (s *needSearch) send(u *patterns.Unit, ch ast.Expr) *finding.Deadlock {
	c := values.FlowsOf(s.x, u.Pkg).ClassOf(ch)
	if c == nil || c.Open {
		return nil
	}
	p, _ := patterns.PathOf(u.Pkg.Info, ch)
	if len(c.Rooms) > 0 && slices.Min(c.Rooms) > 0 && !s.lasting(p) {
		return nil // the buffer has room for the answer to one request
	}
	if channels.FilledAtFirst(s.x, c) {
		return nil
	}
	s.gate = s.gateOf(u.Pkg, c)
	defer func() { s.gate = nil }()
	d := s.every(u, p, c.Receives)
	if d != nil && len(c.Rooms) > 0 && !slices.Contains(c.Rooms, 0) {
		addDoubt(d, fmt.Sprintf("if the buffer of %s is full", types.ExprString(ch)))
	}
	return d
}

// lasting reports whether a channel belongs to the object that has the lock, or is a
// package-level variable, and so carries many values in its life.
func (s *needSearch) lasting(p patterns.Path) bool {
	held := s.held
	if s.chain == 0 {
		p, held = waits.LiftAll(s.holder.Unit, s.op, p), s.holder.Lock
	}
	return p.Root != nil && (patterns.IsGlobal(p.Root) || p.Root == held.Root && len(p.Fields) <= len(held.Fields)+1)
}

// handlers judges a wait for the handlers of a server, which may be those of the package.
func (s *needSearch) handlers(u *patterns.Unit) *finding.Deadlock {
	for _, h := range s.x.UnitsIn(s.holder.Unit.Pkg) {
		sig := h.Signature()
		if h.Body == nil || sig.Params().Len() != 2 || sig.Results().Len() != 0 ||
			types.TypeString(sig.Params().At(0).Type(), nil) != "net/http.ResponseWriter" ||
			types.TypeString(sig.Params().At(1).Type(), nil) != "*net/http.Request" {
			continue
		}
		if d := s.one(u, patterns.Path{}, values.FlowUse{Unit: h, Node: h.Body, Deferred: true}); d != nil {
			d.Ends, d.EndsAt = "returning", h.Position(h.Body.End())
			d.Doubt = fmt.Sprintf("if %s serves requests of this server", h.Name())
			return d
		}
	}
	return nil
}

// every judges uses of which any one would end the wait: all must need the lock.
func (s *needSearch) every(u *patterns.Unit, p patterns.Path, uses []values.FlowUse) *finding.Deadlock {
	if s.startedUnder(u, uses) {
		return nil
	}
	s.oneOf = true
	defer func() { s.oneOf = false }()
	var first *finding.Deadlock
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
func (s *needSearch) one(u *patterns.Unit, p patterns.Path, use values.FlowUse) *finding.Deadlock {
	if use.Unit == u || s.waiting(use.Unit) {
		return nil // it has run, or will run, in the goroutine that waits
	}
	n := s.needs(use.Unit, use.Node, use.Path, use.Deferred, 3)
	if n == nil || s.oneOf && !n.again && (s.chain > 0 || s.published(p, use)) {
		return nil
	}
	return s.needed(p, use, n)
}

// needed describes an operation that would end the wait and needs a lock, if that may be the
// holder's.
func (s *needSearch) needed(p patterns.Path, use values.FlowUse, n *need) *finding.Deadlock {
	d := &finding.Deadlock{In: use.Unit.Name(), EndsAt: use.Unit.Position(use.Node.Pos()), Path: n.hops, Ends: describeUse(use), Lock: n.path, What: n.what, Again: n.again, After: n.after}
	same, other := s.sameObject(p, use, n)
	if other {
		return nil
	}
	if !same {
		// Far from the section, a lock of the same type usually belongs to another object.
		// So does the lock of what an interface holds.
		if n.path.Root == nil || len(s.op.Path) > 3 || len(n.hops) > 4 || n.path.ThroughInterface() {
			return nil
		}
		d.Doubt = "if both locks belong to the same object"
		if there, here := n.text(), s.holder.Lock.String(); there != here {
			d.Doubt = fmt.Sprintf("if %s there and %s here belong to the same object", there, here)
		}
	}
	return d
}

// published reports whether the holder knows the object only because whoever ends the wait
// made it, or put it where the lock guards it: a lock needed for that is no longer needed.
func (s *needSearch) published(p patterns.Path, use values.FlowUse) bool {
	if made, ok := ast.Unparen(use.Unit.DefinedOnce(use.Path.Root)).(*ast.CallExpr); ok && len(use.Path.Fields) == 0 && patterns.BuiltinOf(use.Unit.Pkg.Info, made) == "make" && use.Unit.Contains(made.Pos()) {
		return true
	}
	root := waits.LiftAll(s.holder.Unit, s.op, p).Root
	lock := s.holder.Lock
	if root != nil && makes(s.holder.Unit, root) && s.holder.CoversPos(root.Pos()) {
		return false // the holder has made it, and nobody has it before
	}
	if own := use.Path.Root; own != nil && !patterns.IsGlobal(own) && (values.ParamIndex(use.Unit.Signature(), own) >= 0 || !use.Unit.Contains(own.Pos())) && !stores(use.Unit, own) {
		return false // it was passed to whoever ends the wait
	}
	return root == nil || root != lock.Root && !patterns.IsGlobal(root) && !s.holder.Unit.Captured(root) && s.holder.CoversPos(root.Pos())
}

// makes reports whether a local variable holds what the unit has made for it: an
// object, or a channel.
func makes(u *patterns.Unit, v *types.Var) bool {
	c, ok := ast.Unparen(u.DefinedOnce(v)).(*ast.CallExpr)
	return u.Fresh(v) || ok && patterns.BuiltinOf(u.Pkg.Info, c) == "make"
}

// waiting reports whether the waiting goroutine is in a unit.
func (s *needSearch) waiting(u *patterns.Unit) bool {
	return u == s.holder.Unit || slices.ContainsFunc(s.op.Chain, func(l waits.Link) bool { return l.Callee == u || l.Callee.Of == u })
}

// stores reports whether the unit keeps a variable's value somewhere.
func stores(u *patterns.Unit, v *types.Var) bool {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && u.Pkg.Info.Uses[id] == v
	}
	found := false
	ast.Inspect(patterns.TopOf(u).Body, func(n ast.Node) bool {
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

func describeUse(use values.FlowUse) string {
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
	hops []patterns.Hop
	path patterns.Path // of the lock, in terms of the unit asked about; Root is nil if not known
	what patterns.Path // what is waited for, in the same terms

	again bool   // it is needed each time, not only before the first
	after string // the function that needs it, if the unit waits for that one
}

func (n *need) text() string {
	return n.path.String()
}

// needs finds out whether the unit needs the lock before it reaches a node: it holds it
// there, takes it on the way there, or all of its callers do.
func (s *needSearch) needs(u *patterns.Unit, n ast.Node, what patterns.Path, deferred bool, depth int) *need {
	if found := s.before(u, n, what, deferred); found != nil {
		found.what = what
		return found
	}
	if depth == 0 || u.Obj == nil || u.Obj.Exported() && u.Pkg.Name != "main" {
		return nil
	}
	callers, open := guards.CallersOf(s.x, u)
	if open || len(callers) == 0 {
		return nil
	}
	var first *need
	for _, c := range callers {
		if c.Spawned {
			return nil
		}
		m := s.needs(c.Unit, c.Call, values.Lift(c.Unit, u, what, c.Call), c.Deferred, depth-1)
		if m == nil {
			return nil
		}
		if first == nil {
			first = m
		}
	}
	return first
}

// before finds an acquisition of the lock that can run before the node, or another wait
// that only code which needs the lock ends.
func (s *needSearch) before(u *patterns.Unit, n ast.Node, what patterns.Path, deferred bool) *need {
	if u.Body == nil {
		return nil
	}
	beside := n
	if deferred { // it runs after every branch
		beside = nil
	}
	from := max(s.joinedAt(u, beside), gotAt(u, what), s.madeAt(u, what))
	told := s.toldPast(u, what)
	past := func(m ast.Node) bool { return told(m) || s.pastGate(u, m, n) }
	var reached, after map[locks.NodeRef]bool
	if locks.Flows.Of(u) != nil && !deferred {
		at, ok := locks.Flows.Of(u).RefAt(n)
		if !ok {
			return nil
		}
		reached, after = connected(locks.Flows.Of(u), at, false), connected(locks.Flows.Of(u), at, true)
	}
	matters := func(pos token.Pos) bool {
		return !s.warned(u, pos) && !(s.ended && afterContext(u, pos))
	}
	passes := func(pos token.Pos) bool {
		return matters(pos) && pos > from && (from == token.NoPos || deferred || len(s.joined) > 0 || pos < n.Pos()) && !(s.stored && pos > n.Pos())
	}
	if locks.Flows.Of(u) != nil {
		for _, e := range locks.Flows.Of(u).Acquires {
			if s.takes(e) && (deferred || reached[e.At]) && passes(e.Pos) && !past(e.Call) {
				hop := patterns.Hop{Func: e.Path.String() + "." + e.Mode.Acquire() + "()", At: u.Position(e.Pos)}
				return &need{hops: []patterns.Hop{hop}, path: e.Path, again: after[e.At] || s.heldAt(u, n) || loopBefore(u, e.Call, n)}
			}
		}
	}
	for _, c := range u.Calls() {
		first := isOperand(c, n) && matters(c.Pos())
		if waits.InGo(u, c) || past(c) || !first && !(passes(c.Pos()) && (deferred || runsBefore(u, c, n, reached))) {
			continue
		}
		if found := s.within(u, c, map[*patterns.Unit]bool{u: true}, 6); found != nil {
			found.again = first || loopAround(u, c, n) || loopBefore(u, c, n)
			return found
		}
	}
	runs := func(w ast.Node) bool {
		return passes(w.Pos()) && !past(w) && (deferred || runsBefore(u, w, n, reached))
	}
	if found := s.behind(u, n, runs); found != nil {
		return found
	}
	return s.blocked(u, n, what, runs)
}

// gotAt returns where the unit gets the awaited object, if it comes over a channel:
// whatever happens before is over by then.
func gotAt(u *patterns.Unit, what patterns.Path) token.Pos {
	if what.Root == nil || patterns.IsGlobal(what.Root) || !u.Contains(what.Root.Pos()) {
		return token.NoPos
	}
	if def := u.DefinedOnce(what.Root); def != nil {
		if values.ReceivedFrom(def) != nil {
			return def.Pos()
		}
		return token.NoPos
	}
	at := token.NoPos
	ast.Inspect(u.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.RangeStmt:
			if id, ok := m.Key.(*ast.Ident); ok && u.Pkg.Info.ObjectOf(id) == what.Root && patterns.IsChan(u.Pkg.Info.TypeOf(m.X)) {
				at = m.X.Pos()
			}
		case *ast.AssignStmt:
			if id, ok := m.Lhs[0].(*ast.Ident); ok && len(m.Rhs) == 1 && u.Pkg.Info.ObjectOf(id) == what.Root && values.ReceivedFrom(m.Rhs[0]) != nil {
				at = m.Pos()
			}
		}
		return true
	})
	return at
}

// maxChain bounds how many waits are followed one after the other.
const maxChain = 2

// hands reports whether a wait is for somebody to take what the unit has, or to finish, and
// not a wait for more work, in which a goroutine is idle.
func (s *needSearch) hands(u *patterns.Unit, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt, *ast.CallExpr:
		return true
	case *ast.UnaryExpr:
		return s.saysFinished(u, n.X)
	case *ast.SelectStmt:
		return slices.ContainsFunc(n.Body.List, func(c ast.Stmt) bool {
			_, sends := c.(*ast.CommClause).Comm.(*ast.SendStmt)
			return sends
		})
	}
	return false
}

// saysFinished reports whether a channel only says that functions have finished: it carries
// no values, and each of them closes it as its last act.
func (s *needSearch) saysFinished(u *patterns.Unit, ch ast.Expr) bool {
	c := values.FlowsOf(s.x, u.Pkg).ClassOf(ch)
	if c == nil || c.Open || len(c.Sends) > 0 || len(c.Closes) == 0 {
		return false
	}
	return !slices.ContainsFunc(c.Closes, func(use values.FlowUse) bool {
		body := use.Unit.Body.List
		last, ok := body[len(body)-1].(*ast.ExprStmt)
		return !use.Deferred && !(ok && last.X == use.Node)
	})
}

// blocked finds a wait of the unit before the node that only code which needs the lock
// ends, in the role what.
func (s *needSearch) blocked(u *patterns.Unit, n ast.Node, what patterns.Path, before func(ast.Node) bool) *need {
	if s.chain >= maxChain {
		return nil
	}
	for _, st := range waits.SitesOf(s.x, u) {
		if !s.hands(u, st.Node) || st.Op == nil || len(st.Op.Path) > 0 || st.Defers || st.Node == n || st.Op.Weak != "" ||
			st.Op.Category != "chan" && st.Op.Category != "wait" || !u.Contains(st.Node.Pos()) || !before(st.Node) {
			continue
		}
		if st.Node.Pos() <= n.Pos() && n.End() <= st.Node.End() {
			continue // the select that the node is a case of
		}
		inner := &needSearch{x: s.x, holder: s.holder, lock: s.lock, shared: s.shared, op: s.op, chain: s.chain + 1}
		if what.Root != nil {
			inner.held = patterns.Path{Root: what.Root, Fields: s.holder.Lock.Fields}
		}
		d := inner.operation(u, st.Node)
		if d == nil || d.Timed {
			continue
		}
		hops := append([]patterns.Hop{{Func: st.Op.What, At: u.Position(st.Node.Pos())}, {Func: d.In, At: d.EndsAt}}, d.Path...)
		found := &need{hops: hops, again: true, after: cmp.Or(d.After, d.In)}
		if d.Doubt == "" {
			found.path = patterns.Path{Root: what.Root, Fields: s.holder.Lock.Fields}
		} else {
			found.path = d.Lock
		}
		return found
	}
	return nil
}

// warned reports whether reaching a place of the unit depends on a variable that the holder
// sets in the section before it waits.
func (s *needSearch) warned(u *patterns.Unit, pos token.Pos) bool {
	ifs, known := s.warns[u]
	if !known {
		ifs = s.warnings(u)
		if s.warns == nil {
			s.warns = make(map[*patterns.Unit][]*ast.IfStmt)
		}
		s.warns[u] = ifs
	}
	return slices.ContainsFunc(ifs, func(f *ast.IfStmt) bool { return f.Body.Pos() <= pos && pos < f.End() })
}

// warnings lists the if statements of a unit that test a variable set by the holder in the
// section before it waits.
func (s *needSearch) warnings(u *patterns.Unit) []*ast.IfStmt {
	var set []*types.Var
	for _, a := range guards.OwnAccesses(s.x, s.holder.Unit) {
		if a.Kind == guards.Write && a.Pos() < s.op.Pos() && s.holder.CoversPos(a.Pos()) {
			set = append(set, a.Var)
		}
	}
	if len(set) == 0 {
		return nil
	}
	var ifs []*ast.IfStmt
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if ok && slices.ContainsFunc(guards.AccessesIn(u, f.Cond), func(a *guards.Access) bool { return slices.Contains(set, a.Var) }) {
			ifs = append(ifs, f)
		}
		return true
	})
	return ifs
}

// joinedAt returns where the unit itself joins the awaited group, but not in a branch beside a
// node, unless that is nil: whatever the unit does before is over by then.
func (s *needSearch) joinedAt(u *patterns.Unit, n ast.Node) token.Pos {
	at := token.NoPos
	apart := func(join ast.Node) bool { return false }
	if flow := locks.Flows.Of(u); flow != nil && n != nil && len(s.joined) > 0 {
		if ref, ok := flow.RefAt(n); ok {
			reached := connected(flow, ref, false)
			apart = func(join ast.Node) bool { r, ok := flow.RefAt(join); return ok && r != ref && !reached[r] }
		}
	}
	for _, j := range s.joined {
		if j.Unit == u && !apart(j.Node) {
			at = max(at, j.Node.Pos())
		}
		for _, c := range u.Calls() {
			if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil && s.x.UnitOf(fn) == j.Unit && !apart(c) {
				at = max(at, c.Pos())
			}
		}
	}
	return at
}

// heldAt reports whether the unit holds the lock at a node.
func (s *needSearch) heldAt(u *patterns.Unit, n ast.Node) bool {
	return slices.ContainsFunc(locks.HeldAt(u, n), func(p patterns.Path) bool { return p.Last() == s.lock })
}

// runsBefore reports whether a call of the unit can run before a node of it.
func runsBefore(u *patterns.Unit, c ast.Node, n ast.Node, reached map[locks.NodeRef]bool) bool {
	if locks.Flows.Of(u) == nil { // no locks, so no graph: loops allow any order
		return c.Pos() < n.Pos() || loopAround(u, c, n)
	}
	at, ok := locks.Flows.Of(u).RefAt(c)
	return ok && reached[at]
}

// isOperand reports whether a call is made for the value or channel of an operation that
// ends a wait: ch <- x.size(), also as the case of a select.
func isOperand(c, n ast.Node) bool {
	if r, ok := n.(*ast.RangeStmt); ok {
		n = r.X
	}
	_, body := n.(*ast.BlockStmt)
	return c != n && !body && n.Pos() <= c.Pos() && c.End() <= n.End()
}

// loopAround reports whether a loop of the unit holds both nodes.
func loopAround(u *patterns.Unit, a, b ast.Node) bool {
	return slices.ContainsFunc(statements.LoopsAround(u.Body, a.Pos()), func(l ast.Node) bool { return l.Pos() <= b.Pos() && b.Pos() < l.End() })
}

// loopBefore reports whether a loop of the unit holds a node and is over before another one.
func loopBefore(u *patterns.Unit, a, b ast.Node) bool {
	return inLoop(u, a) && !loopAround(u, a, b)
}

// takes reports whether an event acquires the lock in a way that has to wait for the
// holder.
func (s *needSearch) takes(e locks.Event) bool {
	return e.Kind == locks.EvAcquire && e.Path.Last() == s.lock && !(s.shared && e.Mode == patterns.Shared)
}

// connected returns the nodes from which a node can be reached, or with forward
// set those that can be reached from it.
func connected(f *locks.Flow, at locks.NodeRef, forward bool) map[locks.NodeRef]bool {
	seen := make(map[locks.NodeRef]bool)
	for todo := []locks.NodeRef{at}; len(todo) > 0; {
		ref := todo[0]
		todo = todo[1:]
		for _, n := range f.Steps(ref, forward) {
			if !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		}
	}
	return seen
}

// within finds an acquisition of the lock in the functions that a call runs.
func (s *needSearch) within(u *patterns.Unit, c *ast.CallExpr, seen map[*patterns.Unit]bool, depth int) *need {
	if depth == 0 {
		return nil
	}
	callees := runBy(s.x, u, c)
	if waits.DynamicCall(s.x, u, c) && len(callees) != 1 {
		return nil
	}
	for _, v := range callees {
		if seen[v] || v.Body == nil || slices.ContainsFunc(s.joined, func(j values.FlowUse) bool { return j.Unit == v }) {
			continue
		}
		seen[v] = true
		hop := patterns.Hop{Func: v.Name(), At: u.Position(c.Pos())}
		untaken := values.Untaken(v, values.ConstantsFor(u, v, c))
		if locks.Flows.Of(v) != nil {
			for _, e := range locks.Flows.Of(v).Acquires {
				if s.takes(e) && !untaken.Has(e.Call) {
					return &need{
						hops: []patterns.Hop{hop, {Func: e.Path.String() + "." + e.Mode.Acquire() + "()", At: v.Position(e.Pos)}},
						path: values.Lift(u, v, e.Path, c),
					}
				}
			}
		}
		for _, inner := range v.Calls() {
			if waits.InGo(v, inner) || untaken.Has(inner) {
				continue
			}
			if n := s.within(v, inner, seen, depth-1); n != nil {
				return &need{hops: append([]patterns.Hop{hop}, n.hops...), path: values.Lift(u, v, n.path, c)}
			}
		}
	}
	return nil
}

// runBy is [waits.RunBy] with a memo: many searches follow the same calls.
func runBy(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) []*patterns.Unit {
	return ranBy.Get(x, patterns.Call{Unit: u, Call: c}, func() []*patterns.Unit { return waits.RunBy(x, u, c) })
}

var ranBy patterns.Memo[patterns.Call, []*patterns.Unit]

// sameObject reports whether the needed lock is certainly the held one, and whether it
// certainly, or almost certainly, belongs to another object.
func (s *needSearch) sameObject(p patterns.Path, use values.FlowUse, n *need) (same, other bool) {
	lock := s.holder.Lock
	if lock.Global() {
		return true, false
	}
	if n.path.Root == nil {
		return false, false
	}
	if n.path.Key() == lock.Key() && patterns.TopOf(use.Unit) == patterns.TopOf(s.holder.Unit) {
		return true, false // one variable of one call
	}
	if top := patterns.TopOf(s.holder.Unit); patterns.TopOf(use.Unit) == top && top.IsParam(lock.Root) && !top.IsResult(lock.Root) && top.Fresh(n.path.Root) {
		return false, true // what a function is given is nothing that it makes
	}
	if s.partOfHolder(use.Unit, n.path) {
		return false, true
	}
	if s.startedWith(use.Unit, n.path) {
		return true, false
	}
	if s.chain == 0 {
		p = waits.LiftAll(s.holder.Unit, s.op, p)
	} else {
		lock = s.held
	}
	there := n.what
	if p.Root == nil || there.Root == nil || lock.Root == nil || there.Root != n.path.Root {
		return s.linked(use.Unit, p, lock, n), false
	}
	// There the lock and what is waited for belong to the same object.
	same = p.Root == lock.Root && slices.Equal(p.Fields, there.Fields) && slices.Equal(lock.Fields, n.path.Fields)
	return same, p.Root != lock.Root && slices.Equal(p.Fields, there.Fields) && len(p.Fields) == 1 && !patterns.IsGlobal(p.Root)
}

// partOfHolder reports whether a lock, in a unit inside the holder's function, belongs to an
// object that is found in the one with the held lock: a child in its list.
func (s *needSearch) partOfHolder(u *patterns.Unit, lock patterns.Path) bool {
	top, root := patterns.TopOf(s.holder.Unit), s.holder.Lock.Root
	if patterns.TopOf(u) != top || lock.Root == root || top.IsParam(lock.Root) || patterns.IsGlobal(lock.Root) {
		return false
	}
	given := u.Given(lock.Root)
	return len(given) > 0 && !slices.ContainsFunc(given, func(e ast.Expr) bool {
		if ix, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			e = ix.X
		}
		p, ok := patterns.PathOf(u.Pkg.Info, e)
		return !ok || p.Root != root || len(p.Fields) == 0
	})
}

// startedWith reports whether a unit is only called, or started, by the function
// that holds the lock, with the lock's own object for what the path starts from.
func (s *needSearch) startedWith(u *patterns.Unit, lock patterns.Path) bool {
	top, home := patterns.TopOf(u), s.holder.Unit
	callers, open := guards.CallersOf(s.x, top)
	if open || len(callers) == 0 {
		return false
	}
	return !slices.ContainsFunc(callers, func(c guards.Caller) bool {
		given := values.Lift(c.Unit, top, lock, c.Call)
		return patterns.TopOf(c.Unit) != patterns.TopOf(home) || given.Root == nil || given.Key() != s.holder.Lock.Key()
	})
}
