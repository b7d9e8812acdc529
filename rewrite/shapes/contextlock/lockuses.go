package contextlock

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A lockUseOf is one call of a method of the section's lock, anywhere in the
// package.
type lockUse struct {
	Unit *patterns.Unit
	Call *ast.CallExpr
	Recv ast.Expr      // what stands for the lock: "s.mu"
	Stmt *ast.ExprStmt // the call as a statement of a list; nil if it is not one
	Take bool          // Lock; else Unlock
}

// lockUses lists all uses of the section's lock. It refuses if one is not a call of Lock or
// Unlock, or is outside of what can be rewritten.
func lockUses(s *site.Site) ([]lockUse, *safety.Refusal) {
	lock := s.Section.LockVar()
	switch {
	case s.Section.Wrapper:
		return nil, safety.Inapplicable(s.Lock.Pos(), "the lock is taken by %s", types.ExprString(s.Section.Acquire.Fun))
	case edits.PlainMutex(lock) != "":
		return nil, safety.Inapplicable(s.Lock.Pos(), "%s", edits.PlainMutex(lock))
	case lock.Embedded():
		return nil, safety.Inapplicable(lock.Pos(), "the lock is embedded, so its methods are the struct's")
	case lock.Exported() && s.Pkg.Name != "main":
		return nil, safety.Inapplicable(lock.Pos(), "other packages can use %s", lock.Name())
	case !lock.IsField() && !s.Section.Lock.Global():
		return nil, safety.Inapplicable(lock.Pos(), "the lock is a local variable")
	}
	var uses []lockUse
	mentioned := 0
	for _, f := range s.Pkg.Files {
		n, refusal := mentionsOf(s, f, lock)
		if refusal != nil {
			return nil, refusal
		}
		mentioned += n
	}
	for _, u := range s.Program.UnitsIn(s.Pkg) {
		if u.Body == nil {
			continue
		}
		for _, c := range u.Calls() {
			use, ok, refusal := lockUseOf(s, u, c, lock)
			if refusal != nil {
				return nil, refusal
			}
			if ok {
				uses = append(uses, use)
			}
		}
	}
	if len(uses) != mentioned {
		return nil, safety.Inapplicable(lock.Pos(), "%s is used other than through its methods", lock.Name())
	}
	return uses, nil
}

// mentionsOf counts how often a file names the lock, other than in composite
// literals.
func mentionsOf(s *site.Site, f *patterns.File, lock *types.Var) (int, *safety.Refusal) {
	n := 0
	var refusal *safety.Refusal
	ast.Inspect(f.Syntax, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.KeyValueExpr:
			if id, ok := m.Key.(*ast.Ident); ok && isVar(s, id, lock) {
				n-- // counted below
			}
		case *ast.Ident:
			if !isVar(s, m, lock) {
				return true
			}
			n++
			if f.Fixed != "" {
				refusal = safety.Inapplicable(m.Pos(), "the lock is used in a file that is never rewritten: %s", f.Fixed)
			}
		}
		return refusal == nil
	})
	return n, refusal
}

// isVar reports whether an identifier uses a variable.
func isVar(s *site.Site, id *ast.Ident, v *types.Var) bool {
	w, ok := s.Info.Uses[id].(*types.Var)
	return ok && w.Origin() == v
}

// lockUseOf reports whether a call is one of a method of the lock.
func lockUseOf(s *site.Site, u *patterns.Unit, c *ast.CallExpr, lock *types.Var) (lockUse, bool, *safety.Refusal) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !namesVar(s, sel.X, lock) {
		return lockUse{}, false, nil
	}
	use := lockUse{Unit: u, Call: c, Recv: sel.X}
	switch sel.Sel.Name {
	case "Lock":
		use.Take = true
	case "Unlock":
	case "RLock", "RUnlock":
		return use, false, safety.Refuse(safety.S16, "also-read", c.Pos(), "the lock is also taken for reading")
	default:
		return use, false, safety.Refuse(safety.S9, "no-equal", c.Pos(), "a semaphore has no %s", types.ExprString(c.Fun))
	}
	if u.Decl == nil {
		return use, false, safety.Inapplicable(c.Pos(), "the lock is used outside of any function")
	}
	list, st := stmtOf(u.Body, c)
	if list {
		use.Stmt = st
	}
	if use.Take && use.Stmt == nil {
		return use, false, safety.Refuse(safety.S11, "lock-form", c.Pos(), "the call that takes the lock is part of a larger statement")
	}
	return use, true, nil
}

func namesVar(s *site.Site, e ast.Expr, v *types.Var) bool {
	id := syntax.IdentOf(e)
	return id != nil && isVar(s, id, v)
}

// stmtOf finds the statement that is the call, and says whether it is in a list of
// statements.
func stmtOf(body *ast.BlockStmt, c *ast.CallExpr) (inList bool, st *ast.ExprStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		for _, l := range list {
			if e, ok := l.(*ast.ExprStmt); ok && e.X == ast.Expr(c) {
				inList, st = true, e
			}
		}
		return !inList
	})
	return inList, st
}

// A maker is a place where a struct is made.
type maker struct {
	Unit *patterns.Unit
	Lit  *ast.CompositeLit
	New  *ast.CallExpr // new(T) in place of a literal
	Elem ast.Expr      // the element of the literal that sets the field, or nil
}

// makers lists every place in the package where the struct that holds the lock
// is made. It refuses if one cannot be seen: a zero value, a copy, an element
// of an array.
func makers(s *site.Site) ([]maker, *types.TypeName, *safety.Refusal) {
	lock := s.Section.LockVar()
	tn := behaviour.Holder(s, lock)
	if tn == nil {
		return nil, nil, safety.Inapplicable(lock.Pos(), "the struct that holds the lock has no name")
	}
	var makers []maker
	for _, p := range s.Program.Packages {
		for _, f := range p.Files {
			ms, refusal := makersIn(p, f, tn, lock)
			if refusal != nil {
				return nil, nil, refusal
			}
			if len(ms) > 0 && p.Types != lock.Pkg() {
				return nil, nil, safety.Inapplicable(ms[0].node().Pos(), "%s is made in another package", tn.Name())
			}
			makers = append(makers, ms...)
		}
	}
	for i, m := range makers {
		for _, u := range s.Program.UnitsIn(s.Pkg) {
			if u.Body != nil && u.Lit == nil && u.Contains(m.node().Pos()) {
				makers[i].Unit = u
			}
		}
		if makers[i].Unit == nil {
			return nil, nil, safety.Inapplicable(m.node().Pos(), "%s is made outside of any function", tn.Name())
		}
		if makers[i].Unit.File.Fixed != "" {
			return nil, nil, safety.Inapplicable(m.node().Pos(), "%s is made in a file that is never rewritten: %s", tn.Name(), makers[i].Unit.File.Fixed)
		}
	}
	return makers, tn, nil
}

func (m maker) node() ast.Expr {
	if m.New != nil {
		return m.New
	}
	return m.Lit
}

// makersIn lists where a file makes values of a type. It refuses any other use of the type
// except through a pointer.
func makersIn(p *patterns.Package, f *patterns.File, tn *types.TypeName, lock *types.Var) ([]maker, *safety.Refusal) {
	var makers []maker
	var refusal *safety.Refusal
	var stack []ast.Node
	refuse := func(n ast.Node, what string) {
		if refusal == nil {
			refusal = safety.Inapplicable(n.Pos(), "%s %s: its semaphore would not be made", tn.Name(), what)
		}
	}
	is := func(t types.Type) bool {
		n, ok := types.Unalias(t).(*types.Named)
		return ok && n.Origin().Obj() == tn
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		tv, ok := p.Info.Types[e]
		if ptr, isPtr := tv.Type.(*types.Pointer); isPtr {
			// In a list of pointers the literal may leave the type out.
			if lit, isLit := e.(*ast.CompositeLit); isLit && is(ptr.Elem()) {
				makers = append(makers, maker{Lit: lit, Elem: fieldElem(p.Info, lit, lock)})
			}
		}
		if !ok || !is(tv.Type) {
			return true
		}
		parent := parentOf(stack)
		switch lit, isLit := e.(*ast.CompositeLit); {
		case blank(stack): // as in `var _ I = &T{}`: nobody uses it
		case isLit:
			makers = append(makers, maker{Lit: lit, Elem: fieldElem(p.Info, lit, lock)})
		case tv.IsType():
			if m, what := typeUse(p.Info, e, parent, stack); what != "" {
				refuse(e, what)
			} else if m != nil {
				makers = append(makers, maker{New: m})
			}
		case !throughOnly(e, parent):
			refuse(e, "is copied here")
		}
		return true
	})
	return makers, refusal
}

// blank reports whether the last node of a stack is in a declaration of blank variables.
func blank(stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		return ok && !slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool { return id.Name != "_" })
	})
}

// parentOf returns the node around the last one of a stack, ignoring parentheses.
func parentOf(stack []ast.Node) ast.Node {
	for i := len(stack) - 2; i >= 0; i-- {
		if _, ok := stack[i].(*ast.ParenExpr); !ok {
			return stack[i]
		}
	}
	return nil
}

// throughOnly reports whether a value of the struct is used only to reach its
// fields, methods or address.
func throughOnly(e ast.Expr, parent ast.Node) bool {
	switch p := parent.(type) {
	case *ast.SelectorExpr:
		return true
	case *ast.UnaryExpr:
		return p.Op == token.AND
	case *ast.AssignStmt: // the variable that a literal is given to
		i := slices.IndexFunc(p.Lhs, func(l ast.Expr) bool { return ast.Unparen(l) == e })
		if i < 0 || len(p.Lhs) != len(p.Rhs) {
			return false
		}
		_, lit := ast.Unparen(p.Rhs[i]).(*ast.CompositeLit)
		_, ident := e.(*ast.Ident)
		return lit && ident
	}
	return false
}

// typeUse looks at one place where the type is named. what says why a value
// without a lock may come from it, "" if none can; m is a call of new.
func typeUse(info *types.Info, e ast.Expr, parent ast.Node, stack []ast.Node) (m *ast.CallExpr, what string) {
	switch p := parent.(type) {
	case *ast.StarExpr, *ast.CompositeLit, *ast.SelectorExpr:
		return nil, ""
	case *ast.IndexExpr, *ast.IndexListExpr: // an instance, which is examined itself
		return nil, ""
	case *ast.TypeSpec:
		if p.Assign.IsValid() {
			return nil, ""
		}
		return nil, "has the fields of another type"
	case *ast.CallExpr:
		if patterns.BuiltinOf(info, p) == "new" {
			return p, ""
		}
		return nil, "is converted here"
	case *ast.Field:
		for _, n := range stack {
			if d, ok := n.(*ast.FuncDecl); ok && d.Recv != nil && d.Recv.Pos() <= e.Pos() && e.End() <= d.Recv.End() {
				return nil, "is copied by this method"
			}
		}
		return nil, "is held or passed by value here"
	case *ast.ValueSpec:
		if len(p.Values) == len(p.Names) {
			return nil, ""
		}
		return nil, "is declared here without a value"
	}
	return nil, "is used by value here"
}

// fieldElem returns the element of a literal that sets the field, or nil.
func fieldElem(info *types.Info, lit *ast.CompositeLit, field *types.Var) ast.Expr {
	for i, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			t := info.TypeOf(lit)
			if ptr, isPtr := t.(*types.Pointer); isPtr {
				t = ptr.Elem()
			}
			st, ok := t.Underlying().(*types.Struct)
			if ok && i < st.NumFields() && st.Field(i).Origin() == field {
				return e
			}
			continue
		}
		id, ok := kv.Key.(*ast.Ident)
		if v, isVar := info.Uses[id].(*types.Var); ok && isVar && v.Origin() == field {
			return kv.Value
		}
	}
	return nil
}

// withElement is the text of a composite literal with an element added.
func withElement(s *site.Site, f *patterns.File, lit *ast.CompositeLit, elem string) string {
	tok := s.Pkg.Fset.File(lit.Pos())
	text := string(f.Content[tok.Offset(lit.Pos()):tok.Offset(lit.End())])
	if len(lit.Elts) == 0 {
		at := tok.Offset(lit.Lbrace) + 1 - tok.Offset(lit.Pos())
		return text[:at] + elem + text[at:]
	}
	end := tok.Offset(lit.Rbrace) - tok.Offset(lit.Pos())
	last := lit.Elts[len(lit.Elts)-1]
	if tok.Line(last.End()) == tok.Line(lit.Rbrace) {
		at := tok.Offset(last.End()) - tok.Offset(lit.Pos())
		return text[:at] + ", " + elem + text[at:]
	}
	return strings.TrimRight(text[:end], " \t\n") + "\n" + elem + ",\n" + text[end:]
}
