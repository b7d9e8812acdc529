package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/sample"
)

// TestHistoryOfMany asks about more files than one run asks about. It is their number
// that ends it, and not the time: the same run prints the same again.
func TestHistoryOfMany(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	put := func(text string) {
		for i := range 102 {
			text := strings.NewReplacer("*T)", fmt.Sprintf("*T%d)", i), "type T ", fmt.Sprintf("type T%d ", i)).Replace(text)
			write(t, filepath.Join(dir, fmt.Sprintf("f%03d.go", i)), text)
		}
	}
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	git("init", "-q")
	put(sample.After)
	git("add", ".")
	git("commit", "-q", "-m", "Start")
	put(sample.Before)
	git("commit", "-q", "-a", "-m", "Hold the lock while waiting, for the order")

	status, stdout, stderr := try(t.Context(), nil, "-C", dir, "-all", "-shape=recheck", "./...")
	if n := strings.Count(stderr, "  history: commit"); status != 1 || n != 100 {
		t.Errorf("status %d, and the history of %d files, want 100", status, n)
	}
	if want := "the history of 100 of 102 files was asked about"; !strings.Contains(stderr, want) {
		t.Errorf("no %q in\n%s", want, stderr)
	}
	if _, out, err := try(t.Context(), nil, "-C", dir, "-all", "-shape=recheck", "./..."); out != stdout || err != stderr {
		t.Error("the second run prints something else")
	}
}
