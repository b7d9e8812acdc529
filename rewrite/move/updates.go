package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// UpdateKind returns how the statements after the window change the touched variable.
func (w *Window) UpdateKind(t *site.Touch) Update {
	if t.Via != nil {
		return Overwrite
	}
	kind := Overwrite
	for _, st := range w.Post {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IncDecStmt:
				if syntax.Within(t.Access.Node, n.X) {
					kind = Merge
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if syntax.Within(t.Access.Node, l) {
						kind = w.assignKind(n, i)
					}
				}
			case *ast.CallExpr:
				if patterns.BuiltinOf(w.Info, n) == "delete" && syntax.Within(t.Access.Node, n) {
					kind = Merge
				}
			}
			return true
		})
	}
	return kind
}

func (w *Window) assignKind(as *ast.AssignStmt, i int) Update {
	if as.Tok != token.ASSIGN && as.Tok != token.DEFINE {
		return Merge // x op= y
	}
	if len(as.Lhs) != len(as.Rhs) {
		return Overwrite
	}
	rhs := ast.Unparen(as.Rhs[i])
	if call, ok := rhs.(*ast.CallExpr); ok && len(call.Args) > 0 {
		last := call.Args[len(call.Args)-1]
		if patterns.BuiltinOf(w.Info, call) == "append" && (types.ExprString(call.Args[0]) == types.ExprString(as.Lhs[i]) || call.Ellipsis.IsValid() && types.ExprString(last) == types.ExprString(as.Lhs[i])) {
			return Merge // behind the old elements, or in front of them
		}
	}
	if tv := w.Info.Types[rhs]; tv.Value != nil || tv.IsNil() {
		return Constant
	}
	if _, ok := ast.Unparen(as.Lhs[i]).(*ast.IndexExpr); ok {
		return Insert
	}
	return Overwrite
}

// Overwrites reports whether an access assigns a variable a new value that does not depend on
// the old one: x = y.
func (w *Window) Overwrites(a *guards.Access) bool {
	n := w.Selected(a.Node)
	as, ok := w.Parents[n].(*ast.AssignStmt)
	if !ok || a.Kind != guards.Write || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) || !slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return ast.Node(l) == n }) {
		return false
	}
	return !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return syntax.NamesField(w.Info, e, a.Var) })
}

// Always lists the statements of the window that run on every path through it.
func (w *Window) Always() []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(w.Stmts), func(st ast.Stmt) bool {
		return w.Parents[st] != nil && w.Parents[st] != w.LockBlock()
	})
}

// Replaced reports whether the window assigns the variable a new value before it uses it.
func (w *Window) Replaced(v *types.Var) bool {
	for _, st := range w.Always() {
		if as, ok := st.(*ast.AssignStmt); ok && Reassigned(w.Site, v, []ast.Stmt{st}) {
			return !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return syntax.Mentions(w.Info, e, v) })
		}
		if syntax.Mentions(w.Info, st, v) {
			return false
		}
	}
	return false
}

// SetAgain reports whether a variable is set both before and after the window, which
// [stale.AskUpdates] asks about.
func (w *Window) SetAgain(v *types.Var) bool {
	return slices.ContainsFunc(w.Again, func(t *site.Touch) bool { return t.Access.Var == v })
}

// SetLater reports whether a variable is only set after the window, and by nobody else.
func (w *Window) SetLater(v *types.Var) bool {
	return slices.ContainsFunc(w.Later, func(t *site.Touch) bool { return t.Access.Var == v })
}

// LooksFor reports whether a test returns if something is present in a variable that satisfies
// the predicate is, such as an entry of a map, or an element for which a loop searches a list.
func (w *Window) LooksFor(test ast.Stmt, is func(*types.Var) bool) bool {
	if loop, ok := test.(*ast.RangeStmt); ok {
		return slices.ContainsFunc(behaviour.Touches(w.Site, loop.X).List, func(t *site.Touch) bool { return is(t.Access.Var) })
	}
	ifs, ok := test.(*ast.IfStmt)
	if !ok || ifs.Else != nil || !syntax.ReturnsLast(ifs.Body) {
		return false
	}
	from := func(t *site.Touch) bool { return is(t.Access.Var) }
	return slices.ContainsFunc(conjuncts(ifs.Cond), func(e ast.Expr) bool {
		of := w.presenceOf(e)
		if of == nil {
			return false
		}
		if slices.ContainsFunc(behaviour.Touches(w.Site, of).List, from) {
			return true
		}
		id, ok := ast.Unparen(of).(*ast.Ident)
		return ok && slices.ContainsFunc(w.Derived[syntax.VarOf(w.Info, id)], from)
	})
}

// presenceOf returns the expression whose presence a condition tests: x in x != nil, or the
// local boolean that comes with a value, such as the second result of a lookup. It returns nil if
// the condition does not test for presence.
func (w *Window) presenceOf(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.NEQ && w.IsNil(e.Y) {
			return e.X
		}
	case *ast.Ident:
		v := syntax.VarOf(w.Info, e)
		if v == nil || !syntax.IsBool(v.Type()) || v.IsField() || syntax.IsGlobal(v) {
			return nil
		}
		if def, ok := ast.Unparen(w.Unit.DefinedOnce(v)).(*ast.BinaryExpr); ok {
			return w.presenceOf(def)
		}
		if w.comesWithValue(v) {
			return e
		}
	}
	return nil
}

// comesWithValue reports whether all that assigns to a boolean assigns a value beside it, as in
// v, ok := m[k].
func (w *Window) comesWithValue(v *types.Var) bool {
	found, only := false, true
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		for i, l := range syntax.AssignedBy(n) {
			if id, ok := ast.Unparen(l).(*ast.Ident); ok && w.Info.ObjectOf(id) == types.Object(v) {
				as, ok := n.(*ast.AssignStmt)
				found, only = true, only && ok && i > 0 && len(as.Rhs) == 1
			}
		}
		return only
	})
	return found && only
}

// conjuncts lists the operands of the && of a condition.
func conjuncts(e ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.LAND {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []ast.Expr{ast.Unparen(e)}
}
