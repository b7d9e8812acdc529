package rewrite

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// Code is what is repeated, to stand after the second Lock.
func (r *Recheck) Code() string {
	var b strings.Builder
	b.WriteString(LookAgain + "\n")
	for _, st := range r.steps {
		if as, ok := st.(*ast.AssignStmt); ok {
			left, right := r.sides(as, nil)
			fmt.Fprintf(&b, "%s%s = %s\n", r.remember(st), left, right)
			continue
		}
		r.writeTest(&b, st, r.renames(st))
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeTest writes a test with variables under other names.
func (r *Recheck) writeTest(b *strings.Builder, test ast.Stmt, rename map[*types.Var]string) {
	init := ""
	if as := r.initOf(test); as != nil {
		left, right := r.sides(as, rename)
		init = left + " := " + right + "; "
	}
	switch st := test.(type) {
	case *ast.IfStmt:
		fmt.Fprintf(b, "if %s%s%s {\n", init, r.s.sourceRenamed(st.Cond, rename), r.orAnother(st))
		r.writeBranch(b, st.Body.List, rename)
		b.WriteByte('}')
		switch e := st.Else.(type) {
		case *ast.BlockStmt:
			b.WriteString(" else {\n")
			r.writeBranch(b, e.List, rename)
			b.WriteByte('}')
		case *ast.IfStmt:
			b.WriteString(" else ")
			r.writeTest(b, e, rename)
		}
	case *ast.SwitchStmt:
		b.WriteString("switch " + init)
		if st.Tag != nil {
			b.WriteString(r.s.sourceRenamed(st.Tag, rename))
		}
		b.WriteString(" {\n")
		for _, c := range st.Body.List {
			r.writeClause(b, c.(*ast.CaseClause), rename)
		}
		b.WriteByte('}')
	}
}

func (r *Recheck) writeClause(b *strings.Builder, c *ast.CaseClause, rename map[*types.Var]string) {
	var conds []string
	for _, e := range c.List {
		conds = append(conds, r.s.sourceRenamed(e, rename))
	}
	if c.List == nil {
		b.WriteString("default:\n")
	} else {
		b.WriteString("case " + strings.Join(conds, ", ") + ":\n")
	}
	r.writeBranch(b, c.Body, rename)
}

// writeBranch writes a branch of a test: what it does on its way out, and the
// return; or what it looks at further.
func (r *Recheck) writeBranch(b *strings.Builder, list []ast.Stmt, rename map[*types.Var]string) {
	released := false
	for _, st := range list {
		switch x := st.(type) {
		case *ast.IfStmt, *ast.SwitchStmt:
			r.writeTest(b, st, rename)
		case *ast.ReturnStmt:
			b.WriteString(r.leave(x, rename, released))
		default:
			if r.counted[st] {
				continue
			}
			if r.s.isRelease(st) {
				if !r.explicit {
					continue
				}
				released = true
			}
			b.WriteString(r.s.sourceRenamed(st, rename))
		}
		b.WriteByte('\n')
	}
}

// leave is the return of a test. Before it, the lock is released unless that is
// deferred, and what the window has made for nothing is closed.
func (r *Recheck) leave(ret *ast.ReturnStmt, rename map[*types.Var]string, released bool) string {
	if !r.explicit {
		return r.s.sourceRenamed(ret, rename)
	}
	var b strings.Builder
	var results []string
	for _, e := range ret.Results {
		text := r.s.sourceRenamed(e, rename)
		if !released && r.needsLock(e) {
			name := r.s.freshName("cur")
			fmt.Fprintf(&b, "%s := %s\n", name, text)
			text = name
		}
		results = append(results, text)
	}
	if !released {
		b.WriteString(r.s.UnlockText() + "\n")
	}
	for _, p := range r.product {
		if p.test != "" {
			fmt.Fprintf(&b, "if %s {\n%s.Close()\n}\n", p.test, p.name)
		} else {
			fmt.Fprintf(&b, "%s.Close()\n", p.name)
		}
	}
	return b.String() + strings.TrimSpace("return "+strings.Join(results, ", "))
}

// needsLock reports whether a result is computed from guarded state.
func (r *Recheck) needsLock(e ast.Expr) bool {
	w := &Window{Site: r.s, derived: r.derived}
	return r.s.touches(e).guarded() != nil || w.readsDerivedObject(e)
}

// renames gives the variables that a test sets itself other names if they would
// hide what has to be closed.
func (r *Recheck) renames(test ast.Stmt) map[*types.Var]string {
	var declared []*ast.Ident
	if as := r.initOf(test); as != nil {
		for _, l := range as.Lhs {
			declared = append(declared, l.(*ast.Ident))
		}
	}
	ast.Inspect(test, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && r.s.Info.Defs[id] != nil {
			declared = append(declared, id)
		}
		return true
	})
	names := make(map[*types.Var]string)
	for _, id := range declared {
		v := varOf(r.s.Info, id)
		if v != nil && names[v] == "" && slices.ContainsFunc(r.product, func(p product) bool { return p.root() == v.Name() }) {
			names[v] = r.s.freshName("other")
		}
	}
	return names
}

// sides returns the text of both sides of an assignment to variables.
func (r *Recheck) sides(as *ast.AssignStmt, rename map[*types.Var]string) (left, right string) {
	var ls, rs []string
	for _, l := range as.Lhs {
		id := l.(*ast.Ident)
		ls = append(ls, cmp.Or(rename[varOf(r.s.Info, id)], id.Name))
	}
	for _, e := range as.Rhs {
		rs = append(rs, r.s.source(e))
	}
	return strings.Join(ls, ", "), strings.Join(rs, ", ")
}

// refuseGuardedResults refuses a test whose results cannot be evaluated before the lock
// is released: what it drops must be closed without the lock.
func (p *Placement) refuseGuardedResults() *Refusal {
	for _, t := range p.recheck.tests {
		for _, e := range resultsIn(t) {
			if tuple, ok := p.Info.TypeOf(e).(*types.Tuple); ok && tuple.Len() > 1 && p.recheck.needsLock(e) {
				return Refuse(S1, "results-guarded", e.Pos(), "the results are computed from guarded state, but the lock must be released first to close what is not needed")
			}
		}
	}
	return nil
}
