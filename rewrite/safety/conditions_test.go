package safety_test

import (
	"fmt"
	"testing"

	"github.com/letgo-dev/letgo/rewrite/safety"
)

// TestConditions holds the list of conditions: each has a title and says what it
// is, and its number is its place.
func TestConditions(t *testing.T) {
	for i, c := range safety.Conditions() {
		if want := fmt.Sprintf("S%d", i+1); string(c) != want {
			t.Errorf("condition %d is called %s", i+1, c)
		}
		if c.Title() == "" || c.Doc() == "" {
			t.Errorf("%s has no title, or does not say what it is", c)
		}
	}
}
