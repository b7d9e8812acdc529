package main

import (
	"bytes"
	"context"
	"encoding/json"
	"go/constant"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"golang.org/x/tools/go/packages"
)

// sarifOf runs letgo -sarif on a module and checks the log against the schema.
func sarifOf(t *testing.T, dir string, flags ...string) *sarif.Report {
	t.Helper()
	var out, errs bytes.Buffer
	args := append([]string{"-sarif", "-C", dir}, append(flags, "./...")...)
	if status := run(context.Background(), args, nil, &out, &errs); status != app.ExitFound {
		t.Fatalf("letgo %s ends with %d: %s", strings.Join(args, " "), status, errs.String())
	}
	if err := valid(t, schemaOfSARIF(t), out.String()); err != nil {
		t.Errorf("the log of letgo %s: %v", strings.Join(args, " "), err)
	}
	// The schema allows fields that SARIF does not have; the library does not.
	known := json.NewDecoder(bytes.NewReader(out.Bytes()))
	known.DisallowUnknownFields()
	report := new(sarif.Report)
	if err := known.Decode(report); err != nil {
		t.Fatalf("the log of letgo %s: %v", strings.Join(args, " "), err)
	}
	return report
}

// schemaOfSARIF returns the JSON schema of SARIF 2.1.0, which the library has in a
// constant of its own.
func schemaOfSARIF(t *testing.T) string {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedImports}, "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif")
	if err != nil || len(pkgs) != 1 || pkgs[0].Types == nil {
		t.Fatal(err, pkgs)
	}
	schema, ok := pkgs[0].Types.Scope().Lookup("schema").(*types.Const)
	if !ok {
		t.Fatal("the library has no schema any more")
	}
	return constant.StringVal(schema.Val())
}

// TestSARIF checks the log of the worked example: against the schema, and that
// its results have what a reader needs.
func TestSARIF(t *testing.T) {
	for _, flags := range [][]string{{"-l"}, {"-all"}, nil} {
		report := sarifOf(t, "../../testdata/service", flags...)
		results := report.Runs[0].Results
		if len(results) < 4 {
			t.Fatalf("%d results", len(results))
		}
		fixes := 0
		for _, r := range results {
			if len(r.CodeFlows) == 0 || len(r.CodeFlows[0].ThreadFlows[0].Locations) < 2 {
				t.Errorf("%s: no way from the lock to the wait", *r.Message.Text)
			}
			if len(r.PartialFingerprints[fingerprintName]) != 64 {
				t.Errorf("%s: fingerprint %q", *r.Message.Text, r.PartialFingerprints)
			}
			uri := *r.Locations[0].PhysicalLocation.ArtifactLocation.URI
			if _, err := os.Stat(filepath.Join("../../testdata/service", uri)); err != nil {
				t.Error(err)
			}
			fixes += len(r.Fixes)
			for _, f := range r.Fixes {
				checkFix(t, f)
			}
		}
		if listed := len(flags) > 0 && flags[0] == "-l"; listed != (fixes == 0) {
			t.Errorf("%d fixes with %v", fixes, flags)
		}
	}
}

// checkFix checks that the replacements of a fix stand in order within a file.
func checkFix(t *testing.T, f *sarif.Fix) {
	t.Helper()
	for _, c := range f.ArtifactChanges {
		line := 0
		for _, r := range c.Replacements {
			if *r.DeletedRegion.StartLine < line || *r.DeletedRegion.EndLine < *r.DeletedRegion.StartLine {
				t.Errorf("replacement at line %d after %d", *r.DeletedRegion.StartLine, line)
			}
			line = *r.DeletedRegion.EndLine
		}
	}
}

// TestSARIFFingerprints checks that fingerprints stay when lines move, and that
// columns count characters.
func TestSARIFFingerprints(t *testing.T) {
	const body = `

import "sync"

type C struct {
	mu sync.Mutex
	n  int
}

func (c *C) Wait(ch <-chan int) {
	/* größer */ c.mu.Lock()
	c.n++
	<-ch
	c.n++
	c.mu.Unlock()
}
`
	prints := func(head string) (string, int) {
		dir := t.TempDir()
		for name, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p.go": head + body} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		r := sarifOf(t, dir, "-all").Runs[0].Results[0]
		return r.PartialFingerprints[fingerprintName], *r.Locations[0].PhysicalLocation.Region.StartColumn
	}
	a, column := prints("package p")
	b, _ := prints("// A comment.\n\npackage p")
	if a != b {
		t.Errorf("the fingerprint has changed with the line: %s, %s", a, b)
	}
	if column != utf8.RuneCountInString("\t/* größer */ ")+1 {
		t.Errorf("column %d", column)
	}
}
