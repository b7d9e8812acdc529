package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Narrow leaves under the lock whatever does not wait. The cheapest placement has as few
// changes of the lock as it can, and lets code run without it that could as well stay; that
// code may break a condition, or have questions.
var Narrow = Repair{
	Name:    "narrow",
	Doc:     "leave what does not wait under the lock, where the rest breaks a condition or asks much",
	Example: "split/branch_with_wait",
	In:      ofPlacement,
	Vary: func(s *site.Site, p *plan.Plan, r *safety.Refusal) *site.Site {
		if r != nil && !r.Tried || p != nil && len(p.Assumptions()) <= fewQuestions {
			return nil
		}
		t := *s
		t.Narrow = true
		return &t
	},
}

// fewQuestions is how many questions a reader is asked without another plan being tried.
const fewQuestions = 2
