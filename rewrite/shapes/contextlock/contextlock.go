// Package contextlock turns a mutex into a semaphore, so that waiters can give up.
package contextlock

import (
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Plan plans the shape for a section.
func Plan(s *site.Site) (*plan.Plan, *safety.Refusal) {
	c, refusal := newConversion(s)
	if refusal != nil {
		return nil, refusal
	}
	p := &plan.Plan{Title: "Make " + s.Section.Lock.String() + " a semaphore that is waited for with a context", Semaphore: true}
	p.Script, p.Others, p.Outside, p.Imports, p.Obligations = c.parts()
	return p, nil
}
