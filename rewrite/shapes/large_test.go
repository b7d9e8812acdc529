package shapes_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

var (
	largeFuncs    = flag.Int("largefuncs", 2000, "functions of the package that the benchmarks of a large package make")
	largeFindings = flag.Int("largefindings", 40, "findings in it")
	largeFiles    = flag.Int("largefiles", 4, "files of it")
)

// writeLarge writes a module with one package that has so many functions and
// findings, spread over some files. Of each store one method holds its lock while
// it reads a file; the others are what a package is made of.
func writeLarge(tb testing.TB, funcs, findings, files int) (dir string) {
	tb.Helper()
	texts := make([]strings.Builder, files)
	for i := range texts {
		texts[i].WriteString("package large\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n\nvar _ = os.Getpid\n\nvar _ sync.Mutex\n")
	}
	for i := range findings {
		writeStore(&texts[i*files/findings], i, funcs/findings)
	}
	dir = tb.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			tb.Fatal(err)
		}
	}
	write("go.mod", "module example.com/large\n\ngo 1.26\n")
	for i := range texts {
		write(fmt.Sprintf("f%03d.go", i), texts[i].String())
	}
	return dir
}

// writeStore writes a type with functions that use it.
func writeStore(b *strings.Builder, i, funcs int) {
	fmt.Fprintf(b, `
type store%[1]d struct {
	mu   sync.Mutex
	name string
	n    int
}

func (s *store%[1]d) load(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.name = name
	_, err := os.ReadFile(name)
	return err
}
`, i)
	for j := 1; j < funcs; j++ {
		switch j % 4 {
		case 0:
			fmt.Fprintf(b, "\nfunc (s *store%d) get%d() int {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\treturn s.n + %d\n}\n", i, j, j)
		case 1:
			fmt.Fprintf(b, "\nfunc sum%d_%d(list []int) int {\n\tn := 0\n\tfor i, x := range list {\n\t\tif x > %d {\n\t\t\tn += x * i\n\t\t}\n\t}\n\treturn n\n}\n", i, j, j)
		case 2:
			fmt.Fprintf(b, "\nfunc (s *store%[1]d) add%[2]d(list []int) {\n\tn := sum%[1]d_%[3]d(list)\n\ts.mu.Lock()\n\ts.n += n\n\ts.mu.Unlock()\n}\n", i, j, j-1)
		case 3:
			fmt.Fprintf(b, "\nfunc twice%[1]d_%[2]d(s *store%[1]d) string {\n\ts.add%[3]d([]int{1, 2, %[2]d})\n\treturn s.name\n}\n", i, j, j-1)
		}
	}
}

func loadLarge(tb testing.TB, dir string) *patterns.Package {
	tb.Helper()
	res, ok := load.Sources(load.Config{Dir: dir}, nil, ".")
	if !ok {
		tb.Fatal("the large package cannot be loaded")
	}
	return res.Packages[0]
}

var largeLimits = rewrite.Limits{Shapes: shapes.All(), MinGrade: safety.Review}

// BenchmarkLarge measures finding and rewriting in a package of the size that the
// flags say, in one run each.
func BenchmarkLarge(b *testing.B) {
	p := loadLarge(b, writeLarge(b, *largeFuncs, *largeFindings, *largeFiles))
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			find.In(analyse.NewProgram([]*patterns.Package{p}, nil), p, waits.Options{})
		}
	})
	b.Run("fix", func(b *testing.B) {
		for b.Loop() {
			rewrite.Fix(analyse.NewProgram([]*patterns.Package{p}, nil), p, largeLimits)
		}
	})
}

// TestLarge checks that every finding of a large package is rewritten, with the text
// that it gets if it is the only one that is carried out.
func TestLarge(t *testing.T) {
	const findings = 12
	p := loadLarge(t, writeLarge(t, 240, findings, 2))
	x := analyse.NewProgram([]*patterns.Package{p}, nil)
	r := rewrite.Fix(x, p, largeLimits)
	if len(r.Entries) != findings || len(r.Changes) != 2 {
		t.Fatalf("%d findings and %d changes, want %d and 2", len(r.Entries), len(r.Changes), findings)
	}
	edits := make(map[*patterns.File][]textedit.Edit)
	for _, e := range r.Entries {
		v := e.Offered()
		if v == nil {
			t.Fatalf("%s is not rewritten", e.Finding.Key())
		}
		for _, c := range v.Changes {
			edits[c.File] = append(edits[c.File], c.Edits...)
		}
	}
	for _, c := range r.Changes {
		if each, err := textedit.Apply(c.File.Content, edits[c.File]); err != nil || string(each) != string(c.Content()) {
			t.Errorf("%s is not what the rewrites come to one by one: %v", c.File.Name, err)
		}
	}
}
