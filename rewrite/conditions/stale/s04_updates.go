package stale

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/emptied"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S4 about what a section sets after the window regardless of the
// old value: the result of the call, or a status that tells others how far it is.
//
//	j.state = running
//	err := j.run()
//	j.state = done

// Status reports whether the section sets a variable before the window without looking
// at it, except to leave if somebody else has set it.
func Status(w *move.Window, v *types.Var) bool {
	sets := false
	for _, t := range w.PreTouches.List {
		if t.Access.Var != v || t.Class != site.GuardedUse || onlyOfEarlierRound(w, t) {
			continue
		}
		switch {
		case t.Via != nil:
			return false
		case t.Access.Kind.Changes() && setsAnew(w, t.Access):
			sets = true
		case t.Access.Kind != guards.Read || !claimed(w, v):
			return false
		}
	}
	fromIt := func(t *site.Touch) bool { return t.Access.Var == v }
	return sets && !slices.ContainsFunc(w.Values, func(x extract.Extraction) bool { return x.Path.Last() == v }) &&
		!slices.ContainsFunc(syntax.SortedVars(w.Derived), func(u *types.Var) bool { return slices.ContainsFunc(w.Derived[u], fromIt) })
}

// onlyOfEarlierRound reports whether a touch comes before the window only as what the previous
// iteration did to its own object after it.
func onlyOfEarlierRound(w *move.Window, t *site.Touch) bool {
	return w.OfEarlierRound(t) && !slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool { return t.Access.Pos() < o.Pos() })
}

// setsAnew reports whether a write before the window gives a variable, or an element of
// its map, another value that does not depend on the old one.
func setsAnew(w *move.Window, a *guards.Access) bool {
	found := false
	for _, st := range w.Before() {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
			continue
		}
		again := slices.ContainsFunc(w.Post, func(p ast.Stmt) bool { return syntax.Within(st, p) }) // in the next turn of a loop
		for i, l := range as.Lhs {
			sets := w.Info.Types[as.Rhs[i]].Value != nil || !again && !syntax.NamesField(w.Info, as.Rhs[i], a.Var)
			found = found || syntax.Within(a.Node, l) && sets && spells(w, l, a.Var) != ""
		}
	}
	return found
}

// spells returns how an expression spells a variable, or the element of its map by a key
// that stays the same; "" if it is neither.
func spells(w *move.Window, e ast.Expr, v *types.Var) string {
	of := ast.Unparen(e)
	if ix, ok := of.(*ast.IndexExpr); ok && syntax.IsMapType(w.Info.TypeOf(ix.X)) && behaviour.SameThroughout(w.Site, ix.Index, w.Unit.Body.List) {
		of = ix.X
	}
	if p, ok := patterns.PathOf(w.Info, of); !ok || p.Last() != v {
		return ""
	}
	return types.ExprString(ast.Unparen(e))
}

// claims reports whether all that decides whether the section goes on to the
// window is set before it: the next caller finds it set.
func claims(w *move.Window) bool {
	if w.GuardedExit(w.Testing()) != nil {
		return false
	}
	for _, st := range w.Pre {
		cond := w.GuardedExit([]ast.Stmt{st})
		if cond == nil {
			continue
		}
		if ifs, ok := st.(*ast.IfStmt); !ok || !claimsTest(w, ifs) {
			return false
		}
	}
	return true
}

// claimsByKey reports whether it is an element of a map, or a field of an object that was
// found, by which a caller keeps others out: those with another one come in.
func claimsByKey(w *move.Window) bool {
	return slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && (syntax.IsMapType(t.Access.Var.Type()) || t.Access.Path.Root != w.Section.Lock.Root) && claimed(w, t.Access.Var)
	})
}

// passesOver reports whether a branch ends with a return, or goes on with the next round of
// the loop that it stands in.
func passesOver(list *ast.BlockStmt) bool {
	if syntax.ReturnsLast(list) || len(list.List) == 0 {
		return len(list.List) > 0
	}
	b, ok := list.List[len(list.List)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.CONTINUE && b.Label == nil
}

// rootOf returns the local variable by which a condition reaches a variable, or nil.
func rootOf(w *move.Window, cond ast.Expr, v *types.Var) *types.Var {
	for _, t := range behaviour.Touches(w.Site, cond).List {
		if root := t.Access.Path.Root; t.Access.Var == v && root != nil && w.Unit.Declares(root) {
			return root
		}
	}
	return nil
}

// present is what an element is tested for that is only looked for.
const present = "present"

// claimed reports whether a variable, or an element of its map, is looked at before the
// window only by tests x == c and x, that leave, and then set to the same c: the busy
// flag; or by x != c, that leaves, and then set to something else: the state of a job. An
// element may also be looked for, and put there.
func claimed(w *move.Window, v *types.Var) bool {
	tested, of, list := "", "", w.LockBlock()
	var object *types.Var // whose field it is
	for _, st := range w.Before() {
		if object != nil && w.Unit.Assigned(object, []ast.Stmt{st}) {
			return false // by then it is another one
		}
		ifs, ok := ifOf(w, st)
		if ok && ifs.Else == nil && syntax.ReturnsLast(ifs.Body) && tested == "" {
			if ix := foundBy(w, ifs); ix != nil && spells(w, ix, v) != "" {
				tested, of = present, spells(w, ix, v)
				continue
			}
		}
		if ok && ifs.Init == nil && ifs.Else == nil && passesOver(ifs.Body) {
			if value, text := testedIn(w, ifs.Cond, v); text != "" && tested == "" {
				tested, of, object = value, text, rootOf(w, ifs.Cond, v)
				if !syntax.ReturnsLast(ifs.Body) {
					list = w.Parents[ifs]
				}
				continue
			}
		}
		as, ok := st.(*ast.AssignStmt)
		if ok && len(as.Lhs) == 1 && len(as.Rhs) == 1 && tested != "" && w.Parents[st] == list {
			if text := spells(w, as.Lhs[0], v); text != "" && text == of {
				c := w.Info.Types[as.Rhs[0]].Value
				return tested == present || c != nil && claimsAs(tested, c.ExactString())
			}
		}
		if slices.ContainsFunc(behaviour.Touches(w.Site, st).List, func(t *site.Touch) bool { return t.Access.Var == v }) {
			return false
		}
	}
	return false
}

// ifOf returns the if statement that a statement before the window is, or whose
// condition it is made of.
func ifOf(w *move.Window, st ast.Stmt) (*ast.IfStmt, bool) {
	if e, ok := st.(*ast.ExprStmt); ok {
		ifs, ok := w.Parents[e.X].(*ast.IfStmt)
		return ifs, ok && ifs.Cond == e.X
	}
	ifs, ok := st.(*ast.IfStmt)
	return ifs, ok
}

// claimsTest is claims for one test, before the window or around it.
func claimsTest(w *move.Window, ifs *ast.IfStmt) bool {
	if ifs.Else != nil || !passesOver(ifs.Body) || len(behaviour.FlagsIn(w.Site, ifs.Cond)) > 0 {
		return false
	}
	found := foundBy(w, ifs)
	if ifs.Init != nil && found == nil {
		return false
	}
	var reads []*site.Touch
	if found != nil {
		reads = behaviour.Touches(w.Site, found).List
	} else {
		reads = behaviour.Touches(w.Site, ifs.Cond).List
		for _, v := range syntax.SortedVars(w.Derived) {
			if len(w.Derived[v]) > 0 && syntax.Mentions(w.Info, ifs.Cond, v) && w.HeldObject(v) == nil && !w.FromCopies(v) {
				return false // by variables that were read before
			}
		}
	}
	inClaim := onlyInClaim(w, reads)
	for _, t := range reads {
		if t.Class != site.GuardedUse || found == nil && slices.Contains(inClaim, t) {
			continue
		}
		if t.Via != nil || !claimed(w, t.Access.Var) || found == nil && !Status(w, t.Access.Var) {
			return false
		}
	}
	return len(reads) > 0
}

// onlyInClaim lists what a condition reads besides the variable that is claimed, of the same
// object, if only the section changes it: nobody does that while it is claimed.
func onlyInClaim(w *move.Window, reads []*site.Touch) []*site.Touch {
	i := slices.IndexFunc(reads, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && t.Via == nil && claimed(w, t.Access.Var)
	})
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(reads), func(t *site.Touch) bool {
		v := t.Access.Var
		return t == reads[i] || t.Via != nil || t.Access.Path.Root != reads[i].Access.Path.Root ||
			changedByOthers(w, v) != nil
	})
}

// foundBy returns the element that an if statement looks for:
//
//	if _, ok := s.running[id]; ok {
func foundBy(w *move.Window, ifs *ast.IfStmt) *ast.IndexExpr {
	as, ok := ifs.Init.(*ast.AssignStmt)
	if !ok || as.Tok != token.DEFINE || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
		return nil
	}
	ix, ok := ast.Unparen(as.Rhs[0]).(*ast.IndexExpr)
	value, blank := as.Lhs[0].(*ast.Ident)
	found, named := ast.Unparen(ifs.Cond).(*ast.Ident)
	if !ok || !blank || value.Name != "_" || !named || w.Info.Uses[found] != w.Info.Defs[as.Lhs[1].(*ast.Ident)] {
		return nil
	}
	return ix
}

// askClaimed asks whether the next caller may leave because of what is set before the
// call.
func askClaimed(w *move.Window, test ast.Expr) {
	before := slices.DeleteFunc(behaviour.GuardedChanges(w.PreTouches), func(t *site.Touch) bool { return readElsewhere(w, t.Access.Var) })
	for _, t := range slices.Concat(before, behaviour.GuardedChanges(w.PostTouches)) {
		if v := t.Access.Var; !slices.Contains(w.Claimed, v) && claimed(w, v) {
			w.Claimed = append(w.Claimed, v)
		}
	}
	does := "returns there"
	if ifs, ok := w.Parents[test].(*ast.IfStmt); ok && !syntax.ReturnsLast(ifs.Body) {
		does = "passes it over"
	}
	w.Assume(safety.S3, test.Pos(), "What is tested at %s is set before the call, so a caller that comes meanwhile %s instead of waiting. Is that right?", w.Line(test.Pos()), does)
	if len(w.Claimed) > 0 {
		w.Recorded[len(w.Recorded)-1].Also = []safety.Condition{safety.S10}
	}
}

// readElsewhere reports whether other code than the section reads a variable: what it finds
// then is for S10 to ask.
func readElsewhere(w *move.Window, v *types.Var) bool {
	return slices.ContainsFunc(guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses, func(a *guards.Access) bool {
		return a.Kind == guards.Read && !w.Contains(a)
	})
}

// claimsAs reports whether setting a variable to a constant after a test for another one,
// as testedFor describes it, keeps others from passing the test.
func claimsAs(tested, set string) bool {
	if other, ok := strings.CutPrefix(tested, except); ok {
		return set != other
	}
	return set == tested
}

// except begins what a variable is tested for by x != c.
const except = "not "

// testedIn is testedFor for a condition with the test as one alternative, if the others do
// not look at the variable.
func testedIn(w *move.Window, cond ast.Expr, v *types.Var) (value, text string) {
	for _, e := range alternatives(cond) {
		val, of := testedFor(w, e, v)
		switch {
		case of != "" && text == "":
			value, text = val, of
		case slices.ContainsFunc(behaviour.Touches(w.Site, e).List, func(t *site.Touch) bool { return t.Access.Var == v }):
			return "", ""
		}
	}
	return value, text
}

// testedFor returns the constant for which a condition tests a variable, or an element of
// its map: x, !x, x == c or x != c; and how it spells that, "" if it does not.
func testedFor(w *move.Window, cond ast.Expr, v *types.Var) (value, text string) {
	cond = ast.Unparen(cond)
	if text := spells(w, cond, v); text != "" && syntax.IsBool(w.Info.TypeOf(cond)) {
		return "true", text
	}
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return "false", spells(w, not.X, v)
	}
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ || w.Info.Types[b.Y].Value == nil {
		return "", ""
	}
	value = w.Info.Types[b.Y].Value.ExactString()
	if b.Op == token.NEQ {
		value = except + value
	}
	return value, spells(w, b.X, v)
}

// ComparesAndSets reports whether a repeated test looks at something that the section
// then sets, such as a version or the time of a file.
func ComparesAndSets(w *move.Window) bool {
	return w.Recheck != nil && slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && t.Access.Kind.Changes() && w.UpdateKind(t) != move.Merge && w.Recheck.TestsAgain(t.Access.Var)
	})
}

// changedToo names what is set after the window, and the places of the changes elsewhere.
func changedToo(w *move.Window, list []move.ChangedToo) (names, places []string) {
	var set []*site.Touch
	for _, c := range list {
		set = append(set, c.Touch)
		if c.Other == nil {
			continue
		}
		if l := w.Line(c.Other.Pos()); !slices.Contains(places, l) {
			places = append(places, l)
		}
	}
	return site.TouchNames(set), places
}

// AskUpdates asks one question about everything that is set after the window.
func AskUpdates(w *move.Window) {
	dropClaimed(w)
	if len(w.Again) > 0 {
		w.Assume(safety.S4, w.Again[0].Access.Pos(), "%s %s set before the call and again after it. Is it fine if others see the value in between, and if what they set meanwhile is overwritten?", syntax.JoinNames(site.TouchNames(w.Again)), syntax.IsOrAre(len(site.TouchNames(w.Again))))
	}
	if len(w.Older) > 0 {
		names, lines := changedToo(w, w.Older)
		w.Ask(safety.OlderStays, "", safety.S4, w.Older[0].Touch.Access.Pos(), "%s %s written after the call, and also at %s. Is it fine if the result of an older call is written last?", syntax.JoinNames(names), syntax.IsOrAre(len(names)), site.JoinPlaces(lines))
	}
	if len(w.Renewed) > 0 {
		names, lines := changedToo(w, w.Renewed)
		others := ""
		if len(lines) > 0 {
			others = ", also over what others set meanwhile (" + site.JoinPlaces(lines) + ")"
		}
		w.Assume(safety.S4, w.Renewed[0].Touch.Access.Pos(), "%s %s read for the call and set to what it brings. Two callers can now begin with the same value, and the last to finish leaves its own%s. Is that right?", syntax.JoinNames(names), syntax.IsOrAre(len(names)), others)
	}
	emptied.Ask(w)
	const question = "Two calls can now finish in either order, and the last one's value of %s stays. Is that right?"
	if len(w.Later) > 0 && len(w.Renewed) == 0 && !w.Alone && !w.AtStart() {
		used, set := usedObjects(w.Later)
		if len(set) > 0 {
			names := syntax.JoinNames(site.TouchNames(set))
			w.Ask(safety.LastStays, names, safety.S4, set[0].Access.Pos(), question, names)
		}
		if len(used) > 0 {
			names := syntax.JoinNames(site.TouchNames(used))
			w.Ask(safety.ChangesToo, names, safety.S4, used[0].Access.Pos(), "Two calls can now finish in either order, and change %s in that order. Is that right?", names)
		}
	}
	askReceived(w)
}

// usedObjects tells the objects that are changed by their methods, such as writers, from what
// is given a value.
func usedObjects(list []*site.Touch) (used, set []*site.Touch) {
	for _, t := range list {
		if t.Access.Kind == guards.Content && syntax.RefsOf(t.Access.Var.Type(), 0) == syntax.ObjectRef {
			used = append(used, t)
		} else {
			set = append(set, t)
		}
	}
	return used, set
}

// RenewedByCall reports whether a change after the window sets a variable to a result of the
// call, for which the old value was read and left as it was. A number may be counted on, and two
// callers that begin with the same one would then count once:
//
//	req.Header.Set("If-None-Match", c.etag)
//	resp, err := client.Do(req)
//	c.etag = resp.Header.Get("ETag")
func RenewedByCall(w *move.Window, t *site.Touch) bool {
	v := t.Access.Var
	if t.Via != nil || t.Access.Kind != guards.Write || mayCount(v.Type()) ||
		slices.ContainsFunc(w.PreTouches.List, func(p *site.Touch) bool { return p.Access.Var == v && p.Access.Kind.Changes() }) {
		return false
	}
	made := order.MadeByCall(w)
	sets := false
	for _, st := range w.Post {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || !slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return syntax.Within(t.Access.Node, l) }) {
				return true
			}
			sets = as.Tok == token.ASSIGN && len(as.Lhs) == len(as.Rhs) && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool {
				return !syntax.Has(e, func(id *ast.Ident) bool { return made[syntax.VarOf(w.Info, id)] }) ||
					syntax.Has(e, func(id *ast.Ident) bool {
						v := syntax.VarOf(w.Info, id)
						return v != nil && !v.IsField() && !made[v]
					})
			})
			return false
		})
	}
	return sets
}

// mayCount reports whether something may be counted in a value of a type: in a number, or in a
// struct or array, which may contain one.
func mayCount(t types.Type) bool {
	if types.TypeString(t, nil) == "time.Time" {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Basic:
		return !syntax.IsString(t)
	case *types.Map, *types.Slice, *types.Pointer:
		return false
	}
	return true
}

// dropClaimed leaves out the claim itself if nothing else uses it, and what only the section
// changes in an object that it has claimed: nobody else does that meanwhile.
func dropClaimed(w *move.Window) {
	var objects []*types.Var
	for _, t := range w.PreTouches.List {
		if root := t.Access.Path.Root; t.Via == nil && t.Access.Kind.Changes() && slices.Contains(w.Claimed, t.Access.Var) && root != w.Section.Lock.Root && !syntax.IsMapType(t.Access.Var.Type()) && !w.Unit.Assigned(root, w.Stmts) && !w.Unit.Assigned(root, w.Post) {
			objects = append(objects, root)
		}
	}
	w.Again = slices.DeleteFunc(w.Again, func(t *site.Touch) bool {
		v := t.Access.Var
		return slices.Contains(objects, t.Access.Path.Root) && slices.Contains(w.Claimed, v) && changedByOthers(w, v) == nil && !readElsewhere(w, v)
	})
	w.Later = slices.DeleteFunc(w.Later, func(t *site.Touch) bool {
		return t.Via == nil && slices.Contains(objects, t.Access.Path.Root) && changedByOthers(w, t.Access.Var) == nil
	})
}

// askReceived asks about a value that the window receives, where the section changes
// something after it: under one lock, who received first also changed it first. The order
// of additions does not show, unless the section looks at the sum.
func askReceived(w *move.Window) {
	changes := behaviour.GuardedChanges(w.PostTouches)
	reads := slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && t.Access.Kind == guards.Read && !updatesItself(w, t.Access)
	})
	if !reads {
		changes = slices.DeleteFunc(changes, func(t *site.Touch) bool { return w.UpdateKind(t) == move.Merge })
	}
	if len(changes) == 0 || w.Alone || w.Section.Mode != patterns.Exclusive || slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && o.Answers(safety.S4)
	}) {
		return
	}
	for _, o := range w.Finding.Ops {
		recv, ok := o.Node.(*ast.UnaryExpr)
		if !ok || recv.Op != token.ARROW || o.Deferred || !syntax.Carries(w.Info.TypeOf(recv)) {
			continue
		}
		if _, dropped := w.Parents[recv].(*ast.ExprStmt); !dropped && !ofThisCall(w, recv.X) {
			names := syntax.JoinNames(site.TouchNames(changes))
			w.Assume(safety.S4, recv.Pos(), "Two callers can now receive from %s in one order and change %s in the other. Is that fine?", types.ExprString(recv.X), names)
			return
		}
	}
}

// ofThisCall reports whether a channel is in a local variable and comes from nothing that
// is guarded: each caller has its own.
func ofThisCall(w *move.Window, ch ast.Expr) bool {
	id, ok := ast.Unparen(ch).(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(w.Info, id)
	return v != nil && w.Unit.Declares(v) && !w.Unit.IsParam(v) && len(w.Derived[v]) == 0
}
