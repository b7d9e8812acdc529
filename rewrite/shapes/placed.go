package shapes

import (
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// placed plans a section by the cheapest placement of its lock anywhere in the
// function, if that is the named shape.
func placed(s *rewrite.Site, name string) (*rewrite.Plan, *rewrite.Refusal) {
	p, refusal := s.Place(name)
	if refusal != nil {
		return nil, refusal
	}
	if p.Name() != name {
		return nil, p.RefuseAs(name)
	}
	return planOf(s, p)
}

// planOf proves a placement, and plans to carry it out.
func planOf(s *rewrite.Site, p *rewrite.Placement) (*rewrite.Plan, *rewrite.Refusal) {
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
	return &rewrite.Plan{
		Title:       p.Describe(subject(s.Finding)),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Stays:       p.Stays(),
		Obligations: p.Obligations(),
	}, nil
}
