package placement

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// PlaceDetached finds the cheapest placement in which what is in the variables is taken
// out of them before the lock is released.
func PlaceDetached(s *site.Site) (*Placement, *safety.Refusal) {
	p, r := Place(s, "drain")
	if r != nil {
		return nil, r
	}
	d := s.Detach.Stmts[0]
	several := safety.Refuse(safety.S17, "several-paths", d.Pos(), "%s would have to be emptied on several paths", s.Detach.Paths[0])
	var at []*Release
	for _, r := range p.Releases {
		if p.takesDetached(r) {
			at = append(at, r)
		}
	}
	switch {
	case len(at) == 0:
		return nil, safety.Inapplicable(d.Pos(), "the wait does not need what is in %s", s.Detach.Paths[0])
	case len(at) > 1 || at[0].At.Pos() > d.Pos() || s.Detach.Code != "" && at[0].At.Pos() > s.Detach.In.Pos():
		return nil, several
	}
	list := s.ListOf(at[0].At)
	if !slices.Contains(list, d) && (s.Detach.In == nil || !slices.Contains(list, s.Detach.In)) {
		return nil, several
	}
	return p, nil
}

// takesDetached reports whether values of variables that are emptied are taken out
// before a release.
func (p *Placement) takesDetached(r *Release) bool {
	return slices.ContainsFunc(r.Values, func(x extract.Extraction) bool { return p.Detach.Empties(x.Path) })
}

// detachOps empties the variables at the release before which what was in them is
// taken out.
func (p *Placement) detachOps(r *Release) []tree.Op {
	if !p.takesDetached(r) {
		return nil
	}
	if p.Detach.Code != "" {
		return p.emptyLoop(r)
	}
	var ops []tree.Op
	for _, st := range p.Detach.Stmts {
		as := st.(*ast.AssignStmt)
		for i, e := range as.Rhs {
			path, _ := patterns.PathOf(p.Info, as.Lhs[i])
			took := slices.ContainsFunc(r.Values, func(x extract.Extraction) bool { return x.Path.String() == path.String() })
			if _, ok := e.(*ast.SliceExpr); ok && took {
				ops = append(ops, tree.ReplaceExpr{Expr: e, Code: "nil"})
			}
		}
	}
	return append([]tree.Op{tree.MoveBefore{Stmts: p.Detach.Stmts, To: r.At, Space: tree.Space{Before: tree.None}}}, ops...)
}

// emptyLoop empties the map that a loop has emptied, and leaves that to nobody else.
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
