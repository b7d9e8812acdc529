package syntax

import (
	"go/ast"
	"go/token"
)

// Exclusive reports whether two positions are in different branches of one statement, so
// that only one of them is reached.
func Exclusive(body ast.Node, a, b token.Pos) bool {
	in := func(n ast.Node, p token.Pos) bool { return n != nil && n.Pos() <= p && p < n.End() }
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if n.Else != nil {
				found = found || in(n.Body, a) && in(n.Else, b) || in(n.Body, b) && in(n.Else, a)
			}
		case *ast.CaseClause:
			found = found || in(n, a) && !in(n, b) && inSwitch(body, n, b)
		case *ast.CommClause:
			found = found || in(n, a) && !in(n, b) && inSwitch(body, n, b)
		}
		return !found
	})
	return found
}

// inSwitch reports whether a position is in another clause of the statement that
// a clause belongs to.
func inSwitch(body, clause ast.Node, p token.Pos) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BlockStmt); ok {
			for _, st := range b.List {
				found = found || st == clause && b.Pos() <= p && p < b.End()
			}
		}
		return !found
	})
	return found
}
