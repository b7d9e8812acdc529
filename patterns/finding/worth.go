package finding

import (
	"cmp"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// Shown reports whether the finding is shown by default: all are, except those that
// look held on purpose. A wait that may never end is always shown, and so is one that
// others are known to wait for, unless a directive holds it.
func (f *Finding) Shown() bool {
	return f.Verdict.Judgement != Deliberate || f.MayDeadlock() || f.Measured() && f.Directive == nil
}

// MayDeadlock reports whether what the section waits for may need the section's lock,
// no timer ends the wait, and no directive says that this is intended.
func (f *Finding) MayDeadlock() bool {
	return f.Deadlock != nil && !f.Deadlock.Timed && (f.Directive == nil || f.Verdict.Judgement != Deliberate)
}

// NeverPassed reports whether no run of the section has ever got past a wait, because it waits
// for the lock that the section holds.
func (f *Finding) NeverPassed(o *waits.Op) bool {
	return f.Deadlock != nil && f.Deadlock.Always && f.Deadlock.Op == o
}

// CompareWorth sorts findings by importance: measured delay (see [Finding.Measured]),
// then possible deadlocks, then the judgement, with what is [Finding.Aside] only before what
// looks deliberate, then by what is waited for (the network before the disk before sleep),
// by the number of sections that have to wait, by the loops around the wait, exclusive
// locks before read locks, and by place.
func CompareWorth(a, b *Finding) int { return a.Worth().Compare(b.Worth()) }

// A Worth says how important a finding is; see [CompareWorth].
type Worth struct {
	Delay                     time.Duration // 0 if not [Finding.Measured]
	Class, Rank, Sites, Loops int
	Aside                     bool // see [Finding.Aside]
	Mode                      patterns.Mode
	At                        token.Position
}

// Worth returns what [CompareWorth] compares.
func (f *Finding) Worth() Worth {
	w := Worth{
		Class: f.class(), Aside: f.Aside(), Rank: categoryRank(f.Main().Category), Sites: f.Sites,
		Loops: f.loops(), Mode: f.Section.Mode, At: f.Position(),
	}
	if f.Measured() {
		w.Delay = f.Delay.Time
	}
	return w
}

// Compare is negative if a comes first.
func (a Worth) Compare(b Worth) int {
	return cmp.Or(
		cmp.Compare(b.Delay, a.Delay),
		cmp.Compare(a.Class, b.Class),
		after(a.Aside, b.Aside),
		cmp.Compare(a.Rank, b.Rank),
		cmp.Compare(b.Sites, a.Sites),
		cmp.Compare(b.Loops, a.Loops),
		cmp.Compare(b.Mode, a.Mode),
		strings.Compare(a.At.Filename, b.At.Filename),
		cmp.Compare(a.At.Offset, b.At.Offset),
	)
}

// after compares so that false comes first.
func after(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// asideWords are words in the names of directories and files that by convention hold code
// which does not run in a service: for tests, examples and measurements. asideDirs are
// such names, too, of what the go command leaves out and of copies of other projects.
var (
	asideWords = []string{
		"example", "examples", "test", "tests", "testing", "testutil", "testutils", "testhelper", "testhelpers",
		"bench", "benchmark", "benchmarks", "mock", "mocks", "fake", "fakes",
	}
	asideDirs = []string{"testdata", "tempfork", "third_party", "thirdparty", "vendored"}
)

// notTests end in "test" and mean something else.
var notTests = []string{"latest", "attest", "contest", "protest", "fastest", "greatest"}

// Aside reports whether the section does not run in a service that is up: it is code
// for tests, an example or a benchmark, or runs once when the program starts.
func (f *Finding) Aside() bool {
	u := f.Section.Unit
	if strings.HasSuffix(u.File.Name, "_test.go") || importsTesting(u.File.Syntax) || saysAside(f.fileName()) {
		return true
	}
	for _, dir := range f.dirs() {
		if slices.Contains(asideDirs, dir) || saysAside(dir) {
			return true
		}
	}
	return u.Lit == nil && u.Decl != nil && u.Decl.Recv == nil && u.Decl.Name.Name == "init"
}

func (f *Finding) fileName() string {
	return strings.TrimSuffix(filepath.Base(f.Position().Filename), ".go")
}

// dirs lists the directories of the section's package, from its module down.
func (f *Finding) dirs() []string {
	p := f.Section.Unit.Pkg
	below := strings.TrimSuffix(p.Types.Path(), "_test")
	if p.Module != "" {
		below = strings.TrimPrefix(strings.TrimPrefix(below, p.Module), "/")
	}
	return strings.Split(below, "/")
}

// saysAside reports whether a name has one of the words, or ends in "test" as httptest
// does.
func saysAside(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains(asideWords, w) || strings.HasSuffix(w, "test") && !slices.Contains(notTests, w)
	})
}

// importsTesting reports whether a file imports package testing, as helpers of tests
// do that stand in a file of their own.
func importsTesting(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"testing"` })
}

// class is what a finding is listed under: its place in the list.
func (f *Finding) class() int {
	const first, aside = 2, 2
	at := first + slices.Index([]Judgement{Incidental, Unsure}, f.Verdict.Judgement)
	switch {
	case f.MayDeadlock() && f.Deadlock.Doubt == "":
		return 0
	case f.MayDeadlock():
		return 1
	case f.Verdict.Judgement == Deliberate:
		return first + 2*aside
	case f.Aside():
		return at + aside
	}
	return at
}

func categoryRank(name string) int {
	return slices.IndexFunc(blocking.TableCategories, func(c blocking.CategoryInfo) bool { return c.Name == name })
}

// loops counts the loops of the section's function around the main operation.
func (f *Finding) loops() int {
	return len(statements.LoopsAround(f.Section.Unit.Body, f.Main().Pos()))
}
