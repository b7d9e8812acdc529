package signals

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An ending is something that must happen only once: a channel is closed, an object is
// closed or stopped, a goroutine is started. It is in the section's function, or in one
// that it calls.
type ending struct {
	unit  *patterns.Unit
	node  ast.Node
	of    *types.Var // the variable that holds what ends, or nil
	text  string     // as a message names it: "close(m.quit)"
	conds []decision // the tests that decide on it, those of the calling functions first
}

// A decision is a test, in the unit that makes it.
type decision struct {
	unit *patterns.Unit
	cond ast.Expr
}

// proveEndedOnce is the part of S7 and S10 about what a section does once, before
// the wait, because of a test:
//
//	if !m.started {
//		return
//	}
//	close(m.quit)
//	m.wg.Wait()
//	m.started = false
//
// While the lock was held throughout, a second caller found the flag cleared. With the lock
// released for the wait, it finds the flag as the first one did, and closes the channel
// again. The section is right if something that the test looks at changes before the wait:
// the flag is set there, the field is emptied, or the test looks at the channel that is
// closed.
//
// The nodes are what the section does before it waits, or while it does.
func proveEndedOnce(w *move.Window, nodes ...ast.Node) *safety.Refusal {
	before := changesIn(w, beforeWait(w, nodes))
	for _, v := range detachedVars(w.Site) {
		before = append(before, earlyChange{of: v, at: w.Stmts[0].Pos()})
	}
	late := changedLate(w)
	for _, n := range nodes {
		var refusal *safety.Refusal
		eachEnding(w.Site, w.Unit, n, nil, make(map[*patterns.Unit]bool), func(e *ending) {
			if refusal == nil && !ownGoroutine(w, e) && !ownObject(w, e) && !closesTwice(e) && !(e.unit == w.Unit && w.RunsForSame(e.node)) {
				refusal = endsTwice(w, e, before, late)
			}
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// closesTwice reports whether an ending is a Close whose result nobody looks at, of an
// object for which a second one is harmless.
func closesTwice(e *ending) bool {
	c, ok := e.node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Close" {
		return false
	}
	t := e.unit.Pkg.Info.TypeOf(sel.X)
	return t != nil && behaviour.CloseSafe(t)
}

// ownGoroutine reports whether an ending is a goroutine that the window starts for
// this call of the function alone: to wait for it by a local variable, or in a
// function whose product a repeated test drops (S5).
func ownGoroutine(w *move.Window, e *ending) bool {
	if _, starts := e.node.(*ast.GoStmt); !starts {
		return false
	}
	if e.unit != w.Unit {
		return !calledBefore(w, e)
	}
	return w.InStmts(e.node, w.Stmts) && !slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool {
		v := awaited(w, o)
		return v == nil || v.IsField() || syntax.IsGlobal(v)
	})
}

// ownObject reports whether what ends was made by the call of the function that ends it,
// which alone has it: the body of its response, say.
func ownObject(w *move.Window, e *ending) bool {
	c, ok := e.node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	return ok && w.Program.Owns(e.unit.Pkg, sel.X)
}

// calledBefore reports whether the function with an ending is called under the lock, before
// the window.
func calledBefore(w *move.Window, e *ending) bool {
	return slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool {
		found := false
		eachEnding(w.Site, w.Unit, st, nil, make(map[*patterns.Unit]bool), func(o *ending) { found = found || o.node == e.node })
		return found
	})
}

// beforeWait returns the nodes before the first one that contains an operation of the
// finding.
func beforeWait(w *move.Window, nodes []ast.Node) []ast.Node {
	i := slices.IndexFunc(nodes, func(n ast.Node) bool {
		return slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return syntax.Within(o.Node, n) })
	})
	if i < 0 {
		return nodes
	}
	return nodes[:i]
}

// endsTwice refuses if two callers may reach an ending, because what its tests look at
// changes only after the wait.
func endsTwice(w *move.Window, e *ending, before []earlyChange, late map[*types.Var]ast.Node) *safety.Refusal {
	var at ast.Node
	var flag *types.Var
	var test ast.Expr
	for _, d := range e.conds {
		for _, v := range decidedBy(w, d) {
			if slices.ContainsFunc(before, func(c earlyChange) bool { return c.of == v && c.seenBy(w, d) }) {
				return nil
			}
			if n := late[v]; n != nil && at == nil {
				at, flag, test = n, v, d.cond
			}
		}
		for _, ch := range looksAtChannels(d) {
			if ch == e.of {
				return nil // the test sees the close
			}
			if at == nil {
				flag, test = ch, d.cond
			}
		}
	}
	if test == nil {
		return nil
	}
	c := safety.S10
	if isChannelClose(e) {
		c = safety.S7
	}
	if at == nil {
		return safety.Refuse(c, "runs-twice", e.node.Pos(), "%s runs before the wait, and the test at %s that prevents a second run looks at %s, which changes during the wait: two callers can now both run it", e.text, w.Line(test.Pos()), flag.Name())
	}
	return safety.Refuse(c, "runs-twice", e.node.Pos(), "%s runs before the wait, and the test at %s that prevents a second run looks at %s, which changes only at %s: two callers can now both run it", e.text, w.Line(test.Pos()), flag.Name(), w.Line(at.Pos()))
}

func isChannelClose(e *ending) bool {
	c, ok := e.node.(*ast.CallExpr)
	return ok && patterns.BuiltinOf(e.unit.Pkg.Info, c) == "close"
}

// eachEnding calls f with the endings in a node of a unit and in the functions
// that it calls. What [sync.Once] runs is run once whatever the tests say, and
// what is deferred is not done before the wait.
func eachEnding(s *site.Site, u *patterns.Unit, n ast.Node, above []decision, seen map[*patterns.Unit]bool, f func(*ending)) {
	from := token.NoPos
	if u == s.Unit {
		from = s.Lock.Pos()
	}
	conds := func(at ast.Node) []decision {
		out := slices.Clone(above)
		for _, c := range conditionsBefore(s, u, at, from) {
			out = append(out, decision{u, c})
		}
		return out
	}
	syntax.InspectOuter(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.DeferStmt:
			return false
		case *ast.GoStmt:
			f(&ending{unit: u, node: m, text: "this go statement", conds: conds(m)})
			return false
		case *ast.CallExpr:
			if e := endingOf(u, m); e != nil {
				e.conds = conds(m)
				f(e)
				return true
			}
			if runsOnce(s, u, m) || len(seen) > behaviour.MaxUnits {
				return true
			}
			callees, _ := behaviour.CalleesOf(s, u, m)
			for _, v := range callees {
				if !seen[v] && v.Body != nil && v.Pkg == s.Pkg && behaviour.Follows(s, v) && len(seen) < behaviour.MaxUnits {
					seen[v] = true
					eachEnding(s, v, v.Body, conds(m), seen, f)
				}
			}
		}
		return true
	})
}

// runsOnce reports whether a call hands its function to a [sync.Once].
func runsOnce(s *site.Site, u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	return fn != nil && fn.FullName() == "(*sync.Once).Do"
}

// endingOf returns what a call ends, or nil: it closes a channel, cancels a
// context, or calls a method such as Close or Stop on something that the function
// was not given or has made itself.
func endingOf(u *patterns.Unit, c *ast.CallExpr) *ending {
	info := u.Pkg.Info
	e := &ending{unit: u, node: c, text: types.ExprString(c)}
	if patterns.BuiltinOf(info, c) == "close" {
		e.of = HeldBy(u, c.Args[0])
		return e
	}
	if patterns.IsCancel(info.TypeOf(c.Fun)) {
		e.of = HeldBy(u, c.Fun)
		return e
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || info.Selections[sel] == nil || !behaviour.EndsLife(sel.Sel.Name) {
		return nil
	}
	if fn := patterns.CalleeOf(info, c); fn == nil || fn.Pkg() == u.Pkg.Types && !types.IsInterface(fn.Signature().Recv().Type()) {
		return nil // its body is looked at
	}
	e.of = HeldBy(u, sel.X)
	if e.of == nil || !e.of.IsField() && e.of.Parent() != e.of.Pkg().Scope() {
		return nil
	}
	return e
}

// HeldBy returns the field or package-level variable that an expression names, also
// through a local variable that it was assigned to; otherwise the local variable.
func HeldBy(u *patterns.Unit, e ast.Expr) *types.Var {
	p, ok := patterns.PathOf(u.Pkg.Info, e)
	if !ok {
		return nil
	}
	if v := p.Last(); len(p.Fields) > 0 || p.Global() {
		return v
	}
	if def := u.DefinedOnce(p.Root); def != nil {
		if q, ok := patterns.PathOf(u.Pkg.Info, def); ok && (len(q.Fields) > 0 || q.Global()) {
			return q.Last()
		}
	}
	return p.Root
}

// conditionsBefore lists the conditions of a unit that decide whether it reaches a node:
// those of the statements around it, and those of statements before it that may leave. What
// ends before from is left out.
func conditionsBefore(s *site.Site, u *patterns.Unit, at ast.Node, from token.Pos) []ast.Expr {
	var out []ast.Expr
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		if n.Pos() > at.Pos() || n.End() <= from {
			return false
		}
		around := syntax.Within(at, n)
		if !around && (n.End() > at.Pos() || !s.Leaves(n)) {
			return true
		}
		for _, c := range syntax.ConditionsIn(n) {
			if !syntax.Within(at, c) {
				out = append(out, c)
			}
		}
		ifs, ok := n.(*ast.IfStmt)
		return around || !ok || ifs.Else != nil || !syntax.ReturnsLast(ifs.Body) // what it returns decides on nothing
	})
	return out
}

// decidedBy lists the shared variables that a test reads: itself, through local
// variables, and in the functions that it calls.
func decidedBy(w *move.Window, d decision) []*types.Var {
	var out []*types.Var
	add := func(v *types.Var) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	read := func(e ast.Expr) {
		for _, a := range guards.AccessesIn(d.unit, e) {
			add(a.Var)
		}
		ast.Inspect(e, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				for _, t := range behaviour.CallTouches(w.Site, d.unit, c).List {
					add(t.Access.Var)
				}
			}
			return true
		})
	}
	read(d.cond)
	ast.Inspect(d.cond, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, _ := d.unit.Pkg.Info.Uses[id].(*types.Var)
		if v == nil || v.IsField() {
			return true
		}
		if def := d.unit.DefinedOnce(v); def != nil {
			read(def)
		}
		if d.unit == w.Unit {
			for _, t := range w.Derived[v] {
				add(t.Access.Var)
			}
		}
		return true
	})
	if d.unit == w.Unit {
		behaviour.EachAtomic(w.Site, d.cond, func(_ *patterns.Unit, _ ast.Expr, v *types.Var, _ bool) {
			if !syntax.IsChannel(v.Type()) {
				add(v)
			}
		})
	}
	return out
}

// looksAtChannels lists the channels that a test checks for being closed or for holding a
// value.
func looksAtChannels(d decision) []*types.Var {
	var out []*types.Var
	ast.Inspect(d.cond, func(n ast.Node) bool {
		if r, ok := n.(*ast.UnaryExpr); ok && r.Op == token.ARROW {
			if v := HeldBy(d.unit, r.X); v != nil {
				out = append(out, v)
			}
		}
		return true
	})
	return out
}

// An earlyChange is a change of a shared variable before the wait.
type earlyChange struct {
	of    *types.Var
	at    token.Pos        // the end of the statement, for one in a function that it calls
	count *behaviour.Count // nil if it is no count
}

// seenBy reports whether the test of the next caller comes out otherwise for a change: it is made
// after the test, and if it counts, the test is whether there is any yet.
//
//	s.sent++        // changes nothing for who comes next
//	if !s.started || s.sent > 9 {
//		return
//	}
//	close(s.quit)
func (c earlyChange) seenBy(w *move.Window, d decision) bool {
	if d.unit == w.Unit && c.at < d.cond.Pos() && w.LoopAround(d.cond) == nil {
		return false
	}
	if c.count == nil {
		return true
	}
	b, ok := ast.Unparen(d.cond).(*ast.BinaryExpr)
	if !ok || !c.count.Up() || b.Op != token.GTR && b.Op != token.NEQ {
		return false
	}
	zero := d.unit.Pkg.Info.Types[b.Y].Value
	return zero != nil && zero.ExactString() == "0"
}

// changesIn lists the changes of shared variables in nodes, also by operations of package
// sync/atomic and in the functions that they call.
func changesIn(w *move.Window, nodes []ast.Node) []earlyChange {
	var out []earlyChange
	for _, n := range nodes {
		for _, t := range behaviour.Touches(w.Site, n).List {
			if !t.Access.Kind.Changes() {
				continue
			}
			c := earlyChange{of: t.Access.Var, at: n.End()}
			if t.Via == nil {
				c.at = t.Access.Pos()
			}
			if k, ok := behaviour.CountOf(t.Access); ok {
				c.count = &k
			}
			out = append(out, c)
		}
		behaviour.EachAtomic(w.Site, n, func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			if !change {
				return
			}
			c := earlyChange{of: v, at: n.End()}
			if u == w.Unit {
				c.at = at.Pos()
			}
			out = append(out, c)
		})
	}
	return out
}

// changedBy lists the variables of [changesIn].
func changedBy(w *move.Window, nodes ...ast.Node) map[*types.Var]bool {
	out := make(map[*types.Var]bool)
	for _, c := range changesIn(w, nodes) {
		out[c.of] = true
	}
	return out
}

// changedLate lists the variables that the section changes after the window, or
// after a wait in it, each with the place.
func changedLate(w *move.Window) map[*types.Var]ast.Node {
	out := make(map[*types.Var]ast.Node)
	for _, t := range w.PostTouches.List {
		if t.Access.Kind.Changes() && out[t.Access.Var] == nil {
			out[t.Access.Var] = t.Access.Node
		}
	}
	for _, st := range slices.Concat(w.Stmts, w.Post) {
		behaviour.EachAtomic(w.Site, st, func(_ *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			if change && out[v] == nil && waitedBefore(w, at, st) {
				out[v] = at
			}
		})
	}
	return out
}

// waitedBefore reports whether an operation of the finding comes before a node
// that a statement carries out.
func waitedBefore(w *move.Window, at ast.Node, st ast.Stmt) bool {
	if !syntax.Within(at, st) {
		at = st // in a function that it calls
	}
	return slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Pos() < at.Pos() })
}

// detachedVars lists the variables that the rewrite empties before the wait.
func detachedVars(s *site.Site) []*types.Var {
	var out []*types.Var
	if s.Detach != nil {
		for _, p := range s.Detach.Paths {
			out = append(out, p.Last())
		}
	}
	return out
}

// ProveOnce is [proveEndedOnce] for what the section does before the window and in it.
func ProveOnce(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared || w.Free {
		return nil
	}
	return proveEndedOnce(w, append(move.OnTheWay(w.Site, w.Pre), syntax.StmtNodes(w.Stmts)...)...)
}
