package move

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// NewWindow returns a window that is ready to be checked.
func NewWindow(s *site.Site, pre, window, post []ast.Stmt) *Window {
	w := &Window{Site: s, Pre: pre, Stmts: window, Post: post}
	w.PreTouches = behaviour.Touches(s, OnTheWay(s, pre)...)
	w.Touches = behaviour.Touches(s, syntax.StmtNodes(window)...)
	w.PostTouches = behaviour.Touches(s, syntax.StmtNodes(post)...)
	w.Derived = behaviour.Derived(s, pre)
	w.Flagged = behaviour.DerivedFromFlags(s, window)
	if s.Detach != nil {
		for _, st := range s.Detach.Stmts {
			w.PreTouches.Add(behaviour.Touches(s, st))
		}
	}
	return w
}

// TakeLift tells the window that its last statement is part of the first statement after it.
func (w *Window) TakeLift(l *extract.Lift) {
	if l == nil || l.Commit == nil {
		return
	}
	w.Lift = l
	w.PostTouches = l.Touches()
	w.PostTouches.Add(behaviour.Touches(w.Site, syntax.StmtNodes(w.Post[1:])...))
}

// UsedAfter reports whether a statement under the lock after the window uses a variable.
func (w *Window) UsedAfter(st ast.Stmt, v *types.Var) bool {
	if w.Lift != nil && st == w.Lift.Of {
		return w.Lift.Mentions(v)
	}
	return syntax.Mentions(w.Info, st, v)
}

// Proved records why a condition holds.
func (w *Window) Proved(c safety.Condition, format string, args ...any) {
	w.Recorded = append(w.Recorded, safety.Obligation{Condition: c, Status: safety.Proved, Text: fmt.Sprintf(format, args...)})
}

// Ask is like Assume, for a question about what that may be joined with others on the same
// topic.
func (w *Window) Ask(about safety.Topic, what string, c safety.Condition, pos token.Pos, format string, args ...any) {
	n := len(w.Recorded)
	w.Assume(c, pos, format, args...)
	if len(w.Recorded) > n {
		w.Recorded[n].About, w.Recorded[n].What = about, what
	}
}

// Assume records a question for a reviewer, unless it is already recorded.
func (w *Window) Assume(c safety.Condition, pos token.Pos, format string, args ...any) {
	if safety.IsBroken(c) {
		return
	}
	text := fmt.Sprintf(format, args...)
	for _, o := range w.Recorded {
		if o.Condition == c && o.Text == text {
			return
		}
	}
	w.Recorded = append(w.Recorded, safety.Obligation{Condition: c, Status: safety.Assumed, Text: text, Pos: pos})
}

// Has reports whether an obligation for the condition has been recorded.
func (w *Window) Has(c safety.Condition) bool {
	return slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool { return o.Answers(c) })
}

// AsksAbout reports whether a question for the condition names the line of a position.
func (w *Window) AsksAbout(c safety.Condition, pos token.Pos) bool {
	line := regexp.MustCompile(regexp.QuoteMeta(w.Line(pos)) + `\b`)
	return slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && o.Answers(c) && line.MatchString(o.Text)
	})
}

// DropPanicQuestion withdraws the question whether a panic may lose what was taken out, in favor
// of the question whether there can be a panic at all. It returns the conditions that the latter
// must answer as well.
func (w *Window) DropPanicQuestion() []safety.Condition {
	i := slices.IndexFunc(w.Recorded, func(o safety.Obligation) bool { return o.Status == safety.Assumed && o.About == safety.LostOnPanic })
	if i < 0 {
		return nil
	}
	w.Recorded = slices.Delete(w.Recorded, i, i+1)
	return []safety.Condition{safety.S17}
}

// Extracted reports whether the access moves before the window.
func (w *Window) Extracted(a *guards.Access) bool {
	for _, x := range w.Values {
		for _, u := range x.Uses {
			if u.Pos() <= a.Node.Pos() && a.Node.End() <= u.End() {
				return true
			}
		}
	}
	return false
}

// Obligations returns the obligations recorded so far.
func (w *Window) Obligations() []safety.Obligation { return w.Recorded }

// ProvedOnce is like Proved, but does nothing if something is already recorded for the
// condition.
func (w *Window) ProvedOnce(c safety.Condition, text string) {
	if !w.Has(c) {
		w.Proved(c, "%s", text)
	}
}

// Before lists the statements under the lock before the window, with those that a detachment moves
// there. A flag that is moved there by itself is asked about elsewhere.
func (w *Window) Before() []ast.Stmt {
	if w.Detach == nil || w.Detach.Back != "" {
		return w.Pre
	}
	return slices.Concat(w.Pre, w.Detach.Stmts)
}

// Contains reports whether the access is in this section.
func (w *Window) Contains(a *guards.Access) bool {
	return a.Unit == w.Unit && w.InBody(a.Node)
}

// OfOthers reports whether another section with the same lock may make an access during the
// window.
func (w *Window) OfOthers(a *guards.Access) bool {
	lock := w.Section.LockVar()
	return !w.Second.Covers(a) && !w.Contains(a) && (a.Under(lock) || a.MayBeUnder(lock) && !w.InBody(a.Node))
}

// On binds a check to this window, so that it can be put in a list with other checks.
func (w *Window) On(check func(*Window) *safety.Refusal) func() *safety.Refusal {
	return func() *safety.Refusal { return check(w) }
}

// Join adds the questions of another window of the same plan, and its proofs of conditions for
// which nothing is recorded here.
func (w *Window) Join(o *Window) {
	for _, ob := range o.Recorded {
		if ob.Status != safety.Assumed {
			w.ProvedOnce(ob.Condition, ob.Text)
			continue
		}
		w.Recorded = slices.DeleteFunc(w.Recorded, func(p safety.Obligation) bool { return p.Status == safety.Proved && ob.Answers(p.Condition) })
		if !slices.ContainsFunc(w.Recorded, func(p safety.Obligation) bool { return p.Condition == ob.Condition && p.Text == ob.Text }) {
			w.Recorded = append(w.Recorded, ob)
		}
	}
}

// OnTheWay lists what statements evaluate if control reaches their end. Branches that return
// without waiting are left out, also those of a loop:
//
//	for _, j := range s.jobs {
//		if j.id == id {
//			j.done = true
//			return nil
//		}
//	}
//	return http.Get(s.url) // no job is done
func OnTheWay(s *site.Site, list []ast.Stmt) []ast.Node {
	var out []ast.Node
	for _, st := range list {
		parts, ok := partsOnTheWay(s, st)
		if !ok {
			parts = []ast.Node{st}
		}
		out = append(out, parts...)
	}
	return out
}

// partsOnTheWay lists the parts of a statement for [OnTheWay]; ok is false if all of it counts.
func partsOnTheWay(s *site.Site, st ast.Stmt) (parts []ast.Node, ok bool) {
	var body *ast.BlockStmt
	switch st := st.(type) {
	case *ast.IfStmt:
		if st.Else != nil {
			return nil, false
		}
		if st.Init != nil {
			parts = append(parts, st.Init)
		}
		parts, body = append(parts, st.Cond), st.Body
	case *ast.RangeStmt:
		if st.Tok == token.ASSIGN || s.Unit.IteratorCall(st.X) != nil || syntax.IsChannel(s.Info.TypeOf(st.X)) {
			return nil, false
		}
		parts, body = []ast.Node{st.X}, st.Body
	default:
		return nil, false
	}
	if s.Waits(body) {
		return nil, false
	}
	if _, isIf := st.(*ast.IfStmt); isIf && syntax.ReturnsLast(body) {
		return parts, true
	}
	inner := OnTheWay(s, body.List)
	if slices.EqualFunc(inner, body.List, func(n ast.Node, st ast.Stmt) bool { return n == ast.Node(st) }) {
		return nil, false // nothing is left out
	}
	return append(parts, inner...), true
}

// Reassigned reports whether one of the statements itself assigns the variable a new value.
func Reassigned(s *site.Site, v *types.Var, list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return ok && (as.Tok == token.ASSIGN || as.Tok == token.DEFINE) && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
			id, ok := l.(*ast.Ident)
			return ok && syntax.VarOf(s.Info, id) == v
		})
	})
}
