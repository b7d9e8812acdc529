package safety_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/rewrite/safety"
)

// TestConditions holds the files of the conditions: each has a title, says what it is and
// who broke it, and its number is its place.
func TestConditions(t *testing.T) {
	for i, c := range safety.Conditions() {
		if want := fmt.Sprintf("S%d", i+1); string(c) != want {
			t.Errorf("condition %d is called %s", i+1, c)
		}
		if c.Title() == "" || c.Doc() == "" || c.Prose() == "" {
			t.Errorf("%s has no title, or does not say what it is", c)
		}
		if !strings.Contains(c.Prose(), "\n\nBroken by hand in\n    ") {
			t.Errorf("%s does not name a change that broke it", c)
		}
	}
}
