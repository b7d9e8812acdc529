package find_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/verdict"
	"github.com/letgo-dev/letgo/patterns/waits"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the want sections in testdata/find")

// TestFind runs testdata/find/*.txtar. The comment of such a file says what the
// case is about. Its sections:
//
//	NAME.go  a source file; all of them are one package
//	table    lines that are added to the table of blocking functions, if any
//	categories  the categories that are asked for, if not the default ones
//	want     what is found, as [report] writes it
//	verdict  the verdicts with their evidence, as [verdicts] writes them, for
//	         cases that are about them
//	bug      why the tool does not give what stands in want. Such a case fails,
//	         -update leaves its want alone, and when it passes the section has
//	         to go
func TestFind(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/find/*.txtar")
	if err != nil || len(paths) < 60 {
		t.Fatalf("found %d cases, %v", len(paths), err)
	}
	cases := make([]*findCase, len(paths))
	imports := make(map[string]bool)
	for i, path := range paths {
		if cases[i], err = readCase(path); err != nil {
			t.Fatal(err)
		}
		for _, f := range cases[i].files {
			for _, spec := range f.Syntax.Imports {
				p, _ := strconv.Unquote(spec.Path.Value)
				imports[p] = true
			}
		}
	}
	list := goList(t, sortedNames(imports)...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, list)
		})
	}
}

// stdPackages are packages of the standard library with locks of all kinds, or
// with code of an unusual kind. The first few are those of an ordinary run.
var stdPackages = []string{
	"container/list", "database/sql", "net/rpc", "testing", "net/textproto", "log/slog", "encoding/gob", "expvar",
	"archive/zip", "bufio", "bytes", "compress/flate", "context", "crypto/rand", "crypto/tls", "crypto/x509",
	"encoding/json", "fmt", "go/ast", "go/importer", "go/parser", "go/token", "go/types", "html/template",
	"image/jpeg", "internal/poll", "internal/trace", "io", "io/fs", "iter", "log", "math/big", "math/rand", "mime/multipart",
	"net", "net/http", "net/http/httptest", "net/http/httputil", "os", "os/exec", "os/signal", "reflect", "regexp",
	"runtime", "runtime/debug", "runtime/pprof", "runtime/trace", "sync", "sync/atomic", "syscall", "text/template", "time", "unique", "vendor/golang.org/x/net/http2/hpack",
}

// TestFindStd runs over packages of the standard library, each alone and all
// together: nothing panics, and a second run finds the same.
func TestFindStd(t *testing.T) {
	paths := stdPackages[:longtest.Of(t, 8, len(stdPackages))]
	list := goList(t, paths...)
	fset := token.NewFileSet()
	var all []*patterns.Package
	for _, path := range paths {
		p, err := list.load(fset, path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
		reportStd(t, []*patterns.Package{p})
	}
	first, second := reportStd(t, all), reportStd(t, all)
	if first != second {
		t.Errorf("two runs differ:\n%s", diffLines(first, second))
	}
	if n := strings.Count(first, "\n\t"); n < len(paths) {
		t.Errorf("only %d operations found in the standard library:\n%s", n, first)
	}
}

// reportStd reports on packages and checks what is true of every finding.
func reportStd(t *testing.T, pkgs []*patterns.Package) string {
	x := analyse.NewProgram(pkgs, nil)
	var b strings.Builder
	for _, f := range find.All(x, waits.Options{}) {
		s := f.Section
		fmt.Fprintf(&b, "%s %s %s\n", s.Unit.Pkg.Path, f.Message(), f.Verdict.Judgement)
		writeSection(&b, s)
		for _, o := range f.Ops {
			writeOp(&b, s, o)
			if !s.Unit.Contains(o.Pos()) {
				t.Errorf("%s: %s stands outside of the function", s.Position(), o.What)
			}
			if o.Category == "" || o.What == "" || o.Why == "" || o.Effect == "" || o.Safety == "" {
				t.Errorf("%s: %+v is incomplete", s.Position(), o)
			}
		}
		for _, r := range s.Releases {
			if !s.Unit.Contains(r.Call.Pos()) {
				t.Errorf("%s: a release stands outside of the function", s.Position())
			}
		}
	}
	return b.String()
}

// load parses and type-checks a listed package.
func (l listing) load(fset *token.FileSet, path string) (*patterns.Package, error) {
	var files []*patterns.File
	for _, name := range l[path].GoFiles {
		name = filepath.Join(l[path].Dir, name)
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, &patterns.File{Name: name, Syntax: tree, Content: src})
	}
	return check(path, fset, files, l.importer(path))
}

type findCase struct {
	path, name string
	archive    *txtar.Archive
	fset       *token.FileSet
	files      []*patterns.File
	table      *blocking.Table
	options    waits.Options
	want, bug  string
	verdict    *string // nil if the case is not about verdicts
}

// readCase reads a case and parses its source files.
func readCase(path string) (*findCase, error) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	c := &findCase{path: path, name: strings.TrimSuffix(filepath.Base(path), ".txtar"), archive: a, fset: token.NewFileSet()}
	if len(bytes.TrimSpace(a.Comment)) == 0 {
		return nil, fmt.Errorf("%s: no comment says what the case is about", path)
	}
	seen := make(map[string]bool)
	for _, f := range a.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("%s: section %s is there twice", path, f.Name)
		}
		seen[f.Name] = true
		switch {
		case filepath.Ext(f.Name) == ".go":
			tree, err := parser.ParseFile(c.fset, f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			c.files = append(c.files, &patterns.File{Name: f.Name, Syntax: tree, Content: f.Data})
		case f.Name == "table":
			if c.table, err = blocking.ParseTable("table", bytes.NewReader(f.Data)); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		case f.Name == "categories":
			c.options.Categories = strings.Fields(string(f.Data))
		case f.Name == "want":
			c.want = string(f.Data)
		case f.Name == "verdict":
			text := string(f.Data)
			c.verdict = &text
		case f.Name == "bug":
			c.bug = strings.TrimSpace(string(f.Data))
		default:
			return nil, fmt.Errorf("%s: unknown section %s", path, f.Name)
		}
	}
	if len(c.files) == 0 {
		return nil, fmt.Errorf("%s: no source files", path)
	}
	return c, nil
}

func (c *findCase) run(t *testing.T, list listing) {
	p, err := check("p", c.fset, c.files, list.importer("p"))
	if err != nil {
		t.Fatal(err)
	}
	table := blocking.DefaultTable()
	if c.table != nil {
		table = table.With(c.table)
	}
	x := analyse.NewProgram([]*patterns.Package{p}, table)
	got := report(x, p, c.options)
	if got == "" {
		t.Fatal("no section found: the case asserts nothing")
	}
	same := got == c.want
	judged := ""
	if c.verdict != nil {
		judged = verdicts(x)
		same = same && judged == *c.verdict
	}
	if *update {
		if same || c.bug == "" {
			c.write(t, got, judged)
		}
		return
	}
	switch {
	case !same && c.bug != "":
		t.Logf("known limitation: %s\n%s", c.bug, diffLines(c.want, got))
	case !same && got == c.want:
		t.Errorf("the verdicts are not as in the case (-): \n%s\n%s", diffLines(*c.verdict, judged), c.numbered())
	case !same:
		t.Errorf("not as in want (-): \n%s\n%s", diffLines(c.want, got), c.numbered())
	case c.bug != "":
		t.Error("the bug is gone: remove the bug section, or run with -update")
	}
}

// write replaces the want and verdict sections, and drops the bug section.
func (c *findCase) write(t *testing.T, want, verdict string) {
	a := *c.archive
	a.Files = slices.DeleteFunc(slices.Clone(a.Files), func(f txtar.File) bool { return f.Name == "want" || f.Name == "bug" || f.Name == "verdict" })
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(want)})
	if c.verdict != nil {
		a.Files = append(a.Files, txtar.File{Name: "verdict", Data: []byte(verdict)})
	}
	if err := os.WriteFile(c.path, txtar.Format(&a), 0o666); err != nil {
		t.Fatal(err)
	}
}

// report writes what is found in a package. Each section is one line,
//
//	s.go:12 (*T).Get: Lock s.mu; held 13-15 18; released 16 20 defer
//
// where 12 is the line of the call that takes the lock, "held" are the lines on
// which the nodes of the section begin, and "released" the lines of the
// releases, with what kind they are. Lines below it, indented, give
//
//	13 chan: receive from s.ch                 what blocks
//	14 disk: load > os.ReadFile; weak: guess   the calls that lead to it, and what else is known of it
//	14 chan: ask > send on q; also receive from r   what else waits in the function called last
//	cycle 17                                   calls that release the lock and take it again
//	other p.mu at 15, inner                    other locks held at some point of the section
//	problem at 15: the lock is ...             why the extent is not certain
//	deliberate: //letgo:hold at s.go:3: ...    the verdict, where a directive decides it
//
// What is wrong with directives stands at the end: "mistake s.go:3:2: ...".
func report(x *patterns.Program, p *patterns.Package, opts waits.Options) string {
	found := make(map[*ast.CallExpr]*finding.Finding)
	for _, f := range find.All(x, opts) {
		found[f.Section.Acquire] = f
	}
	sections := locks.SectionsIn(x, p)
	slices.SortStableFunc(sections, func(a, b *locks.Section) int { return cmp.Compare(a.Pos(), b.Pos()) })
	var b strings.Builder
	for _, s := range sections {
		f := found[s.Acquire]
		if f != nil && f.Section.Lock.String() == s.Lock.String() {
			s = f.Section // it knows of waits that release the lock
		}
		writeSection(&b, s)
		if f != nil && f.Section == s {
			delete(found, s.Acquire)
			for _, o := range f.Ops {
				writeOp(&b, s, o)
			}
			if f.Directive != nil {
				fmt.Fprintf(&b, "\t%s: %s\n", f.Verdict.Judgement, f.Verdict.Evidence[0].Detail)
			}
		}
	}
	for _, m := range verdict.DirectiveMistakes(x, p) {
		fmt.Fprintf(&b, "mistake %s: %s\n", m.Pos, m.Msg)
	}
	for _, f := range found {
		fmt.Fprintf(&b, "a finding without a section: %s\n", f.Message())
	}
	return b.String()
}

// verdicts writes the verdict on each finding, those of most worth first:
//
//	s.go:12 incidental +4                      where the lock is taken
//		+3 few-block s.go:8: only 1 of its ... the signs, with where they were seen
//	may deadlock: ...                          who needs the lock, or "may stall"
//		s.go:30 d.mu.Lock()                    and by what calls
func verdicts(x *patterns.Program) string {
	var b strings.Builder
	found := find.All(x, waits.Options{})
	slices.SortStableFunc(found, finding.CompareWorth)
	for _, f := range found {
		fmt.Fprintf(&b, "%s:%d %s %+d\n", f.Position().Filename, f.Position().Line, f.Verdict.Judgement, f.Verdict.Score)
		for _, e := range f.Verdict.Evidence[1:] {
			at := ""
			if e.Pos.IsValid() {
				at = fmt.Sprintf(" %s:%d", e.Pos.Filename, e.Pos.Line)
			}
			fmt.Fprintf(&b, "\t%+d %s%s: %s\n", e.Weight, e.Sign, at, e.Detail)
		}
		d := f.Deadlock
		if d == nil {
			continue
		}
		title := "may deadlock"
		if d.Timed {
			title = "may stall"
		}
		fmt.Fprintf(&b, "%s: %s\n", title, d.Message())
		for _, h := range d.Path {
			fmt.Fprintf(&b, "\t%s:%d %s\n", h.At.Filename, h.At.Line, h.Func)
		}
	}
	return b.String()
}

func writeSection(b *strings.Builder, s *locks.Section) {
	line := func(pos token.Pos) int { return s.Unit.Position(pos).Line }
	pos := s.Position()
	fmt.Fprintf(b, "%s:%d %s: ", pos.Filename, pos.Line, s.Unit.Name())
	if s.Try {
		b.WriteString("Try")
	}
	fmt.Fprintf(b, "%s %s", s.Mode.Acquire(), s.Lock)
	if s.Wrapper {
		fmt.Fprintf(b, " by %s", types.ExprString(s.Acquire.Fun))
	}
	var held []int
	for _, n := range s.Nodes {
		held = append(held, line(n.Pos()))
	}
	fmt.Fprintf(b, "; held %s; released", cmp.Or(lineList(held), "nowhere"))
	if len(s.Releases) == 0 {
		b.WriteString(" nowhere")
	}
	for i, r := range s.Releases {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, " %d", line(r.Call.Pos()))
		for _, kind := range []struct {
			is   bool
			name string
		}{{r.Deferred, "deferred"}, {r.Closure, "closure"}, {r.Wrapper, "wrapper"}} {
			if kind.is {
				b.WriteString(" " + kind.name)
			}
		}
	}
	b.WriteByte('\n')
	for _, c := range s.Cycles {
		fmt.Fprintf(b, "\tcycle %d\n", line(c.Pos()))
	}
	for _, o := range s.Others {
		where := "outer"
		if o.Inner {
			where = "inner"
		}
		fmt.Fprintf(b, "\tother %s at %d, %s\n", o.Lock, line(o.Pos), where)
	}
	if s.Problem != "" {
		fmt.Fprintf(b, "\tproblem at %d: %s\n", line(s.ProblemPos), s.Problem)
	}
}

func writeOp(b *strings.Builder, s *locks.Section, o *waits.Op) {
	fmt.Fprintf(b, "\t%d %s: ", s.Unit.Position(o.Pos()).Line, o.Category)
	for i, h := range o.Path {
		if i < len(o.Path)-1 {
			fmt.Fprintf(b, "%s > ", h.Func)
		}
	}
	b.WriteString(o.What)
	if o.Deferred {
		b.WriteString("; deferred")
	}
	if len(o.Also) > 0 {
		fmt.Fprintf(b, "; also %s", strings.Join(o.Also, ", "))
	}
	if o.Weak != "" {
		fmt.Fprintf(b, "; weak: %s", o.Weak)
	}
	for _, h := range o.Beside {
		fmt.Fprintf(b, "; also %s", h.Func)
	}
	b.WriteByte('\n')
}

// lineList writes line numbers, runs of them as "3-5".
func lineList(lines []int) string {
	slices.Sort(lines)
	lines = slices.Compact(lines)
	var parts []string
	for i := 0; i < len(lines); {
		j := i
		for j+1 < len(lines) && lines[j+1] == lines[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, strconv.Itoa(lines[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", lines[i], lines[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, " ")
}

// diffLines shows two texts line by line: what only the first has with "-",
// what only the second has with "+".
func diffLines(want, got string) string {
	a, b := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	var out strings.Builder
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(a) > 0 && len(b) > 0 && a[0] == b[0]:
			if a[0] != "" {
				out.WriteString("  " + a[0])
			}
			a, b = a[1:], b[1:]
		case len(a) > 0 && !slices.Contains(b, a[0]):
			out.WriteString("- " + a[0])
			a = a[1:]
		case len(b) > 0:
			out.WriteString("+ " + b[0])
			b = b[1:]
		default:
			out.WriteString("- " + a[0])
			a = a[1:]
		}
	}
	return out.String()
}

// numbered returns the source with line numbers, to read a report against.
func (c *findCase) numbered() string {
	var b strings.Builder
	for _, f := range c.files {
		fmt.Fprintf(&b, "%s\n", f.Name)
		for i, l := range strings.Split(strings.TrimSuffix(string(f.Content), "\n"), "\n") {
			fmt.Fprintf(&b, "%4d  %s\n", i+1, l)
		}
	}
	return b.String()
}

// check type-checks parsed files as one package.
func check(path string, fset *token.FileSet, files []*patterns.File, imp types.Importer) (*patterns.Package, error) {
	var trees []*ast.File
	for _, f := range files {
		trees = append(trees, f.Syntax)
	}
	conf := types.Config{
		Importer:    imp,
		GoVersion:   "go1.26",
		Sizes:       types.SizesFor("gc", runtime.GOARCH),
		FakeImportC: true,
	}
	info := patterns.NewInfo()
	pkg, err := conf.Check(path, fset, trees, info)
	if err != nil {
		return nil, err
	}
	return &patterns.Package{
		ID: path, Path: path, Name: pkg.Name(), GoVersion: conf.GoVersion,
		Fset: fset, Files: files, Types: pkg, Info: info, Sizes: conf.Sizes, Importer: imp,
	}, nil
}

// A listing is what the go command says of some packages and all below them.
type listing map[string]*listed

type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	ImportMap               map[string]string
}

// goList lists packages of the standard library with their export data.
func goList(t *testing.T, paths ...string) listing {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,ImportMap", "--"}, paths...)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	list := make(listing)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := dec.Decode(p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list[p.ImportPath] = p
	}
}

// importer reads export data for the imports of one package. It must be used
// by one goroutine at a time.
func (l listing) importer(path string) types.Importer {
	gc := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if l[path] == nil || l[path].Export == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(l[path].Export)
	})
	return importerFunc(func(name string) (*types.Package, error) {
		if name == "unsafe" {
			return types.Unsafe, nil
		}
		if p := l[path]; p != nil && p.ImportMap[name] != "" {
			name = p.ImportMap[name]
		}
		return gc.Import(name)
	})
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

func sortedNames(set map[string]bool) []string {
	var names []string
	for n := range set {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
