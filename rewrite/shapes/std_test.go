package shapes_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns/load"
)

// TestStd pins what letgo finds in the standard library, so that a change in
// precision or recall shows in review, and holds every plan to what [checkCorpus]
// says. The counts belong to one release of Go, and so does the golden file.
func TestStd(t *testing.T) {
	longtest.Skip(t, "loads the whole standard library")
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
	got := checkCorpus(t, res.Packages)
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
