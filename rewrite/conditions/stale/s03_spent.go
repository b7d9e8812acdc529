package stale

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S3 about what the section has finished with when the window
// begins: what it has taken out, and values that it only stores.

// spent reports whether each test of guarded state before the window only looks at
// what the section then takes out itself: a job of a queue, an entry of a map. The
// next caller does not find that any more, and what comes after the window is about
// what this one has.
//
//	job, ok := r.pending[id]
//	if !ok {
//		return errNotPending
//	}
//	delete(r.pending, id)
func spent(w *move.Window) bool {
	if w.GuardedExit(w.Testing()) != nil {
		return false
	}
	for _, st := range w.Pre {
		if w.GuardedExit([]ast.Stmt{st}) == nil {
			continue
		}
		if ifs, ok := st.(*ast.IfStmt); !ok || !spentTest(w, ifs) {
			return false
		}
	}
	return true
}

// askSpent asks whether the next caller may leave before the call is over.
func askSpent(w *move.Window, test ast.Expr) {
	if ifs := ifAround(w, test); ifs != nil && !slices.ContainsFunc(behaviour.Touches(w.Site, ifs.Cond).List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && (!reserves(w, ifs, t) || w.TakesOut(t.Access.Var, ifs, w.Indexed(t.Access)))
	}) {
		return // S10 asks whether others may see it counted
	}
	if w.Detach != nil && w.Detach.Back != "" {
		w.Ask(safety.TakenFirst, "", safety.S3, test.Pos(), "What is tested at %s is set before the call%s, so a caller that comes meanwhile goes on at once%s. Is that right?", w.Line(test.Pos()), setBack(w), flagReaders(w))
		return
	}
	w.Ask(safety.TakenFirst, "", safety.S3, test.Pos(), "What is tested at %s is taken out before the call, so a caller that comes meanwhile finds it gone and goes on at once. Is that right?", w.Line(test.Pos()))
}

// setBack says that a flag set before the call is reset if the call fails.
func setBack(w *move.Window) string {
	if len(w.Detach.PutBack) == 0 {
		return ""
	}
	return ", and back where that fails"
}

// flagReaders says which other sections read a flag that is set before the call: they
// take for done what may fail yet.
func flagReaders(w *move.Window) string {
	flag, lines := w.Detach.Paths[0].Last(), []string(nil)
	for _, a := range guards.SharingOf(w.Program, w.PackageOf(flag), flag).Accesses {
		if a.Kind == guards.Read && a.Under(w.Section.LockVar()) && !(a.Unit == w.Unit && w.InBody(a.Node)) && !slices.Contains(lines, w.Line(a.Pos())) {
			lines = append(lines, w.Line(a.Pos()))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	more := ""
	if len(lines) > 1 {
		more = " and elsewhere"
	}
	return ", as does one that reads it at " + lines[0] + more
}

// ifAround returns the if statement of which an expression is a part of the condition.
func ifAround(w *move.Window, e ast.Expr) *ast.IfStmt {
	for n := w.Parents[e]; n != nil; n = w.Parents[n] {
		if ifs, ok := n.(*ast.IfStmt); ok {
			return ifs
		}
	}
	return nil
}

// isReserved reports whether a touch is a test of what the section counts for itself
// before the window.
func isReserved(w *move.Window, t *site.Touch) bool {
	ifs := ifAround(w, t.Access.Node)
	return ifs != nil && t.Via == nil && syntax.Within(t.Access.Node, ifs.Cond) && syntax.ReturnsLast(ifs.Body) && reserves(w, ifs, t)
}

// spentTest is spent for one test.
func spentTest(w *move.Window, ifs *ast.IfStmt) bool {
	if ifs.Else != nil || !syntax.ReturnsLast(ifs.Body) || len(behaviour.FlagsIn(w.Site, ifs)) > 0 {
		return false
	}
	reads := slices.Clone(behaviour.Touches(w.Site, ifs.Cond).List)
	if ifs.Init != nil {
		reads = append(reads, behaviour.Touches(w.Site, ifs.Init).List...)
	}
	for _, v := range syntax.SortedVars(w.Derived) {
		if syntax.Mentions(w.Info, ifs.Cond, v) {
			reads = append(reads, w.Derived[v]...)
		}
	}
	for _, t := range reads {
		if t.Class == site.GuardedUse && (t.Via != nil || !w.TakesOut(t.Access.Var, ifs, w.Indexed(t.Access)) && !reserves(w, ifs, t)) {
			return false
		}
	}
	return len(reads) > 0
}

// reserves reports whether the section counts what a test has looked at, after the
// test and before the window: the next caller finds less of it, or more.
//
//	if s.active >= limit {
//		return errBusy
//	}
//	s.active++
func reserves(w *move.Window, ifs *ast.IfStmt, t *site.Touch) bool {
	tested := selectedOf(w, t.Access.Node)
	number, ok := w.Info.TypeOf(tested).Underlying().(*types.Basic)
	if !ok || number.Info()&types.IsNumeric == 0 || !syntax.Within(tested, ifs.Cond) {
		return false
	}
	return slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool {
		if st.Pos() < ifs.End() || w.Parents[st] != w.LockBlock() {
			return false
		}
		target := syntax.Counted(st, token.INC, token.DEC)
		return target != nil && types.ExprString(target) == types.ExprString(tested)
	})
}

// TakenLater returns where the section looks at an element of a slice before the
// window, if a change after it then shortens the slice, as if to take that element out.
// Another caller may have done that meanwhile.
//
//	u := q.items[0]
//	err := visit(u)
//	q.items = q.items[1:]
func TakenLater(w *move.Window, t *site.Touch) ast.Node {
	if t.Via != nil || !syntax.IsSlice(t.Access.Var.Type()) || !shortens(w, t) {
		return nil
	}
	for _, v := range syntax.SortedVars(w.Derived) {
		for _, d := range w.Derived[v] {
			if ix := w.Indexed(d.Access); ix != nil && d.Access.Var == t.Access.Var {
				return ix
			}
		}
	}
	for _, x := range w.Values {
		if x.Reads(t.Access.Var) {
			return x.Uses[0]
		}
	}
	return nil
}

// shortens reports whether a change after the window gives a slice a part of itself.
func shortens(w *move.Window, t *site.Touch) bool {
	found := false
	for _, st := range w.Post {
		ast.Inspect(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != len(as.Rhs) {
				return true
			}
			for i, l := range as.Lhs {
				sl, ok := ast.Unparen(as.Rhs[i]).(*ast.SliceExpr)
				found = found || ok && syntax.Within(t.Access.Node, l) && types.ExprString(sl.X) == types.ExprString(l)
			}
			return !found
		})
	}
	return found
}

// madeEarlier reports whether a variable that comes from guarded state holds nothing
// that leads back there, and whether what it comes from is not changed after the
// window: whoever stores it then stores what was made of an older state, which is
// for a person to look at.
func madeEarlier(w *move.Window, v *types.Var) bool {
	return behaviour.ReachedThrough(w.Derived[v]) == nil && !slices.ContainsFunc(w.Derived[v], func(t *site.Touch) bool {
		return slices.ContainsFunc(w.PostTouches.List, func(u *site.Touch) bool {
			return u.Class == site.GuardedUse && u.Access.Var == t.Access.Var && u.Access.Kind.Changes() && w.UpdateKind(u) != move.Merge
		})
	})
}

// onlyStores reports whether a statement uses a variable for its value alone: it
// decides on no other change, and on no place in a slice.
func onlyStores(w *move.Window, v *types.Var, st ast.Stmt) bool {
	uses := func(n ast.Node) bool { return n != nil && syntax.Mentions(w.Info, n, v) }
	only := true
	syntax.InspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			only = only && !uses(n.Cond)
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit:
			only = only && !uses(n)
		case *ast.ForStmt:
			only = only && (n.Cond == nil || !uses(n.Cond))
		case *ast.SliceExpr:
			only = only && !(n.Low != nil && uses(n.Low) || n.High != nil && uses(n.High))
		case *ast.IndexExpr:
			if tv, ok := w.Info.Types[n.X]; ok && tv.IsValue() && uses(n.Index) {
				_, isMap := tv.Type.Underlying().(*types.Map)
				only = only && isMap
			}
		}
		return only
	})
	return only
}

// selectsBy reports whether a statement uses a variable to say which part of a guarded
// slice, array or string it means: there may be no such part any more.
func selectsBy(w *move.Window, v *types.Var, st ast.Stmt) bool {
	found := false
	by := func(x ast.Expr, bounds ...ast.Expr) {
		t := w.Info.TypeOf(x)
		if _, isMap := t.Underlying().(*types.Map); isMap || behaviour.Touches(w.Site, x).Guarded() == nil {
			return
		}
		for _, b := range bounds {
			found = found || b != nil && syntax.Mentions(w.Info, b, v)
		}
	}
	syntax.InspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SliceExpr:
			by(n.X, n.Low, n.High, n.Max)
		case *ast.IndexExpr:
			if w.Info.Types[n.X].IsValue() {
				by(n.X, n.Index)
			}
		}
		return !found
	})
	return found
}
