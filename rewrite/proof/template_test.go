package proof

import (
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
)

// TestTemplates generates programs of each template, which must be valid Go, and
// says how many get a plan.
func TestTemplates(t *testing.T) {
	tools, err := newToolchain(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRewriter(tools)
	if err != nil {
		t.Fatal(err)
	}
	defer func(old []*template) { chosen = old }(chosen)
	each := longtest.Of(t, 1, 6)
	for _, tmpl := range templates {
		chosen = []*template{tmpl}
		stats := NewStats()
		for id := range each {
			p, err := Generate(Seeded(*seed, uint64(id)), id)
			if err != nil {
				t.Fatalf("%s: %v", tmpl.name, err)
			}
			variants, err := r.rewrite(p, stats)
			if err != nil {
				t.Errorf("%s: %v", tmpl.name, err)
				break
			}
			if len(variants) > 1 {
				stats.planned()
			}
		}
		t.Logf("%-22s %d of %d with a plan", tmpl.name, stats.Planned, stats.Programs)
	}
}
