package shapes

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// placed plans a section by the cheapest placement of its lock anywhere in the
// function, if that is the named shape. If that asks much, or is not right, what is no
// wait stays under the lock, where that asks less.
func placed(s *site.Site, name string) (*plan.Plan, *safety.Refusal) {
	at, refusal := placement.Place(s, name)
	wide, refusal := planAs(s, name, at, refusal)
	if st := endsShared(s, refusal); st != nil {
		t := *s
		t.UnderLock = append(slices.Clone(s.UnderLock), st)
		s = &t
		at, r := placement.Place(s, name)
		if kept, r := planAs(s, name, at, r); r == nil {
			wide, refusal = kept, nil
		}
	}
	if refusal != nil && !refusal.Tried || wide != nil && len(wide.Assumptions()) <= fewQuestions {
		return wide, refusal
	}
	at, r := placement.PlaceNarrow(s)
	narrow, _ := planAs(s, name, at, r)
	if narrow != nil && (wide == nil || len(narrow.Assumptions()) < len(wide.Assumptions())) {
		return narrow, nil
	}
	return wide, refusal
}

// endsShared returns the statement by which a window ends the life of what other sections
// use, if that is why it is refused, and the statement does not wait itself; nil otherwise.
// Under the lock it may stay as it is.
func endsShared(s *site.Site, r *safety.Refusal) ast.Stmt {
	if r == nil || r.Rule != "closed-unlocked" {
		return nil
	}
	var found ast.Stmt
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		if st, ok := n.(*ast.ExprStmt); ok && st.Pos() <= r.Pos && r.Pos < st.End() && !s.Waits(st) {
			found = st
		}
		return found == nil
	})
	return found
}

// fewQuestions is how many questions a reader is asked without another plan being tried.
const fewQuestions = 2

// planAs plans a placement, if there is one and it is that of the named shape.
func planAs(s *site.Site, name string, p *placement.Placement, refusal *safety.Refusal) (*plan.Plan, *safety.Refusal) {
	switch {
	case refusal != nil:
		return nil, refusal
	case p.Name() != name:
		return nil, p.RefuseAs(name)
	}
	return planOf(s, p)
}

// planOf proves a placement, and plans to carry it out.
func planOf(s *site.Site, p *placement.Placement) (*plan.Plan, *safety.Refusal) {
	if refusal := p.Prove(); refusal != nil {
		return nil, refusal
	}
	if refusal := p.CanClone(); refusal != nil {
		return nil, refusal
	}
	ops, refusal := p.Ops()
	if refusal != nil {
		return nil, refusal
	}
	var taken []*types.Var
	if p.Site.Detach != nil {
		for _, path := range p.Site.Detach.Paths {
			taken = append(taken, path.Last())
		}
	}
	return &plan.Plan{
		Title:       p.Describe(plan.Subject(s.Finding)),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Stays:       p.Stays(),
		TakesOut:    taken,
		Obligations: p.Obligations(),
	}, nil
}
