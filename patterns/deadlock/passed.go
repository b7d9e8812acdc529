package deadlock

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A goroutine that says how far it is has no use any more for a lock that it took before:
//
//	go func() {
//		b.mu.Lock()
//		b.peers = append(b.peers, "self")
//		b.mu.Unlock()
//		close(b.ready)
//		b.done <- compute()
//	}()
//
// Whoever has received from b.ready may wait for b.done under b.mu. In a constructor, all
// who get the object from there have.

// toldPast returns a function that reports whether a unit has left a node behind it by then:
// see [needSearch.toldAt].
func (s *needSearch) toldPast(u *patterns.Unit, what patterns.Path) func(ast.Node) bool {
	told := s.toldAt(u, what)
	if told == token.NoPos {
		return func(ast.Node) bool { return false }
	}
	late := guards.DeferredCalls(u)
	return func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		return n.Pos() < told && !(ok && late[c])
	}
}

// toldAt returns a place that a unit has passed by the time that the holder takes the lock,
// because the holder, or whoever made the object, has received what the unit sends there.
// what is the object that the holder waits for, as the unit names it.
func (s *needSearch) toldAt(u *patterns.Unit, what patterns.Path) token.Pos {
	at := token.NoPos
	if what.Root == nil {
		return at
	}
	start, by := startOf(s.x, u)
	h := s.holder
	for _, ch := range receivedBefore(h.Unit, h.Acquire) {
		got, ok := patterns.PathOf(h.Unit.Pkg.Info, ch)
		at = max(at, s.tells(u, h.Unit, ch, start, func(sent patterns.Path) bool {
			return ok && (sent.Key() == got.Key() || got.Root == h.Lock.Root && sent.Root == what.Root && slices.Equal(sent.Fields, got.Fields))
		}))
	}
	if start == nil || !by.Fresh(values.Lift(by, u, what, start.Call).Root) {
		return at
	}
	for _, ch := range receivedAfter(by, start) {
		got, ok := patterns.PathOf(by.Pkg.Info, ch)
		at = max(at, s.tells(u, by, ch, start, func(sent patterns.Path) bool {
			return ok && values.Lift(by, u, sent, start.Call).Key() == got.Key()
		}))
	}
	return at
}

// tells returns the first place at which a unit sends on, or closes, the channel that another
// one has received from, if nobody else does. A goroutine that is not the only one of its
// kind has to close the channel, which only one can.
func (s *needSearch) tells(u, receiver *patterns.Unit, ch ast.Expr, start *ast.GoStmt, same func(sent patterns.Path) bool) token.Pos {
	c := values.FlowsOf(s.x, receiver.Pkg).ClassOf(ch)
	if c == nil || c.Open || len(c.Sends) > 0 && (start == nil || inLoop(receiver, start)) {
		return token.NoPos
	}
	first := token.NoPos
	for _, use := range slices.Concat(c.Sends, c.Closes) {
		if use.Unit != u || use.Deferred || inLoop(u, use.Node) || s.heldAt(u, use.Node) || !same(use.Path) {
			return token.NoPos
		}
		if first == token.NoPos || use.Node.Pos() < first {
			first = use.Node.Pos()
		}
	}
	return first
}

// startOf returns the only go statement that runs a unit, and the unit that it is in.
func startOf(x *patterns.Program, u *patterns.Unit) (start *ast.GoStmt, by *patterns.Unit) {
	by = u.Outer
	var call *ast.CallExpr
	if u.Obj != nil {
		callers, open := guards.CallersOf(x, u)
		if open || len(callers) != 1 {
			return nil, nil
		}
		by, call = callers[0].Unit, callers[0].Call
	}
	if by == nil {
		return nil, nil
	}
	ast.Inspect(by.Body, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok && (g.Call == call || u.Lit != nil && ast.Unparen(g.Call.Fun) == ast.Expr(u.Lit)) {
			start = g
		}
		return start == nil
	})
	return start, by
}

// receivedBefore lists the channels from which a unit has certainly received by the time
// that it reaches a node: in statements of the lists around the node that come earlier.
func receivedBefore(u *patterns.Unit, n ast.Node) (chans []ast.Expr) {
	eachListAround(u, n, func(list []ast.Stmt, at int) { chans = append(chans, receivedBy(list[:at])...) })
	return chans
}

// receivedAfter lists the channels from which a unit receives in the statements after one.
func receivedAfter(u *patterns.Unit, st ast.Stmt) (chans []ast.Expr) {
	eachListAround(u, st, func(list []ast.Stmt, at int) {
		if list[at] == st {
			chans = receivedBy(list[at+1:])
		}
	})
	return chans
}

// eachListAround visits the lists of statements of a unit that contain a node, with the index
// of the statement that does.
func eachListAround(u *patterns.Unit, n ast.Node, visit func(list []ast.Stmt, at int)) {
	ast.Inspect(u.Body, func(m ast.Node) bool {
		if _, lit := m.(*ast.FuncLit); lit {
			return false
		}
		list := statements.ListOf(m)
		if at := slices.IndexFunc(list, func(st ast.Stmt) bool { return st.Pos() <= n.Pos() && n.Pos() < st.End() }); at >= 0 {
			visit(list, at)
		}
		return true
	})
}

// receivedBy lists the channels that statements receive from and do nothing else with.
func receivedBy(list []ast.Stmt) (chans []ast.Expr) {
	for _, st := range list {
		var ch ast.Expr
		switch st := st.(type) {
		case *ast.ExprStmt:
			ch = values.ReceivedFrom(st.X)
		case *ast.AssignStmt:
			if len(st.Rhs) == 1 {
				ch = values.ReceivedFrom(st.Rhs[0])
			}
		}
		if ch != nil {
			chans = append(chans, ch)
		}
	}
	return chans
}

// inLoop reports whether a node is in a loop of a unit.
func inLoop(u *patterns.Unit, n ast.Node) bool {
	return len(statements.LoopsAround(u.Body, n.Pos())) > 0
}
