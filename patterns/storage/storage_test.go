package storage_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// TestModel reads the programs of testdata. A comment "// want" lists, in the form of
// describe, what the line does to storage that fields and package-level variables lead to;
// a line without a comment does nothing to it.
func TestModel(t *testing.T) {
	eachProgram(t, "testdata/*.txtar", check)
}

// eachProgram runs a test on every file of the archives.
func eachProgram(t *testing.T, archives string, test func(t *testing.T, src string)) {
	t.Helper()
	files, err := filepath.Glob(archives)
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) { test(t, string(f.Data)) })
		}
	}
}

var wantLine = regexp.MustCompile(`// want (.*)$`)

func check(t *testing.T, src string) {
	want := make(map[int][]string)
	n := 0
	for i, line := range strings.Split(src, "\n") {
		if m := wantLine.FindStringSubmatch(line); m != nil {
			want[i+1] = strings.Fields(m[1])
			n++
		}
	}
	if n == 0 {
		t.Fatal("the program asserts nothing")
	}
	fset, m := model(t, src)
	got := make(map[int][]string)
	for _, u := range m.Uses() {
		line := fset.Position(u.Node.Pos()).Line
		for _, d := range describe(m, u) {
			if !slices.Contains(got[line], d) {
				got[line] = append(got[line], d)
			}
		}
	}
	for line := range strings.Count(src, "\n") + 1 {
		slices.Sort(got[line])
		slices.Sort(want[line])
		if !slices.Equal(got[line], want[line]) {
			t.Errorf("line %d: %v, want %v\n\t%s", line, got[line], want[line], strings.Split(src, "\n")[line-1])
		}
	}
}

// describe names the variables that a use concerns: "data", "data?" for one by a function
// that is not seen; "own" if the storage is the function's own.
func describe(m *ownership.Model, u storage.Use) []string {
	if m.OwnerOf(u.Node) == ownership.Own {
		return []string{"own"}
	}
	var out []string
	m.Shared(func(v *types.Var, holds []storage.Class) {
		if i := slices.Index(holds, m.Same(u.Class)); i > 0 || i == 0 && !u.Part {
			name := v.Name()
			if u.Kind == storage.Lend {
				name += "?"
			}
			out = append(out, name)
		}
	})
	return out
}

func model(t *testing.T, src string) (*token.FileSet, *ownership.Model) {
	fset, _, m := modelOf(t, src)
	return fset, m
}

func modelOf(t *testing.T, src string) (*token.FileSet, []*ast.File, *ownership.Model) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object),
		Implicits: make(map[ast.Node]types.Object), Selections: make(map[*ast.SelectorExpr]*types.Selection), Instances: make(map[*ast.Ident]types.Instance),
	}
	conf := types.Config{Importer: imports}
	pkg, err := conf.Check("p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	files := []*ast.File{f}
	return fset, files, ownership.New(storage.New(info, files, tables{pkg}), info, files, tables{pkg})
}

var imports = importer.ForCompiler(token.NewFileSet(), "source", nil)

// tables is a world of nothing but the tables and the package itself.
type tables struct{ pkg *types.Package }

func (w tables) Concurrent(t types.Type) bool {
	return t.String() == "*sync.Mutex" || t.String() == "sync.Mutex"
}

func (w tables) Implementations(m *types.Func) (impl []*types.Func, all bool) {
	iface := m.Signature().Recv().Type().Underlying().(*types.Interface)
	for _, name := range w.pkg.Scope().Names() {
		n, ok := w.pkg.Scope().Lookup(name).Type().(*types.Named)
		if !ok || types.IsInterface(n) || !types.Implements(types.NewPointer(n), iface) {
			continue
		}
		for f := range n.Methods() {
			if f.Name() == m.Name() {
				impl = append(impl, f)
			}
		}
	}
	return impl, m.Pkg() == w.pkg && len(impl) > 0
}

func (w tables) Summary(fn *types.Func) (storage.Summary, bool) { return known.Storage(fn) }

func (w tables) Passes(t types.Type) bool { return known.Passes(t) }

func (w tables) UsedByMany(*types.Func) bool { return false }

func (w tables) Spawns(fn *types.Func) bool { return known.Spawns(fn) }

func (w tables) NamedElsewhere(*types.Func) bool { return false }

func TestSummaryText(t *testing.T) {
	for _, text := range []string{"-", "0:w", "recv:w 0.:w 1:d 0:k 0>recv 0.>r0. r1:s"} {
		s, err := storage.ParseSummary(text)
		if err != nil || s.String() != text {
			t.Errorf("%q is read as %q: %v", text, s, err)
		}
	}
	for _, text := range []string{"0", "x:w", "0:x", "0>", "-1:w", "0:s"} {
		if _, err := storage.ParseSummary(text); err == nil {
			t.Errorf("%q is read without an error", text)
		}
	}
}
