package order

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// madeOf lists an expression and those that the window gives to the variables in it,
// but for the results of waits, which come from elsewhere.
func madeOf(w *move.Window, e ast.Expr, seen []*types.Var) []ast.Expr {
	out := []ast.Expr{e}
	eachGiven(w, w.Stmts, func(v *types.Var, value ast.Expr) {
		if !slices.Contains(seen, v) && syntax.Mentions(w.Info, e, v) && !w.Waits(value) {
			out = append(out, madeOf(w, value, append(slices.Clone(seen), v))...)
		}
	})
	return out
}

// eachGiven visits the variables that statements assign to by their names, each with
// the value that it is given.
func eachGiven(w *move.Window, stmts []ast.Stmt, visit func(v *types.Var, value ast.Expr)) {
	for _, st := range stmts {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != len(as.Rhs) {
				return true
			}
			for i, l := range as.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					if v := syntax.VarOf(w.Info, id); v != nil {
						visit(v, as.Rhs[i])
					}
				}
			}
			return true
		})
	}
}

// itself reports whether an expression is made of the value of a guarded variable,
// as opposed to an element that was found with it.
func itself(w *move.Window, e ast.Expr, v *types.Var) bool {
	for _, d := range syntax.SortedVars(w.Derived) {
		if !syntax.Mentions(w.Info, e, d) {
			continue
		}
		for _, t := range w.Derived[d] {
			if t.Access.Var == v && !isIndex(w, t.Access.Node) {
				return true
			}
		}
	}
	return slices.ContainsFunc(w.Values, func(x extract.Extraction) bool {
		if !x.Reads(v) || x.Part || !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(u, e) }) {
			return false
		}
		return !x.Operand || x.Acts || slices.ContainsFunc(guards.AccessesIn(w.Unit, x.Uses[0]), func(a *guards.Access) bool { return a.Var == v && !isIndex(w, a.Node) })
	})
}

// isIndex reports whether an expression is a part of the index of another one.
func isIndex(w *move.Window, e ast.Expr) bool {
	for n := ast.Node(e); ; {
		p := w.Parents[n]
		if ix, ok := p.(*ast.IndexExpr); ok && ix.Index == n {
			return true
		}
		if _, ok := p.(ast.Expr); !ok {
			return false
		}
		n = p
	}
}

// forEffect reports whether a call gives no value but an error, and is not made
// on an object of this call of the function.
func forEffect(w *move.Window, c *ast.CallExpr) bool {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && w.Info.Selections[sel] != nil {
		if w.Program.Owns(w.Pkg, sel.X) {
			return false
		}
	}
	if _, alone := w.Parents[c].(*ast.ExprStmt); alone {
		return true
	}
	switch t := w.Info.TypeOf(c).(type) {
	case *types.Tuple:
		return t.Len() == 0
	default:
		return t != nil && patterns.IsError(t)
	}
}

// readFrom returns a guarded variable that others change and whose value, taken
// under the lock, an expression uses; nil if there is none.
func readFrom(w *move.Window, e ast.Expr) *types.Var {
	for _, v := range comesFrom(w, e) {
		if !w.Detached(v) && guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return a.MayBeUnder(w.Section.LockVar()) }) != nil {
			return v
		}
	}
	return nil
}

// madeFrom returns a guarded variable that is changed before the window and
// whose value an expression uses, or nil.
func madeFrom(w *move.Window, e ast.Expr) *site.Touch {
	from := comesFrom(w, e)
	for _, t := range behaviour.GuardedChanges(w.PreTouches) {
		if slices.Contains(from, t.Access.Var) && !w.Detached(t.Access.Var) {
			return t
		}
	}
	return nil
}

// comesFrom lists the guarded variables whose values, taken before the window, an
// expression uses. It leaves out what the section has taken out of them: [TakesAndPasses]
// asks about that.
func comesFrom(w *move.Window, e ast.Expr) []*types.Var {
	var from []*types.Var
	for _, v := range syntax.SortedVars(w.Derived) {
		if syntax.Mentions(w.Info, e, v) && !w.Taken(v) && !w.TookFirst(v) {
			for _, t := range w.Derived[v] {
				from = append(from, t.Access.Var)
			}
		}
	}
	for _, x := range w.Values {
		if slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(u, e) }) {
			from = append(from, x.Sources()...)
		}
	}
	return from
}

func isOp(w *move.Window, n ast.Node) bool {
	return slices.ContainsFunc(w.Finding.Ops, func(o *waits.Op) bool { return o.Node == n })
}
