package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// takenElement reports whether the section takes an element out of a guarded map before each use
// of the element in the window. If the window does not use it, the first use after the window
// counts.
func (w *Window) takenElement(v *types.Var) bool {
	if behaviour.IsTakenEntry(w.Site, v) {
		return true
	}
	uses := w.usesIn(v, w.Stmts)
	if len(uses) == 0 {
		uses = w.usesIn(v, w.Post)
		uses = uses[:min(1, len(uses))]
	}
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(id *ast.Ident) bool { return !behaviour.TakenElementAt(w.Site, v, id) })
}

// usesIn lists the uses of a variable in statements.
func (w *Window) usesIn(v *types.Var, list []ast.Stmt) []*ast.Ident {
	var uses []*ast.Ident
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && w.Info.Uses[id] == types.Object(v) {
				uses = append(uses, id)
			}
			return true
		})
	}
	return uses
}

// Taken reports whether the section itself takes a value out of a guarded variable before the
// window and passes it to nobody: x := s.buf; s.buf = nil.
func (w *Window) Taken(v *types.Var) bool {
	if v == nil {
		return false
	}
	from, ok := patterns.PathOf(w.Info, w.Unit.DefinedOnce(v))
	if !ok || len(from.Fields) == 0 && !from.Global() {
		return w.takenElement(v) || w.takenCopy(v, 0)
	}
	uses := w.usesIn(v, slices.Concat(w.Stmts, w.Post)) // without the lock, then with it again
	return len(uses) > 0 && behaviour.TakenAt(w.Site, v, uses[0])
}

// keepsRoom reports whether an assignment like s.buf = s.buf[:0] empties a slice but keeps its
// backing array.
func keepsRoom(as *ast.AssignStmt) bool {
	return slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { _, sliced := e.(*ast.SliceExpr); return sliced })
}

// PutsBackElement reports whether a change puts an element back into the map entry that the
// section took it out of.
//
//	p := s.pending[id]
//	delete(s.pending, id)
//	if err := send(p); err != nil {
//		s.pending[id] = p
//	}
func (w *Window) PutsBackElement(t *site.Touch) bool {
	ix, ok := w.Parents[w.Selected(t.Access.Node)].(*ast.IndexExpr)
	if !ok {
		return false
	}
	as, ok := w.Parents[ix].(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
		return false
	}
	i := slices.Index(as.Lhs, ast.Expr(ix))
	if i < 0 {
		return false
	}
	id, ok := ast.Unparen(as.Rhs[i]).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := w.Info.Uses[id].(*types.Var)
	from := w.Unit.LookedUpOnce(v)
	if from == nil {
		from = w.Unit.DefinedOnce(v)
	}
	return ok && from != nil && types.ExprString(from) == types.ExprString(ix) && behaviour.TakenElementAt(w.Site, v, id)
}

// MadeOfTaken reports whether a local variable was made only from guarded state that the section
// had taken out, like a request made from a job.
func (w *Window) MadeOfTaken(v *types.Var) bool { return w.madeOfTaken(v, 0) }

func (w *Window) madeOfTaken(v *types.Var, depth int) bool {
	if depth > maxMadeOf || !w.Unit.Declares(v) || w.Unit.IsParam(v) || w.Unit.Captured(v) || w.Unit.Addressed(v) {
		return false
	}
	taken, only := false, true
	for _, e := range w.Unit.Given(v) {
		only = only && behaviour.Touches(w.Site, e).Guarded() == nil
		ast.Inspect(e, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return only
			}
			if u, isVar := w.Info.Uses[id].(*types.Var); isVar && u != v && len(w.Derived[u]) > 0 {
				taken = true
				only = only && (w.TookFirst(u) || w.Taken(u) || w.madeOfTaken(u, depth+1))
			}
			return only
		})
	}
	return taken && only
}
