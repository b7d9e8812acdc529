package stale

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/copied"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A loop over a copy that passes over objects for what they say of themselves, and notes in them
// what came of the call, makes at worst one call too many for an object: that is for a person
// to judge.
//
//	for key, l := range leases {
//		k.mu.Lock()
//		if l.lost || time.Since(l.renewed) < ttl/2 {
//			k.mu.Unlock()
//			continue
//		}
//		k.mu.Unlock()
//
//		ok := k.kv.Touch(key)
//		...
//		l.lost = !ok

// onlyOfRound reports whether each test before the window, or in it, looks only at the object of
// a round of a loop over a copy, and what the section changes after it is in that object or only
// added to.
func onlyOfRound(w *move.Window) bool {
	for _, cond := range roundTests(w) {
		if !looksAtRound(w, cond) || slices.ContainsFunc(behaviour.Touches(w.Site, cond).List, func(t *site.Touch) bool { return comesAndGoes(w, t.Access.Var) }) {
			return false
		}
	}
	return !slices.ContainsFunc(behaviour.GuardedChanges(w.PostTouches), func(t *site.Touch) bool {
		if t.Via != nil {
			return true
		}
		if root := t.Access.Path.Root; root != nil && isOfRound(w, root) {
			return false
		}
		return w.UpdateKind(t) != move.Merge || addsReference(w, t) || !behaviour.CountsItself(t.Access)
	})
}

// comesAndGoes reports whether a variable says that a call is in progress: the section sets it
// before the window, or to one value and then to another.
func comesAndGoes(w *move.Window, v *types.Var) bool {
	changes := slices.DeleteFunc(behaviour.GuardedChanges(w.PostTouches), func(t *site.Touch) bool { return t.Access.Var != v })
	if slices.ContainsFunc(behaviour.GuardedChanges(w.PreTouches), func(t *site.Touch) bool { return t.Access.Var == v && !w.OfEarlierRound(t) }) {
		return true
	}
	if behaviour.NotesTime(w.Site, v) {
		return false
	}
	return len(changes) > 1 || len(changes) == 1 && w.UpdateKind(changes[0]) != move.Constant
}

// roundTests lists the conditions on guarded state that decide whether the section gets to the
// window and beyond.
func roundTests(w *move.Window) []ast.Expr {
	var out []ast.Expr
	for _, st := range append(slices.Clone(w.Deciding()), w.Testing()...) {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if w.Leaves(n) {
				out = append(out, slices.DeleteFunc(syntax.ConditionsIn(n), func(e ast.Expr) bool { return !w.DecidesOn(e) })...)
			}
			return true
		})
	}
	for _, t := range w.Tests {
		if w.DecidesOn(t.Cond) && !slices.Contains(out, t.Cond) {
			out = append(out, t.Cond)
		}
	}
	return out
}

// looksAtRound reports whether a condition only reads fields of objects of the round, or what
// came from the copy.
func looksAtRound(w *move.Window, cond ast.Expr) bool {
	if len(behaviour.FlagsIn(w.Site, cond)) > 0 {
		return false
	}
	for _, t := range behaviour.Touches(w.Site, cond).List {
		root := t.Access.Path.Root
		if t.Class == site.GuardedUse && (t.Via != nil || t.Access.Kind != guards.Read || root == nil || !isOfRound(w, root)) {
			return false
		}
	}
	return syntax.Every(cond, func(id *ast.Ident) bool {
		v, ok := w.Info.Uses[id].(*types.Var)
		return !ok || v.IsField() || len(w.Derived[v]) == 0 || isOfRound(w, v)
	})
}

// isOfRound reports whether a variable is given its value by a loop over a copy.
func isOfRound(w *move.Window, v *types.Var) bool {
	return slices.ContainsFunc(w.Clones(), func(x extract.Extraction) bool {
		return slices.ContainsFunc(copied.LoopsOver(w, x), func(r *ast.RangeStmt) bool {
			key, value := r.Key, r.Value
			return (isVar(w, key, v) || isVar(w, value, v)) && !w.Unit.Assigned(v, r.Body.List)
		})
	}) && !w.Unit.Captured(v)
}

func isVar(w *move.Window, e ast.Expr, v *types.Var) bool {
	id, ok := e.(*ast.Ident)
	return ok && w.Info.Defs[id] == types.Object(v)
}

// askRound asks whether two callers may make the call for the same object.
func askRound(w *move.Window) {
	var names []string
	tests := roundTests(w)
	for _, cond := range tests {
		for _, n := range site.TouchNames(behaviour.Touches(w.Site, cond).List) {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	w.Assume(safety.S3, tests[0].Pos(), "Two callers can now both find by %s (%s) that the call is needed. Is it fine if both make the call?", syntax.JoinNames(names), linesOf(w, tests))
}
