// Package rewrite plans and applies the fixes for findings. Shapes propose plans, each
// with the conditions that it proves or assumes; a plan is applied to a copy and
// verified before anybody sees it.
package rewrite

import (
	"cmp"
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/layout"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A Proposal is what the shapes offer for one finding.
type Proposal struct {
	Finding  *finding.Finding
	Plans    []*plan.Plan      // best first: fewest assumptions, then the order of the shapes
	Refusals []*safety.Refusal // one for each shape without a plan, in the order of the shapes
}

// Propose asks every shape for a plan. Plans are not verified yet.
func Propose(x *patterns.Program, f *finding.Finding, shapes []shapes.Shape) Proposal {
	p := Proposal{Finding: f}
	site, refusal := layout.New(x, f)
	for _, s := range shapes {
		if refusal == nil && site.FormRefusal != nil && !s.AnyForm {
			r := *site.FormRefusal
			r.Shape = s.Name
			p.Refusals = append(p.Refusals, &r)
			continue
		}
		if refusal != nil {
			r := *refusal
			r.Shape = s.Name
			p.Refusals = append(p.Refusals, &r)
			continue
		}
		*site.Imports = nil
		site.Forget()
		r := layout.RefuseCondWaits(site)
		var made *plan.Plan
		if r == nil || s.CondWaits {
			made, r = s.Propose(site)
		}
		if r != nil {
			of := *r // it may be the one that other shapes refuse with
			of.Shape = s.Name
			p.Refusals = append(p.Refusals, &of)
			continue
		}
		made.Shape, made.Finding = s.Name, f
		made.Imports = append(made.Imports, *site.Imports...)
		if r = complete(site, made); r != nil {
			r.Shape = s.Name
			p.Refusals = append(p.Refusals, r)
			continue
		}
		made.InCallee = s.InCallee
		made.OnRequest = made.OnRequest || s.OnRequest || len(made.Assumptions()) > plan.MostQuestions
		p.Plans = append(p.Plans, made)
	}
	slices.SortStableFunc(p.Plans, comparePlans)
	return p
}

// comparePlans orders plans: those that need not be asked for first, then those in which
// no function releases a lock that its caller holds, then those with the fewest
// assumptions. A module that go.mod must require counts as one more.
func comparePlans(a, b *plan.Plan) int {
	last := map[bool]int{true: 1, false: -1}
	switch {
	case a.OnRequest != b.OnRequest:
		return last[a.OnRequest]
	case a.InCallee != b.InCallee:
		return last[a.InCallee]
	}
	return cmp.Compare(len(a.Assumptions())+len(a.Requires), len(b.Assumptions())+len(b.Requires))
}

// complete puts the obligations of a plan in order. It refuses the plan if one of
// the conditions has no answer: what nobody has looked at is not proved. Nor may it
// change a function in which something is unknown, or need a module that cannot be had.
func complete(s *site.Site, p *plan.Plan) *safety.Refusal {
	for _, script := range p.Scripts() {
		if d, ok := script.Decl.(*ast.FuncDecl); ok {
			if r := layout.RefuseUnknown(s.Pkg, d); r != nil {
				return r
			}
		}
	}
	if r := p.Require(); r != nil {
		return r
	}
	for _, check := range conditions.OfPlans {
		if r := check.Prove(s, p); r != nil {
			return r
		}
	}
	for _, c := range safety.Conditions() {
		if !safety.SiteBroken() && !slices.ContainsFunc(p.Obligations, func(o safety.Obligation) bool { return o.Answers(c) }) {
			return safety.Refuse(c, "unanswered", s.Section.Pos(), "nothing is known about this condition for the rewrite")
		}
	}
	p.Obligations = conditions.MergeQuestions(s, p.Obligations)
	slices.SortStableFunc(p.Obligations, func(a, b safety.Obligation) int { return cmp.Compare(a.Condition.Order(), b.Condition.Order()) })
	return nil
}
