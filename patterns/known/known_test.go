package known

import (
	"bytes"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestNames looks up every function of the tables that is installed.
func TestNames(t *testing.T) {
	tables := map[string]map[string]Condition{"cannot_panic.txt": cannotPanic(), "no_effect.txt": noEffect()}
	paths := make(map[string]bool)
	for _, table := range tables {
		for name := range table {
			if p := packageOf(name); !strings.Contains(p, ".") {
				paths[p] = true
			}
		}
	}
	delete(paths, "")
	imp := installed(t, slices.Sorted(maps.Keys(paths)))
	for file, table := range tables {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			if strings.Contains(packageOf(name), ".") {
				continue
			}
			fn, err := lookup(imp, name)
			if err != nil {
				t.Errorf("%s: %s: %v", file, name, err)
				continue
			}
			if got := nameOf(fn); got != name {
				t.Errorf("%s: %s is called %s", file, name, got)
			}
			if why := wrongCondition(fn, table[name]); why != "" {
				t.Errorf("%s: %s: %s", file, name, why)
			}
		}
	}
}

// wrongCondition says why a function cannot have a condition.
func wrongCondition(fn *types.Func, c Condition) string {
	takes := false
	for v := range fn.Signature().Params().Variables() {
		_, isFunc := v.Type().Underlying().(*types.Signature)
		takes = takes || isFunc
	}
	if takes != (c == Functions) {
		return fmt.Sprintf("the condition is %q, and it takes a function: %v", c, takes)
	}
	return ""
}

// TestTablesDiffer holds what each of the tables must not say.
func TestTablesDiffer(t *testing.T) {
	for _, name := range []string{
		"(*sync/atomic.Bool).Store", "(*sync/atomic.Int64).Add", "(*sync.Cond).Broadcast", "(*sync.WaitGroup).Wait", "time.Sleep",
		"slices.Sort", "errors.As", "time.NewTimer", "unicode/utf8.EncodeRune", "unicode/utf8.AppendRune",
	} {
		if _, ok := noEffect()[name]; ok {
			t.Errorf("%s is said to have no effect", name)
		}
	}
	for _, name := range []string{"strings.Repeat", "errors.As", "(*sync/atomic.Value).Store", "(*sync.WaitGroup).Done", "slices.Max", "(time.Time).In"} {
		if _, ok := cannotPanic()[name]; ok {
			t.Errorf("%s is said not to panic", name)
		}
	}
}

// TestMayCall holds that a function may call every method of what it is given unless a
// table says which ones it calls.
func TestMayCall(t *testing.T) {
	if !slices.IsSorted(linesOf(callsMethodsText)) {
		t.Error("calls_methods.txt is not sorted")
	}
	imp := installed(t, []string{"context", "encoding/gob", "encoding/json", "encoding/xml", "errors", "fmt", "html/template", "log", "log/slog", "net/rpc", "text/template"})
	fn := func(name string) *types.Func {
		fn, err := lookup(imp, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return fn
	}
	for name, methods := range callsMethods() {
		if got := nameOf(fn(name)); got != name {
			t.Errorf("calls_methods.txt: %s is called %s", name, got)
		}
		if !slices.IsSorted(methods) || len(methods) == 0 {
			t.Errorf("calls_methods.txt: the methods of %s are not sorted", name)
		}
	}
	for name, c := range noEffect() {
		if c == Methods && !strings.HasPrefix(name, "(") && callsMethods()[name] == nil {
			t.Errorf("calls_methods.txt lacks %s", name)
		}
	}
	for _, test := range []struct {
		name, method string
		want         bool
	}{
		{"fmt.Sprint", "String", true},
		{"fmt.Sprint", "Bump", false},
		{"errors.AsType", "As", true},
		{"(context.Context).Value", "Value", true},
		{"(context.Context).Value", "Done", false},
		{"(*text/template.Template).Execute", "Bump", true},
		{"(*log/slog.Logger).Info", "Bump", true},
		{"(net/rpc.ClientCodec).WriteRequest", "Bump", true}, // of an argument
	} {
		if got := MayCall(fn(test.name), test.method); got != test.want {
			t.Errorf("%s may call %s: have %v, want %v", test.name, test.method, got, test.want)
		}
	}
}

func linesOf(text string) (out []string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"# b\n\na.A\na.B functions\n", ""},
		{"a.B\na.A\n", "line 2: a.A stands after a.B"},
		{"a.A\na.A\n", "line 2: a.A stands after a.A"},
		{"a.A methods\n", `line 1: "methods" is none of the conditions ["functions"]`},
	} {
		_, err := parse(test.text, Functions)
		if got := fmt.Sprint(err); test.want == "" && err != nil || test.want != "" && got != test.want {
			t.Errorf("%q: have %s, want %s", test.text, got, test.want)
		}
	}
}

// packageOf returns the import path of the package that declares a function, ""
// for the universe.
func packageOf(name string) string {
	if strings.HasPrefix(name, "(") {
		name = strings.TrimPrefix(name[1:strings.Index(name, ")")], "*")
	}
	return name[:max(0, strings.LastIndex(name, "."))]
}

// lookup finds the function of a name.
func lookup(imp types.Importer, name string) (*types.Func, error) {
	scope := types.Universe
	if path := packageOf(name); path != "" {
		pkg, err := imp.Import(path)
		if err != nil {
			return nil, err
		}
		scope = pkg.Scope()
	}
	recv, method, ok := strings.Cut(strings.TrimPrefix(name, "("), ").")
	if !ok {
		fn, ok := scope.Lookup(name[strings.LastIndex(name, ".")+1:]).(*types.Func)
		if !ok {
			return nil, fmt.Errorf("no such function")
		}
		return fn, nil
	}
	tn, ok := scope.Lookup(strings.TrimPrefix(recv[strings.LastIndex(recv, ".")+1:], "*")).(*types.TypeName)
	if !ok {
		return nil, fmt.Errorf("no such type")
	}
	if obj, _, _ := types.LookupFieldOrMethod(tn.Type(), true, tn.Pkg(), method); obj != nil {
		if fn, ok := obj.(*types.Func); ok {
			return fn, nil
		}
	}
	return nil, fmt.Errorf("no such method")
}

// installed returns an importer of the named packages of the standard library.
func installed(t *testing.T, paths []string) types.Importer {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "--"}, paths...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for line := range bytes.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		files[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
}

// TestContracts looks up every function of contracts.txt that is installed.
func TestContracts(t *testing.T) {
	paths := make(map[string]bool)
	for name := range contracts() {
		if p := packageOf(name); !strings.Contains(p, ".") {
			paths[p] = true
		}
	}
	imp := installed(t, slices.Sorted(maps.Keys(paths)))
	for _, name := range slices.Sorted(maps.Keys(contracts())) {
		if !paths[packageOf(name)] {
			continue
		}
		if _, err := lookup(imp, name); err != nil {
			t.Errorf("contracts.txt: %s: %v", name, err)
		}
	}
}
