package overlap

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

// proveExchange refuses a window in which one channel is both sent to and received from:
//
//	select {
//	case s.last <- e:
//	case <-s.last: // full: replace what is there
//		s.last <- e
//	}
//
// The second send has room only as long as the lock keeps other callers out. It also
// refuses to separate a request from its answer, where all callers share the channels:
//
//	d.requests <- cmd
//	answer := <-d.answers // of another caller's request
//
// And it refuses to release the lock between a send that may be left out and the receive that
// makes room again: under the lock, there always was room.
//
//	select {
//	case s.busy <- struct{}{}:
//	default:
//		return errBusy
//	}
//	err := get(url)
//	<-s.busy
func proveExchange(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	x := exchange{w: w, sent: make(map[*types.Var]channelUse), received: make(map[*types.Var]channelUse), polled: make(map[ast.Node]bool)}
	for _, list := range [][]ast.Stmt{w.Pre, w.Stmts, w.Post, w.Body} { // in Body may be other windows
		for _, st := range list {
			x.collect(w.Unit, st, nil, slices.ContainsFunc(w.Stmts, func(in ast.Stmt) bool { return syntax.Within(st, in) || syntax.Within(in, st) }), 0)
		}
	}
	for _, v := range syntax.SortedVars(x.sent) {
		if r := x.refuseFilled(v); r != nil {
			return r
		}
		if x.sent[v].inWindow && x.received[v].inWindow {
			return safety.Refuse(safety.S9, "exchange", x.sent[v].at.Pos(), "%s is sent to here and received from, and %s keeps other callers from filling or emptying it in between", v.Name(), w.Section.Lock)
		}
		for _, u := range syntax.SortedVars(x.received) {
			s, r := x.sent[v], x.received[u]
			if u != v && r.carries && !r.deferred && s.at.Pos() < r.at.Pos() && (s.inWindow || r.inWindow) {
				return safety.Refuse(safety.S9, "exchange", s.at.Pos(), "what is received from %s at %s answers what is sent on %s here, and %s keeps other callers from getting the answer", u.Name(), w.Line(r.at.Pos()), v.Name(), w.Section.Lock)
			}
		}
	}
	return nil
}

// An exchange is what a section sends on channels that all callers share, and what it
// receives from them.
type exchange struct {
	w              *move.Window
	sent, received map[*types.Var]channelUse

	polled   map[ast.Node]bool // sends in select statements with a default clause
	deferred bool              // what is collected runs when the function returns
}

// A channelUse is where the function of the section comes to a send or a receive.
type channelUse struct {
	at       ast.Node
	inWindow bool
	carries  bool // what is received is used, and tells of who has sent it
	polls    bool // in a select statement with a default clause
	deferred bool
}

// refuseFilled refuses if the section sends on a channel in a select statement with a default
// clause, and the lock is released before it receives from the channel again.
func (x *exchange) refuseFilled(v *types.Var) *safety.Refusal {
	s, r := x.sent[v], x.received[v]
	if r.at == nil || !s.polls || s.deferred {
		return nil
	}
	together := func(list []ast.Stmt) bool {
		return !s.inWindow && !r.inWindow && !r.deferred && x.w.InStmts(s.at, list) && x.w.InStmts(r.at, list)
	}
	if together(x.w.Pre) || together(x.w.Post) {
		return nil
	}
	return safety.Refuse(safety.S9, "exchange", s.at.Pos(), "%s is filled here and emptied again at %s, and under %s no other caller finds it full", v.Name(), x.w.Line(r.at.Pos()), x.w.Section.Lock)
}

// maxExchangeCalls bounds how many functions that call one another are looked into.
const maxExchangeCalls = 3

// collect notes the sends and receives of a node. The call is the one by which the
// section's function comes to the unit; nil in that function itself.
func (x *exchange) collect(u *patterns.Unit, n ast.Node, call *ast.CallExpr, inWindow bool, depth int) {
	note := func(in map[*types.Var]channelUse, ch ast.Expr, at ast.Node, carries bool) {
		v := x.channel(u, ch)
		if v == nil {
			return
		}
		if call != nil {
			at = call
		}
		old := in[v]
		if old.at == nil || carries && !old.carries {
			old.at = at
		}
		in[v] = channelUse{
			at: old.at, inWindow: old.inWindow || inWindow, carries: old.carries || carries,
			polls: old.polls || x.polled[at], deferred: old.deferred || x.deferred,
		}
	}
	dropped := make(map[ast.Node]bool)
	syntax.InspectOuter(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.DeferStmt:
			x.collectDeferred(u, n, depth)
			return false
		case *ast.SelectStmt:
			if patterns.HasDefault(n) {
				for _, c := range n.Body.List {
					x.polled[c.(*ast.CommClause).Comm] = true
				}
			}
		case *ast.ExprStmt:
			dropped[ast.Unparen(n.X)] = true
		case *ast.SendStmt:
			note(x.sent, n.Chan, n, false)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				note(x.received, n.X, n, !dropped[n] && syntax.Carries(u.Pkg.Info.TypeOf(n)))
			}
		case *ast.CallExpr:
			if depth < maxExchangeCalls {
				callees, _ := behaviour.CalleesOf(x.w.Site, u, n)
				for _, k := range callees {
					if k.Body != nil {
						x.collect(k, k.Body, cmp.Or(call, n), inWindow, depth+1)
					}
				}
			}
		}
		return true
	})
}

// collectDeferred notes the sends and receives of a deferred call.
func (x *exchange) collectDeferred(u *patterns.Unit, d *ast.DeferStmt, depth int) {
	before := x.deferred
	x.deferred = true
	if lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit); ok {
		x.collect(u, lit.Body, nil, false, depth)
	} else {
		x.collect(u, d.Call, nil, false, depth)
	}
	x.deferred = before
}

// channel returns the field or package-level variable of a channel that other callers
// come to, too, or nil.
func (x *exchange) channel(u *patterns.Unit, ch ast.Expr) *types.Var {
	p, ok := patterns.PathOf(u.Pkg.Info, ch)
	if ok && len(p.Fields) == 0 && !p.Global() {
		if def := u.DefinedOnce(p.Root); def != nil {
			p, ok = patterns.PathOf(u.Pkg.Info, def)
		}
	}
	switch {
	case !ok:
		return nil
	case p.Global(), u == x.w.Unit && SharedPath(x.w, p), p.Last().IsField() && u.Obj != nil && p.Root == u.Obj.Signature().Recv():
		return p.Last()
	}
	return nil
}
