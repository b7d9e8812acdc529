package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
)

// TestTryInterrupted ends letgo -w -try at some point, or changes a file: all files are
// as they were, or all are changed.
func TestTryInterrupted(t *testing.T) {
	unchanged, done := []string{"before", "before", "before"}, []string{"after", "after", "after"}
	for _, test := range []struct {
		name, point, what string
		change            string // the file that is changed meanwhile; "" for an interrupt
		says              string
		status            int
		files             []string
	}{
		{"while tests run", "try", "running tests with 3 rewrites", "", "letgo: interrupted; nothing was written\n", app.ExitFailed, unchanged},
		{"before the tests", "try", "running tests without the rewrites", "", "letgo: interrupted; nothing was written\n", app.ExitFailed, unchanged},
		{"before the first write", "write", "a.go", "", "3 rewrites applied", app.ExitNone, done},
		{"between two writes", "write", "b.go", "", "3 rewrites applied", app.ExitNone, done},
		{"a file changes meanwhile", "write", "b.go", "b/b.go", "letgo: b/b.go: the file has changed since it was read; every other file is as it was\n", app.ExitFailed, []string{"before", "other", "before"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := newModule(t)
			write(t, filepath.Join(dir, "a_test.go"), "package p\n\nimport \"testing\"\n\nfunc TestGet(t *testing.T) { new(T).Get() }\n")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			hook := func(point, what string) {
				switch {
				case point != test.point || filepath.Base(what) != filepath.Base(test.what):
				case test.change != "":
					write(t, filepath.Join(dir, test.change), changed)
				default:
					stop()
				}
			}
			status, _, stderr := try(ctx, hook, "-C", dir, "-w", "-grade=review", "-try", "go test ./...", "./...")
			if status != test.status || !strings.Contains(stderr, test.says) {
				t.Errorf("status %d, want %d, and %q in\n%s", status, test.status, test.says, stderr)
			}
			if got := contents(t, dir); !slices.Equal(got, test.files) {
				t.Errorf("the files are %v, want %v", got, test.files)
			}
		})
	}
}
