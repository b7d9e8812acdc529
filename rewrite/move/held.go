package move

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// HeldObject returns the guarded map or slice in which a local variable was looked up before the
// window, if the variable is a pointer to a struct and the section only uses its fields after
// the window:
//
//	job, ok := s.jobs[id]
//	...
//	err := run(job.URL)
//	job.err = err
//
// It is the same object, whatever happened to its entry. HeldObject returns nil otherwise.
func (w *Window) HeldObject(v *types.Var) *types.Var {
	if v == nil {
		return nil
	}
	ptr, ok := v.Type().Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	if _, ok := ptr.Elem().Underlying().(*types.Struct); !ok || w.Unit.Captured(v) || Reassigned(w.Site, v, w.Post) {
		return nil
	}
	from := syntax.LookedUpIn(w.Program, w.Unit, v)
	if from == nil {
		return nil
	}
	for _, id := range usesIn(w.Site, v, w.Post...) {
		sel, isSel := w.Parents[id].(*ast.SelectorExpr)
		_, returned := w.Parents[id].(*ast.ReturnStmt)
		if !returned && !(isSel && sel.X == id && w.Info.Selections[sel] != nil && w.Info.Selections[sel].Kind() == types.FieldVal) {
			return nil
		}
	}
	return from
}

// OfEarlierRound reports whether a touch before the window is one that follows the window in the
// previous iteration of a loop around both, and is of that iteration's object.
func (w *Window) OfEarlierRound(t *site.Touch) bool {
	root := t.Access.Path.Root
	return t.Via == nil && root != nil && syntax.RangedOver(w.Unit, root) != nil && w.HeldObject(root) != nil &&
		slices.ContainsFunc(w.PostTouches.List, func(o *site.Touch) bool { return o.Access.Node == t.Access.Node })
}
