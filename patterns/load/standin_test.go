package load

import (
	"go/parser"
	"go/token"
	"maps"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestNameMissing checks the names inferred for missing packages.
func TestNameMissing(t *testing.T) {
	missing := func(path string) *packages.Package {
		return &packages.Package{PkgPath: path, Errors: []packages.Error{{Kind: packages.ListError}}}
	}
	p := &packages.Package{Imports: map[string]*packages.Package{"fmt": {Name: "fmt", Dir: "fmt", GoFiles: []string{"print.go"}}}}
	want := map[string]string{
		"example.com/utils":      "utils",
		"example.com/utils/guid": "guid",
		"example.com/web/v4":     "web",
		"gopkg.in/yaml.v3":       "yaml",
		"example.com/go-redis":   "redis",
		"example.com/renamed":    "", // the file names it
		"example.com/unlike":     "", // unknown; standIn uses the last element
	}
	for path := range want {
		p.Imports[path] = missing(path)
	}
	f, err := parser.ParseFile(token.NewFileSet(), "a.go", `package a

import (
	"fmt"

	"example.com/go-redis"
	other "example.com/renamed"
	"example.com/unlike"
	"example.com/utils"
	"example.com/utils/guid"
	"example.com/web/v4"
	"gopkg.in/yaml.v3"
)

func f(red struct{ Is int }, c *web.Conn) {
	fmt.Println(red.Is, redis.Nil, utils.Max(1, 2), guid.New(), yaml.Marshal, other.Name, different.Name)
}
`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]string)
	nameMissing(names, p, f)
	maps.DeleteFunc(want, func(_, name string) bool { return name == "" })
	if !maps.Equal(names, want) {
		t.Errorf("the packages are called %v, want %v", names, want)
	}
	if got := standIn("example.com/unlike/v2", "").Name(); got != "unlike" {
		t.Errorf("a package of unknown name is called %s", got)
	}
}
