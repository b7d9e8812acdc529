package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// A callLoop is a loop around the call of a helper, which releases the lock in each
// round.
type callLoop struct {
	stmt          ast.Stmt
	before, after []ast.Stmt // what stands in its body before and after the call
}

// surround finds what is done under the lock before and after the call.
func (h *helperCaller) surround() *Refusal {
	var node ast.Node = h.call
	for node != nil && !slices.ContainsFunc(h.Body, func(st ast.Stmt) bool { return ast.Node(st) == node }) {
		parent := h.parents[node]
		st, isStmt := node.(ast.Stmt)
		if list := listIn(parent); isStmt && list != nil {
			h.beside(list, slices.Index(list, st))
		}
		h.head(parent, node)
		switch p := parent.(type) {
		case *ast.ForStmt:
			if node != ast.Node(p.Body) {
				return Refuse(S14, "caller-loop", h.call.Pos(), "the call is in the header of a loop")
			}
			h.loop(p, p.Init, p.Post)
			h.tests = append(h.tests, exprs(p.Cond)...)
		case *ast.RangeStmt:
			if node == ast.Node(p.Body) {
				h.loop(p, &ast.ExprStmt{X: p.X}, nil)
			} else {
				h.post = append(h.post, p.Body)
			}
		case *ast.CommClause:
			if ast.Node(p.Comm) == node {
				return Refuse(S14, "caller-form", h.call.Pos(), "the call is a case of a select")
			}
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return Refuse(S14, "caller-form", h.call.Pos(), "the call is deferred, or in a goroutine or a function literal")
		case *ast.LabeledStmt:
			if jumpsBack(h.Unit.Body) {
				return Refuse(S11, "jumps", h.call.Pos(), "%s has a goto", h.Unit.Name())
			}
		}
		node = parent
	}
	i := h.indexOf(h.call)
	if i < 0 {
		return Refuse(S14, "caller-form", h.call.Pos(), "the call is not among the statements of its section")
	}
	h.beside(h.Body, i)
	return nil
}

// beside takes what stands in a list before and after its i-th statement for what is
// done before and after the call.
func (h *helperCaller) beside(list []ast.Stmt, i int) {
	h.pre, h.post = append(slices.Clone(list[:i]), h.pre...), append(h.post, list[i+1:]...)
}

// loop notes a loop around the call: one round comes before the next one.
func (h *helperCaller) loop(st ast.Stmt, init, post ast.Stmt) {
	h.loops = append(h.loops, &callLoop{stmt: st, before: slices.Clone(h.pre), after: slices.Clone(h.post)})
	if init != nil {
		h.pre = append([]ast.Stmt{init}, h.pre...)
	}
	if post != nil {
		h.post = append(h.post, post)
	}
}

// exprs lists an expression that may be missing.
func exprs(e ast.Expr) []ast.Expr {
	if e == nil {
		return nil
	}
	return []ast.Expr{e}
}

// head notes what a statement does around a part of it, in which the call
// stands: it assigns its results, it tests them, or it makes the call depend on
// a test.
func (h *helperCaller) head(parent, part ast.Node) {
	branches := func(list ...ast.Stmt) {
		for _, st := range list {
			if st != nil {
				h.post = append(h.post, st)
			}
		}
	}
	switch p := parent.(type) {
	case *ast.AssignStmt:
		h.assign = p
	case *ast.IfStmt:
		if part == ast.Node(p.Body) || part == ast.Node(p.Else) {
			h.tests = append(h.tests, p.Cond)
		} else {
			branches(p.Body, p.Else)
		}
	case *ast.SwitchStmt:
		if part != ast.Node(p.Body) {
			branches(p.Body)
		} else if p.Tag != nil {
			h.tests = append(h.tests, p.Tag)
		}
	case *ast.TypeSwitchStmt:
		if part != ast.Node(p.Body) {
			branches(p.Body)
		} else if st, ok := p.Assign.(*ast.ExprStmt); ok {
			h.tests = append(h.tests, st.X)
		} else if st, ok := p.Assign.(*ast.AssignStmt); ok {
			h.tests = append(h.tests, st.Rhs...)
		}
	case *ast.BlockStmt:
		if sw, ok := h.parents[p].(*ast.SwitchStmt); ok && sw.Tag == nil {
			for _, c := range p.List {
				h.tests = append(h.tests, c.(*ast.CaseClause).List...)
			}
		}
	}
}

// listIn returns the statement list of a node.
func listIn(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// LookThrough lays out what calls the helper, and notes what they give to it.
func (h *HelperSite) LookThrough() *Refusal { return h.under.lookThrough(h.unit) }

// ProveCallers is S14: no caller relies on the lock being held throughout the
// call. It adds what has to be asked to the window's obligations.
func (h *HelperSite) ProveCallers(w *Window) *Refusal {
	serves := h.touches(stmtNodes(h.Body)...).guarded() != nil
	for _, c := range callersOf(h.unit, make(map[*lockedUnit]bool)) {
		if r := c.prove(); r != nil {
			return r
		}
		cw := c.window()
		serves = serves || cw.pre.guarded() != nil || cw.post.guarded() != nil
		for _, check := range []func(*Window) *Refusal{c.proveTargets, c.proveRounds, (*Window).proveStale, (*Window).proveUpdates, (*Window).proveUndone, (*Window).proveHalfDone} {
			if r := check(cw); r != nil {
				r.Reason = "in " + c.Unit.Name() + ", which calls " + c.callee.Name() + ": " + r.Reason
				return r
			}
		}
		c.askTests(cw)
		h.askAcross(w, cw)
		for _, o := range cw.obligations {
			if o.Status == Assumed {
				w.ask(o.about, "", o.Condition, o.Pos, inCaller+"%s: %s", c.Unit.Name(), o.Text)
			}
		}
	}
	if !serves {
		return Refuse(S9, "guards-the-wait", h.Unit.Decl.Pos(), "nothing that %s and its callers use looks guarded, so the lock seems to protect the wait itself", h.Unit.Name())
	}
	w.proved(S14, "every caller was looked at: none uses after the call what it has read before")
	return nil
}

// askAcross asks whether what the helper reads before its window and its caller uses
// after the call, or the other way round, may be of different times, unless
// something like it is asked already.
func (h *HelperSite) askAcross(w, cw *Window) {
	asked := func(o Obligation) bool { return o.Status == Assumed && o.Answers(S3) }
	if slices.ContainsFunc(cw.obligations, asked) {
		return
	}
	const question = "%s is read before the call and %s after it. May the two values come from different updates?"
	inside, outside := w.pre.through(h.Unit), w.post.through(h.Unit)
	if before, after := inside.guardedRead(), cw.post.guarded(); before != nil && after != nil {
		cw.assume(S3, before.access.Pos(), question, before.name(), after.name())
	} else if before, after := cw.readBefore(), outside.guarded(); before != nil && after != nil {
		cw.assume(S3, before.access.Pos(), question, before.name(), after.name())
	}
}

// prove refuses a call in a place where the lock must not be released.
func (c *helperCaller) prove() *Refusal {
	if t := c.usedBeside(); t != nil {
		return Refuse(S14, "caller-uses-guarded", c.call.Pos(), "the statement of this call also uses %s, which %s guards: %s", t.name(), c.Section.Lock, t.why)
	}
	held := c.Unit.MayHoldAt(c.call)
	for _, p := range held {
		inner := c.inherited != nil || slices.ContainsFunc(c.Section.Others, func(o patterns.OtherLock) bool { return o.Inner && o.Lock.String() == p.String() })
		if inner {
			return Refuse(S13, "lock-order", c.call.Pos(), "%s is taken while %s is held, and may be held when that is taken again", p, c.Section.Lock)
		}
	}
	if at := c.waitsForCond(); at != nil {
		return Refuse(S18, "missed-signal", at.Pos(), "%s may miss the signal if the condition becomes true while %s runs", types.ExprString(at.Fun), c.callee.Name())
	}
	return nil
}

// waitsForCond returns a wait for a condition variable after the call, or nil.
func (c *helperCaller) waitsForCond() *ast.CallExpr {
	var found *ast.CallExpr
	for _, st := range slices.Concat(c.pre, c.post) {
		if st.End() <= c.call.Pos() && len(c.loops) == 0 {
			continue
		}
		inspectOuter(st, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && found == nil {
				if fn := patterns.CalleeOf(c.Info, call); fn != nil && fn.FullName() == "(*sync.Cond).Wait" {
					found = call
				}
			}
			return found == nil
		})
	}
	return found
}

// proveTargets refuses a target of the call's results that is reached through what
// was read before.
func (c *helperCaller) proveTargets(w *Window) *Refusal {
	if e := c.throughOld(w); e != nil {
		return Refuse(S3, "caller-read-before", e.Pos(), "%s is reached through something read before the call and assigned after it", types.ExprString(e))
	}
	return nil
}

// proveRounds is S3 for the loops around a call: what was read before the loop is not
// used in the next round, and what each round reads may differ from the last one's.
func (c *helperCaller) proveRounds(w *Window) *Refusal {
	for _, l := range c.loops {
		for _, v := range sortedVars(w.derived) {
			if l.declares(v) {
				continue // set anew in each round
			}
			for _, n := range c.inRound(l) {
				if len(w.derived[v]) > 0 && mentions(w.Info, n, v) && !c.Unit.Assigned(v, l.before) {
					return Refuse(S3, "caller-read-before", n.Pos(), "%s was read from %s before the loop and is used in its next round", v.Name(), w.derived[v][0].access.Var.Name())
				}
			}
		}
	}
	if len(c.loops) == 0 {
		return nil
	}
	outer := c.loops[len(c.loops)-1]
	var names []string
	for _, t := range c.touches(outer.stmt).touches {
		if t.class == guardedUse && t.access.Kind == patterns.Read && t.via == nil && !c.adds(t.access) && !slices.Contains(names, t.name()) {
			names = append(names, t.name())
		}
	}
	if len(names) > 0 {
		w.assume(S3, outer.stmt.Pos(), "Each round of the loop calls %s, and %s can change meanwhile. Is each round right on its own?", c.callee.Name(), some(names))
	}
	return nil
}

// inRound lists what a round of a loop does, or tests, before the call.
func (c *helperCaller) inRound(l *callLoop) []ast.Node {
	nodes := stmtNodes(l.before)
	for _, t := range c.tests {
		if within(t, l.stmt) {
			nodes = append(nodes, t)
		}
	}
	return nodes
}

// declares reports whether a variable is declared in the loop.
func (l *callLoop) declares(v *types.Var) bool {
	return l.stmt.Pos() <= v.Pos() && v.Pos() < l.stmt.End()
}

// adds reports whether an access only adds to what is there.
func (h *helperCaller) adds(a *patterns.Access) bool {
	return h.NewWindow(nil, nil, nil).adds(a)
}

// askTests asks about the tests of guarded state on which the call depends.
func (c *helperCaller) askTests(w *Window) {
	for _, t := range c.tests {
		if w.depends(t) {
			w.assume(S3, t.Pos(), "The state tested at %s can change before the call is over. May the call still be made then?", w.line(t.Pos()))
		}
	}
}

// window is the call as a window of the caller's section: its arguments and the
// tests around it come before, what its results are assigned to after it.
func (c *helperCaller) window() *Window {
	w := c.NewWindow(c.pre, nil, c.post)
	d := c.newDeriver(w.derived)
	for _, l := range c.loops {
		if r, ok := l.stmt.(*ast.RangeStmt); ok {
			d.assign(r.Key, r.X)
			d.assign(r.Value, r.X)
		}
	}
	d.run(c.pre)
	for _, l := range c.loops { // what earlier rounds have left
		w.pre.add(c.touches(stmtNodes(l.after)...))
		for v, ts := range c.derived(slices.Concat(c.pre, l.after)) {
			if !l.declares(v) {
				d.note(v, ts, false)
			}
		}
	}
	for _, e := range slices.Concat(c.call.Args, c.tests) {
		t := c.touches(e)
		t.touches = slices.DeleteFunc(t.touches, func(t *touch) bool { return t.access.Kind.Changes() }) // that is the call
		w.pre.add(t)
	}
	if c.assign == nil {
		return w
	}
	for _, t := range c.touches(c.assign).touches {
		if t.via == nil && t.access.Node.End() <= c.assign.TokPos {
			w.post.touches = append(w.post.touches, t)
		}
	}
	return w
}

// throughOld returns a target of the call's results that is reached through a
// variable that was set from guarded state before the call, or nil.
func (c *helperCaller) throughOld(w *Window) ast.Expr {
	if c.assign == nil {
		return nil
	}
	for _, l := range c.assign.Lhs {
		if _, plain := ast.Unparen(l).(*ast.Ident); plain {
			continue
		}
		for v, from := range w.derived {
			if len(from) > 0 && mentions(w.Info, l, v) {
				return l
			}
		}
	}
	return nil
}

// usedBeside returns what the statement of the call uses of guarded state apart from
// the arguments and a plain target: it may be read before the call or after it.
func (c *helperCaller) usedBeside() *touch {
	var node ast.Node = c.call
	for {
		parent := c.parents[node]
		if parent == nil {
			return nil
		}
		if list := c.others(parent, node); len(list) > 0 {
			if t := c.touches(list...).guarded(); t != nil {
				return t
			}
		}
		if _, isStmt := parent.(ast.Stmt); isStmt {
			return nil
		}
		node = parent
	}
}

// others lists the parts of an expression or statement beside the one given.
func (c *helperCaller) others(parent, part ast.Node) []ast.Node {
	var out []ast.Node
	switch p := parent.(type) {
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if !plainTarget(l) || p.Tok != token.ASSIGN && p.Tok != token.DEFINE {
				out = append(out, l)
			}
		}
		for _, r := range p.Rhs {
			if ast.Node(r) != part {
				out = append(out, r)
			}
		}
	case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		// [helperCaller.head] has its parts.
	case *ast.ForStmt, *ast.RangeStmt:
		// [helperCaller.loop] has them.
	default:
		ast.Inspect(parent, func(n ast.Node) bool {
			if n != nil && n != parent && n != part {
				out = append(out, n)
			}
			return n == parent
		})
	}
	return out
}

// plainTarget reports whether assigning to an expression reads nothing but a
// chain of fields: no element, and nothing behind a pointer that is not a field's
// own.
func plainTarget(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return plainTarget(e.X)
	}
	return false
}
