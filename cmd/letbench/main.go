// Command letbench compares what letgo costs with what go vet, staticcheck,
// nilaway and golangci-lint cost on the same modules in the same run, and prints
// the table of the README: CPU time, wall time and memory as ratios to the first
// tool.
//
//	letbench [-runs 3] [-letgo PROGRAM] DIR...
//
// Each tool runs three times a round: with nothing in its cache (first), again
// (same), and after a change of one package (changed). What the modules
// import is compiled before. A tool that is not installed is left out. The
// modules are copied; nothing in DIR is changed.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	runs := flag.Int("runs", 3, "take the median of so many `rounds`")
	letgo := flag.String("letgo", "letgo", "the letgo `program`")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "letbench: name the directories of modules to measure on")
		os.Exit(2)
	}
	fmt.Println("| module | tool | run | CPU s | wall s | MB | CPU to letgo's |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, dir := range flag.Args() {
		if err := compare(dir, *letgo, *runs); err != nil {
			fmt.Fprintf(os.Stderr, "letbench: %s: %v\n", dir, err)
			os.Exit(1)
		}
	}
}

// A tool is one that is measured.
type tool struct {
	name  string
	args  []string
	cache string // environment variable that names its cache; the go command's is shared
}

// tools lists those that are installed.
func tools(letgo string) []tool {
	all := []tool{
		{"letgo -l", []string{letgo, "-l", "./..."}, "LETGOCACHE"},
		{"go vet", []string{"go", "vet", "./..."}, ""},
		{"staticcheck", []string{"staticcheck", "-tests=false", "./..."}, "STATICCHECK_CACHE"},
		{"nilaway", []string{"nilaway", "-test=false", "./..."}, ""},
		{"golangci-lint", []string{"golangci-lint", "run", "--tests=false", "./..."}, "GOLANGCI_LINT_CACHE"},
	}
	return slices.DeleteFunc(all, func(t tool) bool {
		_, err := exec.LookPath(t.args[0])
		return err != nil
	})
}

// phases are the runs of a round.
var phases = []string{"first", "same", "changed"}

// compare measures all tools on a copy of a module and prints its rows.
func compare(dir, letgo string, runs int) error {
	work, err := os.MkdirTemp("", "letbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	module := filepath.Join(work, "module")
	if err := copyModule(dir, module); err != nil {
		return err
	}
	file, err := changeable(module)
	if err != nil {
		return err
	}
	build := exec.Command("go", "build", "./...") // so that all tools find what it imports
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil { // the tools leave such packages out
		fmt.Fprintf(os.Stderr, "letbench: %s: go build: %v\n%s", dir, err, out)
	}
	costs := make(map[string][]cost)
	ts := tools(letgo)
	for round := range runs {
		for _, t := range ts {
			cache := filepath.Join(work, fmt.Sprintf("cache-%s-%d", strings.ReplaceAll(t.name, " ", ""), round))
			if err := os.MkdirAll(cache, 0o777); err != nil {
				return err
			}
			for _, phase := range phases {
				if phase == "changed" {
					if err := change(file, round, t.name); err != nil {
						return err
					}
				}
				c, err := measure(t, module, cache)
				if err != nil {
					return err
				}
				costs[t.name+phase] = append(costs[t.name+phase], c)
			}
		}
	}
	printRows(filepath.Base(dir), ts, costs)
	return nil
}

// printRows prints medians.
func printRows(module string, ts []tool, costs map[string][]cost) {
	for _, phase := range phases {
		base := median(costs[ts[0].name+phase]).cpu
		for _, t := range ts {
			c := median(costs[t.name+phase])
			fmt.Printf("| %s | %s | %s | %.2f | %.2f | %.0f | %.2f |\n", module, t.name, phase, c.cpu, c.wall, c.mem, c.cpu/base)
		}
	}
}

// median returns the one with the median of CPU time.
func median(cs []cost) cost {
	sorted := slices.SortedFunc(slices.Values(cs), func(a, b cost) int {
		switch {
		case a.cpu < b.cpu:
			return -1
		case a.cpu > b.cpu:
			return 1
		}
		return 0
	})
	return sorted[len(sorted)/2]
}

// copyModule copies what a module needs to compile.
func copyModule(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o666)
	})
}

// changeable returns a file of the package in the middle of the list of the
// module's packages.
func changeable(module string) (string, error) {
	cmd := exec.Command("go", "list", "-f", `{{if .GoFiles}}{{.Dir}}/{{index .GoFiles 0}}{{end}}`, "./...")
	cmd.Dir = module
	out, err := cmd.Output()
	files := strings.Fields(string(out))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("go list: no packages: %w", err)
	}
	return files[len(files)/2], nil
}

// change adds a function to a file.
func change(file string, round int, by string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, by)
	return os.WriteFile(file, fmt.Appendf(text, "\nfunc letbench%s%d() int { return %d }\n", name, round, round), 0o666)
}
