package move

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// GuardedValues lists the guarded values that the window uses.
func (w *Window) GuardedValues() []UsedValue {
	var out []UsedValue
	for _, x := range w.Values {
		v := UsedValue{Name: types.ExprString(x.Uses[0]), Typ: w.Info.TypeOf(x.Uses[0]), Pos: x.Uses[0].Pos(), From: x.Sources(), Copied: x.Cloned, Taken: x.Entry}
		if x.Cloned {
			v.Typ = syntax.ElementType(w.CopyType(x))
		}
		if x.Operand && SharesNothing(w.Site, x.Uses[0]) {
			v.Typ = types.Typ[types.Invalid]
		}
		if x.Pointee {
			v.Typ, v.Copied = v.Typ.Underlying().(*types.Pointer).Elem(), true
		}
		out = append(out, v)
	}
	seen := make(map[*types.Var]bool)
	for _, e := range extract.SelectionsRun(w.Site, w.WithDeferred()) {
		id, ok := syntax.RootIdent(e)
		if !ok || slices.ContainsFunc(w.Values, func(x extract.Extraction) bool { return x.Pointee && slices.Contains(x.Uses, e) }) {
			continue
		}
		v, _ := w.Info.Uses[id].(*types.Var)
		if ts := w.Derived[v]; len(ts) > 0 && !seen[v] && !w.OnlySends(v) && !w.Missed(v) && !w.givenAnother(v, e) {
			seen[v] = true
			val := UsedValue{Name: v.Name(), Typ: v.Type(), Pos: e.Pos(), Of: v, Own: behaviour.ReachedThrough(ts) == nil}
			switch def := cmp.Or(w.Unit.DefinedOnce(v), w.Unit.LookedUpOnce(v)); {
			case syntax.RefsOf(v.Type(), 0) == syntax.Aliasing && syntax.RefsOf(syntax.ElementType(v.Type()), 0) == syntax.NoRefs && w.OwnsAll(v):
				val.Typ = types.Typ[types.Invalid] // shares nothing with others
			case slices.ContainsFunc(w.Copies, func(x extract.Extraction) bool { return x.Uses[0] == def }):
				val.Typ, val.Copied = syntax.ElementType(v.Type()), true
			case def != nil && w.holdsPlainCopies(def):
				val.Typ, val.Copied = types.Typ[types.Invalid], true
			}
			for _, t := range ts {
				val.From = append(val.From, t.Access.Var)
			}
			val.Taken = w.Taken(v)
			out = append(out, val)
		}
	}
	return out
}

// SharesNothing reports whether the value of an expression has no storage that others reach: it
// has no references, or is a slice or map that the expression makes, of elements without any.
func SharesNothing(s *site.Site, e ast.Expr) bool {
	switch t := s.Info.TypeOf(e); syntax.RefsOf(t, 0) {
	case syntax.NoRefs:
		return true
	case syntax.Aliasing:
		_, made := ast.Unparen(e).(*ast.CallExpr)
		return made && syntax.RefsOf(syntax.ElementType(t), 0) == syntax.NoRefs && s.Program.Owns(s.Pkg, e)
	}
	return false
}

// WithDeferred lists the window with the deferred calls that now run without the lock, too: they were
// registered under it, and ran before its deferred release.
//
//	defer s.mu.Unlock()
//	seen := s.seen
//	defer func() { n = seen[url] }()
func (w *Window) WithDeferred() []ast.Stmt {
	var deferred []ast.Stmt
	for _, st := range w.Pre {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if d, ok := n.(*ast.DeferStmt); ok && w.Section.MayHold(d) && !w.Releases(d.Call) {
				deferred = append(deferred, d)
			}
			return true
		})
	}
	return slices.Concat(deferred, w.Stmts)
}

// OnlySends reports whether a variable is a parameter of a send-only channel type that is never
// assigned to. Guarded values have gone into the channel, but not into the variable.
//
//	func (c *Collector) Collect(ch chan<- Metric) {
func (w *Window) OnlySends(v *types.Var) bool {
	if v == nil || !w.Unit.IsParam(v) || w.Unit.Addressed(v) || w.Unit.Assigned(v, w.Unit.Body.List) {
		return false
	}
	ch, ok := v.Type().Underlying().(*types.Chan)
	return ok && ch.Dir() == types.SendOnly
}

// holdsPlainCopies reports whether an expression makes its value from copies whose elements hold
// no references.
func (w *Window) holdsPlainCopies(def ast.Expr) bool {
	copied := 0
	for _, x := range w.Copies {
		if !syntax.Within(x.Uses[0], def) {
			continue
		}
		if syntax.RefsOf(syntax.ElementType(w.Info.TypeOf(x.Uses[0])), 0) != syntax.NoRefs {
			return false
		}
		copied++
	}
	return copied > 0
}

// OwnsAll reports whether, wherever the window uses a local variable, only this call of the
// function can reach anything through it, because it was made from copies:
//
//	var names []string
//	for name := range s.jobs {
//		names = append(names, name)
//	}
func (w *Window) OwnsAll(v *types.Var) bool {
	model := w.Program.StorageOf(w.Pkg)
	return !slices.ContainsFunc(usesIn(w.Site, v, w.WithDeferred()...), func(id *ast.Ident) bool { return !model.OwnsAll(id) })
}

// Depends reports whether an expression reads guarded state, a flag that belongs to it, or a
// variable derived from either.
func (w *Window) Depends(e ast.Expr) bool {
	if behaviour.Touches(w.Site, e).Guarded() != nil || len(behaviour.FlagsIn(w.Site, e)) > 0 {
		return true
	}
	for _, from := range []map[*types.Var][]*site.Touch{w.Derived, w.Flagged} {
		for v := range from {
			if len(from[v]) > 0 && syntax.Mentions(w.Info, e, v) {
				return true
			}
		}
	}
	return false
}

// DecidesOn reports whether a condition tests guarded state. Testing whether a value that was
// read could be converted does not count, since there is a question where the result is used:
//
//	data, err := json.Marshal(s.state)
//	if err != nil {
//		return err
//	}
func (w *Window) DecidesOn(cond ast.Expr) bool {
	return w.Depends(cond) && !w.looksAtConversion(cond) && !w.looksAtOwn(cond)
}

// looksAtOwn reports whether a condition reads no guarded state itself, and what it looks at that
// was derived from guarded state belongs to the section.
func (w *Window) looksAtOwn(cond ast.Expr) bool {
	if behaviour.Touches(w.Site, cond).Guarded() != nil || len(behaviour.FlagsIn(w.Site, cond)) > 0 {
		return false
	}
	return w.looksAtOutcome(cond) || w.testsCopies(cond) || w.testsTaken(cond) || w.testsMade(cond) || w.testsFound(cond)
}

// looksOnlyAt reports whether is holds for all local variables in a condition that were derived
// from guarded state.
func (w *Window) looksOnlyAt(cond ast.Expr, is func(*types.Var, *ast.Ident) bool) bool {
	return syntax.Every(cond, func(id *ast.Ident) bool {
		v, isVar := w.Info.Uses[id].(*types.Var)
		return !isVar || v.IsField() || len(w.Derived[v]) == 0 && len(w.Flagged[v]) == 0 || is(v, id)
	})
}

// testsMade reports whether a condition only looks at fields of objects that the function has
// just made and that nobody else has, and those fields do not depend on guarded state:
//
//	e := &entry{id: s.next, name: name}
//	if !e.name.valid() {
func (w *Window) testsMade(cond ast.Expr) bool { return w.looksOnlyAt(cond, w.isMadeWith) }

// isMadeWith reports whether a field is selected from a variable that holds an object made by
// this call, and still has its initial value, which does not depend on guarded state.
func (w *Window) isMadeWith(v *types.Var, id *ast.Ident) bool {
	sel, ok := w.Parents[id].(*ast.SelectorExpr)
	def := w.Unit.DefinedOnce(v)
	if !ok || sel.X != ast.Expr(id) || def == nil || !w.Program.Owns(w.Pkg, id) {
		return false
	}
	f, isField := w.Info.Uses[sel.Sel].(*types.Var)
	if u, ok := ast.Unparen(def).(*ast.UnaryExpr); ok && u.Op == token.AND {
		def = u.X
	}
	lit, isLit := ast.Unparen(def).(*ast.CompositeLit)
	if !isField || !isLit {
		return false
	}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		if key, ok := kv.Key.(*ast.Ident); ok && w.Info.Uses[key] == f && w.Depends(kv.Value) {
			return false
		}
	}
	return !w.mayBeFilled(v, lit, id)
}

// mayBeFilled reports whether the function may have done more than read the fields of an object
// between the literal that makes it and a use.
func (w *Window) mayBeFilled(v *types.Var, lit *ast.CompositeLit, use *ast.Ident) bool {
	for n := w.Parents[use]; n != nil && !syntax.Within(lit, n); n = w.Parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true // in an earlier iteration
		}
	}
	filled := false
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || w.Info.Uses[id] != types.Object(v) || id.Pos() >= use.Pos() {
			return !filled
		}
		sel, ok := w.Parents[id].(*ast.SelectorExpr)
		s := w.Info.Selections[sel]
		if filled = !ok || s == nil || s.Kind() != types.FieldVal; filled {
			return false
		}
		around := ast.Node(sel)
		for _, stmt := around.(ast.Stmt); !stmt; _, stmt = around.(ast.Stmt) {
			around = w.Parents[around]
		}
		for _, a := range guards.AccessesIn(w.Unit, around) {
			filled = filled || a.Kind.Changes() && a.Path.Root == v
		}
		return !filled
	})
	return filled
}

// testsTaken reports whether a condition only looks at what the section has taken out of guarded
// variables, which nobody else can change.
func (w *Window) testsTaken(cond ast.Expr) bool {
	return w.looksOnlyAt(cond, func(v *types.Var, id *ast.Ident) bool { return behaviour.TakenAt(w.Site, v, id) })
}

// UsedOnly reports whether is holds for every use of a value in the window.
func (w *Window) UsedOnly(v UsedValue, is func(ast.Node) bool) bool {
	if v.Of == nil {
		for _, x := range w.Values {
			if x.Uses[0].Pos() == v.Pos {
				return !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return !is(u) })
			}
		}
		return false
	}
	return !slices.ContainsFunc(usesIn(w.Site, v.Of, w.WithDeferred()...), func(id *ast.Ident) bool { return !is(id) })
}

// GuardedExit returns a condition on guarded state that decides whether the statements run to
// their end, or nil.
func (w *Window) GuardedExit(list []ast.Stmt) ast.Expr {
	var found ast.Expr
	for _, st := range list {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if found != nil || !w.Leaves(n) {
				return found == nil
			}
			conds := syntax.ConditionsIn(n)
			if i := slices.IndexFunc(conds, w.DecidesOn); i >= 0 {
				found = conds[i]
			}
			return found == nil
		})
	}
	return found
}

// Testing lists the statements of the window whose tests decide whether the window, or the code
// after it, runs.
func (w *Window) Testing() []ast.Stmt {
	if len(w.Post) > 0 {
		return w.Stmts
	}
	i := slices.IndexFunc(w.Stmts, func(st ast.Stmt) bool { return w.Waits(st) })
	return w.Stmts[:max(i, 0)]
}

// Panics lists all places that may panic in list, except in skip. What a lift leaves of its
// statement is included.
func (w *Window) Panics(list, skip []ast.Stmt) []*panics.Place {
	if w.Lift == nil {
		return panics.PanicsBesides(w.Site, list, skip, nil)
	}
	return panics.PanicsBesides(w.Site, list, skip, w.Lift.Lifted())
}

// MayPanic reports whether an expression may panic, regardless of the tests around it.
func MayPanic(s *site.Site, e ast.Expr) bool { return len(panics.PanicsOf(s, e)) > 0 }

// Decides returns a condition on guarded state that decides whether the window does something
// with an effect, or nil. It returns nil for a detachment, since nobody else can change what was
// taken out.
func (w *Window) Decides() ast.Expr {
	if w.Detach != nil {
		return nil
	}
	var found ast.Expr
	for _, st := range w.Stmts {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			for _, cond := range syntax.ConditionsIn(n) {
				if found == nil && w.Depends(cond) && w.hasEffect(n) {
					found = cond
				}
			}
			return found == nil
		})
	}
	return found
}

// hasEffect reports whether a node does something that others can observe: more than waiting,
// reading, or writing to the log.
func (w *Window) hasEffect(n ast.Node) bool {
	if slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool {
		return syntax.Within(o.Node, n) && (o.Effect == blocking.EffectWrite || o.Category == "chan")
	}) {
		return true
	}
	found := false
	syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
		isOp := slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Node == c })
		found = found || !isOp && !w.Logs(c) && behaviour.Effectful(w.Site, w.Unit, c)
	})
	return found
}

// Logs reports whether a call writes to the program's log, where nobody relies on the order.
func (w *Window) Logs(c *ast.CallExpr) bool { return behaviour.Logs(w.Site, w.Unit, c) }

// looksAtConversion reports whether a condition compares with nil an error returned, along with
// a result, by a function outside of the loaded packages that has no effect on its arguments.
func (w *Window) looksAtConversion(cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL || !w.IsNil(b.Y) || !syntax.IsErrorOrNil(w.Info, b.X) {
		return false
	}
	id, ok := ast.Unparen(b.X).(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(w.Info, id)
	if v == nil || v.IsField() || syntax.IsGlobal(v) || w.Unit.Captured(v) || w.Unit.Addressed(v) {
		return false
	}
	var last ast.Expr // the value last given to v before the condition
	for _, e := range w.Unit.Given(v) {
		if e.End() <= cond.Pos() && (last == nil || e.Pos() > last.Pos()) {
			last = e
		}
	}
	c, ok := last.(*ast.CallExpr)
	if !ok {
		return false
	}
	tuple, ok := w.Info.TypeOf(c).(*types.Tuple)
	fn := patterns.CalleeOf(w.Info, c)
	if !ok || tuple.Len() < 2 || fn == nil || fn.Pkg() == nil || w.IsLoaded(fn.Pkg()) || len(behaviour.CallTouches(w.Site, w.Unit, c).List) > 0 {
		return false
	}
	return behaviour.HasNoEffect(w.Site, w.Unit, c)
}

// looksAtOutcome reports whether a condition reads only variables that were just set by a wait.
func (w *Window) looksAtOutcome(cond ast.Expr) bool {
	return syntax.Every(cond, func(id *ast.Ident) bool {
		v, isVar := w.Info.Uses[id].(*types.Var)
		return !isVar || v.IsField() || len(w.Derived[v]) == 0 || w.outcome(v, id)
	})
}

// IsOutcome reports whether an expression is a variable that was just set by a wait.
func (w *Window) IsOutcome(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, isVar := w.Info.Uses[id].(*types.Var)
	return isVar && !v.IsField() && w.outcome(v, id)
}

// outcome reports whether the last value that a variable was given before its use is the result
// of a wait in the window.
func (w *Window) outcome(v *types.Var, use ast.Node) bool {
	if w.Unit.Captured(v) || w.Unit.Addressed(v) {
		return false
	}
	var last *ast.AssignStmt
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if ok && as.End() <= use.Pos() && Reassigned(w.Site, v, []ast.Stmt{as}) && (last == nil || last.Pos() < as.Pos()) {
			last = as
		}
		return true
	})
	if last == nil || len(last.Rhs) != 1 || !w.Waits(last.Rhs[0]) || !w.InStmts(last.Rhs[0], w.Stmts) {
		return false
	}
	around := w.Parents[last]
	if _, ok := around.(*ast.CaseClause); ok {
		return false
	}
	return around != nil && syntax.Within(use, around)
}

// ClosedUnder returns the position of a call under the section's lock that ends the lifetime of
// an object of the value's type.
func (w *Window) ClosedUnder(v UsedValue) (token.Pos, bool) {
	calls := w.ClosingCalls(v)
	if len(calls) == 0 {
		return token.NoPos, false
	}
	return calls[0].Call.Pos(), true
}

// ClosingCalls lists the calls under the section's lock that end the lifetime of an object of
// the value's type.
func (w *Window) ClosingCalls(v UsedValue) []patterns.Call {
	return w.closings(func(t types.Type) bool { return types.Identical(t, v.Typ) })
}

// ClosingOthers lists the calls under the section's lock that end the lifetime of an object of
// another type.
func (w *Window) ClosingOthers(v UsedValue) []patterns.Call {
	return w.closings(func(t types.Type) bool { return !types.Identical(t, v.Typ) })
}

// closings lists the calls under the section's lock, outside of the section, that end the
// lifetime of an object that is not the caller's own, if its type satisfies the predicate of.
func (w *Window) closings(of func(types.Type) bool) []patterns.Call {
	return slices.DeleteFunc(w.methodCalls(), func(c patterns.Call) bool {
		return !slices.ContainsFunc(ClosedBy(c), func(e ast.Expr) bool { return w.isOthers(c, e, of) })
	})
}

// GivingBack lists the calls under the section's lock, outside of the section, that have the
// name of a call that ends a life, but are about one of the things behind an object of type t
// that is not the caller's own: pool.Release(key).
func (w *Window) GivingBack(t types.Type) []patterns.Call {
	return slices.DeleteFunc(w.MethodsUnder(t), func(c patterns.Call) bool {
		_, about := behaviour.Ended(c.Unit.Pkg.Info, c.Call)
		return !about
	})
}

// MethodsUnder lists the method calls under the section's lock, outside of the section, on
// objects of type t that are not the caller's own.
func (w *Window) MethodsUnder(t types.Type) []patterns.Call {
	return slices.DeleteFunc(w.methodCalls(), func(c patterns.Call) bool {
		return !w.isOthers(c, patterns.ReceiverOf(c.Call.Fun), func(o types.Type) bool { return types.Identical(o, t) })
	})
}

// methodCalls lists the method calls under the section's lock, outside of the section.
func (w *Window) methodCalls() []patterns.Call {
	return slices.DeleteFunc(slices.Clone(guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar())), func(c patterns.Call) bool {
		return patterns.ReceiverOf(c.Call.Fun) == nil || c.Unit == w.Unit && w.InBody(c.Call)
	})
}

// isOthers reports whether an object in a call is not the caller's own, and its type satisfies
// the predicate of.
func (w *Window) isOthers(c patterns.Call, e ast.Expr, of func(types.Type) bool) bool {
	t := c.Unit.Pkg.Info.TypeOf(e)
	return t != nil && of(t) && !w.Program.Owns(c.Unit.Pkg, e)
}

// ClosedBy lists the objects whose lifetime a call ends.
func ClosedBy(c patterns.Call) []ast.Expr {
	ended, _ := behaviour.Ended(c.Unit.Pkg.Info, c.Call)
	return ended
}

// TakenFrom reports whether the window uses something that was taken out of the variable, which
// changes the variable.
func (w *Window) TakenFrom(v *types.Var) bool {
	return slices.ContainsFunc(w.GuardedValues(), func(u UsedValue) bool { return u.Taken && slices.Contains(u.From, v) })
}

// Deciding lists the statements before the window that run on the way to the code after it. A
// statement in a branch that does not lead there is replaced by the statement with the branch.
func (w *Window) Deciding() []ast.Stmt {
	if len(w.Post) == 0 {
		return w.Pre
	}
	var out []ast.Stmt
	for _, st := range w.Pre {
		if b := Branch(w.Site, st, w.Post[0]); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

// Branch returns the outermost statement that is or contains st but does not contain place.
func Branch(s *site.Site, st ast.Stmt, place ast.Node) ast.Stmt {
	out := st
	for n := s.Parents[st]; n != nil && !syntax.Within(place, n); n = s.Parents[n] {
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		case ast.Stmt:
			out = n
		}
	}
	return out
}
