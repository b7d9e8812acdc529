package edits

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// TestImportEdits adds imports to files and compares the text between the package clause
// and the first declaration.
func TestImportEdits(t *testing.T) {
	const flight = "golang.org/x/sync/singleflight"
	tests := []struct {
		name, before string
		add          []plan.Import
		want         string
	}{
		{"none yet", "", []plan.Import{{Path: "slices"}}, `import "slices"`},
		{"none yet, two", "", []plan.Import{{Path: "slices"}, {Path: "maps"}}, "import (\n\t\"maps\"\n\t\"slices\"\n)"},
		{"one", `import "sync"`, []plan.Import{{Path: "slices"}}, "import (\n\t\"slices\"\n\t\"sync\"\n)"},
		{"one with a comment", `import "sync" // locks`, []plan.Import{{Path: "time"}}, "import (\n\t\"sync\" // locks\n\t\"time\"\n)"},
		{"one, another kind", `import "sync"`, []plan.Import{{Path: flight}}, "import (\n\t\"sync\"\n\n\t\"" + flight + "\"\n)"},
		{"group, first", "import (\n\t\"net\"\n\t\"os\"\n)", []plan.Import{{Path: "maps"}}, "import (\n\t\"maps\"\n\t\"net\"\n\t\"os\"\n)"},
		{"group, in between", "import (\n\t\"net\"\n\t// why\n\t\"sync\"\n)", []plan.Import{{Path: "slices"}}, "import (\n\t\"net\"\n\t\"slices\"\n\t// why\n\t\"sync\"\n)"},
		{"group, last", "import (\n\t\"net\"\n\t\"os\" // files\n)", []plan.Import{{Path: "slices"}}, "import (\n\t\"net\"\n\t\"os\" // files\n\t\"slices\"\n)"},
		{"named", "import (\n\t\"net\"\n)", []plan.Import{{Path: "slices", Name: "goslices"}}, "import (\n\t\"net\"\n\tgoslices \"slices\"\n)"},
		{"two groups", "import (\n\t\"net\"\n\n\t\"golang.org/x/net/html\"\n\n\t\"example.com/a\"\n)", []plan.Import{{Path: flight}, {Path: "slices"}},
			"import (\n\t\"net\"\n\t\"slices\"\n\n\t\"golang.org/x/net/html\"\n\t\"" + flight + "\"\n\n\t\"example.com/a\"\n)"},
		{"no group of the kind", "import (\n\t\"example.com/a\"\n)", []plan.Import{{Path: "slices"}}, "import (\n\t\"slices\"\n\n\t\"example.com/a\"\n)"},
		{"not beside C", "import \"C\"\n\nimport \"sync\"", []plan.Import{{Path: "slices"}}, "import \"C\"\n\nimport (\n\t\"slices\"\n\t\"sync\"\n)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := []byte("package p\n\n" + test.before + "\n\nvar x int\n")
			if test.before == "" {
				src = []byte("package p\n\nvar x int\n")
			}
			fset := token.NewFileSet()
			tree, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			got, err := textedit.Apply(src, ImportEdits(&patterns.File{Syntax: tree, Content: src}, fset, test.add))
			if err != nil {
				t.Fatal(err)
			}
			want := "package p\n\n" + test.want + "\n\nvar x int\n"
			if string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if formatted, err := format.Source(got); err != nil || string(formatted) != string(got) {
				t.Errorf("not as gofmt has it: %v\n%s", err, got)
			}
			if f, err := parser.ParseFile(token.NewFileSet(), "p.go", got, 0); err != nil || !hasImport(f, test.add[0].Path) {
				t.Errorf("the import is not there: %v", err)
			}
		})
	}
}

func hasImport(f *ast.File, path string) bool {
	for _, i := range f.Imports {
		if strings.Trim(i.Path.Value, `"`) == path {
			return true
		}
	}
	return false
}
