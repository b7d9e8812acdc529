package lsptest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
)

// Gopls is the version of gopls that the tests are written for.
const Gopls = "v0.23.0"

// Program finds a program that a test needs, in PATH or where "go install" puts it.
// Without it the test is skipped, with a hint on how to install it; if long tests are
// requested it fails.
func Program(t testing.TB, name, install string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if out, err := exec.Command("go", "env", "GOBIN", "GOPATH").Output(); err == nil {
		dirs := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		if len(dirs) == 2 && dirs[0] == "" {
			dirs[0] = filepath.Join(filepath.SplitList(dirs[1])[0], "bin")
		}
		if path, err := exec.LookPath(filepath.Join(dirs[0], name)); err == nil {
			return path
		}
	}
	if longtest.Wanted() {
		t.Fatalf("there is no %s: %s", name, install)
	}
	t.Skipf("there is no %s; to run this test: %s", name, install)
	return ""
}
