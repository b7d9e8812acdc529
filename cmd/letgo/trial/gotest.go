package trial

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/internal/scratch"
)

// A goRunner gives the go command the changed files as an overlay.
type goRunner struct {
	cfg     *Config
	command *command
	dir     string // for files of its own
	own     bool   // the command is the default one
	runs    int
	timeout time.Duration // of a package; 0 if it is not known yet, or the command says
}

func (g *goRunner) close() { os.RemoveAll(g.dir) }

func (g *goRunner) patience(run time.Duration) int {
	return min(max(int(30*time.Second/max(run, time.Millisecond)), 3), 10)
}

func (g *goRunner) nothing() bool { return g.own && len(g.command.packages) == 0 }

// newDefault runs the tests of the packages that are changed, and of those that
// import them.
func newDefault(ctx context.Context, cfg *Config) (runner, error) {
	c := &command{verb: "test", flags: []string{"-count=1"}}
	if cfg.Tags != "" {
		c.flags = append(c.flags, "-tags="+cfg.Tags)
	}
	const format = "{{.ImportPath}} {{len .TestGoFiles}} {{len .XTestGoFiles}} {{join .Imports \" \"}} {{join .TestImports \" \"}} {{join .XTestImports \" \"}}"
	args := []string{"list", "-e", "-tags=" + cfg.Tags, "-f", format}
	for _, m := range cfg.Modules {
		args = append(args, m+"/...")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = cfg.Dir
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("-try: listing the packages that import the changed ones: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[1] == "0" && words[2] == "0" {
			continue
		}
		if slices.Contains(cfg.Changed, words[0]) || slices.ContainsFunc(words[3:], func(p string) bool { return slices.Contains(cfg.Changed, p) }) {
			c.packages = append(c.packages, words[0])
		}
	}
	dir, err := scratch.Dir()
	if err != nil {
		return nil, err
	}
	return &goRunner{cfg: cfg, command: c, dir: dir, own: true}, nil
}

// withRace says whether the default command is run with -race once more.
func (g *goRunner) withRace() (bool, string) {
	if !g.own {
		return false, ""
	}
	cmd := exec.Command("go", "env", "CGO_ENABLED")
	cmd.Dir = g.cfg.Dir
	if out, err := cmd.Output(); err != nil || strings.TrimSpace(string(out)) != "1" {
		return false, "-race needs cgo and a C compiler, and one of them is not there"
	}
	return true, ""
}

// run implements [runner].
func (g *goRunner) run(ctx context.Context, files map[string][]byte, r request) (*outcome, error) {
	g.runs++
	overlay, err := g.overlay(files)
	if err != nil {
		return nil, err
	}
	c := g.command
	profile := ""
	args := []string{c.verb}
	if c.verb == "test" {
		args = append(args, "-json")
	}
	args = append(append(args, c.flags...), "-overlay="+overlay)
	packages := c.packages
	if c.verb == "test" {
		if r.cover {
			profile = filepath.Join(g.dir, fmt.Sprintf("cover%d", g.runs))
			args = append(args, "-coverprofile="+profile, "-coverpkg="+strings.Join(g.cfg.Changed, ","))
		}
		args = append(args, g.chosen(r, &packages)...)
	}
	args = append(append(args, packages...), c.rest...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = g.cfg.Dir
	cmd.Env = append(append(os.Environ(), "PWD="+g.cfg.Dir), c.env...)
	var events bytes.Buffer
	if c.verb == "test" {
		cmd.Stdout = &events
	}
	text, ok, err := execute(ctx, cmd)
	if err != nil {
		return nil, err
	}
	out := &outcome{}
	if c.verb == "test" {
		out.read(events.Bytes())
	}
	if !ok && len(out.failed) == 0 {
		message := ""
		for line := range strings.Lines(text) {
			message = cmp.Or(message, telling(strings.TrimPrefix(line, "# ")))
		}
		out.failed = []Failure{{Message: message}}
	}
	if profile != "" {
		out.readProfile(profile)
	}
	if g.timeout == 0 && !out.cached && !c.has("timeout") {
		g.timeout = max(leastTimeout, 4*out.slowest)
	}
	return out, nil
}

// chosen returns the flags that a request adds, and narrows the packages.
func (g *goRunner) chosen(r request, packages *[]string) []string {
	var args []string
	if g.timeout > 0 { // a rewrite may make a test wait for ever
		factor := time.Duration(1)
		if r.race {
			factor = 10
		}
		args = append(args, fmt.Sprintf("-timeout=%v", g.timeout*factor*time.Duration(max(r.times, 1))))
	}
	if r.race {
		args = append(args, "-race")
	}
	if r.times > 0 {
		args = append(args, fmt.Sprintf("-count=%d", r.times))
	}
	named := make(map[string]bool)
	var tests []string
	for _, f := range r.only {
		if f.Test == "" {
			tests = nil
			break
		}
		top, _, _ := strings.Cut(f.Test, "/")
		tests = append(tests, regexp.QuoteMeta(top))
	}
	for _, f := range r.only {
		if f.Package != "" {
			named[f.Package] = true
		}
	}
	if len(tests) > 0 {
		slices.Sort(tests)
		args = append(args, "-run=^("+strings.Join(slices.Compact(tests), "|")+")$")
	}
	if len(named) > 0 {
		*packages = slices.Sorted(maps.Keys(named))
	}
	return args
}

// overlay writes the files where the go command finds them.
func (g *goRunner) overlay(files map[string][]byte) (string, error) {
	replace := make(map[string]string)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		to := filepath.Join(g.dir, fmt.Sprintf("%d-%d-%s", g.runs, i, filepath.Base(name)))
		if err := os.WriteFile(to, files[name], 0o600); err != nil {
			return "", err
		}
		// The go command may know the file by the one name or the other.
		replace[name] = to
		if real, err := filepath.EvalSymlinks(name); err == nil {
			replace[real] = to
		}
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(g.dir, fmt.Sprintf("overlay%d.json", g.runs))
	return name, os.WriteFile(name, text, 0o600)
}
