package signals

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// AskAnnounced is the part of S10 about a section that starts or tells another
// goroutine, waits, and only then makes its change:
//
//	go b.announce()
//	resp, err := http.Get(b.url)
//	b.codes = append(b.codes, resp.StatusCode)
//
// While the lock was held, that goroutine got the lock when all of this was done. If
// the lock is released for the wait, it may come before the change. [ProveSignals] is
// the same for condition variables.
func AskAnnounced(w *move.Window) {
	changes := behaviour.GuardedChanges(w.PostTouches)
	if len(changes) == 0 {
		return
	}
	a := announcements{w: w, changes: changes, seen: make(map[*patterns.Unit]bool)}
	for _, st := range slices.Concat(w.Pre, w.Stmts) {
		a.visit(w.Unit, st, st.Pos(), 0)
	}
}

// announcements looks for what lets other goroutines run.
type announcements struct {
	w       *move.Window
	changes []*site.Touch // after the window
	seen    map[*patterns.Unit]bool
}

// maxAnnouncing bounds how deep calls are followed.
const maxAnnouncing = 3

// visit looks at a node of a function. The position is where the section comes to it.
func (a *announcements) visit(u *patterns.Unit, n ast.Node, at token.Pos, depth int) {
	w := a.w
	syntax.InspectOuter(n, func(m ast.Node) bool {
		pos := at
		if u == w.Unit {
			pos = m.Pos()
		}
		switch m := m.(type) {
		case *ast.GoStmt:
			units, known := w.Program.Callees(u, m.Call)
			a.ask(pos, "The goroutine that is started here", units, known)
			return false
		case *ast.SendStmt:
			a.askReceivers(u, m.Chan, pos)
		case *ast.CallExpr:
			if patterns.BuiltinOf(u.Pkg.Info, m) == "close" {
				a.askReceivers(u, m.Args[0], pos)
			}
			for _, arg := range m.Args {
				if units := w.Program.ValueUnits(u.Pkg.Info, arg); len(units) > 0 {
					a.ask(pos, "The function that is passed on here", units, true)
				}
			}
			callees, _ := behaviour.CalleesOf(a.w.Site, u, m)
			for _, v := range callees {
				if !a.seen[v] && v.Body != nil && depth < maxAnnouncing && behaviour.Follows(a.w.Site, v) {
					a.seen[v] = true
					a.visit(v, v.Body, pos, depth+1)
				}
			}
		}
		return true
	})
}

// askReceivers asks about those who receive what is sent on a channel that others can
// reach, or see that it is closed.
func (a *announcements) askReceivers(u *patterns.Unit, ch ast.Expr, pos token.Pos) {
	p, ok := patterns.PathOf(u.Pkg.Info, ch)
	if !ok || !p.Last().IsField() && !p.Global() {
		return
	}
	for _, v := range a.w.Program.UnitsIn(a.w.Pkg) {
		if at := a.receives(v, p.Last()); at.IsValid() && !a.w.AsksAbout(safety.S10, at) {
			a.ask(pos, "What receives from "+p.Last().Name()+" at "+a.w.Line(at), []*patterns.Unit{v}, true)
		}
	}
}

// receives returns where a function receives from a channel without the section's lock,
// or no position.
func (a *announcements) receives(u *patterns.Unit, ch *types.Var) token.Pos {
	found := token.NoPos
	if u.Body == nil {
		return found
	}
	lock := func(p patterns.Path) bool { return p.Last() == a.w.Section.LockVar() }
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		var from ast.Expr
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				from = n.X
			}
		case *ast.RangeStmt:
			from = n.X
		}
		if from == nil {
			return true
		}
		if p, ok := patterns.PathOf(u.Pkg.Info, from); ok && p.Last() == ch && !slices.ContainsFunc(locks.HeldAt(u, n), lock) {
			found = from.Pos()
		}
		return !found.IsValid()
	})
	return found
}

// ask asks about functions that may take the section's lock and look at what is
// changed after the window. Known says whether they are all that may run.
func (a *announcements) ask(pos token.Pos, who string, units []*patterns.Unit, known bool) {
	w := a.w
	comes := func(u *patterns.Unit) bool { return waits.MayTake(w.Program, u, w.Section.LockVar()) && !a.joined(u) }
	if known && !slices.ContainsFunc(units, comes) {
		return
	}
	for _, t := range a.changes {
		if !known || a.mayUse(units, t.Access.Var) || a.usedTogether(units, t.Access.Var) {
			w.Assume(safety.S10, pos, "%s can now run before %s changes at %s. Is it certain that it does not rely on that?", who, t.Name(), w.Line(t.Access.Pos()))
			return
		}
	}
}

// joined reports whether the section waits for a function to report that it is done: what
// the function does before that, it never did under the lock.
func (a *announcements) joined(u *patterns.Unit) bool {
	return u.Body != nil && slices.ContainsFunc(a.w.Finding.Ops, func(o *waits.Op) bool {
		v := awaited(a.w, o)
		return v != nil && syntax.NamesField(a.w.Info, u.Body, v)
	})
}

// mayUse reports whether functions, or what they call, may use a variable.
func (a *announcements) mayUse(units []*patterns.Unit, v *types.Var) bool {
	found, seen := behaviour.AnyReached(a.w.Program, units, func(u *patterns.Unit) bool {
		return slices.ContainsFunc(guards.OwnAccesses(a.w.Program, u), func(x *guards.Access) bool { return x.Var == v })
	})
	return found || !seen
}

// usedTogether reports whether another section uses a variable together with something that the
// functions use under the lock: what they find there used to go with the change.
//
//	go func() { c <- s.current() }()
//	...
//	s.subs = append(s.subs, c) // each of which publish sends the next s.value
func (a *announcements) usedTogether(units []*patterns.Unit, v *types.Var) bool {
	w, lock := a.w, a.w.Section.LockVar()
	used := make(map[*types.Var]bool)
	behaviour.AnyReached(w.Program, units, func(u *patterns.Unit) bool {
		for _, x := range guards.OwnAccesses(w.Program, u) {
			used[x.Var] = used[x.Var] || x.Under(lock) && x.Var != lock
		}
		return false
	})
	var seen []*patterns.Unit
	for _, x := range guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses {
		if x.Unit == w.Unit || !x.Under(lock) || slices.Contains(seen, x.Unit) {
			continue
		}
		seen = append(seen, x.Unit)
		if slices.ContainsFunc(guards.OwnAccesses(w.Program, x.Unit), func(o *guards.Access) bool { return used[o.Var] && o.Kind.Changes() && o.Under(lock) }) {
			return true
		}
	}
	return false
}
