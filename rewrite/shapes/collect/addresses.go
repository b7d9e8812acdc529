package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is S2 for what the section itself does between the place where an
// action stood and the place where it is carried out: what a kept reference
// leads to must be the same at both. The next round of a loop writes to a
// variable whose address was kept, a later statement sets a field, a call fills
// a buffer again; before Go 1.22 a loop had one variable for all rounds.
//
// The shape refuses whatever cannot be shown to stay the same, unless the value can be kept
// in place of its address: see [collect.collection.copied].

// proveIntact refuses if what an action is given may change, in this section,
// before it is carried out.
func (c *collection) proveIntact() *safety.Refusal {
	for _, a := range c.Actions {
		c.askCopied(a)
		for _, k := range c.kept(a) {
			if ch := c.changes(a, k); ch != nil {
				return c.refuseChange(k, ch)
			}
			if at := c.readAfter(a, k); at != nil {
				return safety.Refuse(safety.S3, "changed-by-call", at.Pos(), "%s is used later in the section, and %s may change it", types.ExprString(at), a.text())
			}
		}
	}
	return nil
}

// refuseChange says what changes too early.
func (c *collection) refuseChange(k kept, ch *change) *safety.Refusal {
	text, line := types.ExprString(k.expr), c.Line(ch.node.Pos())
	switch {
	case ch.own == nil:
		return safety.Refuse(safety.S2, "changes-before-call", k.expr.Pos(), "what %s refers to may change at %s, before the call is made", text, line)
	case ch.own.Name() == text:
		return safety.Refuse(safety.S2, "changes-before-call", k.expr.Pos(), "%s changes at %s, before the call is made", text, line)
	}
	return safety.Refuse(safety.S2, "changes-before-call", k.expr.Pos(), "%s refers to %s, which changes at %s, before the call is made", text, ch.own.Name(), line)
}

// askCopied asks about the values that are kept in place of their addresses: the
// action is then given the address of another variable.
func (c *collection) askCopied(a *action) {
	for _, e := range a.args {
		if v := a.values[e]; v != nil {
			c.Assume(safety.S2, e.Pos(), "%s gets a copy of %s, which changes before the call is made. Is a copy as good as the original?", a.text(), types.ExprString(v))
		}
	}
}

// kept lists what an action is given by reference. What is in a channel that it sends on
// does not matter to a send.
func (c *collection) kept(a *action) []kept {
	var out []kept
	add := func(e ast.Expr, r storage.Region, reads bool) {
		at := e
		if v := a.values[e]; v != nil { // its value is kept
			at, r = v, c.scope().Leads(v)
		}
		if !r.Empty() {
			out = append(out, kept{expr: e, storage: r, owner: c.model().OwnerOf(at), reads: reads})
		}
	}
	if st, ok := a.Stmt.(*ast.SendStmt); ok {
		add(st.Value, c.scope().Leads(st.Value), false)
	}
	if a.call != nil {
		for _, o := range c.model().Operands(a.call) {
			add(o.Expr, c.scope().LeadsOperand(o), c.onlyReads(a.call, o))
		}
	}
	return out
}

// isOpen reports whether code other than the section's function may know what is kept, so
// that changes to it are found like those of fields: see [collection.proveNode].
func (c *collection) isOpen(k kept) bool {
	switch k.owner {
	case ownership.Own:
		return false
	case ownership.Everyone:
		return c.model().IsShared(k.storage)
	}
	return true
}

// changes returns a change that the section may make to what is kept for an
// action, before it is carried out, or nil.
func (c *collection) changes(a *action, k kept) *change {
	open := c.isOpen(k)
	for _, ch := range c.laterChanges(a) {
		if !ch.storage.Meets(k.storage) || c.inOtherRound(a, ch, k) {
			continue
		}
		hit := !open || ch.own != nil || c.model().OwnerOf(ch.through) == ownership.Own
		switch ch.kind {
		case elementWrite:
			hit = hit || c.isBare(ch.through) || c.shareField(ch.through, k.expr)
		case calledWrite:
			hit = hit || c.isBare(ch.through) && syntax.RefsOf(c.Info.TypeOf(ch.through), 0) == syntax.Aliasing
		case outsideWrite:
			hit = hit || !c.isLockObject(ch.through) && !isOpaque(c.Pkg.Types, c.Info.TypeOf(ch.through))
		}
		if hit {
			return ch
		}
	}
	return nil
}

// inOtherRound reports whether a change is made to the storage of another round.
func (c *collection) inOtherRound(a *action, ch *change, k kept) bool {
	if ch.own != nil {
		return c.otherRound(a, ch.node, []*types.Var{ch.own}, false)
	}
	return k.owner == ownership.Own && c.model().OwnerOf(ch.through) == ownership.Own && c.otherRound(a, ch.node, c.model().OwnVariables(c.scope(), k.storage, k.expr), true)
}

// isBare reports whether an expression is a local variable, whole or sliced.
func (c *collection) isBare(e ast.Expr) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SliceExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.Ident:
			v, ok := c.Info.ObjectOf(x).(*types.Var)
			return ok && !syntax.IsGlobal(v)
		default:
			return false
		}
	}
}

// shareField reports whether two expressions name the same field.
func (c *collection) shareField(a, b ast.Expr) bool {
	v := identVar(c.Info, a)
	return syntax.Has(b, func(id *ast.Ident) bool { return v != nil && v.IsField() && c.Info.Uses[id] == types.Object(v) })
}

// isLockObject reports whether an expression names the object that the lock
// belongs to: what is reached through it is looked at field by field.
func (c *collection) isLockObject(e ast.Expr) bool {
	id, ok := syntax.RootIdent(e)
	if !ok {
		return false
	}
	v, ok := c.Info.ObjectOf(id).(*types.Var)
	return ok && (v == c.Section.Lock.Root || c.IsReceiver(v))
}

// isOpaque reports whether a type does not tell what its values lead to: an interface, a
// function, or an object of another package without exported fields. If others know such a
// thing, unseen code may change it at any time, not just this section.
func isOpaque(pkg *types.Package, t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Interface, *types.Signature:
		return true
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == pkg {
		return false
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f.Exported() {
			return false
		}
	}
	return true
}

// changesLater reports whether a local variable may get another value, in whole
// or in part, between an action and the end of the section.
func (c *collection) changesLater(a *action, v *types.Var) bool {
	for _, ch := range c.laterChanges(a) {
		switch {
		case ch.own == v:
		case ch.own != nil || !c.scope().Variable(v).Meets(ch.storage):
			continue
		}
		if !c.otherRound(a, ch.node, []*types.Var{v}, false) {
			return true
		}
	}
	return false
}

// readAfter returns a place where the section reads storage of this function's own after an
// action that may change it.
func (c *collection) readAfter(a *action, k kept) ast.Expr {
	if k.reads || c.isOpen(k) {
		return nil
	}
	own := c.model().OwnVariables(c.scope(), k.storage, k.expr)
	for _, n := range c.restOf(a) {
		if k.owner == ownership.Own && c.otherRound(a, n, own, true) {
			continue
		}
		var found ast.Expr
		ast.Inspect(n, func(m ast.Node) bool {
			id, ok := m.(*ast.Ident)
			if !ok || found != nil {
				return found == nil
			}
			if v, isVar := c.Info.Uses[id].(*types.Var); isVar && c.readsThrough(id, v, k) {
				found = id
			}
			return true
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// readsThrough reports whether the use of a variable reads what is kept: the variable is
// part of it, or the use reads what the variable refers to and that may be part of it.
func (c *collection) readsThrough(id *ast.Ident, v *types.Var, k kept) bool {
	if v.IsField() || syntax.IsGlobal(v) {
		return false
	}
	if c.scope().IsIn(v, k.storage) {
		switch p := c.Parents[id].(type) {
		case *ast.UnaryExpr:
			return p.Op != token.AND
		case *ast.AssignStmt:
			return !slices.Contains(p.Lhs, ast.Expr(id))
		}
		return true
	}
	if !c.scope().Leads(id).Meets(k.storage) {
		return false
	}
	switch p := c.Parents[id].(type) {
	case *ast.SelectorExpr, *ast.StarExpr, *ast.SliceExpr, *ast.RangeStmt, *ast.TypeAssertExpr:
		return true
	case *ast.IndexExpr:
		return p.X == id
	case *ast.CallExpr:
		return !c.Info.Types[p.Fun].IsBuiltin()
	}
	return false
}

// copied returns the expression whose value can be kept in place of an address
// that an action is given: the action only reads there, and the value itself
// stays as it is. It returns nil if the address is to be kept. Before Go 1.22 the
// loop that makes the calls would give all of them the address of one variable.
func (c *collection) copied(a *action, e ast.Expr) ast.Expr {
	var value ast.Expr
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			value = ast.Unparen(x.X)
		}
	case *ast.SliceExpr:
		if _, array := c.Info.TypeOf(x.X).Underlying().(*types.Array); array && x.Low == nil && x.High == nil && x.Max == nil {
			value = ast.Unparen(x.X)
		}
	}
	i := slices.Index(a.args, e)
	if value == nil || i < 0 || a.call == nil || !c.loopVarsPerRound() || extract.HoldsLock(c.Info.TypeOf(value)) || !c.isPlace(value) {
		return nil
	}
	for _, k := range c.kept(a) {
		if k.expr == e && k.reads && c.changes(a, k) != nil && !c.otherWrites(k) {
			return value
		}
	}
	return nil
}

// isPlace reports whether an expression names a variable, a field or an element.
func (c *collection) isPlace(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return len(behaviour.Touches(c.Window.Site, e).List) == 0
	}
	return false
}

// otherWrites reports whether an action may write to what an address leads to:
// then that write comes after the value was kept.
func (c *collection) otherWrites(k kept) bool {
	return slices.ContainsFunc(c.Actions, func(b *action) bool {
		if b.call == nil {
			return false
		}
		return slices.ContainsFunc(c.model().Operands(b.call), func(o storage.Operand) bool {
			return c.scope().LeadsOperand(o).Meets(k.storage) && !c.onlyReads(b.call, o)
		})
	})
}

// assignedAfter reports whether a local variable may get another value, in
// whole or in part, between an action and the end of the section.
func (c *collection) assignedAfter(a *action, v *types.Var) bool {
	if v.Parent() == c.Pkg.Types.Scope() {
		return false // its accesses are known
	}
	if c.changesLater(a, v) {
		return true
	}
	if c.Unit.Captured(v) || c.Unit.Addressed(v) {
		return partAssigned(c.Window.Site, v) || c.Unit.Assigned(v, c.Body)
	}
	for _, n := range a.Rest.Nodes {
		if st, ok := n.(ast.Stmt); ok && (c.Unit.Assigned(v, []ast.Stmt{st}) || partAssignedIn(c.Window.Site, v, []ast.Stmt{st})) {
			return true
		}
	}
	return rangesOver(c.Window.Site, v)
}
