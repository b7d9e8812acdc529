package stale

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askClones asks whether a copy may be out of date: S3.
func askClones(w *move.Window) {
	for _, x := range w.Clones() {
		meanwhile := "can change meanwhile"
		if at := behaviour.StorageChange(w.Site, x.Path.Last()); at != nil {
			meanwhile += " (" + w.Line(at.Pos()) + ")"
		}
		if !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool { return w.InLoop(e) }) {
			w.Assume(safety.S3, x.Uses[0].Pos(), "The call gets a copy of %s, which %s. Is a call with the old elements fine?", x, meanwhile)
			continue
		}
		loop := fmt.Sprintf("The loop now runs over a copy of %s, which %s", x, meanwhile)
		w.Ask(safety.CopyMeets, loop, safety.S3, x.Uses[0].Pos(), "%s. Is it fine if it sees removed entries, or misses added ones?", loop)
	}
}

// askStillThere asks about an entry that is found by a key from a copy: it may be
// another one by then, or gone.
func askStillThere(w *move.Window, v *types.Var, st ast.Stmt) {
	syntax.InspectOuter(st, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, l := range as.Lhs {
			ix, ok := ast.Unparen(l).(*ast.IndexExpr)
			if ok && syntax.Mentions(w.Info, ix.Index, v) && behaviour.Touches(w.Site, ix.X).Guarded() != nil {
				w.Ask(safety.CopySets, v.Name(), safety.S3, l.Pos(), "%s comes from a copy of %s. Is it fine to set its entry if it has been removed meanwhile?", v.Name(), types.ExprString(ix.X))
			}
		}
		return true
	})
	syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
		if patterns.BuiltinOf(w.Info, c) == "delete" && syntax.Mentions(w.Info, c.Args[1], v) {
			w.Ask(safety.CopyDeletes, v.Name(), safety.S3, c.Pos(), "%s comes from a copy of %s. Is it certain that this does not delete a newer entry?", v.Name(), types.ExprString(c.Args[0]))
		}
	})
}
