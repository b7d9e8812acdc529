package deadlock

import (
	"go/ast"
	"go/token"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// alwaysRelocks reports whether every run of a section reaches a call in it, and every run of
// what is called takes the lock of the section: no run has ever got past that call.
func alwaysRelocks(s *locks.Section, c *ast.CallExpr, n lockNeed) bool {
	if !alwaysRuns(s.Unit, c) {
		return false
	}
	for _, l := range n.way {
		if !alwaysRuns(l.Callee, l.Node) {
			return false
		}
	}
	return true
}

// alwaysRuns reports whether a unit that gets to its end, or does not end, makes a call: the
// statement of the call is in the list of the body, and none before it can leave.
func alwaysRuns(u *patterns.Unit, call ast.Node) bool {
	for _, st := range u.Body.List {
		in := st.Pos() <= call.Pos() && call.End() <= st.End()
		switch st.(type) {
		case *ast.ExprStmt, *ast.AssignStmt, *ast.ReturnStmt, *ast.DeclStmt, *ast.IncDecStmt, *ast.SendStmt:
			if in {
				return !conditional(st, call)
			}
		default:
			if in {
				return false
			}
		}
		if leaves(st) {
			return false
		}
	}
	return false
}

// conditional reports whether a call in a statement is made later, or only if something holds.
func conditional(st ast.Stmt, call ast.Node) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || within(call, n)
		case *ast.BinaryExpr:
			found = found || (n.Op == token.LAND || n.Op == token.LOR) && within(call, n.Y)
		}
		return !found
	})
	return found
}

// leaves reports whether a statement may end the function or jump.
func leaves(st ast.Stmt) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

func within(n, outer ast.Node) bool { return outer.Pos() <= n.Pos() && n.End() <= outer.End() }
