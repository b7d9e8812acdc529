package safety

import (
	"slices"
	"testing"
)

// TestQuestionOrder checks that no condition has two places in the order in which questions
// are asked, and that a question which says much comes before one that mostly says nothing.
func TestQuestionOrder(t *testing.T) {
	for i, c := range first {
		if slices.Contains(first[:i], c) || c.Order() < 0 {
			t.Errorf("first (first.go) lists %s twice, or it is no condition", c)
		}
	}
	list := []Obligation{
		{Condition: S1, Text: "changes elsewhere"},
		{Condition: S1, About: Unseen, Text: "cannot be seen"},
		{Condition: S3, About: StillTested, Text: "out of date"},
		{Condition: S3, Also: []Condition{S6}, Text: "replaced"},
		{Condition: S3, Text: "used again"},
		{Condition: S7, Text: "closed"},
		{Condition: S10, Text: "seen early"},
		{Condition: S12, Text: "panics"},
		{Condition: "S99", Text: "of a new condition"},
		{Condition: S8, Also: []Condition{S9}, Text: "overtakes"},
	}
	slices.SortStableFunc(list, CompareQuestions)
	var got []string
	for _, o := range list {
		got = append(got, o.Text)
	}
	want := []string{"closed", "replaced", "overtakes", "cannot be seen", "seen early", "used again", "changes elsewhere", "out of date", "panics", "of a new condition"}
	if !slices.Equal(got, want) {
		t.Errorf("questions are asked in the order %q, want %q", got, want)
	}
}
