package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// polls reports whether an expression is a test by which a loop that waits asks in
// each round whether guarded state has changed:
//
//	for !s.ready {
//		time.Sleep(pause)
//	}
//
// With the value that s.ready had before the loop it would ask for ever.
func (s *Site) polls(e ast.Expr) bool {
	loop := s.endedBy(e)
	if loop == nil || !s.waits(loop) {
		return false
	}
	changed := guardedChanges(s.touches(loop))
	return slices.ContainsFunc(joined(e), func(c ast.Expr) bool {
		t := s.touches(c)
		if t.guarded() == nil || s.varies(c, loop) {
			return false
		}
		return !slices.ContainsFunc(t.touches, func(u *touch) bool {
			return slices.ContainsFunc(changed, func(o *touch) bool { return o.access.Var == u.access.Var })
		})
	})
}

// endedBy returns the for loop that a condition may end: its own, or that of a branch
// in it that leaves the loop. It returns nil if there is none.
func (s *Site) endedBy(e ast.Expr) *ast.ForStmt {
	var arm ast.Node
	switch p := s.parents[e].(type) {
	case *ast.ForStmt:
		return p
	case *ast.IfStmt:
		arm = p
	case *ast.CaseClause:
		arm = p
	default:
		return nil
	}
	for n := s.parents[arm]; n != nil; n = s.parents[n] {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.RangeStmt:
			return nil
		case *ast.ForStmt:
			if leaves(arm, n.Cond == nil) {
				return n
			}
			return nil
		}
	}
	return nil
}

// leaves reports whether a branch of a loop has a statement that leaves the loop;
// rounds says that one which only begins the next round counts, too.
func leaves(arm ast.Node, rounds bool) bool {
	found := false
	inspectOuter(arm, func(n ast.Node) bool {
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

// varies reports whether an expression may have another value in each round of a loop
// even if guarded state stays the same: it calls something, receives, or uses a
// variable that the loop sets.
func (s *Site) varies(e ast.Expr, loop *ast.ForStmt) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || !s.Info.Types[n.Fun].IsType() && patterns.BuiltinOf(s.Info, n) == ""
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.Ident:
			v, ok := s.Info.Uses[n].(*types.Var)
			found = found || ok && !v.IsField() && s.setIn(v, loop)
		}
		return !found
	})
	return found
}

// setIn reports whether a loop declares a variable or gives it a value.
func (s *Site) setIn(v *types.Var, loop *ast.ForStmt) bool {
	if loop.Pos() <= v.Pos() && v.Pos() < loop.End() && !(loop.Init != nil && v.Pos() < loop.Init.End()) {
		return true
	}
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && varOf(s.Info, id) == v
	}
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || ast.Node(n) != ast.Node(loop.Init) && slices.ContainsFunc(n.Lhs, is)
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

// joined lists what && and || join in a condition.
func joined(e ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) {
		return append(joined(b.X), joined(b.Y)...)
	}
	return []ast.Expr{e}
}
