package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// proveAnswered is the part of S3 about whoever answers at the other end of a
// channel:
//
//	if !m.started {
//		return 0
//	}
//	return <-m.rate
//
// Another section clears the flag and ends the goroutine that sends. While the
// lock was held from the test to the receive, it could not; without it the
// receive may come after the end, and waits for ever. A select with another case
// can leave, and a channel that is closed at the end answers everybody.
func (w *Window) proveAnswered() *Refusal {
	before := w.changedBy(stmtNodes(w.Pre)...)
	for _, v := range w.detachedVars() {
		before[v] = true
	}
	for _, st := range w.Stmts {
		var refusal *Refusal
		w.eachBareOp(st, func(op bareOp) {
			if refusal == nil && w.needsPeer(op) {
				refusal = w.maybeUnanswered(op, before)
			}
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// A bareOp is a send or receive that can only end by the other end of the
// channel.
type bareOp struct {
	at   ast.Node   // in the section's function: the operation, or the call that leads to it
	of   *types.Var // the variable that holds the channel
	send bool
	text string
}

// eachBareOp calls f with the bare operations in a node and in the functions of
// the package that it calls.
func (w *Window) eachBareOp(n ast.Node, f func(bareOp)) {
	w.bareOpsIn(w.Unit, n, func(op bareOp) { f(op) })
	seen := make(map[*patterns.Unit]bool)
	eachSynchronousCall(n, func(c *ast.CallExpr) {
		w.eachCallBelow(w.Unit, c, seen, func(u *patterns.Unit, k *ast.CallExpr) {
			callees, _ := w.Program.Callees(u, k)
			for _, v := range callees {
				if v.Body != nil && v.Pkg == w.Pkg {
					w.bareOpsIn(v, v.Body, func(op bareOp) {
						op.at = c
						f(op)
					})
				}
			}
		})
	})
}

// bareOpsIn calls f with the bare operations that a unit carries out itself in a
// node.
func (w *Window) bareOpsIn(u *patterns.Unit, n ast.Node, f func(bareOp)) {
	op := func(at ast.Node, ch ast.Expr, send bool, text string) {
		if v := heldBy(u, ch); v != nil {
			f(bareOp{at, v, send, text})
		}
	}
	inspectOuter(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			return false
		case *ast.SelectStmt:
			if len(m.Body.List) > 1 {
				for _, c := range m.Body.List {
					for _, st := range c.(*ast.CommClause).Body {
						w.bareOpsIn(u, st, f)
					}
				}
				return false
			}
		case *ast.SendStmt:
			op(m, m.Chan, true, "the send on "+types.ExprString(m.Chan))
		case *ast.UnaryExpr:
			if m.Op == token.ARROW {
				op(m, m.X, false, "the receive from "+types.ExprString(m.X))
			}
		case *ast.RangeStmt:
			if t := u.Pkg.Info.TypeOf(m.X); t != nil && isChannel(t) {
				op(m, m.X, false, "the receive from "+types.ExprString(m.X))
			}
		}
		return true
	})
}

// needsPeer reports whether an operation is on a channel that other functions
// serve, and that is not closed: a closed one answers every receive.
func (w *Window) needsPeer(op bareOp) bool {
	if !op.of.IsField() && !isGlobal(op.of) && len(w.derived[op.of]) == 0 || !w.isLoaded(op.of.Pkg()) {
		return false
	}
	if op.send {
		return true
	}
	return !slices.ContainsFunc(w.Program.ChannelCloses(w.Pkg), func(c patterns.Call) bool {
		v := heldBy(c.Unit, c.Call.Args[0])
		t := w.Pkg.Info.TypeOf(c.Call.Args[0])
		return v == op.of || v != nil && t != nil && (!v.IsField() && !isGlobal(v) || w.sameChannel(v, op.of)) && sameElem(t, op.of.Type())
	})
}

// maybeUnanswered refuses if the tests before an operation look at what another
// section of the lock changes, and this one has not changed itself.
func (w *Window) maybeUnanswered(op bareOp, before map[*types.Var]bool) *Refusal {
	for _, cond := range w.conditionsBefore(w.Unit, op.at, w.Lock.Pos()) {
		for _, v := range w.decidedBy(decision{w.Unit, cond}) {
			if before[v] || v == op.of && isChannel(v.Type()) && op.send {
				continue
			}
			if at := w.changedElsewhere(v); at.IsValid() {
				return Refuse(S3, "nobody-answers", op.at.Pos(), "the section continues because of %s, tested at %s, which changes under %s at %s: after that nobody may be left at the other end, and %s would wait forever", v.Name(), w.line(cond.Pos()), w.Section.Lock, w.line(at), op.text)
			}
		}
	}
	return nil
}

// changedElsewhere returns where another section of the lock changes a variable,
// or takes something out of the map or slice in it: what is added ends nobody.
func (w *Window) changedElsewhere(v *types.Var) token.Pos {
	lock := w.Section.LockVar()
	if patterns.SelfSynchronised(v.Type()) {
		for _, c := range w.Program.CallsUnder(w.Pkg, lock) {
			if changesAtomic(c.Unit, c.Call) == v && !(c.Unit == w.Unit && w.inBody(c.Call)) {
				return c.Call.Pos()
			}
		}
		return token.NoPos
	}
	_, isMap := v.Type().Underlying().(*types.Map)
	sharing := w.Program.SharingOf(w.packageOf(v), v)
	ends := func(a *patterns.Access) bool {
		return !w.contains(a) && a.Under(lock) && !(isMap && a.Kind == patterns.Content && !empties(a)) && !appends(a)
	}
	a := sharing.Changed(func(a *patterns.Access) bool { return ends(a) && empties(a) }) // says more to a reader
	if a == nil {
		a = sharing.Changed(ends)
	}
	if a == nil {
		return token.NoPos
	}
	return a.Pos()
}

// appends reports whether an access only adds to a slice: x = append(x, y).
func appends(a *patterns.Access) bool {
	if a.Kind != patterns.Write || !isSlice(a.Var.Type()) {
		return false
	}
	found := false
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, l := range as.Lhs {
			c, isCall := ast.Unparen(as.Rhs[i]).(*ast.CallExpr)
			if isCall && within(a.Node, l) && patterns.BuiltinOf(a.Unit.Pkg.Info, c) == "append" {
				found = types.ExprString(c.Args[0]) == types.ExprString(l)
			}
		}
		return !found
	})
	return found
}
