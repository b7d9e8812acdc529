package deadlock

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/ownership"
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

// sentAtFirst reports whether a use is a send on a channel that only the sender has so far.
func (s *needSearch) sentAtFirst(use values.FlowUse) bool {
	send, ok := use.Node.(*ast.SendStmt)
	if !ok || use.Path.Root == nil {
		return false
	}
	root := leftmost(send.Chan)
	return root != nil && s.x.StorageOf(use.Unit.Pkg).OwnerAt(root, send.Pos()) == ownership.Own
}

// filledAtFirst reports whether a channel is filled where it is made, before others have it.
func (s *needSearch) filledAtFirst(c *values.FlowClass) bool {
	if len(c.Rooms) != 1 {
		return false
	}
	sent := int64(0)
	for _, use := range c.Sends {
		if !s.sentAtFirst(use) {
			continue
		}
		if inLoop(use.Unit, use.Node) {
			return true // as many as there is room for: another one would wait forever
		}
		sent++
	}
	return sent > 0 && sent == c.Rooms[0]
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

// taken judges a receive from a channel with a buffer, for which what was sent at first does
// not count.
func (s *needSearch) taken(u *patterns.Unit, ch ast.Expr, p patterns.Path, uses []values.FlowUse) *finding.Deadlock {
	later := slices.DeleteFunc(slices.Clone(uses), s.sentAtFirst)
	d := s.every(u, p, later)
	if d != nil && len(later) < len(uses) {
		addDoubt(d, fmt.Sprintf("if the buffer of %s is empty", types.ExprString(ch)))
	}
	return d
}

// addDoubt puts a doubt in front of those that there are.
func addDoubt(d *finding.Deadlock, doubt string) {
	if d.Doubt != "" {
		doubt += ", and " + d.Doubt
	}
	d.Doubt = doubt
}
