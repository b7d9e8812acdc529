package stale

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RemovesUnseen reports whether a change after the window removes from a slice or map
// more than the window has got of it: what others put there meanwhile goes, too, and two
// callers get the same elements. That there is still something in it does not help.
//
//	if len(l.lines) == 0 { return nil }
//	err := post(strings.Join(l.lines, "\n"))     // meanwhile: l.lines = append(l.lines, line)
//	l.lines = nil
func RemovesUnseen(w *move.Window, t *site.Touch) bool {
	v := t.Access.Var
	if !syntax.IsSlice(v.Type()) && !syntax.IsMapType(v.Type()) || w.Detached(v) || w.TakenFrom(v) || !getsElements(w, t) {
		return false
	}
	if t.Via != nil {
		return syntax.Empties(t.Access) && !syntax.Deletes(t.Access)
	}
	if syntax.Deletes(t.Access) {
		return rangesOver(w, t)
	}
	if kind := w.UpdateKind(t); kind != move.Overwrite && kind != move.Constant || w.Indexed(t.Access) != nil {
		return false
	}
	return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(w.OfOthers) != nil
}

// getsElements reports whether the window has got elements of what is changed, and not
// only their number.
func getsElements(w *move.Window, t *site.Touch) bool {
	is := func(d *site.Touch) bool { return d.Access.Var == t.Access.Var && !counted(w, d.Access) }
	return slices.ContainsFunc(w.GuardedValues(), func(u move.UsedValue) bool {
		if u.Of != nil {
			return !u.Taken && slices.ContainsFunc(w.Derived[u.Of], is)
		}
		return slices.Contains(u.From, t.Access.Var)
	})
}

// counted reports whether an access is only for the length of a variable.
func counted(w *move.Window, a *guards.Access) bool {
	n := a.Node
	for sel, ok := w.Parents[n].(*ast.SelectorExpr); ok; sel, ok = w.Parents[n].(*ast.SelectorExpr) {
		n = sel
	}
	c, ok := w.Parents[n].(*ast.CallExpr)
	return ok && (patterns.BuiltinOf(w.Info, c) == "len" || patterns.BuiltinOf(w.Info, c) == "cap")
}

// rangesOver reports whether a change stands in a loop over the variable itself.
func rangesOver(w *move.Window, t *site.Touch) bool {
	for n := ast.Node(t.Access.Node); n != nil; n = w.Parents[n] {
		loop, ok := n.(*ast.RangeStmt)
		if !ok {
			continue
		}
		p, ok := patterns.PathOf(w.Info, loop.X)
		if ok && p.Last() == t.Access.Var && slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return syntax.Within(loop, st) }) {
			return true
		}
	}
	return false
}
