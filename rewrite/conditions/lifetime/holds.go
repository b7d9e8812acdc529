package lifetime

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// onlyHolds reports whether an access leaves alone the object that a variable refers to: it
// puts another one into the variable, or tests whether there is one.
func onlyHolds(a *guards.Access) bool {
	if syntax.RefsOf(a.Var.Type(), 0) != syntax.ObjectRef || a.Alias {
		return false
	}
	return a.Kind == guards.Write || a.Kind == guards.Read && syntax.Has(a.Unit.Body, func(b *ast.BinaryExpr) bool {
		return (b.Op == token.EQL || b.Op == token.NEQ) && a.MadeBy(b.X) && a.Unit.Pkg.Info.Types[b.Y].IsNil()
	})
}

// leavesElements reports whether an access to a map or slice gets at none of its elements: it
// sets one, removes one, or asks for keys or the length.
func leavesElements(a *guards.Access) bool {
	if syntax.RefsOf(a.Var.Type(), 0) != syntax.Aliasing || a.Alias || a.Kind == guards.Escape {
		return false
	}
	element := func(e ast.Expr) bool {
		ix, ok := ast.Unparen(e).(*ast.IndexExpr)
		return ok && a.MadeBy(ix.X)
	}
	return syntax.Has(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) == 2 && len(n.Rhs) == 1 && element(n.Rhs[0]) {
				return syntax.IsBlank(n.Lhs[0])
			}
			for _, l := range n.Lhs {
				if (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) && element(l) {
					return true
				}
			}
		case *ast.RangeStmt:
			return a.MadeBy(n.X) && (n.Value == nil || syntax.IsBlank(n.Value))
		case *ast.CallExpr:
			switch patterns.BuiltinOf(a.Unit.Pkg.Info, n) {
			case "len", "cap", "delete", "clear":
				return a.MadeBy(n.Args[0])
			}
		}
		return false
	})
}

// endsQuietly reports whether values of a type may be closed while in use, more than once, and
// by several at a time: they are no stream that a section may be halfway through.
func endsQuietly(t types.Type) bool {
	methods := types.NewMethodSet(t)
	return behaviour.CloseSafe(t) && !slices.ContainsFunc([]string{"Read", "Write", "ReadFrom", "WriteTo"}, func(name string) bool {
		return methods.Lookup(nil, name) != nil
	})
}
