package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A Shape is one way to fix a finding.
type Shape struct {
	Name string
	Doc  string // prose: what it does, what it keeps, what it relies on
	// OnRequest: the shape is offered, but only carried out if requested by name.
	OnRequest bool
	// InCallee: a function releases the lock that its caller holds, and takes it again.
	InCallee bool
	// Plan proposes an edit script, or says why it cannot. Exactly one result
	// is not nil.
	Plan func(*site.Site) (*plan.Plan, *safety.Refusal)

	// CondWaits: the shape works on sections that also wait for a condition
	// variable of their lock, and proves S18 for that ([conditions.Prove] does).
	CondWaits bool

	// AnyForm: the shape works on sections that are not a stretch of one statement list.
	AnyForm bool
}
