package shapes

import (
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// placed plans a section by the cheapest placement of its lock anywhere in the
// function, if that is the named shape.
func placed(s *site.Site, name string) (*plan.Plan, *safety.Refusal) {
	return fewest(s, func(s *site.Site, place placing) (*plan.Plan, *safety.Refusal) {
		p, refusal := place(s, name)
		if refusal != nil {
			return nil, refusal
		}
		if p.Name() != name {
			return nil, p.RefuseAs(name)
		}
		return planOf(s, p)
	})
}

// placing finds a placement of the lock for the named shape.
type placing = func(s *site.Site, name string) (*placement.Placement, *safety.Refusal)

// fewest makes a plan by the cheapest placement of the lock. If that asks much, or is
// not right, what is no wait stays under the lock, where that asks less.
func fewest(s *site.Site, made func(*site.Site, placing) (*plan.Plan, *safety.Refusal)) (*plan.Plan, *safety.Refusal) {
	p, refusal := made(s, placement.Place)
	if refusal != nil && !refusal.Tried || p != nil && len(p.Assumptions()) <= fewQuestions {
		return p, refusal
	}
	narrow, _ := made(s, placement.PlaceNarrow)
	if narrow != nil && (p == nil || len(narrow.Assumptions()) < len(p.Assumptions())) {
		return narrow, nil
	}
	return p, refusal
}

// fewQuestions is how many questions a reader is asked without another plan being tried.
const fewQuestions = 2

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
