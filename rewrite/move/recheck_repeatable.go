package move

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A test can be repeated after the wait if evaluating it has no effect and what it does before
// it returns takes no longer than a few assignments:
//
//	if e, ok := c.entries[name]; ok && now.Before(e.expires) {
//		c.hits++
//		c.order.MoveToFront(e.elem)
//		return e.value, nil
//	}
//
// A call that finds the entry at the second look returns as if the section had begun there. If
// the call has already been counted as a miss, for example, it is not counted as a hit as well.

// maxOnTheWayOut bounds how many statements may come before a test's return.
const maxOnTheWayOut = 4

// repeatable reports whether a statement is a test that has an effect only if it returns.
func (r *Recheck) repeatable(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.IfStmt:
		return r.pureHeader(st.Init, st.Cond) && r.repeatableBranch(st.Body.List) && (st.Else == nil || r.repeatableElse(st.Else))
	case *ast.SwitchStmt:
		ok := r.pureHeader(st.Init, st.Tag)
		for _, c := range st.Body.List {
			clause := c.(*ast.CaseClause)
			ok = ok && r.pureHeader(nil, clause.List...) && r.repeatableBranch(clause.Body)
		}
		return ok
	case *ast.RangeStmt:
		return r.repeatableSearch(st)
	}
	return false
}

// repeatableSearch reports whether a loop only looks for an element and returns if it finds one:
//
//	for _, c := range p.conns {
//		if c.addr == addr {
//			return c, nil
//		}
//	}
func (r *Recheck) repeatableSearch(loop *ast.RangeStmt) bool {
	switch r.Site.Info.TypeOf(loop.X).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Map:
	default:
		return false // going on to the next element may wait, or call a function
	}
	return (loop.Key == nil || loop.Tok == token.DEFINE) && r.pure(loop.X) &&
		!slices.ContainsFunc(loop.Body.List, func(st ast.Stmt) bool { return !r.pureRead(st) && !r.repeatable(st) })
}

func (r *Recheck) repeatableElse(st ast.Stmt) bool {
	if b, ok := st.(*ast.BlockStmt); ok {
		return r.repeatableBranch(b.List)
	}
	return r.repeatable(st)
}

// tookNothing reports whether a statement is a loop that takes elements out of a list until it
// returns one, and the section only gets past it once the list is empty:
//
//	for len(p.idle) > 0 {
//		c := p.idle[0]
//		p.idle = p.idle[1:]
//		if c.usable() {
//			return c, nil
//		}
//	}
//
// If elements come meanwhile, the section can go on without them: what it adds later is not what
// the loop looks at.
func (r *Recheck) tookNothing(st ast.Stmt, pre, post []ast.Stmt) bool {
	loop, ok := st.(*ast.ForStmt)
	if !ok || loop.Init != nil || loop.Post != nil {
		return false
	}
	list := r.tookFrom(loop)
	if list == nil {
		return false
	}
	leaves := syntax.HasOuter(loop.Body, func(b *ast.BranchStmt) bool { return b.Tok != token.CONTINUE || b.Label != nil })
	others := slices.DeleteFunc(slices.Concat(pre, post), func(o ast.Stmt) bool { return o == st })
	uses := slices.ContainsFunc(behaviour.Touches(r.Site, syntax.StmtNodes(others)...).List, func(t *site.Touch) bool { return t.Access.Var == list })
	return !leaves && !uses
}

// PassedOver reports whether an access is in a loop that took elements out and returned none of
// them: what it did to the list was complete, and the section may also return after it.
func (w *Window) PassedOver(a *guards.Access) bool {
	return w.Recheck != nil && slices.ContainsFunc(w.Recheck.Passed, func(loop ast.Stmt) bool { return syntax.Within(a.Node, loop) })
}

// tookFrom returns the list that a loop runs for as long as it has elements, or nil.
func (r *Recheck) tookFrom(loop *ast.ForStmt) *types.Var {
	cond, ok := loop.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.GTR && cond.Op != token.NEQ {
		return nil
	}
	c, ok := ast.Unparen(cond.X).(*ast.CallExpr)
	if zero := r.Site.Info.Types[cond.Y].Value; !ok || patterns.BuiltinOf(r.Site.Info, c) != "len" || zero == nil || constant.Sign(zero) != 0 {
		return nil
	}
	path, ok := patterns.PathOf(r.Site.Info, c.Args[0])
	if !ok || len(path.Fields) == 0 && !syntax.IsGlobal(path.Root) {
		return nil
	}
	return path.Last()
}

// pureHeader reports whether what a statement evaluates before it branches has no effect.
func (r *Recheck) pureHeader(init ast.Stmt, conds ...ast.Expr) bool {
	if slices.ContainsFunc(conds, func(e ast.Expr) bool { return e != nil && !r.pure(e) }) {
		return false
	}
	return init == nil || r.pureRead(init)
}

// pureRead reports whether a statement only declares variables, without an effect.
func (r *Recheck) pureRead(st ast.Stmt) bool {
	as, ok := st.(*ast.AssignStmt)
	return ok && as.Tok == token.DEFINE && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return !r.pure(e) })
}

// repeatableBranch reports whether a branch returns and does little before that, or only looks.
func (r *Recheck) repeatableBranch(list []ast.Stmt) bool {
	if len(list) == 0 {
		return true
	}
	last := len(list) - 1
	if _, leaves := list[last].(*ast.ReturnStmt); !leaves {
		return !slices.ContainsFunc(list, func(st ast.Stmt) bool { return !r.pureRead(st) && !r.repeatable(st) && !r.drops(st) })
	}
	return last <= maxOnTheWayOut && !r.Site.Waits(list[last]) && !slices.ContainsFunc(list[:last], func(st ast.Stmt) bool { return !r.brief(st) && !r.repeatable(st) })
}

// drops reports whether a statement deletes a map entry that the section, or a test around the
// statement, has looked at. Deleting an outdated entry twice is the same as deleting it once.
func (r *Recheck) drops(st ast.Stmt) bool {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := e.X.(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(r.Site.Info, c) != "delete" || !r.pure(c.Args[1]) {
		return false
	}
	return syntax.Has(r.Site.Unit.Body, func(ix *ast.IndexExpr) bool {
		return ix.Pos() < st.Pos() && syntax.DeletesEntry(c, ix)
	})
}

// Dropped reports whether a position is in such a deletion in a test.
func (r *Recheck) Dropped(at token.Pos) bool {
	found := false
	if r == nil {
		return false
	}
	for _, t := range r.Tests {
		ast.Inspect(t, func(n ast.Node) bool {
			st, ok := n.(*ast.ExprStmt)
			found = found || ok && st.Pos() <= at && at < st.End() && r.drops(st)
			return !found
		})
	}
	return found
}

// brief reports whether a statement releases the lock or is quick enough to come before a test's
// return.
func (r *Recheck) brief(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ExprStmt:
		if r.Site.IsRelease(st) {
			return true
		}
	case *ast.AssignStmt, *ast.IncDecStmt:
	default:
		return false
	}
	literal := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			literal = true
		case *ast.CallExpr:
			literal = literal || patterns.IsLockCall(r.Site.Info, n)
		}
		return !literal
	})
	return !literal && !r.Site.Waits(st)
}

// InitOf returns the assignment that sets what the test looks at, or nil.
func (r *Recheck) InitOf(test ast.Stmt) *ast.AssignStmt {
	if as := r.inits[test]; as != nil {
		return as
	}
	var init ast.Stmt
	switch st := test.(type) {
	case *ast.IfStmt:
		init = st.Init
	case *ast.SwitchStmt:
		init = st.Init
	}
	as, _ := init.(*ast.AssignStmt)
	return as
}

// readsOf lists what a step reads in order to decide something or to return it. What a test does
// before it returns is left out.
func readsOf(step ast.Stmt) []ast.Node {
	var out []ast.Node
	ast.Inspect(step, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.IfStmt, *ast.SwitchStmt, *ast.RangeStmt, nil:
			return true
		case *ast.IncDecStmt, *ast.ExprStmt:
			return false
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE || ast.Stmt(n) == step {
				out = append(out, n)
			}
			return false
		default:
			out = append(out, n)
			return false
		}
	})
	return out
}

// pure reports whether evaluating an expression twice is the same as evaluating it once: it
// calls only functions that letgo knows, and they change nothing shared.
func (r *Recheck) pure(e ast.Expr) bool {
	pure := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			pure = false
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		case *ast.CallExpr:
			pure = pure && (!behaviour.Effectful(r.Site, r.Site.Unit, n) || behaviour.OnlyCounts(r.Site, r.Site.Unit, n)) && !r.Site.Waits(n)
		}
		return pure
	})
	return pure && !slices.ContainsFunc(behaviour.Touches(r.Site, e).List, func(t *site.Touch) bool { return t.Access.Kind != guards.Read && !r.CountedBelow(t) })
}

// CountedBelow reports whether a function called by a test changes a counter that no decision
// depends on. [stale.askAgain] asks whether it may count twice.
func (r *Recheck) CountedBelow(t *site.Touch) bool {
	return t.Via != nil && behaviour.OnlyCounted(r.Site, t.Access.Var)
}

// keeps reports whether a read found a variable's object, or the section has created one in its
// place, for which the tests would fail: they can be repeated for that object.
func (r *Recheck) keeps(vars []*types.Var, pre []ast.Stmt) bool {
	if len(vars) != 1 || r.Site.Unit.Addressed(vars[0]) || r.Site.Unit.Captured(vars[0]) {
		return false
	}
	v, created := vars[0], ast.Stmt(nil)
	for _, st := range pre {
		switch {
		case v.Pos() >= st.Pos() && v.Pos() < st.End(), !r.changes(v, []ast.Stmt{st}):
		case created != nil || slices.ContainsFunc(r.Tests, func(t ast.Stmt) bool {
			ifs, ok := t.(*ast.IfStmt)
			return syntax.Mentions(r.Site.Info, t, v) && !(ok && t.Pos() < st.Pos() && syntax.FailsForNew(r.Site.Info, ifs.Cond, v) && syntax.Creates(r.Site.Info, st, v, ifs.Cond))
		}):
			return false
		default:
			created = st
		}
	}
	if created != nil && !slices.Contains(r.Created, created) {
		r.Created = append(r.Created, created)
	}
	return created != nil
}

// assignedBefore reports whether a variable that a step uses may have another value, or an
// outdated one, where the step is repeated.
func (r *Recheck) assignedBefore(v *types.Var, step ast.Stmt, pre []ast.Stmt) bool {
	if step.Pos() <= v.Pos() && v.Pos() < step.End() || !r.Site.Unit.Assigned(v, pre) {
		return false
	}
	if len(r.Derived[v]) > 0 || r.Site.Unit.Addressed(v) || r.Site.Unit.Captured(v) {
		return true
	}
	return slices.ContainsFunc(pre, func(st ast.Stmt) bool { return st.End() > step.Pos() && r.changes(v, []ast.Stmt{st}) })
}

// findCounted finds what the tests count although the section has already counted the call as
// something else.
func (r *Recheck) findCounted(pre []ast.Stmt) {
	r.Counted = make(map[ast.Stmt]bool)
	after := pre[slices.Index(pre, r.Tests[0])+1:]
	if !slices.ContainsFunc(after, func(st ast.Stmt) bool { return r.Counts(st) }) {
		return
	}
	for _, test := range r.Tests {
		syntax.InspectOuter(test, func(n ast.Node) bool {
			if st, ok := n.(ast.Stmt); ok && r.Counts(st) {
				r.Counted[st] = true
			}
			return true
		})
	}
}

// Counts reports whether a statement only increments a guarded number.
func (r *Recheck) Counts(st ast.Stmt) bool {
	var target ast.Expr
	switch st := st.(type) {
	case *ast.IncDecStmt:
		if st.Tok == token.INC {
			target = st.X
		}
	case *ast.AssignStmt:
		if st.Tok == token.ADD_ASSIGN && r.pure(st.Rhs[0]) {
			target = st.Lhs[0]
		}
	}
	if target == nil {
		return false
	}
	b, ok := r.Site.Info.TypeOf(target).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0 && behaviour.Touches(r.Site, target).Guarded() != nil
}

// changes reports whether statements assign to the variable or a part of it.
func (r *Recheck) changes(v *types.Var, list []ast.Stmt) bool {
	found := r.Site.Unit.Assigned(v, list)
	target := func(e ast.Expr) {
		if id, ok := syntax.RootIdent(e); ok && syntax.VarOf(r.Site.Info, id) == v {
			found = true
		}
	}
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					target(l)
				}
			case *ast.IncDecStmt:
				target(n.X)
			}
			return !found
		})
	}
	return found
}

// sets reports whether the read that was merged into a test sets the variable.
func (r *Recheck) sets(st ast.Stmt, v *types.Var) bool {
	if r.inits[st] == nil {
		return false
	}
	return slices.ContainsFunc(r.inits[st].Lhs, func(l ast.Expr) bool { return syntax.VarOf(r.Site.Info, l.(*ast.Ident)) == v })
}
