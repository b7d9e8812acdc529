package patterns_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const modulePath = "github.com/letgo-dev/letgo"

// mayImport says which packages of the module a package may import. A package
// that is not here may not exist: give it a line when it is made. The names are
// relative to the module; cmd/* is every command.
//
// Dependencies run one way. What finds (patterns) knows nothing of what puts
// right (rewrite), neither of them knows who asks, and textedit knows no Go.
var mayImport = map[string][]string{
	"rewrite/textedit":            {"internal/scratch"},
	"rewrite/tree":                {"rewrite/textedit"},
	"patterns/satisfy":            {},
	"patterns/storage":            {"patterns/satisfy"},
	"patterns/ownership":          {"patterns/storage"},
	"patterns/known":              {"patterns/storage"},
	"patterns/known/mkstorage":    {"patterns/known", "patterns/storage"},
	"patterns/blocking":           {},
	"patterns":                    {"patterns/blocking", "patterns/known", "patterns/ownership", "patterns/satisfy", "patterns/storage"},
	"patterns/statements":         {"patterns"},
	"patterns/parallel":           {"patterns"},
	"patterns/directive":          {"patterns", "patterns/blocking"},
	"patterns/locks":              {"patterns", "patterns/parallel", "patterns/statements"},
	"patterns/callbacks":          {"patterns", "patterns/known"},
	"patterns/guards":             {"patterns", "patterns/callbacks", "patterns/known", "patterns/locks", "patterns/ownership", "patterns/parallel", "patterns/statements", "patterns/storage"},
	"patterns/values":             {"patterns", "patterns/guards", "patterns/locks", "patterns/parallel", "patterns/statements"},
	"patterns/channels":           {"patterns", "patterns/guards", "patterns/locks", "patterns/ownership", "patterns/statements", "patterns/values"},
	"patterns/waits":              {"patterns", "patterns/blocking", "patterns/channels", "patterns/directive", "patterns/guards", "patterns/locks", "patterns/statements", "patterns/values"},
	"patterns/outside":            {"patterns", "patterns/blocking", "patterns/locks", "patterns/storage", "patterns/waits"},
	"patterns/finding":            {"patterns", "patterns/blocking", "patterns/directive", "patterns/guards", "patterns/locks", "patterns/statements", "patterns/waits"},
	"patterns/config":             {"patterns", "patterns/blocking", "patterns/finding"},
	"patterns/history":            {"patterns", "patterns/finding"},
	"patterns/analyse":            {"patterns", "patterns/blocking", "patterns/directive", "patterns/guards", "patterns/locks", "patterns/waits"},
	"patterns/deadlock":           {"patterns", "patterns/blocking", "patterns/channels", "patterns/finding", "patterns/guards", "patterns/known", "patterns/locks", "patterns/statements", "patterns/values", "patterns/waits"},
	"patterns/verdict":            {"patterns", "patterns/blocking", "patterns/directive", "patterns/finding", "patterns/guards", "patterns/locks", "patterns/outside", "patterns/statements", "patterns/values", "patterns/waits"},
	"patterns/find":               {"patterns", "patterns/analyse", "patterns/blocking", "patterns/deadlock", "patterns/finding", "patterns/guards", "patterns/locks", "patterns/verdict", "patterns/waits"},
	"patterns/profile":            {"patterns", "patterns/blocking", "patterns/config", "patterns/find", "patterns/finding", "patterns/locks", "patterns/waits"},
	"patterns/load/vetunit":       {},
	"patterns/load":               {"internal/scratch", "patterns", "patterns/load/vetunit"},
	"rewrite/place":               {},
	"rewrite/safety":              {},
	"rewrite/syntax":              {"patterns", "patterns/guards", "patterns/known"},
	"rewrite/plan":                {"patterns", "patterns/finding", "rewrite/safety", "rewrite/textedit", "rewrite/tree"},
	"rewrite/site":                {"patterns", "patterns/callbacks", "patterns/finding", "patterns/guards", "patterns/locks", "patterns/outside", "patterns/waits", "rewrite/plan", "rewrite/safety", "rewrite/syntax"},
	"rewrite/behaviour":           {"patterns", "patterns/callbacks", "patterns/guards", "patterns/known", "patterns/locks", "patterns/ownership", "patterns/storage", "patterns/values", "patterns/waits", "rewrite/site", "rewrite/syntax"},
	"rewrite/behaviour/panics":    {"patterns", "patterns/guards", "patterns/known", "patterns/locks", "patterns/statements", "patterns/waits", "rewrite/behaviour", "rewrite/site", "rewrite/syntax"},
	"rewrite/extract":             {"patterns", "patterns/guards", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/move/detach":         {"patterns", "patterns/blocking", "patterns/guards", "patterns/locks", "patterns/waits", "rewrite/behaviour", "rewrite/extract", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/move/endings":        {"patterns", "rewrite/behaviour", "rewrite/site", "rewrite/syntax"},
	"rewrite/move":                {"patterns", "patterns/blocking", "patterns/guards", "patterns/ownership", "patterns/statements", "patterns/waits", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/extract", "rewrite/move/detach", "rewrite/move/endings", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/signals":  {"patterns", "patterns/guards", "patterns/locks", "patterns/statements", "patterns/values", "patterns/waits", "rewrite/behaviour", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/external": {"patterns", "patterns/locks", "patterns/outside", "rewrite/conditions/signals", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/overlap":  {"patterns", "patterns/blocking", "patterns/guards", "patterns/locks", "patterns/outside", "patterns/waits", "rewrite/behaviour", "rewrite/conditions/signals", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/order":    {"patterns", "patterns/blocking", "patterns/guards", "patterns/waits", "rewrite/behaviour", "rewrite/conditions/overlap", "rewrite/conditions/signals", "rewrite/extract", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/undone":   {"patterns", "patterns/guards", "patterns/waits", "rewrite/behaviour", "rewrite/conditions/signals", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/lent":     {"patterns", "patterns/guards", "patterns/locks", "patterns/ownership", "patterns/storage", "rewrite/behaviour", "rewrite/move", "rewrite/safety", "rewrite/syntax"},
	"rewrite/conditions/emptied":  {"patterns", "patterns/guards", "rewrite/behaviour", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/lost":     {"patterns", "patterns/guards", "rewrite/behaviour", "rewrite/extract", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/stale":    {"patterns", "patterns/guards", "patterns/storage", "patterns/waits", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/conditions/copied", "rewrite/conditions/emptied", "rewrite/conditions/lost", "rewrite/conditions/order", "rewrite/conditions/signals", "rewrite/conditions/undone", "rewrite/extract", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions/lifetime": {"patterns", "patterns/guards", "patterns/known", "patterns/locks", "patterns/storage", "rewrite/behaviour", "rewrite/conditions/signals", "rewrite/conditions/stale", "rewrite/extract", "rewrite/move", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/conditions":          {"patterns", "patterns/blocking", "patterns/guards", "patterns/locks", "patterns/ownership", "patterns/storage", "patterns/waits", "rewrite/behaviour", "rewrite/conditions/emptied", "rewrite/conditions/external", "rewrite/conditions/lent", "rewrite/conditions/lifetime", "rewrite/conditions/lost", "rewrite/conditions/order", "rewrite/conditions/overlap", "rewrite/conditions/signals", "rewrite/conditions/stale", "rewrite/conditions/undone", "rewrite/extract", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/conditions/copied":   {"patterns", "patterns/guards", "rewrite/behaviour", "rewrite/extract", "rewrite/move", "rewrite/safety", "rewrite/syntax"},
	"rewrite/layout":              {"patterns", "patterns/finding", "patterns/locks", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/conditions/overlap", "rewrite/safety", "rewrite/site", "rewrite/syntax"},
	"rewrite/edits":               {"patterns", "patterns/locks", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/extract", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/textedit", "rewrite/tree"},
	"rewrite/placement":           {"patterns", "patterns/guards", "patterns/locks", "patterns/statements", "patterns/waits", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/conditions", "rewrite/conditions/external", "rewrite/conditions/lifetime", "rewrite/edits", "rewrite/extract", "rewrite/move", "rewrite/move/detach", "rewrite/place", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/shapes/buffer":       {"patterns", "patterns/guards", "patterns/waits", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/conditions", "rewrite/edits", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/shapes/collect":      {"patterns", "patterns/blocking", "patterns/guards", "patterns/known", "patterns/locks", "patterns/ownership", "patterns/storage", "patterns/waits", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/conditions", "rewrite/conditions/lifetime", "rewrite/conditions/order", "rewrite/conditions/stale", "rewrite/edits", "rewrite/extract", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/shapes/singleflight": {"patterns", "patterns/guards", "patterns/waits", "rewrite/behaviour", "rewrite/conditions", "rewrite/conditions/external", "rewrite/conditions/emptied", "rewrite/conditions/order", "rewrite/conditions/overlap", "rewrite/edits", "rewrite/extract", "rewrite/layout", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/shapes/contextlock":  {"patterns", "patterns/blocking", "patterns/find", "patterns/locks", "patterns/waits", "rewrite/behaviour", "rewrite/edits", "rewrite/move", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/textedit", "rewrite/tree"},
	"rewrite/shapes/helper":       {"patterns", "patterns/finding", "patterns/guards", "patterns/locks", "patterns/statements", "patterns/waits", "rewrite/behaviour", "rewrite/behaviour/panics", "rewrite/conditions", "rewrite/conditions/order", "rewrite/conditions/stale", "rewrite/edits", "rewrite/extract", "rewrite/layout", "rewrite/move", "rewrite/move/detach", "rewrite/place", "rewrite/placement", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/textedit", "rewrite/tree"},
	"rewrite/shapes/secondlock":   {"patterns", "patterns/blocking", "patterns/guards", "patterns/locks", "patterns/outside", "patterns/waits", "rewrite/behaviour", "rewrite/edits", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/tree"},
	"rewrite/shapes":              {"patterns/waits", "rewrite/behaviour", "rewrite/conditions", "rewrite/move", "rewrite/move/detach", "rewrite/placement", "rewrite/plan", "rewrite/safety", "rewrite/shapes/buffer", "rewrite/shapes/collect", "rewrite/shapes/contextlock", "rewrite/shapes/helper", "rewrite/shapes/secondlock", "rewrite/shapes/singleflight", "rewrite/site", "rewrite/tree"},
	"rewrite/verify":              {"patterns", "patterns/analyse", "patterns/find", "patterns/guards", "patterns/known", "patterns/locks", "patterns/ownership", "patterns/waits", "rewrite/behaviour", "rewrite/edits", "rewrite/plan", "rewrite/safety", "rewrite/site", "rewrite/syntax", "rewrite/textedit", "rewrite/tree"},
	"rewrite":                     {"patterns", "patterns/analyse", "patterns/find", "patterns/finding", "patterns/waits", "rewrite/conditions", "rewrite/layout", "rewrite/plan", "rewrite/safety", "rewrite/shapes", "rewrite/site", "rewrite/textedit", "rewrite/verify"},
	"rewrite/proof/programs":      {},
	"rewrite/proof":               {"patterns", "patterns/analyse", "patterns/blocking", "patterns/find", "patterns/finding", "patterns/waits", "rewrite", "rewrite/plan", "rewrite/proof/programs", "rewrite/safety", "rewrite/shapes", "rewrite/verify"},
	"editor/front":                {"editor/jsonrpc", "editor/protocol"},
	"editor":                      {"editor/front", "editor/jsonrpc", "editor/protocol", "internal/scratch", "patterns", "patterns/analyse", "patterns/blocking", "patterns/config", "patterns/directive", "patterns/find", "patterns/finding", "patterns/load", "patterns/locks", "patterns/profile", "patterns/verdict", "patterns/waits", "rewrite", "rewrite/plan", "rewrite/safety", "rewrite/shapes", "rewrite/textedit", "rewrite/verify"},
	"editor/jsonrpc":              {},
	"editor/protocol":             {},
	"editor/lsptest":              {"internal/longtest"},
	"internal/longtest":           {},
	"internal/proftest":           {},
	"internal/sample":             {},
	"internal/scratch":            {},
	"cmd/analyzer":                {"patterns", "patterns/blocking", "patterns/config", "patterns/find", "patterns/finding", "patterns/load", "rewrite", "rewrite/safety", "rewrite/shapes"},
	"cmd/golangci":                {"cmd/analyzer"},
	"cmd/holdbench":               {},
	"cmd/letbench":                {},
	"cmd/letgo/early":             {"patterns/load/vetunit"},
	"cmd/letgo/review":            {"patterns", "patterns/directive", "patterns/finding", "rewrite", "rewrite/verify"},
	"cmd/letgo/trial":             {"internal/scratch"},
	"cmd/letgo-mcp":               {},
	"cmd/letgo/webpage":           {"rewrite/textedit"},
	"cmd/letgo/app":               {"cmd/letgo/trial", "patterns", "patterns/blocking", "patterns/load", "patterns/locks", "patterns/waits", "rewrite", "rewrite/safety", "rewrite/shapes"},
	"cmd/letgo/outcome":           {"cmd/letgo/app", "cmd/letgo/trial", "internal/scratch", "patterns", "patterns/analyse", "patterns/blocking", "patterns/config", "patterns/directive", "patterns/find", "patterns/finding", "patterns/history", "patterns/load", "patterns/locks", "patterns/profile", "patterns/verdict", "patterns/waits", "rewrite", "rewrite/plan", "rewrite/safety", "rewrite/textedit", "rewrite/verify"},
	"cmd/letgo/explanation":       {"cmd/letgo/app", "cmd/letgo/outcome", "patterns/finding", "patterns/guards", "patterns/locks", "patterns/waits", "rewrite", "rewrite/plan", "rewrite/safety", "rewrite/verify"},
	"cmd/letgo/help":              {"cmd/letgo/app", "cmd/letgo/schema", "patterns/blocking", "rewrite/safety", "rewrite/shapes"},
	"cmd/letgo":                   {"cmd/letgo/app", "cmd/letgo/early", "cmd/letgo/explanation", "cmd/letgo/help", "cmd/letgo/outcome", "cmd/letgo/review", "cmd/letgo/trial", "cmd/letgo/webpage", "editor", "internal/scratch", "patterns", "patterns/analyse", "patterns/blocking", "patterns/config", "patterns/directive", "patterns/find", "patterns/finding", "patterns/guards", "patterns/load", "patterns/load/vetunit", "patterns/locks", "patterns/profile", "patterns/verdict", "patterns/waits", "rewrite", "rewrite/plan", "rewrite/safety", "rewrite/shapes", "rewrite/textedit", "rewrite/verify"},
	"cmd/letgo/schema":            {},
}

// mayUse says which packages or files may import something from outside of the
// module, other than the standard library. An entry answers for the path and
// all below it, the longest entry first. Of the standard library only what is
// named here is restricted.
var mayUse = map[string][]string{
	"github.com/HdrHistogram/hdrhistogram-go":    {"cmd/holdbench"},
	"github.com/anishathalye/porcupine":          {"cmd/holdbench"},
	"github.com/dave/dst":                        {"rewrite/tree"},
	"github.com/google/pprof":                    {"cmd/holdbench", "internal/proftest", "patterns/profile"},
	"github.com/golangci/plugin-module-register": {"cmd/golangci"},
	"github.com/modelcontextprotocol/go-sdk":     {"cmd/letgo-mcp"},
	"github.com/rogpeppe/go-internal/cache":      {"cmd/letgo/outcome"},
	"github.com/sergi/go-diff":                   {"rewrite/textedit", "cmd/letgo/app/meant.go"},
	"github.com/sourcegraph/go-diff":             {"rewrite/textedit"},
	"go.yaml.in/yaml/v4":                         {"patterns/config"},
	"golang.org/x/exp/trace":                     {"patterns/profile"},
	"golang.org/x/mod":                           {"patterns/load", "patterns/profile"},
	"golang.org/x/term":                          {"cmd/letgo", "cmd/letgo/app"},
	"golang.org/x/tools/cover":                   {"cmd/letgo/trial"},
	"golang.org/x/tools/go/analysis":             {"patterns/find/analyzer.go", "cmd/golangci"},
	"golang.org/x/tools/go/cfg":                  {"patterns/locks", "patterns/waits"},
	"golang.org/x/tools/go/gcexportdata":         {"patterns/load"},
	"golang.org/x/tools/go/packages":             {"patterns/load", "patterns/known/mkstorage"},
	"golang.org/x/tools/go/types/typeutil":       {"patterns/blocking", "patterns/ownership", "patterns/storage"},
	"gonum.org/v1/plot":                          {"cmd/holdbench"},
	"unicode/utf16":                              {"editor", "editor/lsptest"},
}

// TestImports checks the imports of every file of the module that is not a
// test, whatever its build constraints are.
func TestImports(t *testing.T) {
	for _, problem := range checkImports(t, os.DirFS(moduleRoot(t))) {
		t.Error(problem)
	}
}

// TestImportsChecked checks that the check sees what is wrong.
func TestImportsChecked(t *testing.T) {
	for _, test := range []struct {
		file, imports string
		want          string // part of the problem, or "" if there is none
	}{
		{"rewrite/tree/a.go", "github.com/dave/dst/decorator", ""},
		{"rewrite/tree/a.go", modulePath + "/rewrite/textedit", ""},
		{"rewrite/tree/a.go", "go/ast", ""},
		{"rewrite/tree/a.go", modulePath + "/patterns", "rewrite/tree may not import patterns"},
		{"rewrite/a.go", "github.com/dave/dst", "rewrite may not import github.com/dave/dst"},
		{"rewrite/a.go", "github.com/dave/dstx", "nobody may import github.com/dave/dstx"},
		{"patterns/a.go", modulePath + "/rewrite", "patterns may not import rewrite"},
		{"patterns/a.go", "golang.org/x/tools/go/packages", "patterns may not import golang.org/x/tools/go/packages"},
		{"patterns/find/a.go", "golang.org/x/tools/go/analysis", "patterns/find may not import golang.org/x/tools/go/analysis"},
		{"patterns/find/analyzer.go", "golang.org/x/tools/go/analysis", ""},
		{"patterns/a_test.go", modulePath + "/rewrite", ""},
		{"patterns/testdata/a.go", modulePath + "/rewrite", ""},
		{"cmd/letgo/a.go", modulePath + "/editor", ""},
		{"cmd/letgo/a.go", modulePath + "/rewrite/tree", "cmd/letgo may not import rewrite/tree"},
		{"cmd/letgo/a.go", "golang.org/x/tools/go/analysis/unitchecker", "cmd/letgo may not import golang.org/x/tools/go/analysis/unitchecker"},
		{"cmd/golangci/a.go", "golang.org/x/tools/go/analysis", ""},
		{"cmd/letgo/a.go", "go.yaml.in/yaml/v4", "cmd/letgo may not import go.yaml.in/yaml/v4"},
		{"cmd/letgo/a.go", "golang.org/x/tools/go/analysis/passes/inspect", "cmd/letgo may not import golang.org/x/tools/go/analysis/passes/inspect"},
		{"cmd/letgo/a.go", "unicode/utf16", "cmd/letgo may not import unicode/utf16"},
		{"cmd/letgo/a.go", "C", "nobody may import C"},
		{"a.go", "go/ast", "no line for package ."},
		{"other/a.go", "go/ast", "no line for package other"},
	} {
		src := fmt.Sprintf("package p\n\nimport _ %q\n", test.imports)
		module := fstest.MapFS{test.file: {Data: []byte(src)}}
		got := strings.Join(checkImports(t, module), "\n")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s imports %s: got %q, want %q", test.file, test.imports, got, test.want)
		}
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
}

// checkImports returns what is wrong with the imports of a module.
func checkImports(t *testing.T, module fs.FS) []string {
	t.Helper()
	var problems []string
	unknown := make(map[string]bool)
	err := fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		switch {
		case d.IsDir():
			if name != "." && (base == "testdata" || base == "vendor" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return fs.SkipDir
			}
			return nil
		case path.Ext(base) != ".go" || strings.HasSuffix(base, "_test.go") || strings.HasPrefix(base, "."):
			return nil
		}
		pkg := path.Dir(name)
		if line(mayImport, pkg) == "" && !unknown[pkg] {
			unknown[pkg] = true
			problems = append(problems, fmt.Sprintf("no line for package %s in the table", pkg))
		}
		src, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if problem := checkImport(pkg, name, imported); problem != "" {
				problems = append(problems, name+": "+problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// checkImport says what is wrong with one import, or "".
func checkImport(pkg, file, imported string) string {
	if own, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
		if !slices.Contains(mayImport[line(mayImport, pkg)], own) {
			return fmt.Sprintf("%s may not import %s", pkg, own)
		}
		return ""
	}
	entry := ""
	for e := range maps.Keys(mayUse) {
		if (imported == e || strings.HasPrefix(imported, e+"/")) && len(e) > len(entry) {
			entry = e
		}
	}
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case entry == "" && imported != "C" && !strings.Contains(first, "."):
		return "" // the standard library
	case entry == "":
		return "nobody may import " + imported
	}
	for _, who := range mayUse[entry] {
		if ok, _ := path.Match(who, pkg); ok || who == file {
			return ""
		}
	}
	return fmt.Sprintf("%s may not import %s", pkg, imported)
}

// line returns the key of the table that answers for a package, or "".
func line(table map[string][]string, pkg string) string {
	for k := range table {
		if ok, _ := path.Match(k, pkg); ok {
			return k
		}
	}
	return ""
}

// linked lists the modules that the command is made of. What is not here is neither
// downloaded nor compiled by whoever installs letgo: all in all, a first build took
// 130 CPU seconds with a few more, and takes 70 with these.
var linked = []string{
	"github.com/dave/dst",
	"github.com/google/pprof",
	"github.com/rogpeppe/go-internal",
	"github.com/sergi/go-diff",
	"github.com/sourcegraph/go-diff",
	"go.yaml.in/yaml/v4",
	"golang.org/x/exp",
	"golang.org/x/mod",
	"golang.org/x/sync",
	"golang.org/x/sys",
	"golang.org/x/term",
	"golang.org/x/tools",
}

// TestLinked checks what the command is made of, and that it has no part in networks.
func TestLinked(t *testing.T) {
	const format = "{{if .Module}}{{if not .Module.Main}}{{.Module.Path}}{{end}}{{else}}{{.ImportPath}}{{end}}"
	out, err := exec.Command("go", "list", "-deps", "-f", format, modulePath+"/cmd/letgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for _, name := range strings.Fields(string(out)) {
		if strings.Contains(strings.Split(name, "/")[0], ".") {
			modules = append(modules, name)
		} else if name == "net" || name == "net/http" || name == "crypto/tls" {
			t.Errorf("letgo links %s", name)
		}
	}
	slices.Sort(modules)
	if modules = slices.Compact(modules); !slices.Equal(modules, linked) {
		t.Errorf("letgo is made of\n%s\nand not of\n%s", strings.Join(modules, "\n"), strings.Join(linked, "\n"))
	}
}

// TestImportTable checks that the table itself runs one way, and that it names
// only packages that it has a line for.
func TestImportTable(t *testing.T) {
	const running, done = 1, 2
	state := make(map[string]int)
	var visit func(string)
	visit = func(p string) {
		if state[p] == running {
			t.Errorf("%s may import itself, by way of others", p)
		}
		if state[p] != 0 {
			return
		}
		state[p] = running
		for _, q := range mayImport[p] {
			if _, ok := mayImport[q]; !ok {
				t.Errorf("%s may import %s, which has no line of its own", p, q)
			}
			visit(q)
		}
		state[p] = done
	}
	for p := range mayImport {
		visit(p)
	}
	for imported, users := range mayUse {
		for _, u := range users {
			if path.Ext(u) == ".go" {
				u = path.Dir(u)
			}
			if line(mayImport, u) == "" && mayImport[u] == nil {
				t.Errorf("%s may import %s, but has no line of its own", u, imported)
			}
		}
	}
}
