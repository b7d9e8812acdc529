package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/tree"
)

// extractionCode is the statement that copies the extracted values.
func (w *Window) extractionCode(xs []Extraction) string {
	var names, paths []string
	for _, x := range xs {
		names = append(names, w.nameOf(x))
		paths = append(paths, w.valueCode(x))
	}
	return strings.Join(names, ", ") + " := " + strings.Join(paths, ", ")
}

// ExtractOps are the operations that copy the extracted values before the
// statement and use the copies in the window.
func (w *Window) ExtractOps(xs []Extraction, before ast.Stmt) []tree.Op {
	if len(xs) == 0 {
		return nil
	}
	ops := []tree.Op{tree.InsertBefore{Stmt: before, Code: w.extractionCode(xs)}}
	for _, x := range xs {
		for _, u := range x.Uses {
			if w.Lift == nil || w.Lift.commit == nil || !within(u, w.Lift.Part) { // else it is part of its code
				ops = append(ops, tree.ReplaceExpr{Expr: u, Code: w.nameOf(x)})
			}
		}
	}
	return ops
}

func (w *Window) provedOnce(c Condition, text string) {
	if !w.has(c) {
		w.proved(c, "%s", text)
	}
}

// releaseAtReturns releases the lock before every return among the statements,
// those in skip left out.
func (w *Window) releaseAtReturns(list, skip []ast.Stmt) ([]tree.Op, *Refusal) {
	var ops []tree.Op
	for _, r := range returnsIn(list) {
		if w.inStmts(r, skip) {
			continue
		}
		more, refusal := w.releaseAtReturn(r)
		if refusal != nil {
			return nil, refusal
		}
		ops = append(ops, more...)
	}
	return ops, nil
}

// releaseAtReturn releases the lock before a return; results that read guarded
// state are evaluated first.
func (w *Window) releaseAtReturn(r *ast.ReturnStmt) ([]tree.Op, *Refusal) {
	if w.listOf(r) == nil {
		return nil, Refuse(S11, r.Pos(), "this return does not stand in a plain list of statements")
	}
	var ops []tree.Op
	code := ""
	defer func(names map[string]bool) { w.names = names }(maps.Clone(w.names)) // they are local to this block
	for _, e := range r.Results {
		if w.touches(e).guarded() == nil && !w.readsDerivedObject(e) {
			continue
		}
		if len(r.Results) == 1 && resultCount(w.Info, e) > 1 {
			return nil, Refuse(S1, e.Pos(), "the results are computed from guarded state by one call")
		}
		name := w.freshName(resultName(e))
		code += name + " := " + w.source(e) + "\n"
		ops = append(ops, tree.ReplaceExpr{Expr: e, Code: name})
		if tv := w.Info.Types[e]; tv.IsNil() || tv.Value != nil {
			return nil, Refuse(S1, e.Pos(), "a constant result cannot read guarded state")
		}
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: r, Code: code + w.UnlockText()}}, ops...), nil
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

func resultCount(info *types.Info, e ast.Expr) int {
	if t, ok := info.TypeOf(e).(*types.Tuple); ok {
		return t.Len()
	}
	return 1
}

// resultName is a short name for the value of an expression.
func resultName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "len" {
			return "n"
		}
	case *ast.IndexExpr:
		return "v"
	}
	return "result"
}

// enclose keeps the deferred release by putting the guarded part into a
// function literal that is called in place and returns what is needed later.
func (w *Window) enclose(panics ast.Node, why string) ([]tree.Op, *Refusal) {
	if n := w.leavesSection(w.Pre); n != nil {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must keep its deferred release, but it returns at %s", why, w.line(n.Pos()))
	}
	if len(w.Values) > 0 {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must keep its deferred release, but %s is needed after it", why, w.Values[0].Path)
	}
	if v := w.redeclared(w.Pre); v != nil {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must become a function literal, and %s would be declared anew in it", why, v.Name())
	}
	decls := w.zeroDecls(w.Pre)
	names, typs, refusal := w.escaping(w.Pre, decls)
	if refusal != nil {
		return nil, refusal
	}
	code := "func() {\n" + tree.Body + "\n}()"
	last := w.Pre[len(w.Pre)-1]
	value := soleValue(last, names)
	if len(names) > 0 {
		result := strings.Join(typs, ", ")
		if len(typs) > 1 {
			result = "(" + result + ")"
		}
		list := strings.Join(names, ", ")
		code = list + " := func() " + result + " {\n" + tree.Body + "\nreturn " + list + "\n}()"
		if value != nil {
			code = list + " := func() " + result + " {\n" + tree.Body + "\n}()"
		}
	}
	w.proved(S12, "the guarded part keeps its deferred release: %s", why)
	var ops []tree.Op
	if len(decls) > 0 {
		if slices.Contains(decls, last) {
			return nil, Refuse(S12, panics.Pos(), "%s, and nothing but declarations is guarded", why)
		}
		ops = append(ops, tree.MoveBefore{Stmts: decls, To: w.Lock})
	}
	ops = append(ops, tree.Wrap{First: w.Lock, Last: last, Code: code, Space: tree.Space{After: tree.Blank}})
	if value != nil {
		ops = append(ops, tree.ReplaceStmt{Stmt: last, Code: "return " + w.source(value)})
	}
	return ops, nil
}

// soleValue returns the expression that the last statement gives to the only
// variable that is needed afterwards: the literal can return it directly.
func soleValue(last ast.Stmt, names []string) ast.Expr {
	as, ok := last.(*ast.AssignStmt)
	if !ok || as.Tok != token.DEFINE || len(names) != 1 || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
		return nil
	}
	if id, ok := as.Lhs[0].(*ast.Ident); ok && id.Name == names[0] {
		return as.Rhs[0]
	}
	return nil
}

// redeclared returns a variable that one of the statements assigns by := but
// does not declare, because it stands in the same scope already.
func (w *Window) redeclared(list []ast.Stmt) *types.Var {
	for _, st := range list {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE {
			continue
		}
		for _, l := range as.Lhs {
			id, ok := l.(*ast.Ident)
			if v, isVar := w.Info.Uses[id].(*types.Var); ok && isVar && (v.Pos() < list[0].Pos() || v.Pos() >= list[len(list)-1].End()) {
				return v
			}
		}
	}
	return nil
}

// zeroDecls lists the declarations without values among the statements: they
// mean the same before the lock.
func (w *Window) zeroDecls(list []ast.Stmt) []ast.Stmt {
	var out []ast.Stmt
	for _, st := range list {
		d, ok := st.(*ast.DeclStmt)
		if !ok {
			continue
		}
		g, ok := d.Decl.(*ast.GenDecl)
		if ok && g.Tok == token.VAR && !slices.ContainsFunc(g.Specs, func(s ast.Spec) bool { return len(s.(*ast.ValueSpec).Values) > 0 }) {
			out = append(out, st)
		}
	}
	return out
}

// leavesSection returns a statement that leaves the list, or nil.
func (w *Window) leavesSection(list []ast.Stmt) ast.Node {
	var found ast.Node
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ReturnStmt, *ast.DeferStmt, *ast.LabeledStmt:
				found = n
			case *ast.BranchStmt:
				if n.Label != nil || n.Tok == token.GOTO || !w.insideLoop(n, list) {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// insideLoop reports whether a break or continue ends something in the list.
func (w *Window) insideLoop(b *ast.BranchStmt, list []ast.Stmt) bool {
	for n := w.parents[b]; n != nil; n = w.parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return within(n, list[0]) || w.inStmts(n, list)
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if b.Tok == token.BREAK {
				return w.inStmts(n, list)
			}
		}
	}
	return false
}

func (w *Window) inStmts(n ast.Node, list []ast.Stmt) bool {
	for _, st := range list {
		if within(n, st) {
			return true
		}
	}
	return false
}

// escaping lists the variables that the statements define and later ones use,
// with their types as the file can spell them.
func (w *Window) escaping(list, decls []ast.Stmt) (names, typs []string, refusal *Refusal) {
	last := list[len(list)-1]
	seen := make(map[*types.Var]bool)
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || id.Pos() < last.End() || refusal != nil {
			return true
		}
		v, ok := w.Info.Uses[id].(*types.Var)
		if !ok || v.IsField() || seen[v] || v.Pos() < list[0].Pos() || v.Pos() >= last.End() {
			return true
		}
		seen[v] = true
		if slices.ContainsFunc(decls, func(d ast.Stmt) bool { return d.Pos() <= v.Pos() && v.Pos() < d.End() }) {
			return true
		}
		if w.Unit.Captured(v) || holdsLock(v.Type(), 0) || w.Unit.Addressed(v) {
			refusal = Refuse(S12, v.Pos(), "the guarded part must become a function literal, and %s cannot be copied out of it", v.Name())
			return true
		}
		text, ok := w.typeText(v.Type())
		if !ok {
			refusal = Refuse(S12, v.Pos(), "the guarded part must become a function literal, and the type of %s cannot be spelled in this file", v.Name())
		}
		names, typs = append(names, v.Name()), append(typs, text)
		return true
	})
	return names, typs, refusal
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
