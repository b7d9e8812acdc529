package tree

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strings"
)

// difference describes the first difference between two syntax trees, or
// returns "". It ignores positions and comments, as well as parentheses and
// empty statements, which the printer adds and drops.
func difference(want, got ast.Node) string {
	a, b := flatten(want), flatten(got)
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%s instead of %s", b[i], a[i])
		}
	}
	switch {
	case len(a) < len(b):
		return "there is a " + b[len(a)] + " too many"
	case len(a) > len(b):
		return "there is a " + a[len(b)] + " missing"
	}
	return ""
}

// flatten describes the nodes of a tree, in order.
func flatten(n ast.Node) []string {
	var out []string
	var open []bool
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			if open[len(open)-1] {
				out = append(out, "end")
			}
			open = open[:len(open)-1]
			return true
		}
		switch n.(type) {
		case *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.ParenExpr, *ast.EmptyStmt:
			open = append(open, false)
			return true
		}
		open = append(open, true)
		out = append(out, describe(n))
		return true
	})
	return out
}

// describe returns the type of n and its fields that are not nodes.
func describe(n ast.Node) string {
	s := strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast.")
	switch n := n.(type) {
	case *ast.Ident:
		return s + " " + n.Name
	case *ast.BasicLit:
		if n.Kind == token.STRING || n.Kind == token.CHAR {
			return s + " " + n.Value
		}
		// The printer normalizes number prefixes and exponents.
		return s + " " + strings.ToLower(n.Value)
	case *ast.UnaryExpr:
		return s + " " + n.Op.String()
	case *ast.BinaryExpr:
		return s + " " + n.Op.String()
	case *ast.AssignStmt:
		return s + " " + n.Tok.String()
	case *ast.IncDecStmt:
		return s + " " + n.Tok.String()
	case *ast.BranchStmt:
		return s + " " + n.Tok.String()
	case *ast.RangeStmt:
		return s + " " + n.Tok.String()
	case *ast.GenDecl:
		return s + " " + n.Tok.String()
	case *ast.ChanType:
		return fmt.Sprint(s, " ", n.Dir)
	case *ast.CallExpr:
		return fmt.Sprint(s, " ", n.Ellipsis.IsValid())
	case *ast.TypeSpec:
		return fmt.Sprint(s, " ", n.Assign.IsValid())
	case *ast.SliceExpr:
		return fmt.Sprint(s, " ", n.Low != nil, n.High != nil, n.Slice3)
	case *ast.IfStmt:
		return fmt.Sprint(s, " ", n.Init != nil)
	case *ast.ForStmt:
		return fmt.Sprint(s, " ", n.Init != nil, n.Cond != nil, n.Post != nil)
	}
	return s
}

func isNil(n ast.Node) bool {
	if n == nil {
		return true
	}
	v := reflect.ValueOf(n)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
