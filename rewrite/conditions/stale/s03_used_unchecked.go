package stale

import (
	"go/ast"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveUsable refuses where the section sets a variable before the window and uses it
// after that in a way that panics for what others put there meanwhile:
//
//	s.cur = &item{}
//	http.Get(u)
//	s.cur.hits++ // Stop has set it to nil
//
// The lock made sure that the section found what it had put there.
func proveUsable(w *move.Window, set, used *site.Touch) *safety.Refusal {
	if set.Access.Kind != guards.Write || used.Via != nil {
		return nil
	}
	at := panicsOn(w, used.Access)
	if at == nil || comparesToNil(w, used.Access) {
		return nil
	}
	_, asserts := at.(*ast.TypeAssertExpr)
	for _, a := range guards.SharingOf(w.Program, w.PackageOf(set.Access.Var), set.Access.Var).Accesses {
		if a.Kind != guards.Write || a.Node == set.Access.Node || a.Unit.Body == nil || !a.MayBeUnder(w.Section.LockVar()) {
			continue
		}
		if asserts || setsNil(a) {
			return safety.Refuse(safety.S3, "used-unchecked", used.Access.Pos(), "%s is set before the call and used after it without being tested again, and by then it may be what %s puts there", set.Name(), w.Line(a.Pos()))
		}
	}
	return nil
}

// panicsOn returns the part of a statement of the section that panics for some values of
// what an access reads, or nil.
func panicsOn(w *move.Window, a *guards.Access) ast.Node {
	var top ast.Expr = a.Node
	for p, ok := w.Parents[top].(ast.Expr); ok; p, ok = w.Parents[top].(ast.Expr) {
		top = p
	}
	for _, p := range panics.PanicsOf(w.Site, top) {
		if syntax.Within(a.Node, p.At) {
			return p.At
		}
	}
	return nil
}

// comparesToNil reports whether a test around an access compares what it reads with nil.
func comparesToNil(w *move.Window, a *guards.Access) bool {
	for n := ast.Node(a.Node); n != nil; n = w.Parents[n] {
		ifs, ok := n.(*ast.IfStmt)
		if !ok {
			continue
		}
		found := syntax.Has(ifs.Cond, func(b *ast.BinaryExpr) bool {
			return w.Info.Types[b.Y].IsNil() && syntax.NamesField(w.Info, b.X, a.Var)
		})
		if found {
			return true
		}
	}
	return false
}

// setsNil reports whether a change sets a variable to nil.
func setsNil(a *guards.Access) bool {
	value := behaviour.AssignedValue(a)
	return value != nil && a.Unit.Pkg.Info.Types[value].IsNil()
}
