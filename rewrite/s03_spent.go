package rewrite

import (
	"go/ast"
	constants "go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// This file is the part of S3 about what the section has done with by the time that
// the window begins: what it has taken out, and values that it only stores.

// spent reports whether each test of guarded state before the window only looks at
// what the section then takes out itself: a job of a queue, an entry of a map. The
// next caller does not find that any more, and what comes after the window is about
// what this one has.
//
//	job, ok := r.pending[id]
//	if !ok {
//		return errNotPending
//	}
//	delete(r.pending, id)
func (w *Window) spent() bool {
	if w.guardedExit(w.testing()) != nil {
		return false
	}
	for _, st := range w.Pre {
		if w.guardedExit([]ast.Stmt{st}) == nil {
			continue
		}
		if ifs, ok := st.(*ast.IfStmt); !ok || !w.spentTest(ifs) {
			return false
		}
	}
	return true
}

// askSpent asks whether the next caller may leave before the call is over.
func (w *Window) askSpent(test ast.Expr) {
	w.ask(takenFirst, "", S3, test.Pos(), "What is tested at %s is taken out before the call, so a caller that comes meanwhile finds it gone and goes on at once. Is that right?", w.line(test.Pos()))
}

// spentTest is spent for one test.
func (w *Window) spentTest(ifs *ast.IfStmt) bool {
	if ifs.Else != nil || !returnsLast(ifs.Body) || len(w.flagsIn(ifs)) > 0 {
		return false
	}
	reads := slices.Clone(w.touches(ifs.Cond).touches)
	if ifs.Init != nil {
		reads = append(reads, w.touches(ifs.Init).touches...)
	}
	for _, v := range sortedVars(w.derived) {
		if mentions(w.Info, ifs.Cond, v) {
			reads = append(reads, w.derived[v]...)
		}
	}
	for _, t := range reads {
		if t.class == guardedUse && (t.via != nil || !w.takesOut(t.access.Var, ifs, w.indexed(t.access))) {
			return false
		}
	}
	return len(reads) > 0
}

// takesOut reports whether a statement of the section itself, after a test and
// before the window, takes something out of a variable or empties it: of a map, the
// element that the test looks at, if it looks at one. Without a test, wherever it
// stands before the window.
func (w *Window) takesOut(v *types.Var, test *ast.IfStmt, tested *ast.IndexExpr) bool {
	is := func(e ast.Expr) bool {
		p, ok := patterns.PathOf(w.Info, e)
		return ok && p.Last() == v
	}
	for _, st := range w.Pre {
		if test != nil && st.Pos() < test.End() || w.parents[st] != w.parents[w.Lock] {
			continue
		}
		switch st := st.(type) {
		case *ast.ExprStmt:
			c, ok := st.X.(*ast.CallExpr)
			if !ok || len(c.Args) == 0 || !is(c.Args[0]) {
				continue
			}
			switch patterns.BuiltinOf(w.Info, c) {
			case "clear":
				return true
			case "delete":
				if tested == nil || types.ExprString(c.Args[1]) == types.ExprString(tested.Index) {
					return true
				}
			}
		case *ast.AssignStmt:
			if i := slices.IndexFunc(st.Lhs, is); i >= 0 && st.Tok == token.ASSIGN && len(st.Lhs) == len(st.Rhs) && w.leavesLess(st.Rhs[i], is) {
				return true
			}
		}
	}
	return false
}

// tookFirst reports whether a variable holds an element of a slice that the section
// makes shorter before the window.
func (w *Window) tookFirst(v *types.Var) bool {
	ix, ok := ast.Unparen(w.Unit.DefinedOnce(v)).(*ast.IndexExpr)
	if !ok || !isSlice(w.Info.TypeOf(ix.X)) {
		return false
	}
	p, ok := patterns.PathOf(w.Info, ix.X)
	return ok && w.takesOut(p.Last(), nil, nil) && slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 || types.ExprString(as.Lhs[0]) != types.ExprString(ix.X) {
			return false
		}
		left, ok := ast.Unparen(as.Rhs[0]).(*ast.SliceExpr)
		return ok && w.leavesOut(left, ix.Index)
	})
}

// leavesOut reports whether a part of a slice begins behind an element, or ends before
// it.
func (w *Window) leavesOut(part *ast.SliceExpr, index ast.Expr) bool {
	if part.High != nil {
		return types.ExprString(part.High) == types.ExprString(index)
	}
	low, first := w.Info.Types[part.Low].Value, w.Info.Types[index].Value
	return low != nil && first != nil && constants.Compare(first, token.LSS, low)
}

// leavesLess reports whether an expression is a part of what a variable held, or
// nothing.
func (w *Window) leavesLess(e ast.Expr, is func(ast.Expr) bool) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SliceExpr:
		return is(e.X) && (e.Low != nil || e.High != nil)
	case *ast.CallExpr:
		return isMake(w.Info, e)
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	default:
		return w.isNil(e)
	}
}

// takenLater returns where the section looks at an element of a slice before the
// window, if a change after it then makes the slice shorter: as if to take that
// element out, which another caller may have done meanwhile.
//
//	u := q.items[0]
//	err := visit(u)
//	q.items = q.items[1:]
func (w *Window) takenLater(t *touch) ast.Node {
	if t.via != nil || !isSlice(t.access.Var.Type()) || !w.shortens(t) {
		return nil
	}
	for _, v := range sortedVars(w.derived) {
		for _, d := range w.derived[v] {
			if ix := w.indexed(d.access); ix != nil && d.access.Var == t.access.Var {
				return ix
			}
		}
	}
	for _, x := range w.Values {
		if x.reads(t.access.Var) {
			return x.Uses[0]
		}
	}
	return nil
}

// indexed returns the element of a variable that an access selects, or nil.
func (w *Window) indexed(a *patterns.Access) *ast.IndexExpr {
	n := a.Node
	for sel, ok := w.parents[n].(*ast.SelectorExpr); ok; sel, ok = w.parents[n].(*ast.SelectorExpr) {
		n = sel
	}
	ix, ok := w.parents[n].(*ast.IndexExpr)
	if !ok || ix.X != n {
		return nil
	}
	return ix
}

// shortens reports whether a change after the window gives a slice a part of itself.
func (w *Window) shortens(t *touch) bool {
	found := false
	for _, st := range w.Post {
		ast.Inspect(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != len(as.Rhs) {
				return true
			}
			for i, l := range as.Lhs {
				sl, ok := ast.Unparen(as.Rhs[i]).(*ast.SliceExpr)
				found = found || ok && within(t.access.Node, l) && types.ExprString(sl.X) == types.ExprString(l)
			}
			return !found
		})
	}
	return found
}

// madeEarlier reports whether a variable that comes from guarded state holds nothing
// that leads back there, and whether what it comes from is not changed after the
// window: whoever stores it then stores what was made of an older state, which is
// for a person to look at.
func (w *Window) madeEarlier(v *types.Var) bool {
	return reachedThrough(w.derived[v]) == nil && !slices.ContainsFunc(w.derived[v], func(t *touch) bool {
		return slices.ContainsFunc(w.post.touches, func(u *touch) bool {
			return u.class == guardedUse && u.access.Var == t.access.Var && u.access.Kind.Changes() && w.updateKind(u) != merge
		})
	})
}

// onlyStores reports whether a statement uses a variable for its value alone: it
// decides on no other change, and on no place in a slice.
func (w *Window) onlyStores(v *types.Var, st ast.Stmt) bool {
	uses := func(n ast.Node) bool { return n != nil && mentions(w.Info, n, v) }
	only := true
	inspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			only = only && !uses(n.Cond)
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit:
			only = only && !uses(n)
		case *ast.ForStmt:
			only = only && (n.Cond == nil || !uses(n.Cond))
		case *ast.SliceExpr:
			only = only && !(n.Low != nil && uses(n.Low) || n.High != nil && uses(n.High))
		case *ast.IndexExpr:
			if tv, ok := w.Info.Types[n.X]; ok && tv.IsValue() && uses(n.Index) {
				_, isMap := tv.Type.Underlying().(*types.Map)
				only = only && isMap
			}
		}
		return only
	})
	return only
}

// selectsBy reports whether a statement uses a variable to say which part of a guarded
// slice, array or string it means: there may be no such part any more.
func (w *Window) selectsBy(v *types.Var, st ast.Stmt) bool {
	found := false
	by := func(x ast.Expr, bounds ...ast.Expr) {
		t := w.Info.TypeOf(x)
		if _, isMap := t.Underlying().(*types.Map); isMap || w.touches(x).guarded() == nil {
			return
		}
		for _, b := range bounds {
			found = found || b != nil && mentions(w.Info, b, v)
		}
	}
	inspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SliceExpr:
			by(n.X, n.Low, n.High, n.Max)
		case *ast.IndexExpr:
			if w.Info.Types[n.X].IsValue() {
				by(n.X, n.Index)
			}
		}
		return !found
	})
	return found
}

// decidesOn reports whether a condition tests guarded state. Whether a value that was
// read could be turned into another one is no such test: what is done with that then
// is asked about where it is used.
//
//	data, err := json.Marshal(s.state)
//	if err != nil {
//		return err
//	}
func (w *Window) decidesOn(cond ast.Expr) bool {
	return w.depends(cond) && !w.looksAtConversion(cond) && !w.looksAtOutcome(cond)
}

// looksAtOutcome reports whether a condition reads nothing but variables that a wait,
// right before it, has given their values.
func (w *Window) looksAtOutcome(cond ast.Expr) bool {
	if w.touches(cond).guarded() != nil || len(w.flagsIn(cond)) > 0 {
		return false
	}
	only := true
	ast.Inspect(cond, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, isVar := w.Info.Uses[id].(*types.Var)
			only = only && (!isVar || v.IsField() || len(w.derived[v]) == 0 || w.outcome(v, id))
		}
		return only
	})
	return only
}

// outcome reports whether the last value that a variable was given before it is used
// is the result of a wait of the window.
func (w *Window) outcome(v *types.Var, use ast.Node) bool {
	if w.Unit.Captured(v) || w.Unit.Addressed(v) {
		return false
	}
	var last *ast.AssignStmt
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if ok && as.End() <= use.Pos() && w.reassigned(v, []ast.Stmt{as}) && (last == nil || last.Pos() < as.Pos()) {
			last = as
		}
		return true
	})
	if last == nil || len(last.Rhs) != 1 || !w.waits(last.Rhs[0]) || !w.inStmts(last.Rhs[0], w.Stmts) {
		return false
	}
	around := w.parents[last]
	if _, ok := around.(*ast.CaseClause); ok {
		return false
	}
	return around != nil && within(use, around)
}

// looksAtConversion reports whether a condition compares with nil the error of a
// function outside of the loaded packages that also gives a result, and has no effect
// on what it is given.
func (w *Window) looksAtConversion(cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL || !w.isNil(b.Y) || !isErrorOrNil(w.Info, b.X) {
		return false
	}
	id, ok := ast.Unparen(b.X).(*ast.Ident)
	if !ok {
		return false
	}
	v := varOf(w.Info, id)
	if v == nil || v.IsField() || isGlobal(v) || w.Unit.Captured(v) || w.Unit.Addressed(v) {
		return false
	}
	var last ast.Expr // that v was given its value by, before the condition
	w.eachValue(v, func(e ast.Expr) {
		if e.End() <= cond.Pos() && (last == nil || e.Pos() > last.Pos()) {
			last = e
		}
	})
	c, ok := last.(*ast.CallExpr)
	if !ok {
		return false
	}
	tuple, ok := w.Info.TypeOf(c).(*types.Tuple)
	fn := patterns.CalleeOf(w.Info, c)
	if !ok || tuple.Len() < 2 || fn == nil || fn.Pkg() == nil || w.isLoaded(fn.Pkg()) || len(w.callTouches(w.Unit, c).touches) > 0 {
		return false
	}
	return w.hasNoEffect(w.Unit, c)
}
