package signals

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveOwnAnswers is the part of S9 about a channel that outlives the call and on which
// goroutines of this call answer:
//
//	for range n {
//		go r.ask() // sends on r.answers
//	}
//	for range n {
//		sum += <-r.answers
//	}
//
// The lock let one caller take all the answers to its own questions before the next one
// asked. Two callers at once would each get some of the other's.
func ProveOwnAnswers(w *move.Window) *safety.Refusal {
	for _, st := range w.Stmts {
		var refusal *safety.Refusal
		eachBareOp(w, st, func(op bareOp) {
			if refusal != nil || op.send || !op.of.IsField() && !syntax.IsGlobal(op.of) {
				return
			}
			if started := answering(w, op); started != nil {
				refusal = safety.Refuse(safety.S9, "answers-mixed", op.at.Pos(), "what the goroutine started at %s sends on %s could be received by another caller: the lock keeps the answers apart", w.Line(started.Pos()), op.of.Name())
			}
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// answering returns the go statement of the section whose goroutine sends on the
// channel of an operation, or nil.
func answering(w *move.Window, op bareOp) (started *ast.GoStmt) {
	sends := func(o bareOp) bool { return o.send && o.of == op.of }
	for _, st := range w.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			g, ok := n.(*ast.GoStmt)
			if !ok || started != nil {
				return started == nil
			}
			var ops []bareOp
			add := func(o bareOp) { ops = append(ops, o) }
			callees, _ := w.Program.Callees(w.Unit, g.Call)
			for _, u := range callees {
				if u.Body != nil {
					bareOpsIn(w, u, u.Body, add)
				}
			}
			if slices.ContainsFunc(ops, sends) {
				started = g
			}
			return started == nil
		})
	}
	return started
}
