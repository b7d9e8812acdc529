package load

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// A unitImporter resolves the imports of a unit: from the export data that the go
// command names, or from source where the packages of a listing may change.
type unitImporter struct {
	unit  *Unit
	fset  *token.FileSet
	known map[string]*types.Package // by path
	mu    *sync.Mutex               // guards known and what is read into it

	listing *Listing          // of several units; nil for one
	exports map[string]string // export data of packages of the listing, by path
	texts   map[string][]byte // of files of the listing, as they were when it was made
}

// of returns an importer for another unit that gives the same packages.
func (im *unitImporter) of(u *Unit) *unitImporter {
	other := *im
	other.unit = u
	return &other
}

// Import implements [types.Importer].
func (im *unitImporter) Import(path string) (*types.Package, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.find(path)
}

// find is Import for those who hold im.mu.
func (im *unitImporter) find(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	full, ok := im.unit.ImportMap[path]
	if !ok {
		full = path // what a changed file imports and the package did not
	}
	plain := withoutTest(full)
	if p := im.known[plain]; p != nil && p.Complete() {
		return p, nil
	}
	if im.listing != nil {
		if p := im.listing.listed[full]; p != nil && p.local {
			return im.declared(p)
		}
	}
	name, err := im.export(path, full)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", path, err)
	}
	p, err := gcexportdata.Read(r, im.fset, im.known, plain)
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", path, err)
	}
	return p, nil
}

// export returns the name of a file with export data.
func (im *unitImporter) export(path, full string) (string, error) {
	if name, ok := im.exports[full]; ok {
		return name, nil
	}
	if name, ok := im.unit.PackageFile[full]; ok {
		return name, nil
	}
	return im.unit.exportOf(path)
}

// declared type-checks what a package declares, and no bodies of functions, as
// importers need it. The caller holds im.mu.
func (im *unitImporter) declared(p *listed) (*types.Package, error) {
	var trees []*ast.File
	for _, name := range p.GoFiles {
		name = p.abs(name)
		text, err := im.read(name)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(im.fset, name, normalize(text).content, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	conf := types.Config{
		Importer: finder{im.of(p.Unit)}, GoVersion: p.GoVersion, Sizes: sizes(),
		IgnoreFuncBodies: true,
	}
	q, err := conf.Check(p.Path(), im.fset, trees, nil)
	if err != nil {
		return nil, err
	}
	im.known[p.Path()] = q
	return q, nil
}

// keep gives a package that was type-checked to those who import it from now on,
// unless they have its declarations already.
func (im *unitImporter) keep(p *types.Package) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.known[p.Path()] == nil {
		im.known[p.Path()] = p
	}
}

// A finder is an importer for those who hold the mutex.
type finder struct{ *unitImporter }

func (f finder) Import(path string) (*types.Package, error) { return f.find(path) }

// read returns the text of a file.
func (im *unitImporter) read(name string) ([]byte, error) {
	if text, ok := im.texts[name]; ok {
		return text, nil
	}
	return os.ReadFile(name)
}

// abs returns the absolute name of one of the unit's files.
func (u *Unit) abs(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(u.Dir, name)
}
