package shapes

import (
	"slices"

	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Early releases the lock as early as it can: values that are read under it are read
// before. It is for code that may panic under a lock which is released explicitly.
var Early = Repair{
	Name:    "early",
	Doc:     "read values before, and release the lock earlier, where a panic would leave it locked",
	Example: "hoist/panic_early",
	In:      ofShape,
	Vary: func(s *site.Site, p *plan.Plan, r *safety.Refusal) *site.Site {
		if r != nil || !slices.ContainsFunc(p.Assumptions(), func(o safety.Obligation) bool { return o.Condition == safety.S12 }) {
			return nil
		}
		t := *s
		t.Early = true
		t.Forget()
		return &t
	},
}
