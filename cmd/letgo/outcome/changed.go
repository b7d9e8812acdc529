package outcome

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// changedLines are the lines of the working tree that a revision of its git
// repository does not have: by file name, with symbolic links resolved. The
// value nil stands for all lines of a file.
type changedLines map[string][]textedit.LineRange

// changedSince asks git for the lines that are not in the revision.
func changedSince(ctx context.Context, a *app.App, rev string) (changedLines, error) {
	top, err := git(ctx, a.Dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("-new-from-rev: %w", err)
	}
	root := strings.TrimSuffix(string(top), "\n")
	if _, err := git(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}"); err != nil {
		return nil, fmt.Errorf("-new-from-rev: git knows no revision %q here", rev)
	}
	diff, err := git(ctx, root, "-c", "core.quotePath=true", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/", "-U0", rev, "--", "*.go")
	if err != nil {
		return nil, fmt.Errorf("-new-from-rev: %w", err)
	}
	changed := make(changedLines)
	lines, err := textedit.ChangedLines(diff)
	if err != nil {
		return nil, fmt.Errorf("-new-from-rev: reading the output of git diff: %w", err)
	}
	for name, ranges := range lines {
		changed[resolved(filepath.Join(root, filepath.FromSlash(name)))] = ranges
	}
	others, err := git(ctx, root, "ls-files", "-z", "--others", "--exclude-standard", "--", "*.go")
	if err != nil {
		return nil, fmt.Errorf("-new-from-rev: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(others), "\x00"), "\x00") {
		if name != "" {
			changed[resolved(filepath.Join(root, filepath.FromSlash(name)))] = nil
		}
	}
	return changed, nil
}

// git runs git in a directory and returns what it prints. Programs that the settings
// of the repository name are not started, but for filters of its files.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull}, args...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && len(exit.Stderr) > 0:
		first, _, _ := bytes.Cut(bytes.TrimSpace(exit.Stderr), []byte("\n"))
		return nil, fmt.Errorf("git %s: %s", args[0], first)
	case err != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}

// resolved returns a file name without symbolic links, if the file exists.
func resolved(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

// has reports whether a place is on a changed line.
func (c changedLines) has(at token.Position) bool {
	ranges, ok := c[resolved(at.Filename)]
	if !ok {
		return false
	}
	if ranges == nil {
		return true
	}
	for _, r := range ranges {
		if r.From <= at.Line && at.Line <= r.To {
			return true
		}
	}
	return false
}

// touches reports whether a finding stands on changed lines: where its lock is
// taken or released, where it waits, or on the way to that.
func (c changedLines) touches(f *finding.Finding) bool {
	u := f.Section.Unit
	if c.has(f.Position()) {
		return true
	}
	for _, r := range f.Section.Releases {
		if c.has(u.Position(r.Call.Pos())) {
			return true
		}
	}
	for _, o := range f.Ops {
		if c.has(u.Position(o.Pos())) {
			return true
		}
		for _, h := range o.Path {
			if c.has(h.At) {
				return true
			}
		}
	}
	return false
}
