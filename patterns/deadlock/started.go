package deadlock

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// This file is about waits that are over, or cannot have begun, whenever somebody else has
// the lock.

// madeAt returns where the unit makes the awaited channel anew under the lock: whoever finds
// it there knows that the unit is past that.
//
//	func (s *server) run() {
//		s.mu.Lock()
//		s.done = make(chan struct{})
//		s.mu.Unlock()
//		defer close(s.done)
func (s *needSearch) madeAt(u *patterns.Unit, what patterns.Path) token.Pos {
	if what.Root == nil || len(what.Fields) == 0 || u.Body == nil {
		return token.NoPos
	}
	for _, st := range u.Body.List {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
			continue
		}
		made, isCall := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
		p, isPath := patterns.PathOf(u.Pkg.Info, as.Lhs[0])
		if isCall && isPath && p.Key() == what.Key() && patterns.BuiltinOf(u.Pkg.Info, made) == "make" && s.heldAt(u, as) {
			return as.Pos()
		}
	}
	return token.NoPos
}

// startedUnder reports whether a unit only runs in goroutines that are started under the lock,
// and whoever starts one ends its wait before releasing the lock.
//
//	p.mu.Lock()
//	go w.run() // started <- true
//	<-w.started
//	p.workers[name] = w
//	p.mu.Unlock()
func (s *needSearch) startedUnder(u *patterns.Unit, uses []values.FlowUse) bool {
	if u.Obj == nil || u.Obj.Exported() && u.Pkg.Name != "main" {
		return false
	}
	starts, open := guards.CallersOf(s.x, u)
	return !open && len(starts) > 0 && !slices.ContainsFunc(starts, func(c guards.Caller) bool {
		return !c.Spawned || !slices.ContainsFunc(uses, func(use values.FlowUse) bool {
			return use.Unit == c.Unit && !use.Deferred && !use.Tried && s.heldAt(c.Unit, use.Node) && s.heldAt(c.Unit, c.Call) && follow(c, use.Node)
		})
	})
}

// follow reports whether a node follows the start of a goroutine in the same list of
// statements, with nothing in between that may leave it or release a lock.
func follow(c guards.Caller, n ast.Node) bool {
	holds := func(n ast.Node) func(ast.Stmt) bool {
		return func(st ast.Stmt) bool { return st.Pos() <= n.Pos() && n.Pos() < st.End() }
	}
	found := false
	ast.Inspect(c.Unit.Body, func(b ast.Node) bool {
		list := statements.ListOf(b)
		from, to := slices.IndexFunc(list, holds(c.Call)), slices.IndexFunc(list, holds(n))
		if from < 0 || to <= from {
			return true
		}
		_, starts := list[from].(*ast.GoStmt)
		_, waits := list[to].(*ast.ExprStmt)
		found = found || starts && waits && !slices.ContainsFunc(list[from+1:to], acts)
		return true
	})
	return found
}

// acts reports whether a statement has a jump or a call.
func acts(st ast.Stmt) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt, *ast.CallExpr:
			found = true
		}
		return !found
	})
	return found
}
