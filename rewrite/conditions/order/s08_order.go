package order

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/overlap"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveOrder is S8: where somebody outside can tell the order of calls, two callers may
// now overtake each other.
func ProveOrder(w *move.Window) *safety.Refusal {
	if w.Second != nil {
		w.Proved(safety.S8, "the second lock keeps all calls in the order in which they change what %s guards", w.Section.Lock)
		return nil
	}
	op := Writer(w)
	if w.Section.Mode != patterns.Shared {
		askPassedOn(w)
		askStamped(w)
	}
	askHandedOn(w)
	switch {
	case op == nil && w.Has(safety.S8):
		return nil
	case op == nil:
		w.Proved(safety.S8, "the call only reads or waits, so nothing shows in which order calls were made")
		return nil
	}
	if r := provePassedOn(w); r != nil {
		return r
	}
	if r := provePointees(w); r != nil {
		return r
	}
	if w.Section.Mode == patterns.Shared { // callers already overtook each other, but with the same values
		if !w.Has(safety.S8) {
			w.Proved(safety.S8, "the read lock let calls overtake each other before, and they pass on nothing that changes")
		}
		return nil
	}
	if clones := w.Clones(); len(clones) > 0 {
		var names []string
		for _, x := range clones {
			names = append(names, x.Path.String())
		}
		w.Ask(safety.OwnCopies, strings.Join(names, " and "), safety.S8, clones[0].Uses[0].Pos(), OwnCopies, strings.Join(names, " and "))
	}
	if at := Clock(w); at != nil {
		w.Ask(safety.OwnTime, "", safety.S8, at.Pos(), "The time is read and passed on, and two callers can now overtake each other. Is either order fine for the receiver?")
	}
	changes := append(behaviour.GuardedChanges(w.PreTouches), behaviour.GuardedChanges(w.PostTouches)...)
	changes = slices.DeleteFunc(changes, func(t *site.Touch) bool {
		v := t.Access.Var // proveDetached asks about what is detached
		return w.Detached(v) || w.TakenFrom(v) || CountedOnly(w, v) || behaviour.NotesTime(w.Site, v) || putOnce(w, v) || w.SetAgain(v) || slices.Contains(w.Claimed, v) || slices.Contains(w.Lent, v) || (w.Alone || w.AtStart()) && w.SetLater(v) || chosenBy(w, v) || addsAfter(w, t) || CountsUp(w, t) || syntax.IsSlice(v.Type()) && w.InElement(t.Access) || w.OnlyMakesMap(t) || w.PassedOver(t.Access)
	})
	if len(changes) > 0 && !asksWhoseStays(w, changes) {
		w.Ask(safety.ChangesToo, syntax.JoinNames(site.TouchNames(changes)), safety.S8, changes[0].Access.Pos(), changesAndCalls, syntax.JoinNames(site.TouchNames(changes)))
	}
	if !w.Has(safety.S8) {
		w.Proved(safety.S8, "the section changes nothing that would show the order of calls")
	}
	return nil
}

// setByCall reports whether the section gives a variable only what an earlier call has returned:
// the lock did not decide about the order of that.
func setByCall(w *move.Window, g *types.Var) bool {
	sets := false
	for _, t := range behaviour.GuardedChanges(w.PreTouches) {
		if t.Access.Var != g {
			continue
		}
		as := assigns(w, t.Access.Node)
		if t.Via != nil || as == nil || len(as.Lhs) != 1 || len(as.Rhs) != 1 || !w.IsOutcome(as.Rhs[0]) {
			return false
		}
		sets = true
	}
	return sets
}

// assigns returns the plain assignment whose target a node is in, or nil.
func assigns(w *move.Window, n ast.Node) *ast.AssignStmt {
	for ; n != nil; n = w.Parents[n] {
		if as, ok := n.(*ast.AssignStmt); ok {
			if as.Tok != token.ASSIGN {
				return nil
			}
			return as
		}
	}
	return nil
}

// provePassedOn looks at the guarded values that the call passes on.
func provePassedOn(w *move.Window) *safety.Refusal {
	var passed []move.UsedValue
	for _, v := range w.GuardedValues() {
		if slices.ContainsFunc(v.From, w.Detached) {
			continue // proveDetached asks
		}
		if IsOnlyOperated(w, v) {
			continue // what is sent is something else
		}
		if v.Taken {
			w.Ask(safety.TakenOut, v.From[0].Name(), safety.S8, v.Pos, TakesAndPasses, v.From[0].Name())
			continue
		}
		if v.Copied || v.Of != nil && w.FromCopies(v.Of) {
			if w.Section.Mode != patterns.Shared || !isContent(w, v) {
				continue // of an exclusive lock asked below
			}
		}
		if v.Of != nil && (w.TookFirst(v.Of) || w.MadeOfTaken(v.Of) || takenPlain(w, v)) {
			w.Ask(safety.TakenOut, v.From[0].Name(), safety.S8, v.Pos, TakesAndPasses, v.From[0].Name())
			continue
		}
		if onlyTested(w, v) {
			continue // it decides whether something is sent: S3 asks about that
		}
		if onlyReturned(w, v) || onlyReported(w, v) {
			continue // whoever called gets it
		}
		container := w.HeldObject(v.Of)
		for _, g := range v.From {
			if container != nil && g != container {
				continue // a field of the object: what is passed on of it is judged as a value of its own
			}
			if !onlyChooses(w, g, v) && !setByCall(w, g) && slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool {
				return t.Access.Var == g && t.Access.Kind.Changes() && !(isEntry(w, t) && isLookedUp(w, v, g))
			}) {
				changed, sent := changedName(v, g), "it"
				if changed != v.Name {
					sent = syntax.Shortened(v.Name)
				}
				return safety.Refuse(safety.S8, "send-order", v.Pos, "the section changes %s and then sends %s: without the lock two callers can send theirs in the wrong order", changed, sent)
			}
		}
		if isConduit(w, v) {
			continue // S9 asks
		}
		passed = append(passed, v)
	}
	if len(passed) > 0 {
		var names []string
		for _, v := range passed {
			if name := syntax.Shortened(v.Name); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		w.Ask(safety.PassedOn, syntax.JoinNames(names), safety.S8, passed[0].Pos, PassesOnRead, syntax.JoinNames(names))
	}
	return nil
}

// changedName is how the code names what it sends, or the variable of which that is made.
func changedName(v move.UsedValue, g *types.Var) string {
	if strings.HasSuffix(v.Name, "."+g.Name()) {
		return v.Name
	}
	return g.Name()
}

// provePointees looks at copies of objects that the call gets: what the section has changed in the
// object must not be overtaken, and others may change it between two calls.
//
//	o.notes += text
//	order := *o
//	s.mu.Unlock()
//	save(&order)
func provePointees(w *move.Window) *safety.Refusal {
	for _, x := range w.Values {
		if !x.Pointee {
			continue
		}
		v := syntax.VarOf(w.Info, x.Uses[0].(*ast.Ident))
		object, _ := syntax.StructOf(v.Type().Underlying().(*types.Pointer).Elem())
		for _, t := range behaviour.GuardedChanges(w.PreTouches) {
			if t.Access.Path.Root == v || slices.Contains(slices.Collect(object.Fields()), t.Access.Var.Origin()) {
				return safety.Refuse(safety.S8, "send-order", t.Access.Pos(), "the section changes %s and then sends a copy of %s: without the lock two callers can send theirs in the wrong order", t.Name(), v.Name())
			}
		}
		w.Ask(safety.PassedOn, "copy of *"+v.Name(), safety.S8, x.Uses[0].Pos(), "The call gets a copy of *%s, and two callers can now overtake each other. Is either order fine for the receiver?", v.Name())
	}
	return nil
}

// OwnCopies is the question of S8 about callers that go through copies of one list.
const OwnCopies = "Two callers can now go through their copies of %s at the same time. Is it fine if what they send arrives mixed, or in different orders?"

// TakesAndPasses is the question of S8 about a call that passes on what the section has
// taken out.
const TakesAndPasses = "What is taken out of %s is passed on, and a later caller can now pass its part on first. Is either order fine?"

// asksWhoseStays reports whether a question of S4 asks whose value remains for everything
// that is changed, and notes that the question is about the order of calls, too.
func asksWhoseStays(w *move.Window, changes []*site.Touch) bool {
	set := func(t *site.Touch) bool {
		is := func(o *site.Touch) bool { return o.Access.Var == t.Access.Var }
		return slices.ContainsFunc(w.Later, is) || slices.ContainsFunc(w.Again, is) || slices.ContainsFunc(w.Older, func(c move.ChangedToo) bool { return is(c.Touch) })
	}
	i := slices.IndexFunc(w.Recorded, func(o safety.Obligation) bool { return o.Condition == safety.S4 && o.Status == safety.Assumed })
	if i < 0 || safety.IsBroken(safety.S8) || slices.ContainsFunc(changes, func(t *site.Touch) bool { return !set(t) }) {
		return false
	}
	w.Recorded[i].Also = []safety.Condition{safety.S8}
	return true
}

// changesAndCalls is the question of S8 about what a section changes.
const changesAndCalls = "The section changes %s and makes the call, and two callers can now do the two in different orders. Is that fine?"

// ChangesAndCallsOf is the question of S8 about changes to what is named.
func ChangesAndCallsOf(names string) string { return fmt.Sprintf(changesAndCalls, names) }

// DropQuestion withdraws a question, and reports whether it was asked.
func DropQuestion(w *move.Window, c safety.Condition, text string) bool {
	i := slices.IndexFunc(w.Recorded, func(o safety.Obligation) bool { return o.Condition == c && o.Text == text && len(o.Also) == 0 })
	if i < 0 {
		return false
	}
	w.Recorded = slices.Delete(w.Recorded, i, i+1)
	return true
}

// isContent reports whether a copy, or what comes from one, is itself passed on: it is no
// list that the window goes through, no key of one, and no object that is called.
func isContent(w *move.Window, v move.UsedValue) bool {
	if k := syntax.RefsOf(v.Typ, 0); k == syntax.ObjectRef || k == syntax.ChanRef {
		return false
	}
	ranged := func(u ast.Expr) bool { r, ok := w.Parents[u].(*ast.RangeStmt); return ok && (r.X == u || r.Key == u) }
	if v.Of == nil {
		return !slices.ContainsFunc(w.Clones(), func(x extract.Extraction) bool {
			return x.Uses[0].Pos() == v.Pos && !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return !ranged(u) })
		})
	}
	return !slices.ContainsFunc(w.Stmts, func(st ast.Stmt) bool {
		return syntax.Has(st, func(id *ast.Ident) bool { return w.Info.Defs[id] == types.Object(v.Of) && ranged(id) })
	})
}

// onlyTested reports whether the window uses a value in conditions only: it decides
// whether a call is made, and is not passed on.
func onlyTested(w *move.Window, v move.UsedValue) bool {
	return w.UsedOnly(v, func(n ast.Node) bool {
		for p := w.Parents[n]; p != nil; n, p = p, w.Parents[p] {
			switch p := p.(type) {
			case *ast.IfStmt:
				return n == p.Cond
			case *ast.ForStmt:
				return n == p.Cond
			case *ast.CallExpr, ast.Stmt:
				return false
			}
		}
		return false
	})
}

// onlyReturned reports whether the window does nothing with a value but return it.
func onlyReturned(w *move.Window, v move.UsedValue) bool {
	return w.UsedOnly(v, func(n ast.Node) bool { return syntax.OnlyReturned(w.Parents, n) })
}

// onlyReported reports whether a value is an error that is not passed to any wait.
func onlyReported(w *move.Window, v move.UsedValue) bool {
	return v.Of != nil && patterns.IsError(v.Typ) && !slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return syntax.Mentions(w.Info, o.Node, v.Of) })
}

// isLookedUp reports whether a value comes from entries of a map, and not from the map as a whole,
// like the text of all entries.
func isLookedUp(w *move.Window, v move.UsedValue, g *types.Var) bool {
	return v.Of == nil || !slices.ContainsFunc(w.Derived[v.Of], func(t *site.Touch) bool { return t.Access.Var == g && w.Indexed(t.Access) == nil })
}

// isEntry reports whether a change of a map sets an entry to a plain value other than a
// number or time: entries of different keys have no order to keep.
func isEntry(w *move.Window, t *site.Touch) bool {
	m, ok := t.Access.Var.Type().Underlying().(*types.Map)
	if !ok || t.Via != nil || syntax.IsOrdered(m.Elem()) || syntax.RefsOf(m.Elem(), 0) != syntax.NoRefs {
		return false
	}
	for n := w.Parents[t.Access.Node]; n != nil; n = w.Parents[n] {
		switch p := n.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.ParenExpr:
			continue
		case *ast.AssignStmt:
			return p.Tok == token.ASSIGN && slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool {
				ix, ok := ast.Unparen(l).(*ast.IndexExpr)
				return ok && syntax.Within(t.Access.Node, ix.X)
			})
		}
		break
	}
	return false
}

// IsOnlyOperated reports whether a value is a channel that the window only sends on or
// receives from.
func IsOnlyOperated(w *move.Window, v move.UsedValue) bool {
	if !syntax.IsChannel(v.Typ) {
		return false
	}
	for _, e := range extract.SelectionsRun(w.Site, w.Stmts) {
		if types.ExprString(e) != v.Name {
			continue
		}
		switch p := w.Parents[e].(type) {
		case *ast.SendStmt:
			if p.Chan == e {
				continue
			}
		case *ast.UnaryExpr:
			if p.Op == token.ARROW {
				continue
			}
		}
		return false
	}
	return true
}

// isConduit reports whether the window only calls blocking operations on a value that are
// safe for concurrent use, like those of a connection: the data goes through the value, and
// is something else.
func isConduit(w *move.Window, v move.UsedValue) bool {
	found, only := false, true
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok || types.ExprString(e) != v.Name {
				return true
			}
			found = true
			only = only && receives(w, e)
			return false
		})
	}
	return found && only
}

// receives reports whether an expression is the receiver of a blocking operation in the
// function itself, or contains the receiver, and the operation is safe for concurrent use.
func receives(w *move.Window, e ast.Node) bool {
	for {
		sel, ok := w.Parents[e].(*ast.SelectorExpr)
		if !ok || sel.X != e {
			break
		}
		e = sel
	}
	c, ok := w.Parents[e].(*ast.CallExpr)
	return ok && c.Fun == e && slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool {
		return o.Node == ast.Node(c) && len(o.Path) == 0 && o.Safety == "safe"
	})
}

// askPassedOn asks about calls of the window, besides those that wait, that have an effect
// and get a value which the section has just changed: the number of a message that goes
// into a queue, say. What is only read under the lock counts if the call is made for its
// effect alone: the last call then need not have the last value.
func askPassedOn(w *move.Window) {
	drawn := Drawn(w)
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			if answersOwn(w, c) || w.Sleeps(c) {
				return // nothing orders the responses of two requests, or gets a duration
			}
			if isOp(w, c) {
				askNumbered(w, c, drawn)
				return
			}
			if w.Logs(c) || behaviour.OnlyArranges(w.Site, w.Unit, c) || !behaviour.Effectful(w.Site, w.Unit, c) {
				return
			}
			for _, a := range c.Args {
				if t := madeFrom(w, a); t != nil {
					w.Assume(safety.S8, a.Pos(), "The section changes %s and then passes it to %s, and two callers can now overtake each other. Is either order fine for the receiver?", t.Name(), syntax.CallName(c))
				} else if v := readFrom(w, a); v != nil && forEffect(w, c) {
					w.Assume(safety.S8, a.Pos(), "What %s gets comes from %s, read under the lock, and two callers can now overtake each other. Is either order fine for the receiver?", syntax.CallName(c), v.Name())
				}
			}
		})
	}
}

// answersOwn reports whether a call goes to the response of the request that is being answered.
func answersOwn(w *move.Window, c *ast.CallExpr) bool {
	return overlap.AnswersRequest(w, c) || slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool {
		return o.Node == ast.Node(c) && o.Own && overlap.OwnRequest(w, o)
	})
}

// askNumbered asks about a call that waits and gets a number that the section has just
// incremented. The order may matter even if the call only reads: the number may be meant
// for whoever answers.
func askNumbered(w *move.Window, c *ast.CallExpr, drawn map[*types.Var]token.Pos) {
	for _, a := range c.Args {
		if at := drawnIn(w, a, drawn); at.IsValid() {
			w.Assume(safety.S8, a.Pos(), "A number is drawn at %s and sent by %s. Is it fine if a newer one arrives before an older one?", w.Line(at), syntax.CallName(c))
			break
		}
		for _, e := range madeOf(w, a, nil) {
			if t := madeFrom(w, e); t != nil && syntax.IsOrdered(t.Access.Var.Type()) && itself(w, e, t.Access.Var) {
				w.Assume(safety.S8, a.Pos(), "%s is changed at %s and then sent by %s. Is it fine if a newer value arrives before an older one?", t.Name(), w.Line(t.Access.Pos()), syntax.CallName(c))
				break
			}
		}
	}
}

// drawnIn returns where a number was drawn that an expression mentions, or draws itself, or
// no position. [Clock] covers times.
func drawnIn(w *move.Window, e ast.Expr, drawn map[*types.Var]token.Pos) token.Pos {
	isNumber := func(t types.Type) bool {
		b, ok := t.Underlying().(*types.Basic)
		return ok && b.Info()&types.IsInteger != 0
	}
	at := token.NoPos
	syntax.InspectOuter(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v := syntax.VarOf(w.Info, n)
			if pos, ok := drawn[v]; ok && v != nil && isNumber(v.Type()) {
				at = pos
			}
		case *ast.CallExpr:
			if t := w.Info.TypeOf(n); t != nil && isNumber(t) && draws(w, n) {
				at = n.Pos()
			}
		}
		return !at.IsValid()
	})
	return at
}

// deadlines are the methods that get a time only to limit a wait.
var deadlines = []string{"SetDeadline", "SetReadDeadline", "SetWriteDeadline"}

// Clock returns a call in the section, before or in the window, that reads the clock,
// or nil.
func Clock(w *move.Window) ast.Node {
	var found ast.Node
	for _, st := range append(slices.Clone(w.Pre), w.Stmts...) {
		ast.Inspect(st, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && found == nil {
				fn := patterns.CalleeOf(w.Info, c)
				if fn != nil && slices.Contains(deadlines, fn.Name()) {
					return false // of this very call
				}
				if fn != nil && fn.FullName() == "time.Now" {
					found = c
				}
			}
			return found == nil
		})
	}
	return found
}

// Writer returns the first operation that changes something outside the process, or nil.
func Writer(w *move.Window) *waits.Op {
	for _, o := range w.Freed() {
		if !overlap.OwnRequest(w, o) && (o.Effect == "write" || o.Weak != "") && !overlap.ClosesOwn(w, o) {
			return o
		}
	}
	return nil
}
