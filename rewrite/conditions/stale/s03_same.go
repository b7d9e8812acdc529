package stale

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askSame asks about an entry that is deleted after the call only if it is still the same:
// what the section does along with that is left out otherwise. In loops over copies, what
// everybody changes who deletes an entry goes without saying.
func askSame(w *move.Window) {
	for _, e := range w.Same {
		calls := callsAlong(w, e)
		if e.Found == nil {
			if what := syntax.JoinNames(append(site.TouchNames(notByOthers(w, e)), calls...)); what != "" {
				w.Ask(safety.CopySkips, what, safety.S3, e.Map.Pos(), "For an entry of %s that others remove during the call, the section now leaves out %s. Is that right?", types.ExprString(e.Map), what)
			}
			continue
		}
		leaves := "leaves " + syntax.JoinNames(site.TouchNames(changesAlong(w, e))) + " alone"
		if len(calls) > 0 {
			leaves += " and does not call " + syntax.JoinNames(calls)
		}
		w.Assume(safety.S3, e.Found.Pos(), "If others remove or replace the entry of %s from %s during the call, the section %s. Is that right, and is it fine to make the call even then?", types.ExprString(e.Map), w.Line(e.Found.Pos()), leaves)
	}
}

// changesAlong lists the guarded changes that are made only if an entry is still the same.
func changesAlong(w *move.Window, e *move.SameEntry) []*site.Touch {
	return behaviour.GuardedChanges(behaviour.Touches(w.Site, syntax.StmtNodes(e.Stmts)...))
}

// notByOthers lists what is changed along with a deletion, and not in each other function that
// deletes from the map.
func notByOthers(w *move.Window, e *move.SameEntry) []*site.Touch {
	p, _ := patterns.PathOf(w.Info, e.Map)
	deletes := slices.DeleteFunc(slices.Clone(guards.SharingOf(w.Program, w.PackageOf(p.Last()), p.Last()).Accesses), func(a *guards.Access) bool {
		return !w.OfOthers(a) || !syntax.Deletes(a)
	})
	return slices.DeleteFunc(changesAlong(w, e), func(t *site.Touch) bool {
		changed := func(a *guards.Access) bool {
			return slices.ContainsFunc(guards.AccessesIn(a.Unit, a.Unit.Body), func(o *guards.Access) bool { return o.Var == t.Access.Var && o.Kind.Changes() })
		}
		return t.Access.Var == p.Last() || !slices.ContainsFunc(deletes, func(a *guards.Access) bool { return !changed(a) })
	})
}

// callsAlong lists the calls with an effect that are made along with a deletion. The built-in
// functions are changes of what they are given.
func callsAlong(w *move.Window, e *move.SameEntry) (names []string) {
	for _, st := range e.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
			if patterns.BuiltinOf(w.Info, c) == "" && !w.Logs(c) && behaviour.Effectful(w.Site, w.Unit, c) {
				names = append(names, syntax.CallName(c))
			}
		})
	}
	return names
}
