package stale

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveAsLong refuses a loop after the window that goes through guarded state, and with the same
// index through a slice that was made as long as that before the window.
func proveAsLong(w *move.Window) *safety.Refusal {
	for _, r := range behaviour.LoopsAsLong(w.Site, w.Post) {
		if slices.Contains(w.Earlier, r) || len(w.Stmts) > 0 && syntax.Within(w.Stmts[0], r) {
			continue
		}
		t := behaviour.Touches(w.Site, r.X).Guarded()
		v := t.Access.Var
		if changed := changedByOthers(w, v); changed != nil {
			return safety.Refuse(safety.S3, "as-long", r.Pos(), "this loop uses its index in a slice that was made as long as %s before the wait, and %s changes at %s", types.ExprString(r.X), t.Name(), w.Line(changed.Pos()))
		}
	}
	return proveSameIndex(w)
}

// proveSameIndex refuses a loop after the window that goes through a local slice, and with the
// same index finds elements of guarded state.
//
//	sizes := p.measure(paths)
//	for i, n := range sizes {
//		p.files[i].size = n
//	}
func proveSameIndex(w *move.Window) *safety.Refusal {
	for _, st := range w.Post {
		refusal := syntax.FirstOuter(st, func(r *ast.RangeStmt) *safety.Refusal {
			key, ok := r.Key.(*ast.Ident)
			if !ok || !syntax.IsSlice(w.Info.TypeOf(r.X)) || behaviour.Touches(w.Site, r.X).Guarded() != nil || len(w.Stmts) > 0 && syntax.Within(w.Stmts[0], r) {
				return nil
			}
			return syntax.FirstOuter(r.Body, func(ix *ast.IndexExpr) *safety.Refusal {
				id, plain := ast.Unparen(ix.Index).(*ast.Ident)
				if !plain || syntax.VarOf(w.Info, id) != syntax.VarOf(w.Info, key) || !syntax.IsSlice(w.Info.TypeOf(ix.X)) {
					return nil
				}
				t := behaviour.Touches(w.Site, ix.X).Guarded()
				if t == nil {
					return nil
				}
				changed := changedByOthers(w, t.Access.Var)
				if changed == nil {
					return nil
				}
				return safety.Refuse(safety.S3, "as-long", ix.Pos(), "this loop uses the index in %s to find elements of %s, which changes at %s", types.ExprString(r.X), types.ExprString(ix.X), w.Line(changed.Pos()))
			})
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// changedByOthers returns a change of a variable outside of the section, or nil.
func changedByOthers(w *move.Window, v *types.Var) *guards.Access {
	return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return !w.Contains(a) })
}

// fromEarlier reports whether all that a variable comes from is what a loop after the window goes
// through, as it was before: the question about that loop covers it.
func fromEarlier(w *move.Window, v *types.Var) bool {
	for _, t := range w.Derived[v] {
		if !syntax.Has(w.Unit.Body, func(r *ast.RangeStmt) bool {
			return slices.Contains(w.Earlier, r) && behaviour.Touches(w.Site, r.X).Guarded() != nil && behaviour.Touches(w.Site, r.X).Guarded().Access.Var == t.Access.Var
		}) {
			return false
		}
	}
	return len(w.Derived[v]) > 0
}
