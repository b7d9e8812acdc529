package verify_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
	"golang.org/x/tools/txtar"
)

// TestBroken switches off the checks of each condition in turn, in the proof and in the
// verification, and counts the cases that notice: those of testdata/rewrite in which a refused
// section gets a plan or an assumption disappears, and the wrong plans of [TestVerify] that get
// through. If nothing notices, the tests do not cover the condition.
func TestBroken(t *testing.T) {
	x, f, wrong := wrongPlans(t)
	cases := loadCases(t)
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-4s %9s %12s\n", "", "the proof", "verification")
	for _, c := range safety.Conditions() {
		proof := 0
		for _, k := range cases {
			if proof > 0 && !longtest.Wanted() {
				break // one that notices is enough; a long run counts all
			}
			if k.mentions(c) && k.notices(c, func() func() { return safety.Break(c, c) }) {
				proof++
			}
		}
		verification := 0
		mend := safety.Break("", c)
		for _, p := range wrong {
			if _, refusal := verify.Verify(x, p.plan(f)); refusal == nil && p.want != "" {
				verification++
			}
		}
		mend()
		fmt.Fprintf(&table, "%-4s %9d %12d\n", c, proof, verification)
		if proof+verification == 0 {
			t.Errorf("no case notices that the checks of %s (%s) are switched off", c, c.Title())
		}
	}
	t.Logf("cases that notice a switched-off check:%s", table.String())
}

var sites = flag.Bool("sites", false, "switch off each check by itself and list those that no case notices")

// TestBrokenSites is [TestBroken] for each place in the source that refuses or assumes. It lists
// the places that no case notices. Some cannot be noticed: they refuse forms that a shape could
// not handle anyway. So it is for a person to read, and runs only with the flag -sites.
func TestBrokenSites(t *testing.T) {
	if !*sites {
		t.Skip("the flag -sites is not given")
	}
	cases := loadCases(t)
	for _, path := range sourceFiles(t, rewriteDir) {
		for _, s := range checkSites(t, path) {
			n := 0
			for _, k := range cases {
				if k.mentions(s.of) && k.notices(s.of, func() func() { return safety.BreakSite(s.at) }) {
					n++
				}
			}
			if n == 0 {
				t.Logf("%s %s %s", s.at, s.of, s.text)
			}
		}
	}
}

// rewriteDir is the directory of package rewrite.
const rewriteDir = ".."

// sourceFiles lists the Go files in a directory and below, except tests and testdata.
func sourceFiles(t *testing.T, dir string) []string {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go"):
			out = append(out, path)
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%s has no sources: %v", dir, err)
	}
	return out
}

// A checkSite is a place that refuses or assumes.
type checkSite struct {
	at   string // "rewrite/move/move.go:12"
	of   safety.Condition
	text string
}

// checkSites lists the calls of Refuse and Assume in a file.
func checkSites(t *testing.T, path string) []checkSite {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []checkSite
	ast.Inspect(f, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) < 3 {
			return true
		}
		fun, of := types.ExprString(c.Fun), types.ExprString(c.Args[0])
		of = of[strings.LastIndex(of, ".")+1:]
		fun = fun[strings.LastIndex(fun, ".")+1:]
		if (fun == "Refuse" || strings.EqualFold(fun, "assume")) && of[0] == 'S' {
			out = append(out, checkSite{at: safety.SiteOf(path, fset.Position(c.Pos()).Line), of: safety.Condition(of), text: types.ExprString(c.Args[2])})
		}
		return true
	})
	return out
}

// A brokenCase is one case of testdata/rewrite; see TestShapes.
type brokenCase struct {
	name    string
	shape   shapes.Shape
	want    string
	pkg     *patterns.Package
	program *patterns.Program
}

// mentions reports whether the case is about the condition: a refusal or an assumption in it
// names the condition.
func (k *brokenCase) mentions(c safety.Condition) bool {
	for l := range strings.Lines(k.want) {
		if slices.Contains(strings.Fields(l)[:min(3, len(strings.Fields(l)))], string(c)) {
			return true
		}
	}
	return false
}

// A tally is how much a case lets through.
type tally struct{ plans, assumptions int }

// notices reports whether the case lets more through when something is broken.
func (k *brokenCase) notices(c safety.Condition, breakIt func() (mend func())) bool {
	before := k.tally(c)
	mend := breakIt()
	defer mend()
	after := k.tally(c)
	return after.plans > before.plans || after.plans == before.plans && after.assumptions < before.assumptions
}

// tally counts the plans, and their assumptions for one condition. With a check switched off,
// the code after it may panic, in which case nothing gets through.
func (k *brokenCase) tally(c safety.Condition) (n tally) {
	for _, f := range find.In(k.program, k.pkg, waits.Options{}) {
		func() {
			defer func() { _ = recover() }()
			for _, v := range rewrite.Examine(k.program, f, []shapes.Shape{k.shape}).Plans {
				n.plans++
				for _, o := range v.Plan.Assumptions() {
					if o.Condition == c {
						n.assumptions++
					}
				}
			}
		}()
	}
	return n
}

// loadCases loads all cases as packages of one module.
func loadCases(t *testing.T) []*brokenCase {
	t.Helper()
	dir := t.TempDir()
	var cases []*brokenCase
	write := func(name string, data []byte) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", []byte("module cases\n\ngo 1.26\n"))
	for _, shape := range shapes.All() {
		paths, err := filepath.Glob(filepath.Join(rewriteDir, "..", "testdata", "rewrite", shape.Name, "*.txtar"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("the shape %s has no cases: %v", shape.Name, err)
		}
		for _, path := range paths {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			k := &brokenCase{name: shape.Name + "/" + strings.TrimSuffix(filepath.Base(path), ".txtar"), shape: shape}
			for _, f := range a.Files {
				switch {
				case f.Name == "want":
					k.want = string(f.Data)
				case filepath.Ext(f.Name) == ".go":
					write(k.name+"/"+f.Name, f.Data)
				}
			}
			if k.want != "" {
				cases = append(cases, k)
			}
		}
	}
	env := append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "GOTOOLCHAIN=local", "GO111MODULE=")
	res, err := load.Load(load.Config{Dir: dir, Env: env}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range cases {
		for _, p := range res.Packages {
			if p.Path == "cases/"+k.name {
				k.pkg, k.program = p, analyse.NewProgram([]*patterns.Package{p}, nil)
			}
		}
		if k.pkg == nil {
			t.Fatalf("%s was not loaded: %v", k.name, res.Problems)
		}
	}
	return cases
}
