//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/internal/sample"
)

// TestHeld checks that a directive keeps a lock from being rewritten with every flag
// but the one for that.
func TestHeld(t *testing.T) {
	for i, held := range []string{
		strings.Replace(sample.Before, "mu sync.Mutex", "mu sync.Mutex //letgo:hold one at a time", 1),
		strings.Replace(sample.Before, "func (t *T) Wait", "//letgo:hold one at a time\nfunc (t *T) Wait", 1),
		strings.Replace(sample.Before, "\tt.mu.Lock()\n\tdefer", "\t//letgo:hold one at a time\n\tt.mu.Lock()\n\tdefer", 1),
		strings.Replace(sample.Before, "\tt.mu.Lock()\n", "\tt.mu.Lock() //nolint:letgo // one at a time\n", 1),
	} {
		for _, test := range []struct {
			flags   string
			changes bool
		}{
			{"-w", false},
			{"-w -all", false},
			{"-w -all -grade=review -tests -shape=sink", false},
			{"-fix -all -grade=review", false},
			{"-w -all -hold -grade=review", true},
		} {
			if i > 0 && test.flags != "-w -all -grade=review -tests -shape=sink" {
				continue // the first has tried the flags
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
			write(t, filepath.Join(dir, "a.go"), held)
			status, diff, stderr := try(t.Context(), nil, append([]string{"-C", dir}, strings.Fields(strings.ReplaceAll(test.flags, "-w", "-diff"))...)...)
			if status == app.ExitFailed || (diff != "") != test.changes {
				t.Errorf("%s: the diff is\n%s\n%s", test.flags, diff, stderr)
			}
			_, _, stderr = try(t.Context(), nil, append([]string{"-C", dir}, strings.Fields(test.flags)...)...)
			text, err := os.ReadFile(filepath.Join(dir, "a.go"))
			if err != nil || (string(text) != held) != test.changes {
				t.Errorf("%s: %s\n%s", test.flags, text, stderr)
			}
			if says := strings.Contains(stderr, "-all -hold rewrites it anyway"); says != (!test.changes && strings.Contains(test.flags, "-all")) {
				t.Errorf("%s: %s", test.flags, stderr)
			}
		}
	}
	if status, _, stderr := try(t.Context(), nil, "-w", "-hold", "."); status != app.ExitFailed || !strings.Contains(stderr, "-hold goes with -all") {
		t.Errorf("%d, %s", status, stderr)
	}
}

// TestOutsideLink checks that nothing is written where a symbolic link leads out of
// the module, and that links within it, and to it, are followed.
func TestOutsideLink(t *testing.T) {
	link := func(to, name string) {
		if err := os.Symlink(to, name); err != nil {
			t.Skip(err)
		}
	}
	dir := newModule(t)
	other := t.TempDir()
	outside := filepath.Join(other, "a.go")
	write(t, outside, sample.Before)
	os.Remove(filepath.Join(dir, "a.go"))
	link(outside, filepath.Join(dir, "a.go"))
	status, _, stderr := try(t.Context(), nil, "-C", dir, "-w", "-grade=review", "./...")
	if status != app.ExitFailed || !strings.Contains(stderr, "a.go: a symbolic link leads out of the module, to ") || !strings.Contains(stderr, "nothing was written") {
		t.Errorf("%d, %s", status, stderr)
	}
	if got := contents(t, dir); !slices.Equal(got, []string{"before", "before", "before"}) {
		t.Error(got)
	}
	os.Remove(filepath.Join(dir, "a.go"))
	write(t, filepath.Join(dir, "real.txt"), sample.Before)
	link("real.txt", filepath.Join(dir, "a.go"))
	link(dir, filepath.Join(other, "module"))
	if status, _, stderr := try(t.Context(), nil, "-C", filepath.Join(other, "module"), "-w", "-grade=review", "./..."); status != app.ExitNone {
		t.Errorf("%d, %s", status, stderr)
	}
	if got := contents(t, dir); !slices.Equal(got, []string{"after", "after", "after"}) {
		t.Error(got)
	}
}

// A full is a disk that has no room.
type full struct{}

func (full) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
}

// TestFullDisk checks that what could not be printed makes a run a failed one.
func TestFullDisk(t *testing.T) {
	dir := newModule(t)
	for _, args := range []string{"-l ./...", "./...", "-json ./...", "-sarif ./...", "-l -json ./...", "-diff -grade=review ./...", "help", "help shapes", "version", "completion bash", "explain a.go:13"} {
		var stderr bytes.Buffer
		status := run(t.Context(), append([]string{"-C", dir}, strings.Fields(args)...), nil, full{}, &stderr)
		if strings.HasPrefix(args, "help") || args == "version" || args == "completion bash" {
			stderr.Reset()
			status = run(t.Context(), strings.Fields(args), nil, full{}, &stderr)
		}
		if status != app.ExitFailed || !strings.Contains(stderr.String(), "writing to standard output: no space left on device") {
			t.Errorf("%s: %d, %s", args, status, stderr.String())
		}
	}
}

// TestStray checks that a run with -w removes what killed ones have left, and nothing
// else.
func TestStray(t *testing.T) {
	gone := exec.Command("go", "version")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	dead := strconv.Itoa(gone.Process.Pid)
	dir := newModule(t)
	stray := []string{".go.mod.letgo" + dead + "-1.tmp", "b/.b.go.letgo" + dead + "-99.tmp"}
	kept := []string{"b/.b.go.letgo" + strconv.Itoa(os.Getpid()) + "-1.tmp", "b/.b.go.letgo.tmp", "b/b.go.letgo" + dead + "-1.tmp", "other/.x.letgo" + dead + "-1.tmp"}
	for _, f := range slices.Concat(stray, kept) {
		write(t, filepath.Join(dir, f), "x")
	}
	if status, _, stderr := try(t.Context(), nil, "-C", dir, "./..."); status != app.ExitFound {
		t.Error(stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, stray[0])); err != nil {
		t.Error("a dry run removes something")
	}
	if status, _, stderr := try(t.Context(), nil, "-C", dir, "-w", "./..."); status != app.ExitFound {
		t.Error(stderr)
	}
	for _, f := range stray {
		if _, err := os.Stat(filepath.Join(dir, f)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", f, err)
		}
	}
	for _, f := range kept {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Errorf("%s was removed", f)
		}
	}
}

// TestKills kills runs with -w, every second of them with -try, at any moment: every
// file is the old or the new one, and nothing is left behind after the next run.
func TestKills(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be killed like this")
	}
	bin := letgoBinary(t)
	kills := longtest.Of(t, 4, 200)
	took := []time.Duration{300 * time.Millisecond, 600 * time.Millisecond}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for i := range kills {
		dir := newModule(t)
		args := []string{"-C", dir, "-w", "-grade=review", "./..."}
		if i%2 == 1 {
			args = append(args, "-try", "grep -q m go.mod")
		}
		cmd := exec.Command(bin, args...)
		begin := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := time.AfterFunc(took[i%2]*time.Duration(i+1)/time.Duration(kills+1), func() { cmd.Process.Kill() })
		if cmd.Wait() == nil || killed.Stop() {
			took[i%2] = time.Since(begin)
		}
		if got := contents(t, dir); slices.Contains(got, "other") {
			t.Fatalf("after %v the files are %v", time.Since(begin), got)
		}
		if status, _, stderr := try(t.Context(), nil, args...); status != app.ExitNone {
			t.Fatal(stderr)
		}
		if left, err := filepath.Glob(filepath.Join(tmp, "letgo-*")); err != nil || len(left) > 0 {
			t.Errorf("%v is left behind, %v", left, err)
		}
		filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.Contains(path, ".tmp") {
				t.Errorf("%s is left behind", path)
			}
			return err
		})
	}
}

// TestOddProjectFile checks that a project file or a baseline that is not a file, or a
// huge one, is an error at once.
func TestOddProjectFile(t *testing.T) {
	make := map[string]func(name string) error{
		"a pipe": func(name string) error { return syscall.Mkfifo(name, 0o666) },
		"a device": func(name string) error {
			os.Remove(name)
			return os.Symlink("/dev/zero", name)
		},
		"a directory": func(name string) error { return os.Mkdir(name, 0o777) },
		"huge": func(name string) error {
			f, err := os.Create(name)
			if err == nil {
				err = errors.Join(f.Truncate(8<<30), f.Close())
			}
			return err
		},
	}
	for what, put := range make {
		dir := newModule(t)
		for file, args := range map[string]string{".letgo.yaml": "-l", "x.yaml": "-l -config=x.yaml", "base": "-l -baseline=base", "w": "-l -write-baseline=w"} {
			if err := put(filepath.Join(dir, file)); err != nil {
				t.Skip(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			status, _, stderr := try(ctx, nil, append([]string{"-C", dir, "./..."}, strings.Fields(args)...)...)
			if status != app.ExitFailed || !strings.Contains(stderr, "it is not a regular file") && !strings.Contains(stderr, "bytes are read") && !strings.Contains(stderr, "at most") || ctx.Err() != nil {
				t.Errorf("%s is %s: %d, %s", file, what, status, stderr)
			}
			cancel()
			os.Remove(filepath.Join(dir, file))
		}
	}
}

// TestEndAnyway checks that a signal ends the program whatever it does.
func TestEndAnyway(t *testing.T) {
	status := -1
	begin := time.Now()
	endAnyway(20*time.Millisecond, func(s int) { status = s })
	if status != app.ExitFailed || time.Since(begin) < 20*time.Millisecond {
		t.Errorf("status %d after %v", status, time.Since(begin))
	}
}

// TestBadValues checks what is said of values that mean nothing.
func TestBadValues(t *testing.T) {
	dir := newModule(t)
	if status, _, stderr := try(t.Context(), nil, "-C", dir, "-l", "-c=-1"); status != app.ExitFailed || !strings.Contains(stderr, "-c=-1: want a number of lines, 0 or more") {
		t.Errorf("%d, %s", status, stderr)
	}
	for name, value := range map[string]string{"GOOS": "plan10", "GOARCH": "pdp11"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			for _, args := range []string{"-l", "-diff", "-json"} {
				status, _, stderr := try(t.Context(), nil, "-C", dir, args, "./...")
				if status != app.ExitFailed || !strings.Contains(stderr, name+"="+value) || !strings.Contains(stderr, "go tool dist list") {
					t.Errorf("%s: %d, %s", args, status, stderr)
				}
			}
		})
	}
}

// TestIdleConfig checks what is said of lines of a project file that have no effect.
func TestIdleConfig(t *testing.T) {
	dir := newModule(t)
	write(t, filepath.Join(dir, ".letgo.yaml"), `table: |
  example.com/m.None        net read safe does not exist
  (*example.com/m.T).Get    net read safe exists
  (*example.com/m.T).Put    net read safe does not exist
  (example.com/m.U).Get     net read safe does not exist
  example.com/m/d.F         net read safe is in no package
  example.com/other.F       net read safe is not known
  sync.NewCond              net read safe exists
  (*sync.Mutex).Hold        net read safe does not exist
skip:
  - b
  - internal/legacy
  - .../mock_*.go
  - .../c.go
`)
	paths := []string{
		"letgo: .letgo.yaml:12:5: nothing matches the path internal/legacy",
		"letgo: .letgo.yaml:13:5: nothing matches the path .../mock_*.go",
	}
	functions := []string{
		"letgo: .letgo.yaml:2:1: package example.com/m has no function None",
		"letgo: .letgo.yaml:4:1: package example.com/m has no function (*example.com/m.T).Put",
		"letgo: .letgo.yaml:5:1: package example.com/m has no function (example.com/m.U).Get",
		"letgo: .letgo.yaml:6:1: there is no package example.com/m/d",
		"letgo: .letgo.yaml:9:1: package sync has no function (*sync.Mutex).Hold",
	}
	for args, want := range map[string][]string{
		"./...": slices.Concat(paths, functions), "-l -tests ./...": slices.Concat(paths, functions), "-l ./...": paths, "-json .": nil,
	} {
		t.Setenv("LETGOCACHE", t.TempDir())
		for range 2 {
			a := &command{&app.App{Stdin: nil, Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer)}}
			if status := a.run(t.Context(), append([]string{"-C", dir}, strings.Fields(args)...)); status != app.ExitFound {
				t.Errorf("%s: status %d", args, status)
			}
			var got []string
			for line := range strings.Lines(a.Stderr.(*bytes.Buffer).String()) {
				if strings.HasPrefix(line, "letgo: ") {
					text, _, _ := strings.Cut(line, ": correct")
					got = append(got, text)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got\n%s\nwant\n%s", args, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}
