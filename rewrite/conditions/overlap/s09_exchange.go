package overlap

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveExchange refuses a window in which one channel is both sent to and received from:
//
//	select {
//	case s.last <- e:
//	case <-s.last: // full: replace what is there
//		s.last <- e
//	}
//
// The second send has room only as long as the lock keeps other callers out.
func proveExchange(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	sent, received := make(map[*types.Var]token.Pos), make(map[*types.Var]bool)
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.SendStmt:
				if p, ok := patterns.PathOf(w.Info, n.Chan); ok {
					sent[p.Last()] = n.Pos()
				}
			case *ast.UnaryExpr:
				if p, ok := patterns.PathOf(w.Info, n.X); ok && n.Op == token.ARROW {
					received[p.Last()] = true
				}
			}
			return true
		})
	}
	for _, v := range syntax.SortedVars(sent) {
		if received[v] && (v.IsField() || v.Parent() == v.Pkg().Scope()) {
			return safety.Refuse(safety.S9, "exchange", sent[v], "%s is sent to here and received from, and %s keeps other callers from filling or emptying it in between", v.Name(), w.Section.Lock)
		}
	}
	return nil
}
