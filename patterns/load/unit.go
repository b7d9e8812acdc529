package load

import (
	"cmp"
	"encoding/json"
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

// Facts reads the facts of the package's imports. It leaves out those of packages
// outside of its own module or workspace: for them the table counts, whatever is in the
// go command's cache.
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
	var trees []*ast.File
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
		trees = append(trees, tree)
		q.Files = append(q.Files, u.newFile(q.Fset, tree, name, src.files[name]))
	}
	if len(trees) == 0 {
		return nil, nil
	}
	conf := types.Config{Importer: q.Importer, GoVersion: u.GoVersion, Sizes: q.Sizes}
	q.Types, err = conf.Check(q.Path, q.Fset, trees, q.Info)
	if err != nil {
		return nil, err
	}
	q.Name = q.Types.Name()
	noteLeftOut([]*patterns.Package{q}, nil)
	if u.shared != nil {
		im.keep(q.Types)
	}
	return q, nil
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
