package edits

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// NeedsLock reports whether an expression that is evaluated where the lock is released has to
// be evaluated before that: it uses guarded state, follows a reference that came from it, or
// calls a function that letgo cannot see into, which may rely on the lock.
func NeedsLock(w *move.Window, e ast.Expr) bool {
	t := behaviour.Touches(w.Site, e)
	return t.Guarded() != nil || len(t.Unknown) > 0 || readsDerivedObject(w, e)
}

// readsDerivedObject reports whether an expression follows a reference that came from guarded
// state.
func readsDerivedObject(w *move.Window, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr, *ast.CallExpr:
			if id, ok := syntax.RootIdent(n.(ast.Expr)); ok {
				v, _ := w.Info.Uses[id].(*types.Var)
				found = found || len(w.Derived[v]) > 0 && syntax.RefsOf(v.Type(), 0) != syntax.NoRefs
			}
		}
		return !found
	})
	return found
}

// resultName returns a short name for the value of an expression.
func resultName(info *types.Info, e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if patterns.BuiltinOf(info, e) == "len" {
			return "n"
		}
	case *ast.IndexExpr:
		return "v"
	}
	if patterns.IsError(info.TypeOf(e)) {
		return "err"
	}
	if t, ok := info.TypeOf(e).Underlying().(*types.Basic); ok && t.Info()&types.IsBoolean != 0 {
		return "ok"
	}
	return "result"
}
