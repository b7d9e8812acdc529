package singleflight

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// planLookup finds out how to look up, and refuses what would need the lock beyond the
// reads.
func (f *fill) planLookup() *safety.Refusal {
	l := &f.look
	all := append(slices.Clone(f.Lookup), f.Hit)
	first := slices.IndexFunc(all, func(st ast.Stmt) bool { _, ok := st.(*ast.IfStmt); return ok })
	l.reads, l.tests = all[:first], all[first:]
	for len(l.reads) > 0 && behaviour.Touches(f.Window.Site, l.reads[len(l.reads)-1]).Guarded() == nil {
		n := len(l.reads) - 1
		l.reads, l.tests = l.reads[:n], append([]ast.Stmt{l.reads[n]}, l.tests...)
	}
	var free []ast.Stmt // what runs without the lock
	for _, st := range l.tests {
		ifs, ok := st.(*ast.IfStmt)
		if !ok {
			free = append(free, st)
			continue
		}
		if ifs.Init != nil && behaviour.Touches(f.Window.Site, ifs.Init).Guarded() != nil {
			if !f.canLift(ifs) {
				return safety.Refuse(safety.S1, "would-shadow", ifs.Init.Pos(), "the variables of the test would shadow others if they were read before it")
			}
			l.inits = append(l.inits, ifs.Init)
		} else if ifs.Init != nil {
			free = append(free, ifs.Init)
		}
		free = append(free, &ast.ExprStmt{X: ifs.Cond})
		if ifs != f.Hit || !f.Nested {
			free = append(free, ifs.Body)
		}
	}
	if f.Nested {
		free = append(free, f.hitReturn())
	}
	l.values = extract.Extractions(f.Window.Site, append(slices.Clone(free), f.Stmts...))
	if t := f.guardedBeyond(free, l.values); t != nil {
		return safety.Refuse(safety.S1, "hit-guarded", t.Access.Pos(), "the test for a hit uses %s, which %s guards: %s", t.Name(), f.Section.Lock, t.Why)
	}
	if f.collides() && (f.Checked || f.Nested || len(l.inits) != 1 || len(l.tests) != 1 || len(l.values)+len(l.reads) > 0) {
		return safety.Inapplicable(f.Hit.Pos(), "the look-up and the fetch declare variables of the same name")
	}
	if len(l.reads)+len(l.inits)+len(l.values) == 0 {
		return safety.Inapplicable(f.Hit.Pos(), "no guarded state is looked up")
	}
	f.nameValues()
	f.Values = l.values
	if f.Defer == nil {
		return nil
	}
	return edits.ReleaseExplicitly(f.Window, f.lockedReads(), nil)
}

// nameValues gives the extracted values their names: that of the field, or
// "cached" for what is looked up if that name is taken; and a value that is a
// part of another one is reached through that.
func (f *fill) nameValues() {
	if f.ValueNames == nil {
		f.ValueNames = make(map[string]string)
	}
	for _, x := range f.look.values {
		name := syntax.LowerFirst(x.Path.Last().Name())
		if fresh := f.FreshName(name); fresh != name && x.Path.Last() == f.Cache {
			f.ValueNames[x.Path.String()] = f.FreshName("cached")
		} else {
			f.ValueNames[x.Path.String()] = fresh
		}
	}
	for _, x := range f.look.values {
		if whole, ok := f.wholeOf(x); ok {
			f.ValueNames[x.Path.String()] = extract.NameOf(f.Window.Site, whole) + strings.TrimPrefix(x.Path.String(), whole.Path.String())
		}
	}
}

// wholeOf returns the extracted value that another one is a part of.
func (f *fill) wholeOf(x extract.Extraction) (extract.Extraction, bool) {
	i := slices.IndexFunc(f.look.values, func(o extract.Extraction) bool {
		return o.Path.Root == x.Path.Root && strings.HasPrefix(x.Path.String(), o.Path.String()+".") &&
			!slices.ContainsFunc(f.look.values, func(p extract.Extraction) bool {
				return p.Path.Root == o.Path.Root && strings.HasPrefix(o.Path.String(), p.Path.String()+".")
			})
	})
	if i < 0 {
		return extract.Extraction{}, false
	}
	return f.look.values[i], true
}

// copied lists the values of which a copy is made: those that are not part of
// another one.
func (f *fill) copied(list []extract.Extraction) []extract.Extraction {
	return slices.DeleteFunc(slices.Clone(list), func(x extract.Extraction) bool {
		_, part := f.wholeOf(x)
		return part
	})
}

// lockedReads lists what runs between the lock and its release.
func (f *fill) lockedReads() []ast.Stmt { return append(slices.Clone(f.look.reads), f.look.inits...) }

// hitReturn is the return that ends a nested fill.
func (f *fill) hitReturn() *ast.ReturnStmt {
	return f.Miss[len(f.Miss)-1].(*ast.ReturnStmt)
}

// guardedBeyond returns a guarded use in the statements, other than of the
// extracted values.
func (f *fill) guardedBeyond(list []ast.Stmt, values []extract.Extraction) *site.Touch {
	for _, st := range list {
		for _, t := range behaviour.Touches(f.Window.Site, st).List {
			if t.Class == site.GuardedUse && (t.Via != nil || !extract.InValues(values, t.Access)) {
				return t
			}
		}
	}
	return nil
}

// canLift reports whether the init statement of a test can stand before it.
func (f *fill) canLift(ifs *ast.IfStmt) bool {
	as, ok := ifs.Init.(*ast.AssignStmt)
	if !ok || as.Tok != token.DEFINE {
		return ok
	}
	scope := f.Info.Scopes[ifs]
	for _, l := range as.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || scope == nil {
			return false
		}
		_, obj := scope.Parent().LookupParent(id.Name, token.NoPos)
		if obj == nil || id.Name == "_" || obj.Parent() == types.Universe {
			continue
		}
		// What the miss declares is in the flight's function literal by then.
		if obj.Pos() < ifs.End() || !f.Unit.Contains(obj.Pos()) {
			return false
		}
	}
	return true
}

// lookupOps change the lookup in place: the lock is released before the tests.
func (f *fill) lookupOps() []tree.Op {
	var ops []tree.Op
	if f.Defer != nil {
		ops = append(ops, tree.Remove{Stmt: f.Defer})
	}
	for _, init := range f.look.inits {
		ops = append(ops, tree.MoveBefore{Stmts: []ast.Stmt{init}, To: f.initOwner(init)})
	}
	before := f.look.tests[0]
	code := f.UnlockText()
	if values := f.copied(f.lookupValues()); len(values) > 0 {
		code = edits.ExtractionCode(f.Window, values) + "\n" + code
	}
	ops = append(ops, tree.InsertBefore{Stmt: before, Code: code, Space: tree.Space{Before: tree.None, After: tree.None}})
	for _, e := range f.Exits {
		if e.Pos() < f.Stmts[0].Pos() {
			ops = append(ops, tree.Remove{Stmt: e})
		}
	}
	return ops
}

// lookupValues are the extracted values that are needed where the look-up
// stands: those of the tests, and those of the fetch if that follows.
func (f *fill) lookupValues() []extract.Extraction {
	if f.Checked {
		return f.look.values
	}
	used := func(x extract.Extraction) bool {
		return slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return f.inTests(u) })
	}
	return slices.DeleteFunc(slices.Clone(f.look.values), func(x extract.Extraction) bool {
		return !used(x) && !slices.ContainsFunc(f.look.values, func(part extract.Extraction) bool {
			whole, ok := f.wholeOf(part)
			return ok && used(part) && whole.Path.String() == x.Path.String()
		})
	})
}

// inTests reports whether a use is in the tests, including the return that replaces a
// nested test.
func (f *fill) inTests(u ast.Expr) bool {
	if f.Nested && syntax.Within(u, f.hitReturn()) {
		return true
	}
	return slices.ContainsFunc(f.look.tests, func(st ast.Stmt) bool {
		return syntax.Within(u, st) && !(f.Nested && st == ast.Stmt(f.Hit) && syntax.Within(u, f.Hit.Body))
	})
}

func (f *fill) initOwner(init ast.Stmt) ast.Stmt {
	i := slices.IndexFunc(f.look.tests, func(st ast.Stmt) bool { return syntax.Within(init, st) })
	return f.look.tests[i]
}

// lookupCode is the look-up once more, as it stands inside the flight, without
// its comments.
func (f *fill) lookupCode() string {
	var b strings.Builder
	b.WriteString(f.LockText() + "\n")
	if f.collides() {
		return f.lookupInTest()
	}
	for _, st := range f.lockedReads() {
		b.WriteString(f.plain(st, nil) + "\n")
	}
	if values := f.copied(f.look.values); len(values) > 0 {
		b.WriteString(edits.ExtractionCode(f.Window, values) + "\n")
	}
	b.WriteString(f.UnlockText() + "\n")
	for _, st := range f.look.tests {
		if f.Nested && st == ast.Stmt(f.Hit) {
			b.WriteString(f.hitCode(f.testEdits(f.hitReturn())) + "\n")
			continue
		}
		b.WriteString(f.plain(st, f.testEdits(st)) + "\n")
	}
	return b.String()
}

// collides reports whether the miss declares a variable anew, in the block that
// becomes the flight's, that the look-up would declare there.
func (f *fill) collides() bool {
	declared := make(map[string]types.Type)
	for _, init := range f.look.inits {
		if as, ok := init.(*ast.AssignStmt); ok {
			for _, l := range as.Lhs {
				declared[types.ExprString(l)] = f.Info.TypeOf(l)
			}
		}
	}
	if len(declared) == 0 {
		return false
	}
	for _, st := range f.Miss {
		if _, ok := st.(*ast.DeclStmt); ok {
			return true // it may declare one of them
		}
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE {
			continue
		}
		fresh := false
		for _, l := range as.Lhs {
			t, there := declared[types.ExprString(l)]
			if there && l.(*ast.Ident).Name != "_" && f.Info.Defs[l.(*ast.Ident)] != nil && !types.Identical(t, f.Info.TypeOf(l)) {
				return true
			}
			fresh = fresh || !there && l.(*ast.Ident).Name != "_"
			declared[types.ExprString(l)] = f.Info.TypeOf(l)
		}
		if !fresh {
			return true
		}
	}
	return false
}

// lookupInTest is the look-up inside the flight with its variables declared by
// the test itself; the lock is released in both branches.
func (f *fill) lookupInTest() string {
	edits := slices.DeleteFunc(f.testEdits(f.Hit), func(c textChange) bool { return c.node == ast.Node(f.Hit.Init) })
	first := f.Hit.Body.List[0]
	text := f.plain(f.Hit, append(edits, textChange{leading{first}, f.UnlockText() + "\n"}))
	return f.LockText() + "\n" + text + "\n" + f.UnlockText() + "\n"
}

// hitCode is the test for a hit that replaces a nested test for a miss; changes are those
// of what it returns.
func (f *fill) hitCode(changes []textChange) string {
	return "if " + f.negated(f.Hit.Cond) + " {\n" + f.plain(f.hitReturn(), changes) + "\n}"
}

// negated is the text of the opposite of a condition.
func (f *fill) negated(cond ast.Expr) string {
	opposite := map[token.Token]token.Token{
		token.EQL: token.NEQ, token.NEQ: token.EQL,
		token.LOR: token.LAND, token.LAND: token.LOR,
	}
	switch e := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return extract.SourceWith(f.Window.Site, e.X, f.look.values)
		}
	case *ast.BinaryExpr:
		op, ok := opposite[e.Op]
		switch {
		case !ok:
		case e.Op == token.LAND: // the parts become alternatives, which bind less
			return f.negated(e.X) + " || " + f.negated(e.Y)
		case e.Op == token.LOR:
			return f.conjunct(e.X) + " && " + f.conjunct(e.Y)
		default:
			return extract.SourceWith(f.Window.Site, e.X, f.look.values) + " " + op.String() + " " + extract.SourceWith(f.Window.Site, e.Y, f.look.values)
		}
	case *ast.CallExpr, *ast.Ident, *ast.SelectorExpr:
		return "!" + extract.SourceWith(f.Window.Site, e, f.look.values)
	}
	return "!(" + extract.SourceWith(f.Window.Site, ast.Unparen(cond), f.look.values) + ")"
}

// conjunct is the opposite of a condition as one part of a conjunction.
func (f *fill) conjunct(cond ast.Expr) string {
	if b, ok := ast.Unparen(cond).(*ast.BinaryExpr); ok && b.Op == token.LAND {
		return "(" + f.negated(cond) + ")"
	}
	return f.negated(cond)
}

// testEdits are the changes of a test inside the flight: extracted values, what
// it returns, and the init statement and releases that it loses.
func (f *fill) testEdits(st ast.Stmt) []textChange {
	var out []textChange
	for _, r := range syntax.ReturnsIn([]ast.Stmt{st}) {
		out = append(out, f.returnChanges(r)...)
	}
	for _, x := range f.look.values {
		for _, u := range x.Uses {
			out = append(out, textChange{u, extract.NameOf(f.Window.Site, x)})
		}
	}
	for _, e := range f.Exits {
		out = append(out, textChange{e, ""})
	}
	for _, init := range f.look.inits {
		out = append(out, textChange{init, ""})
	}
	return out
}

// plain returns the text of a statement with changes made and without comments.
// A change inside another one is left out.
func (f *fill) plain(st ast.Stmt, changes []textChange) string {
	file := f.Pkg.Fset.File(st.Pos())
	start := file.Offset(st.Pos())
	changes = slices.DeleteFunc(slices.Clone(changes), func(c textChange) bool {
		return !syntax.Within(c.node, st) || slices.ContainsFunc(changes, func(o textChange) bool { return o.node != c.node && syntax.Within(c.node, o.node) })
	})
	slices.SortStableFunc(changes, func(a, b textChange) int { return int(b.node.Pos() - a.node.Pos()) })
	text := f.Source(st)
	for _, c := range changes {
		from, to := file.Offset(c.node.Pos())-start, file.Offset(c.node.End())-start
		if c.text == "" { // with the rest of its line
			to += len(text[to:]) - len(strings.TrimLeft(text[to:], " \t\r\n;"))
		}
		text = text[:from] + c.text + text[to:]
	}
	return withoutComments(text)
}

// withoutComments prints statements anew without the comments in them.
func withoutComments(code string) string {
	fset := token.NewFileSet()
	src := "package p\nfunc _() {\n" + code + "\n}\n"
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return code // carrying the plan out will say what is wrong
	}
	var b bytes.Buffer
	for _, st := range file.Decls[0].(*ast.FuncDecl).Body.List {
		if err := format.Node(&b, fset, st); err != nil {
			return code
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}
