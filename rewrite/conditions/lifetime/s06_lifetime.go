package lifetime

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveLifetime is S6: what the window uses is not closed or dropped meanwhile.
func ProveLifetime(w *move.Window) *safety.Refusal {
	if r := refuseHeldOpen(w); r != nil {
		return r
	}
	if r := refuseGivenBack(w); r != nil {
		return r
	}
	asked, r := closesShared(w)
	if r != nil {
		return r
	}
	objects := append(usedObjects(w), signals.KeptByGoroutines(w)...)
	for _, v := range objects {
		if v.Taken || v.Own || slices.ContainsFunc(v.From, w.Detached) {
			continue // nobody else can still reach it
		}
		if v.Of != nil && onlyReturned(w, v.Of) {
			continue // the caller gets it without the lock in any case
		}
		if at, ok := w.ClosedUnder(v); ok {
			if !behaviour.CloseSafe(v.Typ) && !closesParts(w, v) {
				return safety.Refuse(safety.S6, "closed-under-lock", v.Pos, "%s is closed under %s at %s", v.Name, w.Section.Lock, w.Line(at))
			}
			if heldOpen(w, v) {
				return safety.Refuse(safety.S6, "held-open", v.Pos, "the read lock keeps %s open during the call: %s is taken for writing only where it is closed (%s)", v.Name, w.Section.Lock, w.Line(at))
			}
			askClosed(w, v)
			continue
		}
		if slices.Contains(asked, v.Name) || askMayEnd(w, v) {
			continue
		}
		if at, ok := closedInside(w, v); ok {
			w.Assume(safety.S6, v.Pos, "%s may use what is closed at %s, which can now happen during the call. Does the call then fail cleanly?", v.Name, w.Line(at))
			continue
		}
		if partIsClosed(w, v, objects) {
			continue // the part is asked about: what is removed meanwhile is closed
		}
		askReplaced(w, v)
	}
	askCancelled(w)
	if !w.Has(safety.S6) {
		w.Proved(safety.S6, "nothing that is used without the lock is closed or replaced under the lock")
	}
	return nil
}

const nowClosed = "%s can now be closed at %s during the call. Does the call then fail cleanly?"

// askReplaced asks about a value whose variable others change during the window, and which they
// may then close.
func askReplaced(w *move.Window, v move.UsedValue) {
	for _, g := range v.From {
		if w.Cloned(g) || v.Of != nil && (w.TookFirst(v.Of) || w.MadeOfTaken(v.Of) || signals.MadeByStarted(w, v.Of)) {
			continue // S3 asks, or the section has taken it out of there, or its goroutines have made it
		}
		sharing := guards.SharingOf(w.Program, w.PackageOf(g), g)
		element := isElement(w, v, g)
		a := sharing.Changed(func(a *guards.Access) bool { return w.OfOthers(a) && !(element && syntax.Appends(a)) })
		if a == nil {
			continue
		}
		if at, ok := endedApart(w, v, g); ok {
			w.Assume(safety.S6, v.Pos, nowClosed, v.Name, w.Line(at))
			return
		}
		w.Ask(safety.StillHeld, stale.ChangedAt(v.Name, g, w.Line(a.Pos())), safety.S6, v.Pos,
			"%s is changed at %s. Is it fine for the call to use the old value?", stale.ThatComesFrom(v.Name, g), w.Line(a.Pos()))
	}
}

// onlyReturned reports whether the window does nothing with a variable but return its value.
func onlyReturned(w *move.Window, v *types.Var) bool {
	only, found := true, false
	for _, st := range w.WithDeferred() {
		ast.Inspect(st, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || w.Info.Uses[id] != v {
				return true
			}
			_, isResult := w.Parents[id].(*ast.ReturnStmt)
			only, found = only && isResult, true
			return only
		})
	}
	return only && found
}

// isElement reports whether a value was looked up in a variable, where it stays what it is if
// others are added.
func isElement(w *move.Window, v move.UsedValue, g *types.Var) bool {
	if v.Of != nil {
		return syntax.LookedUpIn(w.Program, w.Unit, v.Of) == g && !types.Identical(v.Of.Type(), g.Type())
	}
	return slices.ContainsFunc(w.Values, func(x extract.Extraction) bool {
		ix, ok := ast.Unparen(x.Uses[0]).(*ast.IndexExpr)
		if !ok || !x.Operand || ix.Pos() != v.Pos || types.Identical(v.Typ, g.Type()) {
			return false
		}
		p, ok := patterns.PathOf(w.Info, ix.X)
		return ok && p.Last() == g
	})
}

// closesParts reports whether ending the life of an object only means closing parts of it
// that may be closed while in use: p.close() closes the connection of p.
func closesParts(w *move.Window, v move.UsedValue) bool {
	return !slices.ContainsFunc(w.ClosingCalls(v), func(c patterns.Call) bool {
		units, known := w.Program.Callees(c.Unit, c.Call)
		return !known || len(units) == 0 || slices.ContainsFunc(units, func(u *patterns.Unit) bool { return !onlyCloses(w, u, 0) })
	})
}

// maxClosers bounds how many functions that call one another to close something are
// looked at.
const maxClosers = 3

// onlyCloses reports whether a function changes nothing and calls nothing with an effect,
// except to close what may be closed while in use.
func onlyCloses(w *move.Window, u *patterns.Unit, depth int) bool {
	if u.Body == nil || depth > maxClosers || slices.ContainsFunc(guards.AccessesIn(u, u.Body), func(a *guards.Access) bool { return a.Kind != guards.Read }) {
		return false
	}
	only := true
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.SendStmt, *ast.FuncLit:
			only = false
		case *ast.CallExpr:
			only = only && closesPart(w, u, n, depth)
		}
		return only
	})
	return only
}

// closesPart is onlyCloses for a call.
func closesPart(w *move.Window, u *patterns.Unit, c *ast.CallExpr, depth int) bool {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && behaviour.EndsLife(sel.Sel.Name) {
		if t := u.Pkg.Info.TypeOf(sel.X); t != nil && behaviour.CloseSafe(t) {
			return true
		}
	}
	if behaviour.HasNoEffect(w.Site, u, c) {
		return true
	}
	units, known := w.Program.Callees(u, c)
	return known && len(units) > 0 && !slices.ContainsFunc(units, func(u *patterns.Unit) bool { return !onlyCloses(w, u, depth+1) })
}

// partIsClosed reports whether a part of an object that the window uses may be closed
// meanwhile.
func partIsClosed(w *move.Window, v move.UsedValue, all []move.UsedValue) bool {
	return slices.ContainsFunc(all, func(o move.UsedValue) bool {
		if !strings.HasPrefix(o.Name, v.Name+".") || o.Taken || slices.ContainsFunc(o.From, w.Detached) {
			return false
		}
		_, ok := w.ClosedUnder(o)
		return ok
	})
}

// closesShared refuses a window that ends the life of an object that other sections of the
// lock use, or asks about it if ending it is a wait and its users only get an error. It asks
// about one that gives back something behind such an object, and lists the objects that it
// asked about.
func closesShared(w *move.Window) (asked []string, r *safety.Refusal) {
	for _, st := range w.Stmts {
		r = syntax.First(st, func(c *ast.CallExpr) *safety.Refusal {
			ended, about := behaviour.Ended(w.Info, c)
			for _, e := range ended {
				switch a := usedByOthers(w, e); {
				case a == nil:
				case w.Waits(c) && endsQuietly(w.Info.TypeOf(e)):
					w.Assume(safety.S6, c.Pos(), "%s is now closed without the lock, and others may be using it (%s). Do their calls then fail cleanly?", types.ExprString(e), w.Line(a.Pos()))
				default:
					return safety.Refuse(safety.S6, "closed-unlocked", c.Pos(), "%s is closed without the lock, and other sections of %s use it (%s)", types.ExprString(e), w.Section.Lock, w.Line(a.Pos()))
				}
				if fn := patterns.CalleeOf(w.Info, c); isOfSlice(w, e) && fn != nil && w.Program.UnitOf(fn) != nil { // S9 asks of others
					what := syntax.CallName(c) + " can now run in several goroutines at once"
					w.Ask(safety.AtOnce, what, safety.S6, c.Pos(), "%s. Is that all right?", what)
				}
			}
			if !about {
				return nil
			}
			on := types.ExprString(patterns.ReceiverOf(c.Fun))
			if a := usedByOthers(w, patterns.ReceiverOf(c.Fun)); a != nil && !slices.Contains(asked, on) {
				asked = append(asked, on)
				w.Ask(safety.Besides, "other uses of "+on+" ("+w.Line(a.Pos())+")", safety.S6, c.Pos(), "%s can now run while others use %s (%s). Does %s stay usable for all of them?", syntax.CallName(c), on, w.Line(a.Pos()), on)
			}
			return nil
		})
		if r != nil {
			return nil, r
		}
	}
	return asked, nil
}

// usedByOthers returns an access by which another section of the lock uses the object that an
// expression names, unless the window has taken it out of where others find it.
func usedByOthers(w *move.Window, e ast.Expr) *guards.Access {
	if id, ok := syntax.RootIdent(e); ok && w.Taken(syntax.VarOf(w.Info, id)) {
		return nil
	}
	quiet := endsQuietly(w.Info.TypeOf(e))
	for _, v := range slices.DeleteFunc(Origins(w, e), w.Detached) {
		vars, uses := []*types.Var{v}, w.OfOthers
		if isElementOf(w, e, v) {
			vars = append(vars, holdersOf(w, v.Type().Underlying().(*types.Slice).Elem())...)
			uses = func(a *guards.Access) bool { return w.OfOthers(a) && !syntax.ForAppend(a) }
		}
		for _, v := range vars {
			sharing := guards.SharingOf(w.Program, w.PackageOf(v), v)
			if i := slices.IndexFunc(sharing.Accesses, func(a *guards.Access) bool { return uses(a) && !onlyHolds(a) && !(quiet && leavesElements(a)) }); i >= 0 {
				return sharing.Accesses[i]
			}
		}
	}
	return nil
}

// holdersOf lists the guarded variables that may lead to objects of a type.
func holdersOf(w *move.Window, t types.Type) []*types.Var {
	var out []*types.Var
	for _, g := range w.Finding.Guarded {
		if leadsTo(g.Var.Type(), t, make(map[types.Type]bool)) {
			out = append(out, g.Var)
		}
	}
	return out
}

// leadsTo reports whether what a type holds may be an object of another one.
func leadsTo(from, t types.Type, seen map[types.Type]bool) bool {
	if seen[from] {
		return false
	}
	seen[from] = true
	if types.AssignableTo(t, from) || types.AssignableTo(from, t) {
		return true
	}
	if st, ok := from.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if leadsTo(f.Type(), t, seen) {
				return true
			}
		}
	}
	if m, ok := from.Underlying().(*types.Map); ok && leadsTo(m.Key(), t, seen) {
		return true
	}
	c, ok := from.Underlying().(interface{ Elem() types.Type })
	return ok && leadsTo(c.Elem(), t, seen)
}

// isOfSlice reports whether an expression is for an element of a shared slice, in which the
// window leaves it.
func isOfSlice(w *move.Window, e ast.Expr) bool {
	id, ok := syntax.RootIdent(e)
	return ok && !w.Taken(syntax.VarOf(w.Info, id)) && slices.ContainsFunc(Origins(w, e), func(v *types.Var) bool { return !w.Detached(v) && isElementOf(w, e, v) })
}

// isElementOf reports whether an expression is a local variable for an element of a slice, or
// something that it leads to.
func isElementOf(w *move.Window, e ast.Expr, slice *types.Var) bool {
	id, ok := syntax.RootIdent(e)
	if !ok || !syntax.IsSlice(slice.Type()) {
		return false
	}
	v := syntax.VarOf(w.Info, id)
	return v != nil && v != slice && !v.IsField() && types.Identical(v.Type(), slice.Type().Underlying().(*types.Slice).Elem())
}

// Origins lists the shared variables from which an object comes.
func Origins(w *move.Window, e ast.Expr) []*types.Var {
	p, ok := patterns.PathOf(w.Info, e)
	if !ok {
		return nil
	}
	var vars []*types.Var
	ours := p.Root == w.Section.Lock.Root || p.Global() || w.Unit.IsParam(p.Root)
	if v := p.Last(); ours && (v.IsField() || p.Global()) {
		vars = append(vars, v)
	}
	for _, t := range w.Derived[p.Root] {
		if !t.Filled {
			vars = append(vars, t.Access.Var)
		}
	}
	return vars
}

// usedObjects lists the objects that the window uses: guarded values, and the
// fields and package-level variables that hold a pointer or interface.
func usedObjects(w *move.Window) []move.UsedValue {
	var out []move.UsedValue
	for _, v := range w.GuardedValues() {
		if k := syntax.RefsOf(v.Typ, 0); k == syntax.ObjectRef || k == syntax.OpaqueFn || k == syntax.Aliasing {
			out = append(out, v)
		}
	}
	seen := make(map[*types.Var]bool)
	for _, e := range extract.SelectionsRun(w.Site, w.WithDeferred()) {
		p, _ := patterns.PathOf(w.Info, e)
		v := p.Last()
		if v == nil || seen[v] || !v.IsField() && !p.Global() || syntax.RefsOf(v.Type(), 0) != syntax.ObjectRef {
			continue
		}
		seen[v] = true
		if slices.ContainsFunc(w.Values, func(x extract.Extraction) bool { return x.Reads(v) }) {
			continue
		}
		out = append(out, move.UsedValue{Name: p.String(), Typ: v.Type(), Pos: e.Pos(), Own: w.Program.StorageOf(w.Pkg).IsFresh(e)})
	}
	return out
}
