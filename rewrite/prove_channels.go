package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// askSends asks about channels that functions called in the window send on and
// that are closed somewhere: S7. The lock may have kept the two apart, if only
// because whoever closes the channel takes it out of a guarded map before.
func (w *Window) askSends() {
	seen := make(map[*patterns.Unit]bool)
	for _, st := range w.Stmts {
		w.eachSend(w.Unit, st, seen, func(call *ast.CallExpr, u *patterns.Unit, send *ast.SendStmt) {
			p, ok := patterns.PathOf(u.Pkg.Info, send.Chan)
			if !ok || !p.Last().IsField() && !p.Global() {
				return
			}
			if at := w.closeOf(u, send, p.Last()); at != nil {
				w.assume(S7, call.Pos(), "%s sends on %s, which is closed at %s. Is it certain that this does not happen before the send?", u.Name(), types.ExprString(send.Chan), w.line(at.Pos()))
			}
		})
	}
}

// proveClosed refuses a window in which a called function closes a channel that it
// reads from a variable which other sections of the lock assign: it may close
// the next one.
func (w *Window) proveClosed(t *touch) *Refusal {
	v := t.access.Var
	if t.via == nil || w.detached(v) {
		return nil
	}
	other := w.Program.SharingOf(w.packageOf(v), v).Changed(func(a *patterns.Access) bool {
		return !w.contains(a) && a.Under(w.Section.LockVar())
	})
	if other == nil {
		return nil
	}
	return Refuse(S7, "closes-new-channel", t.access.Pos(), "%s closes %s, which is replaced at %s: without %s it may close the new channel", t.via.Name(), v.Name(), w.line(other.Pos()), w.Section.Lock)
}

// eachSend calls f with every send in the functions that a node of the unit
// calls, with the call of the node that leads to it. Sends of goroutines that
// are started there are left out: no lock was held for them before either.
func (w *Window) eachSend(from *patterns.Unit, n ast.Node, seen map[*patterns.Unit]bool, f func(*ast.CallExpr, *patterns.Unit, *ast.SendStmt)) {
	eachSynchronousCall(n, func(c *ast.CallExpr) {
		callees, _ := w.Program.Callees(from, c)
		for _, u := range callees {
			if seen[u] || len(seen) > maxUnits || u.Body == nil || synchronises(u.Pkg.Path) {
				continue
			}
			seen[u] = true
			inspectOuter(u.Body, func(m ast.Node) bool {
				if send, ok := m.(*ast.SendStmt); ok {
					f(c, u, send)
				}
				return true
			})
			w.eachSend(u, u.Body, seen, func(_ *ast.CallExpr, v *patterns.Unit, send *ast.SendStmt) { f(c, v, send) })
		}
	})
}

// eachSynchronousCall calls f with the calls in a node, other than those of go
// statements and of function literals.
func eachSynchronousCall(n ast.Node, f func(*ast.CallExpr)) {
	inspectOuter(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.GoStmt:
			return false
		case *ast.CallExpr:
			f(m)
		}
		return true
	})
}

// closeOf returns a close of the channel that a function sends on, unless both
// are done under another lock than the section's.
func (w *Window) closeOf(u *patterns.Unit, send *ast.SendStmt, v *types.Var) *ast.CallExpr {
	held := w.heldAt(u, v, send.Chan)
	for _, c := range w.Program.ChannelCloses(u.Pkg) {
		p, ok := patterns.PathOf(c.Unit.Pkg.Info, c.Call.Args[0])
		if !ok || p.Last() != v || c.Unit == w.Unit && w.inBody(c.Call) {
			continue
		}
		if !slices.ContainsFunc(w.heldAt(c.Unit, v, c.Call.Args[0]), func(l *types.Var) bool { return slices.Contains(held, l) }) {
			return c.Call
		}
	}
	return nil
}

// heldAt lists the locks, other than the section's, that are held where a unit
// uses the variable.
func (w *Window) heldAt(u *patterns.Unit, v *types.Var, at ast.Node) []*types.Var {
	for _, a := range w.Program.OwnAccesses(u) {
		if a.Var == v && within(a.Node, at) {
			return slices.DeleteFunc(slices.Clone(a.Held), func(l *types.Var) bool { return l == w.Section.LockVar() })
		}
	}
	return nil
}

// sameChannel reports whether two fields of the package hold the same channel
// somewhere: one is given the value of the other.
func (w *Window) sameChannel(a, b *types.Var) bool {
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
