package stale

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// notesOutcomes reports whether the section takes the lock in several places after the wait, each
// time only to note in variables of their own how a call has ended: in a map by key, in a count.
// A test cannot be made again in all of them, and what is noted there holds nothing that would
// have to be ended.
//
//	to, ok := s.addresses[name]
//	if !ok {
//		return errUnknown
//	}
//	if err := send(to); err != nil {
//		s.errs[name] = err
//		return err
//	}
//	delete(s.errs, name)
func notesOutcomes(w *move.Window) bool {
	tested := decidedOn(w)
	places, notes := make(map[ast.Node]bool), false
	for _, t := range w.PostTouches.List {
		v := t.Access.Var
		switch {
		case t.Class != site.GuardedUse:
			continue
		case t.Via != nil || tested[v] || !t.Access.Kind.Changes():
			return false
		case w.UpdateKind(t) == move.Merge && !addsReference(w, t):
		case notesIn(w, t.Access):
			notes = true
		default:
			return false
		}
		places[listAround(w, t.Access.Node)] = true
	}
	return notes && len(places) > 1
}

// decidedOn lists the guarded variables that the section's tests look at before the wait.
func decidedOn(w *move.Window) map[*types.Var]bool {
	tested := make(map[*types.Var]bool)
	for _, st := range append(slices.Clone(w.Deciding()), w.Testing()...) {
		cond := w.GuardedExit([]ast.Stmt{st})
		if cond == nil {
			continue
		}
		for _, t := range behaviour.Touches(w.Site, cond).List {
			tested[t.Access.Var] = true
		}
		for v, from := range w.Derived {
			for _, t := range from {
				tested[t.Access.Var] = tested[t.Access.Var] || syntax.Mentions(w.Info, cond, v)
			}
		}
	}
	return tested
}

// notesIn reports whether a change sets or deletes an entry of a map whose values refer to
// nothing, errors apart, and are no flags.
func notesIn(w *move.Window, a *guards.Access) bool {
	m, ok := a.Var.Type().Underlying().(*types.Map)
	if !ok || a.Alias || a.Kind != guards.Content || syntax.RefsOf(m.Elem(), 0) != syntax.NoRefs || syntax.IsBool(m.Elem()) {
		return false
	}
	for n := w.Parents[a.Node]; n != nil; n = w.Parents[n] {
		switch n := n.(type) {
		case *ast.SelectorExpr, *ast.ParenExpr:
			continue
		case *ast.IndexExpr:
			as, ok := w.Parents[n].(*ast.AssignStmt)
			return ok && as.Tok == token.ASSIGN && slices.Contains(as.Lhs, ast.Expr(n))
		case *ast.CallExpr:
			return patterns.BuiltinOf(w.Info, n) == "delete"
		}
		return false
	}
	return false
}

// listAround returns the list of statements that a node stands in.
func listAround(w *move.Window, n ast.Node) ast.Node {
	for ; n != nil; n = w.Parents[n] {
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			return n
		}
	}
	return nil
}
