package shapes

import (
	"slices"

	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Earlier lets a loop after the wait go through a list as it was before the wait, where the loop
// takes the results for its elements from a slice that was made as long as the list then.
//
//	// before
//	func (p *Pinger) Round() {
//		p.mu.Lock()
//		defer p.mu.Unlock()
//		up := make([]bool, len(p.hosts))
//		p.ping(up)
//		for i, h := range p.hosts {
//			p.up[h] = up[i]
//		}
//	}
//
//	// after
//	func (p *Pinger) Round() {
//		p.mu.Lock()
//		hosts := p.hosts
//		up := make([]bool, len(hosts))
//		p.mu.Unlock()
//
//		p.ping(up)
//
//		p.mu.Lock()
//		defer p.mu.Unlock()
//		for i, h := range hosts {
//			p.up[h] = up[i]
//		}
//	}
var Earlier = Repair{
	Name:    "earlier",
	Doc:     "go through a list as it was before the wait, with results that were made for it",
	Example: "snapshot/results_by_index",
	In:      ofPlacement,
	Vary: func(s *site.Site, p *plan.Plan, r *safety.Refusal) *site.Site {
		first := slices.IndexFunc(s.Body, s.IsWaiting)
		if r == nil || first < 0 {
			return nil
		}
		loops := behaviour.LoopsAsLong(s, s.Body[first+1:])
		if len(loops) == 0 {
			return nil
		}
		t := *s
		t.Earlier = loops
		t.Forget()
		return &t
	},
}
