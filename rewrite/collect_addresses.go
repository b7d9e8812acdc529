package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// This file is S2 for what the section itself does between the place where an
// action stood and the place where it is carried out: what a kept reference
// leads to must be the same at both. The next round of a loop writes to a
// variable whose address was kept, a later statement sets a field, a call fills
// a buffer again; before Go 1.22 a loop had one variable for all rounds.
//
// What cannot be shown to stay as it is, is refused, unless the value can be kept
// in place of its address: see [Collection.copied].

// proveIntact refuses if what an action is given may change, in this section,
// before it is carried out.
func (c *Collection) proveIntact() *Refusal {
	for _, a := range c.Actions {
		c.askCopied(a)
		for _, k := range c.kept(a) {
			if ch := c.changes(a, k); ch != nil {
				return c.refuseChange(k, ch)
			}
			if at := c.readAfter(a, k); at != nil {
				return Refuse(S3, at.Pos(), "%s is used after %s in the section, which may change it", types.ExprString(at), a.text())
			}
		}
	}
	return nil
}

// refuseChange says what changes too early.
func (c *Collection) refuseChange(k kept, ch *change) *Refusal {
	text, line := types.ExprString(k.expr), c.line(ch.node.Pos())
	switch {
	case ch.own == nil:
		return Refuse(S2, k.expr.Pos(), "what %s refers to may change at %s, before the call is made", text, line)
	case ch.own.Name() == text:
		return Refuse(S2, k.expr.Pos(), "%s changes at %s, before the call is made", text, line)
	}
	return Refuse(S2, k.expr.Pos(), "%s refers to %s, which changes at %s, before the call is made", text, ch.own.Name(), line)
}

// askCopied asks about the values that are kept in place of their addresses: the
// action is then given the address of another variable.
func (c *Collection) askCopied(a *Action) {
	for _, e := range a.args {
		if v := a.values[e]; v != nil {
			c.assume(S2, e.Pos(), "%s is given a copy of %s, which changes before the call is made: does only its value matter?", a.text(), types.ExprString(v))
		}
	}
}

// A kept is something that an action is given and that leads to other storage.
type kept struct {
	expr  ast.Expr
	vars  []*types.Var // what leads to the storage
	cells reach
	reads bool // the action only reads there
}

// kept lists what an action is given by reference.
func (c *Collection) kept(a *Action) []kept {
	refs := c.references()
	var out []kept
	for _, o := range c.given(a) {
		t := c.Info.TypeOf(o.expr)
		if o.addressed {
			t = types.NewPointer(t)
		}
		k := kept{expr: o.expr, vars: o.vars, cells: c.reachOf(t)}
		k.reads = a.call != nil && refs.readers.onlyReads(c.Unit, a.call, o)
		if v := a.values[o.expr]; v != nil { // its value is kept
			k.vars, k.cells = refs.of(v), c.reachOf(c.Info.TypeOf(v))
		}
		out = append(out, k)
	}
	return slices.DeleteFunc(out, func(k kept) bool { return len(k.vars) == 0 })
}

// changes returns a change that the section may make to what is kept for an
// action, before it is carried out, or nil.
func (c *Collection) changes(a *Action, k kept) *change {
	refs := c.references()
	open := refs.isOpen(k.vars)
	for _, ch := range c.laterChanges(a) {
		if !refs.meet(k.vars, ch.through) || c.inOtherRound(a, ch, k) {
			continue
		}
		typed, hidden := k.cells.overlaps(ch.cells), k.cells.hidden || ch.cells.hidden
		hit := typed || hidden && !open
		switch ch.kind {
		case ownWrite:
			hit = refs.addressed[ch.own] && (typed || k.cells.hidden)
		case fieldWrite, calledWrite:
			hit = hit && !open // seen field by field: see [Collection.proveNode]
		case elementWrite:
			hit = hit && (!open || c.isBare(ch.holder) || c.shareField(ch.holder, k.expr))
		case outsideWrite:
			hit = hit && (!open || !c.isLockObject(ch.through))
		}
		if hit {
			return ch
		}
	}
	return nil
}

// inOtherRound reports whether a change is made to the storage of another round.
func (c *Collection) inOtherRound(a *Action, ch *change, k kept) bool {
	if ch.own != nil {
		return c.otherRound(a, ch.node, []*types.Var{ch.own}, false)
	}
	return c.otherRound(a, ch.node, c.references().allWith(k.vars), true)
}

// isBare reports whether an expression is a local variable, in whole or cut.
func (c *Collection) isBare(e ast.Expr) bool {
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
			return ok && !isGlobal(v)
		default:
			return false
		}
	}
}

// shareField reports whether two expressions name the same field.
func (c *Collection) shareField(a, b ast.Expr) bool {
	v := identVar(c.Info, a)
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && v != nil && v.IsField() && c.Info.Uses[id] == types.Object(v)
		return !found
	})
	return found
}

// isLockObject reports whether a variable is the one that the lock belongs to:
// what is reached through it is looked at field by field.
func (c *Collection) isLockObject(vars []*types.Var) bool {
	return len(vars) == 1 && (vars[0] == c.Section.Lock.Root || c.isReceiver(vars[0]))
}

// changesLater reports whether a local variable may get another value, in whole
// or in part, between an action and the end of the section.
func (c *Collection) changesLater(a *Action, v *types.Var) bool {
	refs := c.references()
	for _, ch := range c.laterChanges(a) {
		if ch.own == v {
			if !c.otherRound(a, ch.node, []*types.Var{v}, false) {
				return true
			}
			continue
		}
		if ch.own != nil || !refs.addressed[v] || !refs.meet([]*types.Var{v}, ch.through) || c.otherRound(a, ch.node, []*types.Var{v}, false) {
			continue
		}
		cell := reach{types: []types.Type{v.Type()}}
		if ch.cells.overlaps(cell) || ch.cells.hidden && !c.isLockObject(ch.through) {
			return true
		}
	}
	return false
}

// readAfter returns a place where the section, after an action that may change
// storage of this function's own, reads it.
func (c *Collection) readAfter(a *Action, k kept) ast.Expr {
	refs := c.references()
	if k.reads || refs.isOpen(k.vars) {
		return nil
	}
	with := refs.allWith(k.vars)
	for _, n := range c.restOf(a) {
		if c.otherRound(a, n, with, true) {
			continue
		}
		var found ast.Expr
		ast.Inspect(n, func(m ast.Node) bool {
			id, ok := m.(*ast.Ident)
			if !ok || found != nil {
				return found == nil
			}
			v, isVar := c.Info.Uses[id].(*types.Var)
			if isVar && slices.Contains(with, v) && c.readsThrough(id, v) {
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

// readsThrough reports whether the use of a variable reads storage that others
// than its name lead to.
func (c *Collection) readsThrough(id *ast.Ident, v *types.Var) bool {
	if c.references().addressed[v] {
		switch p := c.parents[id].(type) {
		case *ast.UnaryExpr:
			return p.Op != token.AND
		case *ast.AssignStmt:
			return !slices.Contains(p.Lhs, ast.Expr(id))
		}
		return true
	}
	switch p := c.parents[id].(type) {
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
func (c *Collection) copied(a *Action, e ast.Expr) ast.Expr {
	refs := c.references()
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
	if value == nil || i < 0 || a.call == nil || !c.loopVarsPerRound() || holdsLock(c.Info.TypeOf(value), 0) || !c.isPlace(value) {
		return nil
	}
	o := operand{expr: e, vars: refs.of(e), arg: i}
	address := kept{expr: e, vars: o.vars, cells: c.reachOf(c.Info.TypeOf(e))}
	if c.changes(a, address) == nil || !refs.readers.onlyReads(c.Unit, a.call, o) || c.otherWrites(a, address) {
		return nil
	}
	return value
}

// isPlace reports whether an expression names a variable, a field or an element.
func (c *Collection) isPlace(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return len(c.touches(e).touches) == 0
	}
	return false
}

// otherWrites reports whether another action may write to what an address leads
// to: then that write comes after the value was kept.
func (c *Collection) otherWrites(a *Action, k kept) bool {
	refs := c.references()
	return slices.ContainsFunc(c.Actions, func(b *Action) bool {
		if b.call == nil {
			return false
		}
		return slices.ContainsFunc(refs.operands(b.call), func(o operand) bool {
			return refs.meet(o.vars, k.vars) && !refs.readers.onlyReads(c.Unit, b.call, o)
		})
	})
}
