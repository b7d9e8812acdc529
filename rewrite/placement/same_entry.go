package placement

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// compareEntries finds the deletions after the window that must not hit another entry than the
// one that was found before it, and what runs with them.
func (p *Placement) compareEntries() {
	for _, st := range p.Steps {
		call, ok := st.node.(*ast.ExprStmt)
		if !ok || !st.held() || !p.InStmts(st.node, p.Post) {
			continue
		}
		c, ok := call.X.(*ast.CallExpr)
		if !ok || patterns.BuiltinOf(p.Info, c) != "delete" || slices.ContainsFunc(p.Same, func(e *move.SameEntry) bool { return p.InStmts(c, e.Stmts) }) {
			continue
		}
		e := p.SameEntryFor(c)
		if e == nil {
			continue
		}
		if e.Stmts = p.runsWith(call); len(e.Stmts) > 1 || len(e.Stmts) == 1 && !e.ByKey {
			p.Same = append(p.Same, e)
		}
	}
}

// runsWith returns the statements next to a deletion, in its list and under the same Lock, that
// change something as well, with those between them. It returns nil if they declare a variable
// that is used after them.
func (p *Placement) runsWith(del ast.Stmt) []ast.Stmt {
	list := p.ListOf(del)
	at := slices.Index(list, del)
	if at < 0 {
		return nil
	}
	first, last := at, at
	for i := at - 1; i >= 0 && p.stays(list[i]) && !p.locksAt(list[i+1]); i-- {
		if p.changesWith(list[i]) {
			first = i
		}
	}
	for i := at + 1; i < len(list) && p.stays(list[i]) && !p.locksAt(list[i]); i++ {
		if p.changesWith(list[i]) {
			last = i
		}
	}
	run := list[first : last+1]
	for _, st := range run {
		for _, v := range declaredBy(p, st) {
			if slices.ContainsFunc(list[last+1:], func(o ast.Stmt) bool { return syntax.Mentions(p.Info, o, v) }) {
				return nil
			}
		}
	}
	return run
}

// stays reports whether all of a statement runs under the lock and control reaches its end.
func (p *Placement) stays(st ast.Stmt) bool {
	if p.MayLeave(st) {
		return false
	}
	return !slices.ContainsFunc(p.Steps, func(o *PlacedStep) bool {
		return syntax.Within(o.node, st) && (!o.held() || p.isLock(p.Site, o))
	})
}

// locksAt reports whether the lock is taken right before a statement.
func (p *Placement) locksAt(st ast.Stmt) bool {
	return slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.At == st })
}

// changesWith reports whether a statement changes guarded state or has another effect.
func (p *Placement) changesWith(st ast.Stmt) bool {
	found := len(behaviour.GuardedChanges(behaviour.Touches(p.Site, st))) > 0
	syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
		found = found || !p.Logs(c) && behaviour.Effectful(p.Site, p.Unit, c)
	})
	return found
}

// declaredBy lists the variables that a statement declares in its list.
func declaredBy(p *Placement, st ast.Stmt) []*types.Var {
	var vars []*types.Var
	switch st.(type) {
	case *ast.AssignStmt, *ast.DeclStmt:
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := p.Info.Defs[id].(*types.Var); ok {
					vars = append(vars, v)
				}
			}
			return true
		})
	}
	return vars
}

// compareOps returns the operations that put the tests around what runs only for the same entry.
func (p *Placement) compareOps() []tree.Op {
	var ops []tree.Op
	for _, e := range p.Same {
		ops = append(ops, tree.Wrap{First: e.Stmts[0], Last: e.Stmts[len(e.Stmts)-1], Code: "if " + e.Test + " {\n" + tree.Body + "\n}"})
	}
	return ops
}
