package shapes

import (
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// placed plans a section by the cheapest placement of its lock anywhere in the
// function, if that is the named shape; else it refuses with what is given.
func placed(s *rewrite.Site, name string, otherwise *rewrite.Refusal) (*rewrite.Plan, *rewrite.Refusal) {
	p, refusal := s.Place()
	if refusal != nil || p.Name() != name {
		return nil, otherwise
	}
	if refusal := p.Prove(); refusal != nil {
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
