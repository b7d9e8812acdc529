package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveUnseen is the part of S3 that says that nothing in the section depends on an action
// having already run: neither the statements that follow it, including later iterations of
// a loop, nor the results.
func (c *collection) proveUnseen() *safety.Refusal {
	for _, a := range c.Actions {
		act := c.effectsOfAction(a)
		for _, n := range c.restOf(a) {
			if r := c.proveNode(a, act, n); r != nil {
				return r
			}
		}
		if r := c.proveObjects(a); r != nil {
			return r
		}
		if r := c.proveRelied(a, act); r != nil {
			return r
		}
	}
	return nil
}

// proveNode looks at one node that now runs before the action.
func (c *collection) proveNode(a *action, act *effects, n ast.Node) *safety.Refusal {
	v, pos := conflict(c.Window.Site, act, c.effectsOfNode(n))
	if v == nil {
		return nil
	}
	if c.anotherObject(a, v, n) {
		c.Assume(safety.S3, pos, "%s uses or changes %s, which the next iteration uses too. Is it a different object each time?", a.text(), v.Name())
		return nil
	}
	return safety.Refuse(safety.S3, "order-changes", n.Pos(), "%s is used both here and by %s, whose order would change", v.Name(), a.text())
}

// anotherObject reports whether a node uses a variable of the action's object only in
// another iteration of the loop, where it is a different object: the node comes before the
// action and after the declaration of the variable that names the object.
func (c *collection) anotherObject(a *action, v *types.Var, n ast.Node) bool {
	if !v.IsField() || n.End() > a.Stmt.Pos() {
		return false
	}
	for _, e := range a.Takes {
		id, ok := syntax.RootIdent(e)
		if !ok || !c.perRound(a, e) {
			continue
		}
		root, _ := c.Info.Uses[id].(*types.Var)
		if st, ok := structUnder(c.Info.TypeOf(e)); ok && hasField(st, v) && (root == nil || syntax.Mentions(c.Info, n, root)) {
			return true
		}
	}
	return false
}

// perRound reports whether an expression names a different thing in each iteration of the
// innermost loop around an action.
func (c *collection) perRound(a *action, e ast.Expr) bool {
	loop := c.loopOf(a.Stmt)
	if loop == nil {
		return false
	}
	inLoop := func(v *types.Var) bool {
		return v != nil && !v.IsField() && loop.Pos() <= v.Pos() && v.Pos() < loop.End()
	}
	return syntax.Has(e, func(id *ast.Ident) bool {
		v, _ := c.Info.Uses[id].(*types.Var)
		return inLoop(v)
	})
}

func structUnder(t types.Type) (*types.Struct, bool) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

func hasField(st *types.Struct, v *types.Var) bool {
	for i := range st.NumFields() {
		if st.Field(i).Origin() == v {
			return true
		}
	}
	return false
}

// proveObjects refuses if the section goes on to use an object after an action
// was made on it: the action blocks, so what it does cannot be seen in full.
func (c *collection) proveObjects(a *action) *safety.Refusal {
	for _, e := range slices.Concat(a.targets, a.args) {
		if syntax.RefsOf(c.Info.TypeOf(e), 0) == syntax.NoRefs || identVar(c.Info, e) == c.Section.Lock.Root {
			continue // what is reached through the lock's own object is looked at variable by variable
		}
		perRound := c.perRound(a, e)
		for _, n := range c.restOf(a) {
			if perRound && n.End() <= a.Stmt.Pos() || slices.ContainsFunc(c.Actions, func(b *action) bool { return syntax.Within(n, b.Stmt) }) {
				continue
			}
			if at := c.usesObject(n, e); at != nil {
				return safety.Refuse(safety.S3, "used-after-call", at.Pos(), "the section uses %s after %s", types.ExprString(e), a.text())
			}
		}
	}
	return nil
}

// usesObject returns a place in n that looks into what e refers to, and does not only
// compare or store the reference or remove it from a container.
func (c *collection) usesObject(n ast.Node, e ast.Expr) ast.Node {
	text := types.ExprString(e)
	var found ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		x, ok := m.(ast.Expr)
		if !ok || found != nil || types.ExprString(x) != text {
			return found == nil
		}
		switch p := c.Parents[x].(type) {
		case *ast.SelectorExpr, *ast.StarExpr, *ast.SliceExpr, *ast.RangeStmt, *ast.SendStmt, *ast.TypeAssertExpr:
			found = x
		case *ast.IndexExpr:
			if p.X == x {
				found = x
			}
		case *ast.UnaryExpr:
			found = x
		case *ast.CallExpr:
			if tv := c.Info.Types[p.Fun]; !tv.IsBuiltin() {
				found = x
			}
		}
		return false
	})
	return found
}

// proveRelied looks at what follows an action whose effects are not fully known. It waits
// for another goroutine, which cannot have changed what only changes under this lock; but
// that goroutine can have changed anything else, and can rely on a channel staying open
// until it is done.
func (c *collection) proveRelied(a *action, act *effects) *safety.Refusal {
	for _, n := range c.restOf(a) {
		e := c.effectsOfNode(n)
		if at := c.closes(n); at != nil {
			return safety.Refuse(safety.S7, "closed-before-call", at.Pos(), "a channel is closed here, which would now happen before %s is done; that may need it open", a.text())
		}
		calls := slices.Clone(e.unknown)
		if n.End() > a.Stmt.Pos() || !c.onlyOnRound(a, n) {
			calls = append(calls, e.outside...)
		}
		if v := c.changedMeanwhile(e, len(calls) > 0); v != nil && a.waits() {
			return safety.Refuse(safety.S3, "depends-on-wait", n.Pos(), "%s is used here and changes without %s, so it may depend on what %s waits for", v.Name(), c.Section.Lock, a.text())
		}
		switch {
		case len(calls) > 0:
			c.Ask(safety.RunsFirst, "", safety.S3, n.Pos(), "%s now runs before %s instead of after it. Is that just as good?", calls[0].What, a.text())
		case len(e.reads)+len(e.changes) > 0 && len(act.unknown) > 0:
			c.Ask(safety.RunsFirst, "", safety.S3, n.Pos(), "letgo cannot see into %s, and the code after it (%s) now runs first. Is that code independent of the call?", a.text(), c.Line(n.Pos()))
		}
	}
	return nil
}

// onlyOnRound reports whether the calls in a node are methods of things that differ in each
// iteration of the loop around the action.
func (c *collection) onlyOnRound(a *action, n ast.Node) bool {
	only := true
	ast.Inspect(n, func(m ast.Node) bool {
		if call, ok := m.(*ast.CallExpr); ok && c.actsOutside(c.Unit, call) {
			sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			only = only && isSel && c.perRound(a, sel.X)
		}
		return only
	})
	return only
}

// closes returns a close of a channel in a node, or in what it calls, or nil.
func (c *collection) closes(n ast.Node) ast.Node {
	var found ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		if call, ok := m.(*ast.CallExpr); ok && found == nil {
			if patterns.BuiltinOf(c.Info, call) == "close" {
				found = call
			}
			e := newEffects()
			c.noteCall(e, c.Unit, call)
			if len(e.closes) > 0 {
				found = call
			}
		}
		return found == nil
	})
	return found
}

// waits reports whether an action waits for another goroutine.
func (a *action) waits() bool {
	return slices.ContainsFunc(a.Ops, func(o *waits.Op) bool {
		return o.Effect == blocking.EffectWait || o.Category == "wait" || o.Category == "chan"
	})
}

// changedMeanwhile returns a variable among those used that is changed somewhere without
// the section's lock, or nil. With asked set, there is a question about the calls that are
// used: what they do to an unseen object, like a logger, is covered by that.
func (c *collection) changedMeanwhile(e *effects, asked bool) *types.Var {
	var found *types.Var
	for _, m := range []map[*types.Var]token.Pos{e.reads, e.changes} {
		for v := range m {
			if !v.IsField() && !syntax.IsGlobal(v) || found != nil && c.Window.Pkg.ComparePos(found.Pos(), v.Pos()) < 0 {
				continue
			}
			sharing := guards.SharingOf(c.Program, c.PackageOf(v), v)
			if sharing.Changed(func(x *guards.Access) bool {
				opaque := asked && x.Kind == guards.Content && isOpaque(c.Pkg.Types, v.Type())
				return !opaque && !x.Under(c.Section.LockVar())
			}) != nil {
				found = v
			}
		}
	}
	return found
}
