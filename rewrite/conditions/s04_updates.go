package conditions

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S4 about what a section sets after the window whatever
// it was: the result of the call, or a status that tells others how far it is.
//
//	j.state = running
//	err := j.run()
//	j.state = done

// status reports whether the section sets a variable before the window without
// looking at it, but to leave if somebody else has set it.
func status(w *move.Window, v *types.Var) bool {
	sets := false
	for _, t := range w.PreTouches.List {
		if t.Access.Var != v || t.Class != site.GuardedUse {
			continue
		}
		switch {
		case t.Via != nil:
			return false
		case t.Access.Kind == patterns.Write && setsConstant(w, t.Access):
			sets = true
		case t.Access.Kind != patterns.Read || !claimed(w, v):
			return false
		}
	}
	fromIt := func(t *site.Touch) bool { return t.Access.Var == v }
	return sets && !slices.ContainsFunc(w.Values, func(x extract.Extraction) bool { return x.Path.Last() == v }) &&
		!slices.ContainsFunc(syntax.SortedVars(w.Derived), func(u *types.Var) bool { return slices.ContainsFunc(w.Derived[u], fromIt) })
}

// setsConstant reports whether a write before the window gives a variable a value
// that is known where it is written.
func setsConstant(w *move.Window, a *patterns.Access) bool {
	found := false
	for _, st := range w.Pre {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			continue
		}
		for i, l := range as.Lhs {
			found = found || syntax.Within(a.Node, l) && w.Info.Types[as.Rhs[i]].Value != nil
		}
	}
	return found
}

// claims reports whether all that decides whether the section goes on to the
// window is set before it: the next caller finds it set.
func claims(w *move.Window) bool {
	if w.GuardedExit(w.Testing()) != nil {
		return false
	}
	for _, st := range w.Pre {
		cond := w.GuardedExit([]ast.Stmt{st})
		if cond == nil {
			continue
		}
		ifs, ok := st.(*ast.IfStmt)
		if !ok || ifs.Init != nil || ifs.Else != nil || !syntax.ReturnsLast(ifs.Body) || len(behaviour.FlagsIn(w.Site, ifs.Cond)) > 0 {
			return false
		}
		reads := behaviour.Touches(w.Site, ifs.Cond).List
		if len(reads) == 0 {
			return false // by variables that were read before
		}
		for _, t := range reads {
			if t.Class == site.GuardedUse && (t.Via != nil || !claimed(w, t.Access.Var) || !status(w, t.Access.Var)) {
				return false
			}
		}
		for _, v := range syntax.SortedVars(w.Derived) {
			if len(w.Derived[v]) > 0 && syntax.Mentions(w.Info, ifs.Cond, v) {
				return false
			}
		}
	}
	return true
}

// claimed reports whether a variable is looked at before the window only by tests
// x == c and x, that leave, and then set to the same c: the busy flag.
func claimed(w *move.Window, v *types.Var) bool {
	tested := ""
	for _, st := range w.Pre {
		ifs, ok := ifOf(w, st)
		if ok && ifs.Init == nil && ifs.Else == nil && syntax.ReturnsLast(ifs.Body) {
			if value, ok := testedFor(w, ifs.Cond, v); ok && tested == "" {
				tested = value
				continue
			}
		}
		as, ok := st.(*ast.AssignStmt)
		if ok && len(as.Lhs) == 1 && len(as.Rhs) == 1 && tested != "" && w.Parents[st] == w.LockBlock() {
			if p, isPath := patterns.PathOf(w.Info, as.Lhs[0]); isPath && p.Last() == v {
				c := w.Info.Types[as.Rhs[0]].Value
				return c != nil && c.ExactString() == tested
			}
		}
		if slices.ContainsFunc(behaviour.Touches(w.Site, st).List, func(t *site.Touch) bool { return t.Access.Var == v }) {
			return false
		}
	}
	return false
}

// ifOf returns the if statement that a statement before the window is, or whose
// condition it is made of.
func ifOf(w *move.Window, st ast.Stmt) (*ast.IfStmt, bool) {
	if e, ok := st.(*ast.ExprStmt); ok {
		ifs, ok := w.Parents[e.X].(*ast.IfStmt)
		return ifs, ok && ifs.Cond == e.X
	}
	ifs, ok := st.(*ast.IfStmt)
	return ifs, ok
}

// claimsTest is claims for one test around the window.
func claimsTest(w *move.Window, ifs *ast.IfStmt) bool {
	if ifs.Init != nil || ifs.Else != nil || !syntax.ReturnsLast(ifs.Body) || len(behaviour.FlagsIn(w.Site, ifs.Cond)) > 0 {
		return false
	}
	reads := behaviour.Touches(w.Site, ifs.Cond).List
	for _, t := range reads {
		if t.Class == site.GuardedUse && (t.Via != nil || !claimed(w, t.Access.Var) || !status(w, t.Access.Var)) {
			return false
		}
	}
	return len(reads) > 0 && !slices.ContainsFunc(syntax.SortedVars(w.Derived), func(v *types.Var) bool {
		return len(w.Derived[v]) > 0 && syntax.Mentions(w.Info, ifs.Cond, v)
	})
}

// askClaimed asks whether the next caller may leave because of what is set before the
// call.
func askClaimed(w *move.Window, test ast.Expr) {
	w.Assume(safety.S3, test.Pos(), "What is tested at %s is set before the call, so a caller that comes meanwhile returns there instead of waiting. Is that right?", w.Line(test.Pos()))
}

// testedFor returns the constant for which a condition tests a variable: x, !x, or
// x == c.
func testedFor(w *move.Window, cond ast.Expr, v *types.Var) (string, bool) {
	is := func(e ast.Expr) bool {
		p, ok := patterns.PathOf(w.Info, e)
		return ok && p.Last() == v
	}
	if is(cond) && syntax.IsBool(v.Type()) {
		return "true", true
	}
	if not, ok := ast.Unparen(cond).(*ast.UnaryExpr); ok && not.Op == token.NOT && is(not.X) {
		return "false", true
	}
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL || !is(b.X) {
		return "", false
	}
	c := w.Info.Types[b.Y].Value
	if c == nil {
		return "", false
	}
	return c.ExactString(), true
}

// comparesAndSets reports whether a test that is repeated looks at something that
// the section then sets, such as a version or the time of a file.
func comparesAndSets(w *move.Window) bool {
	return w.Recheck != nil && slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
		return t.Class == site.GuardedUse && t.Access.Kind.Changes() && w.UpdateKind(t) != move.Merge && w.Recheck.TestsAgain(t.Access.Var)
	})
}

// askUpdates asks once about everything that is set after the window.
func askUpdates(w *move.Window) {
	if len(w.Again) > 0 {
		w.Assume(safety.S4, w.Again[0].Access.Pos(), "%s %s set before the call and again after it. Is it fine if others see the value in between, and if what they set meanwhile is overwritten?", syntax.JoinNames(site.TouchNames(w.Again)), syntax.IsOrAre(len(site.TouchNames(w.Again))))
	}
	if len(w.Older) > 0 {
		var names, lines []string
		for _, c := range w.Older {
			if n := c.Touch.Name(); !slices.Contains(names, n) {
				names = append(names, n)
			}
			if l := w.Line(c.Other.Pos()); !slices.Contains(lines, l) {
				lines = append(lines, l)
			}
		}
		w.Ask(safety.OlderStays, "", safety.S4, w.Older[0].Touch.Access.Pos(), "%s %s written after the call, and also at %s. Is it fine if the result of an older call is written last?", syntax.JoinNames(names), syntax.IsOrAre(len(names)), site.JoinPlaces(lines))
	}
	const question = "Two calls can now finish in either order, and the last one's value of %s stays. Is that right?"
	if len(w.Later) > 0 && !w.Alone && !w.AtStart() {
		w.Ask(safety.LastStays, syntax.JoinNames(site.TouchNames(w.Later)), safety.S4, w.Later[0].Access.Pos(), question, syntax.JoinNames(site.TouchNames(w.Later)))
	}
}
