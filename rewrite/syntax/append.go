package syntax

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
)

// Appends reports whether a change only appends to a slice: x = append(x, y).
func Appends(a *guards.Access) bool {
	return Has(a.Unit.Body, func(as *ast.AssignStmt) bool {
		return Within(a.Node, as) && appended(a.Unit, as) != nil && Within(a.Node, as.Lhs[0])
	})
}

// ForAppend reports whether an access is to x in x = append(x, y): whatever is in x, the append
// does not look at it.
func ForAppend(a *guards.Access) bool {
	return Has(a.Unit.Body, func(as *ast.AssignStmt) bool {
		if !Within(a.Node, as) {
			return false
		}
		to := appended(a.Unit, as)
		return to != nil && (Within(a.Node, as.Lhs[0]) || Within(a.Node, to))
	})
}

// appended returns the x that is appended to in x = append(x, y), or nil.
func appended(u *patterns.Unit, as *ast.AssignStmt) ast.Expr {
	if len(as.Lhs) != 1 || len(as.Rhs) != 1 {
		return nil
	}
	c := CallOf(as.Rhs[0])
	if patterns.BuiltinOf(u.Pkg.Info, c) != "append" || types.ExprString(c.Args[0]) != types.ExprString(as.Lhs[0]) {
		return nil
	}
	return c.Args[0]
}
