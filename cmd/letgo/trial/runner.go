package trial

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/internal/scratch"
)

// A request is what to run.
type request struct {
	only  []Failure // these tests alone; nil for all
	times int       // how often; 0 for as the command says
	race  bool
	cover bool // with a coverage profile
}

// A runner runs tests.
type runner interface {
	// run runs them with the files changed, by absolute name. The error is for what
	// keeps it from running them.
	run(ctx context.Context, files map[string][]byte, r request) (*outcome, error)

	nothing() bool // there are no tests

	// patience is how often tests are run that may fail now and then, to see whether
	// they do, if a run takes so long.
	patience(run time.Duration) int

	withRace() (bool, string) // whether to run all again with -race, and if not, why
	close()
}

// An outcome is what came of a run.
type outcome struct {
	failed  []Failure // in the order in which they failed
	blocks  map[string][]block
	slowest time.Duration // of the packages
	cached  bool          // for one of them the go command knew the result
}

// has reports whether the test of a failure failed.
func (o *outcome) has(f Failure) bool {
	return slices.ContainsFunc(o.failed, func(g Failure) bool { return g.Package == f.Package && g.Test == f.Test })
}

func compareFailures(a, b Failure) int {
	return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Test, b.Test))
}

// newRunner chooses how to run the tests.
func newRunner(ctx context.Context, cfg *Config) (runner, error) {
	if cfg.Command == "" {
		return newDefault(ctx, cfg)
	}
	c, err := parseCommand(cfg.Command)
	if err != nil {
		return nil, err
	}
	if c.verb == "" {
		return newCopy(ctx, cfg, c)
	}
	dir, err := scratch.Dir()
	if err != nil {
		return nil, err
	}
	return &goRunner{cfg: cfg, command: c, dir: dir}, nil
}

// execute runs a command and returns its output; ok is false if its exit status is
// not 0. The error is for one that cannot be started, or that the context ended.
func execute(ctx context.Context, cmd *exec.Cmd) (output string, ok bool, err error) {
	var out strings.Builder
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &out
	ownGroup(cmd)
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	endGroup(cmd)
	if ctx.Err() != nil {
		return "", false, ctx.Err()
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited && err != exec.ErrWaitDelay {
		return "", false, fmt.Errorf("-try: running %s: %w", cmd.Args[0], err)
	}
	return out.String(), err == nil, nil
}

// What go test prints of a failed test, and of a package.
var (
	failLine    = regexp.MustCompile(`^\s*--- FAIL: (\S+)`)
	packageLine = regexp.MustCompile(`^(?:FAIL|ok  |---)\t(\S+)`)
)

// failuresIn finds tests that fail in the output of go test as people read it.
func failuresIn(output string) []Failure {
	var all, open []Failure
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if m := failLine.FindStringSubmatch(line); m != nil {
			open = append(open, Failure{Test: m[1]})
			continue
		}
		if m := packageLine.FindStringSubmatch(line); m != nil {
			for _, f := range leaves(open) {
				f.Package = m[1]
				all = append(all, f)
			}
			open = nil
			continue
		}
		if n := len(open); n > 0 {
			open[n-1].Message = withMore(open[n-1].Message, line)
		}
	}
	return append(all, leaves(open)...)
}

// leaves drops tests that fail because a subtest of theirs does.
func leaves(list []Failure) []Failure {
	return slices.DeleteFunc(slices.Clone(list), func(f Failure) bool {
		return slices.ContainsFunc(list, func(g Failure) bool {
			return g.Package == f.Package && strings.HasPrefix(g.Test, f.Test+"/")
		})
	})
}

var traceLine = regexp.MustCompile(`^(Error Trace:|\S+\.go:\d+$)`)

// withMore adds to what a test has said the next line that says something, as long as
// there is no more than a place: testify puts that into a line of its own, and what is
// wrong below it.
func withMore(said, line string) string {
	line = strings.Join(strings.Fields(telling(line)), " ")
	switch {
	case said == "":
		return line
	case line == "" || traceLine.MatchString(line):
		return said
	case strings.HasSuffix(said, ":"), strings.HasPrefix(line, "actual") && strings.Contains(said, "expected:"):
		return shortened(said + " " + strings.TrimPrefix(line, "Error: "))
	}
	return said
}

// longestMessage is how much is kept of what a test prints, in characters.
const longestMessage = 160

// telling returns a line of a test's output if it says something, or "".
func telling(line string) string {
	line = strings.TrimSpace(line)
	for _, noise := range []string{"===", "---", "FAIL", "PASS", "ok  ", "exit status", "[controlled"} {
		if strings.HasPrefix(line, noise) {
			return ""
		}
	}
	return shortened(line)
}

func shortened(line string) string {
	if r := []rune(line); len(r) > longestMessage {
		return string(r[:longestMessage-1]) + "…"
	}
	return line
}
