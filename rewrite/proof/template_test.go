package proof

import (
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

// TestTemplates checks that programs generated from each template are valid Go,
// and logs how many get a plan.
func TestTemplates(t *testing.T) {
	tools, err := newToolchain(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRewriter(tools)
	if err != nil {
		t.Fatal(err)
	}
	defer func(old []*programs.Template) { programs.Chosen = old }(programs.Chosen)
	each := longtest.Of(t, 1, 6)
	for _, tmpl := range programs.Templates {
		programs.Chosen = []*programs.Template{tmpl}
		stats := NewStats()
		for id := range each {
			p, err := programs.Generate(programs.Seeded(*seed, uint64(id)), id)
			if err != nil {
				t.Fatalf("%s: %v", tmpl.Name, err)
			}
			variants, err := r.rewrite(p, stats)
			if err != nil {
				t.Errorf("%s: %v", tmpl.Name, err)
				break
			}
			if len(variants) > 1 {
				stats.planned()
			}
		}
		t.Logf("%-22s %d of %d with a plan", tmpl.Name, stats.Planned, stats.Programs)
	}
}
