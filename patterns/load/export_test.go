package load

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
)

// WithoutTypes is the reason of a problem with a package that is analysed in part.
const WithoutTypes = withoutTypes

// SameAsListed reports whether the packages of a result can be listed and loaded
// one by one, too. Then it checks that they have the same types: where nothing is
// remembered of the packages below them, and where that is; from source, and from what
// the go command has built.
func SameAsListed(t *testing.T, cfg Config, args []string, res *Result) bool {
	t.Helper()
	for _, tool := range []string{"", os.Args[0]} { // it is this test program, see TestMain
		cfg.Tool = tool
		m := make(memoryMap)
		for range 2 {
			if !sameAsListed(t, cfg, args, res, m) {
				return false
			}
		}
	}
	return true
}

func sameAsListed(t *testing.T, cfg Config, args []string, res *Result, m Memory) bool {
	t.Helper()
	l, ok := List(cfg, args...)
	if !ok {
		return false
	}
	if !l.Prepare(l.Units, m) {
		t.Errorf("%s: what is listed cannot be prepared", args)
		return true
	}
	if len(l.Units) != len(res.Packages) {
		t.Errorf("%s: %d packages are listed, %d are loaded", args, len(l.Units), len(res.Packages))
	}
	for _, p := range res.Packages {
		i := slices.IndexFunc(l.Units, func(u *Unit) bool { return u.ImportPath == p.Path })
		if i < 0 {
			t.Errorf("%s: %s is not listed", args, p.Path)
			continue
		}
		q, problem, err := l.Units[i].LoadInPart()
		if err != nil {
			t.Error(err)
			continue
		}
		sameProblem(t, cfg, p, q, problem, res.Problems)
		for _, name := range p.Types.Scope().Names() {
			if strings.HasPrefix(name, "_") { // names that cgo makes differ
				continue
			}
			if got, want := fmt.Sprint(q.Types.Scope().Lookup(name)), fmt.Sprint(p.Types.Scope().Lookup(name)); got != want {
				t.Errorf("%s is\n%s, want\n%s", name, got, want)
			}
		}
		if len(p.Files) != len(q.Files) || p.GoVersion != q.GoVersion || p.Module != q.Module {
			t.Errorf("%s: %d files, %s, %s; want %d, %s, %s", p.Path, len(q.Files), q.GoVersion, q.Module, len(p.Files), p.GoVersion, p.Module)
		}
	}
	return true
}

// sameProblem checks what is said of errors in the bodies of functions. To go/packages
// a package that imports one with such errors is partial, too.
func sameProblem(t *testing.T, cfg Config, p, q *patterns.Package, problem *Problem, loaded []Problem) {
	t.Helper()
	faulty := len(p.Faults) > 0
	if faulty != q.Partial || !slices.Equal(p.Faults, q.Faults) || faulty != (problem != nil) {
		t.Errorf("%s: partial %v, faults %v, problem %v; want faults %v", p.Path, q.Partial, q.Faults, problem, p.Faults)
	}
	if problem == nil {
		return
	}
	got := *problem
	if rel, ok := strings.CutPrefix(got.Pos, cfg.Dir+string(os.PathSeparator)); ok {
		got.Pos = rel
	}
	if !slices.Contains(loaded, got) {
		t.Errorf("%s: the problem is\n%v, want one of\n%v", p.Path, got, loaded)
	}
}
