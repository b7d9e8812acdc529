// Package load loads Go packages for analysis. It is the only package in this
// module that uses [golang.org/x/tools/go/packages] or, except for running tests,
// the go command.
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
	Dir   string // working directory; "" means the current one
	Tags  string // the -tags flag of the go command
	Tests bool   // include test files and external test packages

	// Overlay has the contents of unsaved files by absolute path. Line endings
	// and byte order marks are treated as in files on disk. Paths should be
	// spelled as they are below Dir.
	//
	// Overlays of existing files cost next to nothing. An overlay of a file that
	// does not exist makes the load about ten times slower, because go/packages
	// then type-checks all dependencies from source.
	Overlay map[string][]byte

	// Tool names a program that calls [RefuseTool] if its first argument is
	// [BuiltCommand]. If set, the types of dependencies come from the go command's
	// build cache, and only if they are not there, from source.
	Tool string

	Env     []string        // nil means os.Environ(); its PATH must include the go command
	Context context.Context // nil means context.Background()

	// Waiting, if not nil, is called with what the load is waiting for the go
	// command to do, and with "" when the wait is over. It must be safe for
	// concurrent use.
	Waiting func(what string)
}

// A Result is the result of a load.
//
// The declarations of every package in it, and of everything it imports, are free of
// type errors, except that a missing import leaves some types unknown. Function bodies
// may have errors; such a package is marked Partial.
//
// If a package imports another one of the same result, both have the same types.Objects
// for it, so objects can be compared by identity. There are two exceptions. With
// Config.Tests, a package p that has test files appears as "p [p.test]", which its
// external test package imports. All others import the plain p, which is type-checked
// separately and left out. And objects of a package that is not in the result may come
// from export data: they are unique, but there is no syntax tree for their position. To
// be independent of all this, compare functions by types.Func.FullName and variables by
// position.
type Result struct {
	Packages []*patterns.Package // sorted by path, then ID
	Problems []Problem           // what was left out or analyzed in part, sorted

	// Fset has the positions of all packages. Files are parsed in parallel, so the
	// relative order of positions in different files varies from load to load.
	// Compare files by name.
	Fset *token.FileSet
}

// Load loads the packages that args name. As for the go command, args may be import
// paths, directories, patterns with "...", "std", "cmd", "all", "work", or the files of
// a single package. No args means the package in Config.Dir. A file whose name ends in
// _test.go implies Config.Tests.
//
// Load parses and type-checks the named packages from source. The types of their
// dependencies come from export data, or from source if [Config.Tool] is set and they
// are not built yet. Packages should compile. One with errors only in function bodies,
// or with missing imports, is loaded in part; one with other errors is left out. There
// is a [Problem] for each of them.
//
// The error is an [*Error]. It reports that there is nothing to analyze: there is no go
// command, an argument names nothing or something outside the main module and its
// dependencies, or there is no Go code at all.
//
// If both a package p and its test variant "p [p.test]" are requested, only the variant
// is kept, since it has all files of p. If the test files have an error, p is kept and
// there is a Problem for the variant.
//
// The result does not retain cfg.Context.
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

// A loader holds the state of one call of Load.
type loader struct {
	*goCmd
	cfg   Config
	args  []string
	src   *sources
	fset  *token.FileSet
	graph *graph
	reqs  map[string]*requirer // by go.mod file
	mains []string             // directories of main modules; set only for named files

	lacking map[*packages.Package]bool // missing packages, and those that depend on them
}

// newLoader returns a loader. It checks what can be checked without loading.
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

// mode is what a load needs to know about the named packages. Of their dependencies,
// only NeedName, NeedFiles, NeedImports and NeedExportFile are used.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
	packages.NeedImports | packages.NeedModule | packages.NeedForTest | packages.NeedExportFile |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedTypesInfo | packages.NeedSyntax

// load loads the named packages with go/packages and builds the import graph.
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
		// go/packages reads a file before it calls ParseFile, so it needs the overlay.
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

// list lists a package and its dependencies, with export data but without overlays.
// It is called when a changed file imports a package that nothing imported before.
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

// result makes a Result from the roots.
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
	// The importers retain l, but don't need the file contents.
	l.src, l.cfg.Overlay = nil, nil
	return res, nil
}
