package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/storage"
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
				return Refuse(S3, "changed-by-call", at.Pos(), "%s is used later in the section, and %s may change it", types.ExprString(at), a.text())
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
		return Refuse(S2, "changes-before-call", k.expr.Pos(), "what %s refers to may change at %s, before the call is made", text, line)
	case ch.own.Name() == text:
		return Refuse(S2, "changes-before-call", k.expr.Pos(), "%s changes at %s, before the call is made", text, line)
	}
	return Refuse(S2, "changes-before-call", k.expr.Pos(), "%s refers to %s, which changes at %s, before the call is made", text, ch.own.Name(), line)
}

// askCopied asks about the values that are kept in place of their addresses: the
// action is then given the address of another variable.
func (c *Collection) askCopied(a *Action) {
	for _, e := range a.args {
		if v := a.values[e]; v != nil {
			c.assume(S2, e.Pos(), "%s gets a copy of %s, which changes before the call is made. Does only its value matter?", a.text(), types.ExprString(v))
		}
	}
}

// A kept is something that an action is given and that leads to other storage.
type kept struct {
	expr    ast.Expr
	storage storage.Region
	owner   storage.Owner // where the action stands
	reads   bool          // the action only reads there
}

// kept lists what an action is given by reference.
func (c *Collection) kept(a *Action) []kept {
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
		add(st.Chan, c.scope().Leads(st.Chan), false)
		add(st.Value, c.scope().Leads(st.Value), false)
	}
	if a.call != nil {
		for _, o := range c.model().Operands(a.call) {
			add(o.Expr, c.scope().LeadsOperand(o), c.onlyReads(a.call, o))
		}
	}
	return out
}

// isOpen reports whether others than the section's function may know what is
// kept, so that changes of it are found as those of fields are: see
// [Collection.proveNode].
func (c *Collection) isOpen(k kept) bool {
	switch k.owner {
	case storage.Own:
		return false
	case storage.Everyone:
		return c.model().IsShared(k.storage)
	}
	return true
}

// changes returns a change that the section may make to what is kept for an
// action, before it is carried out, or nil.
func (c *Collection) changes(a *Action, k kept) *change {
	open := c.isOpen(k)
	for _, ch := range c.laterChanges(a) {
		if !ch.storage.Meets(k.storage) || c.inOtherRound(a, ch, k) {
			continue
		}
		hit := !open || ch.own != nil || c.model().OwnerOf(ch.through) == storage.Own
		switch ch.kind {
		case elementWrite:
			hit = hit || c.isBare(ch.through) || c.shareField(ch.through, k.expr)
		case calledWrite:
			hit = hit || c.isBare(ch.through) && refsOf(c.Info.TypeOf(ch.through), 0) == aliases
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
func (c *Collection) inOtherRound(a *Action, ch *change, k kept) bool {
	if ch.own != nil {
		return c.otherRound(a, ch.node, []*types.Var{ch.own}, false)
	}
	return k.owner == storage.Own && c.model().OwnerOf(ch.through) == storage.Own && c.otherRound(a, ch.node, c.scope().OwnVariables(k.storage, k.expr), true)
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

// isLockObject reports whether an expression names the object that the lock
// belongs to: what is reached through it is looked at field by field.
func (c *Collection) isLockObject(e ast.Expr) bool {
	id, ok := rootIdent(e)
	if !ok {
		return false
	}
	v, ok := c.Info.ObjectOf(id).(*types.Var)
	return ok && (v == c.Section.Lock.Root || c.isReceiver(v))
}

// isOpaque reports whether the type does not tell what its values lead to: that of
// an interface, a function, or an object of another package that shows none of its
// fields. What others know of such a thing is changed by code that is not seen, at
// any time, and not by this section alone.
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
func (c *Collection) changesLater(a *Action, v *types.Var) bool {
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

// readAfter returns a place where the section, after an action that may change
// storage of this function's own, reads it.
func (c *Collection) readAfter(a *Action, k kept) ast.Expr {
	if k.reads || c.isOpen(k) {
		return nil
	}
	own := c.scope().OwnVariables(k.storage, k.expr)
	for _, n := range c.restOf(a) {
		if k.owner == storage.Own && c.otherRound(a, n, own, true) {
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

// readsThrough reports whether the use of a variable reads what is kept: the
// variable is in it, or what it refers to is read and may be.
func (c *Collection) readsThrough(id *ast.Ident, v *types.Var, k kept) bool {
	if v.IsField() || isGlobal(v) {
		return false
	}
	if c.scope().IsIn(v, k.storage) {
		switch p := c.parents[id].(type) {
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
	for _, k := range c.kept(a) {
		if k.expr == e && k.reads && c.changes(a, k) != nil && !c.otherWrites(k) {
			return value
		}
	}
	return nil
}

// isPlace reports whether an expression names a variable, a field or an element.
func (c *Collection) isPlace(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return len(c.touches(e).touches) == 0
	}
	return false
}

// otherWrites reports whether an action may write to what an address leads to:
// then that write comes after the value was kept.
func (c *Collection) otherWrites(k kept) bool {
	return slices.ContainsFunc(c.Actions, func(b *Action) bool {
		if b.call == nil {
			return false
		}
		return slices.ContainsFunc(c.model().Operands(b.call), func(o storage.Operand) bool {
			return c.scope().LeadsOperand(o).Meets(k.storage) && !c.onlyReads(b.call, o)
		})
	})
}
