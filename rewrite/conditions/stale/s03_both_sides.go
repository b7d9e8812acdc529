package stale

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/lost"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askReadTwice asks about guarded state that the section reads before the window and again
// after it, and that no question of S3 mentions yet:
//
//	s.log = append(s.log, s.n)
//	http.Get(u)
//	s.log = append(s.log, s.n)
//
// Under one lock both read the same.
func askReadTwice(w *move.Window) {
	before, _ := sides{before: w, after: w, first: w.PreTouches, then: w.PostTouches}.used(guards.Read)
	before = slices.DeleteFunc(before, func(t *site.Touch) bool { return isNamed(w, t) })
	if len(before) > 0 {
		w.Assume(safety.S3, before[0].Access.Pos(), readTwice, syntax.JoinNames(site.TouchNames(before)))
	}
	for _, x := range w.Values {
		if v := readAfter(w, x); v != nil && !namesVar(w, v) {
			w.Assume(safety.S3, x.Uses[0].Pos(), "%s is read for the call and again after it. Is it fine if the two values come from different updates?", readAs(w, x, v))
		}
		if v := readBefore(w, x); v != nil && !namesVar(w, v) {
			w.Assume(safety.S3, x.Uses[0].Pos(), readTwice, readAs(w, x, v))
		}
	}
}

// readAs spells a variable that an extracted value comes from: the value itself, unless that is
// computed from more than the variable.
func readAs(w *move.Window, x extract.Extraction, v *types.Var) string {
	if !x.Operand {
		return x.String()
	}
	for _, t := range w.PostTouches.List {
		if t.Access.Var == v && t.Via == nil {
			return t.Name()
		}
	}
	return v.Name()
}

// readAfter returns a variable that an extracted value comes from and that is read
// after the window, if only for the next one; or nil.
func readAfter(w *move.Window, x extract.Extraction) *types.Var {
	for _, v := range x.Sources() {
		again := slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool {
			return t.Access.Var == v && t.Class == site.GuardedUse && t.Access.Kind == guards.Read && !t.Access.Alias && !updatesItself(w, t.Access) && !w.Extracted(t.Access)
		}) || slices.ContainsFunc(w.Values, func(y extract.Extraction) bool {
			return y.Before != x.Before && y.Uses[0].Pos() > x.Uses[0].Pos() && y.Reads(v)
		})
		if again && !w.SetAgain(v) && !w.TestsAgain(v) {
			return v
		}
	}
	return nil
}

// readBefore returns a variable that a value comes from which is extracted for a later wait, and
// that is also read before the first; or nil.
//
//	s.hits[s.user]++
//	keys := s.db.Keys() // the first wait
//	...
//	s.db.Get(s.user) // a later one
func readBefore(w *move.Window, x extract.Extraction) *types.Var {
	if x.Before == nil || x.Before.Pos() <= w.Freed()[0].Pos() {
		return nil
	}
	for _, v := range x.Sources() {
		read := slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool {
			return t.Access.Var == v && t.Class == site.GuardedUse && t.Access.Kind == guards.Read && !t.Access.Alias && !updatesItself(w, t.Access)
		})
		if read && !w.SetAgain(v) && !w.TestsAgain(v) {
			return v
		}
	}
	return nil
}

const readTwice = "%s is read before the call and again after it. Is it fine if the two values come from different updates?"

// proveChangedMeanwhile asks about guarded state that the section changes before the
// window and reads again after it: others may have changed it by then.
//
//	s.left--
//	http.Get(u)
//	if s.left == 0 { s.finish() }
func proveChangedMeanwhile(w *move.Window) *safety.Refusal {
	before, after := sides{before: w, after: w, first: w.PreTouches, then: w.PostTouches}.used(guards.Write, guards.Content, guards.Escape)
	for i, t := range before {
		if r := proveUsable(w, t, after[i]); r != nil {
			return r
		}
		if !isNamed(w, t) {
			askUsedAgain(w, t, w.Line(after[i].Access.Pos()))
		}
	}
	return nil
}

func askUsedAgain(w *move.Window, t *site.Touch, line string) {
	w.Ask(safety.UsedAgain, t.Name(), safety.S3, t.Access.Pos(), "%s is changed before the call and used again at %s. Is that right if others change it in between?", t.Name(), line)
}

// ProveAcross does for a function with a window and its caller what [ProveStale] does
// for one function: what one of them touches before the wait, the other may use after
// it. It records the questions with the caller's window, and Via of what the function
// touches names the function.
func ProveAcross(callee, caller *move.Window, inside, outside *site.Touches) *safety.Refusal {
	for _, t := range caller.PostTouches.List {
		if r := lost.RefuseCounted(callee, caller, t); t.Access.Kind.Changes() && r != nil {
			return r
		}
	}
	for _, x := range callee.Values {
		if t := usedAfter(x, caller, caller.PostTouches); t != nil {
			caller.Assume(safety.S3, x.Uses[0].Pos(), "%s is read for the call and %s after it. Is that right if others change it in between?", x, howUsed(t))
		}
	}
	for _, s := range []sides{
		{before: callee, after: caller, first: inside, then: caller.PostTouches},
		{before: caller, after: callee, first: caller.PreTouches, then: outside},
	} {
		twice, _ := s.used(guards.Read)
		for _, t := range twice {
			if !isNamed(caller, t) {
				caller.Assume(safety.S3, t.Access.Pos(), readTwice, t.Name())
			}
		}
		for _, t := range s.torn() {
			if !isNamed(caller, t) {
				caller.Assume(safety.S3, t.Access.Pos(), "%s is read before the call and changed after it. Is it fine if another caller reads the same value meanwhile?", t.Name())
			}
		}
		changed, again := s.used(guards.Write, guards.Content, guards.Escape)
		for i, t := range changed {
			if r := proveUsable(s.after, t, again[i]); r != nil {
				return r
			}
			if !isNamed(caller, t) {
				askUsedAgain(caller, t, s.after.Line(again[i].Access.Pos()))
			}
		}
	}
	return nil
}

// usedAfter returns a touch after a window of a variable that an extracted value comes from
// and that no question of S3 mentions yet, preferring a change to a read. It returns nil if
// there is none.
func usedAfter(x extract.Extraction, w *move.Window, after *site.Touches) *site.Touch {
	var found *site.Touch
	for _, t := range after.List {
		v := t.Access.Var
		switch {
		case t.Class != site.GuardedUse || !x.Reads(v) || w.SetAgain(v) || w.TestsAgain(v) || isNamed(w, t):
		case t.Access.Kind.Changes():
			return t
		case found == nil && !updatesItself(w, t.Access):
			found = t
		}
	}
	return found
}

func howUsed(t *site.Touch) string {
	if t.Access.Kind.Changes() {
		return "changed"
	}
	return "again"
}

// sides is what is touched before a window and after it, and by which functions.
type sides struct {
	before, after *move.Window
	first, then   *site.Touches
}

// used lists the touches of the given kinds before the window of which the state is
// read after it, too, each variable once, and that read of each. A read that only
// serves a change of the same variable goes on from any value, and one in the next
// iteration of a loop is the same one again, unless something is changed through it: the
// iterations may then change different objects.
func (s sides) used(kinds ...guards.AccessKind) (before, after []*site.Touch) {
	return s.pairs(kinds, func(t, u *site.Touch) bool {
		return u.Access.Kind == guards.Read && (u.Access.Node != t.Access.Node || countsThrough(s.after, u.Access)) && !updatesItself(s.after, u.Access) && !ofTaken(s.after, u.Access)
	})
}

// ofTaken reports whether an access reads what the section has taken out of the variable.
func ofTaken(w *move.Window, a *guards.Access) bool {
	id, ok := syntax.RootIdent(a.Node)
	return ok && a.Alias && w.Taken(syntax.VarOf(w.Info, id))
}

// torn lists what is read before the window and changed after it, as [askTorn] does for
// one function, each variable once. What is put back after it goes in front of what has
// come meanwhile.
func (s sides) torn() []*site.Touch {
	before, _ := s.pairs([]guards.AccessKind{guards.Read}, func(t, u *site.Touch) bool {
		return u.Access.Kind.Changes() && !s.after.Detached(t.Access.Var) && !s.after.TakenFrom(t.Access.Var)
	})
	return before
}

// pairs lists the touches of the given kinds before the window to which one after it of
// the same variable belongs, each variable once, and the first of these of each.
func (s sides) pairs(kinds []guards.AccessKind, belongs func(t, u *site.Touch) bool) (before, after []*site.Touch) {
	seen := make(map[*types.Var]bool)
	setAgain := func(v *types.Var) bool { // by the function that comes later, not by its caller after it
		return s.before.SetAgain(v) && slices.ContainsFunc(s.then.List, func(u *site.Touch) bool { return u.Access.Var == v && u.Access.Kind.Changes() })
	}
	for _, t := range s.first.List {
		v := t.Access.Var
		if t.Class != site.GuardedUse || !slices.Contains(kinds, t.Access.Kind) || seen[v] || setAgain(v) || s.before.OfEarlierRound(t) || s.testsAgain(t) {
			continue
		}
		if t.Access.Kind == guards.Read && updatesItself(s.before, t.Access) {
			continue
		}
		i := slices.IndexFunc(s.then.List, func(u *site.Touch) bool { return u.Access.Var == v && u.Class == site.GuardedUse && belongs(t, u) })
		if i >= 0 {
			seen[v] = true
			before, after = append(before, t), append(after, s.then.List[i])
		}
	}
	return before, after
}

// testsAgain reports whether a read is repeated after the window, or a changed variable
// tested again there.
func (s sides) testsAgain(t *site.Touch) bool {
	if t.Access.Kind == guards.Read && t.Via == nil {
		return s.before.Repeats(t.Access)
	}
	return s.before.TestsAgain(t.Access.Var)
}

// updatesItself reports whether a read only serves a change of the same variable:
// x++, x += y, x = append(x, y), x = append(y, x...).
func updatesItself(w *move.Window, a *guards.Access) bool {
	if _, counts := behaviour.CountOf(a); counts {
		return !countsThrough(w, a)
	}
	n := selectedOf(w, a.Node)
	call, ok := w.Parents[n].(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(w.Info, call) != "append" || call.Args[0] != n && !(call.Ellipsis.IsValid() && call.Args[len(call.Args)-1] == n) {
		return false
	}
	as, ok := w.Parents[call].(*ast.AssignStmt)
	return ok && len(as.Lhs) == 1 && types.ExprString(as.Lhs[0]) == types.ExprString(n)
}

// countsThrough reports whether an access reads a pointer to count in the object that it
// points to, as in s.cur.hits++: which object that is depends on when it is read.
func countsThrough(w *move.Window, a *guards.Access) bool {
	if a.Kind != guards.Read || !patterns.IsPointer(a.Var.Type()) || selectedOf(w, a.Node) == a.Node {
		return false
	}
	_, counts := behaviour.CountOf(a)
	return counts
}

// selectedOf returns the whole of what is selected from an expression: s.a[k].b of s.
func selectedOf(w *move.Window, e ast.Expr) ast.Expr {
	for {
		switch p := w.Parents[e].(type) {
		case *ast.SelectorExpr:
			e = p
			continue
		case *ast.IndexExpr:
			if p.X == e {
				e = p
				continue
			}
		}
		return e
	}
}

// isNamed reports whether a question of S3 mentions a touched variable, by its name or by
// the line of a test that reads it.
func isNamed(w *move.Window, t *site.Touch) bool {
	return w.AsksAbout(safety.S3, t.Access.Pos()) || namesVar(w, t.Access.Var)
}

// namesVar reports whether a question of S3 contains the name of a variable.
func namesVar(w *move.Window, v *types.Var) bool {
	name := regexp.MustCompile(`\b` + regexp.QuoteMeta(v.Name()) + `\b`)
	return slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.Status == safety.Assumed && o.Answers(safety.S3) && name.MatchString(o.Text)
	})
}
