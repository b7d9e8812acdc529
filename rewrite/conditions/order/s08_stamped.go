package order

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askStamped asks about a number or time that is drawn before the call is over and then put
// where things have an order:
//
//	now := time.Now()
//	r := get(url)
//	l.log = append(l.log, entry{now, r})
//
// The lock kept the entries in the order of their times.
func askStamped(w *move.Window) {
	drawn := Drawn(w)
	if len(drawn) == 0 {
		return
	}
	carriers := carriersOf(w, drawn)
	for _, st := range w.Post {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			values, to := putInOrder(w, n)
			for _, e := range values {
				for _, v := range syntax.SortedVars(carriers) {
					if to != "" && mentionsPlainly(w, e, v) {
						w.Assume(safety.S8, e.Pos(), "%s is read at %s and put into %s only after the call, so a later one of another caller can now come first. Is either order fine?", carriers[v].Name(), w.Line(drawn[carriers[v]]), to)
						to = ""
					}
				}
			}
			return true
		})
	}
}

// putInOrder returns what a node appends to a guarded slice or sends, and to what.
func putInOrder(w *move.Window, n ast.Node) (values []ast.Expr, to string) {
	switch n := n.(type) {
	case *ast.SendStmt:
		return []ast.Expr{n.Value}, types.ExprString(n.Chan)
	case *ast.AssignStmt:
		for i, r := range n.Rhs {
			c, ok := ast.Unparen(r).(*ast.CallExpr)
			if !ok || patterns.BuiltinOf(w.Info, c) != "append" || len(n.Lhs) != len(n.Rhs) {
				continue
			}
			guarded := func(t *site.Touch) bool {
				return t.Class == site.GuardedUse && t.Access.Kind.Changes() && syntax.Within(t.Access.Node, n.Lhs[i])
			}
			if slices.ContainsFunc(w.PostTouches.List, guarded) {
				return c.Args[1:], types.ExprString(n.Lhs[i])
			}
		}
	}
	return nil, ""
}

// carriersOf lists the local variables that hold a drawn value, or something made with
// it, each with the variable that it was drawn into.
func carriersOf(w *move.Window, drawn map[*types.Var]token.Pos) map[*types.Var]*types.Var {
	out := make(map[*types.Var]*types.Var)
	for v := range drawn {
		out[v] = v
	}
	eachGiven(w, slices.Concat(w.Pre, w.Stmts, w.Post), func(to *types.Var, value ast.Expr) {
		for _, v := range syntax.SortedVars(out) {
			if out[to] == nil && !to.IsField() && mentionsPlainly(w, value, v) {
				out[to] = out[v]
			}
		}
	})
	return out
}

// mentionsPlainly reports whether an expression contains the value of a variable: it is the
// value, or an object made with it. What a function makes of it is something else, such as
// the time since then.
func mentionsPlainly(w *move.Window, e ast.Expr, v *types.Var) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return syntax.VarOf(w.Info, e) == v
	case *ast.UnaryExpr:
		return mentionsPlainly(w, e.X, v)
	case *ast.KeyValueExpr:
		return mentionsPlainly(w, e.Value, v)
	case *ast.CompositeLit:
		return slices.ContainsFunc(e.Elts, func(x ast.Expr) bool { return mentionsPlainly(w, x, v) })
	case *ast.CallExpr:
		if tv := w.Info.Types[e.Fun]; tv.IsType() {
			return mentionsPlainly(w, e.Args[0], v)
		}
		sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr) // now.UnixNano()
		return ok && len(e.Args) == 0 && syntax.IsOrdered(w.Info.TypeOf(e)) && mentionsPlainly(w, sel.X, v)
	}
	return false
}
