package edits

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// RecheckCode returns the code that is repeated after the second Lock.
func RecheckCode(r *move.Recheck) string {
	var b strings.Builder
	b.WriteString(move.LookAgain + "\n")
	for _, st := range r.Steps {
		if as, ok := st.(*ast.AssignStmt); ok {
			left, right := sides(r.Site, as, nil)
			fmt.Fprintf(&b, "%s%s = %s\n", r.Remember(st), left, right)
			continue
		}
		writeTest(r, &b, st, renames(r, st))
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeTest writes a test with some variables renamed.
func writeTest(r *move.Recheck, b *strings.Builder, test ast.Stmt, rename map[*types.Var]string) {
	init := ""
	if as := r.InitOf(test); as != nil {
		left, right := sides(r.Site, as, withoutUnused(r, test, as, rename))
		init = left + " := " + right + "; "
	}
	switch st := test.(type) {
	case *ast.IfStmt:
		fmt.Fprintf(b, "if %s%s%s {\n", init, extract.SourceRenamed(r.Site, st.Cond, rename), r.OrAnother(st))
		writeBranch(r, b, st.Body.List, rename)
		b.WriteByte('}')
		switch e := st.Else.(type) {
		case *ast.BlockStmt:
			b.WriteString(" else {\n")
			writeBranch(r, b, e.List, rename)
			b.WriteByte('}')
		case *ast.IfStmt:
			b.WriteString(" else ")
			writeTest(r, b, e, rename)
		}
	case *ast.SwitchStmt:
		b.WriteString("switch " + init)
		if st.Tag != nil {
			b.WriteString(extract.SourceRenamed(r.Site, st.Tag, rename))
		}
		b.WriteString(" {\n")
		for _, c := range st.Body.List {
			writeClause(r, b, c.(*ast.CaseClause), rename)
		}
		b.WriteByte('}')
	case *ast.RangeStmt:
		b.WriteString("for ")
		if st.Key != nil {
			b.WriteString(extract.SourceRenamed(r.Site, st.Key, rename))
			if st.Value != nil {
				b.WriteString(", " + extract.SourceRenamed(r.Site, st.Value, rename))
			}
			b.WriteString(" := ")
		}
		b.WriteString("range " + extract.SourceRenamed(r.Site, st.X, rename) + " {\n")
		writeBranch(r, b, st.Body.List, rename)
		b.WriteByte('}')
	}
}

func writeClause(r *move.Recheck, b *strings.Builder, c *ast.CaseClause, rename map[*types.Var]string) {
	var conds []string
	for _, e := range c.List {
		conds = append(conds, extract.SourceRenamed(r.Site, e, rename))
	}
	if c.List == nil {
		b.WriteString("default:\n")
	} else {
		b.WriteString("case " + strings.Join(conds, ", ") + ":\n")
	}
	writeBranch(r, b, c.Body, rename)
}

// writeBranch writes a branch of a test: further tests, or what it does before it returns, and
// the return.
func writeBranch(r *move.Recheck, b *strings.Builder, list []ast.Stmt, rename map[*types.Var]string) {
	released := false
	for _, st := range list {
		switch x := st.(type) {
		case *ast.IfStmt, *ast.SwitchStmt, *ast.RangeStmt:
			writeTest(r, b, st, rename)
		case *ast.ReturnStmt:
			b.WriteString(leave(r, x, rename, released))
		default:
			if r.Counted[st] {
				continue
			}
			if r.Site.IsRelease(st) {
				if !r.Explicit {
					continue
				}
				released = true
			}
			b.WriteString(extract.SourceRenamed(r.Site, st, rename))
		}
		b.WriteByte('\n')
	}
}

// leave returns the code for the return of a test. Unless the release is deferred, it first
// releases the lock and closes what the window has made for nothing.
func leave(r *move.Recheck, ret *ast.ReturnStmt, rename map[*types.Var]string, released bool) string {
	if !r.Explicit {
		return extract.SourceRenamed(r.Site, ret, rename)
	}
	var b strings.Builder
	var results []string
	for _, e := range ret.Results {
		text := extract.SourceRenamed(r.Site, e, rename)
		if !released && ResultNeedsLock(r, e) {
			name := r.Site.FreshName("cur")
			fmt.Fprintf(&b, "%s := %s\n", name, text)
			text = name
		}
		results = append(results, text)
	}
	if !released {
		b.WriteString(r.Site.UnlockText() + "\n")
	}
	for _, p := range r.Products {
		if p.Test != "" {
			fmt.Fprintf(&b, "if %s {\n%s.Close()\n}\n", p.Test, p.Name)
		} else {
			fmt.Fprintf(&b, "%s.Close()\n", p.Name)
		}
	}
	return b.String() + strings.TrimSpace("return "+strings.Join(results, ", "))
}

// ResultNeedsLock is [NeedsLock] for a result of a repeated test.
func ResultNeedsLock(r *move.Recheck, e ast.Expr) bool {
	w := &move.Window{Site: r.Site, Derived: r.Derived}
	return NeedsLock(w, e)
}

// renames gives new names to the variables that a test sets itself and that would shadow
// something that must be closed.
func renames(r *move.Recheck, test ast.Stmt) map[*types.Var]string {
	var declared []*ast.Ident
	if as := r.InitOf(test); as != nil {
		for _, l := range as.Lhs {
			declared = append(declared, l.(*ast.Ident))
		}
	}
	ast.Inspect(test, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && r.Site.Info.Defs[id] != nil {
			declared = append(declared, id)
		}
		return true
	})
	names := make(map[*types.Var]string)
	for _, id := range declared {
		v := syntax.VarOf(r.Site.Info, id)
		if v != nil && names[v] == "" && slices.ContainsFunc(r.Products, func(p move.Product) bool { return p.Root() == v.Name() }) {
			names[v] = r.Site.FreshName("other")
		}
	}
	return names
}

// withoutUnused returns the new names of variables, with "_" for those that a test sets itself
// and then does not use.
func withoutUnused(r *move.Recheck, test ast.Stmt, init *ast.AssignStmt, rename map[*types.Var]string) map[*types.Var]string {
	names := maps.Clone(rename)
	for _, l := range init.Lhs {
		v := syntax.VarOf(r.Site.Info, l.(*ast.Ident))
		used := false
		ast.Inspect(test, func(n ast.Node) bool {
			if st, ok := n.(ast.Stmt); ok && (st == ast.Stmt(init) || r.Counted[st]) {
				return false // it is not in the test that is written
			}
			id, ok := n.(*ast.Ident)
			used = used || ok && v != nil && r.Site.Info.Uses[id] == v
			return !used
		})
		if v != nil && !used {
			names[v] = "_"
		}
	}
	return names
}

// sides returns the text of both sides of an assignment to variables.
func sides(s *site.Site, as *ast.AssignStmt, rename map[*types.Var]string) (left, right string) {
	var ls, rs []string
	for _, l := range as.Lhs {
		id := l.(*ast.Ident)
		ls = append(ls, cmp.Or(rename[syntax.VarOf(s.Info, id)], id.Name))
	}
	for _, e := range as.Rhs {
		rs = append(rs, s.Source(e))
	}
	return strings.Join(ls, ", "), strings.Join(rs, ", ")
}

// RepeatedTest returns the code that repeats a test around the window. What runs under it is
// [tree.Body].
func RepeatedTest(s *site.Site, t move.EnclosingTest) string {
	var b strings.Builder
	if len(t.Reads) > 0 && t.Reads[0] != t.Init() {
		b.WriteString(move.LookAgain + "\n")
	}
	header := s.Source(t.Cond)
	for _, as := range t.Reads {
		if as == t.Init() {
			header = s.Source(as) + "; " + header
			continue
		}
		left, right := sides(s, as, nil)
		fmt.Fprintf(&b, "%s = %s\n", left, right)
	}
	b.WriteString("if " + header + " {\n")
	branch := move.BranchWith(t.If, t.Repeats[0])
	other := move.OtherBranch(t.If, branch)
	if other == nil {
		return b.String() + tree.Body + "\n}"
	}
	var rest strings.Builder
	for _, st := range other.List {
		rest.WriteString(s.Source(st) + "\n")
	}
	if branch == t.If.Body {
		return b.String() + tree.Body + "\n} else {\n" + rest.String() + "}"
	}
	return b.String() + rest.String() + "} else {\n" + tree.Body + "\n}"
}
