package lost

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RemovesUnseen reports whether a change after the window removes more from a slice or
// map than the window got: it also drops what others put there meanwhile, and two
// callers get the same elements. A test whether the slice still has something in it
// does not help.
//
//	if len(l.lines) == 0 { return nil }
//	err := post(strings.Join(l.lines, "\n")) // meanwhile: l.lines = append(l.lines, line)
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
	n := w.Selected(a.Node)
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

// AskRemoved asks about an entry that the section adds to a map before the window and
// removes after it: two callers with the same key share it.
//
//	s.active[name]++
//	err := s.upload(name)
//	delete(s.active, name)   // another caller is still at it
func AskRemoved(w *move.Window, t *site.Touch) {
	v := t.Access.Var
	if t.Via != nil || slices.Contains(w.Claimed, v) || w.TestsAgain(v) || w.Section.Mode == patterns.Shared {
		return
	}
	key := deletedKey(w, t.Access)
	if key == nil || w.Program.Owns(w.Pkg, key) && syntax.RefsOf(w.Info.TypeOf(key), 0) != syntax.NoRefs {
		return
	}
	for _, p := range w.PreTouches.List {
		if p.Access.Var != v || p.Via != nil || !p.Access.Kind.Changes() {
			continue
		}
		if ix := w.Indexed(p.Access); ix != nil && types.ExprString(ix.Index) == types.ExprString(key) && !countedKey(w, key) {
			w.Assume(safety.S4, t.Access.Pos(), "An entry of %s is set before the call, at %s, and removed after it. Is it certain that no two callers do that for the same key at once?", t.Name(), w.Line(p.Access.Pos()))
			return
		}
	}
}

// deletedKey returns the key whose entry an access deletes, or nil.
func deletedKey(w *move.Window, a *guards.Access) ast.Expr {
	for _, c := range w.Unit.Calls() {
		if patterns.BuiltinOf(w.Info, c) == "delete" && syntax.Within(a.Node, c.Args[0]) {
			return c.Args[1]
		}
	}
	return nil
}

// countedKey reports whether a key was read from a number that the section counts on: the
// next caller gets another one.
func countedKey(w *move.Window, key ast.Expr) bool {
	id, ok := ast.Unparen(key).(*ast.Ident)
	return ok && slices.ContainsFunc(w.Derived[syntax.VarOf(w.Info, id)], func(d *site.Touch) bool {
		return slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool {
			return t.Access.Var == d.Access.Var && t.Access.Kind.Changes() && behaviour.CountsItself(t.Access)
		})
	})
}
