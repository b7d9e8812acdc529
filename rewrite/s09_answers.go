package rewrite

import (
	"go/ast"
	"slices"
)

// proveOwnAnswers is the part of S9 about a channel that outlives the call and on which
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
// asked. Two at once would each get some of the other's.
func (w *Window) proveOwnAnswers() *Refusal {
	for _, st := range w.Stmts {
		var refusal *Refusal
		w.eachBareOp(st, func(op bareOp) {
			if refusal != nil || op.send || !op.of.IsField() && !isGlobal(op.of) {
				return
			}
			if started := w.answering(op); started != nil {
				refusal = Refuse(S9, "answers-mixed", op.at.Pos(), "what the goroutine started at %s sends on %s could be received by another caller: the lock keeps the answers apart", w.line(started.Pos()), op.of.Name())
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
func (w *Window) answering(op bareOp) (started *ast.GoStmt) {
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
					w.bareOpsIn(u, u.Body, add)
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
