package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// putOnce reports whether no two entries of a map hold the same value: the map has no other
// name, and every value put into it is new, extends the entry's own slice, or is a parameter or
// a local variable that is put into no other entry.
func putOnce(s *site.Site, m *types.Var) bool {
	if !guards.HasOneName(s.Program, s.Pkg, m) {
		return false
	}
	return !slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		if u.Body == nil {
			return false
		}
		put, twice := make(map[*types.Var]bool), false
		syntax.InspectOuter(u.Body, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || twice {
				return !twice
			}
			for i, l := range as.Lhs {
				if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && isVariable(u, ix.X, m) {
					twice = twice || as.Tok == token.ASSIGN && (len(as.Lhs) != len(as.Rhs) || !ownEntry(u, ix, as.Rhs[i], m, put))
				}
			}
			return true
		})
		return twice
	})
}

func isVariable(u *patterns.Unit, e ast.Expr, v *types.Var) bool {
	p, ok := patterns.PathOf(u.Pkg.Info, e)
	return ok && p.Last().Origin() == v.Origin()
}

// ownEntry reports whether a value that is put into a map entry is in no other entry.
func ownEntry(u *patterns.Unit, entry *ast.IndexExpr, e ast.Expr, m *types.Var, put map[*types.Var]bool) bool {
	info := u.Pkg.Info
	e = ast.Unparen(e)
	if syntax.FreshValue(info, e) {
		return true
	}
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return syntax.FreshValue(info, e.X)
	case *ast.IndexExpr:
		return types.ExprString(e) == types.ExprString(entry)
	case *ast.CallExpr:
		switch name := patterns.BuiltinOf(info, e); {
		case name == "append":
			return ownEntry(u, entry, e.Args[0], m, put)
		case name == "new":
			return true
		case info.Types[e.Fun].IsType():
			return ownEntry(u, entry, e.Args[0], m, put)
		}
	case *ast.Ident:
		v, ok := info.Uses[e].(*types.Var)
		if ok && putsBack(u, entry, v) {
			return true
		}
		if !ok || syntax.IsGlobal(v) || put[v] || !u.Declares(v) || u.Captured(v) {
			return false
		}
		put[v] = true
		def := u.DefinedOnce(v)
		return u.IsParam(v) && !u.Assigned(v, u.Body.List) || def != nil && ownEntry(u, entry, def, m, put)
	}
	return false
}

// putsBack reports whether a local variable holds what was looked up in the very entry that it
// is put into.
func putsBack(u *patterns.Unit, entry *ast.IndexExpr, v *types.Var) bool {
	from := u.LookedUpOnce(v)
	key, ok := ast.Unparen(entry.Index).(*ast.Ident)
	if from == nil || !ok || types.ExprString(from) != types.ExprString(entry) || u.Addressed(v) || u.Captured(v) {
		return false
	}
	k, ok := u.Pkg.Info.Uses[key].(*types.Var)
	return ok && !syntax.IsGlobal(k) && !k.IsField() && !u.Captured(k) && !u.Assigned(k, u.Body.List)
}
