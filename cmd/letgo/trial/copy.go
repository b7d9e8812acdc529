package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/internal/scratch"
)

// A copyRunner runs a command in a copy of the module or workspace.
type copyRunner struct {
	command *command
	root    string            // what is copied
	copied  string            // where to
	dir     string            // where the command runs
	changed map[string][]byte // what the files of the copy were that are changed now
}

func (c *copyRunner) close()                   { os.RemoveAll(c.copied) }
func (c *copyRunner) nothing() bool            { return false }
func (c *copyRunner) withRace() (bool, string) { return false, "" }

// patience implements [runner]. Each run is one of everything.
func (c *copyRunner) patience(time.Duration) int { return 3 }

// newCopy copies the workspace or module of the working directory.
func newCopy(ctx context.Context, cfg *Config, c *command) (runner, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOWORK", "GOMOD")
	cmd.Dir = cfg.Dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("-try: looking for the module: %w", err)
	}
	work, mod, _ := strings.Cut(strings.TrimRight(string(out), "\r\n"), "\n")
	if work == "off" {
		work = ""
	}
	file := cmp.Or(strings.TrimSpace(work), strings.TrimSpace(mod))
	if file == "" || file == os.DevNull {
		return nil, errors.New("-try: there is no module here to copy for the command; go test needs no copy")
	}
	r := &copyRunner{command: c, changed: make(map[string][]byte)}
	if r.root, err = filepath.EvalSymlinks(filepath.Dir(file)); err != nil {
		return nil, err
	}
	here, err := filepath.EvalSymlinks(cfg.Dir)
	if err != nil {
		return nil, err
	}
	below, err := filepath.Rel(r.root, here)
	if err != nil || !filepath.IsLocal(below) {
		return nil, fmt.Errorf("-try: %s is not below %s, which the command needs a copy of", here, r.root)
	}
	if r.copied, err = scratch.Dir(); err != nil {
		return nil, err
	}
	r.dir = filepath.Join(r.copied, below)
	cfg.Say("copying the module")
	if err := copyTree(ctx, r.root, r.copied); err != nil {
		r.close()
		return nil, fmt.Errorf("-try: copying the module: %w", err)
	}
	return r, nil
}

// notCopied are directories that no test needs, and that a command could do harm by
// or takes long to copy.
var notCopied = []string{".git", ".hg", ".svn"}

// copyTree copies a directory with what is below it.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case slices.Contains(notCopied, d.Name()) && rel != ".":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case d.Type() == fs.ModeSymlink:
			link, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		case d.Type().IsRegular():
			return copyFile(name, target)
		}
		return nil // a socket or a device
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// run implements [runner]. It cannot run some tests alone.
func (c *copyRunner) run(ctx context.Context, files map[string][]byte, r request) (*outcome, error) {
	if err := c.put(files); err != nil {
		return nil, fmt.Errorf("-try: changing the copy of the module: %w", err)
	}
	out := &outcome{}
	for range max(r.times, 1) {
		cmd := exec.CommandContext(ctx, "sh", "-c", c.command.text)
		if runtime.GOOS == "windows" {
			cmd = exec.CommandContext(ctx, "cmd", "/c", c.command.text)
		}
		cmd.Dir = c.dir
		cmd.Env = append(os.Environ(), "PWD="+c.dir)
		text, ok, err := execute(ctx, cmd)
		if err != nil {
			return nil, err
		}
		if ok {
			continue
		}
		failed := failuresIn(text)
		if len(failed) == 0 {
			failed = []Failure{{Message: lastTelling(text)}}
		}
		for _, f := range failed {
			if !out.has(f) {
				out.failed = append(out.failed, f)
			}
		}
	}
	return out, nil
}

// lastTelling returns the last line of an output that says something.
func lastTelling(text string) string {
	last := ""
	for line := range strings.Lines(text) {
		last = cmp.Or(telling(line), last)
	}
	return last
}

// put makes the files of the copy what they are to be, and those that were changed
// before what they were.
func (c *copyRunner) put(files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(c.changed)) {
		if old := c.changed[name]; old == nil {
			if err := os.Remove(name); err != nil {
				return err
			}
		} else if err := os.WriteFile(name, old, 0o600); err != nil {
			return err
		}
		delete(c.changed, name)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		real := name
		if r, err := filepath.EvalSymlinks(name); err == nil {
			real = r
		}
		rel, err := filepath.Rel(c.root, real)
		if err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("%s is not below %s", name, c.root)
		}
		target := filepath.Join(c.copied, rel)
		old, err := os.ReadFile(target)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		c.changed[target] = old
		if err := os.WriteFile(target, files[name], 0o600); err != nil {
			return err
		}
	}
	return nil
}
