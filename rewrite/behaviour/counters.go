package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// OnlyCounted reports whether a variable is a number, or a map of numbers, that the package only
// counts up or resets, and that no decision depends on.
func OnlyCounted(s *site.Site, v *types.Var) bool {
	t := v.Type()
	m, isMap := t.Underlying().(*types.Map)
	if isMap {
		t = m.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsNumeric == 0 {
		return false
	}
	p := s.PackageOf(v)
	sharing := guards.SharingOf(s.Program, p, v)
	return !sharing.Exported && !p.UsedInOtherBuilds(v) && !slices.ContainsFunc(sharing.Accesses, func(a *guards.Access) bool {
		switch a.Kind {
		case guards.Read:
			return !isReport(a)
		case guards.Write:
			return isMap || !countsOrClears(a)
		case guards.Content:
			return !isMap || a.Alias || !countsOrClears(a)
		}
		return true
	})
}

// countsOrClears reports whether a write is x++ or x += y, or sets the variable to a constant.
func countsOrClears(a *guards.Access) bool {
	if c, ok := CountOf(a); ok {
		return c.Up()
	}
	value := AssignedValue(a)
	return value != nil && a.Unit.Pkg.Info.Types[value].Value != nil
}

// A Count is an update that computes a number from the old value of a variable or of one of its
// elements: x++, x -= y, m[k] += y.
type Count struct {
	Tok     token.Token
	Element bool
}

// Up reports whether a count is x++ or x += y.
func (c Count) Up() bool { return c.Tok == token.INC || c.Tok == token.ADD_ASSIGN }

// CountOf returns the count that an access is part of.
func CountOf(a *guards.Access) (c Count, ok bool) {
	if a.Unit.Body == nil {
		return Count{}, false
	}
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			if element, is := countedIn(a, n.X); is {
				c, ok = Count{Tok: n.Tok, Element: element}, true
			}
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
				break
			}
			if element, is := countedIn(a, n.Lhs[0]); is {
				c, ok = Count{Tok: n.Tok, Element: element}, true
			}
		}
		return !ok
	})
	return c, ok
}

// CountsItself reports whether an access is part of a count of the variable itself, like x in x++, and
// not of one of its elements.
func CountsItself(a *guards.Access) bool {
	c, ok := CountOf(a)
	return ok && !c.Element
}

// countedIn reports whether an access is to e or to a variable that e goes through, and whether
// e is an element of it.
func countedIn(a *guards.Access, e ast.Expr) (element, ok bool) {
	for {
		if e == a.Node {
			return element, true
		}
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if ast.Expr(x.Sel) == a.Node {
				return element, true
			}
			e = x.X
		case *ast.IndexExpr:
			element, e = true, x.X
		default:
			return false, false
		}
	}
}

// isReport reports whether a read is part of a count, or only passes the value on: to the
// caller, directly or in a composite literal, or to the log.
func isReport(a *guards.Access) bool {
	if c, ok := CountOf(a); ok {
		return c.Up() || c.Tok == token.DEC
	}
	found := false
	info := a.Unit.Pkg.Info
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				found = found || syntax.Within(a.Node, e) && plainReport(info, e, a.Node)
			}
		case *ast.CallExpr:
			found = found || syntax.IsLogCall(info, n) && slices.ContainsFunc(n.Args, func(e ast.Expr) bool { return syntax.Within(a.Node, e) && plainReport(info, e, a.Node) })
		}
		return !found
	})
	return found
}

// plainReport reports whether e is just part, perhaps indexed or converted, or a composite
// literal with such an element.
func plainReport(info *types.Info, e, part ast.Expr) bool {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	switch e := e.(type) {
	case *ast.SelectorExpr, *ast.Ident:
		return syntax.Within(part, e)
	case *ast.IndexExpr: // the count of one key
		return syntax.Within(part, e.X)
	case *ast.CompositeLit:
		return slices.ContainsFunc(e.Elts, func(x ast.Expr) bool {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			return plainReport(info, x, part)
		})
	case *ast.CallExpr:
		return info.Types[e.Fun].IsType() && plainReport(info, e.Args[0], part)
	}
	return false
}
