package verify_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/rewrite/proof"
	"github.com/letgo-dev/letgo/rewrite/proof/programs"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

var (
	faults      = flag.Int("faults", 0, "switch off the checks of each condition and try so many random programs")
	faultIdioms = flag.String("faultidioms", "default", "the idioms that these programs may take")
	faultsOf    = flag.String("faultsof", "", "only these conditions, with commas between them")
)

// unnoticed has the conditions whose missing checks no program can notice, with the reason.
var unnoticed = map[safety.Condition]string{
	safety.S16: "without its checks there is no other program: an RLock of a semaphore does not compile, and a section that stores under a read lock is wrong before",
}

// TestBrokenPrograms is [TestBroken] for the random programs of package proof: with the checks
// of a condition switched off, some program must behave differently. It writes to
// proof/testdata/faults.txt how many programs that takes. It runs only if the flag -faults says
// how many programs to try, because it takes long.
func TestBrokenPrograms(t *testing.T) {
	if *faults == 0 {
		t.Skip("the flag -faults is not given")
	}
	if err := programs.ChooseTemplates(*faultIdioms); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, c := range safety.Conditions() {
		if *faultsOf != "" && !strings.Contains(","+*faultsOf+",", ","+string(c)+",") {
			continue
		}
		if why := unnoticed[c]; why != "" {
			fmt.Fprintf(&table, "%-4s %6s  %s\n", c, "-", why)
			continue
		}
		n, what := programsUntil(t, c)
		if n == 0 {
			t.Errorf("no program notices that the checks of %s (%s) are switched off", c, c.Title())
			continue
		}
		line := fmt.Sprintf("%-4s %6d  %s\n", c, n, what)
		t.Log(line)
		table.WriteString(line)
	}
	if *faultsOf == "" {
		err := os.WriteFile(filepath.Join(rewriteDir, "proof", "testdata", "faults.txt"), []byte(table.String()), 0o666)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// programsUntil switches off the checks of a condition. It returns how many programs it takes to
// notice, and what is noticed, or 0 if nothing is.
func programsUntil(t *testing.T, c safety.Condition) (n int, what string) {
	defer safety.Break(c, c)()
	var provers []*proof.Prover
	for _, mode := range []string{"seq", "race"} {
		p, err := proof.NewProver(t.TempDir(), mode, 1, 250)
		if err != nil {
			t.Skipf("%s: %v", mode, err)
		}
		p.Lenient = true
		provers = append(provers, p)
	}
	for from, step := 0, 100; from < *faults; from, step = from+step, min(2*step, 2000) {
		var first *proof.Failure
		for _, p := range provers {
			_, err := p.Run(from, step, func(f *proof.Failure) {
				if first == nil || f.Program < first.Program {
					first = f
				}
			}, func(int, proof.Counts) {})
			if err != nil {
				t.Logf("%s: %v", c, err)
				return from + step, "the result does not compile"
			}
		}
		if first != nil {
			return first.Program + 1, strings.Join([]string{first.Variant, first.Kind, first.Case.Idiom}, " ")
		}
	}
	t.Logf("%s off:\n%s", c, provers[0].Stats)
	return 0, ""
}
