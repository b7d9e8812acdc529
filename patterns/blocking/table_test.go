package blocking

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	// The packages of golang.org/x that are looked up as installed. To import
	// them keeps their modules in go.mod.
	_ "golang.org/x/crypto/acme"
	_ "golang.org/x/crypto/ssh"
	_ "golang.org/x/crypto/ssh/agent"
	_ "golang.org/x/crypto/ssh/knownhosts"
	_ "golang.org/x/net/proxy"
	_ "golang.org/x/net/websocket"
	_ "golang.org/x/oauth2"
	_ "golang.org/x/oauth2/clientcredentials"
	_ "golang.org/x/oauth2/jwt"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sync/semaphore"
	_ "golang.org/x/sync/singleflight"
	_ "golang.org/x/term"
)

// stubRoot holds stubs of packages, by import path.
const stubRoot = "../../testdata/stubs"

// TestTableNames looks up every name of the built-in table, and what its lines
// say of the arguments.
func TestTableNames(t *testing.T) {
	for _, complaint := range tablePackages(t).check(DefaultTable()) {
		t.Error(complaint)
	}
}

// TestTableNamesNotices makes sure that TestTableNames notices mistakes.
func TestTableNamesNotices(t *testing.T) {
	pkgs := tablePackages(t)
	for _, test := range []struct{ lines, want string }{
		{"net/http.Got http read safe is misspelled", "net/http.Got: no such function"},
		{"(net/http.Client).Do http write safe lacks its star", "(net/http.Client).Do: the method is declared as (*net/http.Client).Do"},
		{"(*net.TCPConn).Read net read safe is promoted", "(*net.TCPConn).Read: the method is declared as (*net.conn).Read"},
		{"(net/http.File).Read disk read safe is promoted", "(net/http.File).Read: the method is declared as (io.Reader).Read"},
		{"(*net/http.Nobody).Do http write safe has no type", "(*net/http.Nobody).Do: no such type"},
		{"example.com/nothing.Do http write safe has no stub", "no stub"},
		{"example.com/nothing/v*.Do http write safe has no stub", "no stub"},
		{"github.com/jackc/pgx/v*.Conect db write safe is misspelled", "github.com/jackc/pgx/v5.Conect: no such function"},
		{"io.ReadAll via 1.Read safe has one argument only", "no argument 1"},
		{"io.ReadAll via 0.Write safe has no such method", "argument 0 has no method Write"},
		{"net/http.Get via 0.Read safe has no such method", "argument 0 has no method Read"},
		{"bufio.NewWriter wraps 2", "no argument 2"},
		{"io.MultiWriter wraps 0", "argument 0 is variadic"},
		{"io.LimitReader wraps 1...", "argument 1 is not variadic"},
		{"sort.Slice calls 0", "argument 0 is no function"},
		{"sort.Slice().Len disk read safe has no result", "no result to have a method Len"},
		{"os.DirFile().Open disk read safe is misspelled", "os.DirFile().Open: no such function"},
		{"time.AfterFunc spawns 0", "argument 0 is no function"},
		{"(*net/http.Client).Undo http write safe is misspelled", "(*net/http.Client).Undo: no such method"},
		{"(*mime/multipart.Writer).CreatePart wraps recv\nnet/http.Get http read safe is fine", ""},
	} {
		table, err := ParseTable("test", strings.NewReader(test.lines))
		if err != nil {
			t.Error(err)
			continue
		}
		got := strings.Join(pkgs.check(table), "\n")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s\nhave: %s\nwant: %s", test.lines, got, test.want)
		}
	}
}

// TestTableStubs makes sure that the stubs declare nothing that the table does
// not need.
func TestTableStubs(t *testing.T) {
	pkgs := tablePackages(t)
	used := make(map[types.Object]bool)
	var unused []string
	for _, path := range pkgs.stubPaths {
		if _, err := pkgs.Import(path); err != nil {
			t.Error(err)
		}
	}
	for _, info := range pkgs.infos {
		for _, obj := range info.Uses {
			used[obj] = true
		}
	}
	for _, path := range pkgs.stubPaths {
		pkg := pkgs.done[path]
		for name := range functionsOf(pkg, false) {
			if DefaultTable().Lookup(name) == nil {
				unused = append(unused, name)
			}
		}
		for _, name := range pkg.Scope().Names() {
			obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
			if ok && !used[obj] && !hasMethods(obj.Type()) {
				unused = append(unused, path+"."+name)
			}
		}
	}
	slices.Sort(unused)
	for _, name := range unused {
		t.Errorf("%s: the table does not need this stub of %s", stubRoot, name)
	}
}

// hasMethods reports whether t is an interface with methods of its own.
func hasMethods(t types.Type) bool {
	iface, ok := t.Underlying().(*types.Interface)
	return ok && iface.NumExplicitMethods() > 0
}

// TestTableCoversStandardLibrary makes sure that the table decides on every
// function of the packages that do I/O whose name or first parameter says that
// it may block.
func TestTableCoversStandardLibrary(t *testing.T) {
	pkgs := tablePackages(t)
	for _, path := range coveredPackages {
		pkg, err := pkgs.Import(path)
		if err != nil {
			t.Error(err)
			continue
		}
		functions := functionsOf(pkg, true)
		for _, name := range slices.Sorted(maps.Keys(functions)) {
			fn := functions[name]
			if fn.Exported() && soundsBlocking(fn) && !isGeneralReader(fn) && DefaultTable().Lookup(name) == nil {
				t.Errorf("%s: want a line that says whether it blocks", name)
			}
		}
	}
}

// coveredPackages are those in which the table leaves nothing out.
var coveredPackages = []string{
	"bufio", "crypto/tls", "database/sql", "database/sql/driver", "encoding/gob",
	"encoding/json", "io", "io/fs", "io/ioutil", "log", "log/slog", "net",
	"net/http", "net/http/cgi", "net/http/fcgi", "net/http/httptest",
	"net/http/httputil", "net/rpc", "net/rpc/jsonrpc", "net/smtp", "net/textproto",
	"os", "os/exec", "os/user", "path/filepath", "sync", "time",
}

// soundsBlocking reports whether a function takes a context first, or has a name
// like those of functions that block.
func soundsBlocking(fn *types.Func) bool {
	params := fn.Signature().Params()
	if params.Len() > 0 && params.At(0).Type().String() == "context.Context" {
		return true
	}
	return slices.ContainsFunc(blockingVerbs, func(verb string) bool { return strings.HasPrefix(fn.Name(), verb) })
}

// isGeneralReader reports whether fn belongs to an interface, such as io.Reader,
// whose values may be anything.
func isGeneralReader(fn *types.Func) bool {
	recv, path := fn.Signature().Recv(), fn.Pkg().Path()
	return (path == "io" || path == "io/fs") && recv != nil && types.IsInterface(recv.Type())
}

var blockingVerbs = strings.Fields("Accept Copy Dial Exec Flush Listen Lookup Query Read Recv Send Serve Wait Write")

// TestTableLayout makes sure that blocking.txt stays in order: a paragraph for
// each package under its import path, the standard library first.
func TestTableLayout(t *testing.T) {
	var order []string
	for i, paragraph := range strings.Split(blockingText, "\n\n") {
		head, facts, _ := strings.Cut(paragraph, "\n")
		if i == 0 {
			continue // what the file is about
		}
		path, _, _ := strings.Cut(strings.TrimPrefix(head, "# "), ":")
		order = append(order, path)
		for line := range strings.Lines(facts) {
			if name := strings.Fields(line)[0]; name != "#" && packageOf(name) != path {
				t.Errorf("%s is under the head %q", name, head)
			}
		}
	}
	for i := 1; i < len(order); i++ {
		if groupOrder(order[i-1]) >= groupOrder(order[i]) {
			t.Errorf("package %s stands after %s", order[i], order[i-1])
		}
	}
}

// groupOrder is by what the paragraphs of blocking.txt are sorted.
func groupOrder(path string) string {
	section := "2"
	if isStandard(path) {
		section = "0"
	} else if strings.HasPrefix(path, "golang.org/x/") {
		section = "1"
	}
	return section + strings.ReplaceAll(strings.ToLower(path), "/", " ")
}

func TestParseTableErrors(t *testing.T) {
	for _, test := range []struct{ lines, want string }{
		{"net.Dial", "t:1:9: category missing"},
		{"net.Dial net", `t:1:13: effect is "": want read, write or wait`},
		{"net.Dial tcp write safe connects", `t:1:10: unknown category "tcp"`},
		{"net.Dial net sends safe connects", `t:1:14: effect is "sends"`},
		{"net.Dial net write fine connects", `t:1:20: safety is "fine": want safe, unsafe or unknown`},
		{"net.Dial net write safe", "t:1:24: the phrase that says why it waits is missing"},
		{"  Dial net write safe connects", "t:1:3: Dial is not a function"},
		{"net/http net write safe connects", "t:1:1: net/http is not a function"},
		{"(*net/http.Client) http write safe sends", "t:1:1: (*net/http.Client) is not a method"},
		{"(*Client).Do http write safe sends", "t:1:1: (*Client).Do is not a function"},
		{"(*a.T[K]).Do http write safe sends", "t:1:1: leave the type parameters out"},
		{"os.DirFS().2 disk read safe opens", "t:1:1: os.DirFS().2 names no method of the result"},
		{"net.Dial net write safe connects\n\n# c\nnet.Dial net write safe connects", "t:4:1: net.Dial is already on line 1"},
		{"net.Dial net write safe a\nnet.Dial never - safe b", "t:2:10: another line says that net.Dial blocks"},
		{"net.Dial never - safe a\nnet.Dial net write safe b", "t:2:10: another line says that net.Dial never blocks"},
		{"net.Dial never - safe a\nnet.Dial via 0.Read safe b", "t:2:10: another line says that net.Dial never blocks"},
		{"net.Dial never - safe a\nnet.Dial never - safe a", "t:2:1: net.Dial appears twice"},
		{"net.Dial never read safe a", `t:1:16: a call that never blocks has no effect: want -, have "read"`},
		{"io.Copy via 0 safe a", `t:1:13: argument is "0": want one with a method`},
		{"io.Copy via x.Read safe a", `t:1:13: argument is "x.Read": want an index from 0, or recv`},
		{"io.Copy via recv.Read safe a", "t:1:13: a function has no receiver"},
		{"io.Copy via 0.Read safe a\nio.Copy via 0.Read safe b", "t:2:13: io.Copy via 0.Read appears twice"},
		{"io.Copy wraps -1", `t:1:15: argument is "-1"`},
		{"io.Copy wraps recv...", `t:1:15: argument is "recv..."`},
		{"io.Copy wraps 0 safe", "t:1:17: wraps takes nothing after the argument"},
		{"io.Copy wraps 0\nio.Copy wraps 0", "t:2:15: io.Copy wraps 0 appears twice"},
		{"sort.Slice calls 0...", `t:1:18: calls takes the index of one argument, not "0..."`},
		{"(a.T).M spawns recv", `t:1:16: spawns takes the index of one argument, not "recv"`},
		{"sort.Slice calls 1\nsort.Slice spawns 1", "t:2:19: another line says what sort.Slice does with argument 1"},
	} {
		_, err := ParseTable("t", strings.NewReader(test.lines))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s\nhave: %v\nwant: %s", test.lines, err, test.want)
		}
	}
}

func TestParseTableReportsEveryMistake(t *testing.T) {
	_, err := ParseTable("t", strings.NewReader("net.Dial tcp write safe a\nnet.Listen net write safe a\nnet.Pipe net no fine\n"))
	want := `t:1:10: unknown category "tcp"
t:3:14: effect is "no": want read, write or wait
t:3:17: safety is "fine": want safe, unsafe or unknown
t:3:21: the phrase that says why it waits is missing`
	if err == nil || err.Error() != want {
		t.Errorf("have: %v\nwant: %s", err, want)
	}
	_, err = ParseTable("t", iotest.ErrReader(io.ErrClosedPipe))
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("an unreadable table: have %v", err)
	}
}

// mustParseTable parses a table that has no mistakes.
func mustParseTable(t *testing.T, lines string) *Table {
	t.Helper()
	table, err := ParseTable("t", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestTableLookup(t *testing.T) {
	table := mustParseTable(t, `
		# a comment
		net/http.Get   http   read safe   sends a request
		io.Copy        via    0.Write safe   writes
		io.Copy        via    1.Read  unsafe reads
		io.MultiWriter wraps  0...
		(*a.W).Part    wraps  recv
		filepath.Walk  disk   read safe reads
		filepath.Walk  calls  1
		time.AfterFunc spawns 1
		(*bytes.Buffer).Write never - unsafe memory only`)
	if e, ok := table.Entry("net/http.Get"); !ok || e != (Entry{"net/http.Get", "http", EffectRead, SafetySafe, "sends a request", 3}) {
		t.Errorf("Entry: %+v, %v", e, ok)
	}
	if _, ok := table.Entry("io.Copy"); ok {
		t.Error("io.Copy has an entry")
	}
	via := []ViaEntry{{Arg{0, false, "Write"}, SafetySafe, "writes", 4}, {Arg{1, false, "Read"}, SafetyUnsafe, "reads", 5}}
	if got := table.Via("io.Copy"); !slices.Equal(got, via) {
		t.Errorf("Via: %+v", got)
	}
	if got := table.Wraps("io.MultiWriter"); !slices.Equal(got, []Arg{{Index: 0, Variadic: true}}) {
		t.Errorf("Wraps: %+v", got)
	}
	if got := table.Wraps("(*a.W).Part"); !slices.Equal(got, []Arg{{Index: Receiver}}) {
		t.Errorf("Wraps: %+v", got)
	}
	if got := table.Calls("filepath.Walk"); !slices.Equal(got, []int{1}) {
		t.Errorf("Calls: %v", got)
	}
	if got := table.Spawns("time.AfterFunc"); !slices.Equal(got, []int{1}) {
		t.Errorf("Spawns: %v", got)
	}
	if !table.Never("(*bytes.Buffer).Write") || table.Never("net/http.Get") || table.Never("no.Such") {
		t.Error("Never is wrong")
	}
}

func TestTableLookupVersions(t *testing.T) {
	table := mustParseTable(t, `
		(*example.com/x/v*/y.T).Do db write safe writes
		(*example.com/x/v3/y.T).Do db read safe reads`)
	for name, want := range map[string]Effect{
		"(*example.com/x/v2/y.T).Do":     EffectWrite,
		"(*example.com/x/v10/y.T[K]).Do": EffectWrite,
		"(*example.com/x/v3/y.T).Do":     EffectRead,
		"(*example.com/x/y.T).Do":        "",
		"(*example.com/x/vx/y.T).Do":     "",
	} {
		if e, _ := table.Entry(name); e.Effect != want {
			t.Errorf("%s: have effect %q, want %q", name, e.Effect, want)
		}
	}
	if names := table.Names(); !slices.Equal(names, []string{"(*example.com/x/v*/y.T).Do", "(*example.com/x/v3/y.T).Do"}) {
		t.Errorf("Names: %q", names)
	}
}

func TestTableWith(t *testing.T) {
	base := mustParseTable(t, "a.F db read safe r\na.F calls 0\na.G db read safe r\nx/v2.H db read safe r\nx/v3.H db read safe r")
	extra := mustParseTable(t, "a.F never - safe no\nb.F net write safe w\nx/v*.H never - safe no\nx/v3.H net write safe w")
	both := base.With(extra)
	if _, ok := both.Entry("a.F"); ok || !both.Never("a.F") || both.Calls("a.F") != nil {
		t.Error("extra does not replace a.F")
	}
	if _, ok := both.Entry("a.G"); !ok {
		t.Error("a.G is gone")
	}
	if e, _ := both.Entry("b.F"); e.Category != "net" {
		t.Error("b.F is not there")
	}
	if !both.Never("x/v2.H") {
		t.Error("x/v*.H of extra does not replace x/v2.H")
	}
	if e, _ := both.Entry("x/v3.H"); e.Category != "net" {
		t.Error("x/v3.H of extra is not preferred")
	}
	if !base.Never("b.F") && base.Never("a.F") {
		t.Error("With changed its receiver")
	}
}

func TestCategories(t *testing.T) {
	for _, c := range Categories() {
		uses := 0
		for _, name := range DefaultTable().Names() {
			if e, ok := DefaultTable().Entry(name); ok && e.Category == c.Name || c.Name == "brief" && DefaultTable().Brief(name) {
				uses++
			}
		}
		if c.Doc == "" || uses == 0 {
			t.Errorf("category %s: doc %q, %d lines", c.Name, c.Doc, uses)
		}
	}
	Categories()[0].Name = "changed"
	if Categories()[0].Name == "changed" {
		t.Error("Categories can be changed")
	}
}

// A packageLookup finds packages by import path: the stubs by their source, all
// others by the export data of the go command.
type packageLookup struct {
	fset      *token.FileSet
	stubPaths []string
	exports   map[string]string // files of export data
	compiled  types.Importer
	done      map[string]*types.Package
	infos     []*types.Info // of the stubs
}

var loadTablePackages = sync.OnceValues(newPackageLookup)

func tablePackages(t *testing.T) *packageLookup {
	t.Helper()
	pkgs, err := loadTablePackages()
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// newPackageLookup lists the stubs and has the go command compile the other
// packages that the table and the stubs name.
func newPackageLookup() (*packageLookup, error) {
	p := &packageLookup{fset: token.NewFileSet(), exports: make(map[string]string), done: map[string]*types.Package{"unsafe": types.Unsafe}}
	imports, err := p.listStubs()
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, name := range DefaultTable().Names() {
		imports[packageOf(name)] = true
	}
	for _, path := range coveredPackages {
		imports[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		if !slices.Contains(p.stubPaths, path) && (isStandard(path) || strings.HasPrefix(path, "golang.org/x/")) {
			args = append(args, path)
		}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			p.exports[path] = file
		}
	}
	p.compiled = importer.ForCompiler(p.fset, "gc", p.export)
	return p, nil
}

// listStubs finds the stubs, and returns what they import.
func (p *packageLookup) listStubs() (map[string]bool, error) {
	files, err := stubFiles()
	if err != nil {
		return nil, err
	}
	imports := make(map[string]bool)
	for _, file := range files {
		tree, err := parser.ParseFile(p.fset, file, nil, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range tree.Imports {
			imports[strings.Trim(spec.Path.Value, `"`)] = true
		}
		path, _ := filepath.Rel(stubRoot, filepath.Dir(file))
		p.stubPaths = append(p.stubPaths, filepath.ToSlash(path))
	}
	return imports, nil
}

// stubFiles lists the files of the stubs.
func stubFiles() ([]string, error) {
	var files []string
	err := filepath.WalkDir(stubRoot, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "stub.go" {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// export opens the export data of a package.
func (p *packageLookup) export(path string) (io.ReadCloser, error) {
	file, ok := p.exports[path]
	if !ok {
		return nil, fmt.Errorf("no export data of %s", path)
	}
	return os.Open(file)
}

// Import implements types.Importer.
func (p *packageLookup) Import(path string) (*types.Package, error) {
	if pkg := p.done[path]; pkg != nil {
		return pkg, nil
	}
	var pkg *types.Package
	var err error
	switch {
	case slices.Contains(p.stubPaths, path):
		pkg, err = p.importStub(path)
	case p.exports[path] != "":
		pkg, err = p.compiled.Import(path)
	default:
		err = fmt.Errorf("package %s: not installed, and no stub in %s", path, filepath.Join(stubRoot, path))
	}
	p.done[path] = pkg
	return pkg, err
}

// importStub type-checks a stub.
func (p *packageLookup) importStub(path string) (*types.Package, error) {
	file := filepath.Join(stubRoot, filepath.FromSlash(path), "stub.go")
	tree, err := parser.ParseFile(p.fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	p.infos = append(p.infos, info)
	conf := types.Config{Importer: p, IgnoreFuncBodies: true}
	return conf.Check(path, p.fset, []*ast.File{tree}, info)
}

// check looks every name of a table up and returns what is wrong with it.
func (p *packageLookup) check(table *Table) []string {
	var complaints []string
	for _, name := range table.Names() {
		path := packageOf(name)
		if notEverywhere[path] && runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
			continue
		}
		paths := []string{path}
		if strings.Contains(path, "/v*") {
			paths = p.stubsLike(path)
		}
		if len(paths) == 0 {
			complaints = append(complaints, fmt.Sprintf("%s: no stub like %s", name, filepath.Join(stubRoot, path)))
		}
		complaints = append(complaints, p.checkIn(table, name, paths)...)
	}
	return complaints
}

// checkIn checks a name in the package of each path. One that is right will do.
func (p *packageLookup) checkIn(table *Table, name string, paths []string) []string {
	var complaints []string
	for _, path := range paths {
		full := strings.Replace(name, packageOf(name), path, 1)
		err := p.checkName(table, full, path)
		if err == nil {
			return nil
		}
		complaints = append(complaints, fmt.Sprintf("%s: %v", full, err))
	}
	return complaints
}

// notEverywhere are the packages whose functions depend on the system.
var notEverywhere = map[string]bool{"log/syslog": true, "syscall": true}

// stubsLike returns the import paths of the stubs of any major version.
func (p *packageLookup) stubsLike(path string) []string {
	var found []string
	for _, stub := range p.stubPaths {
		if any, ok := anyMajorVersion(stub + "."); ok && any == path+"." {
			found = append(found, stub)
		}
	}
	return found
}

// checkName checks one name of a table.
func (p *packageLookup) checkName(table *Table, name, path string) error {
	pkg, err := p.Import(path)
	if err != nil {
		return err
	}
	of, method, isResult := strings.Cut(name, ofResult)
	fn := functionsOf(pkg, false)[of]
	if fn == nil {
		return explainMissing(pkg, of)
	}
	if isResult && fn.Signature().Results().Len() == 0 {
		return fmt.Errorf("no result to have a method %s", method)
	}
	facts := table.facts(name)
	for _, via := range facts.via {
		t, err := argument(fn, via.Arg)
		if err != nil {
			return err
		}
		if via.Index != Receiver {
			if m, _, _ := types.LookupFieldOrMethod(t, true, nil, via.Method); m == nil {
				return fmt.Errorf("argument %d has no method %s", via.Index, via.Method)
			}
		}
	}
	for _, arg := range facts.wraps {
		if _, err := argument(fn, arg); err != nil {
			return err
		}
	}
	for _, index := range slices.Concat(facts.calls, facts.spawns) {
		t, err := argument(fn, Arg{Index: index})
		if err != nil {
			return err
		}
		if _, ok := t.Underlying().(*types.Signature); !ok {
			return fmt.Errorf("argument %d is no function", index)
		}
	}
	return nil
}

// argument returns the type of an argument of a function.
func argument(fn *types.Func, arg Arg) (types.Type, error) {
	sig := fn.Signature()
	if arg.Index == Receiver {
		return sig.Recv().Type(), nil
	}
	if arg.Index >= sig.Params().Len() {
		return nil, fmt.Errorf("no argument %d", arg.Index)
	}
	variadic := sig.Variadic() && arg.Index == sig.Params().Len()-1
	if variadic != arg.Variadic {
		return nil, fmt.Errorf("argument %d is %s", arg.Index, map[bool]string{true: "variadic", false: "not variadic"}[variadic])
	}
	return sig.Params().At(arg.Index).Type(), nil
}

// explainMissing says why a package has no function of a name.
func explainMissing(pkg *types.Package, name string) error {
	recv, method, ok := strings.Cut(name, ").")
	if !ok {
		return fmt.Errorf("no such function")
	}
	obj := pkg.Scope().Lookup(recv[strings.LastIndexByte(recv, '.')+1:])
	if obj == nil {
		return fmt.Errorf("no such type")
	}
	if m, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, method); m != nil {
		if fn, ok := m.(*types.Func); ok {
			return fmt.Errorf("the method is declared as %s", withoutTypeParams(fn.FullName()))
		}
	}
	return fmt.Errorf("no such method")
}

// functionsOf returns the functions of a package and the methods of its types,
// by full name without type parameters. A method that an exported type has from
// an embedded one is among them; one that it has from another package is not.
func functionsOf(pkg *types.Package, exported bool) map[string]*types.Func {
	functions := make(map[string]*types.Func)
	for _, name := range pkg.Scope().Names() {
		if exported && !token.IsExported(name) {
			continue
		}
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			functions[obj.FullName()] = obj
		case *types.TypeName:
			t := obj.Type()
			if iface, ok := t.Underlying().(*types.Interface); !ok {
				t = types.NewPointer(t)
			} else if !iface.IsMethodSet() {
				continue // a constraint
			}
			for m := range types.NewMethodSet(t).Methods() {
				if fn := m.Obj().(*types.Func).Origin(); fn.Pkg() == pkg {
					functions[withoutTypeParams(fn.FullName())] = fn
				}
			}
		}
	}
	return functions
}

// packageOf returns the import path in a full name.
func packageOf(name string) string {
	if recv, _, ok := strings.Cut(name, ")."); ok {
		name = strings.TrimLeft(recv, "(*")
	}
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

// isStandard reports whether an import path is one of the standard library.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
