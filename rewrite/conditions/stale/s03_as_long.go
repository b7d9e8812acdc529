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

// proveSameIndex refuses a loop after the window that with one index takes elements of a local
// slice and finds elements of guarded state.
//
//	sizes := p.measure(paths)
//	for i, n := range sizes {
//		p.files[i].size = n
//	}
func proveSameIndex(w *move.Window) *safety.Refusal {
	for _, st := range w.Post {
		refusal := syntax.FirstOuter(st, func(n ast.Stmt) *safety.Refusal {
			index, body, of := indexOf(w, n)
			if index == nil || of != nil && behaviour.Touches(w.Site, of).Guarded() != nil || len(w.Stmts) > 0 && syntax.Within(w.Stmts[0], n) {
				return nil
			}
			local := ""
			if of != nil {
				local = types.ExprString(of)
			}
			indexed := indexedBy(w, body, index)
			for _, ix := range indexed {
				if behaviour.Touches(w.Site, ix.X).Guarded() == nil {
					local = types.ExprString(ix.X)
				}
			}
			for _, ix := range indexed {
				t := behaviour.Touches(w.Site, ix.X).Guarded()
				if t == nil || local == "" {
					continue
				}
				if changed := changedByOthers(w, t.Access.Var); changed != nil {
					return safety.Refuse(safety.S3, "as-long", ix.Pos(), "this loop uses the index in %s to find elements of %s, which changes at %s", local, types.ExprString(ix.X), w.Line(changed.Pos()))
				}
			}
			return nil
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// indexOf returns the variable with which a loop counts, and the slice that it goes through, if
// it is a range loop over one. All are nil for other loops.
func indexOf(w *move.Window, n ast.Stmt) (index *types.Var, body *ast.BlockStmt, of ast.Expr) {
	var e ast.Expr
	switch n := n.(type) {
	case *ast.RangeStmt:
		e, body = n.Key, n.Body
		if syntax.IsSlice(w.Info.TypeOf(n.X)) {
			of = n.X
		} else if b, ok := w.Info.TypeOf(n.X).Underlying().(*types.Basic); !ok || b.Info()&types.IsInteger == 0 {
			return nil, nil, nil
		}
	case *ast.ForStmt:
		if as, ok := n.Init.(*ast.AssignStmt); ok {
			e, body = as.Lhs[0], n.Body
		}
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil, nil, nil
	}
	return syntax.VarOf(w.Info, id), body, of
}

// indexedBy lists the elements of slices that a block finds with a variable.
func indexedBy(w *move.Window, body *ast.BlockStmt, v *types.Var) []*ast.IndexExpr {
	var out []*ast.IndexExpr
	syntax.InspectOuter(body, func(n ast.Node) bool {
		ix, ok := n.(*ast.IndexExpr)
		if !ok || !syntax.IsSlice(w.Info.TypeOf(ix.X)) {
			return true
		}
		if id, plain := ast.Unparen(ix.Index).(*ast.Ident); plain && v != nil && syntax.VarOf(w.Info, id) == v {
			out = append(out, ix)
		}
		return true
	})
	return out
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
