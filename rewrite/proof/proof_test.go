package proof

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

var (
	programCount = flag.Int("programs", 0, "how many programs are generated and run on one goroutine; 0 for a few")
	racePrograms = flag.Int("raceprograms", 40, "how many programs are run under the race detector")
	seed         = flag.Uint64("seed", 1, "of the random choices")
	first        = flag.Int("first", 0, "number of the first program")
	batch        = flag.Int("batch", 250, "how many programs are compiled at once")
	idiomList    = flag.String("idioms", "default", "the templates that programs may take: default, all, known, none, or names with commas between them")
	keep         = flag.String("keep", "", "write every failure into this directory")
	shrink       = flag.Int("shrink", 3, "how many failures are reduced and printed")
	update       = flag.Bool("update", false, "rewrite testdata/rates.txt")
)

// fixedPrograms is how many programs a long run tries. Its statistics must match
// testdata/rates.txt.
const fixedPrograms = 300

// TestSequence compares programs before and after a rewrite, in sequences of calls
// and in pairs of calls where one runs while the other waits.
func TestSequence(t *testing.T) {
	n := *programCount
	if n == 0 && *update {
		n = fixedPrograms
	} else if n == 0 {
		n = longtest.Of(t, 40, fixedPrograms)
	}
	p := prove(t, "seq", n)
	if n == fixedPrograms && *seed == 1 && *first == 0 {
		checkRates(t, p.Stats)
	}
}

// TestRace runs programs on several goroutines under the race detector.
func TestRace(t *testing.T) {
	longtest.Skip(t, "builds programs with the race detector")
	prove(t, "race", *racePrograms)
}

// prove runs n programs in a mode and shrinks the first failures.
func prove(t *testing.T, mode string, n int) *Prover {
	if err := programs.ChooseTemplates(*idiomList); err != nil {
		t.Fatal(err)
	}
	p, err := NewProver(t.TempDir(), mode, *seed, *batch)
	if err != nil {
		if mode == "race" {
			t.Skipf("without a race detector: %v", err)
		}
		t.Fatal(err)
	}
	start := time.Now()
	var failures []*Failure
	said := 0
	counts, err := p.Run(*first, n, func(f *Failure) {
		failures = append(failures, f)
		if *keep != "" {
			if err := f.keep(*keep); err != nil {
				t.Error(err)
			}
		}
	}, func(done int, c Counts) {
		if step := 1000; done/step > said {
			said = done / step
			t.Logf("%d programs in %v: %d differences, %+v", done, time.Since(start).Round(time.Second), len(failures), c)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	for _, f := range sorts(failures)[:min(len(sorts(failures)), *shrink)] {
		small, err := p.Shrink(f)
		if err != nil {
			t.Error(err)
			small = f
		}
		t.Errorf("%s", small)
	}
	if len(failures) > 0 {
		t.Errorf("%d failures in all\n%s", len(failures), summary(failures))
	}
	t.Logf("%d programs in %v, %.0f a minute; %d differences\n%s%+v", n, took.Round(time.Second), float64(n)/took.Minutes(), len(failures), p.Stats, counts)
	return p
}

// sort describes the kind of failure: the idiom, the shape, its grade, and what
// went wrong.
func (f *Failure) sort() string {
	grade := "review"
	if f.variant().Safe {
		grade = "safe"
	}
	return fmt.Sprintf("%-22s %-14s %-7s %s", cmp.Or(f.Case.Idiom, "none"), f.shape(), grade, f.Kind)
}

// sorts returns the first failure of each sort. Failures of a run of all shapes
// come last, since those of a single shape say more.
func sorts(failures []*Failure) []*Failure {
	first := make(map[string]*Failure)
	for _, f := range failures {
		if old := first[f.sort()]; old == nil || f.Program < old.Program {
			first[f.sort()] = f
		}
	}
	var list []*Failure
	for _, k := range sortedKeys(first) {
		list = append(list, first[k])
	}
	slices.SortStableFunc(list, func(a, b *Failure) int {
		return cmp.Compare(strings.Count(a.shape(), "all"), strings.Count(b.shape(), "all"))
	})
	return list
}

// summary lists the sorts of failures with their counts and the first program of
// each.
func summary(failures []*Failure) string {
	counts := make(map[string]int)
	for _, f := range failures {
		counts[f.sort()]++
	}
	var b strings.Builder
	for _, f := range sorts(failures) {
		fmt.Fprintf(&b, "%5d, first program %5d: %s\n", counts[f.sort()], f.Program, f.sort())
	}
	return b.String()
}

// checkRates compares the statistics with the recorded ones, and checks that every
// shape offers at least one plan.
func checkRates(t *testing.T, s *Stats) {
	t.Helper()
	const file = "testdata/rates.txt"
	got := s.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the rates are now\n%s\nand were\n%s\nif that is meant, run this test with -update", got, want)
	}
	for _, sh := range shapes.All() {
		if s.Plans[sh.Name+" safe"]+s.Plans[sh.Name+" review"] == 0 {
			t.Errorf("the programs reach no plan of %s", sh.Name)
		}
	}
}

var fuzzing = sync.OnceValues(func() (*Prover, error) {
	dir, err := os.MkdirTemp("", "proof")
	if err != nil {
		return nil, err
	}
	return NewProver(dir, "seq", 0, 1)
})

// FuzzSequence is like TestSequence, but the fuzzer chooses the program.
func FuzzSequence(f *testing.F) {
	longtest.Skip(f, "builds and runs programs")
	f.Add([]byte{})
	f.Add([]byte("a lock is held while something is fetched and the result is kept for the next one who asks"))
	p, err := fuzzing()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { os.RemoveAll(filepath.Dir(p.tools.config)) })
	r, err := newRewriter(p.tools)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		prog, err := programs.Generate(programs.FromBytes(data), len(data))
		if err != nil {
			t.Fatal(err)
		}
		variants, err := r.rewrite(prog, p.Stats)
		if err != nil {
			t.Fatal(err)
		}
		if len(variants) == 1 {
			return
		}
		failures, _, err := p.try([]*Case{{prog, variants}})
		if err != nil {
			t.Fatal(err)
		}
		for _, fail := range failures {
			t.Errorf("%s", fail)
		}
	})
}
