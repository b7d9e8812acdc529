package load

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestParseDeclarations checks that removing function bodies before parsing does not change
// the declarations in the standard library or their positions.
func TestParseDeclarations(t *testing.T) {
	files, short := 0, 0
	err := filepath.WalkDir(filepath.Join(runtime.GOROOT(), "src"), func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == "cmd" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, ok := withoutBodies(text); ok {
			short++
		}
		checkDeclarations(t, name, text)
		files++
		return nil
	})
	if err != nil || files < 3000 || short < files {
		t.Errorf("%d of %d files, %v", short, files, err)
	}
}

func TestParseDeclarationsOdd(t *testing.T) {
	for _, text := range []string{
		"package p\n\nfunc f() interface{ m() } { return nil }\n\nfunc g() struct{ a int } { return struct{ a int }{1} }\n",
		"package p\n\nfunc f(x interface{ m() }) func(struct{ a int }) { return nil }\n",
		"package p\n\nfunc f() {\n\t_ = `\n}\n` + \"}\\\"{\" + string('{') + string('\\'')\n}\n\nvar x = 1\n",
		"package p\n\nfunc f() { /* } */ // }\n}\n\nfunc g()\n\nvar h = func() int { return 1 }\n",
		"package p\n\nfunc f[T interface{ ~int }](t T) map[struct{ a int }]int { return nil }\n",
		"package p\n\nfunc f() struct /* { */ {\n\ta int\n} {\n\treturn struct{ a int }{}\n}\n",
		"package p\n\nvar (\n\tf = func() {\n\t}\n)\n\ntype T struct {\n\tf func()\n}\n\nfunc (t T) m() { t.f() }\n",
	} {
		if _, ok := withoutBodies([]byte(text)); !ok {
			t.Errorf("not shortened:\n%s", text)
		}
		checkDeclarations(t, "p.go", []byte(text))
	}
	for _, text := range []string{"package p\n\nfunc f() {\n", "package p\n\nfunc f() { _ = '{ }\n", "package p\n\nfunc f() { _ = `{ }\n", "package p /*", "\"", "{", "package p\n\n)"} {
		if _, err := parseDeclarations(token.NewFileSet(), "p.go", []byte(text)); err == nil {
			t.Errorf("parsed:\n%s", text)
		}
	}
}

// checkDeclarations compares the result of parseDeclarations with a file that is parsed in
// full and then has its bodies emptied.
func checkDeclarations(t *testing.T, name string, text []byte) {
	t.Helper()
	got, err := parseDeclarations(token.NewFileSet(), name, text)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	want, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for _, d := range want.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			fn.Body.List = nil
		}
	}
	if !bytes.Equal(printed(t, got), printed(t, want)) {
		t.Errorf("%s: the declarations are\n%s\nwant\n%s", name, printed(t, got), printed(t, want))
	}
	for i, d := range got.Decls {
		if d.Pos() != want.Decls[i].Pos() || d.End() != want.Decls[i].End() {
			t.Errorf("%s: a declaration has moved from %d-%d to %d-%d", name, want.Decls[i].Pos(), want.Decls[i].End(), d.Pos(), d.End())
		}
	}
}

func printed(t *testing.T, f *ast.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), f); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}
