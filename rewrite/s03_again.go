package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// This file is the part of S3 and S17 about tests that are made again after the
// wait, and about changes that need no second test: those that only add to what
// is there.

// askAgain asks what a second look leaves open, and reports whether it has asked
// more than whether the call may be made: of a call that does more than read.
func (w *Window) askAgain() bool {
	if w.recheck == nil {
		return false
	}
	first := w.recheck.tests[0]
	for _, t := range w.touches(stmtNodes(w.recheck.tests)...).touches {
		if t.access.Kind.Changes() && w.recheck.countedBelow(t) {
			w.assume(S17, first.Pos(), "The test at %s is made again after the call, and may count in %s a second time then. Is that right?", w.line(first.Pos()), t.name())
			break
		}
	}
	reads := !slices.ContainsFunc(w.Finding.Ops, func(o *patterns.Op) bool { return o.Effect != "read" })
	closes := !reads && w.recheck.closesAll()
	what, counted := w.changedSince(first)
	if w.askBothWays(what, reads, closes) {
		return true
	}
	switch {
	case what == "" && closes:
		w.proved(S17, "what the call has made is closed where the test that is made again returns")
	case what == "" && !reads:
		w.assume(S17, first.Pos(), "The test at %s is repeated after the call, and can return although the call was made. Is there nothing to undo then?", w.line(first.Pos()))
	case what != "" && !reads && !closes:
		w.assume(S17, first.Pos(), "The test at %s is repeated after the call, and can return although the call was made and the section changed %s. Is there nothing to undo then?", w.line(first.Pos()), what)
	case what != "" && counted:
		w.assume(S17, first.Pos(), "If the repeated test at %s returns after the call, %s has already been counted. Is that right?", w.line(first.Pos()), what)
	case what != "":
		w.assume(S17, first.Pos(), "The test at %s is repeated after the call, and can return although the section changed %s. Is there nothing to undo then?", w.line(first.Pos()), what)
	}
	if reads {
		return false
	}
	for _, t := range w.recheck.tests {
		if !w.looksForMore(t) {
			w.assume(S3, t.Pos(), "The test at %s can also pass because others have set up anew what it looks at. Is the rest of the section right in that case too?", w.line(t.Pos()))
			break
		}
	}
	return true
}

// askBothWays asks in one question what a second look leaves open if it returns, and
// if it goes on; it reports whether both have to be asked.
func (w *Window) askBothWays(what string, reads, closes bool) bool {
	i := slices.IndexFunc(w.recheck.tests, func(t ast.Stmt) bool { return !w.looksForMore(t) })
	if reads || closes || i < 0 || isBroken(S3) || isBroken(S17) {
		return false
	}
	t := w.recheck.tests[i]
	if what != "" {
		what = ", and " + what + " changed"
	}
	w.assume(S17, t.Pos(), "The test at %s is repeated after the call: it can return although the call was made%s, or pass because others have set up anew what it looks at. Is the rest right in both cases?", w.line(t.Pos()), what)
	w.obligations[len(w.obligations)-1].Also = []Condition{S3}
	return true
}

// changedSince names what the section has changed since a test, which stays so if
// the test returns at the second look, and reports whether all of it was counted.
func (w *Window) changedSince(test ast.Stmt) (what string, counted bool) {
	since := w.Pre[slices.Index(w.Pre, test)+1:]
	changes := guardedChanges(w.touches(w.onTheWay(since)...))
	counted = !slices.ContainsFunc(since, func(st ast.Stmt) bool {
		return guardedChanges(w.touches(w.onTheWay([]ast.Stmt{st})...)) != nil && !w.recheck.counts(st)
	})
	return some(touchNames(changes)), counted
}

// closesAll reports whether each operation that does more than read makes what a
// repeated test closes.
func (r *Recheck) closesAll() bool {
	return !slices.ContainsFunc(r.s.Finding.Ops, func(o *patterns.Op) bool {
		return o.Effect != "read" && !slices.ContainsFunc(r.product, func(p product) bool { return within(o.Node, p.value) })
	})
}

// looksForMore reports whether a test returns if something is there that the
// section puts there after the window: an entry, a connection. If it goes on,
// nothing is there, whatever was before, and the first one to put it there is the
// only one.
func (w *Window) looksForMore(test ast.Stmt) bool {
	return w.looksFor(test, func(v *types.Var) bool {
		return slices.ContainsFunc(w.post.touches, func(t *touch) bool {
			return t.class == guardedUse && t.access.Var == v && t.access.Kind.Changes() && w.updateKind(t) != merge
		})
	})
}

// looksFor reports whether a test returns if what a variable of a kind holds is
// there.
func (w *Window) looksFor(test ast.Stmt, is func(*types.Var) bool) bool {
	ifs, ok := test.(*ast.IfStmt)
	if !ok || ifs.Else != nil || !returnsLast(ifs.Body) {
		return false
	}
	from := func(t *touch) bool { return is(t.access.Var) }
	return slices.ContainsFunc(conjuncts(ifs.Cond), func(e ast.Expr) bool {
		of := w.presenceOf(e)
		if of == nil {
			return false
		}
		if slices.ContainsFunc(w.touches(of).touches, from) {
			return true
		}
		id, ok := ast.Unparen(of).(*ast.Ident)
		return ok && slices.ContainsFunc(w.derived[varOf(w.Info, id)], from)
	})
}

// conjuncts lists the parts of a condition that all have to hold.
func conjuncts(e ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.LAND {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []ast.Expr{ast.Unparen(e)}
}

// presenceOf returns what a condition finds to be there: x in x != nil, or the
// second result of a look-up; nil if it does not look for presence.
func (w *Window) presenceOf(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.NEQ && w.isNil(e.Y) {
			return e.X
		}
	case *ast.Ident:
		if v := varOf(w.Info, e); v != nil && isBool(v.Type()) && !v.IsField() && !isGlobal(v) {
			return e
		}
	}
	return nil
}

// onlyAdds reports whether all that the section does with guarded state after the
// window adds to it, whatever it was: it counts, or takes an element out of a map.
// No test need hold for that, unless it looked at the very same variable.
func (w *Window) onlyAdds() bool {
	tested := make(map[*types.Var]bool)
	for _, t := range w.pre.touches {
		tested[t.access.Var] = true
	}
	for _, t := range w.tests {
		for _, u := range w.touches(t.cond).touches {
			tested[u.access.Var] = true
		}
	}
	for _, from := range w.derived {
		for _, t := range from {
			tested[t.access.Var] = true
		}
	}
	for _, t := range w.post.touches {
		if t.class != guardedUse {
			continue
		}
		v := t.access.Var
		if tested[v] || !t.access.Kind.Changes() || w.updateKind(t) != merge || w.addsReference(t) {
			return false
		}
	}
	return w.post.guardedChange() != nil
}

// addsReference reports whether a change keeps something that must perhaps be
// ended later, and that a test may have been there to keep out.
func (w *Window) addsReference(t *touch) bool {
	switch u := t.access.Var.Type().Underlying().(type) {
	case *types.Slice:
		return refsOf(u.Elem(), 0) != noRefs
	}
	return false
}

// onlyNames reports whether a statement after the window uses a variable, a plain
// value, only to say which element of a map is counted, set or taken out.
func (w *Window) onlyNames(v *types.Var, st ast.Stmt) bool {
	if refsOf(v.Type(), 0) != noRefs {
		return false
	}
	named := make(map[*ast.Ident]bool)
	key := func(m, k ast.Expr) { // of an element that is counted, set or taken out
		t := w.touches(m).guarded()
		_, isMap := w.Info.TypeOf(m).Underlying().(*types.Map)
		if t == nil || !isMap || slices.ContainsFunc(w.pre.touches, func(p *touch) bool { return p.access.Var == t.access.Var && p.access.Kind == patterns.Write }) {
			return // or the map was made before, and may be gone
		}
		ast.Inspect(k, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				named[id] = true
			}
			return true
		})
	}
	inspectOuter(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			if ix, ok := ast.Unparen(n.X).(*ast.IndexExpr); ok {
				key(ix.X, ix.Index)
			}
		case *ast.AssignStmt:
			if ix, ok := ast.Unparen(n.Lhs[0]).(*ast.IndexExpr); ok && len(n.Lhs) == 1 {
				key(ix.X, ix.Index)
			}
		case *ast.CallExpr:
			if patterns.BuiltinOf(w.Info, n) == "delete" {
				key(n.Args[0], n.Args[1])
			}
		}
		return true
	})
	only := true
	ast.Inspect(st, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && w.Info.Uses[id] == types.Object(v) {
			only = only && named[id]
		}
		return only
	})
	return only
}
