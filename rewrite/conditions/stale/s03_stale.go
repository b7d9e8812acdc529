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
	"github.com/letgo-dev/letgo/rewrite/conditions/copied"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveStale is S3: what was read before the window still holds where it is used after
// it.
func ProveStale(w *move.Window) *safety.Refusal {
	known := len(w.Recorded)
	if r := copied.Prove(w); r != nil {
		return r
	}
	askClones(w)
	if r := proveAsLong(w); r != nil {
		return r
	}
	copies := len(w.Recorded)
	askIdentities(w)
	askLockedAgain(w)
	askSame(w)
	if r := storesElsewhere(w); r != nil {
		return r
	}
	again := askAgain(w)
	if r := proveDetached(w); r != nil {
		return r
	}
	if r := proveTested(w, again); r != nil {
		return r
	}
	if r := proveEnclosing(w, copies); r != nil {
		return r
	}
	if len(w.Post) == 0 && len(w.PostTouches.List) == 0 {
		askReadTwice(w)
		if test := w.Decides(); test != nil && !w.Has(safety.S3) {
			w.Assume(safety.S3, test.Pos(), "The state tested at %s can change before it is acted on. Is it fine to act on it even then?", w.Line(test.Pos()))
		}
		if !w.Has(safety.S3) {
			w.Proved(safety.S3, "nothing is decided after the call by what was read before it")
		}
		return nil
	}
	askFlagsRead(w)
	ticket := askTorn(w)
	if r := proveDerived(w, ticket); r != nil {
		return r
	}
	askReadTwice(w)
	askTimes(w, known)
	if r := proveChangedMeanwhile(w); r != nil {
		return r
	}
	if !w.Has(safety.S3) {
		w.Proved(safety.S3, "nothing that was read before the call is used after it")
	}
	return nil
}

// proveDerived looks at the variables that were read from guarded state before the window
// and are used after it. It skips ticket, which has been asked about.
func proveDerived(w *move.Window, ticket *types.Var) *safety.Refusal {
	for _, v := range syntax.SortedVars(w.Derived) {
		for _, st := range w.Post {
			if !w.UsedAfter(st, v) || w.Rereads(v) || move.Reassigned(w.Site, v, w.Always()) || declaredAnew(w, v, st) || w.UsedForSame(v, st) {
				continue
			}
			if w.Taken(v) || w.TookFirst(v) || w.FromDetached(v) {
				continue // nobody else has it
			}
			if fromEarlier(w, v) || bringsResults(w, v) || signals.SetByStarted(w, v) || signals.MadeByStarted(w, v) {
				continue // S4 looks at what is done with them
			}
			if setByCase(w, v) {
				continue // asked about
			}
			if _, isReturn := st.(*ast.ReturnStmt); isReturn && !selectsBy(w, v, st) {
				if !slices.ContainsFunc(w.Derived[v], func(t *site.Touch) bool { return t.Access.Var != ticket }) {
					continue // asked already
				}
				w.Assume(safety.S3, st.Pos(), "%s is read before the wait and returned after it. Is it fine if it is older than the other results?", v.Name())
				continue
			}
			if w.FromCopies(v) {
				if r := proveStillThere(w, v, st); r != nil {
					return r
				}
				continue
			}
			if w.HeldObject(v) != nil {
				askHeld(w, v, st)
				break
			}
			if onlyNames(w, v, st) {
				w.Assume(safety.S3, v.Pos(), "%s is read from %s before the call and decides what is changed after it. Is it fine if it is out of date by then?", v.Name(), originOf(w, v))
				continue
			}
			if madeEarlier(w, v) && onlyStores(w, v, st) {
				w.Assume(safety.S3, v.Pos(), "%s comes from %s, read before the call, and is used after it. Is it fine if it is out of date by then?", v.Name(), originOf(w, v))
				break
			}
			return safety.Refuse(safety.S3, "read-before", st.Pos(), "%s was read from %s before the wait and is used after it", v.Name(), originOf(w, v))
		}
	}
	return nil
}

// originOf names the guarded variable that a local variable was last given its value from before
// the window, or the first one that it comes from.
func originOf(w *move.Window, v *types.Var) string {
	origin := w.Derived[v][0]
	var last ast.Expr
	for _, e := range w.Unit.Given(v) {
		i := slices.IndexFunc(w.Derived[v], func(t *site.Touch) bool { return syntax.Within(t.Access.Node, e) })
		if i >= 0 && (last == nil || e.Pos() > last.Pos()) && len(w.Stmts) > 0 && e.End() <= w.Stmts[0].Pos() {
			last, origin = e, w.Derived[v][i]
		}
	}
	return origin.Access.Var.Name()
}

// setByCase reports whether a variable depends on guarded state only because a switch around the
// window, which a question is about, decides what it is set to.
func setByCase(w *move.Window, v *types.Var) bool {
	return !slices.ContainsFunc(w.Derived[v], func(t *site.Touch) bool {
		return !w.AsksAbout(safety.S3, t.Access.Pos()) || !decidesAround(w, t.Access.Node)
	})
}

// decidesAround reports whether an expression is part of the condition of a switch that the
// window stands in.
func decidesAround(w *move.Window, e ast.Expr) bool {
	return slices.ContainsFunc(switchesAround(w), func(sw *ast.SwitchStmt) bool {
		return slices.ContainsFunc(syntax.ConditionsOf(sw), func(cond ast.Expr) bool { return syntax.Within(e, cond) })
	})
}

// bringsResults reports whether a variable holds a channel that the section makes, and on which
// only the function literals in it send: what comes from it is the result of the wait.
func bringsResults(w *move.Window, v *types.Var) bool {
	made, ok := ast.Unparen(w.Unit.DefinedOnce(v)).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(w.Info, made) != "make" || !syntax.IsChannel(v.Type()) {
		return false
	}
	itself := syntax.HasOuter(w.Unit.Body, func(send *ast.SendStmt) bool { return syntax.Mentions(w.Info, send.Chan, v) })
	return !itself && w.Unit.Captured(v)
}

// declaredAnew reports whether a statement declares a variable itself, and stands in a
// loop around the window: the next round has another variable.
func declaredAnew(w *move.Window, v *types.Var, st ast.Stmt) bool {
	return st.Pos() <= v.Pos() && v.Pos() < st.End() && len(w.Stmts) > 0 && !syntax.Within(w.Stmts[0], st)
}

// proveTested looks at the tests of guarded state by which the section goes on to
// the window, or in it; asked says that those which are made again were looked at.
func proveTested(w *move.Window, asked bool) *safety.Refusal {
	test := w.GuardedExit(append(slices.Clone(w.Deciding()), w.Testing()...))
	if test == nil {
		askCallers(w)
		return nil
	}
	each, sorted := sortTests(w)
	switch {
	case asked && w.GuardedExit(w.Testing()) == nil:
	case w.Recheck == nil && claims(w):
		w.Alone = w.Detach == nil && !claimsByKey(w)
		askClaimed(w, test)
	case (len(w.Post) > 0 || w.Detach != nil && w.Detach.Back != "") && w.Recheck == nil && spent(w):
		askSpent(w, test)
	case len(w.Post) > 0 && w.Recheck == nil && onlyHeldObjects(w):
		askState(w) // each gets a question whether it is still there
	case len(w.Post) > 0 && w.Recheck == nil && sorted:
		each.ask(w)
	case len(w.Post) > 0 && w.Recheck == nil && onlyOfRound(w):
		askRound(w)
	case len(w.Post) > 0 && w.Recheck == nil && !onlyAdds(w) && !setsResults(w) && !notesOutcomes(w):
		return safety.Refuse(safety.S3, "tested-before", test.Pos(), "the section continues only after testing guarded state, which may change during the wait")
	case len(w.Post) > 0 && w.Recheck == nil:
		askCommits(w, test)
	default:
		var tests []ast.Expr
		for _, st := range append(slices.Clone(w.Deciding()), w.Testing()...) {
			if cond := w.GuardedExit([]ast.Stmt{st}); cond != nil {
				tests = append(tests, cond)
			}
		}
		askTested(w, tests...)
	}
	return nil
}

// askCallers asks about a test of an object that the caller has passed, and that others
// may have: it is decided on what the lock guards for them.
func askCallers(w *move.Window) {
	lock := w.Section.LockVar()
	for _, st := range append(slices.Clone(w.Deciding()), w.Testing()...) {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if !w.Leaves(n) || w.Has(safety.S3) {
				return !w.Has(safety.S3)
			}
			for _, cond := range syntax.ConditionsIn(n) {
				for _, t := range behaviour.Touches(w.Site, cond).List {
					v := t.Access.Var
					changed := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return a.Under(lock) })
					if t.Class == site.Assumable && t.Via == nil && t.Access.Path.Root != nil && w.Unit.IsParam(t.Access.Path.Root) && changed != nil && !claimed(w, v) && !w.TestsAgain(v) {
						askTested(w, cond)
						return false
					}
				}
			}
			return true
		})
	}
}

// askTested asks whether the call may be made although tests may be out of date.
func askTested(w *move.Window, tests ...ast.Expr) {
	places := linesOf(w, tests)
	if t := limits(w, tests); t != nil {
		w.Assume(safety.S3, tests[0].Pos(), "Several callers can now pass the test at %s before one of them changes %s at %s, and each makes the call. Is that fine?", places, t.Name(), w.Line(t.Access.Pos()))
		return
	}
	w.Ask(safety.StillTested, "the state tested at "+places, safety.S3, tests[0].Pos(), "The state tested at %s can change before the call is over. Is it fine to make the call even then?", places)
}

// limits returns a change after the window of a number, a flag or a time that a test
// before it looks at: the lock let one caller at a time pass it.
func limits(w *move.Window, tests []ast.Expr) *site.Touch {
	for _, t := range w.PostTouches.List {
		v := t.Access.Var
		if t.Class != site.GuardedUse || !t.Access.Kind.Changes() || syntax.RefsOf(v.Type(), 0) != syntax.NoRefs && !syntax.IsMapType(v.Type()) || w.UpdateKind(t) == move.Insert && insertsResult(w, t) {
			continue
		}
		reads := func(u *site.Touch) bool { return u.Class == site.GuardedUse && u.Access.Var == v }
		if slices.ContainsFunc(tests, func(e ast.Expr) bool { return slices.ContainsFunc(behaviour.Touches(w.Site, e).List, reads) }) {
			return t
		}
	}
	return nil
}

// insertsResult reports whether an entry is set to something that the call brings, as in a
// cache, rather than to what keeps the next caller from making the call.
func insertsResult(w *move.Window, t *site.Touch) bool {
	made := order.MadeByCall(w)
	return slices.ContainsFunc(w.Post, func(st ast.Stmt) bool {
		return syntax.HasOuter(st, func(as *ast.AssignStmt) bool {
			return slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return syntax.Within(t.Access.Node, l) }) && slices.ContainsFunc(as.Rhs, func(r ast.Expr) bool {
				return syntax.Has(r, func(id *ast.Ident) bool { return made[syntax.VarOf(w.Info, id)] })
			})
		})
	})
}

// proveEnclosing looks at the conditions of the statements that the window stands
// in, and asks unless something of S3 was asked since the given number of obligations
// was known.
func proveEnclosing(w *move.Window, since int) *safety.Refusal {
	for _, t := range w.Tests {
		if !w.DecidesOn(t.Cond) || w.FollowsRepeated(t.Cond) {
			continue
		}
		if len(switchesAround(w)) > 0 && testsResult(w, t.Cond) {
			continue // the switch around it is asked about
		}
		if t.Repeats != nil {
			askRepeated(w, t)
			continue
		}
		if ifs, ok := w.Parents[t.Cond].(*ast.IfStmt); ok && t.Commits && w.Recheck == nil {
			if spentTest(w, ifs) {
				askSpent(w, t.Cond)
				continue
			}
			if claimsTest(w, ifs) {
				w.Alone = w.Detach == nil && !claimsByKey(w)
				askClaimed(w, t.Cond)
				continue
			}
		}
		if t.Commits && w.Recheck == nil && onlyHeldObjects(w) {
			if setByOthers(w, t.Cond) { // whether the objects are still there is asked about for each
				askCommits(w, t.Cond)
			}
			continue
		}
		if t.Commits && w.Recheck == nil && onlyOfRound(w) {
			askRound(w)
			continue
		}
		if t.Commits && w.Recheck == nil && !onlyAdds(w) && !(decidesAround(w, t.Cond) && setsResults(w)) && !notesOutcomes(w) {
			return safety.Refuse(safety.S3, "tested-before", t.Cond.Pos(), "the section continues only after testing guarded state, which may change during the wait")
		}
		switch {
		case slices.ContainsFunc(w.Recorded[since:], func(o safety.Obligation) bool { return o.Answers(safety.S3) }):
		case t.Commits && w.Recheck == nil:
			askCommits(w, t.Cond)
		default:
			askTested(w, t.Cond)
		}
	}
	return nil
}

// askCommits asks whether the section may change what it does after the window although a test
// may be out of date.
func askCommits(w *move.Window, test ast.Expr) {
	w.Assume(safety.S3, test.Pos(), "The state tested at %s can change before the call is over. Is it fine to change %s even then?", w.Line(test.Pos()), syntax.JoinNames(site.TouchNames(behaviour.GuardedChanges(w.PostTouches))))
}

// setByOthers reports whether a condition reads the field of an object that other sections set.
//
//	if e.dead {
//		http.Get(e.url) // meanwhile: e.dead = false
//		delete(s.m, e.id)
//	}
func setByOthers(w *move.Window, cond ast.Expr) bool {
	return slices.ContainsFunc(behaviour.Touches(w.Site, cond).List, func(t *site.Touch) bool {
		v := t.Access.Var
		return t.Class == site.GuardedUse && t.Access.Path.Root != w.Section.Lock.Root && !w.TestsAgain(v) && guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(w.OfOthers) != nil
	})
}

// askRepeated asks what a test around the window leaves open that is made again after
// it: of a call that does more than read, and of what another section resets meanwhile,
// whose reason the result of the call does not know.
func askRepeated(w *move.Window, t move.EnclosingTest) {
	touches := behaviour.Touches(w.Site, t.Looks()...).List
	names, line, elsewhere := syntax.JoinNames(site.TouchNames(touches)), w.Line(t.Cond.Pos()), ""
	for _, u := range touches {
		v := u.Access.Var
		change := changedByOthers(w, v)
		if change != nil {
			elsewhere = w.Line(change.Pos())
			break
		}
	}
	if elsewhere != "" {
		w.Assume(safety.S3, t.Cond.Pos(), "%s, tested at %s, can change before the call is over, also at %s, and the result is stored if the test holds then. Is it fine to make the call even then, and to store a result that is older than that change?", names, line, elsewhere)
	} else {
		w.Assume(safety.S3, t.Cond.Pos(), "Two callers can now both find by %s (%s) that the call is needed, and the first result stays. Is it fine if both make the call?", names, line)
	}
	if slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Effect != "read" }) || t.Missing != nil && handsOn(w) {
		w.Assume(safety.S17, t.Cond.Pos(), "The test at %s is repeated after the call, whose result is dropped if it fails then. Is there nothing to undo?", w.Line(t.Cond.Pos()))
	}
}

// handsOn reports whether the window, besides what waits, calls something with an effect
// that may have to be undone for a dropped result, because it may have been given the
// result.
func handsOn(w *move.Window) bool {
	found := false
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			fn := patterns.CalleeOf(w.Info, c)
			isOp := slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Node == c && len(o.Path) == 0 })
			std := fn != nil && fn.Pkg() != nil && !w.IsLoaded(fn.Pkg()) && patterns.IsStd(fn.Pkg().Path())
			found = found || !isOp && !std && !w.Logs(c) && behaviour.Effectful(w.Site, w.Unit, c)
		})
	}
	return found
}

// askTimes asks whether what is read before the window and what is read or changed after
// it may come from different updates, if nothing like it was asked since the given number
// of obligations was known.
func askTimes(w *move.Window, known int) {
	counted := countedOnly(w.PostTouches) && onlyForWaits(w, false)
	i := slices.IndexFunc(w.Values, func(x extract.Extraction) bool { // of copies askClones asks
		return !x.Cloned && !ownResult(w, x) && !onlyOwn(w, x) && slices.ContainsFunc(x.Sources(), func(v *types.Var) bool { return !w.Detached(v) }) && (!counted || goesByCount(w, x))
	})
	if i < 0 {
	} else if t := changeFor(w, w.Values[i]); t != nil && !(w.Values[i].Reads(t.Access.Var) && ReadLater(w, w.Values[i], t)) {
		if x := w.Values[i]; x.Reads(t.Access.Var) && RenewedByCall(w, t) {
			return // S4 asks
		} else if x.Reads(t.Access.Var) {
			w.Assume(safety.S3, x.Uses[0].Pos(), "%s is read before the call and changed after it. Is it fine if another caller reads the same value meanwhile, or others change it?", t.Name())
		} else {
			w.Ask(safety.ReadFor, x.String(), safety.S3, x.Uses[0].Pos(), "%s is read before the call and %s is changed after it. Is that still right if %s changes meanwhile?", x, t.Name(), x)
		}
	}
	after := w.PostTouches.Guarded()
	if after != nil && after.Access.Kind.Changes() && onlyForWaits(w, !usedOnBothSides(w) || RenewedByCall(w, after)) {
		after = firstRead(w.PostTouches)
	}
	asked := slices.ContainsFunc(w.Recorded[known:], func(o safety.Obligation) bool { return o.Condition == safety.S3 })
	if after == nil || asked {
		return
	}
	const question = "%s is read before the call and %s after it. Is it fine if the two values come from different updates?"
	list := slices.DeleteFunc(w.GuardedValues(), func(v move.UsedValue) bool {
		return v.Taken || patterns.IsError(v.Typ) || len(v.From) > 0 && !slices.ContainsFunc(v.From, func(g *types.Var) bool { return !w.Detached(g) })
	})
	if len(list) > 0 {
		w.Assume(safety.S3, list[0].Pos, question, list[0].Name, after.Name())
	} else if t := ReadBefore(w); t != nil {
		w.Assume(safety.S3, t.Access.Pos(), question, t.Name(), after.Name())
	}
}

// changeFor returns the first change after the window that may not be right if a value changes
// meanwhile: not one of another number that is added to, nor one that depends on an entry that is
// still the same.
func changeFor(w *move.Window, x extract.Extraction) *site.Touch {
	for _, t := range behaviour.GuardedChanges(w.PostTouches) {
		_, counts := behaviour.CountOf(t.Access)
		if (!counts || !syntax.IsBasic(t.Access.Var.Type()) || x.Reads(t.Access.Var) || goesByCount(w, x)) && !w.RunsForSame(t.Access.Node) {
			return t
		}
	}
	return nil
}

// ReadLater reports whether a value is read for a later call than the one that a change follows,
// and not for that of the next round:
//
//	o.auth = auth
//	o.mu.Unlock()
//	err = capture(o.auth)
func ReadLater(w *move.Window, x extract.Extraction, t *site.Touch) bool {
	return x.Before != nil && t.Access.Node.End() <= x.Before.Pos() && w.LoopAround(x.Before) == nil
}

// onlyForWaits reports whether the window passes the guarded values that it uses to what waits,
// and to nothing else: they decide on nothing that comes after it. If reports is set, an error in
// making them of guarded state, which the window returns with, does not count.
func onlyForWaits(w *move.Window, reports bool) bool {
	passed := func(n ast.Node) bool {
		return slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return syntax.Within(n, o.Node) })
	}
	return !slices.ContainsFunc(w.GuardedValues(), func(v move.UsedValue) bool {
		return !w.UsedOnly(v, func(n ast.Node) bool { return passed(n) || reports && patterns.IsError(v.Typ) && onlyReports(w, n) })
	})
}

// usedOnBothSides reports whether the section uses some guarded variable before the window and
// after it.
func usedOnBothSides(w *move.Window) bool {
	return slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && slices.ContainsFunc(w.PreTouches.List, func(u *site.Touch) bool { return u.Access.Var == t.Access.Var })
	})
}

// onlyReports reports whether a use of an error sets it, returns it, or looks whether there is
// one where that decides on nothing guarded.
func onlyReports(w *move.Window, n ast.Node) bool {
	for p := w.Parents[n]; p != nil; n, p = p, w.Parents[p] {
		switch p := p.(type) {
		case *ast.AssignStmt:
			return slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return l == n })
		case *ast.IfStmt:
			return n == p.Cond && !w.DecidesOn(p.Cond)
		case *ast.ReturnStmt:
			return true
		case ast.Stmt:
			return false
		}
	}
	return false
}

// countedOnly reports whether the guarded state is only counted up or down, which has the same
// sense whatever else changes meanwhile.
func countedOnly(t *site.Touches) bool {
	return !slices.ContainsFunc(t.List, func(t *site.Touch) bool {
		c, ok := behaviour.CountOf(t.Access)
		return t.Class == site.GuardedUse && !(ok && (c.Tok == token.INC || c.Tok == token.DEC))
	})
}

// firstRead returns the first guarded state that is read, other than to count it, or nil.
func firstRead(t *site.Touches) *site.Touch {
	for _, t := range t.List {
		if _, counts := behaviour.CountOf(t.Access); t.Class == site.GuardedUse && t.Access.Kind == guards.Read && !counts {
			return t
		}
	}
	return nil
}

// ownResult reports whether a value is what the section has just set, and is only returned.
func ownResult(w *move.Window, x extract.Extraction) bool {
	set := func(t *site.Touch) bool { return slices.Contains(x.Sources(), t.Access.Var) }
	return slices.ContainsFunc(behaviour.GuardedChanges(w.PreTouches), set) &&
		!slices.ContainsFunc(x.Uses, func(e ast.Expr) bool { return !syntax.OnlyReturned(w.Parents, e) })
}

// onlyOwn reports whether the section has just set a value that is read for a wait, and nobody else
// ever changes it.
func onlyOwn(w *move.Window, x extract.Extraction) bool {
	set := func(t *site.Touch) bool { return slices.Contains(x.Sources(), t.Access.Var) }
	return slices.ContainsFunc(behaviour.GuardedChanges(w.PreTouches), set) && !slices.ContainsFunc(x.Sources(), func(v *types.Var) bool {
		return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return !w.Contains(a) && !a.Fresh }) != nil
	})
}

// ReadBefore returns guarded state that is read before the window, other than what is
// changed there or read again after it, or nil.
func ReadBefore(w *move.Window) *site.Touch {
	for _, t := range w.PreTouches.List {
		v := t.Access.Var
		changed := slices.ContainsFunc(w.PreTouches.List, func(u *site.Touch) bool { return u.Access.Var == v && u.Access.Kind.Changes() })
		if t.Class == site.GuardedUse && t.Access.Kind == guards.Read && !changed && !w.TestsAgain(v) {
			return t
		}
	}
	return nil
}

// askFlagsRead asks about what the window reads from flags and the section uses
// once it holds the lock again.
func askFlagsRead(w *move.Window) {
	for _, v := range syntax.SortedVars(w.Flagged) {
		if slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return w.UsedAfter(st, v) }) && !w.Rereads(v) {
			w.Assume(safety.S3, v.Pos(), "%s is read from %s, which changes under %s, while that is not held. Is it fine if it is out of date when it is used?", v.Name(), w.Flagged[v][0].Access.Var.Name(), w.Section.Lock)
		}
	}
}

// askTorn asks about what was read before the window and outlives the section, which then
// changes guarded state: the two were of one moment. A ticket that is read and counted up
// is drawn twice if another call comes in between. It returns the variable that it asked
// about, or nil.
func askTorn(w *move.Window) *types.Var {
	change := w.PostTouches.GuardedChange()
	if change == nil {
		return nil
	}
	byGoroutines := signals.KeptByGoroutines(w)
	asked := func(v *types.Var) bool {
		return signals.SetByStarted(w, v) || slices.ContainsFunc(byGoroutines, func(k move.UsedValue) bool { return k.Of == v })
	}
	for _, t := range w.PreTouches.List {
		v := t.Access.Var
		if t.Class != site.GuardedUse || t.Access.Kind.Changes() || w.TestsAgain(v) || updatesItself(w, t.Access) || Status(w, v) || behaviour.NotesTime(w.Site, v) || slices.Contains(w.Claimed, v) || w.TakesOut(v, nil, nil) || w.OfEarlierRound(t) || isReserved(w, t) || w.FindsSame(t.Access.Node) {
			continue
		}
		if slices.ContainsFunc(w.PostTouches.List, func(u *site.Touch) bool {
			return u.Access.Var == v && u.Class == site.GuardedUse && u.Access.Kind.Changes() && !w.InElement(u.Access) && !RenewedByCall(w, u) && !w.RunsForSame(u.Access.Node) // asked about
		}) {
			w.Assume(safety.S3, t.Access.Pos(), "%s is read before the call and changed after it. Is it fine if another caller reads the same value meanwhile?", t.Name())
			return v
		}
	}
	for _, v := range syntax.SortedVars(w.Derived) {
		if !w.Rereads(v) && !move.Reassigned(w.Site, v, w.Always()) && !w.FromCopies(v) && !w.FromDetached(v) && outlives(w, v) && !asksWhetherOld(w, v) && !asked(v) {
			w.Assume(safety.S3, v.Pos(), "%s is read before the call and used after the unlock, and %s is changed after the call. Is it fine if the two come from different updates?", v.Name(), change.Name())
			break
		}
	}
	return nil
}

// asksWhetherOld reports whether [ProveStale] asks whether a variable is out of
// date where it is used after the window.
func asksWhetherOld(w *move.Window, v *types.Var) bool {
	if w.Taken(v) || w.TookFirst(v) || w.FromCopies(v) || w.FromDetached(v) || !madeEarlier(w, v) {
		return false
	}
	used := false
	for _, st := range w.Post {
		if _, isReturn := st.(*ast.ReturnStmt); !isReturn && w.UsedAfter(st, v) {
			if onlyNames(w, v, st) || !onlyStores(w, v, st) {
				return false
			}
			used = true
		}
	}
	return used
}

// outlives reports whether a variable is used outside of the window and of what
// stands under the lock around it, or is a result that a return gives back
// without naming it.
func outlives(w *move.Window, v *types.Var) bool {
	if w.Unit.Captured(v) && !isPassedOver(w, v) || !w.Unit.Declares(v) || w.Unit.IsParam(v) && syntax.RefsOf(v.Type(), 0) != syntax.NoRefs && behaviour.Filled(w.Derived[v]) || w.IsResult(v) && syntax.ReturnsUnnamed(w.Unit.Body) {
		return true
	}
	around := slices.Concat(w.Pre, w.Stmts, w.Post)
	outside := false
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		if slices.ContainsFunc(around, func(st ast.Stmt) bool { return isWhole(st, n) }) {
			return false
		}
		id, ok := n.(*ast.Ident)
		outside = outside || ok && w.Info.Uses[id] == v && !isPast(w, id)
		return !outside
	})
	return outside
}

// isWhole reports whether a node is a statement, or the part of a header that a
// statement was made of.
func isWhole(st ast.Stmt, n ast.Node) bool {
	if e, ok := st.(*ast.ExprStmt); ok && n == ast.Node(e.X) {
		return true
	}
	return n == ast.Node(st)
}

// isPassedOver reports whether the block that a variable is declared in ends before
// the window, and its value leads to nothing that others have.
func isPassedOver(w *move.Window, v *types.Var) bool {
	scope := v.Parent()
	return scope != nil && len(w.Stmts) > 0 && scope.End() <= w.Stmts[0].Pos() && behaviour.ReachedThrough(w.Derived[v]) == nil
}

// isPast reports whether a node stands before the window, and no loop leads back
// to it.
func isPast(w *move.Window, n ast.Node) bool {
	if len(w.Stmts) == 0 || n.End() > w.Stmts[0].Pos() || syntax.JumpsBack(w.Unit.Body) {
		return false
	}
	inLoop := false
	ast.Inspect(w.Unit.Body, func(m ast.Node) bool {
		switch m.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			inLoop = inLoop || syntax.Within(w.Stmts[0], m)
		}
		return !inLoop
	})
	return !inLoop
}
