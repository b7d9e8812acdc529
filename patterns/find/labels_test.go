package find_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

var checkouts = flag.String("checkouts", "", "directory with checkouts of the labelled repositories: compute testdata/labels/evidence.tsv anew (with -update)")

const evidenceFile = "../../testdata/labels/evidence.tsv"

// A labelled is one critical section of a real repository that was judged by
// a reader, with what letgo finds there.
type labelled struct {
	repo, where, function, lock string
	mode                        string // "R", "W"; "RW-W" for the write side of an RWMutex; "-": not looked up yet
	label                       string
	state                       string   // found, silent (a section that does not wait), absent
	waits                       string   // category and name of what it waits for
	signs                       []string // that the verdict is the sum of
}

func (r *labelled) file() string { return r.where[:strings.LastIndexByte(r.where, ':')] }

// pattern is the same for rows that repeat one pattern in one file.
func (r *labelled) pattern() string {
	return strings.Join([]string{r.repo, r.file(), r.lock[strings.LastIndexByte(r.lock, '.')+1:], r.waits, r.label}, "|")
}

// score adds the weights of the row's signs.
func (r *labelled) score(weights map[string]int) int {
	sum := 0
	for _, s := range r.signs {
		sum += weights[s]
	}
	return sum
}

// readLabels reads the table of evidence.
func readLabels(t *testing.T) (head string, rows []*labelled) {
	t.Helper()
	data, err := os.ReadFile(evidenceFile)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			head += line + "\n"
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 9 {
			t.Fatalf("%s:%d: %d columns, want 9", evidenceFile, i+1, len(c))
		}
		rows = append(rows, &labelled{c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], strings.Fields(c[8])})
	}
	return head, rows
}

// TestLabelsRecompute looks every labelled section up in the checkouts and
// compares, or with -update writes, the table of evidence:
//
//	go test ./patterns/find -run TestLabelsRecompute -checkouts DIR -update
//
// DIR has one directory for each repository of the table, at the commit that
// the head of the table names; std is the standard library of the installed Go.
// Rows of a repository that is not there stay as they are.
func TestLabelsRecompute(t *testing.T) {
	if *checkouts == "" {
		t.Skip("no -checkouts")
	}
	head, rows := readLabels(t)
	byRepo := make(map[string][]*labelled)
	for _, r := range rows {
		byRepo[r.repo] = append(byRepo[r.repo], r)
	}
	for _, repo := range slices.Sorted(maps.Keys(byRepo)) {
		lookUp(t, repo, byRepo[repo])
	}
	var b strings.Builder
	b.WriteString(head)
	for _, r := range rows {
		fmt.Fprintf(&b, "%s\n", strings.Join([]string{r.repo, r.where, r.function, r.lock, r.mode, r.label, r.state, r.waits, strings.Join(r.signs, " ")}, "\t"))
	}
	old, _ := os.ReadFile(evidenceFile)
	switch {
	case bytes.Equal(old, []byte(b.String())):
	case *update:
		if err := os.WriteFile(evidenceFile, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is out of date:\n%s", evidenceFile, diffLines(string(old), b.String()))
	}
}

// lookUp fills in the rows of one repository.
func lookUp(t *testing.T, repo string, rows []*labelled) {
	t.Helper()
	root, err := filepath.EvalSymlinks(filepath.Join(*checkouts, repo))
	if repo == "std" {
		out, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			t.Fatal(err)
		}
		root = filepath.Join(strings.TrimSpace(string(out)), "src")
	} else if os.IsNotExist(err) {
		t.Logf("%s is not in %s", repo, *checkouts)
		return
	} else if err != nil {
		t.Fatal(err)
	}
	dirs := moduleDirs(t, root)
	for _, r := range rows {
		r.state, r.signs = "absent", nil
	}
	for _, dir := range dirs {
		wanted := func(r *labelled) bool { return deepest(dirs, filepath.Join(root, r.file())) == dir }
		if !slices.ContainsFunc(rows, wanted) {
			continue
		}
		eachPackage(t, dir, func(x *patterns.Program, p *patterns.Package) { fillIn(rows, root, x, p) })
	}
}

// eachPackage analyses the packages of a module, each after those that it imports.
// Nothing is compiled, unless something is wrong with one of the packages.
func eachPackage(t *testing.T, dir string, visit func(*patterns.Program, *patterns.Package)) {
	t.Helper()
	list, ok := load.List(load.Config{Dir: dir}, "./...")
	if !ok || !list.Prepare(list.All, nil) {
		res, err := load.Load(load.Config{Dir: dir}, "./...")
		if err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		x := analyse.NewProgram(res.Packages, nil)
		for _, p := range res.Packages {
			visit(x, p)
		}
		return
	}
	facts := make(map[string]*patterns.Facts)
	for _, u := range list.All {
		p, err := u.Load(false)
		if err != nil || p == nil {
			t.Fatalf("%s: %v", u.ImportPath, err)
		}
		x := analyse.NewProgramFrom([]*patterns.Package{p}, nil, facts)
		visit(x, p)
		facts[u.ImportPath] = x.FactsOf(p)
	}
}

// fillIn fills in the rows that stand in one package.
func fillIn(rows []*labelled, root string, x *patterns.Program, p *patterns.Package) {
	for _, s := range locks.SectionsIn(x, p) {
		if r := rowAt(rows, root, s); r != nil && r.state != "found" {
			r.found(s, "silent")
			r.waits = "-"
		}
	}
	for _, f := range find.In(x, p, waits.Options{}) {
		r := rowAt(rows, root, f.Section)
		if r == nil {
			continue
		}
		r.found(f.Section, "found")
		r.waits, r.signs = f.Main().Category+" "+f.Main().What, nil
		for _, e := range f.Verdict.Evidence[1:] { // the first is where each sum starts
			r.signs = append(r.signs, e.Sign)
		}
	}
}

// found fills in where the row's section is.
func (r *labelled) found(s *locks.Section, state string) {
	r.function, r.lock, r.state = s.Unit.Name(), s.Lock.String(), state
	if r.mode == "-" {
		r.mode = string(s.Mode)
	}
}

func rowAt(rows []*labelled, root string, s *locks.Section) *labelled {
	pos := s.Position()
	rel, err := filepath.Rel(root, pos.Filename)
	if err != nil {
		return nil
	}
	where := filepath.ToSlash(rel) + ":" + strconv.Itoa(pos.Line)
	for _, r := range rows {
		if r.where == where && (r.mode == "-" || strings.HasSuffix(r.mode, string(s.Mode))) {
			return r
		}
	}
	return nil
}

// moduleDirs lists the directories with a go.mod below root.
func moduleDirs(t *testing.T, root string) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "go.mod" {
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// deepest returns the longest of the directories that holds the file.
func deepest(dirs []string, file string) string {
	best := ""
	for _, d := range dirs {
		if strings.HasPrefix(file, d+string(filepath.Separator)) && len(d) > len(best) {
			best = d
		}
	}
	return best
}
