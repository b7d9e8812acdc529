package stale

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askIdentities asks whether returning is right if a different object is found. A section
// that began only then would have found that one, and made the changes that come after the
// wait: those that are not part of the object are named.
func askIdentities(w *move.Window) {
	if w.Recheck == nil {
		return
	}
	for _, id := range w.Recheck.Same {
		drops := "and drops the result"
		if skipped := besides(w, id); len(skipped) > 0 {
			drops = fmt.Sprintf("drops the result, and leaves %s unchanged", strings.Join(site.TouchNames(skipped), ", "))
		}
		does := "returns"
		if changed := site.TouchNames(behaviour.GuardedChanges(behaviour.Touches(w.Site, id.Test.Body))); len(changed) > 0 {
			does = "changes " + strings.Join(changed, ", ") + " and returns"
		}
		w.Assume(safety.S3, id.Read.Pos(), "If %s is a different one after the call, the function %s as the test at %s does, %s. Is that right?", id.V.Name(), does, w.Line(id.Test.Pos()), drops)
	}
}

// storesElsewhere refuses a window whose result is stored, without any test, in
// what the same map, slice or pointer leads to after the wait: it may be another
// object than the one the result was fetched for. It asks if something is only counted there, or
// if a test is repeated and an index may lead elsewhere all the same.
func storesElsewhere(w *move.Window) *safety.Refusal {
	if len(w.Post) == 0 {
		return nil
	}
	var from []*types.Var
	for _, v := range w.GuardedValues() {
		from = append(from, v.From...)
	}
	for _, t := range w.Touches.List {
		if t.Via == nil && w.Extracted(t.Access) {
			from = append(from, t.Access.Var)
		}
	}
	asked := make(map[*types.Var]bool)
	for _, st := range w.Post {
		refusal := syntax.FirstOuter(st, func(n ast.Node) *safety.Refusal {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					if r := leadsElsewhere(w, l, from, n.Tok != token.ASSIGN, asked); r != nil {
						return r
					}
				}
			case *ast.IncDecStmt:
				return leadsElsewhere(w, n.X, from, true, asked)
			case *ast.SelectorExpr:
				return refuseGone(w, n, from)
			}
			return nil
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// besides lists the changes after the window of what is neither part of the
// object nor where the object is kept.
func besides(w *move.Window, id *move.Identity) []*site.Touch {
	where := make(map[*types.Var]bool)
	for _, t := range behaviour.Touches(w.Site, id.Read).List {
		where[t.Access.Var] = true
	}
	return slices.DeleteFunc(behaviour.GuardedChanges(w.PostTouches), func(t *site.Touch) bool {
		return where[t.Access.Var] || t.Via == nil && t.Access.Path.Root == id.V
	})
}

// leadsElsewhere looks at a change of a field of what an element of one of the variables, or a
// pointer in it, leads to.
func leadsElsewhere(w *move.Window, target ast.Expr, from []*types.Var, counts bool, asked map[*types.Var]bool) *safety.Refusal {
	sel, ok := ast.Unparen(target).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	for _, a := range guards.AccessesIn(w.Unit, sel.X) {
		v := a.Var
		switch v.Type().Underlying().(type) {
		case *types.Map:
			if w.Recheck != nil {
				continue // the object is compared, or tested again
			}
		case *types.Pointer, *types.Interface, *types.Slice:
		default:
			continue
		}
		sharing := guards.SharingOf(w.Program, w.PackageOf(v), v)
		changed := sharing.Changed(func(a *guards.Access) bool {
			return w.OfOthers(a) && !(syntax.IsSlice(v.Type()) && syntax.Appends(a)) // an element stays where it is
		})
		if !slices.Contains(from, v) || changed == nil {
			continue
		}
		what := types.ExprString(sel.X)
		if !counts && w.Recheck == nil {
			return safety.Refuse(safety.S3, "identity", target.Pos(), "the result is stored through %s after the wait, which may then be a different object from the one it was fetched for: %s changes at %s", what, v.Name(), w.Line(changed.Pos()))
		}
		if r := refuseGone(w, sel, from); r != nil {
			return r
		}
		if !asked[v] {
			asked[v] = true
			w.Assume(safety.S3, target.Pos(), "After the call, %s can be a different one from that which the call was made for: %s changes at %s. Is it right to change it all the same?", what, v.Name(), w.Line(changed.Pos()))
		}
	}
	return nil
}

// refuseGone refuses to go on after the wait through a pointer that the window has gone through
// before, if another section may have removed what it leads to: that would be a nil pointer.
func refuseGone(w *move.Window, sel *ast.SelectorExpr, from []*types.Var) *safety.Refusal {
	if s := w.Info.Selections[sel]; w.Recheck != nil || s == nil || !storage.IsPointer(w.Info.TypeOf(sel.X)) {
		return nil
	}
	v := foundIn(w, sel.X)
	if v == nil || !slices.Contains(from, v) || testedAfter(w, v) {
		return nil
	}
	gone := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return w.OfOthers(a) && takesAway(v, a) })
	if gone == nil {
		return nil
	}
	return safety.Refuse(safety.S3, "gone", sel.Pos(), "%s is used again after the wait, and need not be there any more: %s changes at %s", types.ExprString(sel.X), v.Name(), w.Line(gone.Pos()))
}

// foundIn returns the field or package-level variable that a pointer is read from: the variable
// itself, or the map or slice of which it is an element. It is nil for any other pointer.
func foundIn(w *move.Window, pointer ast.Expr) *types.Var {
	if ix, ok := ast.Unparen(pointer).(*ast.IndexExpr); ok {
		pointer = ix.X
	}
	p, ok := patterns.PathOf(w.Info, pointer)
	if !ok || !p.Last().IsField() && !p.Global() {
		return nil
	}
	return p.Last()
}

// testedAfter reports whether a condition after the window looks at a variable.
func testedAfter(w *move.Window, v *types.Var) bool {
	return slices.ContainsFunc(w.Post, func(st ast.Stmt) bool {
		return syntax.Has(st, func(n ast.Stmt) bool {
			return slices.ContainsFunc(syntax.ConditionsIn(n), func(c ast.Expr) bool { return syntax.NamesField(w.Info, c, v) })
		})
	})
}

// takesAway reports whether a change may leave nothing where an element or object was: an entry
// is deleted, a pointer set to nil, a slice or map replaced.
func takesAway(v *types.Var, a *guards.Access) bool {
	switch v.Type().Underlying().(type) {
	case *types.Map:
		return syntax.Deletes(a) || a.Kind != guards.Content
	case *types.Slice:
		return a.Kind != guards.Content && !syntax.Appends(a)
	}
	value := behaviour.AssignedValue(a)
	return value == nil || types.ExprString(value) == "nil"
}
