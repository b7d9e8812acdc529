// Package e2e runs letgo's language server in real editors. What the editors
// do stands in testdata, in their own languages; each writes what it saw as
// JSON, which is judged here.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/longtest"
)

// letgo is the command, built once for all tests.
var letgo string

func TestMain(m *testing.M) {
	if !longtest.Wanted() {
		os.Exit(m.Run()) // every test is skipped
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "letgo-e2e-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	letgo = filepath.Join(dir, "letgo")
	if out, err := exec.Command("go", "build", "-o", letgo, "../../cmd/letgo").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

// example copies the worked example to a new directory.
func example(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "service")
	if err := os.CopyFS(dir, os.DirFS("../../testdata/service")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// written returns what letgo -w with more arguments makes of a file of the
// worked example.
func written(t *testing.T, name string, args ...string) string {
	t.Helper()
	dir := example(t)
	out, err := exec.Command(letgo, append([]string{"-C", dir, "-w"}, append(args, "./...")...)...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("%v\n%s", err, out)
	}
	return read(t, filepath.Join(dir, name))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// edit runs an editor on a directory, and decodes what it writes to the file
// named by the variable OUT. LETGO is the command and GOPLS gopls, "" if it is
// not wanted.
func edit(t *testing.T, dir, gopls string, saw any, command ...string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.json")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.WaitDelay = 10 * time.Second
	home := filepath.Join(filepath.Dir(letgo), t.Name()) // nobody's own configuration
	if err := os.MkdirAll(home, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "XDG_") && !strings.HasPrefix(v, "HOME=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+home, "OUT="+out, "LETGO="+letgo, "GOPLS="+gopls)
	cmd.Env = append(cmd.Env, goEnv(t)...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", command[0], err, log.Bytes())
	}
	if err := json.Unmarshal([]byte(read(t, out)), saw); err != nil {
		t.Fatalf("%v in %s", err, read(t, out))
	}
	t.Logf("%s", log.Bytes())
}

// goEnv keeps the caches of the go command where they are, with another home.
func goEnv(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE", "GOPATH", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return []string{"GOCACHE=" + lines[0], "GOPATH=" + lines[1], "GOMODCACHE=" + lines[2], "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local"}
}

// gopls finds gopls.
func gopls(t *testing.T) string {
	return lsptest.Program(t, "gopls", "go install golang.org/x/tools/gopls@"+lsptest.Gopls)
}

// A diagnostic is one that an editor shows.
type diagnostic struct {
	Source   string
	Severity string
	Line     int // from 1
	Message  string
}
