package history

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Repo is an open git repository. It must be closed after use and is not safe for
// concurrent use.
//
// The repository may be untrusted, and its configuration could name programs for git to
// run. So Repo uses only commands that read objects, and disables everything that could
// start a program. It does not let git read files of the working tree, because filters
// could be configured for them.
type Repo struct {
	root   string
	head   string // the commit that HEAD refers to
	cancel context.CancelFunc
	batch  *exec.Cmd // git cat-file --batch
	in     io.WriteCloser
	out    *bufio.Reader

	files   map[string]*parsed // by revision and name
	commits map[string]*commit
}

// ErrNoGit is returned by [Open] if there is no git command.
var ErrNoGit = errors.New("there is no git command")

// maxObject is the maximum size of an object to read.
const maxObject = 8 << 20

// safe are git options that override the repository's configuration.
var safe = []string{
	"--no-pager", "--no-replace-objects", "--literal-pathspecs", "--no-optional-locks",
	"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false",
	"-c", "protocol.allow=never", "-c", "log.showSignature=false",
	"-c", "diff.external=", "-c", "core.attributesFile=/dev/null",
}

// command returns a git command to run in dir.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append(append([]string{}, safe...), args...)...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none", "GIT_ATTR_NOSYSTEM=1", "GIT_EXTERNAL_DIFF=", "LC_ALL=C")
	return cmd
}

// Open opens the repository that contains dir. It returns nil if there is none, or if it
// has no commits. The error is [ErrNoGit] if there is no git command.
func Open(ctx context.Context, dir string) (*Repo, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, ErrNoGit
	}
	out, err := command(ctx, dir, "rev-parse", "--show-toplevel", "--verify", "HEAD^{commit}").Output()
	top, head, _ := strings.Cut(string(out), "\n")
	if err != nil || top == "" {
		return nil, ctx.Err()
	}
	root, err := filepath.EvalSymlinks(filepath.FromSlash(top))
	if err != nil {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &Repo{root: root, head: strings.TrimSpace(head), cancel: cancel, files: make(map[string]*parsed), commits: make(map[string]*commit)}
	r.batch = command(ctx, root, "cat-file", "--batch")
	if r.in, err = r.batch.StdinPipe(); err == nil {
		var pipe io.ReadCloser
		if pipe, err = r.batch.StdoutPipe(); err == nil {
			r.out = bufio.NewReader(pipe)
			err = r.batch.Start()
		}
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("starting git cat-file: %w", err)
	}
	return r, nil
}

// Head returns the commit that HEAD refers to.
func (r *Repo) Head() string { return r.head }

// Has reports whether a file is in the repository's working tree.
func (r *Repo) Has(file string) bool {
	_, ok := r.inside(file)
	return ok
}

// Close stops the git command that reads the repository.
func (r *Repo) Close() {
	r.in.Close()
	r.cancel()
	r.batch.Wait() // fails, since it was killed
}

// object returns the kind and content of the named object, or nothing if there is none or
// it is too large.
func (r *Repo) object(name string) (kind string, content []byte, err error) {
	if _, err := io.WriteString(r.in, name+"\n"); err != nil {
		return "", nil, fmt.Errorf("asking git for %s: %w", name, err)
	}
	head, err := r.out.ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("reading %s from git: %w", name, err)
	}
	fields := strings.Fields(head)
	if len(fields) != 3 || strings.HasSuffix(head, " missing\n") {
		return "", nil, nil
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return "", nil, nil // an ambiguous name
	}
	if size > maxObject {
		_, err := io.CopyN(io.Discard, r.out, size+1)
		return "", nil, err
	}
	content = make([]byte, size+1) // includes a trailing newline
	if _, err := io.ReadFull(r.out, content); err != nil {
		return "", nil, fmt.Errorf("reading %s from git: %w", name, err)
	}
	return fields[1], content[:size], nil
}

// parse returns the file in a revision, or nil if there is none or it doesn't parse.
func (r *Repo) parse(rev, name string) (*parsed, error) {
	key := rev + ":" + name
	if p, ok := r.files[key]; ok {
		return p, nil
	}
	kind, content, err := r.object(key)
	if err != nil {
		return nil, err
	}
	var p *parsed
	if kind == "blob" {
		fset := token.NewFileSet()
		if file, err := parser.ParseFile(fset, name, content, parser.SkipObjectResolution); err == nil {
			p = &parsed{fset, file, content}
		}
	}
	r.files[key] = p
	return p, nil
}

// A commit is a commit's ID and message.
type commit struct{ id, message string }

func (c *commit) short() string { return c.id[:min(len(c.id), 9)] }

// subject returns the first line of the message.
func (c *commit) subject() string {
	line, _, _ := strings.Cut(strings.TrimSpace(c.message), "\n")
	return printable(line)
}

// printable removes control characters from a text, for printing on a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x202e {
			return -1
		}
		return r
	}, text)
}

func (r *Repo) commit(id string) (*commit, error) {
	if c := r.commits[id]; c != nil {
		return c, nil
	}
	_, content, err := r.object(id)
	if err != nil {
		return nil, err
	}
	_, message, _ := strings.Cut(string(content), "\n\n")
	r.commits[id] = &commit{id, message}
	return r.commits[id], nil
}

// blame returns the commits that last changed lines of a file.
func (r *Repo) blame(ctx context.Context, rev, name string, ranges []lineRange) ([]blamed, error) {
	args := []string{"blame", "--porcelain", "--no-textconv", "--no-progress"}
	for _, l := range ranges {
		args = append(args, fmt.Sprintf("-L%d,%d", l.from, l.to))
	}
	out, err := command(ctx, r.root, append(args, rev, "--", name)...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n") // skip warnings
		err = errors.New(printable(strings.TrimPrefix(lines[len(lines)-1], "fatal: ")))
	}
	if err != nil {
		return nil, fmt.Errorf("git blame of %s: %w", name, err)
	}
	return parseBlame(out), nil
}

// parseBlame parses the output of git blame --porcelain. For each line, that has a header
// with the commit and line number, details about the commit when it first appears, and the
// line itself after a tab.
func parseBlame(out []byte) []blamed {
	var list []blamed
	known := make(map[string]*blamed)
	var current *blamed
	line := 0
	for text := range bytes.Lines(out) {
		text := strings.TrimSuffix(string(text), "\n")
		key, value, _ := strings.Cut(text, " ")
		switch {
		case strings.HasPrefix(text, "\t"):
			if current != nil {
				b := *current
				b.line = line
				list = append(list, b)
			}
			current = nil
		case current == nil:
			if known[key] == nil {
				known[key] = &blamed{commit: key}
			}
			current = known[key]
			if fields := strings.Fields(value); len(fields) > 1 {
				line, _ = strconv.Atoi(fields[1])
			}
		case key == "committer-time":
			seconds, _ := strconv.ParseInt(value, 10, 64)
			current.time = time.Unix(seconds, 0)
		case key == "filename":
			current.name = value
		case key == "previous":
			current.previous, current.previousName, _ = strings.Cut(value, " ")
		}
	}
	return list
}
