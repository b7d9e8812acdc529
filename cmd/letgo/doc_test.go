package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/help"
	"github.com/letgo-dev/letgo/internal/sample"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// blocks returns the indented parts of a help text, without the indentation:
// each is a run of lines that begin with four spaces, and blank ones between.
func blocks(text string) []string {
	var out []string
	inside := false
	for line := range strings.Lines(text) {
		code, indented := strings.CutPrefix(line, "    ")
		switch {
		case indented && inside:
			out[len(out)-1] += code
		case indented:
			out, inside = append(out, code), true
		case strings.TrimSpace(line) == "" && inside:
			out[len(out)-1] += "\n"
		default:
			inside = false
		}
	}
	for i := range out {
		out[i] = strings.TrimRight(out[i], "\n") + "\n"
	}
	return out
}

// exampleIn returns the block of a help text that begins with some text.
func exampleIn(t *testing.T, text, start string) string {
	t.Helper()
	for _, b := range blocks(text) {
		if strings.HasPrefix(b, start) {
			return b
		}
	}
	t.Fatalf("no example begins with %q", start)
	return ""
}

// fences returns the fenced blocks of a language in the README.
func fences(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, part := range strings.Split(string(text), "\n```"+language+"\n")[1:] {
		if code, _, ok := strings.Cut(part, "\n```\n"); ok {
			out = append(out, code+"\n")
		}
	}
	return out
}

// TestDirectivesHelp runs the example of "letgo help directives": nothing in it
// is a mistake, and each of its directives has an effect.
func TestDirectivesHelp(t *testing.T) {
	t.Parallel()
	example := exampleIn(t, help.DirectivesText, "package shop")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\ngo 1.26\n")
	findings := func(source string) string {
		write(t, filepath.Join(dir, "shop.go"), source)
		status, stdout, stderr := try(t.Context(), nil, "-C", dir, "-all", "-l", "-json")
		if status == app.ExitFailed || !strings.Contains(stdout, `"problems": []`) {
			t.Fatalf("status %d\n%s%s", status, stdout, stderr)
		}
		return stdout
	}
	all := findings(example)
	if !strings.Contains(all, `"directives": []`) {
		t.Errorf("the example has mistakes:\n%s", all)
	}
	lines := strings.SplitAfter(example, "\n")
	count := 0
	for i, l := range lines {
		code, directive, ok := strings.Cut(l, "//letgo:")
		if !ok {
			continue
		}
		count++
		without := slices.Clone(lines)
		without[i] = code + "//\n" // every other line keeps its number
		if findings(strings.Join(without, "")) == all {
			t.Errorf("//letgo:%s has no effect", strings.TrimSpace(directive))
		}
	}
	if count < 6 {
		t.Errorf("the example has %d directives", count)
	}
}

// TestNolintHelp runs the line with a nolint of "letgo help directives".
func TestNolintHelp(t *testing.T) {
	t.Parallel()
	example := exampleIn(t, help.DirectivesText, "c.mu.Lock() //nolint")
	dir := newModule(t)
	for _, test := range []struct{ line, want string }{
		{"c.mu.Lock()\n", "a.go:11:2: "}, {example, ""},
	} {
		source := strings.Replace(sample.Before, "t.mu.Lock()\n", test.line, 1)
		source = strings.Replace(source, "func (t *T) Wait(", "func (c *T) Wait(", 1)
		source = strings.Replace(source, "defer t.mu.Unlock()\n\tv := <-ch\n\tt.n += v", "defer c.mu.Unlock()\n\tv := <-ch\n\tc.n += v", 1)
		write(t, filepath.Join(dir, "a.go"), source)
		_, stdout, stderr := try(t.Context(), nil, "-C", dir, "-l")
		if !strings.HasPrefix(stdout, test.want) || test.want == "" && stdout != "" {
			t.Errorf("%q: %s%s", test.line, stdout, stderr)
		}
	}
}

// configModule is what the example of a project file speaks of.
var configModule = map[string]string{
	"go.mod": "module example.com/shop\n\ngo 1.26\n",
	"shop.go": `package shop

import (
	"log"
	"os"
	"sync"
	"time"
)

var mu sync.Mutex //letgo:short

func Ask() {}

type Client struct{}

func (c *Client) Peek() { time.Sleep(1) }

func f(c *Client) {
	mu.Lock()
	Ask()
	mu.Unlock()

	mu.Lock()
	c.Peek()
	mu.Unlock()

	mu.Lock()
	log.Print()
	mu.Unlock()

	mu.Lock()
	os.Remove("x")
	mu.Unlock()
}
`,
	"mock_a.go":               "package shop\n\nfunc g(ch chan int) {\n\tmu.Lock()\n\t<-ch\n\tmu.Unlock()\n}\n",
	"internal/legacy/x/x.go":  "package x\n\nimport \"sync\"\n\nvar mu sync.Mutex //letgo:short\n\nfunc g(ch chan int) {\n\tmu.Lock()\n\t<-ch\n\tmu.Unlock()\n}\n",
	"internal/legacy2/x/x.go": "package x\n\nimport \"sync\"\n\nvar mu sync.Mutex //letgo:short\n\nfunc g(ch chan int) {\n\tmu.Lock()\n\t<-ch\n\tmu.Unlock()\n}\n",
}

// TestConfigHelp runs letgo with the project file of "letgo help config".
func TestConfigHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range configModule {
		write(t, filepath.Join(dir, name), text)
	}
	places := func() string {
		status, stdout, stderr := try(t.Context(), nil, "-C", dir, "-l", "./...")
		if status != app.ExitFound {
			t.Fatalf("status %d\n%s%s", status, stdout, stderr)
		}
		var out []string
		for line := range strings.Lines(stdout) {
			place, _, _ := strings.Cut(line, ": ")
			out = append(out, place)
		}
		slices.Sort(out) // they come in the order of their worth
		return strings.Join(out, " ")
	}
	if got, want := places(), "internal/legacy/x/x.go:8:2 internal/legacy2/x/x.go:8:2 mock_a.go:4:2 shop.go:23:2 shop.go:31:2"; got != want {
		t.Errorf("without a project file: %s, want %s", got, want)
	}
	write(t, filepath.Join(dir, config.Name), exampleIn(t, help.ConfigText, "# Functions"))
	if got, want := places(), "internal/legacy2/x/x.go:8:2 shop.go:19:2 shop.go:27:2"; got != want {
		t.Errorf("with the project file: %s, want %s", got, want)
	}
}

// TestReadmeExamples checks that what the README shows of directives and
// project files is part of the help texts, which the tests above run.
func TestReadmeExamples(t *testing.T) {
	for _, test := range []struct{ language, whole string }{
		{"go", exampleIn(t, help.DirectivesText, "package shop")},
		{"yaml", exampleIn(t, help.ConfigText, "# Functions")},
	} {
		found := fences(t, test.language)
		if len(found) == 0 {
			t.Errorf("no block of %s in the README", test.language)
		}
		for _, code := range found {
			if !strings.Contains(test.whole, code) {
				t.Errorf("not in the help text:\n%s", code)
			}
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(help.ConfigText) { // TestScripts/baseline runs these
		if strings.HasPrefix(b, "letgo ") && !bytes.Contains(readme, []byte(strings.TrimSpace(b))) {
			t.Errorf("the README does not have %q", b)
		}
	}
}

// TestReadmeShapes checks that the table of rewrites has one row for each
// shape, in their order, and is one table.
func TestReadmeShapes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "\n## The rewrites\n\n")
	var rows, want []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "|-") {
			break
		}
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok {
			rows = append(rows, name)
		}
	}
	for _, s := range shapes.All() {
		want = append(want, s.Name)
	}
	if !slices.Equal(rows, want) {
		t.Errorf("rows for %q, want %q", rows, want)
	}
}

// TestReadmeFinding checks that the finding that the README shows is printed so.
func TestReadmeFinding(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, _, stderr := try(t.Context(), nil, "-C", "../../testdata/service", "./...")
	_, after, found := strings.Cut(stderr, "\nserver.go:83:2: ")
	shown, _, _ := strings.Cut("server.go:83:2: "+after, "\n\n")
	want := "    " + strings.ReplaceAll(shown, "\n", "\n    ") + "\n"
	if !found || !strings.Contains(string(readme), want) {
		t.Errorf("the README does not have\n%s", want)
	}
}
