package stale

import (
	"go/ast"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askLockedAgain asks about methods that the window calls and that take the lock again:
// what they read was of one state with what the section reads elsewhere, and with what
// the next one reads.
//
//	return !s.IsPlain() && !s.IsEmpty()
func askLockedAgain(w *move.Window) {
	var calls []*ast.CallExpr
	for _, st := range w.Stmts {
		calls = append(calls, behaviour.LocksAgain(w.Site, st)...)
	}
	others := w.PreTouches.Guarded() != nil || w.PostTouches.Guarded() != nil
	switch {
	case len(calls) > 1:
		w.Assume(safety.S3, calls[1].Pos(), "%s and %s take %s one after the other. Is it fine if the state that they read changes in between?", syntax.CallName(calls[0]), syntax.CallName(calls[1]), w.Section.Lock)
	case len(calls) == 1 && others:
		w.Assume(safety.S3, calls[0].Pos(), "%s takes %s itself, and what it has read can change before or after that. Is it fine if the section sees another state?", syntax.CallName(calls[0]), w.Section.Lock)
	}
}
