package load

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// listingFiles has a module m whose package a imports b, and another module that imports b
// too.
const listingFiles = `
-- go.mod --
module example.com/m

go 1.26

require example.com/ext v0.0.0

replace example.com/ext => ./ext
-- a/a.go --
package a

import (
	"net/http"
	"os/user"

	"example.com/ext"
	"example.com/m/b"
)

type T struct {
	B      b.B
	Client *http.Client
}

func (t *T) M() (ext.E, *user.User) { t.B.N++; return ext.E{B: t.B}, nil }

var V = b.New().N + ext.E{}.B.N
-- b/b.go --
package b

type B struct{ N int }

func New() B { return B{N: 1} }
-- c/c.go --
package c

func F() {}
-- ext/go.mod --
module example.com/ext

go 1.26

require example.com/m v0.0.0
-- ext/ext.go --
package ext

import "example.com/m/b"

type E struct{ B b.B }
`

func writeListing(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(listingFiles)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustList(t *testing.T, dir string, args ...string) *Listing {
	t.Helper()
	l, ok := List(Config{Dir: dir}, args...)
	if !ok {
		t.Fatalf("go list %s in %s is not ok", args, dir)
	}
	return l
}

// TestListing checks that packages have the same types in a listing as when loaded with
// Load. TestLoad does the same for its scripts.
func TestListing(t *testing.T) {
	cfg := Config{Dir: writeListing(t)}
	for _, args := range [][]string{{"./..."}, {"./a"}, {"net", "net/http"}} {
		res, err := Load(cfg, args...)
		if err != nil {
			t.Fatal(err)
		}
		if !SameAsListed(t, cfg, args, res) {
			t.Errorf("%s is not listed", args)
		}
	}
}

// TestSumOf checks that a change to a file changes exactly the sums of its package and of
// the packages that depend on it.
func TestSumOf(t *testing.T) {
	dir := writeListing(t)
	sums := func() map[string]Sum {
		l := mustList(t, dir, "./...")
		m := make(map[string]Sum)
		for path, p := range l.listed {
			m[path] = p.sum
		}
		return m
	}
	before := sums()
	if err := os.WriteFile(filepath.Join(dir, "b/b.go"), []byte("package b\n\ntype B struct{ N int }\n\nfunc New() B { return B{N: 2} }\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var changed []string
	for path, sum := range sums() {
		if sum != before[path] {
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	if got, want := strings.Join(changed, " "), "example.com/ext example.com/m/a example.com/m/b"; got != want {
		t.Errorf("changed are the sums of %s, want %s", got, want)
	}
}

// memoryMap is a Memory.
type memoryMap map[Sum][]byte

func (m memoryMap) Get(name Sum) ([]byte, bool) { text, ok := m[name]; return text, ok }
func (m memoryMap) Put(name Sum, text []byte)   { m[name] = text }

// TestPrepareRemembers checks that Prepare does not ask the go command again for files that
// still exist.
func TestPrepareRemembers(t *testing.T) {
	dir := writeListing(t)
	memory := make(memoryMap)
	prepare := func(lost bool) bool {
		l := mustList(t, dir, "os/user") // a package that uses cgo
		if lost {
			l.g.dir = filepath.Join(dir, "none") // the go command fails there
		}
		return l.Prepare(l.Units, memory) && func() bool { _, err := l.Units[0].Load(false); return err == nil }()
	}
	if prepare(true) {
		t.Error("nothing is known, and the go command fails, but Prepare is ok")
	}
	if !prepare(false) || !prepare(true) {
		t.Error("Prepare is not ok with what was remembered")
	}
	for name := range memory {
		memory[name] = []byte(filepath.Join(dir, "gone.go") + "\x01")
	}
	if prepare(true) {
		t.Error("what is remembered is gone, and the go command fails, but Prepare is ok")
	}
	if !prepare(false) {
		t.Error("Prepare is not ok where what is remembered is gone")
	}
}

// TestListingCompilesNothing checks that neither the module nor its dependencies are
// compiled: no export data appears in an empty build cache.
func TestListingCompilesNothing(t *testing.T) {
	dir, gocache := writeListing(t), t.TempDir()
	t.Setenv("GOCACHE", gocache)
	l := mustList(t, dir, "./...")
	if !l.Prepare(l.Units, nil) {
		t.Fatal("Prepare is not ok")
	}
	for _, u := range l.Units {
		if _, err := u.Load(false); err != nil {
			t.Error(err)
		}
	}
	checkNoArchives(t, gocache)
}

// checkNoArchives checks that a build cache has no compiled packages.
func checkNoArchives(t *testing.T, cache string) {
	t.Helper()
	err := filepath.WalkDir(cache, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "-d") {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if bytes.HasPrefix(text, []byte("!<arch>")) {
				t.Errorf("%s was compiled", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
