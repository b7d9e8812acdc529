package rewrite

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// releaseExplicitly is S12 for statements that run between the lock and a release
// that was deferred and becomes explicit: if one of them panics, the lock stays
// locked. That is asked, in one question for the whole plan. Where the function
// recovers from the panic, it goes on with a lock that nobody ever releases: then
// it is refused. The expressions in early are evaluated there, too, before what is
// tested where they stand.
func (w *Window) releaseExplicitly(list, skip []ast.Stmt, early ...ast.Expr) *Refusal {
	places := w.panics(list, skip)
	for _, e := range early {
		places = append(places, w.panicsOf(e)...)
	}
	if len(places) > 0 {
		if d := w.recovers(); d != nil {
			return Refuse(S12, "recovers", places[0].at.Pos(), "%s, and the function recovers at %s: with an explicit unlock, %s would stay locked", places[0].clause(), w.line(d.Pos()), w.Section.Lock)
		}
	}
	w.locked = append(w.locked, places...)
	if len(w.locked) == 0 {
		w.provedOnce(S12, "nothing between the lock and its explicit release can panic")
		return nil
	}
	w.obligations = slices.DeleteFunc(w.obligations, func(o Obligation) bool {
		return o.Condition == S12 && (o.Status == Proved || o.Text == w.lockedText)
	})
	w.lockedText = w.lockedQuestion()
	w.ask(onPanic, "", S12, w.locked[0].at.Pos(), "%s", w.lockedText)
	return nil
}

// lockedQuestion asks about the places that leave the lock locked if they panic.
func (w *Window) lockedQuestion() string {
	first, others := w.locked[0], ""
	lines := w.linesOf(w.locked[1:])
	switch {
	case len(lines) == 1:
		others = ", or something at " + lines[0] + " does"
	case len(lines) > 1:
		others = fmt.Sprintf(", or something on %d more lines does", len(lines))
	}
	what := first.panics()
	if patterns.BuiltinOf(w.Info, callOf(first.at)) == "panic" {
		what = "the panic at " + w.line(first.at.Pos()) + " is reached"
	}
	return fmt.Sprintf("If %s%s, %s now stays locked; the deferred unlock released it. Is it certain that this does not happen?", what, others, w.Section.Lock)
}

// releaseAtPanic releases the lock before a panic; what it needs the lock for is
// evaluated first.
func (w *Window) releaseAtPanic(st *ast.ExprStmt) []tree.Op {
	code := ""
	var ops []tree.Op
	for _, a := range st.X.(*ast.CallExpr).Args {
		if w.touches(a).guarded() == nil && !w.readsDerivedObject(a) {
			continue
		}
		name := w.freshName(resultName(w.Info, a))
		code += name + " := " + w.source(a) + "\n"
		ops = append(ops, tree.ReplaceExpr{Expr: a, Code: name})
	}
	return append([]tree.Op{tree.InsertBefore{Stmt: st, Code: code + w.UnlockText()}}, ops...)
}

// callOf returns the call that a node is, or one of nothing.
func callOf(n ast.Node) *ast.CallExpr {
	if c, ok := n.(*ast.CallExpr); ok {
		return c
	}
	return &ast.CallExpr{Fun: &ast.BadExpr{}}
}

// linesOf lists the lines of places other than that of the first one, each once.
func (w *Window) linesOf(places []*panicPlace) []string {
	var lines []string
	for _, p := range places {
		if l := w.line(p.at.Pos()); l != w.line(w.locked[0].at.Pos()) && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// recovers returns a deferred call of the function that recovers from a panic, or
// nil.
func (s *Site) recovers() (found *ast.DeferStmt) {
	inspectOuter(s.Unit.Body, func(n ast.Node) bool {
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

// callsRecover reports whether a function itself calls recover.
func callsRecover(u *patterns.Unit) bool {
	found := false
	if u.Body != nil {
		inspectOuter(u.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			found = found || ok && patterns.BuiltinOf(u.Pkg.Info, c) == "recover"
			return !found
		})
	}
	return found
}
