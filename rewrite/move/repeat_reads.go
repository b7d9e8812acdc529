package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// readsBefore lists the assignments under the lock before an if statement that read guarded
// state into local variables which its test, the last statements of its body, or the code after
// it use, and its init statement.
func (r *Recheck) readsBefore(ifs *ast.IfStmt, last []ast.Stmt, after map[*types.Var]bool) []*ast.AssignStmt {
	before := r.underLock(ifs)
	derived := behaviour.Derived(r.Site, before)
	var reads []*ast.AssignStmt
	other := OtherBranch(ifs, BranchWith(ifs, last[0]))
	needed := func(v *types.Var) bool {
		mentions := func(n ast.Node) bool { return syntax.Mentions(r.Site.Info, n, v) }
		return after[v] || mentions(ifs.Cond) || other != nil && mentions(other) || slices.ContainsFunc(last, func(st ast.Stmt) bool { return mentions(st) }) ||
			slices.ContainsFunc(reads, func(as *ast.AssignStmt) bool {
				return slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return mentions(e) })
			})
	}
	take := func(as *ast.AssignStmt) {
		for _, l := range as.Lhs {
			if v := syntax.VarOf(r.Site.Info, l.(*ast.Ident)); v != nil {
				r.reads[v] = true
			}
		}
		reads = slices.Insert(reads, 0, as)
	}
	if as, ok := ifs.Init.(*ast.AssignStmt); ok {
		take(as)
	}
	for _, st := range slices.Backward(before) {
		if vars, ok := r.isRead(st, derived); ok && slices.ContainsFunc(vars, needed) {
			take(st.(*ast.AssignStmt))
		}
	}
	return reads
}

// underLock lists the statements between the Lock and an if statement in its list.
func (r *Recheck) underLock(ifs *ast.IfStmt) []ast.Stmt {
	list := r.Site.ListOf(ifs)
	list = list[:max(slices.Index(list, ast.Stmt(ifs)), 0)]
	return slices.DeleteFunc(slices.Clone(list), func(st ast.Stmt) bool { return st.Pos() < r.Site.Lock.End() })
}

// staySame reports whether the variables in the reads and in the test of an if statement, and in
// the branch that is repeated with it, keep their values from the first read on, or while made
// runs if they are read again.
func (r *Recheck) staySame(ifs *ast.IfStmt, last, made, since []ast.Stmt, reads []*ast.AssignStmt) bool {
	s, same := r.Site, true
	old := behaviour.Derived(s, s.Unit.Body.List)
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			same = same && (s.Info.Types[n.Fun].IsType() || patterns.BuiltinOf(s.Info, n) == "len" || patterns.CalleeOf(s.Info, n) != nil)
		case *ast.Ident:
			v := syntax.VarOf(s.Info, n)
			switch {
			case v == nil || v.IsField() || syntax.IsGlobal(v) || s.IsReceiver(v) || v == s.Section.Lock.Root:
			case !isPlainLocal(s, v):
				same = false
			case r.reads[v]:
				same = same && !r.changes(v, made) && !r.changes(v, since)
			default:
				same = same && len(old[v]) == 0 && (!r.changes(v, since) || r.setOnce(v, ifs))
			}
		}
		return same
	}
	nodes := append(nodesOf(reads), ifs.Cond)
	if other := OtherBranch(ifs, BranchWith(ifs, last[0])); other != nil {
		nodes = append(nodes, operandsIn(other)...)
	}
	for _, n := range nodes {
		ast.Inspect(n, look)
	}
	return same
}

// operandsIn lists what the assignments of a branch use, apart from the variables that they give
// new values.
func operandsIn(b *ast.BlockStmt) []ast.Node {
	var nodes []ast.Node
	for _, st := range b.List {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			nodes = append(nodes, st)
			continue
		}
		for _, e := range as.Lhs {
			if _, isIdent := e.(*ast.Ident); !isIdent || as.Tok != token.ASSIGN {
				nodes = append(nodes, e)
			}
		}
		for _, e := range as.Rhs {
			nodes = append(nodes, e)
		}
	}
	return nodes
}

// setOnce reports whether a variable gets its only value before an if statement, in the list of that.
func (r *Recheck) setOnce(v *types.Var, ifs *ast.IfStmt) bool {
	return r.Site.Unit.DefinedOnce(v) != nil && slices.ContainsFunc(r.underLock(ifs), func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return ok && as.Tok == token.DEFINE && Reassigned(r.Site, v, []ast.Stmt{as})
	})
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

// declaredIn returns what statements declare, outside of function literals, by its name.
func declaredIn(s *site.Site, list []ast.Stmt) map[string]types.Object {
	declared := make(map[string]types.Object)
	for _, st := range list {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && s.Info.Defs[id] != nil {
				declared[id.Name] = s.Info.Defs[id]
			}
			return true
		})
	}
	return declared
}

// hidesName reports whether statements declare a name that nodes use for something else.
func hidesName(s *site.Site, made []ast.Stmt, nodes []ast.Node) bool {
	declared := declaredIn(s, made)
	return slices.ContainsFunc(nodes, func(n ast.Node) bool {
		return syntax.Has(n, func(id *ast.Ident) bool {
			obj := s.Info.ObjectOf(id) // what a read declares is assigned to when it is repeated
			v, isVar := obj.(*types.Var)
			return declared[id.Name] != nil && obj != nil && !(isVar && v.IsField())
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
