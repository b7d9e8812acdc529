package shapes_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

var (
	full      = flag.Bool("full", false, "run over all packages of the modules in go.mod, and over everything twice")
	checkouts = flag.String("checkouts", "", "also run over the modules and workspaces that are the subdirectories of this directory")
)

// readOnly is why files of the module cache are never rewritten.
const readOnly = "outside the main module"

// TestModules runs over the modules of go.mod as [checkCorpus] says: over those
// packages that letgo itself is built from or, with the flag -full, all that can
// be loaded.
func TestModules(t *testing.T) {
	longtest.Skip(t, "loads many packages")
	args := []string{"list", "-deps", "-test", "-f", "{{if and .Module (not .Module.Main) (not .ForTest)}}{{.ImportPath}}{{end}}", "github.com/letgo-dev/letgo/..."}
	if *full {
		args = []string{"list", "-e", "-f", "{{if not (or .Error .DepsErrors)}}{{.ImportPath}}{{end}}"}
		for _, m := range requiredModules(t) {
			args = append(args, m+"/...")
		}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	res, err := load.Load(load.Config{}, strings.Fields(string(out))...)
	if err != nil {
		t.Fatal(err)
	}
	freed := 0
	for _, p := range res.Packages {
		for _, f := range p.Files {
			if f.Fixed == readOnly {
				f.Fixed, freed = "", freed+1 // nothing is written here
			}
		}
	}
	if len(res.Packages) < 20 || freed == 0 {
		t.Errorf("only %d packages were loaded, with %d files of the module cache", len(res.Packages), freed)
	}
	t.Logf("%d packages\n%s", len(res.Packages), checkCorpus(t, res.Packages))
}

// requiredModules lists the modules of go.mod.
func requiredModules(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range mod.Require {
		paths = append(paths, r.Path)
	}
	return paths
}

// TestCheckouts runs over other people's code as [checkCorpus] says:
//
//	go test ./rewrite/shapes -run TestCheckouts -v -checkouts DIR
//
// Every subdirectory of DIR with a go.mod or a go.work is taken, with all
// packages of its modules. Nothing in it is written.
func TestCheckouts(t *testing.T) {
	if *checkouts == "" {
		t.Skip("the flag -checkouts is not given")
	}
	entries, err := os.ReadDir(*checkouts)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		dir := filepath.Join(*checkouts, e.Name())
		patterns := []string{"./..."}
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			patterns = workspacePatterns(t, dir)
		} else if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			res, err := load.Load(load.Config{Dir: dir}, patterns...)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range res.Problems {
				t.Logf("left out: %s", p)
			}
			t.Logf("%d packages\n%s", len(res.Packages), checkCorpus(t, res.Packages))
		})
	}
}

// workspacePatterns lists what names all packages of a workspace.
func workspacePatterns(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing the modules of %s: %v", dir, err)
	}
	var list []string
	for m := range strings.FieldsSeq(string(out)) {
		list = append(list, m+"/...")
	}
	return list
}

// checkCorpus runs over packages and holds every plan of every shape, at every
// grade, to what is promised: the result type-checks, no comment is lost, nothing
// changes outside of what the plan names, a second run over the result of a run
// finds nothing to do, and another run gives the same bytes. It returns counts:
// of sections, of findings by category and by verdict, of verified plans by
// shape and grade, and of refusals by condition.
func checkCorpus(t *testing.T, pkgs []*patterns.Package) string {
	t.Helper()
	counts := make(map[string]int)
	x, again := analyse.NewProgram(pkgs, nil), analyse.NewProgram(pkgs, nil)
	l := limits(shapes.All()...)
	for _, p := range pkgs {
		for _, s := range locks.SectionsIn(x, p) {
			counts["sections"]++
			if s.Problem != "" {
				counts["sections of uncertain extent"]++
			}
		}
		r := rewrite.Fix(x, p, l)
		plans := countEntries(r, counts)
		for _, e := range r.Entries {
			for _, v := range e.Plans {
				checkObligations(t, v.Plan)
				checkPlan(t, p, v)
			}
		}
		if plans == 0 && !*full {
			continue
		}
		if other := rewrite.Fix(again, p, l); !sameRun(r, other) {
			t.Errorf("%s: two runs differ:\n%s\n%s", p.Path, diffOf(t, r), diffOf(t, other))
		}
		if second := rewrite.Fix(analyse.With(x, r.Package), r.Package, l); len(second.Changes) > 0 {
			t.Errorf("%s: a second run changes more:\n%s", p.Path, diffOf(t, second))
		}
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%5d %s\n", counts[k], k)
	}
	return b.String()
}

// countEntries adds what a run says to the counts, and returns the number of
// plans.
func countEntries(r *rewrite.Result, counts map[string]int) (plans int) {
	for _, e := range r.Entries {
		counts["findings"]++
		counts["findings, category "+e.Finding.Main().Category]++
		counts["findings, verdict "+string(e.Finding.Verdict.Judgement)]++
		if len(e.Plans) > 0 {
			counts["findings with a plan, verdict "+string(e.Finding.Verdict.Judgement)]++
		}
		for _, v := range e.Plans {
			plans++
			counts[fmt.Sprintf("plans, %s, %s", v.Plan.Shape, v.Plan.Grade())]++
		}
		for _, f := range e.Refusals {
			counts[strings.TrimSpace(fmt.Sprintf("refusals, %s %s", f.Shape, f.Condition))]++
		}
	}
	return plans
}

// sameRun reports whether two runs report and change the same things.
func sameRun(a, b *rewrite.Result) bool {
	text := func(r *rewrite.Result) string {
		var b strings.Builder
		for _, e := range r.Entries {
			for _, v := range e.Plans {
				b.WriteString(v.Plan.String())
				for _, o := range v.Plan.Obligations {
					fmt.Fprintf(&b, "%s %s %s\n", o.Condition, o.Status, o.Text)
				}
			}
			for _, f := range e.Refusals {
				fmt.Fprintf(&b, "%s %s\n", f.Shape, f.Error())
			}
		}
		return b.String()
	}
	return text(a) == text(b) && slices.EqualFunc(a.Changes, b.Changes, func(c, d verify.Change) bool {
		return c.File.Name == d.File.Name && bytes.Equal(c.Content(), d.Content())
	})
}

// checkPlan checks the result of one plan independently of the code that made it.
func checkPlan(t *testing.T, p *patterns.Package, v *verify.Verified) {
	t.Helper()
	at := v.Plan.Finding.Position()
	contents := make(map[string][]byte)
	for _, c := range v.Changes {
		contents[c.File.Name] = c.Content()
		left := comments(c.Content())
		for _, text := range comments(c.File.Content) {
			i := slices.Index(left, text)
			if i < 0 {
				t.Errorf("%s: %s loses the comment %q", at, v.Plan.Shape, text)
				continue
			}
			left = slices.Delete(left, i, i+1)
		}
	}
	q, err := p.WithContents(contents)
	if err != nil {
		t.Errorf("%s: the result of %s does not type-check: %v", at, v.Plan.Shape, err)
		return
	}
	named := make(map[string]bool) // the functions that the plan names
	for _, s := range append([]ast.Decl{v.Plan.Script.Decl}, otherDecls(v.Plan)...) {
		if d, ok := s.(*ast.FuncDecl); ok {
			named[funcName(d)] = true
		}
	}
	whole := len(v.Plan.Outside)+len(v.Plan.Imports) == 0
	for i, f := range p.Files {
		if _, changed := contents[f.Name]; !changed {
			continue
		}
		before, after := stretches(f, named, whole), stretches(q.Files[i], named, whole)
		if !slices.Equal(before, after) {
			t.Errorf("%s: %s changes something outside of what it names:\n%q\nand was\n%q", at, v.Plan.Shape, after, before)
		}
	}
}

func otherDecls(p *plan.Plan) []ast.Decl {
	var out []ast.Decl
	for _, s := range p.Others {
		out = append(out, s.Decl)
	}
	return out
}

// funcName is the name of a function or method within its package.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	return fmt.Sprintf("%s.%s", exprText(d.Recv.List[0].Type), d.Name.Name)
}

// exprText is the name of a receiver's type.
func exprText(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		return exprText(e.X)
	case *ast.IndexExpr:
		return exprText(e.X)
	case *ast.IndexListExpr:
		return exprText(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// stretches returns the text of a file between the named functions or, if not
// whole, the text of its other functions: a plan that brings imports or
// declarations along changes what stands between.
func stretches(f *patterns.File, named map[string]bool, whole bool) []string {
	var out []string
	at := 0
	offset := func(n int) int { return n - int(f.Syntax.FileStart) }
	for _, d := range f.Syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		start, end := offset(int(d.Pos())), offset(int(d.End()))
		switch {
		case ok && named[funcName(fn)]:
			if whole {
				out = append(out, string(f.Content[at:start]))
				at = end
			}
		case ok && !whole:
			out = append(out, string(f.Content[start:end]))
		}
	}
	if whole {
		out = append(out, string(f.Content[at:]))
	}
	return out
}
