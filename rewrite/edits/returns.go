package edits

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// ReleaseAtReturn returns the operations that release the lock before a return, after evaluating
// results that read guarded state.
func ReleaseAtReturn(w *move.Window, r *ast.ReturnStmt) ([]tree.Op, *safety.Refusal) {
	if w.ListOf(r) == nil {
		return nil, safety.Refuse(safety.S11, "return-form", r.Pos(), "this return is not in a plain list of statements")
	}
	var ops []tree.Op
	var names []string
	var values []ast.Expr
	given := make(map[string]bool)
	// The new names are local to this block.
	defer func(names map[string]bool) { w.Names = names }(maps.Clone(w.Names))
	for _, e := range r.Results {
		if !NeedsLock(w, e) {
			continue
		}
		if tuple, ok := w.Info.TypeOf(e).(*types.Tuple); ok && tuple.Len() > 1 {
			names := tupleNames(w, r, tuple)
			code := names + " := " + w.Source(e) + "\n" + w.UnlockText()
			return []tree.Op{tree.InsertBefore{Stmt: r, Code: code}, tree.ReplaceStmt{Stmt: r, Code: "return " + names}}, nil
		}
		name := nameAtReturn(w, r, resultName(w.Info, e), given)
		given[name] = true
		names, values = append(names, name), append(values, e)
		ops = append(ops, tree.ReplaceExpr{Expr: e, Code: name})
		if tv := w.Info.Types[e]; tv.IsNil() || tv.Value != nil {
			return nil, safety.Refuse(safety.S1, "constant", e.Pos(), "a constant result cannot read guarded state")
		}
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: r, Code: defineAll(w, names, values) + w.UnlockText()}}, ops...), nil
}

// defineAll returns the code that gives variables their values: in one statement if that is short,
// and unless one of several values is called for, which might change what another one reads.
func defineAll(w *move.Window, names []string, values []ast.Expr) string {
	var all []string
	calls, code := false, ""
	for i, e := range values {
		calls = calls || syntax.Has(e, func(*ast.CallExpr) bool { return true })
		all = append(all, w.Source(e))
		code += names[i] + " := " + all[i] + "\n"
	}
	if one := strings.Join(names, ", ") + " := " + strings.Join(all, ", ") + "\n"; len(all) > 1 && !calls && len(one) <= widestDefinition {
		return one
	}
	return code
}

// widestDefinition is how long a statement may get that defines several variables.
const widestDefinition = 70

// tupleNames returns new names for the results of a call, separated by commas.
func tupleNames(w *move.Window, r *ast.ReturnStmt, tuple *types.Tuple) string {
	var names []string
	given := make(map[string]bool)
	for v := range tuple.Variables() {
		base := cmp.Or(strings.Trim(v.Name(), "_"), "result")
		if v.Name() == "" && patterns.IsError(v.Type()) {
			base = "err"
		}
		name := nameAtReturn(w, r, base, given)
		given[name] = true
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// nameAtReturn returns a name for a variable that only a return uses. The name must not mean
// anything there yet, but may be used elsewhere in the function. The names in given are taken.
func nameAtReturn(w *move.Window, r *ast.ReturnStmt, base string, given map[string]bool) string {
	base = syntax.LowerFirst(base)
	used := given[base] || token.IsKeyword(base) || site.ImportNames(w.File.Syntax, w.Pkg.Types)[base]
	ast.Inspect(r, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, func(m ast.Node) bool {
				id, ok := m.(*ast.Ident)
				used = used || ok && id.Name == base
				return true
			})
			return false
		case *ast.Ident:
			used = used || n.Name == base
		}
		return true
	})
	if inner := w.Pkg.Types.Scope().Innermost(r.Pos()); inner != nil {
		_, obj := inner.LookupParent(base, r.Pos())
		used = used || obj != nil && obj.Parent() != w.Pkg.Types.Scope()
	}
	for used {
		base = w.FreshName(base)
		used = given[base]
	}
	return base
}
