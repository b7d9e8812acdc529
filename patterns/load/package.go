package load

import (
	"go/ast"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/letgo-dev/letgo/patterns"
)

// newPackage makes the package of p, which has no errors.
func (l *loader) newPackage(p *packages.Package) *patterns.Package {
	q := &patterns.Package{
		ID:        p.ID,
		Path:      p.PkgPath,
		Name:      p.Name,
		Dir:       p.Dir,
		GoVersion: l.goVersion(),
		Fset:      l.fset,
		Types:     p.Types,
		Info:      p.TypesInfo,
		Sizes:     p.TypesSizes,
		Importer:  l.graph.importer(p.ID),
		Partial:   p.IllTyped,
	}
	q.Missing = missingImports(p)
	for _, e := range p.TypeErrors {
		if !isImportError(e) {
			q.Faults = append(q.Faults, patterns.FaultOf(e, p.Syntax))
		}
	}
	if m := p.Module; m != nil {
		q.Module = m.Path
		if m.GoVersion != "" {
			q.GoVersion = "go" + m.GoVersion
		}
		if m.Main && m.GoMod != "" {
			q.Require = l.requirer(m.GoMod).require
		}
	}
	fixed := l.fixedPackage(p)
	for _, tree := range p.Syntax {
		q.Files = append(q.Files, l.newFile(p, tree, fixed))
	}
	return q
}

// requirer returns the requirer of the module with the given go.mod.
func (l *loader) requirer(goMod string) *requirer {
	r := l.reqs[goMod]
	if r == nil {
		r = &requirer{l: l.goCmd, tryOut: tryOutIn(l.graph, l.list), goMod: goMod, memo: make(map[string]required)}
		if l.reqs == nil {
			l.reqs = make(map[string]*requirer)
		}
		l.reqs[goMod] = r
	}
	return r
}

// newFile makes the file of one syntax tree. fixed says why no file of the
// package must be rewritten, or is empty.
func (l *loader) newFile(p *packages.Package, tree *ast.File, fixed string) *patterns.File {
	name := l.fset.PositionFor(tree.FileStart, false).Filename
	src := l.src.files[name]
	f := &patterns.File{
		Name:    name,
		Syntax:  tree,
		Content: src.content,
		CRLF:    src.crlf,
		BOM:     src.bom,
		Fixed:   fixed,
	}
	switch {
	case !slices.Contains(p.GoFiles, name):
		// The output of the cgo command, in the build cache.
		f.Name = l.cgoSource(p, tree, name)
		f.Fixed = "cgo"
	case fixed != "":
	case importsC(tree): // the cgo command has failed
		f.Fixed = "cgo"
	case ast.IsGenerated(tree):
		f.Fixed = "generated"
	case hasLineDirective(l.fset, tree):
		f.Fixed = "//line directives"
	case src.mixed:
		f.Fixed = "mixed line endings"
	}
	return f
}

// importsC reports whether a file is one for the cgo command.
func importsC(f *ast.File) bool {
	return slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"C"` })
}

// cgoSource returns the name of the file that the cgo command made the given
// one of, or the name of the latter if there is none, as for _cgo_gotypes.go.
// The text begins with a //line directive that tells, perhaps as a path that
// -trimpath has changed.
func (l *loader) cgoSource(p *packages.Package, tree *ast.File, name string) string {
	base := filepath.Base(l.fset.Position(tree.Package).Filename)
	for _, file := range p.GoFiles {
		if filepath.Base(file) == base {
			return file
		}
	}
	return name
}

// fixedPackage says why no file of the package must be rewritten, or returns the empty
// string. The standard library may be rewritten: whoever can write to it is working on it.
func (l *loader) fixedPackage(p *packages.Package) string {
	switch {
	case p.Module != nil && p.Module.Main:
		return ""
	case strings.HasSuffix(filepath.ToSlash(p.Dir), "/vendor/"+plainPath(p)):
		return "vendored"
	case p.Module != nil:
		return outside
	case l.inStd(p.Dir):
		return ""
	case isCommandLine(p) && len(l.mains) > 0:
		return fixedNamed(l.mains, p.Dir)
	}
	return "" // no module anywhere, or GOPATH mode
}

const outside = "outside the main module"

// fixedNamed is like fixedPackage for files named one by one in the given
// directory, of which the go command does not say what module they belong to.
func fixedNamed(mains []string, dir string) string {
	main := ModuleRoot(dir)
	if !slices.Contains(mains, main) {
		return outside
	}
	if within(filepath.Join(main, "vendor"), dir) {
		return "vendored"
	}
	return ""
}

// plainPath returns the path that p has below a vendor directory.
func plainPath(p *packages.Package) string {
	path := p.PkgPath
	if p.ForTest != "" {
		path = p.ForTest
	}
	if i := strings.LastIndex("/"+path, "/vendor/"); i >= 0 {
		path = path[i+len("vendor/"):]
	}
	return path
}

// isCommandLine reports whether the files of p were named one by one.
func isCommandLine(p *packages.Package) bool {
	return p.ID == commandLine || p.ForTest == commandLine
}

const commandLine = "command-line-arguments" // what the go command calls such a package

// findMains sets l.mains if a root is a package of named files.
func (l *loader) findMains(roots []*packages.Package) (err error) {
	if slices.ContainsFunc(roots, isCommandLine) {
		l.mains, err = l.mainDirs()
	}
	return err
}
