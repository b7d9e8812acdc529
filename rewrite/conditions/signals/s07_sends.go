package signals

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

// ProveSends looks at channels that functions called in the window send on and that are
// closed somewhere: S7. Where whoever closes the channel takes the lock before, to set a
// flag or to take the channel out of a map, the lock has kept the two apart, and the send
// could now come after the close. Otherwise it asks.
func ProveSends(w *move.Window) *safety.Refusal {
	var refusal *safety.Refusal
	seen := make(map[*patterns.Unit]bool)
	for _, st := range w.Stmts {
		EachSend(w, w.Unit, st, seen, func(call *ast.CallExpr, u *patterns.Unit, send *ast.SendStmt) {
			p, ok := patterns.PathOf(u.Pkg.Info, send.Chan)
			if !ok || !p.Last().IsField() && !p.Global() {
				return
			}
			c := closeOf(w, u, send, p.Last())
			switch ch := types.ExprString(send.Chan); {
			case c == nil || refusal != nil:
			case askAllEnded(w, call.Pos(), send, p.Last(), c.Call.Pos()):
			case locksBefore(w, c.Unit, c.Call.Pos()):
				refusal = safety.Refuse(safety.S7, "send-on-closed", call.Pos(), "%s sends on %s, which is closed at %s after %s was taken there: the send could now come after that, and panic", u.Name(), ch, w.Line(c.Call.Pos()), w.Section.Lock)
			default:
				w.Assume(safety.S7, call.Pos(), "%s sends on %s, which is closed at %s. Is it certain that this does not happen before the send?", u.Name(), ch, w.Line(c.Call.Pos()))
			}
		})
	}
	return refusal
}

// askAllEnded asks whether a channel is closed only once nobody sends on it any more, if the
// package sends on it elsewhere without the section's lock and does not close it under
// the lock. The lock then hardly keeps the sends and the close apart: something else must.
func askAllEnded(w *move.Window, at token.Pos, send *ast.SendStmt, v *types.Var, closed token.Pos) bool {
	other := sendWithout(w, v, send)
	if other == nil || slices.ContainsFunc(guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses, func(a *guards.Access) bool {
		return a.Kind == guards.Close && a.MayBeUnder(w.Section.LockVar()) || a.Kind == guards.Write && !a.Fresh
	}) {
		return false
	}
	w.Assume(safety.S7, at, "%s is closed at %s, and %s sends on it without %s as well. Is it certain that nobody sends any more by then?", types.ExprString(send.Chan), w.Line(closed), w.Line(other.Pos()), w.Section.Lock)
	return true
}

// AskAllEnded is askAllEnded for a send in the window itself.
func AskAllEnded(w *move.Window, send *ast.SendStmt, closed token.Pos) bool {
	p, ok := patterns.PathOf(w.Info, send.Chan)
	return ok && (p.Last().IsField() || p.Global()) && askAllEnded(w, send.Pos(), send, p.Last(), closed)
}

// sendWithout returns another send on the channel in a variable, made without the section's
// lock, or nil.
func sendWithout(w *move.Window, v *types.Var, but *ast.SendStmt) *ast.SendStmt {
	lock := w.Section.LockVar()
	var found *ast.SendStmt
	for _, u := range w.Program.UnitsIn(w.PackageOf(v)) {
		if u.Body == nil || found != nil {
			continue
		}
		syntax.InspectOuter(u.Body, func(n ast.Node) bool {
			send, ok := n.(*ast.SendStmt)
			if ok && found == nil && send != but && slices.ContainsFunc(guards.OwnAccesses(w.Program, u), func(a *guards.Access) bool {
				return a.Var == v && syntax.Within(a.Node, send.Chan) && !a.Fresh && !a.MayBeUnder(lock) && !w.Contains(a)
			}) {
				found = send
			}
			return found == nil
		})
	}
	return found
}

// locksBefore reports whether the section's lock is taken before a place of a function:
// in it, in a function that it calls, or where it is called.
func locksBefore(w *move.Window, u *patterns.Unit, at token.Pos) bool {
	u = patterns.TopOf(u)
	if takesBefore(w, u, at) {
		return true
	}
	callers, _ := guards.CallersOf(w.Program, u)
	return slices.ContainsFunc(callers, func(c guards.Caller) bool { return takesBefore(w, c.Unit, c.Call.Pos()) })
}

// takesBefore reports whether a function takes the section's lock before a place in it,
// itself or in a function that it calls.
func takesBefore(w *move.Window, u *patterns.Unit, at token.Pos) bool {
	lock := w.Section.LockVar()
	takes := func(u *patterns.Unit, c *ast.CallExpr) bool {
		op, ok := patterns.LockCall(u.Pkg.Info, c)
		return ok && lock != nil && op.Path.Last() != nil && op.Path.Last().Origin() == lock.Origin()
	}
	seen := make(map[*patterns.Unit]bool)
	work := []*patterns.Unit{u}
	for _, v := range w.Program.UnitsIn(u.Pkg) { // the literals in it
		if v.Outer != nil && v.Body != nil && syntax.Within(v.Body, u.Body) {
			work = append(work, v)
		}
	}
	for first := len(work); len(work) > 0; work, first = work[1:], first-1 {
		v := work[0]
		if seen[v] || len(seen) > behaviour.MaxUnits {
			continue
		}
		seen[v] = true
		for _, c := range v.Calls() {
			if first > 0 && c.Pos() >= at {
				continue
			}
			if takes(v, c) {
				return true
			}
			callees, _ := behaviour.CalleesOf(w.Site, v, c)
			work = append(work, callees...)
		}
	}
	return false
}

// ProveClosed refuses a window in which a called function closes a channel that it
// reads from a variable which other sections of the lock assign: it may close the next
// channel.
func ProveClosed(w *move.Window, t *site.Touch) *safety.Refusal {
	v := t.Access.Var
	if t.Via == nil || w.Detached(v) {
		return nil
	}
	other := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(w.OfOthers)
	if other == nil {
		return nil
	}
	return safety.Refuse(safety.S7, "closes-new-channel", t.Access.Pos(), "%s closes %s, which is replaced at %s: without %s it may close the new channel", t.Via.Name(), v.Name(), w.Line(other.Pos()), w.Section.Lock)
}

// EachSend calls f with every send in the functions that a node of the unit calls, with
// the call in the node that leads to it. It leaves out sends in goroutines started
// there: they did not run under the lock before either.
func EachSend(w *move.Window, from *patterns.Unit, n ast.Node, seen map[*patterns.Unit]bool, f func(*ast.CallExpr, *patterns.Unit, *ast.SendStmt)) {
	syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
		callees, _ := behaviour.CalleesOf(w.Site, from, c)
		for _, u := range callees {
			if seen[u] || len(seen) > behaviour.MaxUnits || u.Body == nil || !behaviour.Follows(w.Site, u) {
				continue
			}
			seen[u] = true
			syntax.InspectOuter(u.Body, func(m ast.Node) bool {
				if send, ok := m.(*ast.SendStmt); ok {
					f(c, u, send)
				}
				return true
			})
			EachSend(w, u, u.Body, seen, func(_ *ast.CallExpr, v *patterns.Unit, send *ast.SendStmt) { f(c, v, send) })
		}
	})
}

// closeOf returns a close of the channel that a function sends on, unless both
// are done under another lock than the section's.
func closeOf(w *move.Window, u *patterns.Unit, send *ast.SendStmt, v *types.Var) *patterns.Call {
	held := heldAt(w, u, v, send.Chan)
	for _, c := range guards.ChannelCloses(w.Program, u.Pkg) {
		p, ok := patterns.PathOf(c.Unit.Pkg.Info, c.Call.Args[0])
		if !ok || p.Last() != v || c.Unit == w.Unit && w.InBody(c.Call) {
			continue
		}
		if !slices.ContainsFunc(heldAt(w, c.Unit, v, c.Call.Args[0]), func(l *types.Var) bool { return slices.Contains(held, l) }) {
			return &c
		}
	}
	return nil
}

// heldAt lists the locks, other than the section's, that are held where a unit
// uses the variable.
func heldAt(w *move.Window, u *patterns.Unit, v *types.Var, at ast.Node) []*types.Var {
	for _, a := range guards.OwnAccesses(w.Program, u) {
		if a.Var == v && syntax.Within(a.Node, at) {
			return slices.DeleteFunc(slices.Clone(a.Held), func(l *types.Var) bool { return l == w.Section.LockVar() })
		}
	}
	return nil
}

// SameChannel reports whether two fields of the package hold the same channel
// somewhere: one is assigned the value of the other.
func SameChannel(w *move.Window, a, b *types.Var) bool {
	is := func(lhs, rhs *types.Var) bool { return lhs == a && rhs == b || lhs == b && rhs == a }
	last := func(e ast.Expr) *types.Var {
		if p, ok := patterns.PathOf(w.Info, e); ok {
			return p.Last()
		}
		return nil
	}
	found := false
	for _, f := range w.Pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok {
					v, _ := w.Info.Uses[id].(*types.Var)
					found = found || v != nil && is(v, last(n.Value))
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) {
						found = found || is(last(l), last(n.Rhs[i]))
					}
				}
			}
			return !found
		})
	}
	return found
}
