package stale

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askClones asks whether a copy may be out of date: S3.
func askClones(w *move.Window) {
	for _, x := range w.Clones() {
		meanwhile := "can change meanwhile"
		if at := behaviour.StorageChange(w.Site, x.Path.Last()); at != nil {
			meanwhile += " (" + w.Line(at.Pos()) + ")"
		}
		if at := readAgain(w, x); at != nil {
			meanwhile += " and is used again at " + w.Line(at.Access.Pos())
		}
		if !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool { return w.InLoop(e) }) {
			w.Assume(safety.S3, x.Uses[0].Pos(), "The call gets a copy of %s, which %s. Is a call with the old elements fine?", x, meanwhile)
			continue
		}
		if names := readAfterLoop(w, x); len(names) > 0 {
			meanwhile += ", and " + syntax.JoinNames(names) + " " + syntax.IsOrAre(len(names)) + " read after it"
		}
		loop := fmt.Sprintf("The loop now runs over a copy of %s, which %s", x, meanwhile)
		sees := safety.SeesRemoved
		if v := x.Path.Last(); w.AppendOnly(v) && guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return !syntax.Appends(a) }) == nil {
			sees = safety.MissesAdded
		}
		w.Ask(safety.CopyMeets, loop, safety.S3, x.Uses[0].Pos(), "%s. Is it fine if it %s?", loop, sees)
	}
}

// readAfterLoop lists what the section reads, after a loop over a copy, of other variables that
// others change: it may come from a later update than the copy.
func readAfterLoop(w *move.Window, x extract.Extraction) (names []string) {
	loop := w.LoopAround(x.Uses[0])
	add := func(name string, v *types.Var, at token.Pos) {
		if loop != nil && at > loop.End() && v != x.Path.Last() && !slices.Contains(names, name) && changedByOthers(w, v) != nil {
			names = append(names, name)
		}
	}
	for _, y := range w.Values {
		if y.Before != nil && !y.Cloned && len(y.Sources()) > 0 {
			add(y.String(), y.Sources()[0], y.Before.Pos())
		}
	}
	for _, t := range w.PostTouches.List {
		counts := slices.ContainsFunc(w.PostTouches.List, func(u *site.Touch) bool { return u != t && u.Access.Node == t.Access.Node })
		if t.Class == site.GuardedUse && t.Via == nil && t.Access.Kind == guards.Read && !counts {
			add(t.Name(), t.Access.Var, t.Access.Pos())
		}
	}
	return names
}

// readAgain returns the first use after the window of what a copy was made of, which may then be
// something else; or nil.
//
//	s.all = sent == len(s.peers) // after a loop through a copy of s.peers
func readAgain(w *move.Window, x extract.Extraction) *site.Touch {
	v := readAfter(w, x)
	i := slices.IndexFunc(w.PostTouches.List, func(t *site.Touch) bool {
		return t.Access.Var == v && t.Via == nil && t.Access.Kind == guards.Read
	})
	if v == nil || i < 0 {
		return nil
	}
	return w.PostTouches.List[i]
}

// proveStillThere looks at an entry that is found by a key from a copy: it may be another
// one by then, or gone. To delete it loses what others add to it in the meantime.
func proveStillThere(w *move.Window, v *types.Var, st ast.Stmt) *safety.Refusal {
	var refusal *safety.Refusal
	syntax.InspectOuter(st, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, l := range as.Lhs {
			ix, ok := ast.Unparen(l).(*ast.IndexExpr)
			if ok && syntax.Mentions(w.Info, ix.Index, v) && behaviour.Touches(w.Site, ix.X).Guarded() != nil {
				w.Ask(safety.CopySets, v.Name(), safety.S3, l.Pos(), "%s comes from a copy of %s. Is it fine to set its entry if it has been removed meanwhile?", v.Name(), types.ExprString(ix.X))
			}
		}
		return true
	})
	syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
		if patterns.BuiltinOf(w.Info, c) == "delete" && !w.ComparesEntry(c) && syntax.Mentions(w.Info, c.Args[1], v) {
			if at := addsToEntry(w, c.Args[0]); at != nil && refusal == nil {
				refusal = safety.Refuse(safety.S4, "added-meanwhile", c.Pos(), "what is added to an entry of %s at %s during the call is deleted with it", types.ExprString(c.Args[0]), w.Line(at.Pos()))
			}
			w.Ask(safety.CopyDeletes, v.Name(), safety.S3, c.Pos(), "%s comes from a copy of %s. Is it certain that this does not delete a newer entry?", v.Name(), types.ExprString(c.Args[0]))
		}
	})
	return refusal
}

// addsToEntry returns where another section makes a new value of an entry of a map from
// the old one: m[k]++, m[k] += n, m[k] = append(m[k], e). It returns nil if none does.
func addsToEntry(w *move.Window, m ast.Expr) *guards.Access {
	p, ok := patterns.PathOf(w.Info, m)
	if !ok {
		return nil
	}
	v := p.Last()
	return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		return w.OfOthers(a) && a.Unit.Body != nil && syntax.FirstOuter(a.Unit.Body, func(st ast.Stmt) *ast.Stmt {
			if entry := addedTo(a.Unit.Pkg.Info, st); entry != nil && syntax.Within(a.Node, entry.X) {
				return &st
			}
			return nil
		}) != nil
	})
}

// addedTo returns the entry that a statement changes by what it is, or nil.
func addedTo(info *types.Info, st ast.Stmt) *ast.IndexExpr {
	var to ast.Expr
	switch st := st.(type) {
	case *ast.IncDecStmt:
		to = st.X
	case *ast.AssignStmt:
		if len(st.Lhs) != 1 || len(st.Rhs) != 1 {
			return nil
		}
		appended := syntax.CallOf(ast.Unparen(st.Rhs[0]))
		if st.Tok != token.ASSIGN || patterns.BuiltinOf(info, appended) == "append" && types.ExprString(appended.Args[0]) == types.ExprString(st.Lhs[0]) {
			to = st.Lhs[0]
		}
	}
	entry, _ := ast.Unparen(to).(*ast.IndexExpr)
	if to == nil || entry == nil || !syntax.IsMapType(info.TypeOf(entry.X)) {
		return nil
	}
	return entry
}
