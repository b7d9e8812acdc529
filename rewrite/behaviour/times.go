package behaviour

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// NotesTime reports whether a variable is only ever set to the time: who sets it last
// leaves what is right then, whatever was there and whichever call began first.
func NotesTime(s *site.Site, v *types.Var) bool {
	sharing := s.Program.SharingOf(s.PackageOf(v), v)
	return !sharing.Exported && sharing.Changed(nil) != nil &&
		sharing.Changed(func(a *patterns.Access) bool { return !SetsNow(a) }) == nil
}

// SetsNow reports whether an access sets a variable to the time.
func SetsNow(a *patterns.Access) bool {
	found := false
	if a.Kind != patterns.Write || a.Unit.Body == nil {
		return false
	}
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && len(as.Lhs) == len(as.Rhs) {
			for i, l := range as.Lhs {
				found = found || syntax.Within(a.Node, l) && isNow(a.Unit.Pkg.Info, as.Rhs[i])
			}
		}
		return !found
	})
	return found
}

// isNow reports whether an expression is time.Now().
func isNow(info *types.Info, e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := patterns.CalleeOf(info, c)
	return fn != nil && fn.FullName() == "time.Now"
}
