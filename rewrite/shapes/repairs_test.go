package shapes_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// TestRepairs checks that the example of each repair is planned by it.
func TestRepairs(t *testing.T) {
	for _, r := range shapes.Repairs() {
		t.Run(r.Name, func(t *testing.T) {
			name, _, _ := strings.Cut(r.Example, "/")
			shape, ok := shapes.Named(name)
			if !ok {
				t.Fatalf("its example %q is not SHAPE/NAME", r.Example)
			}
			c, err := readShapeCase(name, filepath.Join(casesDir, r.Example+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			p := loadCases(t, []*shapeCase{c}, nil)[r.Example]
			run := rewrite.Fix(analyse.NewProgram([]*patterns.Package{p}, nil), p, limits(shape))
			if !slices.ContainsFunc(run.Entries, func(e *rewrite.Entry) bool {
				return len(e.Plans) > 0 && e.Plans[0].Plan.Repair == r.Name
			}) {
				t.Errorf("no plan of %s is made by it: its plan has as many questions, or is of another shape", r.Example)
			}
		})
	}
}
