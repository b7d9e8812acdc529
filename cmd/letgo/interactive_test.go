package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/internal/sample"
)

// A terminal is a run of the command on a terminal.
type terminal struct {
	t      *testing.T
	keys   *os.File
	screen chan string
	seen   string
	status chan int
}

// onTerminal runs the command on a terminal.
func onTerminal(t *testing.T, ctx context.Context, args ...string) *terminal {
	t.Helper()
	keys, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there are no terminals: %v", err)
	}
	t.Cleanup(func() { keys.Close() })
	term := &terminal{t: t, keys: keys, screen: make(chan string, 1000), status: make(chan int, 1)}
	go func() {
		defer close(term.screen)
		b := make([]byte, 4096)
		for {
			n, err := keys.Read(b)
			if n > 0 {
				term.screen <- string(b[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	go func() {
		defer tty.Close()
		term.status <- run(ctx, args, tty, tty, tty)
	}()
	return term
}

// expect waits until a text is on the screen, and types an answer.
func (term *terminal) expect(text, answer string) {
	term.t.Helper()
	timeout := time.After(time.Minute)
	for !strings.Contains(term.seen, text) {
		select {
		case s, ok := <-term.screen:
			if !ok {
				term.t.Fatalf("no %q on the screen:\n%s", text, term.seen)
			}
			term.seen += s
		case <-timeout:
			term.t.Fatalf("no %q on the screen after a minute:\n%s", text, term.seen)
		}
	}
	_, term.seen, _ = strings.Cut(term.seen, text)
	if _, err := io.WriteString(term.keys, answer); err != nil {
		term.t.Fatal(err)
	}
}

// TestReviewTerminal goes through findings on a terminal: there are colours, the
// editor gets the terminal, and what was answered with yes is written.
func TestReviewTerminal(t *testing.T) {
	dir := newModule(t)
	editor := filepath.Join(t.TempDir(), "editor")
	write(t, editor, "#!/bin/sh\n[ -t 0 ] && [ -t 1 ] || exit 1\nread answer\nsed -i \"s/+= v/+= $answer/\" $1\n")
	if err := os.Chmod(editor, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", editor)
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	term := onTerminal(t, t.Context(), "-C", dir, "-i", "./...")
	term.expect(string(app.Red)+"-\tv := <-ch", "")
	term.expect("(1/3) apply this rewrite [y,n,e,h,s,q,?]?", "y\n")
	term.expect("(2/3) apply this rewrite", "e\n")
	time.Sleep(100 * time.Millisecond)
	if _, err := io.WriteString(term.keys, "v+v\n"); err != nil {
		t.Fatal(err)
	}
	term.expect("the finding is gone", "")
	term.expect("(2/3) apply what you have written", "y\n")
	term.expect("(3/3) apply this rewrite", "q\n")
	term.expect("2 rewrites applied (1 edited); 1 left", "")
	if status := <-term.status; status != app.ExitFound {
		t.Errorf("status %d", status)
	}
	if got := contents(t, dir); !slices.Equal(got, []string{"after", "other", "before"}) {
		t.Error(got)
	}
	text, err := os.ReadFile(filepath.Join(dir, files[1]))
	if err != nil || string(text) != strings.Replace(sample.After, "+= v", "+= v+v", 1) {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestReviewInterrupted ends a review by a signal while it waits for an answer.
func TestReviewInterrupted(t *testing.T) {
	t.Setenv("TERM", "xterm")
	dir := newModule(t)
	ctx, stop := context.WithCancel(t.Context())
	term := onTerminal(t, ctx, "-C", dir, "-i", "./...")
	term.expect("(1/3) apply this rewrite", "y\n")
	term.expect("(2/3) apply this rewrite", "")
	stop()
	term.expect("letgo: interrupted; what was applied stays", "")
	if status := <-term.status; status != app.ExitFailed {
		t.Errorf("status %d", status)
	}
	if got := contents(t, dir); !slices.Equal(got, []string{"after", "before", "before"}) {
		t.Error(got)
	}
}
