package load

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// A graph is the import graph of one load, without syntax. The importers of the loaded
// packages use it.
type graph struct {
	fset *token.FileSet
	list func(path string) ([]*packages.Package, error) // asks the go command

	missing map[string]string // names of missing packages, by path

	mu    sync.Mutex // guards nodes and every incomplete types.Package
	nodes map[string]*node
}

// A node is a package of the graph.
type node struct {
	id, path, name string
	export         string // file with export data, or ""
	types          *types.Package
	imports        map[string]*node // by path as written in the source
}

// add adds the packages reachable from the roots. Packages already in the graph are
// unchanged.
func (g *graph) add(roots []*packages.Package) {
	packages.Visit(roots, nil, func(p *packages.Package) { // after its imports
		if g.nodes[p.ID] != nil {
			return
		}
		n := &node{id: p.ID, path: p.PkgPath, name: p.Name, export: p.ExportFile, types: p.Types}
		if p.PkgPath == "unsafe" {
			n.types = types.Unsafe
		}
		if n.types == nil {
			n.types = types.NewPackage(p.PkgPath, p.Name)
		}
		n.imports = make(map[string]*node, len(p.Imports))
		for path, imp := range p.Imports {
			n.imports[path] = g.nodes[imp.ID]
		}
		g.nodes[p.ID] = n
	})
}

// closure calls yield for n and its direct and indirect imports, until yield returns
// false.
func (n *node) closure(yield func(*node) bool) {
	seen := make(map[*node]bool)
	var visit func(*node) bool
	visit = func(n *node) bool {
		if n == nil || seen[n] {
			return true
		}
		seen[n] = true
		if !yield(n) {
			return false
		}
		for _, path := range slices.Sorted(maps.Keys(n.imports)) {
			if !visit(n.imports[path]) {
				return false
			}
		}
		return true
	}
	visit(n)
}

// An importer resolves the imports of one loaded package. It returns the same packages
// that the package was type-checked with.
//
// It also resolves other imports, which a changed file may have, from export data. Their
// types are consistent with those already known. Unlike the go command, it lets a package
// import any internal package.
type importer struct {
	g      *graph
	root   *node
	direct map[string]*types.Package // the imports when the package was loaded; never changed
}

func (g *graph) importer(id string) *importer {
	im := &importer{g: g, root: g.nodes[id], direct: make(map[string]*types.Package)}
	for path, n := range im.root.imports {
		if _, missing := g.missing[path]; n != nil && n.types.Complete() && !missing {
			im.direct[path] = n.types
		}
	}
	return im
}

// Import implements [types.Importer]. It may be called concurrently.
func (im *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := im.direct[path]; p != nil {
		return p, nil
	}
	if path == "C" {
		return nil, errors.New(`import "C" needs the cgo command`)
	}
	if name, ok := im.g.missing[path]; ok {
		return standIn(path, name), errMissing
	}
	im.g.mu.Lock()
	defer im.g.mu.Unlock()
	n, err := im.find(path)
	if err != nil {
		return nil, err
	}
	return n.types, im.complete(n)
}

// find returns the package that path refers to. It asks the go command if the package is
// not in the graph.
func (im *importer) find(path string) (*node, error) {
	var found *node
	im.root.closure(func(n *node) bool {
		if n.path == path { // possibly a test variant
			found = n
		}
		return found == nil
	})
	if found == nil {
		found = im.g.nodes[path]
	}
	if found == nil {
		ps, err := im.g.list(path)
		if err != nil {
			return nil, err
		}
		im.g.add(ps)
		found = im.g.nodes[path]
	}
	switch {
	case found == nil:
		return nil, fmt.Errorf("no package %s", path)
	case found.name == "main":
		return nil, fmt.Errorf("%s is a program, not an importable package", path)
	}
	cycle := false
	found.closure(func(n *node) bool {
		cycle = n.path == im.root.path
		return !cycle
	})
	if cycle {
		return nil, fmt.Errorf("import cycle: %s imports %s", path, im.root.path)
	}
	return found, nil
}

// complete reads the export data of n if its types are incomplete.
func (im *importer) complete(n *node) error {
	if n.types.Complete() {
		return nil
	}
	if n.export == "" {
		return fmt.Errorf("package %s does not compile", n.path)
	}
	f, err := os.Open(n.export)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return fmt.Errorf("package %s: %w", n.path, err)
	}
	// References in the export data must resolve to what this importer returns: first
	// the dependencies of the root, which may be test variants, then those of n.
	view := make(map[string]*types.Package)
	for _, top := range []*node{im.root, n} {
		top.closure(func(m *node) bool {
			if _, ok := view[m.path]; !ok && m.types != types.Unsafe {
				view[m.path] = m.types
			}
			return true
		})
	}
	p, err := gcexportdata.Read(r, im.g.fset, view, n.path)
	if err != nil {
		return fmt.Errorf("package %s: %w", n.path, err)
	}
	n.types = p // the same package, filled in
	return nil
}
