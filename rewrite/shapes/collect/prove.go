package collect

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// prove discharges the conditions for actions that run after the release. It runs the
// checks of the register with the actions as the window and nothing under the lock after
// it, with these differences: what the rest of the section does comes before the actions
// instead of after them (S3, S12), an object that the section takes out of what the lock
// guards may be closed (S6), and what an action is made on is not what it passes on (S8).
func (c *collection) prove() ([]safety.Obligation, *safety.Refusal) {
	type checks = []func() *safety.Refusal
	own := conditions.Own{
		"alias":       checks{c.proveTakes},
		"stale":       checks{c.proveIntact, c.proveUnseen, c.proveSleeps, c.proveDecision},
		"lifetime":    checks{c.proveTakenOut},
		"once":        nil, // what ends an object's life is looked at with that
		"undone":      nil, // nothing fails in the section on account of an action
		"own answers": nil, // results are not used
		"answered":    checks{c.proveActionOrder, nil},
		"room":        nil, // proveConditions
		"order":       nil, // proveActionOrder
		"balance":     checks{c.provePanic, nil},
		"outdated":    checks{c.askOutdated},
	}
	if r := conditions.ProveBut(c.Window, own); r != nil {
		return nil, r
	}
	return c.Recorded, nil
}

// proveTakes is S2: what is kept for the actions shares no storage that a
// section changes, and is not a copy of something that must not be copied.
func (c *collection) proveTakes() *safety.Refusal {
	for _, a := range c.Actions {
		for _, e := range a.Takes {
			t := c.Info.TypeOf(e)
			if extract.HoldsLock(t) {
				return safety.Refuse(safety.S2, "must-not-copy", e.Pos(), "%s must not be copied", types.ExprString(e))
			}
			if syntax.RefsOf(t, 0) != syntax.Aliasing {
				continue
			}
			for _, g := range c.guardedSources(e) {
				if at := behaviour.StorageChange(c.Window.Site, g); at != nil {
					return safety.Refuse(safety.S2, "shared-elements", e.Pos(), "%s shares its elements with %s, which changes at %s", types.ExprString(e), g.Name(), c.Line(at.Pos()))
				}
			}
		}
	}
	c.Proved(safety.S2, "nothing that is kept for the call shares storage that a section changes")
	return nil
}

// askOutdated is [stale.AskOutdated] for what is kept for the actions.
func (c *collection) askOutdated() *safety.Refusal {
	if stale.AsksAny(c.Window, safety.S3, safety.S6, safety.S8) {
		return nil
	}
	for _, a := range c.Actions {
		for _, e := range a.Takes {
			for _, g := range c.guardedSources(e) {
				if stale.Outdated(c.Window, g, e.Pos(), types.ExprString(e)) {
					return nil
				}
			}
		}
	}
	return nil
}

// proveDecision is the part of S3 that says that an action may still be carried
// out when the lock has been released: what it was decided on may change.
func (c *collection) proveDecision() *safety.Refusal {
	test := c.GuardedExit(c.Pre)
	for _, a := range c.Actions {
		if c.isTakenOut(a) || a.sleeps() {
			continue
		}
		if test != nil {
			if a.ends() && !c.claims(a, test) {
				return safety.Refuse(safety.S3, "tested-before", a.Stmt.Pos(), "%s ends something's life because of the test at %s, which may no longer hold by then", a.text(), c.Line(test.Pos()))
			}
			c.Ask(safety.StillTested, "the state tested at "+c.Line(test.Pos()), safety.S3, test.Pos(), "The state tested at %s can change before the call is over. Is it fine to make the call even then?", c.Line(test.Pos()))
		}
		if r := c.proveConditions(a); r != nil {
			return r
		}
	}
	for _, st := range c.Body {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectStmt); ok && syntax.JumpsOut(sel, false, false) {
				c.Assume(safety.S3, sel.Pos(), "The channels tested at %s can become ready or closed before the call is over. Is it fine to make the call even then?", c.Line(sel.Pos()))
			}
			return true
		})
	}
	if !c.Has(safety.S3) {
		c.Proved(safety.S3, "nothing in the section depends on the call having been made")
	}
	return nil
}

// proveConditions looks at the conditions around an action.
func (c *collection) proveConditions(a *action) *safety.Refusal {
	for n := c.Parents[a.Stmt]; n != nil && c.InBody(n); n = c.Parents[n] {
		cond := c.condition(n)
		if cond == nil || !c.Depends(cond) {
			continue
		}
		if a.ends() && !c.claims(a, cond) {
			return safety.Refuse(safety.S3, "tested-before", a.Stmt.Pos(), "%s ends something's life because of the test at %s, which may no longer hold by then", a.text(), c.Line(cond.Pos()))
		}
		c.Assume(safety.S3, cond.Pos(), "%s is decided on at %s, and the reason may be gone when it is called. Is it fine to call it even then?", a.text(), c.Line(cond.Pos()))
	}
	return nil
}

// claims reports whether the section, when it takes the action, changes what a condition
// rests on, so that nobody else makes the same decision.
func (c *collection) claims(a *action, cond ast.Expr) bool {
	on := c.guardedSources(cond)
	for n := ast.Node(a.Stmt); n != nil && c.InBody(n) && !syntax.Within(cond, n); n = c.Parents[n] {
		st, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		for _, other := range c.ListOf(st) {
			if !c.InBody(other) || syntax.Within(cond, other) || c.jumpsBetween(st, other) || !isSimpleStmt(other) {
				continue
			}
			for _, t := range behaviour.GuardedChanges(behaviour.Touches(c.Window.Site, other)) {
				if t.Via == nil && slices.Contains(on, t.Access.Var) {
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

func (c *collection) condition(n ast.Node) ast.Expr {
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
func (c *collection) proveActionOrder() *safety.Refusal {
	if order.Writer(c.Window) == nil {
		c.Proved(safety.S8, "the call only reads or waits, so nothing shows in which order calls were made")
		return nil
	}
	if r := c.provePassedOn(); r != nil {
		return r
	}
	if c.Section.Mode == patterns.Shared { // callers already overtook each other, but with the same values
		if !c.Has(safety.S8) {
			c.Proved(safety.S8, "the read lock let calls overtake each other before, and they pass on nothing that changes")
		}
		return nil
	}
	if each := c.goneThrough(); each != nil && !c.Has(safety.S8) {
		what := types.ExprString(each.X)
		c.Ask(safety.OwnCopies, what, safety.S8, each.Pos(), order.OwnCopies, what)
	}
	if at := order.Clock(c.Window); at != nil {
		c.Ask(safety.OwnTime, "", safety.S8, at.Pos(), "The time is read and passed on, and two callers can now overtake each other. Is either order fine for the receiver?")
	}
	if changes := behaviour.GuardedChanges(c.PreTouches); len(changes) > 0 {
		c.Assume(safety.S8, changes[0].Access.Pos(), "The section changes %s and makes the call, and two callers can now do the two in different orders. Is that fine?", syntax.JoinNames(site.TouchNames(changes)))
	}
	if !c.Has(safety.S8) {
		c.Proved(safety.S8, "the section changes no guarded state, so it promises no order of calls")
	}
	return nil
}

// provePassedOn looks at the guarded values that actions pass on.
func (c *collection) provePassedOn() *safety.Refusal {
	for _, a := range c.Actions {
		for _, e := range a.args {
			if k := syntax.RefsOf(c.Info.TypeOf(e), 0); k == syntax.ObjectRef || k == syntax.ChanRef {
				continue
			}
			for _, g := range c.guardedSources(e) {
				_, isMap := g.Type().Underlying().(*types.Map)
				if !isMap && slices.ContainsFunc(c.PreTouches.List, func(t *site.Touch) bool { return t.Access.Var == g && t.Access.Kind.Changes() }) {
					return safety.Refuse(safety.S8, "send-order", e.Pos(), "the section changes %s and then sends it: without the lock two callers can send theirs in the wrong order", g.Name())
				}
				c.Ask(safety.PassedOn, types.ExprString(e), safety.S8, e.Pos(), order.PassesOnRead, types.ExprString(e))
			}
		}
	}
	return nil
}

// goneThrough returns a loop that carries out an action for each of several elements, with
// something that depends on the caller, or nil.
func (c *collection) goneThrough() *ast.RangeStmt {
	for _, a := range c.Actions {
		loop, ok := c.LoopAround(a.Stmt).(*ast.RangeStmt)
		varies := func(e ast.Expr) bool { return c.Info.Types[e].Value == nil }
		if ok && c.InBody(loop) && slices.ContainsFunc(a.args, varies) {
			return loop
		}
	}
	return nil
}

// provePanic is S12 for a panic of the action itself: what follows it in the
// section has then been done already, and calls deferred there would be made.
func (c *collection) provePanic() *safety.Refusal {
	for _, a := range c.Actions {
		rest := c.restOf(a)
		for _, n := range rest {
			if d := syntax.DeferIn(n); d != nil {
				return safety.Refuse(safety.S12, "deferred-first", d.Pos(), "this deferred call would now run even if %s panics", a.text())
			}
		}
		if n := c.doneBefore(a, rest); n != nil && panics.MayPanic(c.Window.Site, []ast.Stmt{a.Stmt}, nil) != nil {
			c.Ask(safety.OnPanic, "", safety.S12, n.Pos(), "If %s panics, what used to come after it (%s, at %s) has already been done. Is that right?", a.text(), c.effectOf(n), c.Line(n.Pos()))
		}
	}
	return nil
}

// doneBefore returns what of the rest of the section changes something that is seen after a
// panic of the action, or nil: first in what comes after it, then in another iteration of a
// loop. That iteration's changes to guarded state are not seen if the panic has left the
// lock locked.
func (c *collection) doneBefore(a *action, rest []ast.Node) ast.Node {
	var again ast.Node
	for _, n := range rest {
		switch {
		case c.effectOf(n) == "":
		case n.End() > a.Stmt.Pos():
			return n
		case again == nil && (c.Defer != nil || behaviour.Touches(c.Window.Site, n).GuardedChange() == nil):
			again = n
		}
	}
	return again
}

// effectOf names what a node changes: guarded state, or something that a call
// does; "" if nothing.
func (c *collection) effectOf(n ast.Node) (what string) {
	if t := behaviour.Touches(c.Window.Site, n).GuardedChange(); t != nil {
		return t.Name()
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && what == "" && behaviour.Effectful(c.Window.Site, c.Unit, call) && !c.isAction(call) && !c.Releases(call) {
			what = types.ExprString(call.Fun)
		}
		return what == ""
	})
	return what
}
