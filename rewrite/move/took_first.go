package move

import (
	"go/ast"
	constants "go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// TookFirst reports whether a variable holds an element that the section removes from a slice
// before the window.
func (w *Window) TookFirst(v *types.Var) bool {
	ix, ok := ast.Unparen(w.Unit.DefinedOnce(v)).(*ast.IndexExpr)
	if !ok || !syntax.IsSlice(w.Info.TypeOf(ix.X)) {
		return false
	}
	p, ok := patterns.PathOf(w.Info, ix.X)
	return ok && w.TakesOut(p.Last(), nil, nil) && slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 || types.ExprString(as.Lhs[0]) != types.ExprString(ix.X) {
			return false
		}
		left, ok := ast.Unparen(as.Rhs[0]).(*ast.SliceExpr)
		return ok && w.leavesOut(left, ix.Index)
	})
}

// TakesOut reports whether the section itself removes something from a variable or empties it,
// between a test and the window. If the test looks at an element of a map, it must be that
// element. Without a test, any place before the window counts.
func (w *Window) TakesOut(v *types.Var, test *ast.IfStmt, tested *ast.IndexExpr) bool {
	is := func(e ast.Expr) bool {
		p, ok := patterns.PathOf(w.Info, e)
		return ok && p.Last() == v
	}
	if w.Detach != nil && w.Detach.In == nil && w.Detached(v) {
		return true // this happens right before the lock is released
	}
	for _, st := range w.Pre {
		if test != nil && st.Pos() < test.End() || w.Parents[st] != w.LockBlock() {
			continue
		}
		switch st := st.(type) {
		case *ast.ExprStmt:
			c, ok := st.X.(*ast.CallExpr)
			if ok && w.empties(c, is) {
				return true
			}
			if !ok || len(c.Args) == 0 || !is(c.Args[0]) {
				continue
			}
			switch patterns.BuiltinOf(w.Info, c) {
			case "clear":
				return true
			case "delete":
				if tested == nil || types.ExprString(c.Args[1]) == types.ExprString(tested.Index) {
					return true
				}
			}
		case *ast.AssignStmt:
			if i := slices.IndexFunc(st.Lhs, is); i >= 0 && st.Tok == token.ASSIGN && len(st.Lhs) == len(st.Rhs) && w.leavesLess(st.Rhs[i], is) {
				return true
			}
		}
	}
	return false
}

// empties reports whether a call is of a method that empties a buffer.
func (w *Window) empties(c *ast.CallExpr, is func(ast.Expr) bool) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	fn := patterns.CalleeOf(w.Info, c)
	return ok && fn != nil && is(sel.X) && slices.Contains(emptying, fn.FullName())
}

var emptying = []string{"(*bytes.Buffer).Reset", "(*strings.Builder).Reset"}

// leavesOut reports whether a part of a slice begins after an element or ends before it.
func (w *Window) leavesOut(part *ast.SliceExpr, index ast.Expr) bool {
	if part.High != nil {
		return types.ExprString(part.High) == types.ExprString(index)
	}
	low, first := w.Info.Types[part.Low].Value, w.Info.Types[index].Value
	return low != nil && first != nil && constants.Compare(first, token.LSS, low)
}

// leavesLess reports whether an expression is a part of what the variable held, or empty.
func (w *Window) leavesLess(e ast.Expr, is func(ast.Expr) bool) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SliceExpr:
		return is(e.X) && (e.Low != nil || e.High != nil)
	case *ast.CallExpr:
		return syntax.IsMake(w.Info, e)
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	default:
		return w.IsNil(e)
	}
}
