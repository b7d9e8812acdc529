package load_test

import (
	"bytes"
	"fmt"
	"go/types"
	"strings"
	"sync"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load"
)

// TestWithContent type-checks every package of a load again, with the importer, sizes and
// language version from the load. The packages include some with cgo files, vendored
// imports and assembly.
func TestWithContent(t *testing.T) {
	for name, load := range loaders {
		t.Run(name, func(t *testing.T) { testWithContent(t, load) })
	}
}

// loaders are the two ways to load packages.
var loaders = map[string]func(testing.TB, load.Config, ...string) *load.Result{"Load": mustLoad, "Sources": mustSources}

func mustSources(t testing.TB, cfg load.Config, args ...string) *load.Result {
	t.Helper()
	if cfg.Env == nil {
		cfg.Env = testEnv()
	}
	res, ok := load.Sources(cfg, nil, args...)
	if !ok {
		t.Fatalf("%s cannot be loaded from source", args)
	}
	return res
}

func testWithContent(t *testing.T, must func(testing.TB, load.Config, ...string) *load.Result) {
	res := must(t, load.Config{Dir: t.TempDir()},
		"net/http", "crypto/tls", "net", "runtime/cgo", "os/user", "sync/atomic")
	for _, p := range res.Packages {
		tried := make(map[string]bool)
		for _, f := range p.Files {
			if tried[f.Fixed] {
				continue // one file of each kind is enough
			}
			tried[f.Fixed] = true
			q, err := p.WithContents(map[string][]byte{f.Name: append(bytes.Clone(f.Content), "\nvar letgo_test = 1\n"...)})
			if err != nil {
				t.Errorf("%s: %v", p.ID, err)
				continue
			}
			if q.Types.Path() != p.Path || q.Types.Scope().Lookup("letgo_test") == nil {
				t.Errorf("%s: the declaration added to %s is not there", p.ID, f.Name)
			}
			_, err = p.WithContents(map[string][]byte{f.Name: append(bytes.Clone(f.Content), "\nvar letgo_test string = 1\n"...)})
			if err == nil || !strings.Contains(err.Error(), "cannot use 1") {
				t.Errorf("%s: with a type error in %s: got error %v", p.ID, f.Name, err)
			}
		}
	}
}

func TestWithContentTests(t *testing.T) {
	dir := module(t, `
-- p.go --
package m

func F() {}
-- in_test.go --
package m

func G() { F() }
-- ex_test.go --
package m_test

import "example.com/m"

func H() { m.G() }
`)
	res := mustLoad(t, load.Config{Dir: dir, Tests: true})
	if len(res.Packages) != 2 {
		t.Fatalf("%d packages, want 2", len(res.Packages))
	}
	for _, p := range res.Packages {
		for _, f := range p.Files {
			if _, err := p.WithContents(map[string][]byte{f.Name: f.Content}); err != nil {
				t.Errorf("%s: %v", p.ID, err)
			}
		}
	}
}

// TestNewImport checks that a changed file may import packages that were not imported
// before, and that their types are consistent with those already known.
func TestNewImport(t *testing.T) {
	dir := module(t, `
-- p/p.go --
package p

import "time"

var D time.Duration

var T time.Time
-- q/q.go --
package q

import "example.com/m/p"

var D = p.D
-- r/r.go --
package r

import "example.com/m/p"

var T = p.T
-- main/main.go --
package main

func main() {}
`)
	tests := []newImport{
		{`"maps"`, `var _ = maps.Clone(map[int]int{})`, ""},
		{`"context"`, `var _, _ = context.WithTimeout(context.Background(), D)`, ""},
		{`"net/http"`, `var _ = http.Client{Timeout: D}`, ""},
		{`"unsafe"`, `var _ unsafe.Pointer`, ""},
		{`"example.com/m/r"`, `var _ = []time.Time{T, r.T}`, "import cycle"},
		{`"example.com/m/q"`, `var _ = q.D + D`, "import cycle"},
		{`"example.com/m/main"`, `var _ = main.X`, "is a program"},
		{`"example.com/m/none"`, `var _ = none.X`, "no required module provides"},
		{`"nosuchpackage"`, `var _ = nosuchpackage.X`, "is not in std"},
	}
	for name, must := range loaders {
		t.Run(name, func(t *testing.T) { testNewImport(t, must, dir, tests) })
	}
}

// A newImport is an import added by a changed file, a declaration that uses it, and the
// expected error.
type newImport struct{ imports, decl, err string }

func testNewImport(t *testing.T, must func(testing.TB, load.Config, ...string) *load.Result, dir string, tests []newImport) {
	for _, args := range [][]string{{"./p"}, {"./p", "./q"}} {
		p := find(t, must(t, load.Config{Dir: dir}, args...), "example.com/m/p")
		var all sync.WaitGroup
		for _, test := range tests {
			all.Go(func() { // concurrently, since they share the importer
				text := fmt.Sprintf("package p\n\nimport %s\n\nimport \"time\"\n\nvar D time.Duration\n\nvar T time.Time\n\n%s\n", test.imports, test.decl)
				checkNewImport(t, p, text, test.err)
			})
		}
		all.Wait()
	}
	q := find(t, must(t, load.Config{Dir: dir}, "./q"), "example.com/m/q")
	checkNewImport(t, q, `package q

import (
	"example.com/m/p"
	"example.com/m/r"
	"time"
)

var D = p.D

var _ = []time.Time{p.T, r.T}
`, "")
}

func checkNewImport(t *testing.T, p *patterns.Package, text, want string) {
	t.Helper()
	_, err := p.WithContents(map[string][]byte{p.Files[0].Name: []byte(text)})
	switch {
	case want == "" && err != nil:
		t.Errorf("%v in\n%s", err, text)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got error %v, want one with %q, in\n%s", err, want, text)
	}
}

// TestNewImportInTest checks that an external test package sees the variant of its package
// that includes test files, even through a newly added import.
func TestNewImportInTest(t *testing.T) {
	dir := module(t, `
-- p.go --
package m

type T int
-- p_test.go --
package m

type InTest int
-- x_test.go --
package m_test

import "example.com/m"

var V m.InTest
-- user/user.go --
package user

import "example.com/m"

var T m.T
`)
	res := mustLoad(t, load.Config{Dir: dir, Tests: true})
	p := find(t, res, "example.com/m_test")
	checkNewImport(t, p, `package m_test

import (
	"example.com/m"
	"example.com/m/user"
)

var V m.InTest

var _ m.T = user.T
`, "")
	m, err := p.Importer.Import("example.com/m")
	if err != nil || m != find(t, res, "example.com/m").Types {
		t.Errorf("the test imports another package m: %v", err)
	}
}

// TestImporter checks that every import of every file resolves to the package that it was
// type-checked with.
func TestImporter(t *testing.T) {
	for name, must := range loaders {
		t.Run(name, func(t *testing.T) {
			testImporter(t, must(t, load.Config{Dir: t.TempDir()}, "net/http", "net", "crypto/tls"))
		})
	}
}

func testImporter(t *testing.T, res *load.Result) {
	for _, p := range res.Packages {
		known := make(map[*types.Package]bool)
		for _, imp := range p.Types.Imports() {
			known[imp] = true
		}
		for _, f := range p.Files {
			for _, spec := range f.Syntax.Imports {
				path := strings.Trim(spec.Path.Value, `"`)
				got, err := p.Importer.Import(path)
				if err != nil || !known[got] {
					t.Errorf("%s: import %q gives %v, %v", p.ID, path, got, err)
				}
			}
		}
		if _, err := p.Importer.Import("C"); err == nil {
			t.Errorf(`%s: import "C" resolves`, p.ID)
		}
	}
}
