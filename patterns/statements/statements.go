// Package statements finds statements and calls in the bodies of functions.
package statements

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// InspectCalls calls f for the calls in a node, inner ones first, without
// entering function literals.
func InspectCalls(n ast.Node, f func(*ast.CallExpr)) {
	stack := make([]*ast.CallExpr, 0, 16) // nil for what is no call
	ast.Inspect(n, func(m ast.Node) bool {
		if m == nil {
			if c := stack[len(stack)-1]; c != nil {
				f(c)
			}
			stack = stack[:len(stack)-1]
			return true
		}
		if _, ok := m.(*ast.FuncLit); ok {
			return false
		}
		c, _ := m.(*ast.CallExpr)
		stack = append(stack, c)
		return true
	})
}

// StmtOf returns the node as a statement, or nil.
func StmtOf(n ast.Node) ast.Stmt {
	st, _ := n.(ast.Stmt)
	return st
}

// FirstComm returns the first case of a select that is not the default, or nil.
func FirstComm(s *ast.SelectStmt) ast.Stmt {
	for _, c := range s.Body.List {
		if comm := c.(*ast.CommClause).Comm; comm != nil {
			return comm
		}
	}
	return nil
}

// Around returns the list of statements that directly contains a statement, and its
// index.
func Around(body ast.Node, s ast.Stmt) (list []ast.Stmt, at int) {
	ast.Inspect(body, func(n ast.Node) bool {
		l := ListOf(n)
		if i := slices.Index(l, s); i >= 0 {
			list, at = l, i
		}
		return list == nil
	})
	return list, at
}

// ListOf returns the list of statements that a node is, or nil.
func ListOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// LoopsAround lists the loops in a body that are around a place, the outermost first. The
// head of a loop is a part of it.
func LoopsAround(body ast.Node, at token.Pos) (loops []ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil || at < n.Pos() || n.End() <= at {
			return false
		}
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loops = append(loops, n)
		}
		return true
	})
	return loops
}

// Ends reports whether a block ends in a return or a panic.
func Ends(info *types.Info, b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch st := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		c, ok := st.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		return patterns.BuiltinOf(info, c) == "panic"
	}
	return false
}
