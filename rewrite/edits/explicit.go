package edits

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// ReleaseExplicitly checks S12 for statements between the lock and a release that was deferred
// and becomes explicit: if one of them panics, the lock stays locked. It asks one question about
// that for the whole plan, which also covers values that are read early. If the function
// recovers from panics, it would continue with a lock that nobody releases, so the plan is
// refused; so it is if one of the statements is a panic.
func ReleaseExplicitly(w *move.Window, list, skip []ast.Stmt, early ...*panics.Place) *safety.Refusal {
	places := append(w.Panics(list, skip), early...)
	if len(places) > 0 {
		if d := Recovers(w.Site); d != nil {
			return safety.Refuse(safety.S12, "recovers", places[0].At.Pos(), "%s, and the function recovers at %s: with an explicit unlock, %s would stay locked", places[0].Clause(), w.Line(d.Pos()), w.Section.Lock)
		}
	}
	if i := slices.IndexFunc(places, func(p *panics.Place) bool {
		return locks.Unwinds(w.Info, syntax.CallOf(p.At))
	}); i >= 0 {
		return safety.Refuse(safety.S12, "panics-itself", places[i].At.Pos(), "with an explicit unlock, %s would stay locked after the panic at %s", w.Section.Lock, w.Line(places[i].At.Pos()))
	}
	w.Locked = append(w.Locked, places...)
	if len(w.Locked) == 0 {
		w.ProvedOnce(safety.S12, "nothing between the lock and its explicit release can panic")
		return nil
	}
	w.Recorded = slices.DeleteFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.Condition == safety.S12 && (o.Status == safety.Proved || o.Text == w.LockedText)
	})
	w.LockedText = lockedQuestion(w)
	w.Ask(safety.OnPanic, "", safety.S12, w.Locked[0].At.Pos(), "%s", w.LockedText)
	return nil
}

// lockedQuestion returns the question about the places where a panic would leave the lock
// locked.
func lockedQuestion(w *move.Window) string {
	first, others := w.Locked[0], ""
	lines := linesOf(w, w.Locked[1:])
	switch {
	case len(lines) == 1:
		others = ", or something at " + lines[0] + " does"
	case len(lines) > 1:
		others = fmt.Sprintf(", or something on %d more lines does", len(lines))
	}
	return fmt.Sprintf("If %s%s, %s now stays locked; the deferred unlock released it. Is it certain that this does not happen?", first.Panics(), others, w.Section.Lock)
}

// ReleaseAtPanic returns the operations that release the lock before a panic, after evaluating
// what the panic needs the lock for.
func ReleaseAtPanic(w *move.Window, st *ast.ExprStmt) []tree.Op {
	code := ""
	var ops []tree.Op
	for _, a := range st.X.(*ast.CallExpr).Args {
		if !NeedsLock(w, a) {
			continue
		}
		name := w.FreshName(resultName(w.Info, a))
		code += name + " := " + w.Source(a) + "\n"
		ops = append(ops, tree.ReplaceExpr{Expr: a, Code: name})
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: st, Code: code + w.UnlockText()}}, ops...)
}

// linesOf lists the lines of the places, without duplicates and without the line of the first
// place in w.Locked.
func linesOf(w *move.Window, places []*panics.Place) []string {
	var lines []string
	for _, p := range places {
		if l := w.Line(p.At.Pos()); l != w.Line(w.Locked[0].At.Pos()) && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// Recovers returns a deferred call of the function that recovers from a panic, or nil.
func Recovers(s *site.Site) (found *ast.DeferStmt) {
	syntax.InspectOuter(s.Unit.Body, func(n ast.Node) bool {
		d, ok := n.(*ast.DeferStmt)
		if !ok || found != nil {
			return found == nil
		}
		callees, _ := s.Program.Callees(s.Unit, d.Call)
		if slices.ContainsFunc(callees, callsRecover) {
			found = d
		}
		return false
	})
	return found
}

// callsRecover reports whether the function itself calls recover.
func callsRecover(u *patterns.Unit) bool {
	found := false
	if u.Body != nil {
		syntax.InspectOuter(u.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			found = found || ok && patterns.BuiltinOf(u.Pkg.Info, c) == "recover"
			return !found
		})
	}
	return found
}
