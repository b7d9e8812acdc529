package find_test

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

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/waits"
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
	// Calls one deeper than the other, with a wait at the end, in chains of at most
	// 5,000. Inside a chain the cost grows a little with the depth, too: the calls
	// are followed from the lock to the wait for each finding.
	"deep calls": func(lines int) []string {
		var b strings.Builder
		b.WriteString("package p\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n\nvar mu sync.Mutex\nvar n int\n")
		for i := range lines / 8 {
			if i%chainDepth == 0 {
				fmt.Fprintf(&b, "\nfunc f%d() {\n\tos.Remove(\"x\")\n}\n", i)
				continue
			}
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
	// 2,000 files, or fewer of no less than fifty lines: with less than that a file
	// is mostly what comes before its functions.
	"wide package": func(lines int) []string {
		n := min(2000, lines/50)
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
	// Every function calls the next one and one before it, and the last the first:
	// all of them call each other. Calls across the whole package would do so, too,
	// but go/types takes quadratic time for those.
	"cyclic calls": func(lines int) []string {
		n := lines / 8
		var b strings.Builder
		b.WriteString("package p\n\nimport (\n\t\"os\"\n\t\"sync\"\n)\n\nvar mu sync.Mutex\n\nfunc wait() {\n\tos.Remove(\"x\")\n}\n")
		for i := range n {
			fmt.Fprintf(&b, "\nfunc f%d(k int) {\n\tmu.Lock()\n\tf%d(k)\n\tmu.Unlock()\n\tf%d(k)\n\tif k == %d { wait() }\n}\n", i, (i+1)%n, max(i-2, 0), i)
		}
		return []string{b.String()}
	},
}

// chainDepth is how deep calls go at most.
const chainDepth = 5000

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
func generatedPackage(b testing.TB, files []string) (p *patterns.Package, lines int) {
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

// sizes are those that BenchmarkLinear measures, in lines.
var sizes = []int{10_000, 50_000, 100_000, 200_000, 500_000}

// A sample is what the analysis of so many lines takes.
type sample struct{ lines, seconds float64 }

// BenchmarkLinear analyses growing generated packages, without parsing and
// type-checking them. The metric "exponent" of a line "fit" is by what power the
// time grows with the lines, fitted to all sizes: 1 is linear. "ns/line" is the
// slope there: the mean over the sizes.
//
//	go test ./patterns/find -run '^$' -bench Linear -benchtime 1x -timeout 1h
func BenchmarkLinear(b *testing.B) {
	for _, shape := range []string{"services", "deep calls", "huge functions", "wide package", "cyclic calls"} {
		b.Run(strings.ReplaceAll(shape, " ", "-"), func(b *testing.B) {
			var samples []sample
			for _, size := range sizes {
				if !longtest.Wanted() && size > 50_000 {
					continue
				}
				b.Run(fmt.Sprint(size), func(b *testing.B) { samples = append(samples, linear(b, shape, size)) })
			}
			if len(samples) > 1 { // not if one size was asked for
				b.Run("fit", func(b *testing.B) {
					slope, exponent := growth(samples)
					b.ReportMetric(slope, "ns/line")
					b.ReportMetric(exponent, "exponent")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

// linear analyses a package of one shape and size.
func linear(b *testing.B, shape string, size int) sample {
	p, lines := generatedPackage(b, generated[shape](size))
	found := 0
	for b.Loop() {
		found = len(find.In(analyse.NewProgram([]*patterns.Package{p}, nil), p, waits.Options{}))
	}
	if found == 0 {
		b.Fatal("nothing found")
	}
	s := sample{float64(lines), b.Elapsed().Seconds() / float64(b.N)}
	b.ReportMetric(s.seconds/s.lines*1e9, "ns/line")
	b.ReportMetric(float64(found), "findings")
	return s
}

// growth returns the mean time of a line over the sizes, and the exponent of the
// power law with the least squares of logarithms.
func growth(samples []sample) (nsPerLine, exponent float64) {
	n := float64(len(samples))
	var rate, x, y, xx, xy float64
	for _, s := range samples {
		rate += s.seconds / s.lines
		lx, ly := math.Log(s.lines), math.Log(s.seconds)
		x, y, xx, xy = x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	return rate / n * 1e9, (n*xy - x*y) / (n*xx - x*x)
}

// TestGrowth checks the fit on times of a known law.
func TestGrowth(t *testing.T) {
	var linear, square []sample
	for _, size := range sizes {
		lines := float64(size)
		linear = append(linear, sample{lines, lines * 2e-5})
		square = append(square, sample{lines, lines * lines * 1e-9})
	}
	if slope, exponent := growth(linear); math.Abs(slope-20_000) > 1 || math.Abs(exponent-1) > 1e-6 {
		t.Errorf("linear: %v ns/line, exponent %v", slope, exponent)
	}
	if _, exponent := growth(square); math.Abs(exponent-2) > 1e-6 {
		t.Errorf("quadratic: exponent %v", exponent)
	}
}
