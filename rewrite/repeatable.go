package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// A test can be made again after the wait if looking has no effect, and what it
// does on its way out takes as long as a few assignments:
//
//	if e, ok := c.entries[name]; ok && now.Before(e.expires) {
//		c.hits++
//		c.order.MoveToFront(e.elem)
//		return e.value, nil
//	}
//
// Whoever finds the entry at the second look leaves as if the section had begun
// there. What has been counted for the call by then is not counted as a hit, too.

// maxOnTheWayOut bounds how many statements of a test come before its return.
const maxOnTheWayOut = 4

// repeatable reports whether a statement is a test that has no effect but on its
// way out of the function.
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
	}
	return false
}

func (r *Recheck) repeatableElse(st ast.Stmt) bool {
	if b, ok := st.(*ast.BlockStmt); ok {
		return r.repeatableBranch(b.List)
	}
	return r.repeatable(st)
}

// pureHeader reports whether what a statement evaluates before it branches has no
// effect.
func (r *Recheck) pureHeader(init ast.Stmt, conds ...ast.Expr) bool {
	if slices.ContainsFunc(conds, func(e ast.Expr) bool { return e != nil && !r.pure(e) }) {
		return false
	}
	return init == nil || r.pureRead(init)
}

// pureRead reports whether a statement only declares variables.
func (r *Recheck) pureRead(st ast.Stmt) bool {
	as, ok := st.(*ast.AssignStmt)
	return ok && as.Tok == token.DEFINE && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return !r.pure(e) })
}

// repeatableBranch reports whether a branch leads out of the function and does
// little before, or else only looks.
func (r *Recheck) repeatableBranch(list []ast.Stmt) bool {
	if len(list) == 0 {
		return true
	}
	last := len(list) - 1
	if _, leaves := list[last].(*ast.ReturnStmt); !leaves {
		return !slices.ContainsFunc(list, func(st ast.Stmt) bool { return !r.pureRead(st) && !r.repeatable(st) })
	}
	return last <= maxOnTheWayOut && !r.s.waits(list[last]) && !slices.ContainsFunc(list[:last], func(st ast.Stmt) bool { return !r.brief(st) && !r.repeatable(st) })
}

// brief reports whether a statement is a release of the lock, or one that can
// stand before the return of a test.
func (r *Recheck) brief(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ExprStmt:
		if r.s.isRelease(st) {
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
			literal = literal || patterns.IsLockCall(r.s.Info, n)
		}
		return !literal
	})
	return !literal && !r.s.waits(st)
}

// initOf returns the statement that sets what the test looks at, or nil.
func (r *Recheck) initOf(test ast.Stmt) *ast.AssignStmt {
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

// readsOf lists what a step reads to decide or to return it: not what a test does
// on its way out.
func readsOf(step ast.Stmt) []ast.Node {
	var out []ast.Node
	ast.Inspect(step, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.IfStmt, *ast.SwitchStmt, nil:
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

// resultsIn lists the results of the returns in a statement.
func resultsIn(st ast.Stmt) []ast.Expr {
	var out []ast.Expr
	for _, ret := range returnsIn([]ast.Stmt{st}) {
		out = append(out, ret.Results...)
	}
	return out
}

// pure reports whether evaluating the expression twice is as good as once: the
// functions that it calls are seen, and change nothing that is shared.
func (r *Recheck) pure(e ast.Expr) bool {
	pure := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			pure = false
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		case *ast.CallExpr:
			pure = pure && (!r.s.effectful(r.s.Unit, n) || r.s.onlyCounts(r.s.Unit, n)) && !r.s.waits(n)
		}
		return pure
	})
	return pure && !slices.ContainsFunc(r.s.touches(e).touches, func(t *touch) bool { return t.access.Kind != patterns.Read && !r.countedBelow(t) })
}

// countedBelow reports whether a function that a test calls counts something by which
// nothing is decided. [Window.askAgain] asks whether it may count twice.
func (r *Recheck) countedBelow(t *touch) bool { return t.via != nil && r.s.onlyCounted(t.access.Var) }

// onTheWay lists what statements evaluate where control goes on to their end: not
// the branches that leave without a wait.
func (s *Site) onTheWay(list []ast.Stmt) []ast.Node {
	var out []ast.Node
	for _, st := range list {
		ifs, ok := st.(*ast.IfStmt)
		if !ok || ifs.Else != nil || !returnsLast(ifs.Body) || s.waits(ifs.Body) {
			out = append(out, st)
			continue
		}
		if ifs.Init != nil {
			out = append(out, ifs.Init)
		}
		out = append(out, ifs.Cond)
	}
	return out
}

// returnsLast reports whether a block ends with a return, and can be left in no
// other way than by a return or a panic.
func returnsLast(b *ast.BlockStmt) bool {
	return len(b.List) > 0 && returnsOnly(b) && !hasJump(b)
}

// assignedBefore reports whether a variable that a step uses may have another
// value, or one that is out of date, where the step is repeated.
func (r *Recheck) assignedBefore(v *types.Var, step ast.Stmt, pre []ast.Stmt) bool {
	if step.Pos() <= v.Pos() && v.Pos() < step.End() || !r.s.Unit.Assigned(v, pre) {
		return false
	}
	if len(r.derived[v]) > 0 || r.s.Unit.Addressed(v) || r.s.Unit.Captured(v) {
		return true
	}
	return slices.ContainsFunc(pre, func(st ast.Stmt) bool { return st.End() > step.Pos() && r.changes(v, []ast.Stmt{st}) })
}

// findCounted finds what the tests count although the section has counted the
// call as something else by then.
func (r *Recheck) findCounted(pre []ast.Stmt) {
	r.counted = make(map[ast.Stmt]bool)
	after := pre[slices.Index(pre, r.tests[0])+1:]
	if !slices.ContainsFunc(after, func(st ast.Stmt) bool { return r.counts(st) }) {
		return
	}
	for _, test := range r.tests {
		inspectOuter(test, func(n ast.Node) bool {
			if st, ok := n.(ast.Stmt); ok && r.counts(st) {
				r.counted[st] = true
			}
			return true
		})
	}
}

// counts reports whether a statement only counts something guarded up.
func (r *Recheck) counts(st ast.Stmt) bool {
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
	b, ok := r.s.Info.TypeOf(target).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0 && r.s.touches(target).guarded() != nil
}
