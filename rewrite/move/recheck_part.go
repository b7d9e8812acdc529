package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A map of structs is updated by storing a changed copy of the entry:
//
//	o, ok := d.orders[id]
//	if !ok {
//		return errNotFound
//	}
//	res, err := charge(o.amount)
//	o.status = res.status
//	d.orders[id] = o
//
// If the lookup is repeated after the wait, and the fields that the section then sets have not
// been used before, that is the same as setting these fields in the map: whatever others have
// stored in the other fields stays.

// findParts records the variables that are read again so that only some of their fields are set
// and stored.
func (r *Recheck) findParts(pre, window, post []ast.Stmt) {
	for _, st := range r.Steps {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 {
			continue
		}
		ix, ok := ast.Unparen(as.Rhs[0]).(*ast.IndexExpr)
		if !ok || !syntax.IsMapType(r.Site.Info.TypeOf(ix.X)) || !behaviour.SameThroughout(r.Site, ix.Index, r.Site.Unit.Body.List) {
			continue
		}
		v := syntax.VarOf(r.Site.Info, as.Lhs[0].(*ast.Ident))
		if v == nil || !isPlainLocal(r.Site, v) {
			continue
		}
		if _, isStruct := v.Type().Underlying().(*types.Struct); isStruct && r.setsPart(v, ix, pre, window, post) {
			r.Parts = append(r.Parts, v)
		}
	}
}

// setsPart reports whether statements only set fields of a variable that were not used before,
// and store the variable at the given place of a map.
func (r *Recheck) setsPart(v *types.Var, at *ast.IndexExpr, pre, window, post []ast.Stmt) bool {
	set, stores := make(map[types.Object]bool), false
	for _, id := range usesIn(r.Site, v, post...) {
		switch p := r.Site.Parents[id].(type) {
		case *ast.AssignStmt:
			if p.Tok != token.ASSIGN || len(p.Lhs) != 1 || p.Rhs[0] != ast.Expr(id) || types.ExprString(p.Lhs[0]) != types.ExprString(at) {
				return false
			}
			stores = true
		case *ast.SelectorExpr:
			field := r.fieldOf(id)
			if field == nil {
				return false
			}
			if as, ok := r.Site.Parents[p].(*ast.AssignStmt); ok && slices.Contains(as.Lhs, ast.Expr(p)) {
				set[field] = true
			}
		default:
			return false
		}
	}
	return stores && len(set) > 0 && !slices.ContainsFunc(usesIn(r.Site, v, slices.Concat(pre, window)...), func(id *ast.Ident) bool {
		field := r.fieldOf(id)
		return field == nil || set[field]
	})
}

// fieldOf returns the field that is selected from a variable itself where it is used, or nil.
func (r *Recheck) fieldOf(use *ast.Ident) types.Object {
	sel, ok := r.Site.Parents[use].(*ast.SelectorExpr)
	if !ok || sel.X != ast.Expr(use) {
		return nil
	}
	if s := r.Site.Info.Selections[sel]; s != nil && s.Kind() == types.FieldVal && len(s.Index()) == 1 {
		return s.Obj()
	}
	return nil
}

// StoresPart reports whether a change stores an entry that was read again and of which the
// section sets only fields that it has not used before.
func (w *Window) StoresPart(a *guards.Access) bool {
	if w.Recheck == nil {
		return false
	}
	ix := w.Indexed(a)
	if ix == nil {
		return false
	}
	as, ok := w.Parents[ix].(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 {
		return false
	}
	id, ok := as.Rhs[0].(*ast.Ident)
	return ok && slices.Contains(w.Recheck.Parts, syntax.VarOf(w.Info, id))
}
