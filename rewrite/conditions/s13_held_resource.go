package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// limited are the categories of things of which only so many callers can have one: a
// transaction, a pooled connection, a lock.
var limited = map[string]bool{"db": true, "lock": true}

// refuseHeldResource refuses to take the lock while holding a transaction, a connection or
// the like, if another section waits for one with the lock held: each could then wait for
// what the other has.
//
//	tx, err := db.Begin(true) // now without the lock
//	s.mu.RLock()
//	...
//	s.mu.Lock()               // another section
//	tx, err := db.Begin(true)
func refuseHeldResource(w *move.Window) *safety.Refusal {
	if len(w.Post) == 0 {
		return nil
	}
	for _, o := range w.Freed() {
		c, ok := o.Node.(*ast.CallExpr)
		if !ok || !limited[o.Category] || !keptOpen(w, c, o.Category) {
			continue
		}
		for _, s := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
			if s.Pos() == w.Section.Pos() {
				continue
			}
			for _, other := range waits.AllOps(w.Program, s, limited) {
				return safety.Refuse(safety.S13, "resource-order", o.Pos(), "the result of %s is still in use when %s is taken, and another section waits for %s with %s held at %s: each could wait for the other",
					o.What, w.Section.Lock, other.What, w.Section.Lock, w.Line(other.Pos()))
			}
		}
	}
	return nil
}

// keptOpen reports whether a call of the window returns something that is used after the
// window, or in a deferred call. What a database returned is no longer held by rows that were
// read into an object of plain data.
func keptOpen(w *move.Window, c *ast.CallExpr, category string) bool {
	as, ok := w.Parents[c].(*ast.AssignStmt)
	if !ok {
		_, alone := w.Parents[c].(*ast.ExprStmt)
		return !alone && !scanned(w, c)
	}
	held := make(map[*types.Var]bool)
	for _, l := range as.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			return true
		}
		v := syntax.VarOf(w.Info, id)
		if v != nil && syntax.RefsOf(v.Type(), 0) != syntax.NoRefs && !patterns.IsError(v.Type()) && !(category == "db" && syntax.OnlyData(v.Type())) {
			held[v] = true
		}
	}
	found := false
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			for v := range held {
				found = found || syntax.Mentions(w.Info, n, v)
			}
		case *ast.Ident:
			found = found || held[syntax.VarOf(w.Info, n)] && !w.InStmts(n, w.Stmts)
		}
		return !found
	})
	return found
}

// scanned reports whether a query's result, one row, is read in the same expression, which
// gives back what it takes: db.QueryRow(query).Scan(&n).
func scanned(w *move.Window, query *ast.CallExpr) bool {
	sel, ok := w.Parents[query].(*ast.SelectorExpr)
	if !ok {
		return false
	}
	c, ok := w.Parents[sel].(*ast.CallExpr)
	if !ok || c.Fun != ast.Expr(sel) {
		return false
	}
	fn := patterns.CalleeOf(w.Info, c)
	return fn != nil && slices.Contains([]string{"(*database/sql.Row).Scan", "(github.com/jackc/pgx/v5.Row).Scan"}, fn.FullName())
}
