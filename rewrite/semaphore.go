package rewrite

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
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// semaphorePath is the package whose semaphore takes the place of the mutex.
const semaphorePath = "golang.org/x/sync/semaphore"

// A Conversion turns a mutex and all its uses in the package into a semaphore
// of weight one, whose waiters can give up.
type Conversion struct {
	*Site
	uses    []LockUse
	makers  []Maker
	scripts []tree.Script
	outside []OutsideEdit
	imports []Import
	proof   Window // records obligations only
	asked   []string
}

// NewConversion works the conversion out. It refuses where a use of the lock
// cannot be converted, where a struct could come without its semaphore, and
// where the section's own function has no context or no error to give back.
func (s *Site) NewConversion() (*Conversion, *Refusal) {
	c := &Conversion{Site: s}
	c.proof.Site = s
	if d := s.Finding.Deadlock; d != nil && !d.Timed {
		return nil, Refuse(S13, "deadlock", s.Lock.Pos(), "the wait may never end while the lock is held, and goroutines waiting for the lock without a context would wait forever: %s", d.Message())
	}
	if c.contextIn(s.Unit, s.Lock.Pos()) == "" {
		return nil, Inapplicable(s.Lock.Pos(), "the function has no context to wait with")
	}
	if !c.returnsError(s.Unit) {
		return nil, Inapplicable(s.Lock.Pos(), "the function has no error to return when the context is done")
	}
	refusal := c.refuseDeadlocks()
	if refusal != nil {
		return nil, refusal
	}
	if c.uses, refusal = s.LockUses(); refusal != nil {
		return nil, refusal
	}
	if s.Section.LockVar().IsField() {
		var tn *types.TypeName
		if c.makers, tn, refusal = s.Makers(); refusal != nil {
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

// Parts are the parts of the plan, with the obligations it rests on.
func (c *Conversion) Parts() (own tree.Script, others []tree.Script, outside []OutsideEdit, imports []Import, obligations []Obligation) {
	for _, s := range c.scripts {
		if s.Decl == ast.Decl(c.Unit.Decl) {
			own = s
		} else {
			others = append(others, s)
		}
	}
	slices.SortFunc(others, func(a, b tree.Script) int { return c.compare(a.Decl.Pos(), b.Decl.Pos()) })
	return own, others, c.outside, c.imports, c.prove()
}

// prove says for each condition why it holds. There is no window: the lock is
// held from where it was taken to where it was released, and by one at a time. What
// is new is that a function may return without having had it.
func (c *Conversion) prove() []Obligation {
	slices.Sort(c.asked)
	p := &c.proof
	p.proved(S1, "verified on the result: what the lock guards is used between the same calls as before")
	p.proved(S2, "no value is copied out of a section")
	p.proved(S3, "no section is interrupted, so nothing that it has read can change in it")
	p.proved(S4, "no section is interrupted, so nothing can be written in the middle of it")
	p.proved(S5, "no section is interrupted, so an entry is looked for and inserted in one")
	p.provedOnce(S6, "every value that holds the lock is made with its semaphore")
	p.proved(S7, "no channel is used outside of the sections that used it before")
	p.proved(S8, "those who wait get the lock in the order in which they asked for it")
	p.proved(S9, "every section still has the lock to itself")
	p.proved(S10, "a function gives up only where it has done nothing yet that others can see") // [Conversion.convertUse]
	p.proved(S11, "verified on the result: every Lock has become an Acquire and every Unlock a Release; who gives up holds no other lock")
	p.proved(S12, "verified on the result: a deferred release is still deferred")
	p.proved(S13, "the lock is taken at the same places as before, and no wait for one that needs it is hidden") // [Conversion.refuseDeadlocks]
	p.proved(S14, "where callers or a deferred release rely on the lock, it is waited for without a context")    // [Conversion.mustHold]
	p.proved(S15, "verified on the result: there is no mutex any more that is held")
	p.proved(S16, "the lock is taken by Lock only") // [Site.LockUses]
	p.assume(S17, c.Lock.Pos(), "%s: once the context is done, the call now returns its error instead of waiting for the lock. Is that right for the callers?", strings.Join(c.asked, ", "))
	p.proved(S18, "no condition variable has the lock") // [Site.LockUses]
	return p.obligations
}

// refuseDeadlocks refuses where a section of the lock may wait for somebody who
// needs the lock: a semaphore would only hide that, as nothing looks for it there.
func (c *Conversion) refuseDeadlocks() *Refusal {
	for _, f := range c.Program.FindIn(c.Pkg, c.Finding.Options()) {
		if f.Section.LockVar() == c.Section.LockVar() && f.MayDeadlock() {
			return Refuse(S13, "deadlock", f.Section.Pos(), "this section may deadlock, and a semaphore would not change that: %s", f.Deadlock.Message())
		}
	}
	return nil
}

func (c *Conversion) askTests() {
	lock := c.Section.LockVar()
	if slices.ContainsFunc(c.Pkg.Files, func(f *patterns.File) bool { return strings.HasSuffix(f.Name, "_test.go") }) {
		return
	}
	what := "use " + lock.Name()
	if tn := c.holder(lock); tn != nil {
		what = "neither use " + lock.Name() + " nor make values of type " + tn.Name()
	} else {
		what = "do not " + what
	}
	c.proof.assume(S6, lock.Pos(), "The package's tests, if it has any, were not analyzed (-tests does that). Is it true that they %s?", what)
}

// contextIn returns how a function can name a context at a position: a
// parameter, or the context of a request. "" if it has none.
func (c *Conversion) contextIn(u *patterns.Unit, pos token.Pos) string {
	for o := u; o != nil; o = o.Outer {
		for _, field := range paramsOf(o) {
			for _, id := range field.Names {
				v, ok := c.Info.Defs[id].(*types.Var)
				if !ok || id.Name == "_" || !c.visible(u, v, pos) {
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

// visible reports whether a name means the variable at a position.
func (c *Conversion) visible(u *patterns.Unit, v *types.Var, pos token.Pos) bool {
	inner := c.Pkg.Types.Scope().Innermost(pos)
	if inner == nil {
		return false
	}
	_, obj := inner.LookupParent(v.Name(), pos)
	return obj == types.Object(v)
}

func paramsOf(u *patterns.Unit) []*ast.Field {
	switch {
	case u.Lit != nil:
		return u.Lit.Type.Params.List
	case u.Decl != nil:
		return u.Decl.Type.Params.List
	}
	return nil
}

func (c *Conversion) sigOf(u *patterns.Unit) *types.Signature {
	if u.Lit != nil {
		return c.Info.TypeOf(u.Lit).(*types.Signature)
	}
	return u.Obj.Signature()
}

// returnsError reports whether the last result of a function is an error, and
// the zero values of the others can be spelled.
func (c *Conversion) returnsError(u *patterns.Unit) bool {
	res := c.sigOf(u).Results()
	if res.Len() == 0 || !isError(res.At(res.Len()-1).Type()) {
		return false
	}
	_, ok := c.zeros(u)
	return ok
}

// zeros lists the zero values of all results but the last.
func (c *Conversion) zeros(u *patterns.Unit) ([]string, bool) {
	res := c.sigOf(u).Results()
	var out []string
	for i := range res.Len() - 1 {
		t := res.At(i).Type()
		switch ut := t.Underlying().(type) {
		case *types.Basic:
			switch {
			case ut.Info()&types.IsString != 0:
				out = append(out, `""`)
			case ut.Info()&types.IsBoolean != 0:
				out = append(out, "false")
			case ut.Info()&types.IsNumeric != 0:
				out = append(out, "0")
			default:
				return nil, false
			}
		case *types.Struct, *types.Array:
			if u.File != c.File {
				return nil, false
			}
			text, ok := c.typeText(t)
			if !ok {
				return nil, false
			}
			out = append(out, text+"{}")
		default:
			if _, isParam := types.Unalias(t).(*types.TypeParam); isParam {
				return nil, false
			}
			out = append(out, "nil")
		}
	}
	return out, true
}

// qualifier returns the name of a package in a file, and notes the import.
func (c *Conversion) qualifier(f *patterns.File, pkgPath string) string {
	for _, i := range c.imports {
		if i.File == f && i.Path == pkgPath {
			if i.Name != "" {
				return i.Name
			}
			return path.Base(pkgPath)
		}
	}
	name, imports := c.qualifierAtTop(f, pkgPath)
	c.imports = append(c.imports, imports...)
	return name
}

// declare changes the declaration of the lock.
func (c *Conversion) declare() *Refusal {
	lock := c.Section.LockVar()
	f := c.Pkg.FileOf(lock.Pos())
	if f == nil || f.Fixed != "" || lock.Pkg() != c.Pkg.Types {
		return Inapplicable(c.Lock.Pos(), "the file that declares the lock is never rewritten")
	}
	at, _, refusal := c.placeBeside(f, lock)
	if refusal != nil {
		return refusal
	}
	qual := c.qualifier(f, semaphorePath)
	tok := c.Pkg.Fset.File(f.Syntax.FileStart)
	edit := textedit.Edit{}
	switch n := at.(type) {
	case *ast.Field:
		if len(n.Names) != 1 {
			return Inapplicable(n.Pos(), "the lock is declared together with another field")
		}
		edit = textedit.Edit{Start: tok.Offset(n.Type.Pos()), End: tok.Offset(n.Type.End()), New: "*" + qual + ".Weighted"}
	case *ast.GenDecl:
		return c.declareVar(f, tok, n.Specs[0].(*ast.ValueSpec), qual)
	case *ast.ValueSpec:
		return c.declareVar(f, tok, n, qual)
	}
	c.outside = append(c.outside, OutsideEdit{File: f, Edit: aligned(f, edit)})
	return nil
}

func (c *Conversion) declareVar(f *patterns.File, tok *token.File, n *ast.ValueSpec, qual string) *Refusal {
	if len(n.Names) != 1 || len(n.Values) > 0 || n.Type == nil {
		return Inapplicable(n.Pos(), "the lock is declared together with other variables")
	}
	edit := textedit.Edit{Start: tok.Offset(n.Type.Pos()), End: tok.Offset(n.Type.End()), New: "= " + qual + ".NewWeighted(1)"}
	c.outside = append(c.outside, OutsideEdit{File: f, Edit: aligned(f, edit)})
	return nil
}

// convert works out the scripts of the functions that use the lock or make its
// struct.
func (c *Conversion) convert() *Refusal {
	for _, use := range c.uses {
		op, refusal := c.convertUse(use)
		if refusal != nil {
			return refusal
		}
		c.add(use.Unit.Decl, op)
	}
	for _, m := range c.makers {
		if slices.ContainsFunc(c.uses, func(u LockUse) bool { return within(u.Call, m.node()) }) ||
			slices.ContainsFunc(c.makers, func(o Maker) bool { return o.node() != m.node() && within(m.node(), o.node()) }) {
			return Inapplicable(m.node().Pos(), "the lock is used, or another one is made, inside a literal that makes one")
		}
		c.add(m.Unit.Decl, c.convertMaker(m))
	}
	return nil
}

func (c *Conversion) add(d *ast.FuncDecl, op tree.Op) {
	for i := range c.scripts {
		if c.scripts[i].Decl == ast.Decl(d) {
			c.scripts[i].Ops = append(c.scripts[i].Ops, op)
			return
		}
	}
	c.scripts = append(c.scripts, tree.Script{Decl: d, Ops: []tree.Op{op}})
}

// convertUse is the operation for one use of the lock.
func (c *Conversion) convertUse(use LockUse) (tree.Op, *Refusal) {
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
			return nil, Refuse(S10, "half-done", before.Pos(), "the loop does something before it takes the lock again, and giving up then would leave that half done")
		}
		if before != nil {
			return nil, Refuse(S10, "half-done", before.Pos(), "the function does something before it takes the lock, and giving up then would leave that half done")
		}
		if !canFail {
			return nil, Refuse(S17, "error-results", use.Call.Pos(), "the function returns different values with different errors, so it is not clear what to return when the lock was not taken")
		}
	}
	if !canFail || c.mustHold(use) || c.doneBefore(use) != nil {
		// Waits like the mutex did: the context is never done, and the weight
		// never more than there is, so there is no error.
		qual := c.qualifier(use.Unit.File, "context")
		return tree.ReplaceStmt{Stmt: use.Stmt, Code: "_ = " + recv + ".Acquire(" + qual + ".Background(), 1)"}, nil
	}
	if held := c.heldAt(use); held != "" {
		return nil, Refuse(S11, "second-lock", use.Call.Pos(), "%s is held here as well, and would have to be released when the context is done", held)
	}
	if !slices.Contains(c.asked, use.Unit.Name()) {
		c.asked = append(c.asked, use.Unit.Name())
	}
	code := fmt.Sprintf("if err := %s.Acquire(%s, 1); err != nil {\nreturn %s\n}", recv, ctx, strings.Join(append(values, "err"), ", "))
	return tree.ReplaceStmt{Stmt: use.Stmt, Code: code}, nil
}

// mustHold reports whether a function cannot return without the lock here: a
// deferred release is pending, or the callers rely on having it.
func (c *Conversion) mustHold(use LockUse) bool {
	for _, s := range c.Program.SectionsIn(c.Pkg) {
		if s.Acquire == use.Call && s.Problem != "" {
			return true
		}
	}
	pending := false
	ast.Inspect(use.Unit.Body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok && d.End() <= use.Call.Pos() {
			pending = pending || slices.ContainsFunc(c.uses, func(o LockUse) bool { return !o.Take && within(o.Call, d) })
		}
		return !pending
	})
	return pending
}

// heldAt names another lock that the function holds where it takes this one.
func (c *Conversion) heldAt(use LockUse) string {
	for _, p := range use.Unit.HeldAt(use.Stmt) {
		if p.Last() != c.Section.LockVar() {
			return p.String()
		}
	}
	return ""
}

// convertMaker is the operation that gives a new struct its semaphore.
func (c *Conversion) convertMaker(m Maker) tree.Op {
	qual := c.qualifier(m.Unit.File, semaphorePath)
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
	text := c.withElement(m.Unit.File, m.Lit, elem)
	if m.Lit.Type == nil { // left out, in a list of pointers
		text = "&" + c.holder(c.Section.LockVar()).Name() + text
	}
	return tree.ReplaceExpr{Expr: m.Lit, Code: text}
}

// dropSync takes the import of package sync out of files that no longer use it.
func (c *Conversion) dropSync() {
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

// onlyForLock reports whether a file uses package sync, and only to declare or
// make the lock.
func (c *Conversion) onlyForLock(f *patterns.File, lock *types.Var) bool {
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
		inElem := slices.ContainsFunc(c.makers, func(m Maker) bool { return m.Elem != nil && within(sel, m.Elem) })
		if !inElem && !c.declares(f, sel, lock) {
			other = true
		}
		return true
	})
	return used && !other
}

// declares reports whether a type expression is that of the lock.
func (c *Conversion) declares(f *patterns.File, sel ast.Expr, lock *types.Var) bool {
	at, _, refusal := c.placeBeside(f, lock)
	if refusal != nil || c.Pkg.FileOf(lock.Pos()) != f {
		return false
	}
	return within(sel, at)
}

// dropSpec removes an import, with its line; a single one leaves no declaration.
func (c *Conversion) dropSpec(f *patterns.File, g *ast.GenDecl, spec *ast.ImportSpec) {
	tok := c.Pkg.Fset.File(f.Syntax.FileStart)
	if !g.Lparen.IsValid() || len(g.Specs) == 1 {
		// The new imports take its place.
		i := slices.IndexFunc(c.imports, func(i Import) bool { return i.File == f })
		if i < 0 {
			return // verification will say that the import is not used
		}
		c.outside = append(c.outside, OutsideEdit{File: f, Edit: textedit.Edit{
			Start: tok.Offset(spec.Pos()), End: tok.Offset(spec.End()), New: c.imports[i].spec(),
		}})
		c.imports[i].Placed = true
		return
	}
	start := lineStart(f.Content, tok.Offset(spec.Pos()))
	end := tok.Offset(spec.End())
	for end < len(f.Content) && f.Content[end] != '\n' {
		end++
	}
	c.outside = append(c.outside, OutsideEdit{File: f, Edit: textedit.Edit{Start: start, End: min(end+1, len(f.Content)), New: ""}})
}
