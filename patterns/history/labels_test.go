package history_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/history"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
)

var (
	checkouts = flag.String("checkouts", "", "directory with clones of the labelled repositories: compute testdata/labels/history.tsv anew (with -update)")
	update    = flag.Bool("update", false, "update the table")
)

const (
	evidenceFile = "../../testdata/labels/evidence.tsv"
	historyFile  = "../../testdata/labels/history.tsv"
)

// notAsked begins the line of the table that lists the repositories without a clone.
const notAsked = "# Not asked: "

// TestLabels runs Why on the sections of the labeled repositories, and compares the results
// with the table or, with -update, writes the table:
//
//	go test ./patterns/history -run TestLabels -checkouts DIR -update -timeout 1h
//
// DIR has a clone of each repository, with its history, at the commit named at the top of
// testdata/labels/evidence.tsv.
func TestLabels(t *testing.T) {
	if *checkouts == "" {
		t.Skip("no -checkouts")
	}
	data, err := os.ReadFile(evidenceFile)
	if err != nil {
		t.Fatal(err)
	}
	byDir := make(map[string]map[string][]string) // module, "file:line", columns
	var dirs []string
	asked, repos, missing := 0, make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || c[0] == "std" || c[6] != "found" {
			continue
		}
		at := filepath.Join(*checkouts, c[0], c[1])
		dir := filepath.Dir(at)
		if _, err := os.Stat(dir); err != nil {
			missing[c[0]] = true
			continue
		}
		if byDir[dir] == nil {
			dirs, byDir[dir] = append(dirs, dir), make(map[string][]string)
		}
		byDir[dir][at] = c
		asked++
		repos[c[0]] = true
	}
	var out []string
	for _, dir := range dirs {
		out = append(out, inDirectory(t, dir, byDir[dir])...)
	}
	slices.Sort(out)
	text := fmt.Sprintf("# What the history of %d labelled sections of %d repositories says, see evidence.tsv: label,\n"+
		"# kind of change, commit and subject, and for put-back the commit that had narrowed the section.\n%s%s\n%s",
		asked, len(repos), notAsked, strings.Join(slices.Sorted(maps.Keys(missing)), " "), strings.Join(out, ""))
	old, _ := os.ReadFile(historyFile)
	if bytes.Equal(old, []byte(text)) {
		return
	}
	switch {
	case t.Failed(): // the table would be incomplete
	case !*update:
		t.Errorf("%s is out of date:\n%s", historyFile, text)
	default:
		if err := os.WriteFile(historyFile, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// inDirectory runs Why on the labeled sections of a package. It returns lines of the table.
func inDirectory(t *testing.T, dir string, rows map[string][]string) []string {
	res, err := load.Load(load.Config{Dir: dir}, ".")
	if err != nil {
		t.Errorf("%s: %v", dir, err)
		return nil
	}
	repo, err := history.Open(t.Context(), dir)
	if err != nil || repo == nil {
		t.Errorf("%s: no history: %v", dir, err)
		return nil
	}
	defer repo.Close()
	byFile := make(map[string][]*finding.Finding)
	row := make(map[*finding.Finding][]string)
	for _, f := range find.All(analyse.NewProgram(res.Packages, nil), waits.Options{}) {
		p := f.Position()
		if c := rows[fmt.Sprintf("%s:%d", p.Filename, p.Line)]; c != nil {
			byFile[p.Filename] = append(byFile[p.Filename], f)
			row[f] = c
		}
	}
	var out []string
	for file, found := range byFile {
		why, err := repo.Why(t.Context(), file, found)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for f, c := range why {
			r := row[f]
			out = append(out, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r[0], r[1], r[5], c.Kind, c.Commit, c.Subject, c.Narrowed, c.NarrowedSubject))
		}
	}
	return out
}

// TestReadmeFigures checks the figures in the README against the table.
func TestReadmeFigures(t *testing.T) {
	table, err := os.ReadFile(historyFile)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rows, _ := strings.Cut(string(table), "\n"+notAsked)
	without, rows, _ := strings.Cut(rows, "\n")
	asked, _, _ := strings.Cut(strings.TrimPrefix(head, "# What the history of "), " ")
	n, meant := strings.Count(rows, "\n"), strings.Count(rows, "\tdeliberate\t")
	if n == 0 || n != meant {
		t.Errorf("%d of %d are held on purpose: the README says all", meant, n)
	}
	all, held := foundOutside(t, strings.Fields(without))
	if asked != fmt.Sprint(all) {
		t.Errorf("the history of %s sections was asked, of %d in %s: compute it anew", asked, all, evidenceFile)
	}
	text := strings.Join(strings.Fields(string(readme)), " ")
	want := fmt.Sprintf("Of %s labelled sections that letgo finds outside of the standard library, %d have such a commit. All %d are held on purpose; of all %d, %d are", asked, n, n, all, held)
	if !strings.Contains(text, want) {
		t.Errorf("the README does not say %q", want)
	}
}

// foundOutside counts the labeled sections outside the standard library that letgo finds, and
// how many of them hold the lock on purpose. It leaves out the repositories in without.
func foundOutside(t *testing.T, without []string) (all, held int) {
	labels, err := os.ReadFile(evidenceFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(labels)) {
		if c := strings.Split(line, "\t"); len(c) > 6 && c[0] != "std" && c[6] == "found" && !slices.Contains(without, c[0]) && !strings.HasPrefix(line, "#") {
			all++
			if c[5] == "deliberate" {
				held++
			}
		}
	}
	return all, held
}
