package load_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load"
)

var update = flag.Bool("update", false, "rewrite the want sections in testdata")

// testEnv returns an environment that ignores the user's settings and has no network access.
func testEnv() []string {
	return append(os.Environ(), "GOFLAGS=", "GOWORK=", "GOPROXY=off", "GOTOOLCHAIN=local", "GO111MODULE=", "CGO_ENABLED=1")
}

// TestLoad runs the scripts in testdata. The comment at the top of each says what it tests
// and has lines of the form
//
//	load [-C dir] [-tags tags] [-tests] [KEY=value] args
//
// The file "want" has their output. The other files are the ones to load.
func TestLoad(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(script)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.IndexFunc(ar.Files, func(f txtar.File) bool { return f.Name == "want" })
			if want < 0 {
				t.Fatal("there is no file called want")
			}
			if strings.Contains(script, "cgo") {
				needCgo(t)
			}
			dir := unpack(t, ar)
			var got bytes.Buffer
			for line := range strings.Lines(string(ar.Comment)) {
				if args := strings.Fields(line); len(args) > 0 && args[0] == "load" {
					fmt.Fprintf(&got, "> %s", line)
					dump(&got, t, dir, args[1:])
				}
			}
			if bytes.Equal(got.Bytes(), ar.Files[want].Data) {
				return
			}
			if !*update {
				t.Fatalf("got:\n%s\nwant:\n%s", &got, ar.Files[want].Data)
			}
			ar.Files[want].Data = got.Bytes()
			if err := os.WriteFile(script, txtar.Format(ar), 0o666); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// unpack writes the files of an archive to a new directory and returns its name.
func unpack(t testing.TB, ar *txtar.Archive) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name == "want" {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		// <FF> stands for a byte that is not valid UTF-8.
		data := bytes.ReplaceAll(f.Data, []byte(`<FF>`), []byte("\xff"))
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// dump runs one load line of a script and writes the result.
func dump(w *bytes.Buffer, t *testing.T, dir string, args []string) {
	cfg := load.Config{Env: testEnv()}
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	sub := flags.String("C", "", "")
	flags.StringVar(&cfg.Tags, "tags", "", "")
	flags.BoolVar(&cfg.Tests, "tests", false, "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	cfg.Dir = filepath.Join(dir, *sub)
	args = flags.Args()
	for len(args) > 0 && strings.Contains(args[0], "=") {
		cfg.Env = append(cfg.Env, args[0])
		args = args[1:]
	}
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "$DIR", dir)
	}
	var b strings.Builder
	res, err := load.Load(cfg, args...)
	if err != nil {
		var e *load.Error
		if !errors.As(err, &e) {
			t.Errorf("error of type %T", err)
		} else {
			fmt.Fprintf(&b, "error: %s: %v\n", e.Kind, err)
		}
	} else {
		dumpResult(&b, res)
		partial := func(p load.Problem) bool { return p.Reason == load.WithoutTypes }
		if !cfg.Tests && !slices.ContainsFunc(res.Problems, func(p load.Problem) bool { return !partial(p) }) && !load.SameAsListed(t, cfg, args, res) {
			t.Logf("%s is not listed", args)
		}
	}
	text := b.String()
	text = strings.ReplaceAll(text, dir+string(filepath.Separator), "$DIR/")
	text = strings.ReplaceAll(text, dir, "$DIR")
	text = strings.ReplaceAll(text, goroot(), "$GOROOT")
	text = strings.ReplaceAll(text, runtime.Version(), "$GOVERSION")
	text = strings.ReplaceAll(text, strings.TrimPrefix(runtime.Version(), "go"), "$GOVERSION")
	w.WriteString(filepath.ToSlash(text))
}

func dumpResult(b *strings.Builder, res *load.Result) {
	for _, p := range res.Packages {
		fmt.Fprintf(b, "%s\n", p.ID)
		if p.Module != "" {
			fmt.Fprintf(b, "\tmodule %s %s\n", p.Module, p.GoVersion)
		}
		for _, f := range p.Files {
			name := f.Name
			if !strings.HasSuffix(name, ".go") {
				name = "(no source)"
			}
			fmt.Fprintf(b, "\t%s", name)
			if f.Fixed != "" {
				fmt.Fprintf(b, " (%s)", f.Fixed)
			}
			b.WriteString("\n")
		}
	}
	for _, p := range res.Problems {
		fmt.Fprintf(b, "problem: %s\n", p)
	}
}

// mustLoad loads packages and fails the test on any error or problem.
func mustLoad(t testing.TB, cfg load.Config, args ...string) *load.Result {
	t.Helper()
	if cfg.Env == nil {
		cfg.Env = testEnv()
	}
	res, err := load.Load(cfg, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Fatal(p)
	}
	if len(res.Packages) == 0 {
		t.Fatal("no packages")
	}
	return res
}

// module unpacks the text of an archive, with a go.mod file added.
func module(t testing.TB, text string) string {
	t.Helper()
	return unpack(t, txtar.Parse([]byte("-- go.mod --\nmodule example.com/m\n\ngo 1.25\n"+text)))
}

func find(t testing.TB, res *load.Result, path string) *patterns.Package {
	t.Helper()
	for _, p := range res.Packages {
		if p.Path == path {
			return p
		}
	}
	t.Fatalf("no package %s", path)
	return nil
}

func fileNamed(t testing.TB, p *patterns.Package, base string) *patterns.File {
	t.Helper()
	for _, f := range p.Files {
		if filepath.Base(f.Name) == base {
			return f
		}
	}
	t.Fatalf("no file %s in %s", base, p.ID)
	return nil
}

var goroot = sync.OnceValue(func() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(out))
})

// needCgo skips the test if there is no C compiler.
func needCgo(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	if cc := strings.Fields(string(out)); len(cc) > 0 {
		_, err = exec.LookPath(cc[0])
	}
	if err != nil {
		t.Skip(err)
	}
}

// TestCgoFails checks that if the cgo command fails, its message is shown. The type checker
// only says that there is no package "C".
func TestCgoFails(t *testing.T) {
	needCgo(t)
	dir := module(t, `
-- a.go --
package m

// static int f() { return nothing; }
import "C"

var X = C.f()
`)
	res, err := load.Load(load.Config{Dir: dir, Env: testEnv()})
	if err != nil || len(res.Problems) != 1 {
		t.Fatal(res, err)
	}
	p := res.Problems[0]
	if p.Reason != "analysed without all types" || !strings.HasPrefix(p.Pos, "a.go:3:") || !strings.Contains(p.Msg, "nothing") {
		t.Error(p)
	}
	if len(res.Packages) != 1 || res.Packages[0].Files[0].Fixed != "cgo" {
		t.Errorf("the package is not there, or its file may be rewritten: %+v", res.Packages)
	}
	res, err = load.Load(load.Config{Dir: dir, Env: append(testEnv(), "CC=no-such-compiler")})
	if err != nil || len(res.Problems) != 1 {
		t.Fatal(res, err)
	}
	if p := res.Problems[0]; p.Reason != "analysed without all types" || !strings.Contains(p.Msg, "compiler") {
		t.Error(p)
	}
}

// TestStandardLibrary checks that the standard library belongs to no module, has the
// toolchain's version, and can be rewritten except for vendored packages.
func TestStandardLibrary(t *testing.T) {
	res := mustLoad(t, load.Config{Dir: t.TempDir()}, "net/http", "vendor/golang.org/x/net/http/httpguts")
	p := find(t, res, "net/http")
	if p.Module != "" || !strings.HasPrefix(p.GoVersion, "go1.") || p.Sizes == nil {
		t.Errorf("module %q, version %q, sizes %v", p.Module, p.GoVersion, p.Sizes)
	}
	server := fileNamed(t, p, "server.go")
	if server.Fixed != "" || server.CRLF || server.BOM {
		t.Errorf("server.go: %+v", server)
	}
	if f := fileNamed(t, p, "h2_bundle.go"); f.Fixed != "generated" {
		t.Errorf("h2_bundle.go: fixed %q, want generated", f.Fixed)
	}
	for _, f := range res.Packages[1].Files {
		if f.Fixed != "vendored" {
			t.Errorf("%s: fixed %q, want vendored", f.Name, f.Fixed)
		}
	}
	if disk, err := os.ReadFile(server.Name); err != nil || !bytes.Equal(disk, server.Content) {
		t.Errorf("server.go: the content is not that of the file: %v", err)
	}
	if p.Info.Scopes[server.Syntax] == nil || p.FileOf(server.Syntax.Name.Pos()) != server {
		t.Error("server.go: its tree is not the one that was checked")
	}
}

// TestIdentity checks that packages of a load share objects, even if they import each other
// through a package that was not named, whether or not that one compiles.
func TestIdentity(t *testing.T) {
	const src = `
-- low/low.go --
package low

type T struct{ X int }

func F() T { return T{} }
-- middle/middle.go --
package middle

import "example.com/m/low"

type U = low.T

func Bad() { var unused int }
-- top/top.go --
package top

import (
	"example.com/m/low"
	"example.com/m/middle"
)

var V middle.U = low.F()
`
	for _, middle := range []string{src, strings.Replace(src, "var unused int", "", 1)} {
		dir := module(t, middle)
		res := mustLoad(t, load.Config{Dir: dir}, "./top", "./low")
		low, top := find(t, res, "example.com/m/low"), find(t, res, "example.com/m/top")
		T := low.Types.Scope().Lookup("T").Type()
		if V := top.Types.Scope().Lookup("V"); V == nil || types.Unalias(V.Type()) != T {
			t.Errorf("top.V does not have type low.T of the same load")
		}
		imp, err := top.Importer.Import("example.com/m/low")
		if err != nil || imp != low.Types {
			t.Errorf("the importer gives %p for low, want %p: %v", imp, low.Types, err)
		}
	}
}

func TestSorted(t *testing.T) {
	dir := module(t, `
-- b/b.go --
package b
-- b/b_test.go --
package b_test
-- a/z.go --
package a
-- a/a.go --
package a
-- c/c.go --
package c

var x int = ""
-- d/d.go --
package d

var x int = ""
`)
	var first string
	for range 3 {
		res, err := load.Load(load.Config{Dir: dir, Env: testEnv(), Tests: true}, "./d", "./b", "./c", "./a")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		dumpResult(&b, res)
		if first == "" {
			first = b.String()
		}
		if b.String() != first {
			t.Errorf("got\n%s\nwant\n%s", b.String(), first)
		}
	}
	var at []int
	for _, s := range []string{"m/a\n", "a.go", "z.go", "m/b\n", "m/b_test ", "m/c: ", "m/d: "} {
		at = append(at, strings.Index(first, s))
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("not in order:\n%s", first)
	}
}

func TestNoGoCommand(t *testing.T) {
	want := "loading packages: the go command was not found in PATH; install Go or add it to PATH"
	check := func(cfg load.Config) {
		t.Helper()
		_, err := load.Load(cfg, "fmt")
		var e *load.Error
		if !errors.As(err, &e) || e.Kind != load.NoGoCommand || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	check(load.Config{Env: append(testEnv(), "PATH=")})
	check(load.Config{Env: append(testEnv(), "PATH="+t.TempDir())})
	t.Setenv("PATH", t.TempDir())
	check(load.Config{})
}

func TestCancel(t *testing.T) {
	kind := func(ctx context.Context) error {
		t.Helper()
		start := time.Now()
		_, err := load.Load(load.Config{Env: testEnv(), Context: ctx}, "std")
		var e *load.Error
		if !errors.As(err, &e) || e.Kind != load.Cancelled {
			t.Errorf("got %v, want an error of kind %q", err, load.Cancelled)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("Load returned after %v", d)
		}
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := kind(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
	for _, d := range []time.Duration{time.Millisecond, 100 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		if err := kind(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v is not context.DeadlineExceeded", d, err)
		}
	}
}

// TestDir checks file names and positions if Config.Dir is a relative path or a symbolic
// link.
func TestDir(t *testing.T) {
	dir := module(t, "-- a.go --\npackage m\n\nvar x int = \"\"\n-- b/b.go --\npackage b\n")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(wd, dir)
	if err != nil {
		t.Fatal(err)
	}
	for cwd, want := range map[string]string{dir: dir, link: link, rel: dir} {
		res, err := load.Load(load.Config{Dir: cwd, Env: testEnv()}, "./...")
		if err != nil {
			t.Fatal(err)
		}
		if name := res.Packages[0].Files[0].Name; name != filepath.Join(want, "b", "b.go") {
			t.Errorf("in %s: file %s", cwd, name)
		}
		if pos := res.Problems[0].Pos; pos != "a.go:3:13" {
			t.Errorf("in %s: position %s", cwd, pos)
		}
	}
	for _, bad := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "a.go")} {
		_, err := load.Load(load.Config{Dir: bad, Env: testEnv()})
		var e *load.Error
		if !errors.As(err, &e) || e.Kind != load.BadDir {
			t.Errorf("in %s: got %v, want an error of kind %q", bad, err, load.BadDir)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, pattern := range []string{"net/http", "std"} {
		b.Run(pattern, func(b *testing.B) {
			for b.Loop() {
				mustLoad(b, load.Config{}, pattern)
			}
		})
	}
}
