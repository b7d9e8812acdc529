package move

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Cloning returns the site for a shape that copies guarded maps and slices before it releases
// the lock, so that the window can range over the copies.
func Cloning(s *site.Site) *site.Site {
	c := *s
	c.Cloning = true
	return &c
}

// Clones lists the maps and slices whose elements the window has a copy of.
func (w *Window) Clones() []extract.Extraction {
	return append(slices.DeleteFunc(slices.Clone(w.Values), func(x extract.Extraction) bool { return !x.Cloned }), w.Copies...)
}

// CanClone refuses if a copy must be declared with its type, because the language version has no
// function that makes it, and this file cannot name the type.
func (w *Window) CanClone() *safety.Refusal {
	for _, x := range w.Clones() {
		if _, ok := w.TypeText(w.CopyType(x)); !ok && w.CopyOf(x) == "" {
			return safety.Inapplicable(x.Uses[0].Pos(), "this file cannot name the type of a copy of %s", x.Path)
		}
	}
	return nil
}

// CopyOf returns the expression that copies an extracted value, or "" if the language version
// has none.
func (w *Window) CopyOf(x extract.Extraction) string {
	if x.Pointee {
		return "*" + w.Source(x.Uses[0])
	}
	if x.Operand {
		return w.Source(x.Uses[0])
	}
	path := types.ExprString(x.Uses[0]) // a selector: printing it loses nothing
	if !x.Cloned {
		return path
	}
	_, isMap := w.Info.TypeOf(x.Uses[0]).Underlying().(*types.Map)
	values, keys := w.ValuesOnly(x), x.RangedKey(w.Site) != nil
	switch {
	case values && w.Since("go1.23"):
		return w.Qualifier("slices") + ".Collect(" + w.Qualifier("maps") + ".Values(" + path + "))"
	case keys && w.Since("go1.23"):
		return w.Qualifier("slices") + ".Collect(" + w.Qualifier("maps") + ".Keys(" + path + "))"
	case values || keys || !w.Since("go1.21"):
		return ""
	case isMap:
		return w.Qualifier("maps") + ".Clone(" + path + ")"
	}
	return w.Qualifier("slices") + ".Clone(" + path + ")"
}

// CopyType returns the type of the copy of an extracted value. It is a slice if only the values
// or only the keys of a map are needed.
func (w *Window) CopyType(x extract.Extraction) types.Type {
	t := w.Info.TypeOf(x.Uses[0])
	m, ok := t.Underlying().(*types.Map)
	switch {
	case ok && w.ValuesOnly(x):
		return types.NewSlice(m.Elem())
	case x.RangedKey(w.Site) != nil:
		return types.NewSlice(m.Key())
	}
	return t
}

// ValuesOnly reports whether the window only ranges over the values of a map.
func (w *Window) ValuesOnly(x extract.Extraction) bool {
	return syntax.IsMapType(w.Info.TypeOf(x.Uses[0])) && !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool {
		r, ok := w.Parents[e].(*ast.RangeStmt)
		if !ok || r.X != e {
			return true
		}
		id, ok := r.Key.(*ast.Ident)
		_, named := r.Value.(*ast.Ident)
		return !named || !ok || id.Name != "_"
	})
}

// Cloned reports whether the window uses a copy of the variable's elements.
func (w *Window) Cloned(v *types.Var) bool {
	return slices.ContainsFunc(w.Clones(), func(x extract.Extraction) bool { return x.Path.Last() == v })
}

// FromCopies reports whether a variable comes only from copies; [stale.askClones] asks whether
// these may be out of date. What was made of the original before the window does not.
//
//	n := len(s.list)
func (w *Window) FromCopies(v *types.Var) bool {
	return len(w.Derived[v]) > 0 && !slices.ContainsFunc(w.Derived[v], func(t *site.Touch) bool { return !w.Cloned(t.Access.Var) || w.ofOriginal(t.Access) })
}

// ofOriginal reports whether an access before the window reads something that is also copied,
// and not for the copy.
func (w *Window) ofOriginal(a *guards.Access) bool {
	return slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool { return t.Access.Node == a.Node }) &&
		!slices.ContainsFunc(w.Clones(), func(x extract.Extraction) bool {
			return slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(a.Node, u) })
		})
}

// OfCopy reports whether an access goes through a local variable that holds a copy.
func (w *Window) OfCopy(a *guards.Access) bool {
	id, ok := syntax.RootIdent(a.Node)
	if !ok || !a.Alias {
		return false
	}
	v, ok := w.Info.Uses[id].(*types.Var)
	def := cmp.Or(w.Unit.DefinedOnce(v), w.Unit.LookedUpOnce(v))
	return ok && def != nil && slices.ContainsFunc(w.Copies, func(x extract.Extraction) bool { return x.Uses[0] == def })
}

// testsCopies reports whether a condition only tests what a loop over a copy has found.
// [stale.askClones] asks what may have become of that in the meantime.
func (w *Window) testsCopies(cond ast.Expr) bool {
	if len(w.Clones()) == 0 {
		return false
	}
	for _, v := range syntax.SortedVars(w.Derived) {
		if len(w.Derived[v]) > 0 && syntax.Mentions(w.Info, cond, v) && !w.FromCopies(v) {
			return false
		}
	}
	return true
}
