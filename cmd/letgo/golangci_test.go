package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// golangciMain is the program that golangci-lint custom makes, too.
const golangciMain = `package main

import (
	"os"

	_ "github.com/letgo-dev/letgo/cmd/golangci"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"
)

func main() {
	if err := commands.Execute(commands.BuildInfo{Version: "custom"}); err != nil {
		os.Exit(exitcodes.Failure)
	}
}
`

const golangciConfig = `version: "2"
linters:
  default: none
  enable: [letgo]
  settings:
    custom:
      letgo:
        type: module
        description: mutexes that are held while waiting for something else
issues:
  max-issues-per-linter: 0
  max-same-issues: 0
  uniq-by-line: false
`

// golangciBinary builds golangci-lint with the plugin, once.
var golangciBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "letgo-golangci-")
	if err != nil {
		return "", err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	mod := fmt.Sprintf("module custom\n\ngo 1.26\n\nreplace github.com/letgo-dev/letgo => %s\n\nrequire (\n\tgithub.com/letgo-dev/letgo v0.0.0\n\tgithub.com/golangci/golangci-lint/v2 v2.15.0\n)\n", root)
	for name, text := range map[string]string{"go.mod": mod, "main.go": golangciMain} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-o", "golangci-lint", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go %s: %v\n%s", args[0], err, out)
		}
	}
	return filepath.Join(dir, "golangci-lint"), nil
})

// golangciFindings are those of golangci-lint with the plugin. Its fixes are
// those of letgo -w, as far as they are proved.
func golangciFindings(t *testing.T, dir string) []string {
	bin, err := golangciBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".golangci.yml"), []byte(golangciConfig), 0o666); err != nil {
		t.Fatal(err)
	}
	out, _ := runIn(t, dir, []int{1}, bin, "run", "--output.json.path=stdout", "--show-stats=false", "./...")
	var report struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct {
				Filename     string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	var lines []string
	for _, i := range report.Issues {
		text := strings.TrimPrefix(i.Text, "letgo: ")
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", i.Pos.Filename, i.Pos.Line, i.Pos.Column, text))
	}
	return findingLines(strings.Join(lines, "\n"))
}

// TestGolangciFix checks that golangci-lint run --fix writes what letgo -w does,
// and leaves no issue of what it has fixed.
func TestGolangciFix(t *testing.T) {
	if !*withGolangci {
		t.Skip("takes minutes; run with -golangci")
	}
	bin := letgoBinary(t)
	for _, source := range driverModules(t) {
		want, got := driverModule(t, source), driverModule(t, source)
		runIn(t, want, []int{0, 1}, bin, "-w", "./...")
		golangci, err := golangciBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(got, ".golangci.yml"), []byte(golangciConfig), 0o666); err != nil {
			t.Fatal(err)
		}
		runIn(t, got, []int{0, 1}, golangci, "run", "--fix", "./...")
		sameTree(t, "golangci-lint run --fix", got, want)
	}
}
