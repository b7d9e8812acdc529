package shapes_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/verify"
	"golang.org/x/tools/txtar"
)

const behaviourDir = "../../testdata/behaviour"

// TestBehaviour rewrites small programs and runs them before and after. A case
// testdata/behaviour/CASE.txtar has these sections:
//
//	p.go     the code to rewrite
//	main.go  what runs it, with the help of testdata/behaviour/harness.go
//	applied  the line of every section that is rewritten, and the shape; the
//	         flag -update rewrites it
//
// A program has three modes. In "seq" it runs a sequence on one goroutine and
// prints results, errors, recovered panics, the state at the end and whether
// the lock is free: that must be the same before and after. In "peer" another
// goroutine needs the lock during the wait: it must be stuck before and get on
// after. In "race" several goroutines run it: the race detector, where there is
// one, must find nothing after. Other shapes come before
// singleflight and context-lock, and snapshot before buffer, so the name of a case asks
// for these.
func TestBehaviour(t *testing.T) {
	cases := readBehaviour(t)
	cases = cases[:longtest.Of(t, 3, len(cases))]
	dir := t.TempDir()
	files := map[string][]byte{"go.mod": []byte(caseModule)}
	for _, c := range cases {
		for name, data := range c.files {
			files["before/"+c.name+"/"+name] = data
		}
	}
	loaded := loadModule(t, files)
	cases = slices.DeleteFunc(cases, func(c *behaviourCase) bool {
		return !t.Run(c.name+"/rewrite", func(t *testing.T) { c.rewrite(t, loaded["before/"+c.name]) })
	})
	for _, c := range cases {
		for name, data := range c.files {
			files["after/"+c.name+"/"+name] = data
		}
		files["after/"+c.name+"/p.go"] = c.after
		for _, m := range c.module {
			files[filepath.Base(m.File.Name)] = m.Content()
		}
	}
	writeFiles(t, dir, files)
	build(t, dir)
	for _, c := range cases {
		t.Run(c.name+"/run", func(t *testing.T) {
			t.Parallel()
			before := filepath.Join(dir, "bin", "before", c.name) + exe()
			after := filepath.Join(dir, "bin", "after", c.name) + exe()
			if a, b := run(t, before, "seq"), run(t, after, "seq"); a != b || a == "" {
				t.Errorf("before it prints\n%s\nand after\n%s", a, b)
			}
			if got := run(t, before, "peer"); got != "peer: stuck\n" {
				t.Errorf("before, another goroutine is not kept waiting: %s", got)
			}
			if got := run(t, after, "peer"); got != "peer: progress\n" {
				t.Errorf("after, another goroutine is still kept waiting: %s", got)
			}
			if got := run(t, after, "race"); got != "race: done\n" {
				t.Errorf("after, several goroutines: %s", got)
			}
			if t.Failed() {
				t.Logf("%s", c.after)
			}
		})
	}
}

// A behaviourCase is one program.
type behaviourCase struct {
	path, name string
	archive    *txtar.Archive
	files      map[string][]byte // by name; what is compiled
	applied    []byte
	after      []byte          // p.go, rewritten
	module     []verify.Change // of go.mod and go.sum
}

func readBehaviour(t *testing.T) []*behaviourCase {
	t.Helper()
	harness, err := os.ReadFile(filepath.Join(behaviourDir, "harness.go"))
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(behaviourDir, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	var cases []*behaviourCase
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := &behaviourCase{path: path, name: strings.TrimSuffix(filepath.Base(path), ".txtar"), archive: a,
			files: map[string][]byte{"harness.go": harness}}
		for _, f := range a.Files {
			switch f.Name {
			case "p.go", "main.go":
				c.files[f.Name] = f.Data
			case "applied":
				c.applied = f.Data
			default:
				t.Fatalf("%s: unknown section %s", path, f.Name)
			}
		}
		if len(c.files) != 3 || len(bytes.TrimSpace(a.Comment)) == 0 || c.applied == nil && !*update {
			t.Fatalf("%s: a comment or one of the sections p.go, main.go and applied is missing", path)
		}
		cases = append(cases, c)
	}
	return cases
}

// rewrite carries out the best plan for every finding in p.go.
func (c *behaviourCase) rewrite(t *testing.T, p *patterns.Package) {
	t.Helper()
	if p == nil {
		t.Fatalf("%s was not loaded", c.name)
	}
	p = only(p, "p.go")
	l := limits(shapes.All()...)
	for _, s := range l.Shapes { // with any number of questions
		if !s.OnRequest {
			l.Requested = append(l.Requested, s.Name)
		}
	}
	for prefix, shape := range map[string]shapes.Shape{"singleflight_": shapes.Singleflight, "context_lock_": shapes.ContextLock, "buffer_": shapes.Buffer} {
		if strings.HasPrefix(c.name, prefix) {
			l = limits(shape)
		}
	}
	r := rewrite.Fix(analyse.NewProgram([]*patterns.Package{p}, nil), p, l)
	var got bytes.Buffer
	for _, e := range r.Entries {
		at := e.Finding.Position()
		if filepath.Base(at.Filename) != "p.go" {
			continue
		}
		if e.Applied == nil {
			t.Fatalf("%s:%d is not rewritten\n%s", c.name, at.Line, report(p, r))
		}
		fmt.Fprintf(&got, "%d %s\n", at.Line, e.Applied.Shape)
	}
	for _, ch := range r.Changes {
		if ch.File.Syntax == nil {
			c.module = append(c.module, ch)
		}
		if filepath.Base(ch.File.Name) == "p.go" {
			c.after = ch.Content()
		}
	}
	if c.after == nil {
		t.Fatalf("%s: p.go does not change", c.name)
	}
	if bytes.Equal(got.Bytes(), c.applied) {
		return
	}
	if !*update {
		t.Errorf("%s: applied\n%s\nand not\n%s", c.name, got.Bytes(), c.applied)
		return
	}
	a := *c.archive
	a.Files = slices.DeleteFunc(slices.Clone(a.Files), func(f txtar.File) bool { return f.Name == "applied" })
	a.Files = append(a.Files, txtar.File{Name: "applied", Data: got.Bytes()})
	if err := os.WriteFile(c.path, txtar.Format(&a), 0o666); err != nil {
		t.Fatal(err)
	}
}

// only marks all files except one as never to be rewritten.
func only(p *patterns.Package, name string) *patterns.Package {
	q := *p
	q.Files = nil
	for _, f := range p.Files {
		g := *f
		if filepath.Base(f.Name) != name {
			g.Fixed = "harness"
		}
		q.Files = append(q.Files, &g)
	}
	return &q
}

// build compiles the programs in before and after, with the race detector
// where there is one and long tests are wanted.
func build(t *testing.T, dir string) {
	t.Helper()
	for _, part := range []string{"before", "after"} {
		if err := os.MkdirAll(filepath.Join(dir, "bin", part), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	try := func(flags ...string) (string, error) {
		for _, part := range []string{"before", "after"} {
			args := append([]string{"build", "-ldflags=-s -w"}, flags...)
			args = append(args, "-o", filepath.Join("bin", part)+string(filepath.Separator), "./"+part+"/...")
			cmd := exec.Command("go", args...)
			cmd.Dir, cmd.Env = dir, goEnv()
			if out, err := cmd.CombinedOutput(); err != nil {
				return string(out), err
			}
		}
		return "", nil
	}
	if longtest.Wanted() { // it compiles the standard library once more
		out, err := try("-race")
		if err == nil {
			return
		}
		t.Logf("without the race detector: %s", out)
	}
	if out, err := try(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// run runs a program in one mode and returns what it prints.
func run(t *testing.T, program, mode string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, mode)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // it would wait a second at the end
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = errors.New("it hangs")
	}
	if err != nil {
		return fmt.Sprintf("%s%v\n", out, err)
	}
	return string(out)
}
