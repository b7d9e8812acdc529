package tree

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var all = flag.Bool("all", false, "run the standard library tests over all of it, not a few packages")

// stdFiles returns the parsed files of some of the standard library, in a
// fixed order, leaving out test data.
func stdFiles(t *testing.T, dirs ...string) []*parsed {
	t.Helper()
	if testing.Short() {
		t.Skip("reads the standard library")
	}
	src := filepath.Join(runtime.GOROOT(), "src")
	if _, err := os.Stat(src); err != nil {
		t.Skip("the standard library's source is not installed")
	}
	if *all {
		dirs = []string{"."}
	}
	var out []*parsed
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(src, dir), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || !*all && path != filepath.Join(src, dir)):
				return filepath.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go"):
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			p, err := parse(path, text)
			if err == nil {
				out = append(out, p)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

type parsed struct {
	fset *token.FileSet
	file *ast.File
	src  []byte
}

func parse(name string, src []byte) (*parsed, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	return &parsed{fset, f, src}, err
}

// TestOpenClose checks that opening and closing every statement list changes
// no byte.
func TestOpenClose(t *testing.T) {
	n, bad := 0, 0
	for _, p := range stdFiles(t, "net/http", "os", "go/types", "runtime", "sync", "go/printer") {
		e := NewEditor(p.fset, p.file, p.src)
		df, nodes, err := e.decorate()
		if err != nil {
			t.Errorf("%s: %v", p.fset.Position(p.file.Pos()), err)
			continue
		}
		for i, d := range p.file.Decls {
			n++
			if err := e.Check(d); err != nil {
				bad++
				t.Log(err)
				continue
			}
			ed := newEdit(p.fset, d, df.Decls[i], nodes)
			if err := ed.carryOut(nil, nil); err != nil {
				t.Error(err)
			}
		}
		if e.err != nil {
			t.Error(e.err)
			continue
		}
		text, _, err := render(df)
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(text, e.clean.text) {
			t.Errorf("%s: %s", p.fset.Position(p.file.Pos()).Filename, firstDifference(e.clean.text, text))
		}
	}
	t.Logf("%d declarations, %d cannot be edited", n, bad)
}
