package signals

import (
	"go/ast"
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

// ProveAdds is the part of S9 about wait groups. The documentation of [sync.WaitGroup]
// says that an Add at counter zero must happen before the Wait. If both run under one
// lock, the lock orders them; if the wait moves out of it, nothing does.
//
// If the code that adds first tests something that the section changes before it waits
// (p.closed), nobody adds during the wait. letgo asks about that, because it does not
// know what the test means.
func ProveAdds(w *move.Window) *safety.Refusal {
	for _, g := range waitedGroups(w) {
		before := changedBy(w, beforeWait(w, syntax.StmtNodes(slices.Concat(w.Pre, w.Stmts)))...)
		for _, c := range addsUnder(w, g.of) {
			if c.Unit == w.Unit && w.InBody(c.Call) && !g.of.IsField() && !syntax.IsGlobal(g.of) {
				continue // of this call alone
			}
			if w.RanBeside(c) {
				continue // the read lock did not order them
			}
			name := types.ExprString(c.Call.Fun)
			if v := shutOut(w, c, before, 0); v != nil {
				w.Assume(safety.S9, g.op.Pos(), "%s is called under %s at %s, and can now run during the wait. Does the test of %s there rule that out?", name, w.Section.Lock, w.Line(c.Call.Pos()), v.Name())
				continue
			}
			if severalGroups(w, g.of) {
				w.Assume(safety.S9, g.op.Pos(), "%s is called under %s at %s, and can now run during the wait. Is it always a different WaitGroup, or never called while the counter is zero?", name, w.Section.Lock, w.Line(c.Call.Pos()))
				continue
			}
			if w.Finding.MayDeadlock() { // the lock keeps the two apart by never letting go
				w.Assume(safety.S9, g.op.Pos(), "%s is called under %s at %s, and can now run during the wait. Is it certain that the counter is not zero then?", name, w.Section.Lock, w.Line(c.Call.Pos()))
				continue
			}
			return safety.Refuse(safety.S9, "wait-group", g.op.Pos(), "%s is called under %s at %s: it must not run during the wait while the counter is zero, and the lock prevents that", name, w.Section.Lock, w.Line(c.Call.Pos()))
		}
	}
	return nil
}

// AwaitedAdds lists the calls of the section's function that add to a wait group for which
// another function waits. If one moves out of the lock, nothing orders it with the wait
// anymore, whatever the section tested before.
func AwaitedAdds(s *site.Site) []site.KeptCall {
	var out []site.KeptCall
	syntax.EachSynchronousCall(s.Unit.Body, func(c *ast.CallExpr) {
		EachCallBelow(s, s.Unit, c, make(map[*patterns.Unit]bool), func(u *patterns.Unit, add *ast.CallExpr) {
			v := groupOf(u, add, "Add", "Go", "TryGo")
			if v == nil || !v.IsField() && !syntax.IsGlobal(v) || ofNewObject(s, u, add) {
				return
			}
			if wait, ok := waitFor(s, v); ok {
				out = append(out, site.KeptCall{Call: c, Why: safety.Refuse(safety.S9, "wait-group", add.Pos(), "%s would now run without %s: if %s is called by then (%s), it can return too early",
					types.ExprString(add.Fun), s.Section.Lock, types.ExprString(wait.Call.Fun), s.Line(wait.Call.Pos()))})
			}
		})
	})
	return out
}

// ofNewObject reports whether a method is called on a part of an object that the function has just
// made and that nobody else can reach yet: whoever waits for its group can do so only after that.
//
//	e := &entry{}
//	e.wg.Add(1)
//	c.entries[key] = e
func ofNewObject(s *site.Site, u *patterns.Unit, c *ast.CallExpr) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := syntax.RootIdent(sel.X)
	return ok && !u.IsParam(syntax.VarOf(u.Pkg.Info, id)) && s.Program.Owns(u.Pkg, id)
}

// waitFor returns a call of another function that waits for the group in a variable.
func waitFor(s *site.Site, v *types.Var) (wait patterns.Call, ok bool) {
	for _, u := range s.Program.UnitsIn(s.Pkg) {
		if u == s.Unit {
			continue
		}
		for _, c := range u.Calls() {
			if groupOf(u, c, "Wait") == v {
				return patterns.Call{Unit: u, Call: c}, true
			}
		}
	}
	return patterns.Call{}, false
}

// A waitedGroup is a wait group that an operation of the finding waits for.
type waitedGroup struct {
	op *waits.Op
	of *types.Var // the variable that holds it
}

// waitedGroups lists the groups that the window waits for, itself or in a
// function that it calls.
func waitedGroups(w *move.Window) []waitedGroup {
	var out []waitedGroup
	for _, o := range w.Finding.Ops {
		call, ok := o.Node.(*ast.CallExpr)
		if !ok || o.Category != "wait" && !slices.Contains(o.Also, "wait") || !w.InStmts(call, w.Stmts) {
			continue
		}
		EachCallBelow(w.Site, w.Unit, call, make(map[*patterns.Unit]bool), func(u *patterns.Unit, c *ast.CallExpr) {
			if v := groupOf(u, c, "Wait"); v != nil && !slices.ContainsFunc(out, func(g waitedGroup) bool { return g.of == v }) {
				out = append(out, waitedGroup{o, v})
			}
		})
	}
	return out
}

// EachCallBelow calls f with a call, and with those in the functions of the
// package that it leads to.
func EachCallBelow(s *site.Site, u *patterns.Unit, c *ast.CallExpr, seen map[*patterns.Unit]bool, f func(*patterns.Unit, *ast.CallExpr)) {
	f(u, c)
	callees, _ := s.Program.Callees(u, c)
	for _, v := range callees {
		if seen[v] || v.Body == nil || v.Pkg != s.Pkg || len(seen) > behaviour.MaxUnits {
			continue
		}
		seen[v] = true
		syntax.EachSynchronousCall(v.Body, func(k *ast.CallExpr) { EachCallBelow(s, v, k, seen, f) })
	}
}

// groupOf returns the variable that holds the wait group on which a call calls
// one of the methods, or nil.
func groupOf(u *patterns.Unit, c *ast.CallExpr, methods ...string) *types.Var {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !slices.Contains(methods, sel.Sel.Name) {
		return nil
	}
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync" && fn.Pkg().Path() != "golang.org/x/sync/errgroup" {
		return nil
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return nil
	}
	switch types.TypeString(recv.Type(), nil) {
	case "*sync.WaitGroup", "*golang.org/x/sync/errgroup.Group":
	default:
		return nil
	}
	p, ok := patterns.ReceiverPath(u.Pkg.Info, sel)
	if !ok {
		return nil
	}
	if len(p.Fields) == 0 && !p.Global() {
		return HeldBy(u, sel.X)
	}
	return p.Last()
}

// addsUnder lists the calls that add to the group in the variable and may be made
// while the section's lock is held, by the functions of the package.
func addsUnder(w *move.Window, v *types.Var) []patterns.Call {
	var adds []patterns.Call
	for _, u := range w.Program.UnitsIn(w.Pkg) {
		for _, c := range u.Calls() {
			if groupOf(u, c, "Add", "Go", "TryGo") == v {
				adds = append(adds, patterns.Call{Unit: u, Call: c})
			}
		}
	}
	if len(adds) == 0 {
		return nil
	}
	var out []patterns.Call
	note := func(u *patterns.Unit, c *ast.CallExpr) {
		k := patterns.Call{Unit: u, Call: c}
		if slices.Contains(adds, k) && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	seen := make(map[*patterns.Unit]bool)
	for _, c := range guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()) {
		EachCallBelow(w.Site, c.Unit, c.Call, seen, note)
	}
	return out
}

// maxCallers bounds how far the callers of a function that adds are followed.
const maxCallers = 3

// shutOut returns a variable that decides whether a call is made, and that the section
// changes before it waits; nil if there is none. If the function that makes the call does
// not test it, all its callers under the lock must.
func shutOut(w *move.Window, c patterns.Call, before map[*types.Var]bool, depth int) *types.Var {
	if c.Unit == w.Unit && w.InBody(c.Call) {
		return nil
	}
	conds := conditionsBefore(w.Site, c.Unit, c.Call, 0)
	for _, e := range conds {
		for _, v := range decidedBy(w, decision{c.Unit, e}) {
			if before[v] {
				return v
			}
		}
		for _, ch := range looksAtChannels(decision{c.Unit, e}) {
			if slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool { return t.Access.Kind == guards.Close && t.Access.Var == ch }) {
				return ch
			}
		}
	}
	if depth == maxCallers {
		return nil
	}
	var found *types.Var
	for _, k := range guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()) {
		if callees, _ := w.Program.Callees(k.Unit, k.Call); slices.Contains(callees, c.Unit) {
			if found = shutOut(w, k, before, depth+1); found == nil {
				return nil
			}
		}
	}
	return found
}

// severalGroups reports whether a variable is local, or refers to a group that others may
// hold: then letgo does not know which group it is.
func severalGroups(w *move.Window, v *types.Var) bool {
	_, ptr := v.Type().Underlying().(*types.Pointer)
	return ptr || !v.IsField() && !syntax.IsGlobal(v)
}
