package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// countedOnly is onlyCounted where a test is made again after the window: whether
// counting first is right has been asked then, once for all (S17).
func (w *Window) countedOnly(v *types.Var) bool { return w.recheck != nil && w.onlyCounted(v) }

// onlyCounted reports whether a variable is a number that the package only counts
// up, or sets to zero, and by which nothing is decided.
func (s *Site) onlyCounted(v *types.Var) bool {
	b, ok := v.Type().Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsNumeric == 0 {
		return false
	}
	sharing := s.Program.SharingOf(s.packageOf(v), v)
	return !sharing.Exported && !slices.ContainsFunc(sharing.Accesses, func(a *patterns.Access) bool {
		switch a.Kind {
		case patterns.Read:
			return !isReport(a)
		case patterns.Write:
			return !countsOrClears(a)
		}
		return true
	})
}

// countsOrClears reports whether a write is x++ or x += y for its own sake, or sets
// the variable to a constant.
func countsOrClears(a *patterns.Access) bool {
	found := false
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			found = found || n.Tok == token.INC && within(a.Node, n.X)
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if within(a.Node, l) {
					found = n.Tok == token.ADD_ASSIGN || n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) && a.Unit.Pkg.Info.Types[n.Rhs[i]].Value != nil
				}
			}
		}
		return !found
	})
	return found
}

// isReport reports whether a read only hands the value on: to the caller, or into
// a value that is made there.
func isReport(a *patterns.Access) bool {
	found := false
	info := a.Unit.Pkg.Info
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			found = found || within(a.Node, n.X)
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				found = found || within(a.Node, l) && n.Tok == token.ADD_ASSIGN
			}
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				found = found || within(a.Node, e) && plainReport(info, e, a.Node)
			}
		}
		return !found
	})
	return found
}

// plainReport reports whether a part of an expression is it, or an element of the
// composite literal that it is.
func plainReport(info *types.Info, e, part ast.Expr) bool {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	switch e := e.(type) {
	case *ast.SelectorExpr, *ast.Ident:
		return within(part, e)
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

// putOnce reports whether the section changes a variable only after the window,
// and only where the test that is repeated finds it not set: the first of several
// callers sets it, and the others leave.
func (w *Window) putOnce(v *types.Var) bool {
	if w.recheck == nil || !w.recheck.testsAgain(v) || slices.ContainsFunc(w.pre.touches, func(t *touch) bool { return t.access.Var == v && t.access.Kind.Changes() }) {
		return false
	}
	return slices.ContainsFunc(w.recheck.tests, func(t ast.Stmt) bool { return w.looksFor(t, func(u *types.Var) bool { return u == v }) })
}

// chosenBy reports whether a variable only says which value the window is given:
// the order of those has been asked about.
func (w *Window) chosenBy(g *types.Var) bool {
	return slices.ContainsFunc(w.guardedValues(), func(v usedValue) bool { return slices.Contains(v.from, g) && w.onlyChooses(g, v.of) })
}

// addsAfter reports whether a change only adds to a number after the window: the
// sum is the same in any order.
func (w *Window) addsAfter(t *touch) bool {
	if !slices.Contains(w.post.touches, t) || w.updateKind(t) != merge {
		return false
	}
	number := t.access.Var.Type()
	switch u := number.Underlying().(type) {
	case *types.Map:
		number = u.Elem()
	case *types.Slice:
		number = u.Elem()
	}
	b, ok := number.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0 && !w.deletesFrom(t)
}

// deletesFrom reports whether a change takes an element out of a map.
func (w *Window) deletesFrom(t *touch) bool {
	found := false
	for _, st := range w.Post {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			found = found || ok && patterns.BuiltinOf(w.Info, c) == "delete" && within(t.access.Node, c)
			return !found
		})
	}
	return found
}

// onlyChooses reports whether a guarded variable only says which element of others
// a local variable is given: s.urls[s.next%len(s.urls)]. The number itself is not
// passed on.
func (w *Window) onlyChooses(g, local *types.Var) bool {
	def := w.Unit.DefinedOnce(local)
	if def == nil {
		return false
	}
	outside := false
	uses := 0
	for _, a := range w.Unit.AccessesIn(def) {
		if a.Var != g {
			continue
		}
		uses++
		chosen := false
		ast.Inspect(def, func(n ast.Node) bool {
			ix, ok := n.(*ast.IndexExpr)
			chosen = chosen || ok && within(a.Node, ix.Index)
			return !chosen
		})
		outside = outside || !chosen
	}
	return uses > 0 && !outside
}
