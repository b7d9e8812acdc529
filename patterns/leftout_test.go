package patterns

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestLeftOutWords checks that the names that a scan finds in a file are those of its
// syntax, and that it passes over no assignment to what a pointer refers to.
func TestLeftOutWords(t *testing.T) {
	var names []string
	for _, dir := range []string{"go/ast", "go/types", "net", "sync", "time"} {
		list, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", filepath.FromSlash(dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, list...)
	}
	texts := map[string]string{
		"paren":    "package p\nfunc f(x *int) { (*x), y = 1, 2 }\n",
		"second":   "package p\nfunc f(x *int) { y, *x = 1, 2 }\n",
		"called":   "package p\nfunc f() { *func() *int { g(); return nil }() = 1 }\n",
		"received": "package p\nfunc f(x *int, c chan int) { select { case *x = <-c: } }\n",
		"operator": "package p\nfunc f(x *int) { *x += 2 }\n",
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	for name, text := range texts {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		pkg, words := leftOutWords([]byte(text))
		if pkg != file.Name.Name {
			t.Errorf("%s: package %q, want %q", name, pkg, file.Name.Name)
		}
		index := newLeftOutSyntax(file).index
		for key, nodes := range index {
			if _, ok := nodes[0].(*ast.FuncDecl); !ok && !words[key] && key != "." {
				t.Errorf("%s: %q is missing", name, key)
			}
		}
		for word := range words {
			if word != assignments && index[word] == nil {
				t.Errorf("%s: %q is no name in the file", name, word)
			}
		}
	}
}
