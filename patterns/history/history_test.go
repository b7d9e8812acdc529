package history_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/history"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A state is a commit: its message, and the body of the function.
type state struct{ message, body string }

const (
	held     = "t.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.n++\n\t<-t.ch"
	narrowed = "t.mu.Lock()\n\tt.n++\n\tt.mu.Unlock()\n\t<-t.ch"
	wide     = "t.mu.Lock()\n\tt.n++\n\t<-t.ch\n\tt.mu.Unlock()"
	bare     = "t.n++\n\t<-t.ch"
)

// TestWhy creates histories of a function and checks the answer of Why for each.
func TestWhy(t *testing.T) {
	needGit(t)
	for _, test := range []struct {
		name   string
		states []state
		want   string // kind and subjects, "" for nothing
	}{
		{"put back", []state{{"Start", held}, {"Ask without the lock", narrowed}, {"Hold the lock again", wide}}, "put-back: Hold the lock again / Ask without the lock"},
		{"moved", []state{{"Start", narrowed}, {"Fix a race with Close", wide}}, "moved-in: Fix a race with Close"},
		{"added", []state{{"Start", bare}, {"Deadlock, what deadlock?", held}}, "lock-added: Deadlock, what deadlock?"},
		{"body of the message", []state{{"Start", bare + strings.Repeat("\n\tt.n++", 20)}, {"Fix #12\n\nTwo calls must not overlap: one at a time.", held + strings.Repeat("\n\tt.n++", 20)}}, "lock-added: Fix #12"},
		{"large commit", []state{{"Start", bare}, {"New design\n\nIt also has a lock.", "t.n--\n\tt.n *= 2" + strings.Repeat("\n\tt.n++", 9) + "\n\t" + held}}, ""},
		{"says nothing", []state{{"Start", narrowed}, {"Tidy up", wide}}, ""},
		{"narrower since", []state{{"Start", wide + "\n\tt.n--"}, {"Let go of the lock late", held}}, ""},
		{"says the opposite", []state{{"Start", narrowed}, {"Reduce lock contention", wide}}, ""},
		{"written so", []state{{"Start", "t.n++"}, {"Lock and wait", held}}, ""},
		{"other name", []state{{"Start", strings.ReplaceAll(held, "t.mu", "t.old")}, {"Rename the lock", held}}, ""},
		{"branch", []state{
			{"Start", "t.mu.Lock()\n\tif t.n == 0 {\n\t\tt.mu.Unlock()\n\t\treturn\n\t}\n\t<-t.ch\n\tt.mu.Unlock()"},
			{"Lock less", "t.mu.Lock()\n\tif t.n == 1 {\n\t\tt.mu.Unlock()\n\t\treturn\n\t}\n\t<-t.ch\n\tt.mu.Unlock()"},
		}, ""},
		{"literal", []state{
			{"Start", "t.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.once.Do(func() { <-t.ch })"},
			{"Lock inside", "t.once.Do(func() {\n\t\tt.mu.Lock()\n\t\tdefer t.mu.Unlock()\n\t\t<-t.ch\n\t})"},
		}, ""},
		{"goroutine", []state{
			{"Start", "t.mu.Lock()\n\tdefer t.mu.Unlock()\n\tgo func() { <-t.ch }()"},
			{"Fix order", held},
		}, "moved-in: Fix order"},
		{"uncommitted", []state{{"Start", bare}, {"", held}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t)
			for _, s := range test.states {
				write(t, filepath.Join(dir, "p.go"), "// Package p.\npackage p\n\nimport \"sync\"\n\ntype T struct {\n\tmu, old sync.Mutex\n\tonce sync.Once\n\tn int\n\tch chan int\n}\n\nfunc (t *T) Do() {\n\t"+s.body+"\n}\n")
				if s.message != "" {
					git(t, dir, "commit", "-q", "-a", "-m", s.message)
				}
			}
			if got := ask(t, dir); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// ask calls Why for the only finding in a module.
func ask(t *testing.T, dir string) string {
	t.Helper()
	res, err := load.Load(load.Config{Dir: dir}, ".")
	if err != nil {
		t.Fatal(err)
	}
	found := find.All(analyse.NewProgram(res.Packages, nil), waits.Options{})
	if len(found) != 1 {
		t.Fatalf("%d findings", len(found))
	}
	repo, err := history.Open(t.Context(), dir)
	if err != nil || repo == nil {
		t.Fatal("no repository", err)
	}
	defer repo.Close()
	why, err := repo.Why(t.Context(), filepath.Join(dir, "p.go"), found)
	if err != nil {
		t.Fatal(err)
	}
	c := why[found[0]]
	switch {
	case c == nil:
		return ""
	case !strings.Contains(c.String(), c.Commit):
		t.Errorf("%q does not name the commit", c)
	}
	text := fmt.Sprintf("%s: %s", c.Kind, c.Subject)
	if c.Narrowed != "" {
		text += " / " + c.NarrowedSubject
	}
	return text
}

// TestHostile checks that no program runs in a repository that configures one for everything
// that git could run.
func TestHostile(t *testing.T) {
	needGit(t)
	dir := repository(t)
	source := "package p\n\nimport \"sync\"\n\ntype T struct {\n\tmu sync.Mutex\n\tn int\n\tch chan int\n}\n\nfunc (t *T) Do() {\n\t%s\n}\n"
	write(t, filepath.Join(dir, ".gitattributes"), "*.go diff=bad filter=bad merge=bad\n")
	git(t, dir, "add", ".gitattributes")
	for _, s := range []state{{"Start", held}, {"Narrow", narrowed}, {"Hold the lock", wide}} {
		write(t, filepath.Join(dir, "p.go"), fmt.Sprintf(source, s.body))
		git(t, dir, "commit", "-q", "-a", "-m", s.message)
	}
	marker := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "bad")
	write(t, script, "#!/bin/sh\necho \"$0 $@\" >>"+marker+"\ncat\n")
	if err := os.Chmod(script, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"core.fsmonitor", "core.pager", "pager.blame", "pager.cat-file", "core.sshCommand", "core.editor", "core.askPass", "core.gitProxy", "diff.external",
		"diff.bad.textconv", "diff.bad.command", "filter.bad.clean", "filter.bad.smudge", "filter.bad.process", "merge.bad.driver", "gpg.program",
		"core.alternateRefsCommand", "credential.helper", "alias.blame", "alias.cat-file", "alias.rev-parse", "uploadpack.packObjectsHook",
	} {
		value := script
		if strings.HasPrefix(key, "alias.") {
			value = "!" + script
		}
		git(t, dir, "config", key, value)
	}
	git(t, dir, "config", "log.showSignature", "true")
	git(t, dir, "config", "core.hooksPath", filepath.Dir(script))
	// In a partial clone, git could fetch missing objects with a configured program.
	git(t, dir, "config", "extensions.partialClone", "origin")
	git(t, dir, "config", "remote.origin.promisor", "true")
	git(t, dir, "config", "remote.origin.url", "ext::"+script)
	git(t, dir, "config", "protocol.ext.allow", "always")
	gone := strings.TrimSpace(git(t, dir, "rev-parse", "HEAD~1:p.go"))
	if err := os.Remove(filepath.Join(dir, ".git/objects", gone[:2], gone[2:])); err != nil {
		t.Fatal(err)
	}
	os.Remove(marker) // the setup above may have run programs
	repo, err := history.Open(t.Context(), dir)
	if err != nil || repo == nil {
		t.Fatal("no repository", err)
	}
	defer repo.Close()
	res, err := load.Load(load.Config{Dir: dir}, ".")
	if err != nil {
		t.Fatal(err)
	}
	found := find.All(analyse.NewProgram(res.Packages, nil), waits.Options{})
	why, err := repo.Why(t.Context(), filepath.Join(dir, "p.go"), found)
	t.Log(why, err) // there may be no answer, since an object is missing
	if ran, err := os.ReadFile(marker); err == nil {
		t.Errorf("git has run:\n%s", ran)
	}
}

// TestNoRepository tests Open without a repository, without a commit, with a canceled
// context, and without git.
func TestNoRepository(t *testing.T) {
	needGit(t)
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	if repo, err := history.Open(t.Context(), t.TempDir()); repo != nil || err != nil {
		t.Errorf("outside of a repository: %v, %v", repo, err)
	}
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	if repo, err := history.Open(t.Context(), dir); repo != nil || err != nil {
		t.Errorf("without a commit: %v, %v", repo, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := history.Open(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	t.Setenv("PATH", "")
	if _, err := history.Open(t.Context(), dir); !errors.Is(err, history.ErrNoGit) {
		t.Errorf("without git: %v", err)
	}
}

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
}

// repository creates a repository with a module that has one empty Go file.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/p\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "p.go"), "package p\n")
	git(t, dir, "add", ".")
	return dir
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
