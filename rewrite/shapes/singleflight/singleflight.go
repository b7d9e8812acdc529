// Package singleflight fetches a missing cache entry without the lock, once for all
// callers that wait for the same key.
package singleflight

import (
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Plan plans the shape for a section.
func Plan(s *site.Site) (*plan.Plan, *safety.Refusal) {
	f, refusal := newFill(s)
	if refusal != nil {
		return nil, refusal
	}
	obligations, refusal := f.proveFlight()
	if refusal != nil {
		return nil, refusal
	}
	group, refusal := edits.DeclareBeside(s, singleflightPath, "Group", "Flight", f.Cache)
	if refusal != nil {
		return nil, refusal
	}
	ops, refusal := f.flightOps(group.Expr)
	if refusal != nil {
		return nil, refusal
	}
	return &plan.Plan{
		Title:       "Fetch without " + s.Section.Lock.String() + ", once for all that wait",
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Outside:     []plan.OutsideEdit{group.Edit},
		Imports:     group.Imports,
		Joins:       f.joins(),
		Obligations: obligations,
	}, nil
}

const singleflightPath = "golang.org/x/sync/singleflight"
