// Package rewrite puts findings right: shapes propose plans for them, each
// with the conditions that it proves, assumes or finds broken; a plan is
// carried out on a copy and verified before anybody sees it.
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
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Proposal is what the shapes say to one finding.
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
			made, r = planBy(s, site)
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

// planBy asks the shape for a plan. Where something may panic under a lock that is
// released explicitly, it also asks for one that releases the lock earlier, and
// takes that if it leaves fewer questions.
func planBy(s shapes.Shape, site *site.Site) (*plan.Plan, *safety.Refusal) {
	plan, refusal := s.Plan(site)
	if refusal != nil || !slices.ContainsFunc(plan.Assumptions(), func(o safety.Obligation) bool { return o.Condition == safety.S12 }) {
		return plan, refusal
	}
	imports := slices.Clone(*site.Imports)
	*site.Imports = nil
	if early, refusal := s.Plan(early(site)); refusal == nil && len(early.Assumptions()) < len(plan.Assumptions()) {
		return early, nil
	}
	*site.Imports = imports
	return plan, nil
}

// early returns the site as a shape sees it that releases the lock as early as it
// can: values that are read under it are read before.
func early(s *site.Site) *site.Site {
	c := *s
	c.Early = true
	c.Forget()
	return &c
}

// comparePlans orders plans: those that need not be asked for first, then those in which
// no function releases a lock that its caller holds, then those with the fewest
// assumptions.
func comparePlans(a, b *plan.Plan) int {
	last := map[bool]int{true: 1, false: -1}
	switch {
	case a.OnRequest != b.OnRequest:
		return last[a.OnRequest]
	case a.InCallee != b.InCallee:
		return last[a.InCallee]
	}
	return cmp.Compare(len(a.Assumptions()), len(b.Assumptions()))
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
	if r := provePanic(s, p); r != nil {
		return r
	}
	if r := conditions.AskLeftOut(s, p); r != nil {
		return r
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

// provePanic is S12 for a plan that says nothing of it: the lock is released on a
// panic where it was before if the script leaves the deferred release as it is, or
// there was none.
func provePanic(s *site.Site, p *plan.Plan) *safety.Refusal {
	has := func(o safety.Obligation) bool { return o.Condition == safety.S12 }
	if slices.ContainsFunc(p.Obligations, has) {
		return nil
	}
	text := "the release stays deferred"
	switch {
	case s.Defer == nil:
		text = "the lock was released explicitly before, too"
	case takesOut(p.Script, s.Lock):
		text = "the lock is not taken any more"
	case takesOut(p.Script, s.Defer):
		return safety.Refuse(safety.S12, "deferred-gone", s.Defer.Pos(), "the deferred unlock would be gone")
	}
	p.Obligations = append(p.Obligations, safety.Obligation{Condition: safety.S12, Status: safety.Proved, Text: text})
	return nil
}

// takesOut reports whether a script removes or replaces a statement.
func takesOut(script tree.Script, st ast.Stmt) bool {
	return slices.ContainsFunc(script.Ops, func(op tree.Op) bool {
		switch op := op.(type) {
		case tree.Remove:
			return op.Stmt == st
		case tree.ReplaceStmt:
			return op.Stmt == st
		}
		return false
	})
}
