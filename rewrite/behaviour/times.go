package behaviour

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// NotesTime reports whether a variable is only ever set to the current time, so that the last
// write leaves the right value, whatever the old value was and whichever call began first. A
// variable that is compared with another such time does not count, because the order of the two
// writes matters.
func NotesTime(s *site.Site, v *types.Var) bool {
	sharing := guards.SharingOf(s.Program, s.PackageOf(v), v)
	return !sharing.Exported && sharing.Changed(nil) != nil &&
		sharing.Changed(func(a *guards.Access) bool { return !SetsNow(a) }) == nil &&
		!comparedWithOther(s, v)
}

// comparedWithOther reports whether the package compares the variable with a time that was not
// just read from the clock:
//
//	return r.begun.After(r.ended)
func comparedWithOther(s *site.Site, v *types.Var) bool {
	return slices.ContainsFunc(s.Program.UnitsIn(s.PackageOf(v)), func(u *patterns.Unit) bool {
		holds := func(e ast.Expr) bool {
			p, ok := patterns.PathOf(u.Pkg.Info, cmp.Or(u.DefinedOnce(syntax.VarOf(u.Pkg.Info, syntax.IdentOf(e))), e))
			return ok && p.Last().Origin() == v.Origin()
		}
		compares := func(a, b ast.Expr) bool { return holds(a) && !isOfNow(u, b) || holds(b) && !isOfNow(u, a) }
		found := false
		if u.Body != nil {
			ast.Inspect(u.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BinaryExpr:
					found = found || (n.Op == token.EQL || n.Op == token.NEQ) && compares(n.X, n.Y)
				case *ast.CallExpr:
					sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
					found = found || ok && relatesTimes(u.Pkg.Info, n) && compares(sel.X, n.Args[0])
				}
				return !found
			})
		}
		return found
	})
}

// relatesTimes reports whether a call is of a time.Time method that takes another time.
func relatesTimes(info *types.Info, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(info, c)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "time" || fn.Signature().Recv() == nil || len(c.Args) != 1 {
		return false
	}
	return types.Identical(fn.Signature().Params().At(0).Type(), fn.Signature().Recv().Type())
}

// isOfNow reports whether an expression is the current time or relative to it:
// time.Now().Add(-ttl).
func isOfNow(u *patterns.Unit, e ast.Expr) bool {
	info := u.Pkg.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := syntax.VarOf(info, e)
		def := u.DefinedOnce(v)
		return v != nil && def != nil && isOfNow(u, def)
	case *ast.CallExpr:
		if isNow(info, e) {
			return true
		}
		sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
		return ok && info.Selections[sel] != nil && isOfNow(u, sel.X)
	}
	return false
}

// SetsNow reports whether an access sets a variable to the current time.
func SetsNow(a *guards.Access) bool {
	if a.Kind != guards.Write || a.Unit.Body == nil {
		return false
	}
	value := AssignedValue(a)
	return value != nil && isNow(a.Unit.Pkg.Info, value)
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
