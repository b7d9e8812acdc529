package overlap

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of S9 about a pause that spaces out calls: with the lock, no two
// callers make the call within the pause, without it all of them pause together.
//
//	c.mu.Lock()
//	defer c.mu.Unlock()
//	time.Sleep(time.Second) // the server allows one request a second
//	resp, err := http.Get(url)

// askPacing asks about such a pause. One between the attempts of a call spaces out nobody
// else's.
func askPacing(w *move.Window) {
	if w.Section.Mode == patterns.Shared {
		return
	}
	for _, pause := range w.Freed() {
		if !pauses(pause) || betweenAttempts(w, pause) {
			continue
		}
		for _, o := range w.Finding.Ops {
			if o.Category == "sleep" || o.Effect == "wait" || exclusively(w, pause, o) {
				continue
			}
			w.Assume(safety.S9, pause.Pos(), "Several callers can now pause here at the same time, and make their calls of %s without a pause in between. Is that fine?", o.Call())
			return
		}
	}
}

// provePacing refuses a window with a pause whose length comes from guarded state that the
// section sets after it: under the lock each caller waits for its turn, and without it all
// of them wait for the same one.
//
//	time.Sleep(c.interval - time.Since(c.last))
//	send()
//	c.last = time.Now()
func provePacing(w *move.Window) *safety.Refusal {
	if w.Section.Mode == patterns.Shared {
		return nil
	}
	setAfter := func(v *types.Var) bool {
		return slices.ContainsFunc(w.PostTouches.List, func(t *site.Touch) bool { return t.Access.Var == v && t.Access.Kind.Changes() })
	}
	for _, pause := range w.Freed() {
		if !pauses(pause) {
			continue
		}
		for _, v := range syntax.SortedVars(sourcesOf(w, pause.Node)) {
			if setAfter(v) {
				return safety.Refuse(safety.S9, "spaces-out", pause.Pos(), "the pause depends on %s, which is set after it: without %s all callers pause together", v.Name(), w.Section.Lock)
			}
		}
		for _, v := range countsAround(w, pause.Node) {
			if setAfter(v) {
				return safety.Refuse(safety.S9, "spaces-out", pause.Pos(), "whether to pause depends on %s, which is set after it: without %s all callers pause together", v.Name(), w.Section.Lock)
			}
		}
	}
	return nil
}

// countsAround lists the guarded numbers that the conditions around a pause look at.
//
//	if l.tokens == 0 {
//		time.Sleep(l.interval)
//		l.tokens = 1
//	}
//	l.tokens--
func countsAround(w *move.Window, pause ast.Node) []*types.Var {
	var out []*types.Var
	for n := w.Parents[pause]; n != nil; n = w.Parents[n] {
		ifs, ok := n.(*ast.IfStmt)
		if !ok || !w.InBody(ifs) || syntax.Within(pause, ifs.Cond) {
			continue
		}
		for _, a := range guards.AccessesIn(w.Unit, ifs.Cond) {
			if syntax.IsOrdered(a.Var.Type()) {
				out = append(out, a.Var)
			}
		}
	}
	return out
}

// sourcesOf returns the guarded variables that the value of an expression comes from.
func sourcesOf(w *move.Window, n ast.Node) map[*types.Var]bool {
	out := make(map[*types.Var]bool)
	for _, a := range guards.AccessesIn(w.Unit, n) {
		out[a.Var] = true
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			for _, t := range w.Derived[syntax.VarOf(w.Info, id)] {
				out[t.Access.Var] = true
			}
		}
		return true
	})
	return out
}

// pauses reports whether an operation is a sleep, and not a call that divides the time
// among its callers itself, like that of a rate limiter.
func pauses(o *waits.Op) bool {
	return o.Category == "sleep" && (strings.HasPrefix(o.What, "time.") || strings.HasPrefix(o.What, "receive from time."))
}

// betweenAttempts reports whether a pause is in a loop that ends when a call has succeeded,
// rather than one that goes through the elements of a variable.
func betweenAttempts(w *move.Window, pause *waits.Op) bool {
	loop := w.LoopAround(pause.Node)
	if loop == nil || !w.InBody(loop) {
		return false
	}
	calls := func(o *waits.Op) bool { return o.Category != "sleep" && syntax.Within(o.Node, loop) }
	if !slices.ContainsFunc(w.Finding.Ops, calls) {
		return false
	}
	switch loop := loop.(type) {
	case *ast.ForStmt:
		cond, compares := loop.Cond.(*ast.BinaryExpr)
		return syntax.JumpsOut(loop.Body, true, false) || breaksOnSuccess(w, loop.Body) || compares && w.Info.Types[cond.Y].IsNil()
	case *ast.RangeStmt:
		b, ok := w.Info.TypeOf(loop.X).Underlying().(*types.Basic)
		return ok && b.Info()&types.IsInteger != 0 && (syntax.JumpsOut(loop.Body, true, false) || breaksOnSuccess(w, loop.Body))
	}
	return false
}

// AskPace is the part of S9 about a section that does nothing but pause and change what the lock
// guards: it may be meant to let callers through one at a time.
//
//	t.mu.Lock()
//	defer t.mu.Unlock()
//	time.Sleep(t.interval)
//	t.passed++
//
// Whoever is asked about the plan anyway sees the pause, so it is only asked about where the plan
// would be safe. A pause of constant length, or as long as the caller wants, is taken for one that
// lets something else happen.
func AskPace(s *site.Site, p *plan.Plan) *safety.Refusal {
	if p.Semaphore || s.Section.Mode != patterns.Exclusive || len(p.Assumptions()) > 0 {
		return nil
	}
	w := &move.Window{Site: s}
	freed := w.Freed()
	if len(freed) == 0 || slices.ContainsFunc(freed, func(o *waits.Op) bool { return !pauses(o) }) || !slices.ContainsFunc(freed, func(o *waits.Op) bool { return varies(w, o) }) {
		return nil
	}
	p.Obligations = slices.DeleteFunc(p.Obligations, func(o safety.Obligation) bool { return o.Condition == safety.S9 })
	w.Assume(safety.S9, freed[0].Pos(), "Several callers can now pause here at the same time, and no longer go on one after the other. Is that fine?")
	p.Obligations = append(p.Obligations, w.Recorded...)
	return nil
}

// varies reports whether the length of a pause is neither a constant nor the caller's choice.
func varies(w *move.Window, pause *waits.Op) bool {
	return syntax.HasOuter(pause.Node, func(c *ast.CallExpr) bool {
		return slices.ContainsFunc(c.Args, func(e ast.Expr) bool {
			id, ok := ast.Unparen(e).(*ast.Ident)
			given := ok && w.Unit.IsParam(syntax.VarOf(w.Info, id))
			return !given && w.Info.Types[e].Value == nil
		})
	})
}

// breaksOnSuccess reports whether a loop ends by break where there is no error.
func breaksOnSuccess(w *move.Window, body *ast.BlockStmt) bool {
	return syntax.HasOuter(body, func(ifs *ast.IfStmt) bool {
		cond, ok := ifs.Cond.(*ast.BinaryExpr)
		if !ok || cond.Op != token.EQL || !patterns.IsError(w.Info.TypeOf(cond.X)) || !w.Info.Types[cond.Y].IsNil() || len(ifs.Body.List) == 0 {
			return false
		}
		b, ok := ifs.Body.List[len(ifs.Body.List)-1].(*ast.BranchStmt)
		return ok && b.Tok == token.BREAK && b.Label == nil && !w.InsideLoop(b, body.List)
	})
}
