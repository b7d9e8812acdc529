package move

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// readsBefore lists the assignments under the lock before an if statement that read guarded
// state into local variables which its test, the last statements of its body, or the code after
// it use.
func (r *Recheck) readsBefore(ifs *ast.IfStmt, last []ast.Stmt, after map[*types.Var]bool) []*ast.AssignStmt {
	before := r.underLock(ifs)
	derived := behaviour.Derived(r.Site, before)
	var reads []*ast.AssignStmt
	needed := func(v *types.Var) bool {
		mentions := func(n ast.Node) bool { return syntax.Mentions(r.Site.Info, n, v) }
		return after[v] || mentions(ifs.Cond) || slices.ContainsFunc(last, func(st ast.Stmt) bool { return mentions(st) }) ||
			slices.ContainsFunc(reads, func(as *ast.AssignStmt) bool {
				return slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return mentions(e) })
			})
	}
	for _, st := range slices.Backward(before) {
		vars, ok := r.isRead(st, derived)
		if !ok || !slices.ContainsFunc(vars, needed) {
			continue
		}
		for _, v := range vars {
			r.reads[v] = true
		}
		reads = slices.Insert(reads, 0, st.(*ast.AssignStmt))
	}
	return reads
}

// underLock lists the statements between the Lock and an if statement in its list.
func (r *Recheck) underLock(ifs *ast.IfStmt) []ast.Stmt {
	list := r.Site.ListOf(ifs)
	list = list[:max(slices.Index(list, ast.Stmt(ifs)), 0)]
	return slices.DeleteFunc(slices.Clone(list), func(st ast.Stmt) bool { return st.Pos() < r.Site.Lock.End() })
}

// staySame reports whether the names in the reads and in the test of an if statement keep their
// meaning while made runs, and whatever is not read again keeps its value.
func (r *Recheck) staySame(ifs *ast.IfStmt, made []ast.Stmt, reads []*ast.AssignStmt) bool {
	s, same := r.Site, true
	old := behaviour.Derived(s, s.Unit.Body.List)
	since := slices.Concat(r.since(ifs, reads), made)
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			same = same && (s.Info.Types[n.Fun].IsType() || patterns.BuiltinOf(s.Info, n) == "len" || patterns.CalleeOf(s.Info, n) != nil)
		case *ast.Ident:
			v := syntax.VarOf(s.Info, n)
			switch {
			case v == nil || v.IsField() || syntax.IsGlobal(v) || s.IsReceiver(v) || v == s.Section.Lock.Root:
			case !isPlainLocal(s, v) || declaresAgain(s, ifs.Body, v):
				same = false
			case r.reads[v]:
				same = same && !r.changes(v, made)
			default:
				same = same && len(old[v]) == 0 && !r.changes(v, since)
			}
		}
		return same
	}
	for _, n := range append(nodesOf(reads), ifs.Cond) {
		ast.Inspect(n, look)
	}
	return same
}

// since lists the statements from the first read to an if statement, without the reads.
func (r *Recheck) since(ifs *ast.IfStmt, reads []*ast.AssignStmt) []ast.Stmt {
	if len(reads) == 0 {
		return nil
	}
	return slices.DeleteFunc(r.underLock(ifs), func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return st.Pos() < reads[0].Pos() || ok && slices.Contains(reads, as)
	})
}

// changedAfterReads reports whether the section changes what is read again between the first
// read and the test.
func (r *Recheck) changedAfterReads(ifs *ast.IfStmt, reads []*ast.AssignStmt, tested *site.Touches) bool {
	return slices.ContainsFunc(r.since(ifs, reads), func(st ast.Stmt) bool {
		return slices.ContainsFunc(behaviour.Touches(r.Site, st).List, func(t *site.Touch) bool {
			return t.Access.Kind.Changes() && slices.ContainsFunc(tested.List, func(u *site.Touch) bool { return u.Access.Var == t.Access.Var })
		})
	})
}

func nodesOf(reads []*ast.AssignStmt) []ast.Node {
	var nodes []ast.Node
	for _, as := range reads {
		nodes = append(nodes, as)
	}
	return nodes
}

// jumps reports whether a statement leaves a list other than by a return.
func jumps(st ast.Stmt) bool {
	return syntax.Has(st, func(b *ast.BranchStmt) bool { return true })
}
