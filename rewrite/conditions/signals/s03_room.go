package signals

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// AskRoom is the part of S3 about a look at the length of a channel, before a send or a receive
// that must not wait. The lock has kept others from filling or emptying the channel in between:
//
//	if len(s.queue) == cap(s.queue) {
//		return errFull
//	}
//	s.queue <- job
func AskRoom(w *move.Window) (r *safety.Refusal) {
	looks := looksAtLength(w)
	if len(looks) == 0 {
		return nil
	}
	for _, st := range slices.Concat(w.Stmts, w.Post) {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectStmt:
				return !patterns.HasDefault(n)
			case *ast.SendStmt:
				r = cmp.Or(r, askRoomFor(w, looks, n, n.Chan, "fill", "send"))
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					r = cmp.Or(r, askRoomFor(w, looks, n, n.X, "empty", "receive"))
				}
			}
			return true
		})
	}
	return r
}

// looksAtLength lists the calls of len and cap for a shared channel that the section makes before
// it has the lock again, by the variable that holds the channel.
func looksAtLength(w *move.Window) map[*types.Var]*ast.CallExpr {
	looks := make(map[*types.Var]*ast.CallExpr)
	for _, st := range slices.Concat(w.Pre, w.Stmts) {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && slices.Contains([]string{"len", "cap"}, patterns.BuiltinOf(w.Info, c)) {
				if v := behaviour.SharedChannel(w.Info, c.Args[0]); v != nil && looks[v] == nil {
					looks[v] = c
				}
			}
			return true
		})
	}
	return looks
}

// askRoomFor asks about a send or a receive after a look at the length of its channel. It refuses
// if the window makes it and the look is repeated after that: it would count this very value.
func askRoomFor(w *move.Window, looks map[*types.Var]*ast.CallExpr, at ast.Node, ch ast.Expr, others, this string) *safety.Refusal {
	look := looks[behaviour.SharedChannel(w.Info, ch)]
	switch {
	case look == nil || look.Pos() > at.Pos():
	case !w.Recheck.Repeats(look):
		w.Assume(safety.S3, at.Pos(), "Others can now %s %s between the look at its length (%s) and this %s, which then waits. Is that fine?", others, types.ExprString(ch), w.Line(look.Pos()), this)
	case w.InStmts(at, w.Stmts):
		return safety.Refuse(safety.S3, "test-changes", look.Pos(), "the %s at %s changes the length of %s, so the test cannot simply be repeated", this, w.Line(at.Pos()), types.ExprString(ch))
	}
	return nil
}
