package shapes

import (
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes/secondlock"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// placed plans a section by the cheapest placement of its lock anywhere in the
// function, if that is the named shape.
func placed(s *site.Site, name string) (*plan.Plan, *safety.Refusal) {
	return repaired(s, ofPlacement, func(s *site.Site) (*plan.Plan, *safety.Refusal) {
		p, refusal := placement.Place(s, name)
		return planAs(s, name, p, refusal)
	})
}

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
	made := &plan.Plan{
		Title:       p.Describe(plan.Subject(s.Finding)),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Stays:       p.Stays(),
		Unlocked:    p.Unlocked(),
		TakesOut:    takenOut(p),
		Obligations: p.Obligations(),
		OnRequest:   p.Clumsy(),
	}
	if p.Site.Second != nil {
		if refusal := secondlock.Add(p.Site, made); refusal != nil {
			return nil, refusal
		}
	}
	return made, nil
}

// takenOut lists the variables whose value the section takes out before the wait: what the
// placement detaches, and what the section itself moves to a local variable.
func takenOut(p *placement.Placement) []*types.Var {
	var out []*types.Var
	if p.Site.Detach != nil {
		for _, path := range p.Site.Detach.Paths {
			out = append(out, path.Last())
		}
	}
	for _, v := range p.GuardedValues() {
		if v.Taken && len(v.From) == 1 && types.Identical(v.From[0].Type(), v.Typ) {
			out = append(out, v.From[0])
		}
	}
	return out
}
