package signals

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveDrained is the part of S7 about a send that a flag lets through, on a channel that
// whoever sets the flag then empties:
//
//	if p.stopped {          // in Put
//		return f.Close()
//	}
//	p.free <- f
//
//	p.stopped = true        // in Stop
//	for {
//		select {
//		case f := <-p.free:
//			f.Close()
//		default:
//			return
//		}
//	}
//
// Under the lock, a value is in the channel before the flag is set, and is taken out. With
// the send after the release, it may come after the last receive, and stay there.
func ProveDrained(w *move.Window) *safety.Refusal {
	var refusal *safety.Refusal
	look := func(at ast.Node, ch ast.Expr, u *patterns.Unit) {
		if refusal == nil {
			refusal = drained(w, at, ch, u)
		}
	}
	seen := make(map[*patterns.Unit]bool)
	for _, st := range w.Stmts {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if send, ok := n.(*ast.SendStmt); ok {
				look(send, send.Chan, w.Unit)
			}
			return true
		})
		EachSend(w, w.Unit, st, seen, func(call *ast.CallExpr, u *patterns.Unit, send *ast.SendStmt) { look(call, send.Chan, u) })
	}
	return refusal
}

// drained refuses a send on the channel, made at a node of the window, if a flag that decides
// on it is set under the lock by somebody who then receives from the channel in a loop until
// it is empty.
func drained(w *move.Window, at ast.Node, ch ast.Expr, u *patterns.Unit) *safety.Refusal {
	c := values.FlowsOf(w.Program, u.Pkg).ClassOf(ch)
	if c == nil {
		return nil
	}
	var flags []*types.Var
	for _, cond := range conditionsBefore(w.Site, w.Unit, at, w.Lock.Pos()) {
		flags = append(flags, decidedBy(w, decision{w.Unit, cond})...)
	}
	if len(flags) == 0 {
		return nil
	}
	for _, r := range c.Receives {
		loops := statements.LoopsAround(r.Unit.Body, r.Node.Pos())
		if len(loops) == 0 || !isTried(r.Unit, r.Node) {
			continue // it takes one value, or waits for the next one
		}
		if set := flagSetBefore(w, flags, r.Unit, loops[0].Pos()); set != nil {
			return safety.Refuse(safety.S7, "send-after-drain", at.Pos(), "%s is emptied at %s, after %s is set at %s: without %s the send could come after that, and what it sends would stay in the channel", types.ExprString(ch), w.Line(r.Node.Pos()), set.Var.Name(), w.Line(set.Pos()), w.Section.Lock)
		}
	}
	return nil
}

// isTried reports whether a receive is in a select with a default clause, so that it ends if the
// channel is empty.
func isTried(u *patterns.Unit, receive ast.Node) bool {
	return syntax.HasOuter(u.Body, func(s *ast.SelectStmt) bool {
		return patterns.HasDefault(s) && slices.ContainsFunc(s.Body.List, func(c ast.Stmt) bool {
			comm := c.(*ast.CommClause).Comm
			return comm != nil && syntax.Within(receive, comm)
		})
	})
}

// flagSetBefore returns a change of one of the flags, under the section's lock, in a unit
// before a place, or in one that calls the unit before the call.
func flagSetBefore(w *move.Window, flags []*types.Var, u *patterns.Unit, before token.Pos) *guards.Access {
	in := func(u *patterns.Unit, before token.Pos) *guards.Access {
		for _, a := range guards.OwnAccesses(w.Program, u) {
			if a.Kind.Changes() && !a.Fresh && a.Under(w.Section.LockVar()) && a.Pos() < before && slices.Contains(flags, a.Var) {
				return a
			}
		}
		return nil
	}
	if a := in(u, before); a != nil {
		return a
	}
	callers, _ := guards.CallersOf(w.Program, u)
	for _, c := range callers {
		if a := in(c.Unit, c.Call.Pos()); a != nil && behaviour.Follows(w.Site, c.Unit) {
			return a
		}
	}
	return nil
}
