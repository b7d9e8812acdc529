package stale

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S3 and S17 about tests that are made again after the
// wait, and about changes that need no second test: those that only add to what
// is there.

// askAgain asks what a repeated test leaves open, and reports whether it has asked more
// than whether the call may be made, which it does for calls that do more than read.
func askAgain(w *move.Window) bool {
	if w.Recheck == nil {
		return false
	}
	first := w.Recheck.Tests[0]
	askPanicsAgain(w)
	askCalledTwice(w)
	for _, loop := range w.Recheck.Passed {
		w.Assume(safety.S3, loop.Pos(), "The loop at %s has found nothing, and others can add something before the call is over. Is it fine to go on all the same?", w.Line(loop.Pos()))
	}
	for _, t := range behaviour.Touches(w.Site, syntax.StmtNodes(w.Recheck.Tests)...).List {
		if t.Access.Kind.Changes() && w.Recheck.CountedBelow(t) {
			w.Assume(safety.S17, first.Pos(), "The test at %s is made again after the call, and may count in %s a second time then. Is that right?", w.Line(first.Pos()), t.Name())
			break
		}
	}
	reads := !slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Effect != "read" })
	closes := !reads && closesAll(w.Recheck)
	what, counted := changedSince(w, first)
	if askBothWays(w, what, reads, closes) {
		return true
	}
	switch {
	case what == "" && closes:
		w.Proved(safety.S17, "what the call has made is closed if the repeated test returns")
	case what == "" && !reads:
		w.Ask(safety.InVain, forNothing(w, first, ""), safety.S17, first.Pos(), "The test at %s is repeated after the call, and can return although the call was made. Is there nothing to undo then?", w.Line(first.Pos()))
	case what != "" && !reads && !closes:
		w.Ask(safety.InVain, forNothing(w, first, what), safety.S17, first.Pos(), "The test at %s is repeated after the call, and can return although the call was made and the section changed %s. Is there nothing to undo then?", w.Line(first.Pos()), what)
	case what != "" && counted:
		w.Assume(safety.S17, first.Pos(), "If the repeated test at %s returns after the call, %s has already been counted. Is that right?", w.Line(first.Pos()), what)
	case what != "":
		w.Assume(safety.S17, first.Pos(), "The test at %s is repeated after the call, and can return although the section changed %s. Is there nothing to undo then?", w.Line(first.Pos()), what)
	}
	if reads {
		return false
	}
	for _, t := range w.Recheck.Tests {
		if !looksForMore(w, t) {
			w.Assume(safety.S3, t.Pos(), "The test at %s can also pass because others have replaced what it tests. Is the rest of the section right in that case too?", w.Line(t.Pos()))
			break
		}
	}
	return true
}

// forNothing says, in a question about the call, that a repeated test may return after it
// although the call was made, and the section has changed something.
func forNothing(w *move.Window, test ast.Stmt, changed string) string {
	text := "the test at " + w.Line(test.Pos()) + " is repeated after it: a call may have been made"
	if changed != "" {
		text += ", and " + changed + " changed,"
	}
	return text + " for nothing"
}

// askPanicsAgain asks about something that is read again after the wait, and may then panic
// because others have changed it:
//
//	name := s.names[0]
//
// Another question already covers whether repeated tests may come out otherwise.
func askPanicsAgain(w *move.Window) {
	reads := slices.DeleteFunc(slices.Clone(w.Recheck.Steps), func(st ast.Stmt) bool { return slices.Contains(w.Recheck.Tests, st) })
	for _, p := range w.Panics(reads, nil) {
		if behaviour.Touches(w.Site, p.At).Guarded() != nil {
			w.Assume(safety.S17, p.At.Pos(), "The read at %s is repeated after the call. If %s by then, the section ends there. Is that right?", w.Line(p.At.Pos()), p.Panics())
			return
		}
	}
}

// askCalledTwice asks about a function that a test calls on its way out, and the section
// has called by then for the case that the test does not return:
//
//	if u, ok := r.users[id]; ok {
//		r.metrics.Inc("hit")
//		return u, nil
//	}
//	r.metrics.Inc("miss")
func askCalledTwice(w *move.Window) {
	for _, t := range w.Recheck.Tests {
		syntax.EachSynchronousCall(t, func(c *ast.CallExpr) {
			fn := patterns.CalleeOf(w.Info, c)
			if fn == nil || w.Logs(c) || patterns.IsLockCall(w.Info, c) || !behaviour.Effectful(w.Site, w.Unit, c) {
				return
			}
			for _, st := range slices.Concat(w.Pre, w.Stmts) {
				if st.Pos() < t.End() {
					continue
				}
				syntax.EachSynchronousCall(st, func(d *ast.CallExpr) {
					if patterns.CalleeOf(w.Info, d) == fn {
						w.Assume(safety.S17, c.Pos(), "%s is called at %s, and once more at %s if the repeated test returns after the call. Is that right?", syntax.CallName(c), w.Line(d.Pos()), w.Line(c.Pos()))
					}
				})
			}
		})
	}
}

// askBothWays asks in one question what a repeated test leaves open if it returns, and if
// it goes on; it reports whether both have to be asked.
func askBothWays(w *move.Window, what string, reads, closes bool) bool {
	i := slices.IndexFunc(w.Recheck.Tests, func(t ast.Stmt) bool { return !looksForMore(w, t) })
	if reads || closes || i < 0 || safety.IsBroken(safety.S3) || safety.IsBroken(safety.S17) {
		return false
	}
	t := w.Recheck.Tests[i]
	if what != "" {
		what = ", and " + what + " changed"
	}
	w.Assume(safety.S17, t.Pos(), "The test at %s is repeated after the call: it can return although the call was made%s, or pass because others have replaced what it tests. Is the rest right in both cases?", w.Line(t.Pos()), what)
	w.Recorded[len(w.Recorded)-1].Also = []safety.Condition{safety.S3}
	return true
}

// changedSince names what the section has changed since a test, which stays so if
// the test returns at the second look, and reports whether all of it was counted.
func changedSince(w *move.Window, test ast.Stmt) (what string, counted bool) {
	since := w.Pre[slices.Index(w.Pre, test)+1:]
	var changes []*site.Touch
	for _, t := range behaviour.Touches(w.Site, move.OnTheWay(w.Site, since)...).List {
		entry := w.InStmts(t.Access.Node, w.Recheck.Created) // which the test then finds
		if (t.Access.Kind.Changes() || t.Access.Kind == guards.Close) && !entry {
			changes = append(changes, t) // also what is changed elsewhere without the lock
		}
	}
	counted = !slices.ContainsFunc(since, func(st ast.Stmt) bool {
		return behaviour.GuardedChanges(behaviour.Touches(w.Site, move.OnTheWay(w.Site, []ast.Stmt{st})...)) != nil && !w.Recheck.Counts(st)
	})
	return syntax.JoinNames(site.TouchNames(changes)), counted
}

// closesAll reports whether each operation that does more than read makes what a
// repeated test closes.
func closesAll(r *move.Recheck) bool {
	return !slices.ContainsFunc(r.Site.Finding.Ops, func(o *waits.Op) bool {
		return o.Effect != "read" && !slices.ContainsFunc(r.Products, func(p move.Product) bool { return syntax.Within(o.Node, p.Value) })
	})
}

// looksForMore reports whether a test returns if something is there that the
// section puts there after the window: an entry, a connection. If it goes on,
// nothing is there, whatever was before, and the first one to put it there is the
// only one.
func looksForMore(w *move.Window, test ast.Stmt) bool {
	_, searches := test.(*ast.RangeStmt) // for what is appended then
	return w.LooksFor(test, func(v *types.Var) bool {
		return slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
			return t.Class == site.GuardedUse && t.Access.Var == v && t.Access.Kind.Changes() && (searches || w.UpdateKind(t) != move.Merge)
		})
	})
}

// onlyAdds reports whether all that the section does with guarded state after the
// window adds to it, whatever it was: it counts, or takes an element out of a map.
// No test need hold for that, unless it looked at the very same variable.
func onlyAdds(w *move.Window) bool {
	tested := make(map[*types.Var]bool)
	for _, t := range w.PreTouches.List {
		tested[t.Access.Var] = true
	}
	for _, t := range w.Tests {
		for _, u := range behaviour.Touches(w.Site, t.Cond).List {
			tested[u.Access.Var] = true
		}
	}
	for _, from := range w.Derived {
		for _, t := range from {
			tested[t.Access.Var] = true
		}
	}
	for _, t := range w.PostTouches.List {
		v := t.Access.Var
		if t.Class != site.GuardedUse || !tested[v] && !t.Access.Kind.Changes() && addsEarlier(w, t.Access.Node) {
			continue
		}
		if tested[v] || !t.Access.Kind.Changes() || w.UpdateKind(t) != move.Merge || addsReference(w, t) {
			return false
		}
	}
	return w.PostTouches.GuardedChange() != nil
}

// addsEarlier reports whether a node is in the target of x += y, and the window gives nothing in y
// its value: what is added was known before the call.
func addsEarlier(w *move.Window, n ast.Node) bool {
	for p := n; p != nil; p = w.Parents[p] {
		as, ok := p.(*ast.AssignStmt)
		if !ok {
			continue
		}
		return as.Tok == token.ADD_ASSIGN && syntax.Within(n, as.Lhs[0]) && syntax.Every(as.Rhs[0], func(id *ast.Ident) bool {
			v, isVar := w.Info.Uses[id].(*types.Var)
			return !isVar || v.IsField() || !w.Unit.Assigned(v, w.Stmts)
		})
	}
	return false
}

// setsResults reports whether the section waits in a clause of a switch over guarded state, in
// each mode in its own way, so that the test cannot be made again, and what is changed after the
// switch is something else, and holds nothing that would have to be ended:
//
//	switch s.mode {
//	case file:
//		b, err = os.ReadFile(s.name)
//	case fixed:
//		return s.value, nil
//	}
//	s.value = parse(b)
func setsResults(w *move.Window) bool {
	around := switchesAround(w)
	tested := make(map[*types.Var]bool)
	for _, sw := range around {
		for _, cond := range syntax.ConditionsOf(sw) {
			for _, t := range behaviour.Touches(w.Site, cond).List {
				tested[t.Access.Var] = true
			}
		}
	}
	others := slices.ContainsFunc(append(slices.Clone(w.Deciding()), w.Testing()...), func(st ast.Stmt) bool {
		cond := w.GuardedExit([]ast.Stmt{st})
		return cond != nil && !decidesAround(w, cond) && !testsResult(w, cond)
	})
	return len(tested) > 0 && !others && !slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
		v := t.Access.Var
		return t.Class == site.GuardedUse && t.Access.Kind.Changes() && (t.Via != nil || tested[v] || syntax.IsBool(v.Type()) || syntax.RefsOf(v.Type(), 0) != syntax.NoRefs)
	})
}

// testsResult reports whether a condition depends on guarded state only because it stands in a
// clause of a switch around the window.
func testsResult(w *move.Window, cond ast.Expr) bool {
	return behaviour.Touches(w.Site, cond).Guarded() == nil && syntax.Every(cond, func(id *ast.Ident) bool {
		return !slices.ContainsFunc(w.Derived[syntax.VarOf(w.Info, id)], func(t *site.Touch) bool { return !decidesAround(w, t.Access.Node) })
	})
}

// switchesAround lists the switch statements that all waits of the window stand in.
func switchesAround(w *move.Window) (around []*ast.SwitchStmt) {
	if len(w.Stmts) == 0 {
		return nil
	}
	for n := w.Parents[w.Stmts[0]]; n != nil; n = w.Parents[n] {
		sw, ok := n.(*ast.SwitchStmt)
		if ok && !slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool { return !syntax.Within(o.Node, sw.Body) }) {
			around = append(around, sw)
		}
	}
	return around
}

// addsReference reports whether a change stores something that may have to be ended later,
// and that a test may be meant to keep out.
func addsReference(w *move.Window, t *site.Touch) bool {
	switch u := t.Access.Var.Type().Underlying().(type) {
	case *types.Slice:
		return syntax.RefsOf(u.Elem(), 0) != syntax.NoRefs
	}
	return false
}

// onlyNames reports whether a statement after the window uses a variable, a plain
// value, only to say which element of a map is counted, set or taken out.
func onlyNames(w *move.Window, v *types.Var, st ast.Stmt) bool {
	if syntax.RefsOf(v.Type(), 0) != syntax.NoRefs {
		return false
	}
	named := make(map[*ast.Ident]bool)
	key := func(m, k ast.Expr) { // of an element that is counted, set or taken out
		t := behaviour.Touches(w.Site, m).Guarded()
		_, isMap := w.Info.TypeOf(m).Underlying().(*types.Map)
		if t == nil || !isMap || slices.ContainsFunc(w.PreTouches.List, func(p *site.Touch) bool { return p.Access.Var == t.Access.Var && p.Access.Kind == guards.Write }) {
			return // or the map was made before, and may be gone
		}
		ast.Inspect(k, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				named[id] = true
			}
			return true
		})
	}
	syntax.InspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			if ix, ok := ast.Unparen(n.X).(*ast.IndexExpr); ok {
				key(ix.X, ix.Index)
			}
		case *ast.AssignStmt:
			if ix, ok := ast.Unparen(n.Lhs[0]).(*ast.IndexExpr); ok && len(n.Lhs) == 1 {
				key(ix.X, ix.Index)
			}
		case *ast.CallExpr:
			if patterns.BuiltinOf(w.Info, n) == "delete" {
				key(n.Args[0], n.Args[1])
			}
		}
		return true
	})
	only := true
	ast.Inspect(st, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && w.Info.Uses[id] == types.Object(v) {
			only = only && named[id]
		}
		return only
	})
	return only
}
