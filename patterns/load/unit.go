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

// A Unit is the go command's description of one package for a vet or fix tool. The field
// names match the JSON file that the go command writes.
type Unit struct {
	vetunit.Head
	ID          string // "p", or "p [p.test]" for a package with its tests
	Dir         string
	ImportPath  string
	GoVersion   string
	GoFiles     []string          // absolute
	ImportMap   map[string]string // from path in source to package path
	PackageFile map[string]string // export data, by path
	Standard    map[string]bool   // imports that belong to the standard library
	PackageVetx map[string]string // files with facts, by path
	Stdout      string            // file to write output to
	FixArchive  string            // zip file to write changed files to

	Imports []string      `json:"-"` // its imports, in a [Listing]
	name    string        // of the package, in a listing
	shared  *unitImporter // of the listing; nil for a single unit
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

// Path returns the import path of the package without the test suffix.
func (u *Unit) Path() string { return withoutTest(u.ImportPath) }

func withoutTest(path string) string {
	path, _, _ = strings.Cut(path, " [")
	return path
}

// Facts reads the facts of the package's imports. It returns none for a package that is not
// in a main module: the table applies to those, whatever the go command's cache has.
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

// Load parses and type-checks the package, with its test files only if tests is set. It
// returns nil if there are no files.
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

// LoadInPart is like Load without test files, but permits errors in function bodies, for
// example because a file has not been generated yet. The problem describes such errors, or
// is nil. Other errors make it fail.
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

// parse parses the package. It returns nil if there are no files.
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

// check type-checks the package and calls failed for each error. If failed is nil, it stops
// at the first error.
func (u *Unit) check(q *patterns.Package, failed func(error)) (err error) {
	conf := types.Config{Importer: q.Importer, GoVersion: u.GoVersion, Sizes: q.Sizes, Error: failed}
	q.Types, err = conf.Check(q.Path, q.Fset, syntax(q), q.Info)
	return err
}

// finish completes a type-checked package and lets others of its listing import it.
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

// sizes returns the compiler's type sizes.
func sizes() types.Sizes {
	return types.SizesFor("gc", cmp.Or(os.Getenv("GOARCH"), runtime.GOARCH))
}

// importer returns the importer of the unit. Units of a listing share packages.
func (u *Unit) importer() *unitImporter {
	if u.shared != nil {
		return u.shared.of(u)
	}
	return &unitImporter{unit: u, fset: token.NewFileSet(), known: make(map[string]*types.Package), mu: new(sync.Mutex)}
}

// newFile is like loader.newFile, for a unit.
func (u *Unit) newFile(fset *token.FileSet, tree *ast.File, name string, src source) *patterns.File {
	f := &patterns.File{Name: name, Syntax: tree, Content: src.content, CRLF: src.crlf, BOM: src.bom}
	switch {
	case filepath.Dir(name) != filepath.Clean(u.Dir): // generated by the cgo command
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

// cgoName returns the name of the file from which the cgo command generated the named one,
// or name. from is the path in its //line directive.
func cgoName(dir, from, name string) string {
	source := filepath.Join(dir, filepath.Base(from))
	if _, err := os.Stat(source); err != nil {
		return name
	}
	return source
}

// exportOf asks the go command for the export data of a standard library package that the
// unit does not depend on yet.
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
