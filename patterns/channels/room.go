// Package channels says whether a channel operation can wait at all: whether the channel
// has room for everything that is sent, and whether it is already closed.
package channels

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// plenty is a capacity that no program fills by accident.
const plenty = 1000

// Room says whether a send finds room in the channel's buffer. If has is true, it
// cannot wait. If weak is not "", it can, but hardly ever does, for that reason.
func Room(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) (has bool, weak string) {
	if hasRoom(x, u, s) || fanOut(u, s) {
		return true, ""
	}
	c := values.FlowsOf(x, u.Pkg).ClassOf(s.Chan)
	if room, made := madeHere(x, u, s); made != nil {
		n := sendsSince(u, s, made)
		given, kept := shared(u, s, made)
		others := !newToOthers(u, s, c)
		switch {
		case n <= int(room) && (!others || !given && !kept):
			return true, ""
		case n >= many && room != 0 && !given && (!kept || room > 0 && !others):
			// In a loop: nobody else can receive yet, so without room the send would
			// never end, and whoever wrote it knows that there is room.
			return true, ""
		}
	}
	if c == nil {
		return putFresh(x, u, s), ""
	}
	if c.Open || len(c.Rooms) == 0 {
		return false, weak
	}
	if findsRoom(x, c, u, s) {
		return true, ""
	}
	if slices.Min(c.Rooms) < 1 {
		return false, weak
	}
	if onceEach(x, c) || oneSender(c, u, s) {
		return true, ""
	}
	switch n := slices.Min(c.Rooms); {
	case n >= plenty:
		weak = fmt.Sprintf("the buffer has room for %d values", n)
	case endsReceivers(c):
		weak = "the buffer has room for the one value that ends whoever receives it"
	}
	return false, weak
}

// fanOut reports whether a channel is made with room for every iteration of a loop, and the
// send is in that loop once, and in no other.
func fanOut(u *patterns.Unit, s *ast.SendStmt) bool {
	top := patterns.TopOf(u)
	info := u.Pkg.Info
	p, ok := patterns.PathOf(info, s.Chan)
	if !ok {
		return false
	}
	loops := statements.LoopsAround(top.Body, s.Pos())
	if len(loops) != 1 {
		return false
	}
	rounds := roundsOf(info, loops[0])
	if rounds == "" {
		return false
	}
	sends, room := 0, false
	ast.Inspect(top.Body, func(n ast.Node) bool {
		if o, ok := n.(*ast.SendStmt); ok {
			if q, ok := patterns.PathOf(info, o.Chan); ok && q.Key() == p.Key() {
				sends++
			}
		}
		return true
	})
	eachMake(top, s, func(c *ast.CallExpr) {
		if len(c.Args) == 2 {
			room = types.ExprString(c.Args[1]) == rounds
		}
	})
	return room && sends == 1
}

// roundsOf returns the number of iterations of a loop, as an expression: n for range n and
// for i := 0; i < n; i++, len(x) for range x.
func roundsOf(info *types.Info, loop ast.Node) string {
	switch l := loop.(type) {
	case *ast.RangeStmt:
		switch t := info.TypeOf(l.X).Underlying().(type) {
		case *types.Basic:
			if t.Info()&types.IsInteger != 0 {
				return types.ExprString(l.X)
			}
		case *types.Slice, *types.Array, *types.Map:
			return "len(" + types.ExprString(l.X) + ")"
		}
	case *ast.ForStmt:
		b, ok := l.Cond.(*ast.BinaryExpr)
		as, isInit := l.Init.(*ast.AssignStmt)
		if ok && isInit && b.Op == token.LSS && len(as.Rhs) == 1 && types.ExprString(as.Rhs[0]) == "0" {
			return types.ExprString(b.Y)
		}
	}
	return ""
}

// newToOthers reports whether letgo sees nobody else send on a channel that the unit has
// just made: it is in a field, or in a local variable used for sending only here.
func newToOthers(u *patterns.Unit, s *ast.SendStmt, c *values.FlowClass) bool {
	p, _ := patterns.PathOf(u.Pkg.Info, s.Chan)
	if len(p.Fields) > 0 {
		return true
	}
	return c != nil && !c.Open && !slices.ContainsFunc(c.Sends, func(o values.FlowUse) bool { return patterns.TopOf(o.Unit) != patterns.TopOf(u) && !o.Tried })
}

// madeHere returns the capacity of a send's channel, and the call that made it, if that is
// in the unit above the send: in the variable itself, or in a field that this unit sets.
func madeHere(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) (room int64, made *ast.CallExpr) {
	eachMake(u, s, func(c *ast.CallExpr) { room, made = values.RoomOf(x, u.Pkg, c), c })
	return room, made
}

// eachMake calls f with the calls in a unit, above a send, that make the send's channel:
// for the variable itself, or for a field that the unit sets.
func eachMake(u *patterns.Unit, s *ast.SendStmt, f func(*ast.CallExpr)) {
	info := u.Pkg.Info
	p, ok := patterns.PathOf(info, s.Chan)
	if !ok {
		return
	}
	note := func(e ast.Expr) {
		if c, ok := ast.Unparen(e).(*ast.CallExpr); ok && e.Pos() < s.Pos() && patterns.BuiltinOf(info, c) == "make" {
			f(c)
		}
	}
	patterns.EachAssignment(u.Body, func(lhs, rhs ast.Expr) {
		if q, ok := patterns.PathOf(info, lhs); ok && rhs != nil && q.Key() == p.Key() {
			note(rhs)
		}
	})
	if def := u.DefinedOnce(p.Root); def != nil && len(p.Fields) == 1 && u.Fresh(p.Root) {
		if un, ok := ast.Unparen(def).(*ast.UnaryExpr); ok {
			def = un.X
		}
		if lit, ok := ast.Unparen(def).(*ast.CompositeLit); ok {
			patterns.EachElement(info, lit, func(v *types.Var, e ast.Expr) {
				if v != nil && v.Origin() == p.Fields[0] {
					note(e)
				}
			})
		}
	}
}

// sendsSince counts the sends on the channel of s that the unit may make after
// the channel was made.
func sendsSince(u *patterns.Unit, s *ast.SendStmt, made *ast.CallExpr) int {
	p, _ := patterns.PathOf(u.Pkg.Info, s.Chan)
	count := sendCount{info: u.Pkg.Info, made: made.Pos(), is: func(e ast.Expr) bool {
		q, ok := patterns.PathOf(u.Pkg.Info, e)
		return ok && q.Key() == p.Key()
	}}
	return count.in(u.Body)
}

// onceEach reports whether no channel of a class ever gets a second value: for every send,
// the channel is closed right after it, was first taken out of where it was found, or is
// new, or came with a request, or a flag lets the send through once.
func onceEach(x *patterns.Program, c *values.FlowClass) bool {
	for _, use := range c.Sends {
		s := use.Node.(*ast.SendStmt)
		list, at := statements.Around(use.Unit.Body, s)
		if list == nil {
			return false
		}
		room, made := madeHere(x, use.Unit, s)
		fresh := made != nil && sendsSince(use.Unit, s, made) <= int(room)
		if !fresh && !closedAfter(use.Unit, s, list[at+1:]) && !takenOut(x, use.Unit, s) && !onceOnly(x, use.Unit, s) && !answersRequest(x, use.Unit, s) {
			return false
		}
	}
	return len(c.Sends) > 0
}

// oneSender reports whether a channel is drained before the send, by the only ones
// who send on it: they all hold one lock.
func oneSender(c *values.FlowClass, u *patterns.Unit, s *ast.SendStmt) bool {
	held := locks.Vars(locks.HeldAt(u, s))
	for _, use := range c.Sends {
		o := use.Node.(*ast.SendStmt)
		if use.Tried {
			continue
		}
		held = slices.DeleteFunc(held, func(v *types.Var) bool { return !slices.Contains(locks.Vars(locks.HeldAt(use.Unit, o)), v) })
		if !drainedBefore(use.Unit, o) {
			return false
		}
	}
	return len(held) > 0 || len(c.Sends) == 1
}

// closedAfter reports whether the channel is closed right after the send: a
// second send would panic.
func closedAfter(u *patterns.Unit, s *ast.SendStmt, rest []ast.Stmt) bool {
	if len(rest) == 0 {
		return false
	}
	st, ok := rest[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := st.X.(*ast.CallExpr)
	return ok && patterns.BuiltinOf(u.Pkg.Info, call) == "close" && types.ExprString(call.Args[0]) == types.ExprString(s.Chan)
}

// hasRoom reports whether a send cannot wait because the channel was made in the same
// function with a buffer for all sends to it: a constant capacity no smaller than the
// number of sends, none of which is in a loop.
func hasRoom(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) bool {
	id, ok := ast.Unparen(s.Chan).(*ast.Ident)
	if !ok {
		return false
	}
	info := u.Pkg.Info
	v, _ := info.Uses[id].(*types.Var)
	call, ok := u.DefinedOnce(v).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(info, call) != "make" {
		return false
	}
	room := values.RoomOf(x, u.Pkg, call)
	top := patterns.TopOf(u)
	if room < 1 || escapes(top, v) || sharedToSend(info, top.Body, v) {
		return false
	}
	count := sendCount{info: info, made: call.Pos(), is: func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}}
	return count.in(top.Body) <= int(room)
}

// escapes reports whether a channel variable is used other than to send,
// receive, close, measure or return it, or to pass it on as a channel to receive
// from: then others may send on it.
func escapes(u *patterns.Unit, v *types.Var) bool {
	info := u.Pkg.Info
	fine := make(map[ast.Expr]bool)
	recvOnly := func(t types.Type) bool {
		c, ok := t.Underlying().(*types.Chan)
		return ok && c.Dir() == types.RecvOnly
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			fine[n.Chan] = true
		case *ast.UnaryExpr:
			fine[n.X] = n.Op == token.ARROW
		case *ast.RangeStmt:
			fine[n.X] = true
		case *ast.CallExpr:
			builtin := patterns.BuiltinOf(info, n) != ""
			sig, _ := info.TypeOf(n.Fun).(*types.Signature)
			for i, a := range n.Args {
				fine[a] = builtin || sig != nil && !sig.Variadic() && i < sig.Params().Len() && recvOnly(sig.Params().At(i).Type())
			}
		case *ast.ReturnStmt: // whoever gets it sends after this
			for _, r := range n.Results {
				fine[r] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				fine[l] = true
			}
		case *ast.Ident:
			found = found || info.Uses[n] == v && !fine[n]
		}
		return !found
	})
	return found
}

// sharedToSend reports whether a channel variable is passed on, or stored, with a type that
// allows sending on it.
func sharedToSend(info *types.Info, body ast.Node, v *types.Var) bool {
	isV := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}
	sends := func(t types.Type) bool {
		if t == nil {
			return false // of the blank identifier
		}
		c, ok := t.Underlying().(*types.Chan)
		return !ok || c.Dir() != types.RecvOnly
	}
	shared := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sig, ok := info.TypeOf(n.Fun).(*types.Signature)
			if !ok || patterns.BuiltinOf(info, n) != "" && patterns.BuiltinOf(info, n) != "append" {
				return true
			}
			for i, a := range n.Args {
				shared = shared || isV(a) && (i >= sig.Params().Len() || sends(sig.Params().At(i).Type()))
			}
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				shared = shared || isV(r) && len(n.Lhs) == len(n.Rhs) && sends(info.TypeOf(n.Lhs[i]))
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				shared = shared || isV(e)
			}
		case *ast.SendStmt:
			shared = shared || isV(n.Value)
		}
		return !shared
	})
	return shared
}
