package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readme is the text of the README.
func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// text is the README on one line.
func text(t *testing.T) string { return strings.Join(strings.Fields(readme(t)), " ") }

// TestReadmeDiff checks that the diff at the top of the README is what letgo makes of the
// worked example. Where lines are left out, it has "...".
func TestReadmeDiff(t *testing.T) {
	golden, err := os.ReadFile("../../testdata/service.golden.diff")
	if err != nil {
		t.Fatal(err)
	}
	found := fences(t, "diff")
	if len(found) == 0 {
		t.Fatal("no diff in the README")
	}
	rest := string(golden)
	for _, part := range strings.Split(found[0], "...\n") {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("letgo does not print this, or not in this order:\n%s", part)
		}
		rest = after
	}
}

// TestReadmeGo checks which version of Go the README asks for.
func TestReadmeGo(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if want := fmt.Sprintf("You need Go %s and nothing else.", version[1]); version == nil || !strings.Contains(text(t), want) {
		t.Errorf("the README does not say %q", want)
	}
}

// TestReadmeVerdict checks what the README says of the verdict against what
// TestVerdictOnLabels of patterns/find writes.
func TestReadmeVerdict(t *testing.T) {
	matrix, err := os.ReadFile("../../testdata/labels/matrix.golden")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(matrix), "\nall  ")
	count := make(map[string][]int) // columns: deadlock, incidental, unsure, deliberate, silent, absent
	for line := range strings.Lines(table[:strings.Index(table, "\n\n")]) {
		var name string
		n := make([]int, 6)
		if k, _ := fmt.Sscan(line, &name, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]); k == 7 {
			count[name] = n
		}
	}
	first := 0
	for _, n := range count {
		first += n[0] + n[1]
	}
	labels, err := os.ReadFile("../../testdata/labels/evidence.tsv")
	if err != nil {
		t.Fatal(err)
	}
	sections, repositories := 0, make(map[string]int)
	for line := range strings.Lines(string(labels)) {
		if name, _, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			sections++
			repositories[name]++
		}
	}
	ranked := 0
	_, list, _ := strings.Cut(string(labels), "an earlier letgo ranked first:")
	list, _, _ = strings.Cut(strings.ReplaceAll(list, "\n#", ""), "\n")
	for _, name := range strings.Fields(list) {
		ranked += repositories[name]
	}
	shown := func(label string) (shown, all int) {
		for i, k := range count[label] {
			if all += k; i < 3 {
				shown += k
			}
		}
		return shown, all
	}
	fix, fixes := shown("fix")
	idle, idles := shown("not-blocking")
	change := count["fix"][0] + count["fix"][1] + count["fix-minor"][0] + count["fix-minor"][1]
	for _, want := range []string{
		fmt.Sprintf("%d labelled sections from %d repositories", sections, len(repositories)),
		fmt.Sprintf("%d of the %d findings ranked first need a change, and %d of them cannot block", change, first, count["not-blocking"][0]+count["not-blocking"][1]),
		fmt.Sprintf("Of the %d sections that need a change most, letgo shows %d (", fixes, fix),
		fmt.Sprintf("of the %d that cannot block, it shows %d (", idles, idle),
		fmt.Sprintf("%d of the %d findings ranked first need a change.", change, first),
		fmt.Sprintf("chose %d of the sections because an earlier letgo ranked them first", ranked),
	} {
		if !strings.Contains(text(t), want) {
			t.Errorf("the README does not say %q", want)
		}
	}
}

// TestReadmeCosts checks that the table of costs has only figures that are in the README
// of the program which measures them.
func TestReadmeCosts(t *testing.T) {
	measured, err := os.ReadFile("../letbench/README.md")
	if err != nil {
		t.Fatal(err)
	}
	figures := regexp.MustCompile(`\d+\.\d+`).FindAllString(string(measured), -1)
	rounded := func(figure string) string {
		x, _ := strconv.ParseFloat(figure, 64)
		return fmt.Sprintf("%.1f", x)
	}
	rows := 0
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+, \d+ thousand lines) \| (.*) \| (.*) \|$`).FindAllStringSubmatch(readme(t), -1) {
		rows++
		if !strings.Contains(string(measured), "| "+row[1]+" |") {
			t.Errorf("letbench/README.md has no row for %s", row[1])
		}
		for _, n := range strings.Split(row[2]+", "+row[3], ", ") {
			if !slices.ContainsFunc(figures, func(f string) bool { return f == n || rounded(f) == n }) {
				t.Errorf("%s: letbench/README.md does not have %s", row[1], n)
			}
		}
	}
	if rows == 0 {
		t.Error("there is no table of costs")
	}
	cold := regexp.MustCompile("`letgo -l ./...` takes ([0-9.]+) CPU seconds on caddy, and go vet ([0-9.]+) ").FindStringSubmatch(text(t))
	if cold == nil {
		t.Fatal("the README does not say what a run costs with nothing compiled")
	}
	for _, want := range []string{"| caddy, 70 thousand lines | " + cold[1] + " |", "go vet takes " + cold[2] + " on caddy with nothing compiled"} {
		if !strings.Contains(strings.Join(strings.Fields(string(measured)), " "), want) {
			t.Errorf("letbench/README.md does not say %q", want)
		}
	}
}
