package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// One outcome of the call may set a variable to a constant, and another outcome change it in
// another way. Under the lock the last call decided; now it is the last one to finish.
//
//	err := ping(b.url)
//	b.mu.Lock()
//	if err != nil {
//		b.fails++
//	} else {
//		b.fails = 0
//	}

// differsByOutcome reports whether a change after the window is made for one outcome of the window
// only, and another one changes the same variable differently.
func differsByOutcome(w *move.Window, t *site.Touch) bool {
	return slices.ContainsFunc(w.PostTouches.List, func(o *site.Touch) bool {
		if o.Access.Var != t.Access.Var || o.Class != site.GuardedUse || !o.Access.Kind.Changes() || sameValue(w, t, o) {
			return false
		}
		return branchesOff(w, t.Access.Node, o.Access.Node) || branchesOff(w, o.Access.Node, t.Access.Node)
	})
}

// sameValue reports whether two changes are the same one, or assign the same constant.
func sameValue(w *move.Window, a, b *site.Touch) bool {
	if a.Access.Node == b.Access.Node {
		return true
	}
	x, y := behaviour.AssignedValue(a.Access), behaviour.AssignedValue(b.Access)
	return x != nil && y != nil && types.ExprString(x) == types.ExprString(y)
}

// branchesOff reports whether a test of what the window gave leads to a node and not to another
// one.
func branchesOff(w *move.Window, n, other ast.Node) bool {
	branch := n
	for inner, p := n, w.Parents[n]; p != nil; inner, p = p, w.Parents[p] {
		switch p.(type) {
		case *ast.IfStmt:
			branch = inner
		case *ast.CaseClause:
			branch = p
			continue
		case *ast.SwitchStmt, *ast.TypeSwitchStmt:
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		default:
			continue
		}
		if !syntax.Within(other, branch) && slices.ContainsFunc(syntax.ConditionsIn(p), func(c ast.Expr) bool { return testsOutcome(w, c) }) {
			return true
		}
	}
	return false
}

// testsOutcome reports whether a condition looks at what the window has given a variable.
func testsOutcome(w *move.Window, cond ast.Expr) bool {
	window := slices.Clone(w.Stmts)
	if w.Lift != nil {
		window = append(window, w.Lift.Of)
	}
	return syntax.Has(cond, func(id *ast.Ident) bool {
		v := syntax.VarOf(w.Info, id)
		return v != nil && !v.IsField() && w.Unit.Assigned(v, window)
	})
}
