package editor

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// proposals is what the shapes say to one finding, verified one by one: a plan
// is verified when somebody is about to see it.
type proposals struct {
	plans    []*proposal
	refusals []*safety.Refusal
	planned  bool // they are going to be verified
}

// A proposal is one plan.
type proposal struct {
	*plan.Plan
	checked bool
	changes []verify.Change // if it is checked and good
	refusal *safety.Refusal // if it is checked and not
}

// propose asks the shapes, once for each state of the package.
func (v *view) propose(p *pkg, f *finding.Finding) *proposals {
	if r := p.plans[f]; r != nil {
		return r
	}
	said := rewrite.Propose(v.program, f, v.srv.shapes)
	r := &proposals{refusals: said.Refusals}
	for _, plan := range said.Plans {
		r.plans = append(r.plans, &proposal{Plan: plan})
	}
	p.plans[f] = r
	return r
}

// verify checks a plan, once.
func (v *view) verify(c *proposal) {
	if c.checked {
		return
	}
	c.settle(verify.Verify(v.program, c.Plan))
}

// settle takes note of what came of the verification.
func (c *proposal) settle(done *verify.Verified, refusal *safety.Refusal) {
	c.checked = true
	if c.refusal = refusal; done != nil {
		c.changes = done.Changes
	}
}

// good returns the plans that were not refused, best first.
func (r *proposals) good() []*proposal {
	return slices.DeleteFunc(slices.Clone(r.plans), func(c *proposal) bool { return c.refusal != nil })
}

// open returns the first plan that is not verified yet, or nil.
func (r *proposals) open() *proposal {
	for _, c := range r.plans {
		if !c.checked {
			return c
		}
	}
	return nil
}

// refused returns why shapes do not apply, in the order of the shapes.
func (r *proposals) refused(all []shapes.Shape) []*safety.Refusal {
	out := slices.Clone(r.refusals)
	for _, c := range r.plans {
		if c.refusal != nil {
			out = append(out, c.refusal)
		}
	}
	order := func(name string) int {
		return slices.IndexFunc(all, func(s shapes.Shape) bool { return s.Name == name })
	}
	slices.SortStableFunc(out, func(a, b *safety.Refusal) int { return order(a.Shape) - order(b.Shape) })
	return out
}

// extent returns the stretch of a file from the lock of a section to where the
// lock is released last, or to the last statement that runs under it.
func extent(s *locks.Section) (start, end token.Pos) {
	start, end = s.Acquire.Pos(), s.Acquire.End()
	for _, n := range s.Nodes {
		last := n.End()
		if r, ok := n.(*ast.RangeStmt); ok {
			last = r.Body.Pos()
		}
		end = max(end, last)
	}
	for _, r := range s.Releases {
		end = max(end, r.Call.End())
		if r.Deferred {
			end = max(end, s.Unit.Body.Rbrace)
		}
	}
	return start, end
}

// touches reports whether a range of offsets into a section's file reaches into
// the lines of the section.
func touches(s *locks.Section, from, to int) bool {
	file := s.Unit.Pkg.Fset.File(s.Pos())
	if file == nil {
		return false
	}
	start, end := extent(s)
	a := file.Offset(file.LineStart(file.PositionFor(start, false).Line))
	b := file.Offset(end)
	if rest := s.Unit.File.Content; b < len(rest) { // to the end of the line
		for b < len(rest) && rest[b] != '\n' {
			b++
		}
	}
	return from <= b && to >= a
}
