package stale

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S3 about a section with tests of several kinds before the
// window: each gets the question of its kind.
//
//	if u.aborted {              // a state that may change
//		return errAborted
//	}
//	p, ok := u.pending[num]     // taken out below
//	if !ok {
//		return errNothing
//	}
//	delete(u.pending, num)

// tests are those before the window that decide whether the section gets there.
type tests struct {
	held   map[*types.Var]bool
	claims []ast.Expr
	spent  []ast.Expr
	states []ast.Expr // of no other kind
}

// sortTests tells the tests before the window apart; false if one of them is neither of a
// kind nor a condition that can be asked about, or all are states.
func sortTests(w *move.Window) (*tests, bool) {
	t := &tests{held: heldObjects(w)}
	if w.GuardedExit(w.Testing()) != nil {
		return nil, false
	}
	known := false
	for _, st := range w.Pre {
		cond := w.GuardedExit([]ast.Stmt{st})
		if cond == nil {
			continue
		}
		ifs, ok := st.(*ast.IfStmt)
		switch {
		case !ok || ifs.Else != nil || !syntax.ReturnsLast(ifs.Body):
			return nil, false
		case staysTrue(w, cond):
			known = true
		case claimsTest(w, ifs):
			t.claims, known = append(t.claims, cond), true
		case spentTest(w, ifs):
			t.spent, known = append(t.spent, cond), true
		case testsPresence(w, cond, t.held):
			known = true
			if slices.ContainsFunc(alternatives(cond), func(e ast.Expr) bool { return testsState(w, e, t.held) }) {
				t.states = append(t.states, cond)
			}
		case claimsFound(w, cond, t.held):
			t.claims, known = append(t.claims, cond), true
		case spendsFound(w, ifs, t.held):
			t.spent, known = append(t.spent, cond), true
		default:
			t.states = append(t.states, cond)
		}
	}
	return t, known && !slices.ContainsFunc(w.Tests, func(e move.EnclosingTest) bool { return w.DecidesOn(e.Cond) && !testsPresence(w, e.Cond, t.held) }) && t.allow(w)
}

// claimsFound reports whether a test leaves if an object is not found, or for what is
// claimed before the window: !ok || job.state != waiting.
func claimsFound(w *move.Window, cond ast.Expr, held map[*types.Var]bool) bool {
	return !slices.ContainsFunc(alternatives(cond), func(e ast.Expr) bool { return !asksPresence(w, e, held) && !claimsState(w, e) })
}

// spendsFound reports whether a test leaves if an object is not found, or if too much is in use of
// what the section then counts for itself: !ok || s.active >= s.limit.
func spendsFound(w *move.Window, ifs *ast.IfStmt, held map[*types.Var]bool) bool {
	return !slices.ContainsFunc(alternatives(ifs.Cond), func(e ast.Expr) bool { return !asksPresence(w, e, held) && !reservedBy(w, ifs, e) })
}

// reservedBy reports whether all guarded state that a part of a test looks at is counted by the
// section before the window.
func reservedBy(w *move.Window, ifs *ast.IfStmt, e ast.Expr) bool {
	reads := slices.DeleteFunc(slices.Clone(behaviour.Touches(w.Site, e).List), func(t *site.Touch) bool { return t.Class != site.GuardedUse })
	derived := syntax.Has(e, func(id *ast.Ident) bool {
		v, ok := w.Info.Uses[id].(*types.Var)
		return ok && !v.IsField() && len(w.Derived[v]) > 0
	})
	return !derived && len(reads) > 0 && len(behaviour.FlagsIn(w.Site, e)) == 0 && !slices.ContainsFunc(reads, func(t *site.Touch) bool { return t.Via != nil || !reserves(w, ifs, t) })
}

// claimsState reports whether all that a test looks at is claimed before the window.
func claimsState(w *move.Window, test ast.Expr) bool {
	reads := behaviour.Touches(w.Site, test).List
	for _, t := range reads {
		if t.Class == site.GuardedUse && (t.Via != nil || !claimed(w, t.Access.Var) || !Status(w, t.Access.Var)) {
			return false
		}
	}
	return len(reads) > 0 && len(behaviour.FlagsIn(w.Site, test)) == 0
}

// allow reports whether what the section changes after the window only adds to what is
// there, or is of what it has claimed, taken out or looked up before.
func (t *tests) allow(w *move.Window) bool {
	for _, c := range w.PostTouches.List {
		v := c.Access.Var
		switch {
		case c.Class != site.GuardedUse || !c.Access.Kind.Changes():
		case c.Via != nil:
			return false
		case c.Access.Path.Root != nil && t.held[c.Access.Path.Root] && !t.looksAt(w, v):
		case w.InElement(c.Access) && !t.looksAt(w, v):
		case claimed(w, v), behaviour.NotesTime(w.Site, v):
		case w.TakesOut(v, nil, nil) && (w.UpdateKind(c) == move.Merge || w.UpdateKind(c) == move.Insert): // put back
		case t.looksAt(w, v) || addsReference(w, c) || takesOutByState(w, c, t.held):
			return false
		case w.UpdateKind(c) == move.Merge:
		case w.UpdateKind(c) == move.Insert && holdsNone(v.Type()):
		default:
			return false
		}
	}
	return true
}

// looksAt reports whether a state that is tested depends on a variable.
func (t *tests) looksAt(w *move.Window, v *types.Var) bool {
	of := func(u *site.Touch) bool { return u.Access.Var == v }
	return slices.ContainsFunc(t.states, func(cond ast.Expr) bool {
		if slices.ContainsFunc(behaviour.Touches(w.Site, cond).List, of) {
			return true
		}
		return slices.ContainsFunc(syntax.SortedVars(w.Derived), func(l *types.Var) bool {
			return syntax.Mentions(w.Info, cond, l) && slices.ContainsFunc(w.Derived[l], of)
		})
	})
}

// holdsNone reports whether a type is that of a map whose elements refer to nothing that
// would have to be ended.
func holdsNone(t types.Type) bool {
	m, ok := t.Underlying().(*types.Map)
	return ok && syntax.RefsOf(m.Elem(), 0) == syntax.NoRefs
}

// ask asks about each test according to its kind.
func (t *tests) ask(w *move.Window) {
	for _, cond := range t.claims {
		askClaimed(w, cond)
	}
	for _, cond := range t.spent {
		askSpent(w, cond)
	}
	if len(t.states) == 0 {
		return
	}
	if changes := behaviour.GuardedChanges(w.PostTouches); len(changes) > 0 {
		w.Assume(safety.S3, t.states[0].Pos(), "The state tested at %s can change before the call is over. Is it fine to change %s even then?", linesOf(w, t.states), syntax.JoinNames(site.TouchNames(changes)))
		return
	}
	askTested(w, t.states...)
}

// linesOf names the lines of tests.
func linesOf(w *move.Window, tests []ast.Expr) string {
	var lines []string
	for _, t := range tests {
		if l := w.Line(t.Pos()); !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	return site.JoinPlaces(lines)
}

// staysTrue reports whether a test by which the section returns cannot come to hold later:
// that a slice is too short, where others only make it longer.
//
//	if i < 0 || i >= len(s.items) {
//		return errRange
//	}
func staysTrue(w *move.Window, cond ast.Expr) bool {
	if len(behaviour.FlagsIn(w.Site, cond)) > 0 {
		return false
	}
	return !slices.ContainsFunc(alternatives(cond), func(e ast.Expr) bool {
		b, ok := e.(*ast.BinaryExpr)
		if !ok {
			return true
		}
		short, of := b.X, b.Y // short is the length, if the test is that it is at most of
		switch b.Op {
		case token.LSS, token.LEQ:
		case token.GTR, token.GEQ:
			short, of = b.Y, b.X
		case token.EQL:
			if v := w.Info.Types[b.Y].Value; v == nil || v.ExactString() != "0" {
				return true
			}
		default:
			return true
		}
		return w.DecidesOn(of) || w.DecidesOn(short) && !onlyGrows(w, short)
	})
}

// onlyGrows reports whether an expression is the length of a slice to which others only
// add.
func onlyGrows(w *move.Window, e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(w.Info, c) != "len" {
		return false
	}
	p, ok := patterns.PathOf(w.Info, c.Args[0])
	return ok && w.AppendOnly(p.Last())
}
