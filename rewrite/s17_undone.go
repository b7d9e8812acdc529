package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// proveUndone is the part of S17 about what a section marks before the wait and
// takes back after it: a counter of callers, an entry of a set, a busy flag.
//
//	s.inUse++
//	_, err := http.Get(u)
//	s.inUse--
//
// A test that is repeated after the wait may return before the mark is taken
// back, which then stays for ever. That the section takes it back is in plain
// sight, so this is no question for a reviewer.
func (w *Window) proveUndone() *Refusal {
	if w.recheck == nil {
		return nil
	}
	made, undone := w.marks(w.onTheWay(w.Pre)), w.marks(stmtNodes(w.Post))
	for _, m := range made {
		for _, u := range undone {
			if m.of == u.of && !(m.adds && u.adds) {
				return Refuse(S17, "not-undone", m.pos, "%s is changed here and again at %s, after the wait: the repeated test at %s may return in between and leave it like that", m.text, w.line(u.pos), w.line(w.recheck.tests[0].Pos()))
			}
		}
	}
	return nil
}

// askTakenBack is the part of S10 and S17 about what a section publishes before the wait and takes back
// on one path after it, which is the one on which the call has failed:
//
//	j.m[id] = x
//	if _, err := http.Get(u); err != nil {
//		delete(j.m, id)
//		return err
//	}
//
// Under the lock nobody has seen what was taken back.
func (w *Window) askTakenBack() (asked []undoneMark) {
	asked = w.takenBack()
	for _, t := range asked {
		w.ask(seenEarly, "", S10, t.done.pos, "%s is changed here and, on one path, apparently changed back at %s. May others see and use it until then?", t.done.text, w.line(t.undone.pos))
	}
	return asked
}

type undoneMark struct{ done, undone mark }

// takenBack lists, for each variable once, what changes before the window and again
// in one branch after it.
func (w *Window) takenBack() []undoneMark {
	var branches []ast.Stmt
	for _, st := range w.Post {
		switch st.(type) {
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
			branches = append(branches, st)
			continue
		}
		if w.inBranch(st) {
			branches = append(branches, st)
		}
	}
	if len(branches) == 0 || w.recheck != nil {
		return nil
	}
	var out []undoneMark
	undone := w.marks(stmtNodes(branches))
	for _, m := range w.marks(stmtNodes(w.Pre)) {
		if w.setAgain(m.of) || w.isLater(m) {
			continue // S4 asks of the one, and the other is of the iteration before
		}
		i := slices.IndexFunc(undone, func(u mark) bool { return u.of == m.of && u.pos != m.pos && !(m.adds && u.adds) })
		if i >= 0 && !slices.ContainsFunc(out, func(o undoneMark) bool { return o.done.of == m.of }) {
			out = append(out, undoneMark{m, undone[i]})
		}
	}
	return out
}

// isLater reports whether a change comes before the window only as one of an earlier
// iteration of the loop around both.
func (w *Window) isLater(m mark) bool {
	first := slices.IndexFunc(w.Stmts, func(st ast.Stmt) bool { return w.waits(st) })
	return first >= 0 && m.pos >= w.Stmts[first].Pos() && slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return st.Pos() <= m.pos && m.pos < st.End() })
}

// inBranch reports whether a statement stands in a branch of one that begins after the
// section does, and in no loop.
func (w *Window) inBranch(st ast.Stmt) bool {
	branch := false
	for n := w.parents[st]; n != nil && !within(w.Lock, n); n = w.parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			branch = true
		}
	}
	return branch
}

// A mark is a change of shared state that a later one may take back.
type mark struct {
	of   *types.Var
	pos  token.Pos
	text string
	adds bool // it only counts up, as statistics do
}

// marks lists the changes of shared state that nodes make: by assignments,
// by functions that they call, by methods of what a variable holds, and by
// operations of package sync/atomic, channels and wait groups.
func (w *Window) marks(list []ast.Node) []mark {
	var out []mark
	add := func(v *types.Var, pos token.Pos, text string, adds bool) {
		if v != nil {
			out = append(out, mark{v, pos, text, adds})
		}
	}
	for _, st := range list {
		for _, t := range w.touches(st).touches {
			_, isStruct := structType(t.access.Var.Type())
			if t.class == guardedUse && t.access.Kind.Changes() && !isStruct {
				add(t.access.Var, t.access.Pos(), t.name(), t.via == nil && w.countsUp(st, t.access))
			}
		}
		w.eachAtomic(st, func(_ *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			if change || isChannel(v.Type()) {
				add(v, at.Pos(), v.Name(), false)
			}
		})
		inspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				add(heldBy(w.Unit, n.Chan), n.Pos(), types.ExprString(n.Chan), false)
			case *ast.CallExpr:
				if v, sel := w.markedByCall(n); v != nil {
					add(v, n.Pos(), types.ExprString(sel.X), false)
				}
			}
			return true
		})
	}
	return out
}

// markedByCall returns the shared variable on which a call calls a method that
// may change what the variable holds, or nil.
func (w *Window) markedByCall(c *ast.CallExpr) (*types.Var, *ast.SelectorExpr) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || patterns.IsLockCall(w.Info, c) || w.logs(c) {
		return nil, nil
	}
	s := w.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal || !w.effectful(w.Unit, c) {
		return nil, nil
	}
	p, ok := patterns.ReceiverPath(w.Info, sel)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return nil, nil
	}
	if callees, _ := w.Program.Callees(w.Unit, c); slices.ContainsFunc(callees, func(u *patterns.Unit) bool { return u.Pkg == w.Pkg }) {
		return nil, nil // its accesses are looked at
	}
	return p.Last(), sel
}

// countsUp reports whether an access is a change that only counts up: x++ or
// x += n.
func (w *Window) countsUp(st ast.Node, a *patterns.Access) bool {
	up := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			up = up || n.Tok == token.INC && within(a.Node, n.X)
		case *ast.AssignStmt:
			up = up || n.Tok == token.ADD_ASSIGN && within(a.Node, n.Lhs[0])
		}
		return !up
	})
	return up
}
