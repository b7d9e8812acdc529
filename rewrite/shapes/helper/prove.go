package helper

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// surround finds what is done under the lock before and after the call.
func (h *helperCaller) surround() *safety.Refusal {
	var node ast.Node = h.call
	for node != nil && !slices.ContainsFunc(h.Body, func(st ast.Stmt) bool { return ast.Node(st) == node }) {
		parent := h.Parents[node]
		st, isStmt := node.(ast.Stmt)
		if list := statements.ListOf(parent); isStmt && list != nil {
			h.beside(list, slices.Index(list, st))
		}
		h.head(parent, node)
		switch p := parent.(type) {
		case *ast.ForStmt:
			if node != ast.Node(p.Body) {
				return safety.Refuse(safety.S14, "caller-loop", h.call.Pos(), "the call is in the header of a loop")
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
				return safety.Refuse(safety.S14, "caller-form", h.call.Pos(), "the call is a case of a select")
			}
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return safety.Refuse(safety.S14, "caller-form", h.call.Pos(), "the call is deferred, or in a goroutine or a function literal")
		case *ast.LabeledStmt:
			if syntax.JumpsBack(h.Unit.Body) {
				return safety.Refuse(safety.S11, "jumps", h.call.Pos(), "%s has a goto", h.Unit.Name())
			}
		}
		node = parent
	}
	i := h.IndexOf(h.call)
	if i < 0 {
		return safety.Refuse(safety.S14, "caller-form", h.call.Pos(), "the call is not among the statements of its section")
	}
	h.beside(h.Body, i)
	if h.isReturned() {
		h.post = nil
	}
	return nil
}

// isReturned reports whether the call is an operand of a return statement, so that no other
// statement of the caller comes after it.
func (h *helperCaller) isReturned() bool {
	for n := h.Parents[h.call]; n != nil; n = h.Parents[n] {
		if st, ok := n.(ast.Stmt); ok {
			_, returns := st.(*ast.ReturnStmt)
			return returns && len(h.loops) == 0
		}
	}
	return false
}

// beside treats what comes in a list before and after its i-th statement as what is done
// before and after the call.
func (h *helperCaller) beside(list []ast.Stmt, i int) {
	h.pre, h.post = append(slices.Clone(list[:i]), h.pre...), append(h.post, list[i+1:]...)
}

// loop notes a loop around the call: each iteration comes before the next.
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

// head notes what a statement does around the part of it that contains the call: it assigns
// the results, tests them, or makes the call depend on a test.
func (h *helperCaller) head(parent, part ast.Node) {
	branches := func(list ...ast.Stmt) {
		for _, st := range list {
			if st != nil {
				h.post = append(h.post, st)
			}
		}
	}
	first := func(init ast.Stmt) {
		if init != nil && part != ast.Node(init) {
			h.pre = append([]ast.Stmt{init}, h.pre...)
		}
	}
	switch p := parent.(type) {
	case *ast.AssignStmt:
		h.assign = p
	case *ast.IfStmt:
		first(p.Init)
		if part == ast.Node(p.Body) || part == ast.Node(p.Else) {
			h.tests = append(h.tests, p.Cond)
		} else {
			branches(p.Body, p.Else)
		}
	case *ast.SwitchStmt:
		first(p.Init)
		if part != ast.Node(p.Body) {
			branches(p.Body)
		} else if p.Tag != nil {
			h.tests = append(h.tests, p.Tag)
		}
	case *ast.TypeSwitchStmt:
		first(p.Init)
		if part != ast.Node(p.Body) {
			branches(p.Body)
		} else if st, ok := p.Assign.(*ast.ExprStmt); ok {
			h.tests = append(h.tests, st.X)
		} else if st, ok := p.Assign.(*ast.AssignStmt); ok {
			h.tests = append(h.tests, st.Rhs...)
		}
	case *ast.BlockStmt:
		if sw, ok := h.Parents[p].(*ast.SwitchStmt); ok && sw.Tag == nil {
			for _, c := range p.List {
				h.tests = append(h.tests, c.(*ast.CaseClause).List...)
			}
		}
	}
}

// proveCallers is S14: no caller relies on the lock being held throughout the
// call. It adds what has to be asked to the window's obligations.
func (h *helperSite) proveCallers(w *move.Window) *safety.Refusal {
	serves := behaviour.Touches(h.Site, syntax.StmtNodes(h.Body)...).Guarded() != nil
	for _, c := range callersOf(h.unit, make(map[*lockedUnit]bool)) {
		if r := c.prove(); r != nil {
			return r
		}
		cw := c.window()
		serves = serves || cw.PreTouches.Guarded() != nil || cw.PostTouches.Guarded() != nil
		for _, check := range append([]func(*move.Window) *safety.Refusal{c.proveTargets, c.proveRounds}, conditions.OfCallers()...) {
			if r := check(cw); r != nil {
				r.Reason = "in " + c.Unit.Name() + ", which calls " + c.callee.Name() + ": " + r.Reason
				return r
			}
		}
		c.askTests(cw, w)
		if r := h.proveAcross(w, cw); r != nil {
			return r
		}
		onlyTaken := h.takesAll(cw.PreTouches)
		for _, o := range conditions.MergeUsedAgain(cw.Recorded) {
			if o.Status == safety.Assumed && !(onlyTaken && (o.About == safety.SeenEarly || o.About == safety.StillTested)) {
				what := ""
				if o.About == safety.StillTested || o.About == safety.StillHeld {
					what = o.What // a question that is joined to it names that only
				}
				w.Ask(o.About, what, o.Condition, o.Pos, conditions.InCaller+"%s: %s", c.Unit.Name(), o.Text)
			}
		}
	}
	if !serves {
		return safety.Refuse(safety.S9, "guards-the-wait", h.Unit.Decl.Pos(), "nothing that %s and its callers use looks guarded, so the lock seems to protect the wait itself", h.Unit.Name())
	}
	w.Proved(safety.S14, "letgo looked at every caller: none uses after the call what it read before it")
	return nil
}

// takesAll reports whether the helper takes out, before its window, all the guarded state that its
// caller uses before the call: then others do not see what the caller has made of it, and a test
// that led to the call was about what the helper has.
func (h *helperSite) takesAll(before *site.Touches) bool {
	if h.Detach == nil || len(before.Unknown) > 0 {
		return false
	}
	return before.Guarded() != nil && !slices.ContainsFunc(before.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && !slices.ContainsFunc(h.Detach.Paths, func(p patterns.Path) bool { return p.Last() == t.Access.Var })
	})
}

// proveAcross asks whether what the helper reads before its window and its caller uses
// after the call, or the other way round, may come from different updates, unless a similar
// question exists.
func (h *helperSite) proveAcross(w, cw *move.Window) *safety.Refusal {
	inside, outside := w.PreTouches.Through(h.Unit), w.PostTouches.Through(h.Unit)
	if r := stale.ProveAcross(w, cw, inside, outside); r != nil {
		return r
	}
	asked := func(o safety.Obligation) bool { return o.Status == safety.Assumed && o.Answers(safety.S3) }
	if slices.ContainsFunc(cw.Recorded, asked) {
		return nil
	}
	const question = "%s is read before the call and %s after it. Is it fine if the two values come from different updates?"
	if before, after := inside.GuardedRead(), cw.PostTouches.Guarded(); before != nil && after != nil {
		cw.Assume(safety.S3, before.Access.Pos(), question, before.Name(), after.Name())
	} else if before, after := stale.ReadBefore(cw), outside.Guarded(); before != nil && after != nil {
		cw.Assume(safety.S3, before.Access.Pos(), question, before.Name(), after.Name())
	}
	return nil
}

// prove refuses a call in a place where the lock must not be released.
func (c *helperCaller) prove() *safety.Refusal {
	if t := c.usedBeside(); t != nil {
		return safety.Refuse(safety.S14, "caller-uses-guarded", c.call.Pos(), "the statement of this call also uses %s, which %s guards: %s", t.Name(), c.Section.Lock, t.Why)
	}
	held := locks.MayHoldAt(c.Unit, c.call)
	for _, p := range held {
		inner := c.Inherited != nil || slices.ContainsFunc(c.Section.Others, func(o locks.OtherLock) bool { return o.Inner && o.Lock.String() == p.String() })
		if inner {
			return safety.Refuse(safety.S13, "lock-order", c.call.Pos(), "%s is taken while %s is held, and may be held when that is taken again", p, c.Section.Lock)
		}
	}
	if at := c.waitsForCond(); at != nil {
		return safety.Refuse(safety.S18, "missed-signal", at.Pos(), "%s may miss the signal if the condition becomes true while %s runs", types.ExprString(at.Fun), c.callee.Name())
	}
	return nil
}

// waitsForCond returns a wait for a condition variable after the call, or nil.
func (c *helperCaller) waitsForCond() *ast.CallExpr {
	for _, st := range slices.Concat(c.pre, c.post) {
		if st.End() <= c.call.Pos() && len(c.loops) == 0 {
			continue
		}
		found := syntax.FirstOuter(st, func(call *ast.CallExpr) *ast.CallExpr {
			if fn := patterns.CalleeOf(c.Info, call); fn != nil && fn.FullName() == "(*sync.Cond).Wait" {
				return call
			}
			return nil
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// proveTargets refuses a target of the call's results that is reached through what
// was read before.
func (c *helperCaller) proveTargets(w *move.Window) *safety.Refusal {
	if e := c.throughOld(w); e != nil {
		return safety.Refuse(safety.S3, "caller-read-before", e.Pos(), "%s is reached through something read before the call and assigned after it", types.ExprString(e))
	}
	return nil
}

// proveRounds is S3 for the loops around a call: what was read before the loop is not used
// in the next iteration, and what each iteration reads may differ from the last.
func (c *helperCaller) proveRounds(w *move.Window) *safety.Refusal {
	for _, l := range c.loops {
		for _, v := range syntax.SortedVars(w.Derived) {
			if l.declares(v) {
				continue // set anew in each iteration
			}
			for _, n := range c.inRound(l) {
				if len(w.Derived[v]) > 0 && syntax.Mentions(w.Info, n, v) && !c.Unit.Assigned(v, l.before) {
					return safety.Refuse(safety.S3, "caller-read-before", n.Pos(), "%s was read from %s before the loop and is used in its next round", v.Name(), w.Derived[v][0].Access.Var.Name())
				}
			}
		}
	}
	if len(c.loops) == 0 {
		return nil
	}
	outer := c.loops[len(c.loops)-1]
	var names []string
	for _, t := range behaviour.Touches(c.Site, outer.stmt).List {
		reads := t.Access.Kind == guards.Read && !behaviour.CountsItself(t.Access)
		changes := t.Access.Kind.Changes() && t.Via != nil // in each iteration, where all iterations were one step
		if t.Class == site.GuardedUse && (reads || changes) && !slices.Contains(names, t.Name()) {
			names = append(names, t.Name())
		}
	}
	if len(names) > 0 {
		w.Assume(safety.S3, outer.stmt.Pos(), "Each round of the loop calls %s, and %s can change meanwhile. Is each round right on its own?", c.callee.Name(), syntax.JoinNames(names))
	}
	return nil
}

// inRound lists what an iteration of a loop does, or tests, before the call.
func (c *helperCaller) inRound(l *callLoop) []ast.Node {
	nodes := syntax.StmtNodes(l.before)
	for _, t := range c.tests {
		if syntax.Within(t, l.stmt) {
			nodes = append(nodes, t)
		}
	}
	return nodes
}

// declares reports whether a variable is declared in the loop.
func (l *callLoop) declares(v *types.Var) bool {
	return l.stmt.Pos() <= v.Pos() && v.Pos() < l.stmt.End()
}

// askTests asks about the tests of guarded state on which the call depends, unless they
// look at what the called function then takes out.
func (c *helperCaller) askTests(w, callee *move.Window) {
	for _, t := range c.tests {
		if w.Depends(t) && !(c.outer == nil && takes(callee, behaviour.Touches(c.Site, t))) {
			w.Assume(safety.S3, t.Pos(), "The state tested at %s can change before the call is over. Is it fine to make the call even then?", w.Line(t.Pos()))
		}
	}
}

// takes reports whether everything touched is taken out of its variables before the window.
func takes(w *move.Window, ts *site.Touches) bool {
	taken := func(t *site.Touch) bool {
		return t.Class != site.GuardedUse || t.Via == nil && (w.Detached(t.Access.Var) || w.TakenFrom(t.Access.Var))
	}
	return ts.Guarded() != nil && !slices.ContainsFunc(ts.List, func(t *site.Touch) bool { return !taken(t) })
}

// window is the call as a window of the caller's section: its arguments and the
// tests around it come before, what its results are assigned to after it.
func (c *helperCaller) window() *move.Window {
	w := move.NewWindow(c.Site, c.pre, nil, c.post)
	d := behaviour.NewDeriver(c.Site, w.Derived)
	for _, l := range c.loops {
		if r, ok := l.stmt.(*ast.RangeStmt); ok {
			d.Assign(r.Key, r.X)
			d.Assign(r.Value, r.X)
		}
	}
	d.Run(c.pre)
	for _, l := range c.loops { // what earlier iterations have left
		w.PreTouches.Add(behaviour.Touches(c.Site, syntax.StmtNodes(l.after)...))
		for v, ts := range behaviour.Derived(c.Site, slices.Concat(c.pre, l.after)) {
			if !l.declares(v) {
				d.Note(v, ts, false)
			}
		}
	}
	for _, e := range slices.Concat(c.call.Args, c.tests) {
		t := behaviour.Touches(c.Site, e)
		t.List = slices.DeleteFunc(t.List, func(t *site.Touch) bool { return t.Access.Kind.Changes() }) // that is the call
		w.PreTouches.Add(t)
	}
	if c.assign == nil {
		return w
	}
	for _, t := range behaviour.Touches(c.Site, c.assign).List {
		if t.Via == nil && t.Access.Node.End() <= c.assign.TokPos {
			w.PostTouches.List = append(w.PostTouches.List, t)
		}
	}
	return w
}

// throughOld returns a target of the call's results that is reached through a
// variable that was set from guarded state before the call, or nil.
func (c *helperCaller) throughOld(w *move.Window) ast.Expr {
	if c.assign == nil {
		return nil
	}
	for _, l := range c.assign.Lhs {
		if _, plain := ast.Unparen(l).(*ast.Ident); plain {
			continue
		}
		for v, from := range w.Derived {
			if len(from) > 0 && syntax.Mentions(w.Info, l, v) {
				return l
			}
		}
	}
	return nil
}

// usedBeside returns guarded state that the statement of the call uses apart from the
// arguments and a plain target: it may be read before or after the call.
func (c *helperCaller) usedBeside() *site.Touch {
	var node ast.Node = c.call
	for {
		parent := c.Parents[node]
		if parent == nil {
			return nil
		}
		if list := c.others(parent, node); len(list) > 0 {
			if t := behaviour.Touches(c.Site, list...).Guarded(); t != nil {
				return t
			}
		}
		if _, isStmt := parent.(ast.Stmt); isStmt {
			return nil
		}
		node = parent
	}
}

// others lists the parts of an expression or statement other than the given one.
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
