package contextlock

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// newConversion plans the conversion. It refuses if a use of the lock cannot be converted,
// if a struct could lack its semaphore, and if the section's own function has no context or
// returns no error.
func newConversion(s *site.Site) (*conversion, *safety.Refusal) {
	c := &conversion{Site: s}
	c.proof.Site = s
	if d := s.Finding.Deadlock; d != nil && !d.Timed {
		return nil, safety.Refuse(safety.S13, "deadlock", s.Lock.Pos(), "the wait may never end while the lock is held, and goroutines waiting for the lock without a context would wait forever: %s", d.Message())
	}
	if c.contextIn(s.Unit, s.Lock.Pos()) == "" {
		return nil, safety.Inapplicable(s.Lock.Pos(), "the function has no context to wait with")
	}
	if !c.returnsError(s.Unit) {
		return nil, safety.Inapplicable(s.Lock.Pos(), "the function has no error to return when the context is done")
	}
	refusal := c.refuseDeadlocks()
	if refusal != nil {
		return nil, refusal
	}
	if c.uses, refusal = lockUses(s); refusal != nil {
		return nil, refusal
	}
	if s.Section.LockVar().IsField() {
		var tn *types.TypeName
		if c.makers, tn, refusal = makers(s); refusal != nil {
			return nil, refusal
		}
		if refusal := c.proveMade(tn); refusal != nil {
			return nil, refusal
		}
	}
	c.askTests()
	if refusal := c.declare(); refusal != nil {
		return nil, refusal
	}
	if refusal := c.convert(); refusal != nil {
		return nil, refusal
	}
	c.dropSync()
	return c, nil
}

// parts are the parts of the plan, with the obligations it rests on.
func (c *conversion) parts() (own tree.Script, others []tree.Script, outside []plan.OutsideEdit, imports []plan.Import, obligations []safety.Obligation) {
	for _, s := range c.scripts {
		if s.Decl == ast.Decl(c.Unit.Decl) {
			own = s
		} else {
			others = append(others, s)
		}
	}
	slices.SortFunc(others, func(a, b tree.Script) int { return c.Site.Pkg.ComparePos(a.Decl.Pos(), b.Decl.Pos()) })
	return own, others, c.outside, c.imports, c.prove()
}

// prove says for each condition why it holds. There is no window: the lock is held from
// where it was taken to where it was released, by one holder at a time. What is new is that
// a function may return without ever holding it.
func (c *conversion) prove() []safety.Obligation {
	slices.Sort(c.asked)
	p := &c.proof
	for _, condition := range safety.Conditions() {
		if why := condition.HeldThroughout(); why != "" {
			p.Proved(condition, "%s", why)
		}
	}
	p.Proved(safety.S1, "verified on the result: what the lock guards is used between the same calls as before")
	p.ProvedOnce(safety.S6, "every value that holds the lock is made with its semaphore")
	p.Proved(safety.S10, "a function gives up only before it has done anything that others can see") // [conversion.convertUse]
	p.Proved(safety.S11, "verified on the result: every Lock has become an Acquire and every Unlock a Release; no lock is held where a function gives up")
	p.Proved(safety.S12, "verified on the result: a deferred release is still deferred")
	p.Proved(safety.S13, "the lock is taken at the same places as before, and no wait for one that needs it is hidden") // [conversion.refuseDeadlocks]
	p.Proved(safety.S14, "where callers or a deferred release rely on the lock, it is waited for without a context")    // [conversion.mustHold]
	p.Proved(safety.S15, "verified on the result: no mutex is held any more")
	p.Proved(safety.S16, "the lock is taken by Lock only") // [lockUses]
	p.Assume(safety.S17, c.Lock.Pos(), "%s: once the context is done, the call now returns its error instead of waiting for the lock. Is that right for the callers?", strings.Join(c.asked, ", "))
	p.Proved(safety.S18, "no condition variable has the lock") // [lockUses]
	return p.Recorded
}

// refuseDeadlocks refuses if a section of the lock may wait for somebody who needs the
// lock: a semaphore would only hide that, because no tool looks for it there.
func (c *conversion) refuseDeadlocks() *safety.Refusal {
	for _, f := range find.Unfiltered(c.Program, c.Pkg, c.Finding.Options()) {
		if f.Section.LockVar() == c.Section.LockVar() && f.MayDeadlock() {
			return safety.Refuse(safety.S13, "deadlock", f.Section.Pos(), "this section may deadlock, and a semaphore would not change that: %s", f.Deadlock.Message())
		}
	}
	return nil
}

func (c *conversion) askTests() {
	lock := c.Section.LockVar()
	if slices.ContainsFunc(c.Pkg.Files, func(f *patterns.File) bool { return strings.HasSuffix(f.Name, "_test.go") }) {
		return
	}
	what := "use " + lock.Name()
	if tn := behaviour.Holder(c.Site, lock); tn != nil {
		what = "neither use " + lock.Name() + " nor make values of type " + tn.Name()
	} else {
		what = "do not " + what
	}
	c.proof.Assume(safety.S6, lock.Pos(), "The package's tests, if it has any, were not analyzed (-tests does that). Is it true that they %s?", what)
}

// contextIn returns how a function can name a context at a position: a
// parameter, or the context of a request. "" if it has none.
func (c *conversion) contextIn(u *patterns.Unit, pos token.Pos) string {
	for o := u; o != nil; o = o.Outer {
		for _, field := range paramsOf(o) {
			for _, id := range field.Names {
				v, ok := c.Info.Defs[id].(*types.Var)
				if !ok || id.Name == "_" || !syntax.MeansAt(c.Pkg.Types, v, pos) {
					continue
				}
				switch types.TypeString(v.Type(), nil) {
				case "context.Context":
					return v.Name()
				case "*net/http.Request":
					return v.Name() + ".Context()"
				}
			}
		}
	}
	return ""
}

// qualifier returns the name of a package in a file, and notes the import.
func (c *conversion) qualifier(f *patterns.File, pkgPath string) string {
	for _, i := range c.imports {
		if i.File == f && i.Path == pkgPath {
			if i.Name != "" {
				return i.Name
			}
			return path.Base(pkgPath)
		}
	}
	name, imports := edits.QualifierAtTop(c.Site, f, pkgPath)
	c.imports = append(c.imports, imports...)
	return name
}

// declare changes the declaration of the lock.
func (c *conversion) declare() *safety.Refusal {
	lock := c.Section.LockVar()
	f := c.Pkg.FileOf(lock.Pos())
	if f == nil || f.Fixed != "" || lock.Pkg() != c.Pkg.Types {
		return safety.Inapplicable(c.Lock.Pos(), "the file that declares the lock is never rewritten")
	}
	at, _, refusal := edits.PlaceBeside(c.Site, f, lock)
	if refusal != nil {
		return refusal
	}
	qual := c.qualifier(f, plan.SemaphorePath)
	tok := c.Pkg.Fset.File(f.Syntax.FileStart)
	edit := textedit.Edit{}
	switch n := at.(type) {
	case *ast.Field:
		if len(n.Names) != 1 {
			return safety.Inapplicable(n.Pos(), "the lock is declared together with another field")
		}
		edit = textedit.Edit{Start: tok.Offset(n.Type.Pos()), End: tok.Offset(n.Type.End()), New: "*" + qual + ".Weighted"}
	case *ast.GenDecl:
		return c.declareVar(f, tok, n.Specs[0].(*ast.ValueSpec), qual)
	case *ast.ValueSpec:
		return c.declareVar(f, tok, n, qual)
	}
	c.outside = append(c.outside, plan.OutsideEdit{File: f, Edit: edits.Aligned(f, edit)})
	return nil
}

func (c *conversion) declareVar(f *patterns.File, tok *token.File, n *ast.ValueSpec, qual string) *safety.Refusal {
	if len(n.Names) != 1 || len(n.Values) > 0 || n.Type == nil {
		return safety.Inapplicable(n.Pos(), "the lock is declared together with other variables")
	}
	edit := textedit.Edit{Start: tok.Offset(n.Type.Pos()), End: tok.Offset(n.Type.End()), New: "= " + qual + ".NewWeighted(1)"}
	c.outside = append(c.outside, plan.OutsideEdit{File: f, Edit: edits.Aligned(f, edit)})
	return nil
}

// convert works out the scripts of the functions that use the lock or make its
// struct.
func (c *conversion) convert() *safety.Refusal {
	for _, use := range c.uses {
		op, refusal := c.convertUse(use)
		if refusal != nil {
			return refusal
		}
		c.add(use.Unit.Decl, op)
	}
	for _, m := range c.makers {
		if slices.ContainsFunc(c.uses, func(u lockUse) bool { return syntax.Within(u.Call, m.node()) }) ||
			slices.ContainsFunc(c.makers, func(o maker) bool { return o.node() != m.node() && syntax.Within(m.node(), o.node()) }) {
			return safety.Inapplicable(m.node().Pos(), "the lock is used, or another one is made, inside a literal that makes one")
		}
		c.add(m.Unit.Decl, c.convertMaker(m))
	}
	return nil
}

func (c *conversion) add(d *ast.FuncDecl, op tree.Op) {
	for i := range c.scripts {
		if c.scripts[i].Decl == ast.Decl(d) {
			c.scripts[i].Ops = append(c.scripts[i].Ops, op)
			return
		}
	}
	c.scripts = append(c.scripts, tree.Script{Decl: d, Ops: []tree.Op{op}})
}

// convertUse is the operation for one use of the lock.
func (c *conversion) convertUse(use lockUse) (tree.Op, *safety.Refusal) {
	recv := types.ExprString(use.Recv)
	if !use.Take {
		return tree.ReplaceExpr{Expr: use.Call, Code: recv + ".Release(1)"}, nil
	}
	ctx := c.contextIn(use.Unit, use.Call.Pos())
	var values []string
	canFail := ctx != "" && c.returnsError(use.Unit)
	if canFail {
		values, canFail = c.alongside(use.Unit, use.Call.Pos())
	}
	if use.Call == c.Section.Acquire {
		before := c.doneBefore(use)
		if before != nil && before.Pos() > use.Stmt.Pos() {
			return nil, safety.Refuse(safety.S10, "half-done", before.Pos(), "the loop does something before it takes the lock again, and giving up then would leave that half done")
		}
		if before != nil {
			return nil, safety.Refuse(safety.S10, "half-done", before.Pos(), "the function does something before it takes the lock, and giving up then would leave that half done")
		}
		if !canFail {
			return nil, safety.Refuse(safety.S17, "error-results", use.Call.Pos(), "the function returns different values with different errors, so it is not clear what to return when the lock was not taken")
		}
	}
	if !canFail || c.mustHold(use) || c.doneBefore(use) != nil {
		// It waits like the mutex: the context is never done, and the weight never exceeds
		// the size, so there is no error.
		qual := c.qualifier(use.Unit.File, "context")
		return tree.ReplaceStmt{Stmt: use.Stmt, Code: "_ = " + recv + ".Acquire(" + qual + ".Background(), 1)"}, nil
	}
	if held := c.heldAt(use); held != "" {
		return nil, safety.Refuse(safety.S11, "second-lock", use.Call.Pos(), "%s is held here as well, and would have to be released when the context is done", held)
	}
	if !slices.Contains(c.asked, use.Unit.Name()) {
		c.asked = append(c.asked, use.Unit.Name())
	}
	code := fmt.Sprintf("if err := %s.Acquire(%s, 1); err != nil {\nreturn %s\n}", recv, ctx, strings.Join(append(values, "err"), ", "))
	return tree.ReplaceStmt{Stmt: use.Stmt, Code: code}, nil
}

// mustHold reports whether a function cannot return without the lock here: a
// deferred release is pending, or the callers rely on having it.
func (c *conversion) mustHold(use lockUse) bool {
	for _, s := range locks.SectionsOfLock(c.Program, c.Pkg, c.Section.LockVar()) {
		if s.Acquire == use.Call && s.Problem != "" {
			return true
		}
	}
	return syntax.Has(use.Unit.Body, func(d *ast.DeferStmt) bool {
		return d.End() <= use.Call.Pos() && slices.ContainsFunc(c.uses, func(o lockUse) bool { return !o.Take && syntax.Within(o.Call, d) })
	})
}

// heldAt names another lock that the function holds where it takes this one.
func (c *conversion) heldAt(use lockUse) string {
	for _, p := range locks.HeldAt(use.Unit, use.Stmt) {
		if p.Last() != c.Section.LockVar() {
			return p.String()
		}
	}
	return ""
}

// convertMaker is the operation that gives a new struct its semaphore.
func (c *conversion) convertMaker(m maker) tree.Op {
	qual := c.qualifier(m.Unit.File, plan.SemaphorePath)
	value := qual + ".NewWeighted(1)"
	elem := c.Section.LockVar().Name() + ": " + value
	switch {
	case m.New != nil:
		tok := c.Pkg.Fset.File(m.New.Pos())
		arg := m.New.Args[0]
		text := string(m.Unit.File.Content[tok.Offset(arg.Pos()):tok.Offset(arg.End())])
		return tree.ReplaceExpr{Expr: m.New, Code: "&" + text + "{" + elem + "}"}
	case m.Elem != nil:
		return tree.ReplaceExpr{Expr: m.Elem, Code: value}
	}
	text := withElement(c.Site, m.Unit.File, m.Lit, elem)
	if m.Lit.Type == nil { // left out, in a list of pointers
		text = "&" + behaviour.Holder(c.Site, c.Section.LockVar()).Name() + text
	}
	return tree.ReplaceExpr{Expr: m.Lit, Code: text}
}

// dropSync takes the import of package sync out of files that no longer use it.
func (c *conversion) dropSync() {
	lock := c.Section.LockVar()
	for _, f := range c.Pkg.Files {
		for _, d := range f.Syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.IMPORT {
				continue
			}
			for _, sp := range g.Specs {
				spec := sp.(*ast.ImportSpec)
				if spec.Path.Value == strconv.Quote("sync") && c.onlyForLock(f, lock) {
					c.dropSpec(f, g, spec)
				}
			}
		}
	}
}

// onlyForLock reports whether a file uses package sync only to declare or make the lock.
func (c *conversion) onlyForLock(f *patterns.File, lock *types.Var) bool {
	used, other := false, false
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		if pn, ok := c.Info.Uses[id].(*types.PkgName); !ok || pn.Imported().Path() != "sync" {
			return true
		}
		used = true
		inElem := slices.ContainsFunc(c.makers, func(m maker) bool { return m.Elem != nil && syntax.Within(sel, m.Elem) })
		if !inElem && !c.declares(f, sel, lock) {
			other = true
		}
		return true
	})
	return used && !other
}

// declares reports whether a type expression is that of the lock.
func (c *conversion) declares(f *patterns.File, sel ast.Expr, lock *types.Var) bool {
	at, _, refusal := edits.PlaceBeside(c.Site, f, lock)
	if refusal != nil || c.Pkg.FileOf(lock.Pos()) != f {
		return false
	}
	return syntax.Within(sel, at)
}

// dropSpec removes an import, with its line; a single one leaves no declaration.
func (c *conversion) dropSpec(f *patterns.File, g *ast.GenDecl, spec *ast.ImportSpec) {
	tok := c.Pkg.Fset.File(f.Syntax.FileStart)
	if !g.Lparen.IsValid() || len(g.Specs) == 1 {
		// The new imports take its place.
		i := slices.IndexFunc(c.imports, func(i plan.Import) bool { return i.File == f })
		if i < 0 {
			return // verification will say that the import is not used
		}
		c.outside = append(c.outside, plan.OutsideEdit{File: f, Edit: textedit.Edit{
			Start: tok.Offset(spec.Pos()), End: tok.Offset(spec.End()), New: c.imports[i].Spec(),
		}})
		c.imports[i].Placed = true
		return
	}
	start := edits.LineStart(f.Content, tok.Offset(spec.Pos()))
	end := tok.Offset(spec.End())
	for end < len(f.Content) && f.Content[end] != '\n' {
		end++
	}
	c.outside = append(c.outside, plan.OutsideEdit{File: f, Edit: textedit.Edit{Start: start, End: min(end+1, len(f.Content)), New: ""}})
}
