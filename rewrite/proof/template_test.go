package proof

import "testing"

// TestTemplates generates programs of each template, which must be valid Go, and
// says how many get a plan.
func TestTemplates(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	tools, err := newToolchain(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRewriter(tools)
	if err != nil {
		t.Fatal(err)
	}
	defer func(old []*template) { chosen = old }(chosen)
	for _, tmpl := range templates {
		chosen = []*template{tmpl}
		stats := NewStats()
		for id := range 6 {
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
