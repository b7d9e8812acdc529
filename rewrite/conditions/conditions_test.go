package conditions

import (
	"slices"
	"testing"

	"github.com/letgo-dev/letgo/rewrite/safety"
)

// TestRegister looks for conditions that no check decides, and for checks with the same
// name.
func TestRegister(t *testing.T) {
	var names []string
	var decided []safety.Condition
	for _, c := range Register {
		names, decided = append(names, c.Name), append(decided, c.Of...)
	}
	for _, c := range OfPlans {
		names, decided = append(names, c.Name), append(decided, c.Of...)
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("two checks have one name: %q", names)
	}
	for _, c := range safety.Conditions() {
		if !slices.Contains(decided, c) {
			t.Errorf("no check decides %s (%s)", c, c.Title())
		}
	}
}
