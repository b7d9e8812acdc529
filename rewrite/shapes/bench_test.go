package shapes_test

import (
	"bytes"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

func mustLoad(b *testing.B, dir string, args ...string) []*patterns.Package {
	b.Helper()
	res, err := load.Load(load.Config{Dir: dir}, args...)
	if err != nil {
		b.Fatal(err)
	}
	return res.Packages
}

// BenchmarkFind measures the analysis alone, on packages that are loaded
// already, and reports its speed in lines.
func BenchmarkFind(b *testing.B) {
	pkgs := mustLoad(b, "", "net/...", "crypto/...", "database/sql", "go/...", "os/...", "encoding/...")
	lines := 0
	for _, p := range pkgs {
		for _, f := range p.Files {
			lines += bytes.Count(f.Content, []byte("\n"))
		}
	}
	for b.Loop() {
		find.All(analyse.NewProgram(pkgs, nil), waits.Options{})
	}
	b.ReportMetric(float64(lines), "lines")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(lines)*150_000, "s/150klines")
}

// BenchmarkPlan measures planning every shape for every finding of a package, without
// verification.
func BenchmarkPlan(b *testing.B) {
	pkgs := mustLoad(b, "", "net/http")
	x := analyse.NewProgram(pkgs, nil)
	findings := find.All(x, waits.Options{})
	for b.Loop() {
		for _, f := range findings {
			rewrite.Propose(x, f, shapes.All())
		}
	}
	b.ReportMetric(float64(len(findings)), "findings")
}

// BenchmarkVerify measures carrying out and verifying the plan of the worked
// example.
func BenchmarkVerify(b *testing.B) {
	pkgs := mustLoad(b, "../../testdata/service", "./...")
	x := analyse.NewProgram(pkgs, nil)
	for _, f := range find.All(x, waits.Options{}) {
		for _, plan := range rewrite.Propose(x, f, shapes.All()).Plans {
			for b.Loop() {
				if _, refusal := verify.Verify(x, plan); refusal != nil {
					b.Fatal(refusal)
				}
			}
			return
		}
	}
	b.Fatal("the worked example has no plan")
}
