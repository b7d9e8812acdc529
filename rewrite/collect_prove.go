package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// Prove discharges the conditions for actions that run after the release. It is
// [Window.Prove] with the actions as the window and nothing under the lock
// after it, and with these differences: what the rest of the section does comes
// before the actions instead of after them (S3, S12), an object that the
// section takes out of what the lock guards may be closed (S6), and what an
// action is made on is not what it passes on (S8).
func (c *Collection) Prove() ([]Obligation, *Refusal) {
	checks := []func() *Refusal{
		c.on((*Window).proveGuarded), c.on((*Window).proveJoin),
		c.proveTakes, c.proveIntact, c.proveUnseen, c.proveDecision,
		c.on((*Window).proveUpdates), c.proveTakenOut, c.on((*Window).proveChannels), c.on((*Window).proveTickets),
		c.proveActionOrder, c.on((*Window).proveAnswered), c.on((*Window).proveOverlap), c.on((*Window).proveHalfDone),
		c.provePanic, c.on((*Window).proveRest), c.askOutdated,
	}
	for _, check := range checks {
		if r := check(); r != nil {
			return nil, r.tried()
		}
	}
	return c.obligations, nil
}

// proveTakes is S2: what is kept for the actions shares no storage that a
// section changes, and is no copy of something that must not be copied.
func (c *Collection) proveTakes() *Refusal {
	for _, a := range c.Actions {
		for _, e := range a.Takes {
			t := c.Info.TypeOf(e)
			if holdsLock(t, 0) {
				return Refuse(S2, "must-not-copy", e.Pos(), "%s must not be copied", types.ExprString(e))
			}
			if refsOf(t, 0) != aliases {
				continue
			}
			for _, g := range c.guardedSources(e) {
				if at := c.storageChange(g); at != nil {
					return Refuse(S2, "shared-elements", e.Pos(), "%s shares its elements with %s, which changes at %s", types.ExprString(e), g.Name(), c.line(at.Pos()))
				}
			}
		}
	}
	c.proved(S2, "nothing that is kept for the call shares storage that a section changes")
	return nil
}

// askOutdated is [Window.askOutdated] for what is kept for the actions.
func (c *Collection) askOutdated() *Refusal {
	if c.asksAny(S3, S6, S8) {
		return nil
	}
	for _, a := range c.Actions {
		for _, e := range a.Takes {
			for _, g := range c.guardedSources(e) {
				if c.outdated(g, e.Pos(), types.ExprString(e)) {
					return nil
				}
			}
		}
	}
	return nil
}

// sources lists the variables that the value of an expression comes from:
// guarded ones, and those that hold what it names.
func (c *Collection) sources(e ast.Expr) []*types.Var {
	var vars []*types.Var
	c.eachSource(e, func(t *touch) {
		if !t.filled && !slices.Contains(vars, t.access.Var) {
			vars = append(vars, t.access.Var)
		}
	})
	for _, v := range c.origins(e) {
		if !slices.Contains(vars, v) {
			vars = append(vars, v)
		}
	}
	return vars
}

// guardedSources lists the guarded variables that the value of an expression
// comes from.
func (c *Collection) guardedSources(e ast.Expr) []*types.Var {
	var vars []*types.Var
	c.eachSource(e, func(t *touch) {
		if !slices.Contains(vars, t.access.Var) {
			vars = append(vars, t.access.Var)
		}
	})
	return vars
}

// eachSource visits the guarded uses that the value of an expression comes from,
// in a fixed order.
func (c *Collection) eachSource(e ast.Expr, visit func(*touch)) {
	each := func(ts []*touch) {
		for _, t := range ts {
			if t.class == guardedUse {
				visit(t)
			}
		}
	}
	each(c.touches(e).touches)
	for _, v := range sortedVars(c.derived) {
		if mentions(c.Info, e, v) {
			each(c.derived[v])
		}
	}
}

// text names an action in a message.
func (a *Action) text() string {
	if a.call == nil {
		return "the send on " + types.ExprString(a.targets[0])
	}
	return types.ExprString(a.call.Fun)
}

// proveDecision is the part of S3 that says that an action may still be carried
// out when the lock has been released: what it was decided on may change.
func (c *Collection) proveDecision() *Refusal {
	test := c.guardedExit(c.Pre)
	for _, a := range c.Actions {
		if c.isTakenOut(a) {
			continue
		}
		if test != nil {
			if a.ends() && !c.claims(a, test) {
				return Refuse(S3, "tested-before", a.Stmt.Pos(), "%s ends something's life because of the test at %s, which may no longer hold by then", a.text(), c.line(test.Pos()))
			}
			c.assume(S3, test.Pos(), "The state tested at %s can change before the call is over. May the call still be made then?", c.line(test.Pos()))
		}
		if r := c.proveConditions(a); r != nil {
			return r
		}
	}
	for _, st := range c.Body {
		inspectOuter(st, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectStmt); ok && jumpsOut(sel, false, false) {
				c.assume(S3, sel.Pos(), "The channels tested at %s can become ready or closed before the call is over. May the call still be made then?", c.line(sel.Pos()))
			}
			return true
		})
	}
	if !c.has(S3) {
		c.proved(S3, "nothing in the section depends on the call having been made")
	}
	return nil
}

// proveConditions looks at the conditions around an action.
func (c *Collection) proveConditions(a *Action) *Refusal {
	for n := c.parents[a.Stmt]; n != nil && c.inBody(n); n = c.parents[n] {
		cond := c.condition(n)
		if cond == nil || !c.depends(cond) {
			continue
		}
		if a.ends() && !c.claims(a, cond) {
			return Refuse(S3, "tested-before", a.Stmt.Pos(), "%s ends something's life because of the test at %s, which may no longer hold by then", a.text(), c.line(cond.Pos()))
		}
		c.assume(S3, cond.Pos(), "%s is decided on at %s, and the reason may be gone when it is called. May it still be called then?", a.text(), c.line(cond.Pos()))
	}
	return nil
}

// claims reports whether the section changes what a condition rests on where it
// takes the action, so that nobody else decides on the same.
func (c *Collection) claims(a *Action, cond ast.Expr) bool {
	on := c.guardedSources(cond)
	for n := ast.Node(a.Stmt); n != nil && c.inBody(n) && !within(cond, n); n = c.parents[n] {
		st, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		for _, other := range c.listOf(st) {
			if !c.inBody(other) || within(cond, other) || c.jumpsBetween(st, other) || !isSimpleStmt(other) {
				continue
			}
			for _, t := range guardedChanges(c.touches(other)) {
				if t.via == nil && slices.Contains(on, t.access.Var) {
					return true
				}
			}
		}
	}
	return false
}

func isSimpleStmt(st ast.Stmt) bool {
	switch st.(type) {
	case *ast.AssignStmt, *ast.IncDecStmt, *ast.ExprStmt:
		return true
	}
	return false
}

func (c *Collection) condition(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.IfStmt:
		return n.Cond
	case *ast.SwitchStmt:
		return n.Tag
	case *ast.CaseClause:
		if len(n.List) > 0 {
			return n.List[0]
		}
	}
	return nil
}

// proveActionOrder is S8: where the order of actions can be told from outside,
// two callers may now overtake each other.
func (c *Collection) proveActionOrder() *Refusal {
	switch {
	case c.writer() == nil:
		c.proved(S8, "the call only reads or waits, so nobody can tell in which order calls were made")
		return nil
	case c.Section.Mode == patterns.Shared:
		c.proved(S8, "the read lock let calls overtake each other before")
		return nil
	}
	for _, a := range c.Actions {
		for _, e := range a.args {
			if k := refsOf(c.Info.TypeOf(e), 0); k == object || k == chanRef {
				continue
			}
			for _, g := range c.guardedSources(e) {
				_, isMap := g.Type().Underlying().(*types.Map)
				if !isMap && slices.ContainsFunc(c.pre.touches, func(t *touch) bool { return t.access.Var == g && t.access.Kind.Changes() }) {
					return Refuse(S8, "send-order", e.Pos(), "the section changes %s and then sends it: without the lock two callers can send theirs in the wrong order", g.Name())
				}
				c.ask(passedOn, types.ExprString(e), S8, e.Pos(), passesOn, types.ExprString(e))
			}
		}
	}
	if at := c.clock(); at != nil {
		c.ask(ownTime, "", S8, at.Pos(), "The time is read and passed on, and two callers can now overtake each other. Is either order fine for the receiver?")
	}
	if changes := guardedChanges(c.pre); len(changes) > 0 {
		c.assume(S8, changes[0].access.Pos(), "The section changes %s and makes the call, and two callers can now do the two in different orders. Is that fine?", some(touchNames(changes)))
	}
	if !c.has(S8) {
		c.proved(S8, "the section changes no guarded state, so it promises no order of calls")
	}
	return nil
}

// provePanic is S12 for a panic of the action itself: what follows it in the
// section has then been done already, and calls deferred there would be made.
func (c *Collection) provePanic() *Refusal {
	for _, a := range c.Actions {
		rest := c.restOf(a)
		for _, n := range rest {
			if d := deferIn(n); d != nil {
				return Refuse(S12, "deferred-first", d.Pos(), "this deferred call would now run even if %s panics", a.text())
			}
		}
		if n := c.doneBefore(a, rest); n != nil && c.mayPanic([]ast.Stmt{a.Stmt}, nil) != nil {
			c.ask(onPanic, "", S12, n.Pos(), "If %s panics, what used to come after it (%s, at %s) has already been done. Is that right?", a.text(), c.effectOf(n), c.line(n.Pos()))
		}
	}
	return nil
}

// doneBefore returns what of the rest of the section changes something that is
// seen after a panic of the action, or nil: first of what stands after it, then
// of what another round of a loop does. That round's changes of guarded state
// are not seen if the panic has left the lock locked.
func (c *Collection) doneBefore(a *Action, rest []ast.Node) ast.Node {
	var again ast.Node
	for _, n := range rest {
		switch {
		case c.effectOf(n) == "":
		case n.End() > a.Stmt.Pos():
			return n
		case again == nil && (c.Defer != nil || c.touches(n).guardedChange() == nil):
			again = n
		}
	}
	return again
}

// effectOf names what a node changes: guarded state, or something that a call
// does; "" if nothing.
func (c *Collection) effectOf(n ast.Node) (what string) {
	if t := c.touches(n).guardedChange(); t != nil {
		return t.name()
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && what == "" && c.effectful(c.Unit, call) && !c.isAction(call) && !c.releases(call) {
			what = types.ExprString(call.Fun)
		}
		return what == ""
	})
	return what
}

// isAction reports whether a call is collected itself, or stands in what is.
func (c *Collection) isAction(call *ast.CallExpr) bool {
	return slices.ContainsFunc(c.Actions, func(a *Action) bool { return within(call, a.Stmt) })
}

// deferIn returns a defer statement in a node, or nil; those of function literals
// are none.
func deferIn(n ast.Node) (found *ast.DeferStmt) {
	ast.Inspect(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || found != nil {
			return false
		}
		found, _ = n.(*ast.DeferStmt)
		return found == nil
	})
	return found
}
