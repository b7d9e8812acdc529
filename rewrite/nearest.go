package rewrite

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns the refusal of the plan that came closest, or nil if there is none:
// first of the shapes that found a window and then a condition that breaks, next of
// those that a condition kept from finding one, then of those that have nothing to do
// here. Among equals the first one decides.
func Nearest(refusals []*Refusal) *Refusal {
	if len(refusals) == 0 {
		return nil
	}
	return ByDistance(refusals)[0]
}

// ByDistance orders refusals as [Nearest] does, the nearest first.
func ByDistance(refusals []*Refusal) []*Refusal {
	return slices.SortedStableFunc(slices.Values(refusals), func(a, b *Refusal) int { return cmp.Compare(a.distance(), b.distance()) })
}

// distance is how far a refusal is from a plan.
func (r *Refusal) distance() int {
	switch {
	case strings.HasPrefix(r.Reason, unverified):
		return 3 // a fault of the plan, which says little of the code
	case r.Tried:
		return 0
	case r.Condition != "":
		return 1
	}
	return 2
}

// tried marks a refusal as that of a window which was found.
func (r *Refusal) tried() *Refusal {
	if r == nil || r.Tried {
		return r
	}
	c := *r // it may be the one that other shapes refuse with
	c.Tried = true
	return &c
}
