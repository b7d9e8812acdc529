package signals

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveAnswered is the part of S3 about the goroutine that answers at the other end of
// a channel:
//
//	if !m.started {
//		return 0
//	}
//	return <-m.rate
//
// Another section clears the flag and ends the goroutine that sends. While the lock was
// held from the test to the receive, it could not; without the lock the receive may come
// after the end, and wait forever. A select with another case can proceed, and a channel
// that is closed at the end answers everybody.
func ProveAnswered(w *move.Window) *safety.Refusal {
	before := changedBy(w, syntax.StmtNodes(w.Pre)...)
	for _, v := range detachedVars(w.Site) {
		before[v] = true
	}
	for _, st := range w.Stmts {
		var refusal *safety.Refusal
		eachBareOp(w, st, func(op bareOp) {
			if refusal == nil && needsPeer(w, op) {
				refusal = maybeUnanswered(w, op, before)
			}
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// A bareOp is a send or receive that only the other end of the channel can end.
type bareOp struct {
	at   ast.Node   // in the section's function: the operation, or the call that leads to it
	of   *types.Var // the variable that holds the channel
	send bool
	text string
}

// eachBareOp calls f with the bare operations in a node and in the functions of
// the package that it calls.
func eachBareOp(w *move.Window, n ast.Node, f func(bareOp)) {
	bareOpsIn(w, w.Unit, n, func(op bareOp) { f(op) })
	seen := make(map[*patterns.Unit]bool)
	syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
		EachCallBelow(w.Site, w.Unit, c, seen, func(u *patterns.Unit, k *ast.CallExpr) {
			callees, _ := w.Program.Callees(u, k)
			for _, v := range callees {
				if v.Body != nil && v.Pkg == w.Pkg {
					bareOpsIn(w, v, v.Body, func(op bareOp) {
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
func bareOpsIn(w *move.Window, u *patterns.Unit, n ast.Node, f func(bareOp)) {
	op := func(at ast.Node, ch ast.Expr, send bool, text string) {
		if v := HeldBy(u, ch); v != nil {
			f(bareOp{at, v, send, text})
		}
	}
	syntax.InspectOuter(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			return false
		case *ast.SelectStmt:
			if len(m.Body.List) > 1 {
				for _, c := range m.Body.List {
					for _, st := range c.(*ast.CommClause).Body {
						bareOpsIn(w, u, st, f)
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
			if t := u.Pkg.Info.TypeOf(m.X); t != nil && syntax.IsChannel(t) {
				op(m, m.X, false, "the receive from "+types.ExprString(m.X))
			}
		}
		return true
	})
}

// needsPeer reports whether an operation is on a channel that other functions
// serve, and that is not closed: a closed one answers every receive.
func needsPeer(w *move.Window, op bareOp) bool {
	if !op.of.IsField() && !syntax.IsGlobal(op.of) && (len(w.Derived[op.of]) == 0 || w.OnlySends(op.of)) || !w.IsLoaded(op.of.Pkg()) {
		return false
	}
	if op.send {
		return true
	}
	return !slices.ContainsFunc(guards.ChannelCloses(w.Program, w.Pkg), func(c patterns.Call) bool {
		v := HeldBy(c.Unit, c.Call.Args[0])
		t := w.Pkg.Info.TypeOf(c.Call.Args[0])
		return v == op.of || v != nil && t != nil && (!v.IsField() && !syntax.IsGlobal(v) || SameChannel(w, v, op.of)) && syntax.SameElem(t, op.of.Type())
	})
}

// maybeUnanswered refuses if the tests before an operation look at something that another
// section of the lock changes and this one has not changed itself.
func maybeUnanswered(w *move.Window, op bareOp, before map[*types.Var]bool) *safety.Refusal {
	for _, cond := range conditionsBefore(w.Site, w.Unit, op.at, w.Lock.Pos()) {
		for _, v := range decidedBy(w, decision{w.Unit, cond}) {
			if before[v] || v == op.of && syntax.IsChannel(v.Type()) && op.send {
				continue
			}
			at := changedElsewhere(w, v)
			switch {
			case !at.IsValid():
			case !guards.SelfSynchronised(v.Type()) && isServed(w, op, v):
				w.Assume(safety.S3, op.at.Pos(), "%s, tested at %s, can change before %s (%s). Is somebody at the other end even then?", v.Name(), w.Line(cond.Pos()), op.text, w.Line(at))
			default:
				return safety.Refuse(safety.S3, "nobody-answers", op.at.Pos(), "the section continues because of %s, tested at %s, which changes under %s at %s: after that nobody may be left at the other end, and %s would wait forever", v.Name(), w.Line(cond.Pos()), w.Section.Lock, w.Line(at), op.text)
			}
		}
	}
	return nil
}

// changedElsewhere returns where another section of the lock changes a variable, or removes
// something from the map or slice in it: adding ends no goroutine.
func changedElsewhere(w *move.Window, v *types.Var) token.Pos {
	lock := w.Section.LockVar()
	if guards.SelfSynchronised(v.Type()) {
		for _, c := range guards.CallsUnder(w.Program, w.Pkg, lock) {
			if syntax.ChangesAtomic(c.Unit, c.Call) == v && !(c.Unit == w.Unit && w.InBody(c.Call)) {
				return c.Call.Pos()
			}
		}
		return token.NoPos
	}
	_, isMap := v.Type().Underlying().(*types.Map)
	sharing := guards.SharingOf(w.Program, w.PackageOf(v), v)
	ends := func(a *guards.Access) bool {
		return w.OfOthers(a) && !(isMap && a.Kind == guards.Content && !syntax.Empties(a)) && !appends(a)
	}
	a := sharing.Changed(func(a *guards.Access) bool { return ends(a) && syntax.Empties(a) }) // says more to a reader
	if a == nil {
		a = sharing.Changed(ends)
	}
	if a == nil {
		return token.NoPos
	}
	return a.Pos()
}

// appends reports whether an access only adds to a slice: x = append(x, y).
func appends(a *guards.Access) bool {
	if a.Kind != guards.Write || !syntax.IsSlice(a.Var.Type()) {
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
			if isCall && syntax.Within(a.Node, l) && patterns.BuiltinOf(a.Unit.Pkg.Info, c) == "append" {
				found = types.ExprString(c.Args[0]) == types.ExprString(l)
			}
		}
		return !found
	})
	return found
}
