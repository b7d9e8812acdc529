package patterns_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
)

// generated makes the files of a package of about so many lines.
var generated = map[string]func(lines int) []string{
	// Services like real ones: a mutex, a map, sections that wait in a callee.
	"services": func(lines int) []string {
		var files []string
		for i := 0; i < lines/40; i += 25 {
			var b strings.Builder
			b.WriteString("package p\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n")
			for k := i; k < min(i+25, lines/40); k++ {
				fmt.Fprintf(&b, serviceText, k)
			}
			files = append(files, b.String())
		}
		return files
	},
	// Calls one deeper than the other, with a wait at the end.
	"deep calls": func(lines int) []string {
		var b strings.Builder
		b.WriteString("package p\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n\nvar mu sync.Mutex\nvar n int\n\nfunc f0() {\n\tos.Remove(\"x\")\n}\n")
		for i := 1; i < lines/10; i++ {
			fmt.Fprintf(&b, "\nfunc f%d() {\n\tmu.Lock()\n\tn++\n\tf%d()\n\tmu.Unlock()\n\tn--\n}\n", i, i-1)
		}
		return []string{b.String()}
	},
	// Functions of 5,000 statements.
	"huge functions": func(lines int) []string {
		var b strings.Builder
		b.WriteString("package p\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n\nvar mu sync.Mutex\nvar n int\n")
		for i := 0; i < max(1, lines/5000); i++ {
			fmt.Fprintf(&b, "\nfunc f%d(ok bool) {\n", i)
			for range min(lines, 5000) / 5 {
				b.WriteString("\tif ok {\n\t\tmu.Lock()\n\t\tn++\n\t\tmu.Unlock()\n\t}\n")
			}
			b.WriteString("\tmu.Lock()\n\tos.Remove(\"x\")\n\tmu.Unlock()\n}\n")
		}
		return []string{b.String()}
	},
	// 2,000 files, or fewer of no less than ten lines.
	"wide package": func(lines int) []string {
		n := min(2000, lines/10)
		var files []string
		for i := range n {
			var b strings.Builder
			fmt.Fprintf(&b, "package p\n\nimport \"sync\"\n\ntype T%d struct {\n\tmu sync.Mutex\n\tn  int\n}\n", i)
			for k := range max(1, lines/n/7) {
				fmt.Fprintf(&b, "\nfunc (t *T%d) f%d(ch chan int) {\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.n += <-ch\n}\n", i, k)
			}
			files = append(files, b.String())
		}
		return files
	},
	// Every function calls the next ones, and the last the first.
	"cyclic calls": func(lines int) []string {
		n := lines / 8
		var b strings.Builder
		b.WriteString("package p\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n\nvar mu sync.Mutex\n\nfunc wait() {\n\tos.Remove(\"x\")\n}\n")
		for i := range n {
			fmt.Fprintf(&b, "\nfunc f%d(k int) {\n\tmu.Lock()\n\tf%d(k)\n\tmu.Unlock()\n\tf%d(k)\n\tif k == %d { wait() }\n}\n", i, (i+1)%n, (i*7+3)%n, i)
		}
		return []string{b.String()}
	},
}

const serviceText = `
// Service%[1]d keeps items.
type Service%[1]d struct {
	mu    sync.Mutex
	items map[string]int
	name  string
}

// Put stores an item.
func (s *Service%[1]d) Put(key string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[key] = n
	return s.save(key)
}

// Get returns an item.
func (s *Service%[1]d) Get(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.items[key]
}

// Len counts the items.
func (s *Service%[1]d) Len() int {
	s.mu.Lock()
	n := len(s.items)
	s.mu.Unlock()
	return n
}

func (s *Service%[1]d) save(key string) error {
	if key == "" {
		return nil
	}
	return os.WriteFile(s.name+key, nil, 0o666)
}
`

// generatedPackage parses and type-checks generated files.
func generatedPackage(b *testing.B, files []string) (p *patterns.Package, lines int) {
	b.Helper()
	p = &patterns.Package{ID: "p", Path: "p", Name: "p", Fset: token.NewFileSet(), Info: patterns.NewInfo()}
	var trees []*ast.File
	for i, text := range files {
		name := fmt.Sprintf("/p/f%d.go", i)
		tree, err := parser.ParseFile(p.Fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			b.Fatal(err)
		}
		trees = append(trees, tree)
		p.Files = append(p.Files, &patterns.File{Name: name, Syntax: tree, Content: []byte(text)})
		lines += strings.Count(text, "\n")
	}
	conf := types.Config{Importer: importer.ForCompiler(p.Fset, "source", nil)}
	var err error
	if p.Types, err = conf.Check("p", p.Fset, trees, p.Info); err != nil {
		b.Fatal(err)
	}
	return p, lines
}

// BenchmarkLinear analyses growing generated packages. The metric "slope" is by
// what power the time grows with the lines, from one size to the next: 1 is
// linear.
//
//	go test ./patterns -run '^$' -bench Linear -benchtime 1x
func BenchmarkLinear(b *testing.B) {
	for _, shape := range []string{"services", "deep calls", "huge functions", "wide package", "cyclic calls"} {
		lastLines, lastTime := 0, 0.0
		for _, size := range []int{10_000, 50_000, 100_000, 500_000} {
			if testing.Short() && size > 50_000 {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(shape, " ", "-"), size), func(b *testing.B) {
				p, lines := generatedPackage(b, generated[shape](size))
				found := 0
				b.ResetTimer()
				for b.Loop() {
					found = len(patterns.NewProgram([]*patterns.Package{p}, nil).FindIn(p, patterns.Options{}))
				}
				if found == 0 {
					b.Fatal("nothing found")
				}
				time := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(time/float64(lines)*1e9, "ns/line")
				b.ReportMetric(float64(found), "findings")
				if lastLines > 0 && time > 0 {
					b.ReportMetric(math.Log(time/lastTime)/math.Log(float64(lines)/float64(lastLines)), "slope")
				}
				lastLines, lastTime = lines, time
			})
		}
	}
}
