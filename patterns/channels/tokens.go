package channels

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A channel that is filled where it is made holds tokens:
//
//	t := &T{free: make(chan int, 2)}
//	t.free <- 1
//	t.free <- 2
//
// Whoever sends gives back what somebody has taken out, and finds room. Whoever receives
// waits for that if the channel is empty; what was sent at first is gone.

// SentAtFirst reports whether a use is a send on a channel that only the sender has so far.
func SentAtFirst(x *patterns.Program, use values.FlowUse) bool {
	send, ok := use.Node.(*ast.SendStmt)
	if !ok || use.Path.Root == nil {
		return false
	}
	root := leftmost(send.Chan)
	return root != nil && x.StorageOf(use.Unit.Pkg).OwnerAt(root, send.Pos()) == ownership.Own
}

// FilledAtFirst reports whether a channel is filled where it is made, before others have it.
func FilledAtFirst(x *patterns.Program, c *values.FlowClass) bool {
	if len(c.Rooms) != 1 || len(c.Sends) == 0 {
		return false
	}
	return filled.Get(x, c, func() bool { return filledAtFirst(x, c) })
}

var filled patterns.Memo[*values.FlowClass, bool]

func filledAtFirst(x *patterns.Program, c *values.FlowClass) bool {
	sent := int64(0)
	for _, use := range c.Sends {
		if !SentAtFirst(x, use) {
			continue
		}
		if len(statements.LoopsAround(use.Unit.Body, use.Node.Pos())) > 0 {
			return true // as many as there is room for: another one would wait forever
		}
		sent++
	}
	return sent > 0 && sent == c.Rooms[0]
}

// GivesBack reports whether a send puts a value back into a channel of an object, or of the
// package, that was filled where it was made: it finds room.
func GivesBack(x *patterns.Program, u *patterns.Unit, send *ast.SendStmt) bool {
	p, ok := patterns.PathOf(u.Pkg.Info, send.Chan)
	if !ok || len(p.Fields) == 0 && !patterns.IsGlobal(p.Root) {
		return false
	}
	c := values.FlowsOf(x, u.Pkg).ClassOf(send.Chan)
	return c != nil && !c.Open && FilledAtFirst(x, c) && !SentAtFirst(x, values.FlowUse{Unit: u, Node: send, Path: p})
}

// leftmost returns the variable that a selection begins with, or nil.
func leftmost(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		default:
			return nil
		}
	}
}
