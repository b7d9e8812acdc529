package blocking

import "go/ast"

// Of returns the arguments of a call that a names, or its receiver.
func (a Arg) Of(c *ast.CallExpr) []ast.Expr {
	switch {
	case a.Index < 0:
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
			return []ast.Expr{sel.X}
		}
	case a.Variadic && a.Index < len(c.Args):
		return c.Args[a.Index:]
	case a.Index < len(c.Args):
		return c.Args[a.Index : a.Index+1]
	}
	return nil
}
