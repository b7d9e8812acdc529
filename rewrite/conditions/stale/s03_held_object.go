package stale

import (
	"go/ast"
	"go/token"
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

// onlyHeldObjects reports whether all guarded state that the section changes after the
// window is in objects that it holds, or is only added to, and whether reaching the window
// depends only on those objects having been found.
func onlyHeldObjects(w *move.Window) bool {
	held := heldObjects(w)
	if len(held) == 0 {
		return false
	}
	for _, st := range slices.Concat(w.Pre, w.Testing()) {
		if cond := w.GuardedExit([]ast.Stmt{st}); cond != nil && !testsPresence(w, cond, held) {
			return false
		}
	}
	for _, t := range w.Tests {
		if w.DecidesOn(t.Cond) && !testsPresence(w, t.Cond, held) {
			return false
		}
	}
	for _, t := range w.PostTouches.List {
		if t.Class != site.GuardedUse || !t.Access.Kind.Changes() {
			continue
		}
		if t.Via == nil && t.Access.Path.Root != nil && held[t.Access.Path.Root] {
			continue
		}
		if t.Via != nil || w.UpdateKind(t) != move.Merge || addsReference(w, t) || takesOutByState(w, t, held) {
			return false
		}
	}
	return true
}

// takesOutByState reports whether a change removes one of the objects from where it was
// found, and the section gets there only if a field of the object says so: somebody may
// have begun to use it since.
//
//	if e.refs > 0 { return nil }
//	err := drop(e.name)            // meanwhile: e.refs++
//	delete(s.entries, e.name)
func takesOutByState(w *move.Window, t *site.Touch, held map[*types.Var]bool) bool {
	if !slices.ContainsFunc(syntax.SortedVars(held), func(v *types.Var) bool { return w.HeldObject(v) == t.Access.Var }) {
		return false
	}
	return slices.ContainsFunc(slices.Concat(w.Pre, w.Testing()), func(st ast.Stmt) bool {
		cond := w.GuardedExit([]ast.Stmt{st})
		return cond != nil && slices.ContainsFunc(alternatives(cond), func(e ast.Expr) bool { return testsState(w, e, held) })
	})
}

// askState asks about a test that looks at more of the objects than whether they are
// there.
func askState(w *move.Window) {
	held := heldObjects(w)
	for _, st := range slices.Concat(w.Pre, w.Testing()) {
		cond := w.GuardedExit([]ast.Stmt{st})
		if cond != nil && slices.ContainsFunc(alternatives(cond), func(e ast.Expr) bool { return testsState(w, e, held) }) {
			askTested(w, cond)
		}
	}
}

// heldObjects are the variables with objects that the section holds on to.
func heldObjects(w *move.Window) map[*types.Var]bool {
	held := make(map[*types.Var]bool)
	for _, v := range syntax.SortedVars(w.Derived) {
		if w.HeldObject(v) != nil {
			held[v] = true
		}
	}
	return held
}

// alternatives lists the operands of ||.
func alternatives(e ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.LOR {
		return append(alternatives(b.X), alternatives(b.Y)...)
	}
	return []ast.Expr{ast.Unparen(e)}
}

// testsState reports whether a condition looks at fields of the objects, all of which the
// section leaves as they are, or only makes younger: it does not leave because another
// caller was here before.
func testsState(w *move.Window, cond ast.Expr, held map[*types.Var]bool) bool {
	reads := behaviour.Touches(w.Site, cond).List
	young := leavesForOld(w, cond)
	for _, t := range reads {
		if t.Class != site.GuardedUse {
			continue
		}
		if t.Via != nil || t.Access.Kind != guards.Read || t.Access.Path.Root == nil || !held[t.Access.Path.Root] {
			return false
		}
		for _, u := range behaviour.GuardedChanges(w.PostTouches) {
			if u.Access.Var == t.Access.Var && !(t.Access.Var == young && behaviour.SetsNow(u.Access)) {
				return false
			}
		}
	}
	return len(reads) > 0 && len(behaviour.FlagsIn(w.Site, cond)) == 0
}

// leavesForOld returns the variable with a time for which a condition holds if that is
// long ago: time.Since(x.seen) > limit. Nil if it is another condition.
func leavesForOld(w *move.Window, cond ast.Expr) *types.Var {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.GTR && b.Op != token.GEQ {
		return nil
	}
	c, ok := ast.Unparen(b.X).(*ast.CallExpr)
	if !ok || len(c.Args) != 1 {
		return nil
	}
	fn := patterns.CalleeOf(w.Info, c)
	p, ok := patterns.PathOf(w.Info, c.Args[0])
	if fn == nil || !ok || fn.FullName() != "time.Since" && fn.FullName() != "(time.Time).Sub" {
		return nil
	}
	return p.Last()
}

// testsPresence reports whether a condition only asks whether one of the objects was
// found, !ok, x == nil, or for what is in them.
func testsPresence(w *move.Window, cond ast.Expr, held map[*types.Var]bool) bool {
	return !slices.ContainsFunc(alternatives(cond), func(e ast.Expr) bool { return !asksPresence(w, e, held) && !testsState(w, e, held) })
}

func asksPresence(w *move.Window, cond ast.Expr, held map[*types.Var]bool) bool {
	switch e := cond.(type) {
	case *ast.UnaryExpr:
		id, ok := ast.Unparen(e.X).(*ast.Ident)
		return ok && e.Op == token.NOT && tellsFound(w, id, held)
	case *ast.BinaryExpr:
		id, ok := ast.Unparen(e.X).(*ast.Ident)
		if !ok || e.Op != token.EQL || !w.Info.Types[e.Y].IsNil() {
			return false
		}
		v, ok := w.Info.Uses[id].(*types.Var)
		return ok && held[v]
	}
	return false
}

// tellsFound reports whether a name is the ok of v, ok := m[k] for one of the objects.
func tellsFound(w *move.Window, id *ast.Ident, held map[*types.Var]bool) bool {
	for v := range held {
		as, ok := w.Parents[w.Unit.LookedUpOnce(v)].(*ast.AssignStmt)
		if ok && len(as.Lhs) == 2 && w.Info.ObjectOf(syntax.IdentOf(as.Lhs[1])) == w.Info.Uses[id] {
			return true
		}
	}
	return false
}

// askHeld asks about an object that the section holds on to, unless nothing is ever removed
// from or replaced in the container where it was found.
func askHeld(w *move.Window, v *types.Var, at ast.Stmt) {
	from := w.HeldObject(v)
	change := guards.SharingOf(w.Program, w.PackageOf(from), from).Changed(func(a *guards.Access) bool {
		return !w.Contains(a) && !syntax.Appends(a)
	})
	if change == nil {
		return
	}
	w.Ask(safety.HeldObject, from.Name(), safety.S3, at.Pos(), "%s is looked up in %s before the call, and changed after it. Is that right if it has been removed or replaced by then (%s)?", v.Name(), from.Name(), w.Line(change.Pos()))
}
