package rewrite

import (
	"cmp"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// Nearest returns the refusal of the plan that came closest, or nil if there is none.
// Shapes that found a window and then broke a condition come first, then those that a
// condition kept from finding one, then those that do not apply. Of the first, those come
// first that only broke a condition after S3: what a test has seen may change, unless the
// test is repeated. Among equals the first one wins.
func Nearest(refusals []*safety.Refusal) *safety.Refusal {
	if len(refusals) == 0 {
		return nil
	}
	return ByDistance(refusals)[0]
}

// ByDistance sorts refusals as [Nearest] does, the nearest first.
func ByDistance(refusals []*safety.Refusal) []*safety.Refusal {
	return slices.SortedStableFunc(slices.Values(refusals), func(a, b *safety.Refusal) int { return cmp.Compare(distance(a), distance(b)) })
}

// distance is how far a refusal is from a plan.
func distance(r *safety.Refusal) int {
	switch {
	case strings.HasPrefix(r.Reason, verify.FaultPrefix):
		return 4 // a fault of the plan, which says little of the code
	case r.Tried && slices.Contains(early, r.Condition):
		return 1
	case r.Tried:
		return 0
	case r.Condition != "":
		return 2
	}
	return 3
}

// early lists the conditions that a window is checked for before those about the code after it.
var early = []safety.Condition{safety.S1, safety.S2, safety.S3}
