package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move/detach"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// takenElement reports whether the section takes an element out of a guarded map before each use
// of the element in the window. If the window does not use it, the first use after the window
// counts.
func (w *Window) takenElement(v *types.Var) bool {
	if behaviour.IsTakenEntry(w.Site, v) {
		return true
	}
	uses := usesIn(w.Site, v, w.Stmts...)
	if len(uses) == 0 {
		uses = usesIn(w.Site, v, w.Post...)
		uses = uses[:min(1, len(uses))]
	}
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(id *ast.Ident) bool { return !behaviour.TakenElementAt(w.Site, v, id) })
}

// usesIn lists the uses of a variable in statements.
func usesIn(s *site.Site, v *types.Var, list ...ast.Stmt) []*ast.Ident {
	var uses []*ast.Ident
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && s.Info.Uses[id] == types.Object(v) {
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
	uses := usesIn(w.Site, v, slices.Concat(w.Stmts, w.Post)...) // without the lock, then with it again
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

// takenCopy reports whether a variable holds something that belongs to the section alone and was
// made from guarded variables that are emptied before the window, or from what was taken out of
// them: data := bytes.Join(s.lines, sep); s.lines = s.lines[:0].
func (w *Window) takenCopy(v *types.Var, depth int) bool {
	values := w.Unit.Given(v)
	if len(values) != 1 || depth > maxMadeOf || !w.Unit.Declares(v) || w.Unit.Captured(v) || w.Unit.Addressed(v) {
		return false
	}
	def, ok := values[0].(*ast.CallExpr)
	if !ok || w.Program.StorageOf(w.Pkg).OwnerOf(def) != ownership.Own {
		return false
	}
	used := slices.DeleteFunc(slices.Clone(behaviour.Touches(w.Site, def).List), func(t *site.Touch) bool { return t.Class != site.GuardedUse })
	plain := syntax.RefsOf(syntax.ElementType(v.Type()), 0) == syntax.NoRefs || w.copiesElements(def)
	if slices.ContainsFunc(used, func(t *site.Touch) bool { return !w.emptiedAfter(def, t, plain) }) {
		return false
	}
	taken := len(used) > 0
	only := true
	ast.Inspect(def, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return only
		}
		if u, ok := w.Info.Uses[id].(*types.Var); ok && len(w.Derived[u]) > 0 {
			taken = true
			only = only && (behaviour.TakenAt(w.Site, u, id) || w.takenCopy(u, depth+1))
		}
		return only
	})
	return taken && only
}

// maxMadeOf bounds how many derivations takenCopy follows.
const maxMadeOf = 4

// emptiedAfter reports whether a guarded variable that an expression reads is emptied
// afterwards, before the window. If it keeps its backing array, the expression must have copied
// what it reads.
func (w *Window) emptiedAfter(def ast.Expr, t *site.Touch, copied bool) bool {
	return t.Via == nil && !t.Access.Kind.Changes() && slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Pos() < def.End() || keepsRoom(as) && !copied {
			return false
		}
		emptied, _ := detach.Resets(w.Site, as)
		return slices.ContainsFunc(emptied, func(p patterns.Path) bool { return p.Last() == t.Access.Var && p.Root == t.Access.Path.Root })
	})
}

// copiesElements reports whether a call makes a slice or map with its own storage from the
// elements of others. What the elements refer to may still be shared.
func (w *Window) copiesElements(c *ast.CallExpr) bool {
	if patterns.BuiltinOf(w.Info, c) == "append" {
		to := ast.Unparen(c.Args[0])
		if conv, ok := to.(*ast.CallExpr); ok && w.Info.Types[conv.Fun].IsType() {
			to = conv.Args[0]
		}
		return syntax.FreshValue(w.Info, to)
	}
	fn := patterns.CalleeOf(w.Info, c)
	return fn != nil && slices.Contains([]string{"slices.Clone", "slices.Concat", "maps.Clone"}, fn.FullName())
}

// Detached reports whether what the variable held belongs to the window alone.
func (w *Window) Detached(v *types.Var) bool {
	return w.Detach != nil && slices.ContainsFunc(w.Detach.Paths, func(p patterns.Path) bool { return p.Last() == v })
}

// FromDetached reports whether a variable was made only from what the section has taken out of
// guarded variables.
func (w *Window) FromDetached(v *types.Var) bool {
	return w.OfDetached(w.Derived[v])
}

// OfDetached reports whether the section has taken out all the guarded state that a value comes
// from.
func (w *Window) OfDetached(from []*site.Touch) bool {
	return w.Detach != nil && len(from) > 0 && !slices.ContainsFunc(from, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && !w.Detached(t.Access.Var)
	})
}
