package find_test

import (
	"slices"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// TestLongPath checks that the middle of a long path is left out, and only that.
func TestLongPath(t *testing.T) {
	p, _ := generatedPackage(t, generated["deep calls"](100*8))
	paths := make(map[string][]patterns.Hop)
	for _, f := range find.In(analyse.NewProgram([]*patterns.Package{p}, nil), p, waits.Options{}) {
		paths[f.Section.Unit.Name()] = f.Main().Path
	}
	for _, c := range []struct {
		name string
		hops []string // the first, and those from the fiftieth on
	}{
		{"f50", []string{"f49", "f0", "os.Remove"}},
		{"f51", []string{"f50", "f1", "1 more call", "os.Remove"}},
		{"f99", []string{"f98", "f49", "49 more calls", "os.Remove"}},
	} {
		var got []string
		for i, h := range paths[c.name] {
			if i == 0 || i >= 49 {
				got = append(got, h.Func)
			}
			if !h.At.IsValid() {
				t.Errorf("%s: %s has no position", c.name, h.Func)
			}
		}
		if !slices.Equal(got, c.hops) {
			t.Errorf("%s is held across %q, want %q", c.name, got, c.hops)
		}
	}
}
