package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Polls reports whether a loop that waits looks in each iteration whether guarded state has
// changed, with a test that ends the loop or a value that it reads again:
//
//	for !s.ready {
//		time.Sleep(pause)
//	}
//
// If it used the value that s.ready had before the loop, it would never end.
func Polls(s *site.Site, st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ExprStmt:
		loop := endedBy(s, st.X)
		return loop != nil && slices.ContainsFunc(joined(st.X), func(e ast.Expr) bool { return asks(s, e, loop) })
	case *ast.AssignStmt:
		loop := roundsOf(s, st)
		return loop != nil && slices.ContainsFunc(st.Rhs, func(e ast.Expr) bool { return asks(s, e, loop) })
	}
	return false
}

// asks reports whether e reads guarded state that the waiting loop does not change itself, so
// that only others can give it another value.
func asks(s *site.Site, e ast.Expr, loop ast.Stmt) bool {
	t := Touches(s, e)
	if t.Guarded() == nil || !s.Waits(loop) || varies(s, e, loop) {
		return false
	}
	changed := GuardedChanges(Touches(s, loop))
	return !slices.ContainsFunc(t.List, func(u *site.Touch) bool {
		return slices.ContainsFunc(changed, func(o *site.Touch) bool { return o.Access.Var == u.Access.Var })
	})
}

// endedBy returns the loop that a condition may end: the loop that it is the condition of, or
// that a branch on it leaves. It returns nil if there is none.
func endedBy(s *site.Site, e ast.Expr) ast.Stmt {
	switch p := s.Parents[e].(type) {
	case *ast.ForStmt:
		return p
	case *ast.IfStmt, *ast.CaseClause:
		loop := roundsOf(s, p)
		if f, ok := loop.(*ast.ForStmt); loop == nil || !leaves(p, ok && f.Cond == nil) {
			return nil
		}
		return loop
	}
	return nil
}

// roundsOf returns the innermost loop that runs n in each iteration. It returns nil if there is
// none, or if the loop iterates over something.
func roundsOf(s *site.Site, n ast.Node) ast.Stmt {
	for p := s.Parents[n]; p != nil; n, p = p, s.Parents[p] {
		switch p := p.(type) {
		case *ast.FuncLit:
			return nil
		case *ast.RangeStmt:
			if p.Key != nil {
				return nil
			}
			return p
		case *ast.ForStmt:
			if p.Init != nil && n == ast.Node(p.Init) {
				continue
			}
			return p
		}
	}
	return nil
}

// leaves reports whether a branch in a loop may leave the loop. If rounds is set, starting the
// next iteration counts, too.
func leaves(arm ast.Node, rounds bool) bool {
	found := false
	syntax.InspectOuter(arm, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.BREAK || n.Tok == token.GOTO || rounds && n.Tok == token.CONTINUE
		}
		return !found
	})
	return found
}

// varies reports whether an expression may have a different value in each iteration of a loop
// even if guarded state stays the same: it calls a function, receives, or uses a variable that
// the loop sets.
func varies(s *site.Site, e ast.Expr, loop ast.Stmt) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || !s.Info.Types[n.Fun].IsType() && patterns.BuiltinOf(s.Info, n) == ""
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.Ident:
			v, ok := s.Info.Uses[n].(*types.Var)
			found = found || ok && !v.IsField() && setIn(s, v, loop)
		}
		return !found
	})
	return found
}

// setIn reports whether a loop declares a variable or assigns to it.
func setIn(s *site.Site, v *types.Var, loop ast.Stmt) bool {
	var init ast.Stmt
	if f, ok := loop.(*ast.ForStmt); ok {
		init = f.Init
	}
	in := func(st ast.Stmt) bool { return st.Pos() <= v.Pos() && v.Pos() < st.End() }
	if in(loop) && (init == nil || !in(init)) {
		return true
	}
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && syntax.VarOf(s.Info, id) == v
	}
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || ast.Stmt(n) != init && slices.ContainsFunc(n.Lhs, is)
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && is(ast.Unparen(n.X))
		}
		return !found
	})
	return found
}

// joined lists the operands of the && and || of a condition.
func joined(e ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) {
		return append(joined(b.X), joined(b.Y)...)
	}
	return []ast.Expr{e}
}
