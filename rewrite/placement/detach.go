package placement

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move/detach"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// PlaceDetached finds the cheapest placement that takes out the contents of the variables before
// it releases the lock.
func PlaceDetached(s *site.Site) (*Placement, *safety.Refusal) {
	p, r := Place(s, "drain")
	if r != nil {
		return nil, r
	}
	return p, p.Empty()
}

// Empty finds the release before which the variables are emptied, and refuses if there is not
// exactly one.
func (p *Placement) Empty() *safety.Refusal {
	s := p.Site
	d := s.Detach.Stmts[0]
	several := safety.Refuse(safety.S17, "several-paths", d.Pos(), "%s would have to be emptied on several paths", s.Detach)
	var at []*Release
	for i, r := range p.Releases {
		if p.takesDetached(r) || s.Detach.MadeOf && i == 0 {
			at = append(at, r)
		}
	}
	switch {
	case len(at) == 0:
		return safety.Inapplicable(d.Pos(), "the wait does not need what is in %s", s.Detach)
	case len(at) > 1 || p.resetForOthers(at[0]) || at[0].At.Pos() > d.Pos() || s.Detach.Code != "" && at[0].At.Pos() > s.Detach.In.Pos():
		return several
	}
	list := s.ListOf(at[0].At)
	if at[0].After || !slices.Contains(list, d) && (s.Detach.In == nil || !slices.Contains(list, s.Detach.In)) {
		return several
	}
	p.empties = at[0]
	p.keepForLater(at[0])
	return nil
}

// resetForOthers reports whether a release other than the first one extracts a value of a
// variable that is reset before.
func (p *Placement) resetForOthers(first *Release) bool {
	reset := func(x extract.Extraction) bool {
		return slices.ContainsFunc(p.Detach.Stmts, func(st ast.Stmt) bool {
			as, ok := st.(*ast.AssignStmt)
			return ok && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
				path, ok := patterns.PathOf(p.Info, l)
				return ok && x.Reads(path.Last())
			})
		})
	}
	return slices.ContainsFunc(p.Releases, func(r *Release) bool { return r != first && slices.ContainsFunc(r.Values, reset) })
}

// keepForLater also extracts what the section uses of the variables after the wait, before it
// empties them: s.sent += len(s.batch) counts what was sent. The same goes for plain values that
// others set along with the variables: s.uptime += time.Since(s.started).
func (p *Placement) keepForLater(r *Release) {
	uses := slices.DeleteFunc(extract.Extractions(p.Window.Site, p.Post), func(x extract.Extraction) bool {
		return x.Part || !p.Detach.Empties(x.Path) && !p.goesWithDetached(x.Path.Last())
	})
	later := func(t *site.Touch) bool {
		return t.Via == nil && t.Access.Kind == guards.Read && extract.InValues(uses, t.Access)
	}
	if slices.ContainsFunc(p.PostTouches.List, func(t *site.Touch) bool { return p.Detached(t.Access.Var) && !later(t) }) {
		return // the conditions refuse it
	}
	r.take(uses)
	p.PostTouches = &site.Touches{List: slices.DeleteFunc(slices.Clone(p.PostTouches.List), later), Unknown: p.PostTouches.Unknown}
}

// goesWithDetached reports whether another function sets a plain variable as well as one that is
// emptied, and the section does not change it.
func (p *Placement) goesWithDetached(v *types.Var) bool {
	if syntax.RefsOf(v.Type(), 0) != syntax.NoRefs || p.Detach.Sets(p.Info, v) || slices.ContainsFunc(behaviour.Touches(p.Site, syntax.StmtNodes(p.Body)...).List, func(t *site.Touch) bool { return t.Access.Var == v && t.Access.Kind.Changes() }) {
		return false
	}
	return slices.ContainsFunc(p.Detach.Paths, func(path patterns.Path) bool {
		g := path.Last()
		return guards.SharingOf(p.Program, p.PackageOf(g), g).Changed(func(a *guards.Access) bool {
			return p.OfOthers(a) && guards.SharingOf(p.Program, p.PackageOf(v), v).Changed(func(b *guards.Access) bool { return b.Unit == a.Unit }) != nil
		}) != nil
	})
}

// takesDetached reports whether values of emptied variables are extracted before a release.
func (p *Placement) takesDetached(r *Release) bool {
	return slices.ContainsFunc(r.Values, func(x extract.Extraction) bool { return p.Detach.Empties(x.Path) })
}

// detachOps returns the operations that empty the variables, at the release before which this
// must happen.
func (p *Placement) detachOps(r *Release) []tree.Op {
	if p.Detach == nil || r != p.empties {
		return nil
	}
	if p.Detach.Code != "" {
		return p.emptyLoop(r)
	}
	var ops []tree.Op
	if len(p.Detach.PutBack) > 0 && p.Detach.Back == "" && p.Detach.Kept == nil && !p.takesDetached(r) {
		ops = append(ops, tree.InsertBefore{Stmt: r.At, Code: detach.KeptName(p.Site, nil) + " := " + p.Source(p.Detach.Stmts[0].(*ast.AssignStmt).Lhs[0])})
	}
	ops = append(ops, tree.MoveBefore{Stmts: p.Detach.Stmts, To: r.At, Space: tree.Space{Before: tree.None}})
	for _, st := range p.Detach.Stmts {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue // the deletion of a map entry
		}
		for _, e := range as.Rhs {
			if _, ok := e.(*ast.SliceExpr); ok && detach.TookWhole(p.Site, r.Values) {
				ops = append(ops, tree.ReplaceExpr{Expr: e, Code: "nil"})
			}
		}
	}
	for _, st := range p.Detach.Again {
		ops = append(ops, tree.Remove{Stmt: st})
	}
	return ops
}

// DetachOps returns all operations that empty variables or put back what was taken out of them.
func (p *Placement) DetachOps() []tree.Op {
	if p.Detach == nil {
		return nil
	}
	ops := p.detachOps(p.empties)
	for _, st := range p.Steps {
		ops = append(ops, p.putBackOps(st.node)...)
	}
	return ops
}

// putBackOps returns the operations that put back what was taken out before a return.
func (p *Placement) putBackOps(st ast.Stmt) []tree.Op {
	if !p.Detach.PutsBack(st) {
		return nil
	}
	list := p.ListOf(st)
	if i := slices.Index(list, st); i > 0 && p.IsRelease(list[i-1]) {
		st = list[i-1]
	}
	return []tree.Op{tree.InsertBefore{Stmt: st, Code: detach.PutBackCode(p.Site, detach.KeptName(p.Site, p.empties.Values))}}
}

// emptyLoop returns the operations that replace the map before a loop over it, and remove the
// deletion from the loop.
func (p *Placement) emptyLoop(r *Release) []tree.Op {
	loop, deletes := p.Detach.In.(*ast.RangeStmt), p.Detach.Stmts[0]
	ops := []tree.Op{tree.InsertBefore{Stmt: r.At, Code: p.Detach.Code}, tree.Remove{Stmt: deletes}}
	used := slices.ContainsFunc(loop.Body.List, func(st ast.Stmt) bool {
		return st != deletes && syntax.Mentions(p.Info, st, syntax.VarOf(p.Info, loop.Key.(*ast.Ident)))
	})
	if !used {
		ops = append(ops, tree.ReplaceExpr{Expr: loop.Key, Code: "_"})
	}
	return ops
}
