package undone

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveUndone is the part of S17 about what a section marks before the wait and undoes
// after it: a counter of callers, an entry of a set, a busy flag.
//
//	s.inUse++
//	_, err := http.Get(u)
//	s.inUse--
//
// A test that is repeated after the wait may return before the mark is undone, and then the
// mark stays forever. The code plainly undoes it, so this is not a question for a reviewer.
func ProveUndone(w *move.Window) *safety.Refusal {
	if w.Recheck == nil {
		return nil
	}
	after := slices.DeleteFunc(slices.Clone(w.Post), func(st ast.Stmt) bool { return alwaysRuns(w, st) })
	made, undone := marks(w, move.OnTheWay(w.Site, w.Pre)), marks(w, syntax.StmtNodes(after))
	for _, m := range made {
		if w.Recheck.Dropped(m.pos) {
			continue // what it has found out of date
		}
		if tests := w.Recheck.Tests; m.pos < tests[0].Pos() && w.LoopAround(tests[0]) == nil {
			continue // the first run of the tests can already return and leave it like that
		}
		for _, u := range undone {
			if m.Of == u.Of && !(m.adds && u.adds) {
				return safety.Refuse(safety.S17, "not-undone", m.pos, "%s is changed here and again at %s, after the wait: the repeated test at %s may return in between and leave it like that", m.text, w.Line(u.pos), w.Line(w.Recheck.Tests[0].Pos()))
			}
		}
	}
	return nil
}

// alwaysRuns reports whether a statement runs at the end of the function wherever that returns
// from the window on: a plain one of a literal that was deferred before.
func alwaysRuns(w *move.Window, st ast.Stmt) bool {
	switch st.(type) {
	case *ast.IncDecStmt, *ast.AssignStmt, *ast.ExprStmt:
	default:
		return false
	}
	return len(w.Stmts) > 0 && slices.ContainsFunc(w.AtExit, func(d *ast.DeferStmt) bool {
		return d.End() <= w.Stmts[0].Pos() && slices.Contains(d.Call.Fun.(*ast.FuncLit).Body.List, st)
	})
}

// AskTakenBack is the part of S10 and S17 about what a section publishes before the
// wait and undoes on one path after it, when the call has failed:
//
//	j.m[id] = x
//	if _, err := http.Get(u); err != nil {
//		delete(j.m, id)
//		return err
//	}
//
// Under the lock nobody saw what was undone.
func AskTakenBack(w *move.Window) (asked []UndoneMark) {
	asked = takenBack(w)
	for _, t := range asked {
		asks := func(o safety.Obligation) bool { return o.About == safety.PutBack && o.What == t.Done.text }
		also := ""
		if a := resetElsewhere(w, t.Done, t.undone); a != nil {
			also = ", which is wrong if it is set at " + w.Line(a.Pos()) + " meanwhile"
		} else {
			asks = func(o safety.Obligation) bool { return o.About == safety.TakenFirst }
		}
		if i := slices.IndexFunc(w.Recorded, asks); i >= 0 && w.TakesOut(t.Done.Of, nil, nil) {
			w.Recorded[i].Also = append(w.Recorded[i].Also, safety.S10)
			continue
		}
		w.Ask(safety.SeenEarly, "", safety.S10, t.Done.pos, "%s is changed here and, on one path, apparently changed back at %s%s. Is it fine if others see and use it until then?", t.Done.text, w.Line(t.undone.pos), also)
	}
	return asked
}

// AskReset is the part of S17 about a count that is taken back after the wait: another section
// may set it anew in between.
//
//	s.pending[k]++
//	_, err := http.Get(u) // meanwhile: clear(s.pending)
//	s.pending[k]--
func AskReset(w *move.Window, asked []UndoneMark) {
	undone := marks(w, syntax.StmtNodes(w.Post))
	for _, m := range marks(w, move.OnTheWay(w.Site, w.Pre)) {
		i := slices.IndexFunc(undone, func(u Mark) bool { return u.Of == m.Of && u.pos != m.pos && u.moves && !(m.adds && u.adds) })
		if !m.moves || i < 0 || w.SetAgain(m.Of) || isLater(w, m) || slices.ContainsFunc(asked, func(o UndoneMark) bool { return o.Done.Of == m.Of }) {
			continue
		}
		if a := resetElsewhere(w, m, undone[i]); a != nil {
			asked = append(asked, UndoneMark{m, undone[i]})
			w.Assume(safety.S17, undone[i].pos, "%s is changed before the call and taken back here. Is that right if it is reset at %s in between?", m.text, w.Line(a.Pos()))
		}
	}
}

// resetElsewhere is [SetElsewhere] for a mark that is undone. If what undoes it depends on what
// is there, a call of clear or delete matters, too.
func resetElsewhere(w *move.Window, done, undone Mark) *guards.Access {
	v := done.Of
	if a := SetElsewhere(w, v); a != nil || !undone.moves {
		return a
	}
	return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		return !w.Contains(a) && a.Unit.Body != nil && syntax.Has(a.Unit.Body, func(c *ast.CallExpr) bool {
			return slices.Contains([]string{"clear", "delete"}, patterns.BuiltinOf(a.Unit.Pkg.Info, c)) && syntax.Within(a.Node, c.Args[0])
		})
	})
}

// SetElsewhere returns an assignment of a variable, or of an element, outside of the
// section that does not build on its old value, as x++ and x = append(x, y) do. It is
// nil if there is none.
func SetElsewhere(w *move.Window, v *types.Var) *guards.Access {
	return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		if w.Contains(a) || a.Unit.Body == nil {
			return false
		}
		set := false
		ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if ok && as.Tok == token.ASSIGN && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return syntax.Mentions(a.Unit.Pkg.Info, e, v) }) {
				set = set || slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return syntax.Within(a.Node, l) })
			}
			return !set
		})
		return set
	})
}

type UndoneMark struct{ Done, undone Mark }

// takenBack lists, for each variable once, what changes before the window and again
// in one branch after it.
func takenBack(w *move.Window) []UndoneMark {
	var branches []ast.Stmt
	for _, st := range w.Post {
		switch st.(type) {
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
			branches = append(branches, st)
			continue
		}
		if inBranch(w, st) {
			branches = append(branches, st)
		}
	}
	if len(branches) == 0 || w.Recheck != nil {
		return nil
	}
	var out []UndoneMark
	undone := marks(w, syntax.StmtNodes(branches))
	for _, m := range marks(w, move.OnTheWay(w.Site, w.Pre)) {
		if w.SetAgain(m.Of) || isLater(w, m) {
			continue // S4 asks about the one, and the other belongs to the previous iteration
		}
		i := slices.IndexFunc(undone, func(u Mark) bool { return u.Of == m.Of && u.pos != m.pos && !(m.adds && u.adds) })
		if i >= 0 && !slices.ContainsFunc(out, func(o UndoneMark) bool { return o.Done.Of == m.Of }) {
			out = append(out, UndoneMark{m, undone[i]})
		}
	}
	return out
}

// isLater reports whether a change comes before the window only in the sense of an earlier
// iteration of the loop around both.
func isLater(w *move.Window, m Mark) bool {
	first := slices.IndexFunc(w.Stmts, func(st ast.Stmt) bool { return w.Waits(st) })
	return first >= 0 && m.pos >= w.Stmts[first].Pos() && slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return st.Pos() <= m.pos && m.pos < st.End() })
}

// inBranch reports whether a statement is in a branch of one that begins after the section
// does, and in no loop.
func inBranch(w *move.Window, st ast.Stmt) bool {
	branch := false
	for n := w.Parents[st]; n != nil && !syntax.Within(w.Lock, n); n = w.Parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			branch = true
		}
	}
	return branch
}

// A Mark is a change of shared state that a later one may undo.
type Mark struct {
	Of    *types.Var
	pos   token.Pos
	text  string
	adds  bool // it only counts up, as statistics do
	moves bool // what it sets depends on the old value
}

// marks lists the changes of shared state that nodes make: by assignments,
// by functions that they call, by methods of what a variable holds, and by
// operations of package sync/atomic, channels and wait groups.
func marks(w *move.Window, list []ast.Node) []Mark {
	var out []Mark
	add := func(v *types.Var, pos token.Pos, text string) {
		if v != nil {
			out = append(out, Mark{Of: v, pos: pos, text: text})
		}
	}
	for _, st := range list {
		for _, t := range behaviour.Touches(w.Site, st).List {
			_, isStruct := syntax.StructOf(t.Access.Var.Type())
			if t.Class == site.GuardedUse && t.Access.Kind.Changes() && !isStruct && !w.OnlyMakesMap(t) {
				c, counts := behaviour.CountOf(t.Access)
				out = append(out, Mark{t.Access.Var, t.Access.Pos(), t.Name(), t.Via == nil && counts && c.Up(), counts || buildsOn(t.Access)})
			}
		}
		behaviour.EachAtomic(w.Site, st, func(_ *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			if change || syntax.IsChannel(v.Type()) {
				add(v, at.Pos(), v.Name())
			}
		})
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				add(signals.HeldBy(w.Unit, n.Chan), n.Pos(), types.ExprString(n.Chan))
			case *ast.CallExpr:
				if v, sel := markedByCall(w, n); v != nil {
					add(v, n.Pos(), types.ExprString(sel.X))
				}
			}
			return true
		})
	}
	return out
}

// markedByCall returns the shared variable on which a call calls a method that
// may change what the variable holds, or nil.
func markedByCall(w *move.Window, c *ast.CallExpr) (*types.Var, *ast.SelectorExpr) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || patterns.IsLockCall(w.Info, c) || w.Logs(c) {
		return nil, nil
	}
	s := w.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal || !behaviour.Effectful(w.Site, w.Unit, c) {
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

// buildsOn reports whether an access is the target of an assignment that mentions the variable.
func buildsOn(a *guards.Access) bool {
	value := behaviour.AssignedValue(a)
	return value != nil && syntax.Mentions(a.Unit.Pkg.Info, value, a.Var)
}
