package stale

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/conditions/order"
	"github.com/letgo-dev/letgo/rewrite/conditions/undone"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveDetached looks at what comes after the window, which would find the
// variable empty, and asks what only a reviewer can say: S17 for a panic, and S8.
func proveDetached(w *move.Window) *safety.Refusal {
	if w.Detach == nil {
		return nil
	}
	for _, t := range w.PostTouches.List {
		if w.Detached(t.Access.Var) || w.Detach.Sets(w.Info, t.Access.Var) {
			return safety.Refuse(safety.S3, "used-before-reset", t.Access.Pos(), "%s is used again after the wait, before it is reset", t.Name())
		}
	}
	for _, st := range w.Detach.Stmts {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for i, r := range as.Rhs {
			if _, ok := r.(*ast.SliceExpr); !ok {
				continue
			}
			if at := comparedWithNil(w, as.Lhs[i]); at.IsValid() {
				return safety.Refuse(safety.S3, "nil-not-empty", r.Pos(), "%s would be nil instead of empty, and it is compared with nil at %s", types.ExprString(as.Lhs[i]), w.Line(at))
			}
		}
	}
	if r := usedByPeer(w); r != nil {
		return r
	}
	p, pos := w.Detach.String(), w.Detach.Stmts[0].Pos()
	if w.Detach.Back != "" {
		w.Ask(safety.StaysOnPanic, p, safety.S17, pos, "%s is now set before the call%s. Is it fine for it to stay set if the call panics?", p, setBack(w))
		return nil
	}
	back := ""
	if len(w.Detach.PutBack) > 0 {
		back = ", and put back where that fails"
		if a := undone.SetElsewhere(w, w.Detach.Paths[0].Last()); a != nil {
			back += ", also if it is set at " + w.Line(a.Pos()) + " meanwhile"
		}
	}
	// What is left of the section counts, too: a loop may take the lock again for a part.
	if len(panics.PanicsBesides(w.Site, w.Body, nil, nil)) == 0 {
		w.ProvedOnce(safety.S17, "nothing panics while only this call has what was taken out")
	} else {
		w.Ask(safety.LostOnPanic, p, safety.S17, pos, "%s is now emptied before the call%s. Is it fine to lose its contents if the call panics?", p, back)
	}
	if order.Writer(w) != nil && w.Section.Mode != patterns.Shared {
		w.Ask(safety.TakenOut, p, safety.S8, pos, order.TakesAndPasses, p)
	}
	return nil
}

// usedByPeer refuses to empty a channel variable early if it is also used without the lock:
// by the awaited goroutine, say, which closes the channel through it and would find nil.
func usedByPeer(w *move.Window) *safety.Refusal {
	for _, p := range w.Detach.Paths {
		v := p.Last()
		if !syntax.IsChannel(v.Type()) {
			continue
		}
		for _, a := range guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses {
			if !a.Under(w.Section.LockVar()) {
				return safety.Refuse(safety.S7, "nil-meanwhile", a.Pos(), "%s is used without %s at %s, where it would be nil during the wait", p, w.Section.Lock, w.Line(a.Pos()))
			}
		}
	}
	return nil
}

// comparedWithNil returns where the package compares the variable with nil.
func comparedWithNil(w *move.Window, e ast.Expr) (at token.Pos) {
	p, _ := patterns.PathOf(w.Info, e)
	for _, f := range w.Pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			b, ok := n.(*ast.BinaryExpr)
			if !ok || at.IsValid() || !w.IsNil(b.Y) {
				return !at.IsValid()
			}
			if q, ok := patterns.PathOf(w.Info, b.X); ok && q.Last() == p.Last() {
				at = b.Pos()
			}
			return true
		})
	}
	return at
}
