package shapes_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// TestStd pins what letgo finds in the standard library, so that a change in
// precision or recall shows in review. The counts belong to one release of Go,
// and so does the golden file.
func TestStd(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the whole standard library")
	}
	release, _, _ := strings.Cut(runtime.Version(), " ")
	golden := filepath.Join("..", "..", "testdata", "corpus", release+".txt")
	want, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Skipf("no counts are pinned for %s; go test ./rewrite/shapes -run TestStd -update makes them", release)
	}
	res, err := load.Load(load.Config{}, "std")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Errorf("skipped: %s", p)
	}
	got := countCorpus(res.Packages)
	if *update {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(want) {
		t.Errorf("the counts have changed; if that is meant, run with -update.\ngot:\n%s\nwant:\n%s", got, want)
	}
}

// countCorpus prints the number of sections, of findings by category and by
// verdict, of verified plans by shape and grade, and of refusals by condition.
func countCorpus(pkgs []*patterns.Package) string {
	counts := make(map[string]int)
	x := patterns.NewProgram(pkgs, nil)
	limits := rewrite.Limits{Shapes: shapes.All(), MinGrade: rewrite.Review, Deliberate: true}
	for _, p := range pkgs {
		for _, s := range x.SectionsIn(p) {
			counts["sections"]++
			if s.Problem != "" {
				counts["sections of uncertain extent"]++
			}
		}
		for _, e := range rewrite.Fix(x, p, limits).Entries {
			counts["findings"]++
			counts["findings, category "+e.Finding.Main().Category]++
			counts["findings, verdict "+string(e.Finding.Verdict.Judgement)]++
			for _, v := range e.Plans {
				counts[fmt.Sprintf("plans, %s, %s", v.Plan.Shape, v.Plan.Grade())]++
			}
			for _, r := range e.Refusals {
				counts[strings.TrimSpace(fmt.Sprintf("refusals, %s %s", r.Shape, r.Condition))]++
			}
		}
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%5d %s\n", counts[k], k)
	}
	return b.String()
}
