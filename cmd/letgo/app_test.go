package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/help"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/internal/sample"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// files are those of the module that newModule makes.
var files = []string{"a.go", "b/b.go", "c/c.go"}

func newModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	for _, f := range files {
		write(t, filepath.Join(dir, f), sample.Before)
	}
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// contents returns "before", "after" or "other" for each of the files.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		switch string(text) {
		case sample.Before:
			out = append(out, "before")
		case sample.After:
			out = append(out, "after")
		default:
			out = append(out, "other")
		}
	}
	return out
}

// try runs the command with a hook and returns what it printed.
func try(ctx context.Context, hook func(point, what string), args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := &command{&app.App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, Hook: hook}}
	status = a.run(ctx, args)
	return status, out.String(), err.String()
}

// A hookTest is a run of letgo -w ./... with something happening meanwhile.
type hookTest struct {
	name   string
	hook   func(t *testing.T, dir string, stop func(), point, what string)
	status int
	says   []string // on standard error
	files  []string // what becomes of them
	again  int      // the status of a second run
}

func checkHook(t *testing.T, test hookTest) {
	dir := newModule(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	hook := func(point, what string) {
		if test.hook != nil {
			test.hook(t, dir, stop, point, filepath.Base(what))
		}
	}
	status, stdout, stderr := try(ctx, hook, "-C", dir, "-w", "-grade=review", "./...")
	if status != test.status || stdout != "" {
		t.Errorf("status %d, want %d; standard output %q", status, test.status, stdout)
	}
	for _, s := range test.says {
		if !strings.Contains(stderr, s) {
			t.Errorf("standard error does not say %q but\n%s", s, stderr)
		}
	}
	if got := contents(t, dir); !slices.Equal(got, test.files) {
		t.Errorf("the files are %v, want %v", got, test.files)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", ".*letgo*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	status, _, stderr = try(t.Context(), nil, "-C", dir, "-w", "-grade=review", "./...")
	if status != test.again {
		t.Errorf("second run: status %d, want %d\n%s", status, test.again, stderr)
	}
	if got := contents(t, dir); slices.Contains(got, "before") {
		t.Errorf("after the second run the files are %v", got)
	}
}

const changed = sample.Before + "\n// changed\n"

var writeTests = []hookTest{
	{
		name:  "undisturbed",
		files: []string{"after", "after", "after"},
		says:  []string{"3 findings (3 incidental); 3 rewrites applied (3 review)"},
	},
	{
		name: "changed before the check",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "check" {
				write(t, filepath.Join(dir, "c/c.go"), changed)
			}
		},
		status: 2,
		says:   []string{"letgo: c/c.go: the file has changed since it was read; nothing was written\n"},
		files:  []string{"before", "before", "other"},
	},
	{
		name: "changed before the first write",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "write" && what == "a.go" {
				write(t, filepath.Join(dir, "a.go"), changed)
			}
		},
		status: 2,
		says:   []string{"letgo: a.go: the file has changed since it was read; nothing was written\n"},
		files:  []string{"other", "before", "before"},
	},
	{
		name: "changed after the first write",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "write" && what == "b.go" {
				write(t, filepath.Join(dir, "b/b.go"), changed)
			}
		},
		status: 2,
		says: []string{
			"letgo: b/b.go: the file has changed since it was read; written: a.go; not written: b/b.go, c/c.go; run the same command again to continue\n",
			"1 rewrite applied (1 review)",
		},
		files: []string{"after", "other", "before"},
	},
	{
		name: "interrupted in the analysis",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "analyse" {
				stop()
				time.Sleep(10 * time.Millisecond)
			}
		},
		status: 2,
		says:   []string{"letgo: interrupted; nothing was written\n"},
		files:  []string{"before", "before", "before"},
	},
	{
		name: "interrupted before the first write",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "write" {
				stop()
			}
		},
		status: 2,
		says:   []string{"letgo: interrupted; nothing was written\n"},
		files:  []string{"before", "before", "before"},
	},
	{
		name: "interrupted between two writes",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "write" && what == "c.go" {
				stop()
			}
		},
		status: 2,
		says:   []string{"letgo: interrupted; written: a.go, b/b.go; not written: c/c.go; run the same command again"},
		files:  []string{"after", "after", "before"},
	},
	{
		name: "internal error",
		hook: func(t *testing.T, dir string, stop func(), point, what string) {
			if point == "analyse" && what == "b" {
				panic("oh no")
			}
		},
		status: 2,
		says:   []string{"letgo: internal error in package example.com/m/b: oh no (cmd/letgo.", "; please report this\n", "2 findings"},
		files:  []string{"after", "before", "after"},
	},
}

func TestWrite(t *testing.T) {
	for _, test := range writeTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			checkHook(t, test)
		})
	}
}

func TestInterruptedDryRun(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{{"./..."}, {"-l"}, {"-json"}, {"explain", "a.go:11"}} {
		status, stdout, stderr := try(ctx, nil, append([]string{"-C", dir}, args...)...)
		if status != app.ExitFailed || stdout != "" || stderr != "letgo: interrupted\n" {
			t.Errorf("%v: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}

// A file that is not below the working directory is reported by its absolute
// name. A diff cannot reach it, but -w can.
func TestOutside(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	sub := filepath.Join(dir, "b")
	status, stdout, stderr := try(t.Context(), nil, "-C", sub, "../c")
	name := filepath.ToSlash(filepath.Join(dir, "c/c.go"))
	if status != app.ExitFound || stdout != "" || !strings.Contains(stderr, "\n"+name+":11:2: ") ||
		!strings.Contains(stderr, "letgo: no diff of "+name+", which is outside the working directory") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr := try(t.Context(), nil, "-C", sub, "-w", "-grade=review", "../c"); status != app.ExitNone {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if got := contents(t, dir); !slices.Equal(got, []string{"before", "before", "after"}) {
		t.Error(got)
	}
}

func TestOnDisk(t *testing.T) {
	content, changed := "a\nb\nc\n", "a\nx\ny\nc\n"
	edits := textedit.Lines([]byte(content), []byte(changed))
	for _, f := range []*patterns.File{{}, {CRLF: true}, {BOM: true}, {CRLF: true, BOM: true}} {
		f.Content = []byte(content)
		old, want := outcome.OnDisk(f, f.Content), outcome.OnDisk(f, []byte(changed))
		got, err := textedit.Apply(old, outcome.DiskEdits(f, edits))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("CRLF %v, BOM %v: got %q, %v, want %q", f.CRLF, f.BOM, got, err, want)
		}
	}
}

// TestJSONHelp checks that every field of the output is in its description.
func TestJSONHelp(t *testing.T) {
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Slice:
			visit(typ.Elem())
		case reflect.Struct:
			for f := range typ.Fields() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if !strings.Contains(help.JsonText, name) {
					t.Errorf("letgo help json does not mention %s of %s", name, typ)
				}
				visit(f.Type)
			}
		}
	}
	visit(reflect.TypeFor[jsonReport]())
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &app.Progress{Quit: make(chan struct{}), Gone: make(chan struct{})}
	p.Phase("doing things", 4)
	p.Step()
	go p.Show(&out, 0)
	time.Sleep(150 * time.Millisecond)
	p.Phase("spinning", 0)
	time.Sleep(250 * time.Millisecond)
	p.Waiting("waiting for go list")
	time.Sleep(150 * time.Millisecond)
	p.Stop()
	p.Stop() // does no harm
	text := out.String()
	if !strings.Contains(text, "doing things  25%") || !strings.Contains(text, "spinning") || !strings.Contains(text, "spinning, waiting for go list") {
		t.Errorf("%q", text)
	}
	if strings.Contains(text, "\n") || !strings.HasSuffix(text, "\r") {
		t.Errorf("not removed at the end: %q", text)
	}
}

func TestNoProgress(t *testing.T) {
	var out bytes.Buffer
	p := app.NewProgress(&out)
	p.Phase("x", 1)
	p.Step()
	p.Stop()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
}

func TestColourDiff(t *testing.T) {
	diff := "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\r\n+b\n c\n"
	if got := string(app.ColourDiff([]byte(diff), false)); got != diff {
		t.Errorf("%q", got)
	}
	got := string(app.ColourDiff([]byte(diff), true))
	want := "\x1b[1m--- a/f\x1b[0m\n\x1b[1m+++ b/f\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-a\x1b[0m\r\n\x1b[32m+b\x1b[0m\n c\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestJSON checks that the edits of a plan do what its diff and -w do.
func TestJSON(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	crlf := strings.ReplaceAll(sample.Before, "\n", "\r\n")
	write(t, filepath.Join(dir, "a.go"), outcome.ByteOrderMark+crlf)
	status, stdout, stderr := try(t.Context(), nil, "-C", dir, "-json", "./...")
	var r jsonReport
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil || d.More() || status != app.ExitFound || stderr != "" {
		t.Fatalf("status %d, %v\n%s", status, err, stderr)
	}
	if len(r.Findings) != len(files) || len(r.Problems) != 0 {
		t.Fatalf("%d findings, %d problems", len(r.Findings), len(r.Problems))
	}
	for i, f := range r.Findings {
		if f.File != files[i] || f.Line != 11 || f.Column != 2 || f.Offered != "sink" || f.Applied || len(f.Plans) != 1 {
			t.Errorf("%+v", f)
			continue
		}
		var edits []textedit.Edit
		for _, e := range f.Plans[0].Edits {
			edits = append(edits, textedit.Edit{Start: e.Start, End: e.End, New: e.New})
		}
		old, want := sample.Before, sample.After
		if i == 0 {
			old, want = outcome.ByteOrderMark+crlf, outcome.ByteOrderMark+strings.ReplaceAll(sample.After, "\n", "\r\n")
		}
		if got, err := textedit.Apply([]byte(old), edits); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s", f.File, err, got)
		}
	}
}
