package load

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/letgo-dev/letgo/patterns"
)

// recheck type-checks all direct and indirect importers of missing packages again. The
// go command does not know the name of a missing package, and go/packages may mistake a
// file that imports it for one of its files, so that names clash. recheck infers the name
// from how the importing files use the package.
func (l *loader) recheck(roots []*packages.Package) {
	order, names := l.lackingImports(roots)
	for _, p := range order {
		for _, f := range p.Syntax {
			nameMissing(names, p, f)
		}
	}
	for _, p := range order {
		checkAgain(l.fset, p, slices.Contains(roots, p), names)
	}
	l.graph.missing = names
}

// isMissing reports whether the go command found no files for a package and reported an
// error.
func isMissing(p *packages.Package) bool {
	return (p.Dir == "" || len(p.GoFiles) == 0) && p.PkgPath != "unsafe" && slices.ContainsFunc(p.Errors, isListError)
}

// lackingImports returns the packages read from source that depend on a missing one, each
// after its imports. It also returns the names of missing packages by path; a name is ""
// if unknown.
func (l *loader) lackingImports(roots []*packages.Package) (order []*packages.Package, names map[string]string) {
	names = make(map[string]string)
	l.lacking = make(map[*packages.Package]bool)
	packages.Visit(roots, nil, func(p *packages.Package) {
		if isMissing(p) {
			names[p.PkgPath] = p.Name
			p.GoFiles, p.CompiledGoFiles, p.Syntax, p.TypeErrors = nil, nil, nil, nil
			p.Errors = slices.DeleteFunc(p.Errors, func(e packages.Error) bool { return !isListError(e) })
			p.IllTyped, l.lacking[p] = true, true
			return
		}
		lacks := func(imp *packages.Package) bool { return l.lacking[imp] }
		if len(p.Syntax) > 0 && slices.ContainsFunc(slices.Collect(maps.Values(p.Imports)), lacks) {
			order, l.lacking[p] = append(order, p), true
		}
	})
	return order, names
}

// nameMissing infers the names of missing packages that a file imports without naming
// them. It chooses among the qualifiers in the file: first the last element of the import
// path, then a part of it, then any part of the path.
func nameMissing(names map[string]string, p *packages.Package, f *ast.File) {
	var missing []string
	taken := make(map[string]bool)
	for _, s := range f.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		imp := p.Imports[path]
		switch {
		case err != nil || imp == nil:
		case s.Name != nil:
			taken[s.Name.Name] = true
		case !isMissing(imp):
			taken[imp.Name] = true
		case names[path] != "":
			taken[names[path]] = true
		default:
			missing = append(missing, path)
		}
	}
	if len(missing) == 0 {
		return
	}
	used := qualifiers(f)
	for _, suits := range []func(path, name string) bool{
		func(path, name string) bool { return name == lastElement(path) },
		func(path, name string) bool { return strings.Contains(lastElement(path), name) },
		strings.Contains,
	} {
		for _, path := range missing {
			i := slices.IndexFunc(used, func(name string) bool { return !taken[name] && suits(path, name) })
			if names[path] == "" && i >= 0 {
				names[path], taken[used[i]] = used[i], true
			}
		}
	}
}

// lastElement returns the last element of an import path, ignoring a version suffix.
func lastElement(path string) string {
	elements := strings.Split(path, "/")
	last := elements[len(elements)-1]
	if len(elements) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		return elements[len(elements)-2]
	}
	return last
}

// qualifiers returns the names X in selectors X.Name with an exported Name, longest first,
// except those that the file declares. They are package names, or declared in another
// file.
func qualifiers(f *ast.File) []string {
	declared := make(map[string]bool)
	var names []string
	declare := func(exprs ...*ast.Ident) {
		for _, id := range exprs {
			declared[id.Name] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && n.Sel.IsExported() && !slices.Contains(names, id.Name) {
				names = append(names, id.Name)
			}
		case *ast.Field:
			declare(n.Names...)
		case *ast.ValueSpec:
			declare(n.Names...)
		case *ast.TypeSpec:
			declare(n.Name)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				declare(identsIn(n.Lhs...)...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				declare(identsIn(n.Key, n.Value)...)
			}
		}
		return true
	})
	names = slices.DeleteFunc(names, func(name string) bool { return declared[name] })
	slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}

func identsIn(exprs ...ast.Expr) []*ast.Ident {
	var ids []*ast.Ident
	for _, e := range exprs {
		if id, ok := e.(*ast.Ident); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// checkAgain type-checks a package as go/packages does, but with stand-ins for missing
// packages.
func checkAgain(fset *token.FileSet, p *packages.Package, root bool, names map[string]string) {
	isTypeError := func(e packages.Error) bool { return e.Kind == packages.TypeError }
	p.Errors = slices.DeleteFunc(p.Errors, isTypeError)
	p.TypeErrors, p.IllTyped = nil, true
	conf := types.Config{
		Importer: importerFunc(func(path string) (*types.Package, error) {
			switch imp := p.Imports[path]; {
			case path == "unsafe":
				return types.Unsafe, nil
			case imp == nil:
				return nil, fmt.Errorf("no metadata for %s", path)
			case isMissing(imp):
				return standIn(path, names[path]), errMissing
			case imp.Types == nil || !imp.Types.Complete():
				return nil, fmt.Errorf("package %s does not compile", path)
			default:
				return imp.Types, nil
			}
		}),
		IgnoreFuncBodies: !root,
		Sizes:            p.TypesSizes,
		Error: func(err error) {
			e, ok := errors.AsType[types.Error](err)
			if !ok {
				return
			}
			p.TypeErrors = append(p.TypeErrors, e)
			p.Errors = append(p.Errors, packages.Error{Pos: fset.Position(e.Pos).String(), Msg: e.Msg, Kind: packages.TypeError})
		},
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		conf.GoVersion = "go" + p.Module.GoVersion
	}
	p.Types, p.TypesInfo = types.NewPackage(p.PkgPath, p.Name), patterns.NewInfo()
	_ = types.NewChecker(&conf, fset, p.Types, p.TypesInfo).Files(p.Syntax) // errors go to conf.Error
}

// standIn returns an empty package in place of a missing one. Every importer gets its own,
// because the type checker marks it as fake.
func standIn(path, name string) *types.Package {
	return types.NewPackage(path, cmp.Or(name, lastElement(path)))
}

var errMissing = errors.New("it is missing")

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
