package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// extractionCode are the statements that copy the extracted values: one for all
// whose copy is an expression.
func (w *Window) extractionCode(xs []Extraction) string {
	var names, paths []string
	var code []string
	for _, x := range xs {
		if text := w.copyOf(x); text != "" {
			names = append(names, w.nameOf(x))
			paths = append(paths, text)
		} else {
			code = append(code, w.copyInFull(x))
		}
	}
	if len(names) > 0 {
		code = append([]string{strings.Join(names, ", ") + " := " + strings.Join(paths, ", ")}, code...)
	}
	return strings.Join(code, "\n")
}

// ExtractOps are the operations that copy the extracted values before the
// statement and use the copies in the window.
func (w *Window) ExtractOps(xs []Extraction, before ast.Stmt) []tree.Op {
	if len(xs) == 0 {
		return nil
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: before, Code: w.extractionCode(xs)}}, w.useOps(xs)...)
}

// useOps are the operations that use the extracted values in the window.
func (w *Window) useOps(xs []Extraction) []tree.Op {
	var ops []tree.Op
	for _, x := range xs {
		for _, u := range x.Uses {
			if w.Lift == nil || w.Lift.commit == nil || !within(u, w.Lift.Part) { // else it is part of its code
				ops = append(ops, tree.ReplaceExpr{Expr: u, Code: w.nameOf(x)})
			}
		}
	}
	return ops
}

// provedOnce is proved for a condition of which nothing is recorded yet.
func (w *Window) provedOnce(c Condition, text string) {
	if !w.has(c) {
		w.proved(c, "%s", text)
	}
}

// releaseAtReturn releases the lock before a return; results that read guarded
// state are evaluated first.
func (w *Window) releaseAtReturn(r *ast.ReturnStmt) ([]tree.Op, *Refusal) {
	if w.listOf(r) == nil {
		return nil, Refuse(S11, "return-form", r.Pos(), "this return is not in a plain list of statements")
	}
	var ops []tree.Op
	code := ""
	given := make(map[string]bool)
	defer func(names map[string]bool) { w.names = names }(maps.Clone(w.names)) // they are local to this block
	for _, e := range r.Results {
		if w.touches(e).guarded() == nil && !w.readsDerivedObject(e) {
			continue
		}
		if tuple, ok := w.Info.TypeOf(e).(*types.Tuple); ok && tuple.Len() > 1 {
			names := w.tupleNames(r, tuple)
			code = names + " := " + w.source(e) + "\n" + w.UnlockText()
			return []tree.Op{tree.InsertBefore{Stmt: r, Code: code}, tree.ReplaceStmt{Stmt: r, Code: "return " + names}}, nil
		}
		name := w.nameAtReturn(r, resultName(w.Info, e), given)
		given[name] = true
		code += name + " := " + w.source(e) + "\n"
		ops = append(ops, tree.ReplaceExpr{Expr: e, Code: name})
		if tv := w.Info.Types[e]; tv.IsNil() || tv.Value != nil {
			return nil, Refuse(S1, "constant", e.Pos(), "a constant result cannot read guarded state")
		}
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: r, Code: code + w.UnlockText()}}, ops...), nil
}

// tupleNames makes up names for the results of a call, separated by commas.
func (w *Window) tupleNames(r *ast.ReturnStmt, tuple *types.Tuple) string {
	var names []string
	given := make(map[string]bool)
	for v := range tuple.Variables() {
		base := cmp.Or(strings.Trim(v.Name(), "_"), "result")
		if v.Name() == "" && types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			base = "err"
		}
		name := w.nameAtReturn(r, base, given)
		given[name] = true
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// nameAtReturn returns a name for a variable that only a return uses: one that means
// nothing there yet, whatever it means elsewhere in the function. The names that were
// given to others there are taken.
func (w *Window) nameAtReturn(r *ast.ReturnStmt, base string, given map[string]bool) string {
	base = lowerFirst(base)
	used := given[base] || token.IsKeyword(base) || importNames(w.File.Syntax, w.Pkg.Types)[base]
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
		base = w.freshName(base)
		used = given[base]
	}
	return base
}

// readsDerivedObject reports whether an expression follows a reference that
// was taken from guarded state.
func (w *Window) readsDerivedObject(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr, *ast.CallExpr:
			if id, ok := rootIdent(n.(ast.Expr)); ok {
				v, _ := w.Info.Uses[id].(*types.Var)
				found = found || len(w.derived[v]) > 0 && refsOf(v.Type(), 0) != noRefs
			}
		}
		return !found
	})
	return found
}

// resultName is a short name for the value of an expression.
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
	if t, ok := info.TypeOf(e).Underlying().(*types.Basic); ok && t.Info()&types.IsBoolean != 0 {
		return "ok"
	}
	return "result"
}

// typeText spells a type with the file's imports; ok is false if one is missing.
func (s *Site) typeText(t types.Type) (text string, ok bool) {
	ok = true
	text = types.TypeString(t, func(p *types.Package) string {
		if p == s.Pkg.Types {
			return ""
		}
		for _, imp := range s.File.Syntax.Imports {
			if imp.Path.Value == `"`+p.Path()+`"` {
				if imp.Name == nil {
					return p.Name()
				}
				if imp.Name.Name != "_" && imp.Name.Name != "." {
					return imp.Name.Name
				}
			}
		}
		ok = false
		return p.Name()
	})
	return text, ok
}
