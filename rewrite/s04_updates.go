package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// This file is the part of S4 about what a section sets after the window whatever
// it was: the result of the call, or a status that tells others how far it is.
//
//	j.state = running
//	err := j.run()
//	j.state = done

// status reports whether the section sets a variable before the window without
// looking at it, but to leave if somebody else has set it.
func (w *Window) status(v *types.Var) bool {
	sets := false
	for _, t := range w.pre.touches {
		if t.access.Var != v || t.class != guardedUse {
			continue
		}
		switch {
		case t.via != nil:
			return false
		case t.access.Kind == patterns.Write && w.setsConstant(t.access):
			sets = true
		case t.access.Kind != patterns.Read || !w.claimed(v):
			return false
		}
	}
	fromIt := func(t *touch) bool { return t.access.Var == v }
	return sets && !slices.ContainsFunc(w.Values, func(x Extraction) bool { return x.Path.Last() == v }) &&
		!slices.ContainsFunc(sortedVars(w.derived), func(u *types.Var) bool { return slices.ContainsFunc(w.derived[u], fromIt) })
}

// setsConstant reports whether a write before the window gives a variable a value
// that is known where it is written.
func (w *Window) setsConstant(a *patterns.Access) bool {
	found := false
	for _, st := range w.Pre {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			continue
		}
		for i, l := range as.Lhs {
			found = found || within(a.Node, l) && w.Info.Types[as.Rhs[i]].Value != nil
		}
	}
	return found
}

// claims reports whether all that decides whether the section goes on to the
// window is set before it: the next caller finds it set.
func (w *Window) claims() bool {
	if w.guardedExit(w.testing()) != nil {
		return false
	}
	for _, st := range w.Pre {
		cond := w.guardedExit([]ast.Stmt{st})
		if cond == nil {
			continue
		}
		ifs, ok := st.(*ast.IfStmt)
		if !ok || ifs.Init != nil || ifs.Else != nil || !returnsLast(ifs.Body) || len(w.flagsIn(ifs.Cond)) > 0 {
			return false
		}
		reads := w.touches(ifs.Cond).touches
		if len(reads) == 0 {
			return false // by variables that were read before
		}
		for _, t := range reads {
			if t.class == guardedUse && (t.via != nil || !w.claimed(t.access.Var) || !w.status(t.access.Var)) {
				return false
			}
		}
		for _, v := range sortedVars(w.derived) {
			if len(w.derived[v]) > 0 && mentions(w.Info, ifs.Cond, v) {
				return false
			}
		}
	}
	return true
}

// claimed reports whether a variable is looked at before the window only by tests
// x == c and x, that leave, and then set to the same c: the busy flag.
func (w *Window) claimed(v *types.Var) bool {
	tested := ""
	for _, st := range w.Pre {
		ifs, ok := w.ifOf(st)
		if ok && ifs.Init == nil && ifs.Else == nil && returnsLast(ifs.Body) {
			if value, ok := w.testedFor(ifs.Cond, v); ok && tested == "" {
				tested = value
				continue
			}
		}
		as, ok := st.(*ast.AssignStmt)
		if ok && len(as.Lhs) == 1 && len(as.Rhs) == 1 && tested != "" && w.parents[st] == w.parents[w.Lock] {
			if p, isPath := patterns.PathOf(w.Info, as.Lhs[0]); isPath && p.Last() == v {
				c := w.Info.Types[as.Rhs[0]].Value
				return c != nil && c.ExactString() == tested
			}
		}
		if slices.ContainsFunc(w.touches(st).touches, func(t *touch) bool { return t.access.Var == v }) {
			return false
		}
	}
	return false
}

// ifOf returns the if statement that a statement before the window is, or whose
// condition it is made of.
func (w *Window) ifOf(st ast.Stmt) (*ast.IfStmt, bool) {
	if e, ok := st.(*ast.ExprStmt); ok {
		ifs, ok := w.parents[e.X].(*ast.IfStmt)
		return ifs, ok && ifs.Cond == e.X
	}
	ifs, ok := st.(*ast.IfStmt)
	return ifs, ok
}

// claimsTest is claims for one test around the window.
func (w *Window) claimsTest(ifs *ast.IfStmt) bool {
	if ifs.Init != nil || ifs.Else != nil || !returnsLast(ifs.Body) || len(w.flagsIn(ifs.Cond)) > 0 {
		return false
	}
	reads := w.touches(ifs.Cond).touches
	for _, t := range reads {
		if t.class == guardedUse && (t.via != nil || !w.claimed(t.access.Var) || !w.status(t.access.Var)) {
			return false
		}
	}
	return len(reads) > 0 && !slices.ContainsFunc(sortedVars(w.derived), func(v *types.Var) bool {
		return len(w.derived[v]) > 0 && mentions(w.Info, ifs.Cond, v)
	})
}

// askClaimed asks whether the next caller may leave because of what is set before the
// call.
func (w *Window) askClaimed(test ast.Expr) {
	w.assume(S3, test.Pos(), "What is tested at %s is set before the call, so a caller that comes meanwhile returns there instead of waiting. Is that right?", w.line(test.Pos()))
}

// testedFor returns the constant for which a condition tests a variable: x, or
// x == c.
func (w *Window) testedFor(cond ast.Expr, v *types.Var) (string, bool) {
	is := func(e ast.Expr) bool {
		p, ok := patterns.PathOf(w.Info, e)
		return ok && p.Last() == v
	}
	if is(cond) && isBool(v.Type()) {
		return "true", true
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

// setAgain reports whether a variable is set before the window and after it, which
// [Window.askUpdates] asks about.
func (w *Window) setAgain(v *types.Var) bool {
	return slices.ContainsFunc(w.again, func(t *touch) bool { return t.access.Var == v })
}

// setLater reports whether a variable is set after the window only, and by nobody
// else.
func (w *Window) setLater(v *types.Var) bool {
	return slices.ContainsFunc(w.later, func(t *touch) bool { return t.access.Var == v })
}

// comparesAndSets reports whether a test that is repeated looks at something that
// the section then sets, such as a version or the time of a file.
func (w *Window) comparesAndSets() bool {
	return w.recheck != nil && slices.ContainsFunc(w.post.touches, func(t *touch) bool {
		return t.class == guardedUse && t.access.Kind.Changes() && w.updateKind(t) != merge && w.recheck.testsAgain(t.access.Var)
	})
}

// A changedToo is a variable that is set after the window, and changed elsewhere.
type changedToo struct {
	t     *touch
	other *patterns.Access
}

// askUpdates asks once about everything that is set after the window.
func (w *Window) askUpdates() {
	if len(w.again) > 0 {
		w.assume(S4, w.again[0].access.Pos(), "%s is set before the call and again after it. May others see the value in between, and may what they set meanwhile be overwritten?", some(touchNames(w.again)))
	}
	if len(w.older) > 0 {
		var names, lines []string
		for _, c := range w.older {
			if n := c.t.name(); !slices.Contains(names, n) {
				names = append(names, n)
			}
			if l := w.line(c.other.Pos()); !slices.Contains(lines, l) {
				lines = append(lines, l)
			}
		}
		w.ask(olderStays, "", S4, w.older[0].t.access.Pos(), "%s is written after the call, and also at %s. May the result of an older call be written last?", some(names), some(lines))
	}
	const question = "Two calls can now finish in either order, and the last one's value of %s stays. Is that right?"
	if len(w.later) > 0 && !w.alone && !w.atStart() {
		w.ask(lastStays, some(touchNames(w.later)), S4, w.later[0].access.Pos(), question, some(touchNames(w.later)))
	}
}
