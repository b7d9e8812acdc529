package safety

import (
	"cmp"
	"slices"
)

// A reader who looks at one question of a plan should look at the one that most likely
// makes it wrong. Of the wrong plans that people found, most sent on a channel that was
// closed, used what was closed, or lost an update. A value that may be out of date is the
// commonest question, and is mostly fine.

// first are the conditions in the order in which their questions are asked. One that is not
// among them comes last.
var first = []Condition{S7, S6, S18, S4, S5, S9, S13, S8, S17, S2, S14, S16, S10, S3, S1, S12, S15, S11}

// CompareQuestions orders questions by how likely each makes its plan wrong, those of a
// kind as they are.
func CompareQuestions(a, b Obligation) int { return cmp.Compare(rank(a), rank(b)) }

// rank is the place of a question: that of the first of the conditions that it is about.
func rank(o Obligation) int {
	switch o.About {
	case Unseen: // what cannot be seen may do anything
		return slices.Index(first, S10)
	case StillTested: // a weak one: only the tests can be out of date
		return slices.Index(first, S1)
	}
	least := len(first)
	for _, c := range append([]Condition{o.Condition}, o.Also...) {
		if i := slices.Index(first, c); i >= 0 {
			least = min(least, i)
		}
	}
	return least
}
