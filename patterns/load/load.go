// Package load loads Go packages for analysis. In this module only it uses
// [golang.org/x/tools/go/packages], and the go command except for running tests.
package load

import (
	"cmp"
	"context"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/letgo-dev/letgo/patterns"
)

// Config says what to load.
type Config struct {
	Dir   string // working directory, "" for the current one
	Tags  string // the -tags flag of the go command
	Tests bool   // include test files and external test packages

	// Overlay has the contents of unsaved files by absolute path, as an editor
	// has them: line ends and a byte order mark are treated as in a file on
	// disk. A path should be spelt as it is below Dir.
	//
	// Overlays of files that exist cost next to nothing. One of a file that
	// does not makes the whole load some ten times slower, because go/packages
	// then checks all dependencies from source.
	Overlay map[string][]byte

	// Tool names a program that does [RefuseTool] if its first argument is
	// [BuiltCommand]. Then types of dependencies come from what the go command has
	// built of them, where that is in its cache, and only otherwise from source.
	Tool string

	Env     []string        // nil for os.Environ(). The go command must be in its PATH
	Context context.Context // nil for context.Background()

	// Waiting is told what the go command does while the load waits for it, and ""
	// once that is over. It may be nil, and must be safe for concurrent use.
	Waiting func(what string)
}

// A Result is what was loaded.
//
// Every package in it type-checked without an error, and so did everything it imports,
// as far as declarations go: a type error in the body of a function does not exclude
// the packages that import it.
//
// If a package imports another one of the same result, both have the same types.Objects
// for it, so objects can be compared by identity. There are two exceptions. With
// Config.Tests, a package p that has test files appears as "p [p.test]", and its
// external test package imports that; all others import the plain p, which is
// type-checked separately and left out. And objects of a package that is not in the
// result come from export data: there is one object for each, but its position has no
// syntax tree. To be independent of all this, compare functions by types.Func.FullName
// and variables by position.
type Result struct {
	Packages []*patterns.Package // sorted by path, then ID
	Problems []Problem           // what was left out, sorted

	// Fset has the positions of all packages. Files are parsed in parallel, so
	// the order of positions in different files changes from one load to the
	// next. Compare files by name.
	Fset *token.FileSet
}

// Load loads the packages that args name, in the ways that the go command allows:
// import paths, directories, patterns with "...", "std", "cmd", "all", "work", or the
// files of a single package. No args means the package in Config.Dir. A file whose name
// ends in _test.go implies Config.Tests.
//
// It parses and type-checks the named packages from source. The types of their
// dependencies come from export data, or from source if [Config.Tool] is set and they
// are not built yet. So everything must compile, but a package that does not is only
// left out, with a [Problem] for it. The error, an [*Error], is for failures that leave
// nothing to analyse: no go command, an argument that names nothing or something
// outside the main module and its dependencies, or no Go code at all.
//
// If both a package and its test variant "p [p.test]" are requested, only the variant
// is kept, since it has all files of p. If the test files have an error, p is kept and
// there is a Problem for the variant.
//
// The result does not depend on cfg.Context.
func Load(cfg Config, args ...string) (*Result, error) {
	l, err := newLoader(cfg, args)
	if err != nil {
		return nil, err
	}
	roots, err := l.load()
	if err != nil {
		return nil, err
	}
	if err := l.checkRoots(roots); err != nil {
		return nil, err
	}
	return l.result(roots)
}

// A loader has the state of one call of Load.
type loader struct {
	*goCmd
	cfg   Config
	args  []string
	src   *sources
	fset  *token.FileSet
	graph *graph
	reqs  map[string]*requirer // by go.mod file
	mains []string             // directories of main modules; set for named files only

	lacking map[*packages.Package]bool // packages that cannot be had, and what depends on them
}

// newLoader checks what can be checked without loading anything.
func newLoader(cfg Config, args []string) (*loader, error) {
	src, err := newSources(cfg.Overlay)
	if err != nil {
		return nil, err
	}
	g, err := newGoCmd(cfg)
	if err != nil {
		return nil, err
	}
	l := &loader{cfg: cfg, args: args, goCmd: g, src: src, fset: token.NewFileSet()}
	for _, arg := range args {
		if err := l.checkArg(arg); err != nil {
			return nil, err
		}
		if strings.HasSuffix(arg, "_test.go") {
			l.cfg.Tests = true
		}
	}
	return l, nil
}

func (l *loader) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(l.dir, path)
}

// mode is what a load needs to know of the packages asked for. Of those below
// them, only NeedName, NeedFiles, NeedImports and NeedExportFile are used.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
	packages.NeedImports | packages.NeedModule | packages.NeedForTest | packages.NeedExportFile |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedTypesInfo | packages.NeedSyntax

// load asks go/packages for the packages named and builds the import graph.
func (l *loader) load() ([]*packages.Package, error) {
	overlay, remove, err := l.src.writeOverlay()
	if err != nil {
		return nil, err
	}
	defer remove()
	conf := l.config(mode)
	conf.Tests = l.cfg.Tests
	conf.Fset = l.fset
	conf.ParseFile = l.src.parse
	conf.Context = l.ctx
	if below, unbuilt := l.unbuilt(); unbuilt {
		conf.Mode = conf.Mode&^packages.NeedExportFile | packages.NeedDeps
		conf.ParseFile = below.declarations(l.src.parse)
	}
	if unwritten := l.src.unwritten(); unwritten != nil {
		// go/packages wants to read a file before it calls ParseFile.
		conf.Overlay = l.src.overlay
	} else if overlay != "" {
		conf.BuildFlags = append(conf.BuildFlags, "-overlay="+overlay)
	}
	l.waiting("waiting for go list")
	roots, err := packages.Load(conf, l.args...)
	l.waiting("")
	if l.ctx.Err() != nil {
		return nil, cancelled(l.ctx)
	}
	if err != nil {
		return nil, l.failed(err, err.Error())
	}
	l.graph = &graph{
		fset: l.fset, list: func(path string) ([]*packages.Package, error) { return l.list(path) }, nodes: make(map[string]*node),
	}
	l.recheck(roots)
	l.graph.add(roots)
	return roots, nil
}

func (l *loader) config(mode packages.LoadMode) *packages.Config {
	conf := &packages.Config{Mode: mode, Dir: l.dir, Env: l.env, BuildFlags: slices.Clone(safeFlags)}
	conf.BuildFlags = append(conf.BuildFlags, l.tagFlags()...)
	return conf
}

// list lists a package and everything below it, with export data, but without
// overlays. It is called when a changed file imports a package that nothing
// imported before.
func (l *loader) list(path string, flags ...string) ([]*packages.Package, error) {
	conf := l.config(packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile)
	conf.BuildFlags = append(conf.BuildFlags, flags...)
	roots, err := packages.Load(conf, "pattern="+path)
	if err != nil {
		return nil, l.failed(err, err.Error())
	}
	for _, p := range roots {
		if len(p.Errors) > 0 {
			return nil, errorf(BadPattern, "%s", oneLine(p.Errors[0].Msg))
		}
	}
	return roots, nil
}

// result makes the packages and problems of the roots.
func (l *loader) result(roots []*packages.Package) (*Result, error) {
	if err := l.findMains(roots); err != nil {
		return nil, err
	}
	res := &Result{Fset: l.fset}
	kept, problems := l.choose(roots)
	for _, p := range kept {
		res.Packages = append(res.Packages, l.newPackage(p))
	}
	if len(kept) == 0 {
		if err := l.noPackages(roots, problems); err != nil {
			return nil, err
		}
	}
	res.Problems = append(problems, l.unmatched(roots)...)
	slices.SortFunc(res.Packages, func(a, b *patterns.Package) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.ID, b.ID))
	})
	sortProblems(res.Problems)
	noteLeftOut(res.Packages, l.src.overlay)
	// The importers keep l, but need no text.
	l.src, l.cfg.Overlay = nil, nil
	return res, nil
}
