package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/tree"
)

// An enclosure is the guarded part of a section as a function literal that is
// called in place, so that its release can stay deferred:
//
//	conns, err := func() ([]*Conn, error) {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		...
//		return slices.Clone(s.conns), nil
//	}()
//	if err != nil {
//		return err
//	}
type enclosure struct {
	*Window
	xs                   []Extraction // that are made in it
	names, types, values []string     // what the literal returns: variables that are needed later, and extracted values
	exits                exits
}

// exits are the returns of the guarded part.
type exits struct {
	returns []*ast.ReturnStmt
	fails   bool     // the last result is an error that is not nil, and varies
	fixed   []string // the results that are the same in all of them
	signal  string   // the variable that tells whether there was one
}

// maxEnclosed is how many lines a guarded part may have, with the lock and its
// release, to be put into a function literal: whoever reads a longer one has lost
// sight of the lock at its end, and the diff shows a whole function moved.
const maxEnclosed = 25 // lines

// enclose keeps the deferred release by putting the guarded part into a
// function literal that is called in place and returns what is needed later.
func (w *Window) enclose(xs []Extraction, panics ast.Node, why string) ([]tree.Op, *Refusal) {
	if w.detach != nil {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must keep its deferred release, but %s is taken out after it", why, w.detach.paths[0])
	}
	if n := w.leavesSection(w.Pre); n != nil {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must keep its deferred release, but it is left at %s", why, w.line(n.Pos()))
	}
	if v := w.redeclared(w.Pre); v != nil {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must become a function literal, and %s would be declared anew in it", why, v.Name())
	}
	decls := w.zeroDecls(w.Pre)
	last := w.Pre[len(w.Pre)-1]
	if n := w.lineOf(last.End()) - w.lineOf(w.Lock.Pos()) + 1; n > maxEnclosed {
		return nil, Refuse(S12, panics.Pos(), "%s, so the guarded part must keep its deferred release, but with %d lines it is too long for a function literal: make it a function first", why, n)
	}
	if slices.Contains(decls, last) {
		return nil, Refuse(S12, panics.Pos(), "%s, and nothing but declarations is guarded", why)
	}
	e := &enclosure{Window: w, xs: xs}
	if refusal := e.results(decls); refusal != nil {
		return nil, refusal
	}
	if refusal := e.findExits(panics, why); refusal != nil {
		return nil, refusal
	}
	w.proved(S12, "the guarded part keeps its deferred release: %s", why)
	var ops []tree.Op
	if len(decls) > 0 {
		ops = append(ops, tree.MoveBefore{Stmts: decls, To: w.Lock})
	}
	value := soleValue(last, e.names)
	if value != nil {
		e.values[0] = w.source(value)
	}
	ops = append(ops, tree.Wrap{First: w.Lock, Last: last, Code: e.code(value == nil), Space: tree.Space{After: tree.Blank}})
	if value != nil {
		ops = append(ops, tree.ReplaceStmt{Stmt: last, Code: e.finalReturn()})
	}
	ops = append(ops, e.exitOps()...)
	return append(ops, w.useOps(xs)...), nil
}

// results finds what the literal has to return.
func (e *enclosure) results(decls []ast.Stmt) *Refusal {
	names, typs, refusal := e.escaping(e.Pre, decls)
	if refusal != nil {
		return refusal
	}
	e.names, e.types, e.values = names, typs, slices.Clone(names)
	for _, x := range e.xs {
		t := x.Path.Last().Type()
		text, ok := e.typeText(t)
		if !ok {
			return Refuse(S12, x.Uses[0].Pos(), "the guarded part must become a function literal, and the type of %s cannot be spelled in this file", x.Path)
		}
		if m, isMap := t.Underlying().(*types.Map); x.Cloned && isMap && e.valuesOnly(x) {
			elem, ok := e.typeText(m.Elem())
			if !ok {
				return Refuse(S12, x.Uses[0].Pos(), "the guarded part must become a function literal, and the type of %s cannot be spelled in this file", x.Path)
			}
			text = "[]" + elem
		}
		e.names, e.types, e.values = append(e.names, e.nameOf(x)), append(e.types, text), append(e.values, e.valueCode(x))
	}
	return nil
}

// findExits looks at the returns of the guarded part: the code after the
// literal must be able to tell them from its normal end, and to return the
// same.
func (e *enclosure) findExits(panics ast.Node, why string) *Refusal {
	x := &e.exits
	x.returns = returnsIn(e.Pre)
	if len(x.returns) == 0 {
		return nil
	}
	refuse := func(r *ast.ReturnStmt) *Refusal {
		return Refuse(S12, panics.Pos(), "%s, so the guarded part must keep its deferred release, but it returns at %s", why, e.line(r.Pos()))
	}
	results := e.Unit.Results()
	x.fails = results.Len() > 0 && types.Identical(results.At(results.Len()-1).Type(), types.Universe.Lookup("error").Type()) &&
		!slices.ContainsFunc(x.returns, func(r *ast.ReturnStmt) bool { return len(r.Results) == 0 || !e.certainError(r) })
	for i, r := range x.returns {
		if len(r.Results) != results.Len() {
			return refuse(r)
		}
		fixed := r.Results
		if x.fails {
			fixed = fixed[:len(fixed)-1]
		}
		var texts []string
		for _, f := range fixed {
			if tv := e.Info.Types[f]; tv.Value == nil && !tv.IsNil() {
				return refuse(r)
			}
			texts = append(texts, e.source(f))
		}
		if i > 0 && !slices.Equal(texts, x.fixed) {
			return refuse(r)
		}
		x.fixed = texts
	}
	switch {
	case x.fails:
		x.signal = e.localName("err")
	case e.decides() != nil:
		x.signal = e.localName("done")
	default:
		x.signal = e.localName("ok")
	}
	for i := range e.types {
		if e.zero(i) == "" {
			return refuse(x.returns[0])
		}
	}
	return nil
}

// localName returns a name for a variable of the section's block: the base if
// it means nothing there yet, or is a variable of this very block.
func (e *enclosure) localName(base string) string {
	scope := e.scopeOf(e.Lock)
	if scope == nil || slices.Contains(e.names, base) {
		return e.freshName(base)
	}
	found, obj := scope.LookupParent(base, token.NoPos)
	switch {
	case obj == nil, obj.Parent() == types.Universe:
		return base
	case found == scope && base == "err" && types.Identical(obj.Type(), types.Universe.Lookup("error").Type()) &&
		(obj.Pos() < e.Lock.Pos() || e.sharesDefine(obj)):
		return base
	}
	return e.freshName(base)
}

// sharesDefine reports whether a variable is declared by a := that declares
// others, too: then it may as well be there already.
func (e *enclosure) sharesDefine(v types.Object) bool {
	shares := false
	ast.Inspect(e.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE || as.Pos() > v.Pos() || v.Pos() >= as.End() {
			return true
		}
		for _, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
				if d := e.Info.Defs[id]; d != nil && d != v {
					shares = true
				}
			}
		}
		return true
	})
	return shares
}

// code is the literal, with its final return if asked for, and the test of
// whether it returned early.
func (e *enclosure) code(withReturn bool) string {
	names, typs := slices.Clone(e.names), slices.Clone(e.types)
	test := ""
	if x := e.exits; len(x.returns) > 0 {
		names = append(names, x.signal)
		back := slices.Clone(x.fixed)
		if x.fails {
			typs = append(typs, "error")
			test, back = x.signal+" != nil", append(back, x.signal)
		} else {
			typs = append(typs, "bool")
			test = "!" + x.signal
		}
		if e.decides() != nil {
			test, withReturn = x.signal, false
		}
		test = "\nif " + test + " {\nreturn " + strings.Join(back, ", ") + "\n}"
	}
	if len(names) == 0 {
		return "func() {\n" + tree.Body + "\n}()"
	}
	result := strings.Join(typs, ", ")
	if len(typs) > 1 {
		result = "(" + result + ")"
	}
	code := strings.Join(names, ", ") + " := func() " + result + " {\n" + tree.Body + "\n"
	if withReturn {
		code += e.finalReturn() + "\n"
	}
	return code + "}()" + test
}

// finalReturn is the return at the normal end of the literal.
func (e *enclosure) finalReturn() string {
	values := e.values
	switch {
	case e.exits.fails:
		values = append(slices.Clone(values), "nil")
	case len(e.exits.returns) > 0:
		values = append(slices.Clone(values), "true")
	}
	return "return " + strings.Join(values, ", ")
}

// decides returns the condition of the last guarded statement, if the only return
// stands in it and is all that it does: then the literal is there to evaluate
// the condition, and returns its value.
func (e *enclosure) decides() ast.Expr {
	last, ok := e.Pre[len(e.Pre)-1].(*ast.IfStmt)
	if !ok || len(e.types) > 0 || e.exits.fails || len(e.exits.returns) != 1 || last.Init != nil || last.Else != nil {
		return nil
	}
	if len(last.Body.List) != 1 || last.Body.List[0] != ast.Stmt(e.exits.returns[0]) {
		return nil
	}
	if slices.ContainsFunc(e.File.Syntax.Comments, func(c *ast.CommentGroup) bool { return within(c, last) }) {
		return nil
	}
	return last.Cond
}

// exitOps turn the returns of the guarded part into returns of the literal.
func (e *enclosure) exitOps() []tree.Op {
	if cond := e.decides(); cond != nil {
		return []tree.Op{tree.ReplaceStmt{Stmt: e.Pre[len(e.Pre)-1], Code: "return " + e.source(cond)}}
	}
	var ops []tree.Op
	for _, r := range e.exits.returns {
		var values []string
		for i := range e.types {
			values = append(values, e.zero(i))
		}
		if e.exits.fails {
			values = append(values, e.source(r.Results[len(r.Results)-1]))
		} else {
			values = append(values, "false")
		}
		ops = append(ops, tree.ReplaceStmt{Stmt: r, Code: "return " + strings.Join(values, ", ")})
	}
	return ops
}

// zero is the zero value of the i-th result of the literal, or "" if there is
// no short way to write it.
func (e *enclosure) zero(i int) string {
	tv, err := types.Eval(e.Pkg.Fset, e.Pkg.Types, e.Lock.Pos(), "*new("+e.types[i]+")")
	if err != nil {
		return ""
	}
	switch u := tv.Type.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsNumeric != 0:
			return "0"
		case u.Info()&types.IsString != 0:
			return `""`
		}
		return "nil"
	case *types.Struct, *types.Array:
		return e.types[i] + "{}"
	}
	if _, param := tv.Type.(*types.TypeParam); param {
		return ""
	}
	return "nil"
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

// leavesSection returns a statement, other than a return, that leaves the list
// or works on the function around it, or nil.
func (w *Window) leavesSection(list []ast.Stmt) ast.Node {
	var found ast.Node
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.DeferStmt, *ast.LabeledStmt:
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
