package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// proveAdds is the part of S9 about wait groups. The documentation of
// [sync.WaitGroup] says that what adds to a counter of zero must happen before
// the wait. Where both are done under one lock it keeps them apart; with the wait
// moved out of it nothing does.
//
// Where whoever adds first tests something that the section changes before it
// waits (p.closed), nobody adds during the wait: that is asked, for what the
// test means is not seen.
func (w *Window) proveAdds() *Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	for _, g := range w.waitedGroups() {
		before := w.changedBy(w.beforeWait(stmtNodes(slices.Concat(w.Pre, w.Stmts)))...)
		for _, c := range w.addsUnder(g.of) {
			if c.Unit == w.Unit && w.inBody(c.Call) && !g.of.IsField() && !isGlobal(g.of) {
				continue // of this call alone
			}
			name := types.ExprString(c.Call.Fun)
			if v := w.shutOut(c, before, 0); v != nil {
				w.assume(S9, g.op.Pos(), "%s is called under %s at %s, and can now run during the wait. Does the test of %s there rule that out?", name, w.Section.Lock, w.line(c.Call.Pos()), v.Name())
				continue
			}
			if w.severalGroups(g.of) {
				w.assume(S9, g.op.Pos(), "%s is called under %s at %s, and can now run during the wait. Is it always another group, or never called when the counter is zero?", name, w.Section.Lock, w.line(c.Call.Pos()))
				continue
			}
			return Refuse(S9, "wait-group", g.op.Pos(), "%s is called under %s at %s: it must not run during the wait while the counter is zero, and the lock prevents that", name, w.Section.Lock, w.line(c.Call.Pos()))
		}
	}
	return nil
}

// A waitedGroup is a wait group that an operation of the finding waits for.
type waitedGroup struct {
	op *patterns.Op
	of *types.Var // the variable that holds it
}

// waitedGroups lists the groups that the window waits for, itself or in a
// function that it calls.
func (w *Window) waitedGroups() []waitedGroup {
	var out []waitedGroup
	for _, o := range w.Finding.Ops {
		call, ok := o.Node.(*ast.CallExpr)
		if !ok || o.Category != "wait" && !slices.Contains(o.Also, "wait") || !w.inStmts(call, w.Stmts) {
			continue
		}
		w.eachCallBelow(w.Unit, call, make(map[*patterns.Unit]bool), func(u *patterns.Unit, c *ast.CallExpr) {
			if v := groupOf(u, c, "Wait"); v != nil && !slices.ContainsFunc(out, func(g waitedGroup) bool { return g.of == v }) {
				out = append(out, waitedGroup{o, v})
			}
		})
	}
	return out
}

// eachCallBelow calls f with a call, and with those in the functions of the
// package that it leads to.
func (s *Site) eachCallBelow(u *patterns.Unit, c *ast.CallExpr, seen map[*patterns.Unit]bool, f func(*patterns.Unit, *ast.CallExpr)) {
	f(u, c)
	callees, _ := s.Program.Callees(u, c)
	for _, v := range callees {
		if seen[v] || v.Body == nil || v.Pkg != s.Pkg || len(seen) > maxUnits {
			continue
		}
		seen[v] = true
		eachSynchronousCall(v.Body, func(k *ast.CallExpr) { s.eachCallBelow(v, k, seen, f) })
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
		return heldBy(u, sel.X)
	}
	return p.Last()
}

// addsUnder lists the calls that add to the group in the variable and may be made
// while the section's lock is held, by the functions of the package.
func (w *Window) addsUnder(v *types.Var) []patterns.Call {
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
	for _, c := range w.Program.CallsUnder(w.Pkg, w.Section.LockVar()) {
		w.eachCallBelow(c.Unit, c.Call, seen, note)
	}
	return out
}

// maxCallers bounds how far the callers of a function that adds are followed.
const maxCallers = 3

// shutOut returns a variable that a call is decided on by, and that the section
// has changed before it waits; nil if there is none. Where the function that
// makes the call does not test, all that call it under the lock must.
func (w *Window) shutOut(c patterns.Call, before map[*types.Var]bool, depth int) *types.Var {
	if c.Unit == w.Unit && w.inBody(c.Call) {
		return nil
	}
	conds := w.conditionsBefore(c.Unit, c.Call, 0)
	for _, e := range conds {
		for _, v := range w.decidedBy(decision{c.Unit, e}) {
			if before[v] {
				return v
			}
		}
		for _, ch := range looksAtChannels(decision{c.Unit, e}) {
			if slices.ContainsFunc(w.pre.touches, func(t *touch) bool { return t.access.Kind == patterns.Close && t.access.Var == ch }) {
				return ch
			}
		}
	}
	if depth == maxCallers {
		return nil
	}
	var found *types.Var
	for _, k := range w.Program.CallsUnder(w.Pkg, w.Section.LockVar()) {
		if callees, _ := w.Program.Callees(k.Unit, k.Call); slices.Contains(callees, c.Unit) {
			if found = w.shutOut(k, before, depth+1); found == nil {
				return nil
			}
		}
	}
	return found
}

// severalGroups reports whether a variable is a local one, or refers to a group
// that others may hold: then it is not seen which group it is.
func (w *Window) severalGroups(v *types.Var) bool {
	_, ptr := v.Type().Underlying().(*types.Pointer)
	return ptr || !v.IsField() && !isGlobal(v)
}
