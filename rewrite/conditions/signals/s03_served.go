package signals

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// isServed reports whether a function of the package serves the other end of a channel in
// an endless loop, and nothing is seen that ends the loop when a variable changes: the
// loop ends by a context or a channel, and neither the functions that change the variable
// nor their callers end that.
//
//	for {
//		select {
//		case <-ctx.Done():
//			return
//		case l := <-p.expired:
func isServed(w *move.Window, op bareOp, v *types.Var) bool {
	for _, u := range w.Program.UnitsIn(w.Pkg) {
		if u.Body == nil {
			continue
		}
		for _, loop := range servingLoops(u, op) {
			signals, ok := signalsThatEnd(loop)
			if ok && !slices.ContainsFunc(signals, func(e ast.Expr) bool { return mayEndWith(w, u, e, v) }) {
				return true
			}
		}
	}
	return false
}

// servingLoops lists the endless loops of a unit with an operation at the other end of a
// channel, each the innermost one around the operation.
func servingLoops(u *patterns.Unit, op bareOp) []*ast.ForStmt {
	var out []*ast.ForStmt
	var loops []*ast.ForStmt // around the node that is visited, by their positions
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		var ch ast.Expr
		switch n := n.(type) {
		case *ast.ForStmt:
			loops = append(loops, n)
		case *ast.SendStmt:
			if !op.send {
				ch = n.Chan
			}
		case *ast.UnaryExpr:
			if op.send && n.Op == token.ARROW {
				ch = n.X
			}
		}
		if ch == nil || HeldBy(u, ch) != op.of {
			return true
		}
		for _, l := range slices.Backward(loops) {
			if syntax.Within(n, l.Body) {
				if l.Cond == nil && !slices.Contains(out, l) {
					out = append(out, l)
				}
				break
			}
		}
		return true
	})
	return out
}

// signalsThatEnd lists the channels from which a loop receives before it ends. ok is
// false if it also ends otherwise.
func signalsThatEnd(loop *ast.ForStmt) (signals []ast.Expr, ok bool) {
	ok = true
	syntax.InspectOuter(loop.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CommClause:
			if slices.ContainsFunc(n.Body, func(st ast.Stmt) bool { return syntax.JumpsOut(st, true, true) }) {
				ch := receivedFrom(n.Comm)
				signals, ok = append(signals, ch), ok && ch != nil
			}
			return false
		case *ast.ReturnStmt:
			ok = false
		case *ast.BranchStmt:
			ok = ok && n.Tok == token.CONTINUE && n.Label == nil
		}
		return ok
	})
	return signals, ok
}

// receivedFrom returns the channel that the statement of a select clause receives from,
// or nil.
func receivedFrom(comm ast.Stmt) ast.Expr {
	var ch ast.Expr
	if comm != nil {
		ast.Inspect(comm, func(n ast.Node) bool {
			if r, ok := n.(*ast.UnaryExpr); ok && r.Op == token.ARROW && ch == nil {
				ch = r.X
			}
			return ch == nil
		})
	}
	return ch
}

// mayEndWith reports whether a signal may be given by a function that also changes a
// variable in a section of the lock, or by one that calls such a function. The signal is
// a channel of the package, or that of a context; what others signal is not known.
func mayEndWith(w *move.Window, u *patterns.Unit, signal ast.Expr, v *types.Var) bool {
	var gives func(o *patterns.Unit, n ast.Node) bool
	if c, ok := ast.Unparen(signal).(*ast.CallExpr); ok {
		if recv := patterns.ReceiverOf(c.Fun); recv == nil || !syntax.IsContext(u.Pkg.Info.TypeOf(recv)) {
			return true
		}
		gives = func(o *patterns.Unit, n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			return ok && patterns.IsCancel(o.Pkg.Info.TypeOf(c.Fun))
		}
	} else {
		ch := HeldBy(u, signal)
		if ch == nil || !ch.IsField() && !syntax.IsGlobal(ch) || ch.Exported() {
			return true
		}
		gives = func(o *patterns.Unit, n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				return HeldBy(o, n.Chan) == ch
			case *ast.CallExpr:
				return patterns.BuiltinOf(o.Pkg.Info, n) == "close" && HeldBy(o, n.Args[0]) == ch
			}
			return false
		}
	}
	for o := range changersOf(w, v) {
		found := false
		syntax.InspectOuter(o.Body, func(n ast.Node) bool {
			found = found || gives(o, n)
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// changersOf returns the units in which other sections of the lock change a variable, and
// those that call them and go on when they have returned.
func changersOf(w *move.Window, v *types.Var) map[*patterns.Unit]bool {
	out := make(map[*patterns.Unit]bool)
	var add func(u *patterns.Unit)
	add = func(u *patterns.Unit) {
		if u == nil || u.Body == nil || out[u] {
			return
		}
		out[u] = true
		if u.Lit != nil {
			add(u.Outer) // which may run it
			return
		}
		calls, _ := guards.CallersOf(w.Program, u)
		for _, c := range calls {
			if !c.Spawned {
				add(c.Unit)
			}
		}
	}
	guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		if a.Unit != nil && w.OfOthers(a) {
			add(a.Unit)
		}
		return false
	})
	return out
}
