package load

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// A unitImporter resolves the imports of a unit from the export data that the go
// command names. In a listing, it may also read packages from source.
type unitImporter struct {
	unit  *Unit
	fset  *token.FileSet
	known map[string]*types.Package // by path
	mu    *sync.Mutex               // guards known and the packages in it

	listing *Listing          // nil for a single unit
	texts   map[string][]byte // file contents when the listing was made
}

// of returns an importer for another unit that shares its packages.
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

// find is like Import. The caller holds im.mu.
func (im *unitImporter) find(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	full, ok := im.unit.ImportMap[path]
	if !ok {
		full = path // imported by a changed file, but not by the original package
	}
	if im.listing != nil && path != "unsafe" && !slices.Contains(im.listing.listed[im.unit.ImportPath].uses, full) {
		if _, err := im.importable(full); err != nil {
			return nil, err
		}
	}
	return im.plain(full)
}

// plain is like find for a path as the go command prints it.
func (im *unitImporter) plain(full string) (*types.Package, error) {
	if full == "unsafe" {
		return types.Unsafe, nil
	}
	plain := withoutTest(full)
	if p := im.known[plain]; p != nil && p.Complete() {
		return p, nil
	}
	if im.listing != nil {
		if p := im.listing.listed[full]; p != nil {
			return im.declared(p)
		}
	}
	name, err := im.export(plain, full)
	if err != nil {
		return nil, err
	}
	p, err := im.readExport(name, plain)
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", plain, err)
	}
	return p, nil
}

// readExport reads the export data of a package from a file.
func (im *unitImporter) readExport(name, path string) (*types.Package, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(r, im.fset, im.known, path)
}

// export returns the name of the file with a package's export data.
func (im *unitImporter) export(path, full string) (string, error) {
	if name, ok := im.unit.PackageFile[full]; ok {
		return name, nil
	}
	return im.unit.exportOf(path)
}

// declared returns the types of a package, as importers need them: from the memory,
// from the go command's build cache, or from source without function bodies. In the
// last case it skips imports that only the bodies need. The caller holds im.mu.
//
// declared uses the files that the cgo command generates only if they exist. Importers
// don't see what those files declare, except for fields and results of C types, which
// are then invalid.
func (im *unitImporter) declared(p *listed) (*types.Package, error) {
	if q, ok := im.keptTypes(p); ok {
		return q, nil
	}
	if q, ok := im.builtTypes(p); ok {
		return q, nil
	}
	if im.known[p.Path()] != nil {
		return nil, fmt.Errorf("package %s is no longer built, but something that refers to it is", p.Path())
	}
	var trees []*ast.File
	for _, name := range p.GoFiles {
		if !p.made && !strings.HasSuffix(name, ".go") {
			continue // C code
		}
		name = p.abs(name)
		text, err := im.read(name)
		if err != nil {
			return nil, err
		}
		tree, err := parseDeclarations(im.fset, name, normalize(text).content)
		if err != nil {
			return nil, err
		}
		im.dropImports(p, tree)
		trees = append(trees, tree)
	}
	conf := types.Config{
		Importer: finder{im.of(p.Unit)}, GoVersion: p.GoVersion, Sizes: sizes(),
		IgnoreFuncBodies: true, FakeImportC: p.cgo && !p.made,
	}
	q, err := conf.Check(p.Path(), im.fset, trees, nil)
	if err != nil {
		return nil, err
	}
	im.known[p.Path()] = q
	im.listing.keepTypes(p, q)
	return q, nil
}

// dropImports removes imports from a file that only function bodies use.
func (im *unitImporter) dropImports(p *listed, tree *ast.File) {
	used := make(map[string]bool)
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			return false
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
		return true
	})
	tree.Decls = slices.DeleteFunc(tree.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			return false
		}
		g.Specs = slices.DeleteFunc(g.Specs, func(s ast.Spec) bool {
			name := im.nameOf(p, s.(*ast.ImportSpec))
			return name != "" && name != "." && name != "C" && !used[name]
		})
		return len(g.Specs) == 0
	})
}

// nameOf returns the name of an import in its file, or "" if it is unknown.
func (im *unitImporter) nameOf(p *listed, s *ast.ImportSpec) string {
	if s.Name != nil {
		return s.Name.Name
	}
	path, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		return ""
	}
	if path == "C" || path == "unsafe" {
		return path
	}
	if full, ok := p.ImportMap[path]; ok {
		path = full
	}
	if q := im.listing.listed[path]; q != nil {
		return q.name
	}
	return ""
}

// keep makes a type-checked package available to later imports, unless its declarations
// were imported already.
func (im *unitImporter) keep(p *types.Package) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.known[p.Path()] == nil {
		im.known[p.Path()] = p
	}
}

// A finder is an importer for callers that hold the mutex.
type finder struct{ *unitImporter }

func (f finder) Import(path string) (*types.Package, error) { return f.find(path) }

// read returns the contents of a file.
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
