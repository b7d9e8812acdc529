package load

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load/vetunit"
)

// A Unit is the go command's description of one package for a vet or fix tool. The
// names of the fields are those of the file that it writes.
type Unit struct {
	vetunit.Head
	ID          string // "p", or "p [p.test]" for a package with its tests
	Dir         string
	ImportPath  string
	GoVersion   string
	GoFiles     []string          // absolute
	ImportMap   map[string]string // from what is written in the source to the path of a package
	PackageFile map[string]string // export data, by path
	Standard    map[string]bool   // what is imported and belongs to the standard library
	PackageVetx map[string]string // files with facts, by path
	Stdout      string            // file to write output to
	FixArchive  string            // zip file to write changed files to

	Imports []string      `json:"-"` // what it imports, in a [Listing]
	name    string        // of the package, in a listing
	shared  *unitImporter // of a listing; nil for one unit
}

// ReadUnit reads the description of a unit.
func ReadUnit(name string) (*Unit, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	u := new(Unit)
	if err := json.Unmarshal(text, u); err != nil {
		return nil, fmt.Errorf("reading %s, which the go command wrote: %w", name, err)
	}
	return u, nil
}

// Path is the import path of the package without the test suffix.
func (u *Unit) Path() string { return withoutTest(u.ImportPath) }

func withoutTest(path string) string {
	path, _, _ = strings.Cut(path, " [")
	return path
}

// Facts reads the facts of the package's imports. It leaves out those of packages outside
// its own module or workspace: the table applies to them, whatever is in the go command's
// cache.
func (u *Unit) Facts() (map[string]*patterns.Facts, error) {
	all := make(map[string]*patterns.Facts)
	if !u.Main() {
		return all, nil
	}
	for path, name := range u.PackageVetx {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the facts of %s: %w", path, err)
		}
		if err := patterns.DecodeFacts(all, data, withoutTest(path)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Load parses and type-checks the package: without its test files, unless tests is set.
// It returns nil if no file is left.
func (u *Unit) Load(tests bool) (*patterns.Package, error) {
	q, err := u.parse(tests)
	if q == nil || err != nil {
		return nil, err
	}
	if err := u.check(q, nil); err != nil {
		return nil, err
	}
	return u.finish(q), nil
}

// LoadInPart is Load without test files for a package that may have errors in the
// bodies of functions, as where a file has yet to be generated. The problem says which
// there are, if any. It is an error if something is wrong with a declaration.
func (u *Unit) LoadInPart() (*patterns.Package, *Problem, error) {
	q, err := u.parse(false)
	if q == nil || err != nil {
		return nil, nil, err
	}
	var faults []types.Error
	err = u.check(q, func(err error) {
		if e, ok := errors.AsType[types.Error](err); ok {
			faults = append(faults, e)
		}
	})
	if err == nil {
		return u.finish(q), nil, nil
	}
	trees := syntax(q)
	for _, e := range faults {
		if !inBody(trees, e.Pos) || isImportError(e) {
			return nil, nil, e
		}
		q.Faults = append(q.Faults, patterns.FaultOf(e, trees))
	}
	if len(faults) == 0 {
		return nil, nil, err
	}
	q.Partial = true
	return u.finish(q), &Problem{
		Package: q.ID, Pos: q.Fset.Position(faults[0].Pos).String(), Reason: withoutTypes,
		Msg: inShort(oneLine(faults[0].Msg)), More: len(faults) - 1,
	}, nil
}

// parse parses the package. It returns nil if no file is left.
func (u *Unit) parse(tests bool) (*patterns.Package, error) {
	src, err := newSources(nil)
	if err != nil {
		return nil, err
	}
	im := u.importer()
	q := &patterns.Package{
		ID: u.ID, Path: u.Path(), Dir: u.Dir, Module: u.ModulePath, GoVersion: u.GoVersion, Fset: im.fset, Importer: im,
		Sizes: sizes(), Info: patterns.NewInfo(),
	}
	if !tests {
		q.ID = q.Path
	}
	for _, name := range u.GoFiles {
		if !tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		name = u.abs(name)
		text, err := im.read(name)
		if err != nil {
			return nil, err
		}
		tree, err := src.parse(q.Fset, name, text)
		if err != nil {
			return nil, err
		}
		q.Files = append(q.Files, u.newFile(q.Fset, tree, name, src.files[name]))
	}
	if len(q.Files) == 0 {
		return nil, nil
	}
	return q, nil
}

// check type-checks the package. failed is called for each error; if it is nil, the
// first one ends the check.
func (u *Unit) check(q *patterns.Package, failed func(error)) (err error) {
	conf := types.Config{Importer: q.Importer, GoVersion: u.GoVersion, Sizes: q.Sizes, Error: failed}
	q.Types, err = conf.Check(q.Path, q.Fset, syntax(q), q.Info)
	return err
}

// finish completes a package that is checked, and lets others of its listing import it.
func (u *Unit) finish(q *patterns.Package) *patterns.Package {
	q.Name = q.Types.Name()
	noteLeftOut([]*patterns.Package{q}, nil)
	if u.shared != nil {
		q.Importer.(*unitImporter).keep(q.Types)
	}
	return q
}

func syntax(q *patterns.Package) []*ast.File {
	var trees []*ast.File
	for _, f := range q.Files {
		trees = append(trees, f.Syntax)
	}
	return trees
}

// sizes returns the sizes of types for the compiler.
func sizes() types.Sizes {
	return types.SizesFor("gc", cmp.Or(os.Getenv("GOARCH"), runtime.GOARCH))
}

// importer returns the importer of the unit, which it shares with the others of its
// listing.
func (u *Unit) importer() *unitImporter {
	if u.shared != nil {
		return u.shared.of(u)
	}
	return &unitImporter{unit: u, fset: token.NewFileSet(), known: make(map[string]*types.Package), mu: new(sync.Mutex)}
}

// newFile is loader.newFile for a unit.
func (u *Unit) newFile(fset *token.FileSet, tree *ast.File, name string, src source) *patterns.File {
	f := &patterns.File{Name: name, Syntax: tree, Content: src.content, CRLF: src.crlf, BOM: src.bom}
	switch {
	case filepath.Dir(name) != filepath.Clean(u.Dir): // the output of the cgo command
		f.Name = cgoName(u.Dir, fset.Position(tree.Package).Filename, name)
		f.Fixed = "cgo"
	case strings.HasSuffix(filepath.ToSlash(u.Dir), "/vendor/"+u.Path()):
		f.Fixed = "vendored"
	case u.ModulePath != "" && !u.Main():
		f.Fixed = outside
	case ast.IsGenerated(tree):
		f.Fixed = "generated"
	case hasLineDirective(fset, tree):
		f.Fixed = "//line directives"
	case src.mixed:
		f.Fixed = "mixed line endings"
	}
	return f
}

// cgoName returns the name of the file that the cgo command made another one of.
func cgoName(dir, from, name string) string {
	source := filepath.Join(dir, filepath.Base(from))
	if _, err := os.Stat(source); err != nil {
		return name
	}
	return source
}

// exportOf asks the go command for the export data of a package of the standard
// library that the unit does not depend on yet.
func (u *Unit) exportOf(path string) (string, error) {
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return "", fmt.Errorf("package %s does not depend on %s: the go command gave no export data for it", u.Path(), path)
	}
	cmd := exec.Command("go", "list", "-export", "-f", "{{.Export}}", "--", path)
	cmd.Dir = u.Dir
	out, err := cmd.Output()
	name := strings.TrimSpace(string(out))
	if err != nil || name == "" {
		return "", fmt.Errorf("the go command gave no export data for package %s, which %s does not import yet: %w", path, u.Path(), err)
	}
	return name, nil
}
