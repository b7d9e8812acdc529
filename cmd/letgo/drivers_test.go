package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"

	"github.com/letgo-dev/letgo/cmd/analyzer"
	"github.com/letgo-dev/letgo/internal/longtest"

	"golang.org/x/tools/go/analysis"
)

var withGolangci = flag.Bool("golangci", false, "also build golangci-lint with the plugin, which takes minutes, and run it")

// letgoBinary builds the command.
func letgoBinary(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "letgo")
	if out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return name
}

// driverModule writes a module to a directory of its own.
func driverModule(t *testing.T, source string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var files fs.FS = os.DirFS(source)
	if strings.HasSuffix(source, ".txtar") {
		a, err := txtar.ParseFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if files, err = txtar.FS(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runIn runs a command in a directory. It fails the test if the exit status is
// none of those allowed.
func runIn(t *testing.T, dir string, allowed []int, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "PWD="+dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || !slices.Contains(allowed, cmd.ProcessState.ExitCode()) {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// verdictAtEnd is what a line of the command has after the finding itself.
var verdictAtEnd = regexp.MustCompile(`(?m) \[[a-z ]+\]$`)

// commandFindings are those of the command, without their verdicts.
func commandFindings(t *testing.T, dir, bin string, flags ...string) []string {
	out, _ := runIn(t, dir, []int{0, 1}, bin, slices.Concat([]string{"-l"}, flags, []string{"./..."})...)
	return findingLines(verdictAtEnd.ReplaceAllString(out, ""))
}

func findingLines(text string) []string {
	var lines []string
	for l := range strings.Lines(text) {
		lines = append(lines, strings.TrimSuffix(l, "\n"))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// vetFindings are those of a driver that prints JSON.
func vetFindings(t *testing.T, dir string, text string) []string {
	var lines []string
	for d := json.NewDecoder(strings.NewReader(text)); d.More(); {
		var tree map[string]map[string][]vetDiagnostic
		if err := d.Decode(&tree); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for _, byAnalyzer := range tree {
			for _, diagnostics := range byAnalyzer {
				for _, f := range diagnostics {
					lines = append(lines, fmt.Sprintf("%s: %s", strings.TrimPrefix(f.Posn, dir+"/"), f.Message))
				}
			}
		}
	}
	return findingLines(strings.Join(lines, "\n"))
}

// vetComments drops what go vet -json prints between the objects.
func vetComments(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "#") {
			b.WriteString(l)
		}
	}
	return b.String()
}

// checkerFindings are those of the analyzer under the driver of x/tools that
// singlechecker and others rest on.
func checkerFindings(t *testing.T, dir string, a *analysis.Analyzer) []string {
	conf := &packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: dir, Tests: true, Env: append(os.Environ(), "GOWORK=off")}
	pkgs, err := packages.Load(conf, "./...")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Errorf("%v: %v", act, act.Err)
		}
		for _, d := range act.Diagnostics {
			p := act.Package.Fset.Position(d.Pos)
			lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", strings.TrimPrefix(p.Filename, dir+"/"), p.Line, p.Column, d.Message))
		}
	}
	return findingLines(strings.Join(lines, "\n"))
}

// bareAnalyzer is the analyzer with what Bazel's nogo gives it: no way to read
// files, and no module.
func bareAnalyzer() *analysis.Analyzer {
	a := *analyzer.Analyzer
	a.Run = func(pass *analysis.Pass) (any, error) {
		bare := *pass
		bare.ReadFile, bare.Module = nil, nil
		return analyzer.Analyzer.Run(&bare)
	}
	return &a
}

// TestBareDriver checks that the analyzer works in a driver that gives it no
// more than nogo does.
func TestBareDriver(t *testing.T) {
	longtest.Skip(t, "type-checks every dependency from source")
	dir := driverModule(t, "../../testdata/service")
	if got, want := checkerFindings(t, dir, bareAnalyzer()), checkerFindings(t, dir, analyzer.Analyzer); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("without a module and a reader:\n%s\nwith them:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func driverModules(t *testing.T) []string {
	modules, err := filepath.Glob("../../testdata/drivers/*.txtar")
	if err != nil || len(modules) == 0 {
		t.Fatal("no modules", err)
	}
	return append(modules, "../../testdata/service")
}

// TestDrivers checks that every driver finds the same in the same modules.
func TestDrivers(t *testing.T) {
	longtest.Skip(t, "builds the command")
	bin := letgoBinary(t)
	for _, source := range driverModules(t) {
		t.Run(filepath.Base(source), func(t *testing.T) {
			dir := driverModule(t, source)
			want := commandFindings(t, dir, bin)
			if len(want) < 4 {
				t.Fatalf("the command finds only %q", want)
			}
			compare := func(driver string, got []string) {
				t.Helper()
				if !slices.Equal(got, want) {
					t.Errorf("%s finds\n%s\nand the command\n%s", driver, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			out, _ := runIn(t, dir, []int{0}, "go", "vet", "-vettool="+bin, "-json", "./...")
			compare("go vet -json", vetFindings(t, dir, vetComments(out)))
			_, text := runIn(t, dir, []int{1}, "go", "vet", "-vettool="+bin, "./...")
			for _, line := range want { // it prints related positions, too
				if !strings.Contains(text, strings.TrimPrefix(line, "./")) {
					t.Errorf("go vet lacks %s:\n%s", line, text)
				}
			}
			compare("the analyzer", checkerFindings(t, dir, analyzer.Analyzer))
			all, _ := runIn(t, dir, []int{0}, "go", "vet", "-vettool="+bin, "-json", "-all", "./...")
			if got, want := vetFindings(t, dir, vetComments(all)), commandFindings(t, dir, bin, "-all"); !slices.Equal(got, want) {
				t.Errorf("go vet -all finds\n%s\nand the command\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if *withGolangci {
				compare("golangci-lint", golangciFindings(t, dir))
			}
		})
	}
}

// TestDriversFix checks that go vet -fix and go fix write what letgo -w does, and
// that the diff of go fix is one that turns the one into the other.
func TestDriversFix(t *testing.T) {
	longtest.Skip(t, "builds the command")
	bin := letgoBinary(t)
	for _, source := range driverModules(t) {
		for _, grade := range []string{"safe", "review"} {
			t.Run(filepath.Base(source)+"/"+grade, func(t *testing.T) {
				want, vet, fix, patched := driverModule(t, source), driverModule(t, source), driverModule(t, source), driverModule(t, source)
				runIn(t, want, []int{0, 1}, bin, "-w", "-grade="+grade, "./...")
				runIn(t, vet, []int{0}, "go", "vet", "-vettool="+bin, "-fix", "-grade="+grade, "./...")
				diff, _ := runIn(t, fix, []int{0, 1}, "go", "fix", "-fixtool="+bin, "-diff", "-grade="+grade, "./...")
				runIn(t, fix, []int{0}, "go", "fix", "-fixtool="+bin, "-grade="+grade, "./...")
				if grade == "review" && diff == "" {
					t.Error("there is nothing to compare")
				}
				if diff != "" {
					cmd := exec.Command("git", "apply")
					cmd.Dir, cmd.Stdin = patched, strings.NewReader(diff)
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("git apply: %v\n%s", err, out)
					}
				}
				sameTree(t, "go vet -fix", vet, want)
				sameTree(t, "go fix", fix, want)
				sameTree(t, "go fix -diff", patched, want)
			})
		}
	}
}

// TestVetFixes checks that go vet -json has the fix of every rewrite that is
// proved, also of those further down in a file that others change.
func TestVetFixes(t *testing.T) {
	bin, dir := letgoBinary(t), driverModule(t, "../../testdata/drivers/small.txtar")
	out, _ := runIn(t, dir, []int{0}, "go", "vet", "-vettool="+bin, "-json", ".")
	var tree map[string]map[string][]vetDiagnostic
	if err := json.Unmarshal([]byte(vetComments(out)), &tree); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	fixes := 0
	for _, d := range tree["example.com/small"]["letgo"] {
		fixes += len(d.Fixes)
	}
	if fixes != 3 { // of Nap, Doze and Slumber
		t.Errorf("%d fixes in %s", fixes, out)
	}
}

// TestSinglechecker checks that the analyzer finds and writes the same as the
// command when it is built into a program with singlechecker, whose flags stand
// beside its own.
func TestSinglechecker(t *testing.T) {
	longtest.Skip(t, "builds two commands")
	bin, single := letgoBinary(t), filepath.Join(t.TempDir(), "single")
	runIn(t, ".", []int{0}, "go", "build", "-o", single, "../analyzer/testdata/single")
	for _, source := range driverModules(t) {
		t.Run(filepath.Base(source), func(t *testing.T) {
			dir, want := driverModule(t, source), driverModule(t, source)
			for flag, own := range map[string]string{"-tests=false": "-tests=false", "-deliberate": "-all"} {
				out, _ := runIn(t, dir, []int{0}, single, "-json", flag, "./...")
				if got, want := vetFindings(t, dir, out), commandFindings(t, dir, bin, own); !slices.Equal(got, want) {
					t.Errorf("with %s it finds\n%s\nand the command\n%s", flag, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			runIn(t, dir, []int{0, 3}, single, "-fix", "./...")
			runIn(t, want, []int{0, 1}, bin, "-w", "./...")
			sameTree(t, "singlechecker -fix", dir, want)
		})
	}
}

func sameTree(t *testing.T, what, got, want string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(want), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		a, err := os.ReadFile(filepath.Join(want, name))
		if err != nil {
			return err
		}
		if b, err := os.ReadFile(filepath.Join(got, name)); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s gives %s (%v)\n%s\nand letgo -w\n%s", what, name, err, b, a)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
