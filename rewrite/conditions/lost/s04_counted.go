package lost

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RefuseCounted refuses to add a number after the window that depends on what the call got:
// two callers get the same number, and both add it.
//
//	page, err := fetch(f.cursor)
//	f.cursor += len(page)        // by two that have fetched the same page
//
// Nor may the section reset what others add to.
//
//	err := report(c.n)           // meanwhile: c.n++
//	c.n = 0
//
// The change after the window may also be in the caller of the function with the
// window: after is that of t.
func RefuseCounted(w, after *move.Window, t *site.Touch) *safety.Refusal {
	v := t.Access.Var
	if !isNumeric(v.Type()) || t.Via != nil || !getsNumber(w, v) {
		return nil
	}
	if _, counts := behaviour.CountOf(t.Access); counts {
		return safety.Refuse(safety.S4, "counted-twice", t.Access.Pos(), "the call gets %s, which is counted on after it: two callers would get the same", t.Name())
	}
	adds := func(a *guards.Access) bool { return w.OfOthers(a) && behaviour.CountsItself(a) }
	if other := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(adds); other != nil && after.UpdateKind(t) == move.Constant {
		return safety.Refuse(safety.S4, "added-meanwhile", t.Access.Pos(), "%s is set back after the wait, and added to at %s: what is added during the wait is lost", t.Name(), w.Line(other.Pos()))
	}
	return nil
}

// isNumeric reports whether a type is that of numbers, or of a map that holds some.
func isNumeric(t types.Type) bool {
	if m, ok := t.Underlying().(*types.Map); ok {
		t = m.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

// getsNumber reports whether the window uses the value of a variable for more than a test. What
// was taken out of it no other caller gets.
func getsNumber(w *move.Window, v *types.Var) bool {
	uses := func(n ast.Node) bool {
		found := false
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || found {
				return !found
			}
			u, _ := w.Info.Uses[id].(*types.Var)
			found = u == v || u != nil && !w.Taken(u) && slices.ContainsFunc(w.Derived[u], func(d *site.Touch) bool { return d.Access.Var == v })
			return !found
		})
		return found
	}
	got := false
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			got = got || w.Waits(c) && !w.Sleeps(c) && slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return uses(a) })
		})
	}
	return got
}

// OnlySleeps reports whether a value of the window only says how long it sleeps.
func OnlySleeps(w *move.Window, x extract.Extraction) bool {
	return !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool {
		for n := w.Parents[e]; n != nil; n = w.Parents[n] {
			if c, ok := n.(*ast.CallExpr); ok && w.Sleeps(c) {
				return false
			}
			if _, ok := n.(ast.Stmt); ok {
				break
			}
		}
		return true
	})
}
