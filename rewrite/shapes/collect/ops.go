package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// ops returns the operations that keep the actions until the lock is released
// and carry them out then.
func (c *collection) ops() ([]tree.Op, *safety.Refusal) {
	groups, refusal := c.gather()
	if refusal != nil {
		return nil, refusal
	}
	last, explicit := (*ast.ReturnStmt)(nil), c.Defer == nil
	if !explicit {
		last, explicit = c.explicitly()
		explicit = explicit && !c.panicsItself()
	}
	if explicit {
		c.copyLoops(groups)
		c.testAgain(groups)
	}
	ops, decl, refusal := c.keepAll(groups)
	if refusal != nil {
		return nil, refusal
	}
	declare := func(ops []tree.Op) []tree.Op {
		if decl == "" {
			return ops
		}
		return append(ops, tree.InsertBefore{Stmt: c.Lock, Code: decl})
	}
	if c.Defer == nil {
		if st := c.endsInPanic(); st != nil {
			return nil, safety.Refuse(safety.S12, "panic-after-call", st.Pos(), "the section may end in this panic, and the calls made before it would be lost")
		}
		c.askLost()
		ops = declare(ops)
		runs, refusal := c.runAtReleases(groups)
		return append(ops, runs...), refusal
	}
	if explicit {
		more, refusal := c.releaseAndRun(groups, last)
		if refusal != nil {
			return nil, refusal
		}
		return append(declare(ops), more...), nil
	}
	c.Proved(safety.S12, "the calls are deferred before the release is, so they are made on a panic, too, and after the release")
	code := decl + "\ndefer func() {\n" + c.runs(groups) + "\n}()"
	return append(ops, tree.InsertBefore{Stmt: c.Lock, Code: code, Space: tree.Space{After: tree.Blank}}), nil
}

// keepAll returns the operations that keep the actions of all groups, and the declarations of the
// variables for that.
func (c *collection) keepAll(groups []*gathering) (ops []tree.Op, decl string, refusal *safety.Refusal) {
	var decls []string
	for _, g := range groups {
		switch {
		case g.copy != "":
			ops = append(ops, g.keepCopy()...)
			continue
		case g.form == tested:
			ops = append(ops, removeTested(g)...)
			continue
		}
		decls = append(decls, "var "+g.name+" "+g.typ)
		for _, run := range g.runs {
			keep, refusal := c.keep(g, run)
			if refusal != nil {
				return nil, "", refusal
			}
			ops = append(ops, keep...)
		}
	}
	return ops, strings.Join(decls, "\n"), nil
}

// gather groups the actions so that carrying out one group after the other
// keeps their order.
func (c *collection) gather() ([]*gathering, *safety.Refusal) {
	var groups []*gathering
	runs := c.runsOf()
	for _, run := range runs {
		i := slices.IndexFunc(groups, func(g *gathering) bool { return slices.EqualFunc(g.runs[0], run, c.alike) })
		if i < 0 {
			groups = append(groups, &gathering{})
			i = len(groups) - 1
		}
		groups[i].runs = append(groups[i].runs, run)
		groups[i].actions = append(groups[i].actions, run...)
	}
	if interleaved(groups) {
		groups = []*gathering{{runs: runs, actions: c.Actions, form: funcs}}
		c.mixed = true
	}
	c.mixed = c.mixed || len(groups) > mostKept
	for _, g := range groups {
		if refusal := c.choose(g); refusal != nil {
			return nil, refusal
		}
	}
	return groups, nil
}

// mostKept is how many variables a person would use to keep what is to be done later.
const mostKept = 2

// runsOf divides the actions into runs.
func (c *collection) runsOf() [][]*action {
	var runs [][]*action
	for _, a := range c.Actions {
		if n := len(runs) - 1; n >= 0 {
			last := runs[n][len(runs[n])-1]
			list := c.ListOf(a.Stmt)
			i := slices.Index(list, a.Stmt)
			if i > 0 && list[i-1] == last.Stmt && len(a.Takes) == 1 && len(last.Takes) == 1 && types.ExprString(a.Takes[0]) == types.ExprString(last.Takes[0]) {
				runs[n] = append(runs[n], a)
				continue
			}
		}
		runs = append(runs, []*action{a})
	}
	return runs
}

// alike reports whether two actions are the same except for the one value that each takes.
func (c *collection) alike(a, b *action) bool {
	if len(a.Takes) != 1 || len(b.Takes) != 1 {
		return len(a.Takes) == 0 && len(b.Takes) == 0 && c.Source(a.Stmt) == c.Source(b.Stmt)
	}
	return types.Identical(c.Info.TypeOf(a.Takes[0]), c.Info.TypeOf(b.Takes[0])) && c.template(a, "_") == c.template(b, "_")
}

// interleaved reports whether an action of a group may run before one of an
// earlier group.
func interleaved(groups []*gathering) bool {
	for i, g := range groups {
		for _, later := range groups[i+1:] {
			for _, b := range later.actions {
				if slices.ContainsFunc(g.actions, func(a *action) bool { return mayFollow(b, a) }) {
					return true
				}
			}
		}
	}
	return false
}

// templates are the statements of the actions of a run, one a line.
func (c *collection) templates(run []*action, name string) string {
	var lines []string
	for _, a := range run {
		lines = append(lines, c.template(a, name))
	}
	return strings.Join(lines, "\n")
}

// template is the statement of an action with a name in place of what it takes.
func (c *collection) template(a *action, name string) string {
	start := a.Stmt.Pos()
	src := c.Source(a.Stmt)
	var b strings.Builder
	at := 0
	ast.Inspect(a.Stmt, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || !slices.ContainsFunc(a.Takes, func(t ast.Expr) bool { return types.ExprString(t) == types.ExprString(e) }) || !c.isOperand(a, e) {
			return true
		}
		b.WriteString(src[at:int(e.Pos()-start)])
		b.WriteString(name)
		at = int(e.End() - start)
		return false
	})
	return b.String() + src[at:]
}

// isOperand reports whether an expression is part of what is evaluated before
// the action: not the name of a method or field.
func (c *collection) isOperand(a *action, e ast.Expr) bool {
	if sel, ok := c.Parents[e].(*ast.SelectorExpr); ok && sel.Sel == e {
		return false
	}
	return slices.ContainsFunc(slices.Concat(a.targets, a.args), func(o ast.Expr) bool { return syntax.Within(e, o) })
}

// choose settles the form of a group, its names and its type.
func (c *collection) choose(g *gathering) *safety.Refusal {
	a := g.actions[0]
	if a.sleeps() {
		return c.chooseSleep(g)
	}
	repeats := slices.ContainsFunc(g.actions, func(a *action) bool {
		return slices.ContainsFunc(g.actions, func(b *action) bool { return mayFollow(a, b) })
	})
	switch {
	case g.form == funcs:
	case len(a.Takes) == 1 && repeats:
		g.form = list
	case len(a.Takes) == 1 && !slices.ContainsFunc(g.actions, func(a *action) bool { return !c.notNil(a, a.Takes[0]) }):
		g.form = single
	case repeats:
		g.form = funcs
	case len(a.Takes) == 0:
		g.form = flag
	default:
		g.form = once
	}
	if len(a.Takes) == 1 && (g.form == list || g.form == single) {
		text, ok := c.spell(c.Info.TypeOf(a.Takes[0]))
		if !ok {
			return safety.Inapplicable(a.Takes[0].Pos(), "this file cannot name the type of %s", types.ExprString(a.Takes[0]))
		}
		g.typ = text
	}
	switch g.form {
	case list:
		g.typ = "[]" + g.typ
		g.elem = c.elemName(a, a.Takes[0])
		g.name = c.FreshName(c.listName(a, g.elem))
		if _, ok := a.Takes[0].(*ast.Ident); !ok {
			g.elem = c.FreshName(g.elem)
		}
	case single:
		g.name = c.FreshName(c.listName(a, ""))
	case flag:
		g.typ, g.name = "bool", c.deedName(a)
	case once:
		g.typ, g.name = "func()", c.deedName(a)
		if t, ok := c.methodValue(g); ok {
			g.typ = t
		}
	case funcs:
		g.typ, g.name, g.elem = "[]func()", c.FreshName("calls"), c.FreshName("call")
	}
	return nil
}

// spell spells a type in the section's file, with an import if one is missing.
func (c *collection) spell(t types.Type) (string, bool) {
	if text, ok := c.TypeText(t); ok {
		return text, true
	}
	ok := true
	text := types.TypeString(t, func(p *types.Package) string {
		if p == c.Pkg.Types {
			return ""
		}
		if p.Path() != p.Name() && !strings.HasSuffix(p.Path(), "/"+p.Name()) {
			ok = false
			return p.Name()
		}
		return c.Qualifier(p.Path())
	})
	return text, ok
}

// methodValue returns the type of the method values that a group of calls
// without arguments can be kept as.
func (c *collection) methodValue(g *gathering) (string, bool) {
	var t types.Type
	for _, a := range g.actions {
		if a.call == nil || len(a.args) > 0 || len(a.targets) != 1 {
			return "", false
		}
		u := c.Info.TypeOf(a.call.Fun)
		if t != nil && !types.Identical(t, u) {
			return "", false
		}
		t = u
	}
	if s, ok := t.(*types.Signature); !ok || s.Results().Len() > 0 {
		return "", false
	}
	return "func()", true
}

// keep returns the operations that put the keeping of a run in its place.
func (c *collection) keep(g *gathering, run []*action) ([]tree.Op, *safety.Refusal) {
	var code string
	a := run[0]
	switch g.form {
	case list:
		code = g.name + " = append(" + g.name + ", " + c.Source(a.Takes[0]) + ")"
	case single, duration:
		code = g.name + " = " + c.Source(a.Takes[0])
	case flag:
		code = g.name + " = true"
	case once, funcs:
		before, lit, refusal := c.closure(run)
		if refusal != nil {
			return nil, refusal
		}
		code = before + g.name + " = " + lit
		if g.form == funcs {
			code = before + g.name + " = append(" + g.name + ", " + lit + ")"
		}
	}
	ops := []tree.Op{tree.ReplaceStmt{Stmt: a.Stmt, Code: code}}
	for _, more := range run[1:] {
		ops = append(ops, tree.Remove{Stmt: more.Stmt})
	}
	return ops, nil
}

// closure returns an expression for a function that carries a run out, and the
// statements that have to come before it.
func (c *collection) closure(run []*action) (before, lit string, refusal *safety.Refusal) {
	a := run[0]
	if len(run) == 1 && a.call != nil && len(a.args) == 0 && len(a.targets) == 1 {
		if s, ok := c.Info.TypeOf(a.call.Fun).(*types.Signature); ok && s.Results().Len() == 0 {
			return "", c.Source(a.call.Fun), nil
		}
	}
	var lines []string
	for _, a := range run {
		if holdsComment(c.File, a.Stmt) {
			return "", "", safety.Inapplicable(a.Stmt.Pos(), "there is a comment inside the call")
		}
		lines = append(lines, c.Source(a.Stmt))
	}
	for _, t := range a.Takes { // the same for all
		if id, ok := t.(*ast.Ident); ok && c.capturable(a, id) {
			continue
		}
		if len(a.Takes) > 1 {
			return "", "", safety.Inapplicable(t.Pos(), "%s would have to be kept in a struct with other values until the call is made", types.ExprString(t))
		}
		name := c.FreshName(c.elemName(a, t))
		before = name + " := " + c.Source(t) + "\n"
		lines = []string{c.templates(run, name)}
	}
	if text := strings.Join(lines, "\n"); strings.Contains(text, "\n") {
		return before, "func() {\n" + text + "\n}", nil
	}
	return before, "func() { " + lines[0] + " }", nil
}

func holdsComment(f *patterns.File, n ast.Node) bool {
	return slices.ContainsFunc(f.Syntax.Comments, func(g *ast.CommentGroup) bool { return n.Pos() <= g.Pos() && g.End() <= n.End() })
}

// capturable reports whether a function literal at the place of an action may use a
// variable: each iteration of a loop has its own copy, and nothing assigns it afterwards.
func (c *collection) capturable(a *action, id *ast.Ident) bool {
	v, ok := c.Info.Uses[id].(*types.Var)
	if !ok || !c.OfBody(v) || c.changesLater(a, v) {
		return false
	}
	if c.Unit.DefinedOnce(v) != nil {
		return true
	}
	loop, ok := c.loopOf(a.Stmt).(*ast.RangeStmt)
	if !ok || c.Unit.Assigned(v, loop.Body.List) {
		return !ok && !c.assignedAfter(a, v)
	}
	isVar := func(e ast.Expr) bool {
		return e != nil && syntax.IdentOf(e) != nil && c.Info.Defs[syntax.IdentOf(e)] == types.Object(v)
	}
	return (isVar(loop.Key) || isVar(loop.Value)) && c.loopVarsPerRound()
}

// runs is the code that carries all groups out.
func (c *collection) runs(groups []*gathering) string {
	var out []string
	for _, g := range groups {
		out = append(out, c.run(g))
	}
	return strings.Join(out, "\n")
}

// run is the code that carries a group out.
func (c *collection) run(g *gathering) string {
	switch g.form {
	case list:
		return "for _, " + g.elem + " := range " + g.name + " {\n" + c.templates(g.runs[0], g.elem) + "\n}"
	case single:
		return "if " + g.name + " != nil {\n" + c.templates(g.runs[0], g.name) + "\n}"
	case duration:
		return c.templates(g.runs[0], g.name)
	case flag:
		return "if " + g.name + " {\n" + c.Source(g.actions[0].Stmt) + "\n}"
	case once:
		return "if " + g.name + " != nil {\n" + g.name + "()\n}"
	case tested:
		return c.runTested(g)
	default:
		return "for _, " + g.elem + " := range " + g.name + " {\n" + g.elem + "()\n}"
	}
}

// runAtReleases carries the actions out after every explicit release that may follow them.
func (c *collection) runAtReleases(groups []*gathering) ([]tree.Op, *safety.Refusal) {
	var ops []tree.Op
	for _, r := range c.Section.Releases {
		var codes []string
		for _, g := range groups {
			if !slices.ContainsFunc(g.actions, func(a *action) bool { return slices.Contains(a.Rest.Ends, r.Call) }) {
				continue
			}
			if id := c.shadowed(g, r.Call.End()); id != nil {
				return nil, safety.Inapplicable(id.Pos(), "%s is another variable where the lock is released", id.Name)
			}
			codes = append(codes, c.run(g))
		}
		if len(codes) > 0 {
			st := c.Parents[r.Call].(ast.Stmt)
			ops = append(ops, tree.InsertAfter{Stmt: st, Code: strings.Join(codes, "\n"), Space: tree.Space{Before: tree.Blank}})
		}
	}
	return ops, nil
}

// shadowed returns a name in the code of a group that means something else at a
// place, or nil.
func (c *collection) shadowed(g *gathering, at token.Pos) *ast.Ident {
	scope := c.Pkg.Types.Scope().Innermost(at)
	if g.form == once || g.form == funcs || scope == nil {
		return nil // their code stays in place
	}
	for _, a := range g.actions {
		if id := c.shadowedIn(a, scope, at); id != nil {
			return id
		}
	}
	return nil
}

func (c *collection) shadowedIn(a *action, scope *types.Scope, at token.Pos) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(a.Stmt, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && slices.Contains(a.Takes, e) {
			return false
		}
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); !ok || slices.Contains(a.Takes, ast.Expr(id)) {
				return true
			} else if _, obj := scope.LookupParent(id.Name, at); obj != c.Info.Uses[id] {
				found = id
			}
			return false
		case *ast.Ident:
			if _, obj := scope.LookupParent(n.Name, at); obj != c.Info.Uses[n] && !slices.Contains(a.Takes, ast.Expr(n)) && !c.isSelector(n) {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// isSelector reports whether an identifier names a field or method after a dot,
// or in a composite literal.
func (c *collection) isSelector(id *ast.Ident) bool {
	if v, ok := c.Info.Uses[id].(*types.Var); ok && v.IsField() {
		return true
	}
	sel, ok := c.Parents[id].(*ast.SelectorExpr)
	return ok && sel.Sel == id
}

// endsInPanic returns a panic, or the end of the goroutine, that comes under an explicit lock
// after an action was kept, or nil: the action would never be carried out.
func (c *collection) endsInPanic() ast.Stmt {
	var found ast.Stmt
	for _, a := range c.Actions {
		for _, n := range c.restOf(a) {
			syntax.InspectOuter(n, func(m ast.Node) bool {
				if st, ok := m.(*ast.ExprStmt); ok && found == nil && locks.Unwinds(c.Info, syntax.CallOf(st.X)) {
					found = st
				}
				return found == nil
			})
		}
	}
	return found
}

// panicsItself reports whether the section panics or ends the goroutine: with an explicit
// release the lock would stay locked.
func (c *collection) panicsItself() bool {
	return slices.ContainsFunc(c.Body, func(st ast.Stmt) bool {
		return syntax.HasOuter(st, func(call *ast.CallExpr) bool { return locks.Unwinds(c.Info, call) })
	})
}

// askLost asks about panics between an action and an explicit release: the action used to
// run before the panic, and now does not run.
func (c *collection) askLost() {
	for _, a := range c.Actions {
		for _, n := range c.restOf(a) {
			st, ok := n.(ast.Stmt)
			if !ok {
				if e, isExpr := n.(ast.Expr); isExpr {
					st = &ast.ExprStmt{X: e}
				}
			}
			if st == nil {
				continue
			}
			if p := panics.MayPanic(c.Window.Site, []ast.Stmt{st}, nil); p != nil {
				c.Ask(safety.OnPanic, "", safety.S12, p.At.Pos(), "If %s at %s, the earlier call of %s is no longer made. Is that right?", p.Panics(), c.Line(p.At.Pos()), a.text())
				return
			}
		}
	}
}

// explicitly reports whether the deferred release can become an explicit one at the end,
// and returns the return statement that it then precedes, or nil: nothing may return once
// an action may have been kept, and no panic may be recovered.
func (c *collection) explicitly() (last *ast.ReturnStmt, ok bool) {
	if edits.Recovers(c.Window.Site) != nil && len(c.Panics(c.underLock(), c.Stmts)) > 0 {
		return nil, false
	}
	last, _ = c.Body[len(c.Body)-1].(*ast.ReturnStmt)
	for _, r := range syntax.ReturnsIn(c.Body) {
		if r != last && !c.beforeActions(r) {
			return nil, false
		}
	}
	return last, c.LeavesSection(c.Body[:len(c.Body)-1]) == nil && (last != nil || !syntax.Terminates(c.Info, c.Body[len(c.Body)-1]))
}

// beforeActions reports whether no action can have been kept where a return is
// reached.
func (c *collection) beforeActions(r *ast.ReturnStmt) bool {
	return !slices.ContainsFunc(c.Actions, func(a *action) bool {
		if a.Stmt.Pos() < r.Pos() {
			return true
		}
		for n := c.Parents[r]; n != nil; n = c.Parents[n] {
			switch n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				if syntax.Within(a.Stmt, n) {
					return true
				}
			}
		}
		return false
	})
}

// underLock lists what runs before the release: the section, and the operands of the
// actions.
func (c *collection) underLock() []ast.Stmt {
	list := slices.Clone(c.Body)
	for _, a := range c.Actions {
		for _, e := range slices.Concat(a.targets, a.args) {
			list = append(list, &ast.ExprStmt{X: e})
		}
	}
	return list
}

// releaseAndRun releases the lock at the end of the section and carries the
// actions out there.
func (c *collection) releaseAndRun(groups []*gathering, last *ast.ReturnStmt) ([]tree.Op, *safety.Refusal) {
	if refusal := edits.ReleaseExplicitly(c.Window, c.underLock(), c.Stmts); refusal != nil {
		return nil, refusal
	}
	ops := []tree.Op{tree.Remove{Stmt: c.Defer, Gap: tree.None}}
	for _, r := range syntax.ReturnsIn(c.Body) {
		if r == last {
			continue
		}
		early, refusal := edits.ReleaseAtReturn(c.Window, r)
		if refusal != nil {
			return nil, refusal
		}
		ops = append(ops, early...)
	}
	if last == nil {
		end := c.Body[len(c.Body)-1]
		return append(ops, tree.InsertAfter{Stmt: end, Code: c.UnlockText() + "\n\n" + c.runs(groups)}), nil
	}
	release, refusal := edits.ReleaseAtReturn(c.Window, last)
	if refusal != nil {
		return nil, refusal
	}
	ops = append(ops, release...)
	return append(ops, tree.InsertBefore{Stmt: last, Code: c.runs(groups), Space: tree.Space{Before: tree.Blank}}), nil
}
