package order

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveCountedOn is the part of S8 about numbers that a call sends and that the section
// counts on after it:
//
//	post(s.seq)
//	s.seq++
//
// Under the lock each call had a number of its own. Without it two callers send the
// same one, and the next is never sent.
func ProveCountedOn(w *move.Window) *safety.Refusal { return SentAndCountedOn(w, w) }

// SentAndCountedOn is [ProveCountedOn] where the number may be counted on in another
// function than the one that makes the call: its caller.
func SentAndCountedOn(w, after *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	var refusal *safety.Refusal
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			if refusal != nil || !sends(w, c) {
				return
			}
			for _, a := range c.Args {
				for _, e := range madeOf(w, a, nil) {
					if refusal == nil {
						refusal = countedOn(w, after, e, syntax.CallName(c))
					}
				}
			}
		})
	}
	return refusal
}

// countedOn refuses an expression with a number in it that is counted on after the
// window, and that no test made again there has found to be the same.
func countedOn(w, after *move.Window, sent ast.Expr, by string) *safety.Refusal {
	for _, v := range comesFrom(w, sent) {
		if !syntax.IsOrdered(counted(v.Type())) || !itself(w, sent, v) || w.TestsAgain(v) || after.TestsAgain(v) {
			continue
		}
		for _, t := range after.PostTouches.List {
			if t.Access.Var != v || t.Access.Kind != guards.Write || t.Access.Unit.Body == nil {
				continue
			}
			if at := countedAt(t.Access); at != nil {
				return safety.Refuse(safety.S8, "sent-twice", sent.Pos(), "%s is sent by %s and counted on after it, at %s: without the lock two callers can send the same one", v.Name(), by, after.Line(at.Pos()))
			}
		}
	}
	return nil
}

// counted is the type of the numbers that a variable of a type holds: its own, or that
// of its elements.
func counted(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Map:
		return u.Elem()
	case *types.Slice:
		return u.Elem()
	}
	return t
}

// sends reports whether a call is made for what it does outside, as opposed to what it
// returns.
func sends(w *move.Window, c *ast.CallExpr) bool {
	for _, o := range w.Finding.Ops {
		if o.Node == ast.Node(c) {
			return o.Effect == blocking.EffectWrite
		}
	}
	return !w.Logs(c) && behaviour.Effectful(w.Site, w.Unit, c)
}
