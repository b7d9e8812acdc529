package shapes

import (
	"slices"

	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A Repair is another way to plan the same shape, for a plan that asks much or breaks a
// condition:
//
//	var Keep = Repair{
//		Name:    "keep",
//		Doc:     "leave a call under the lock that closes what other sections use",
//		Example: "split/false_facts",
//		In:      ofPlacement,
//		Vary: func(s *site.Site, p *plan.Plan, r *safety.Refusal) *site.Site {
//			if r == nil || r.Rule != "closed-unlocked" {
//				return nil // it would be of no use
//			}
//			t := *s
//			t.UnderLock = append(slices.Clone(s.UnderLock), statementAt(s, r.Pos))
//			return &t
//		},
//	}
//
// It is taken if there is no other plan or its plan has fewer questions, and if that still is
// of the shape: one that copies, for example, is no hoist but a snapshot. What a plan may do
// otherwise are fields of the site (go doc ./rewrite/site Site), from Stay to Explicit.
type Repair struct {
	Name    string
	Doc     string // what it does otherwise, and what it is for
	Example string // a case in testdata/rewrite that is planned so: "hoist/second_file"

	// In says what it does otherwise: where the lock is released and taken, or what the
	// shape makes of that.
	In stage

	// Vary returns the site as the shape is to see it, or nil where that is of no use. The
	// shape has given a plan, or a refusal.
	Vary func(*site.Site, *plan.Plan, *safety.Refusal) *site.Site
}

type stage byte

const (
	ofPlacement stage = iota
	ofShape
)

// Repairs lists the repairs in the order in which they are tried.
func Repairs() []Repair { return []Repair{Keep, Narrow, Early, Earlier, Second} }

// Propose asks the shape for a plan, and repairs it where one can.
func (s Shape) Propose(at *site.Site) (*plan.Plan, *safety.Refusal) {
	return repaired(at, ofShape, s.Plan)
}

// repaired plans a site, and plans it with each repair of the stage that may be of use.
func repaired(s *site.Site, in stage, planned func(*site.Site) (*plan.Plan, *safety.Refusal)) (*plan.Plan, *safety.Refusal) {
	best, refusal := planned(s)
	for _, r := range Repairs() {
		if r.In != in {
			continue
		}
		t := r.Vary(s, best, refusal)
		if t == nil {
			continue
		}
		imports := slices.Clone(*s.Imports)
		*s.Imports = nil
		if p, _ := planned(t); p != nil && (best == nil || len(p.Assumptions()) < len(best.Assumptions())) {
			best, refusal = p, nil
			best.Repair = r.Name
			continue
		}
		*s.Imports = imports
	}
	return best, refusal
}
