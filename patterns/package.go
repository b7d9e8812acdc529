// Package patterns models Go packages for the search for waits under locks: files,
// functions, what a call reaches, what a variable is assigned, and what is known about
// packages that are not loaded. Each question about the model has its own package;
// package find answers all of them.
//
// It reads syntax and types only: it loads nothing, prints nothing and changes nothing.
// Package [github.com/letgo-dev/letgo/patterns/load] makes its input.
package patterns

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Package is one type-checked package. Its trees are shared and never
// modified.
type Package struct {
	ID        string // unique within one load, as `go list` prints it: "p", "p [p.test]"
	Path      string // import path, without the test suffix
	Name      string
	Dir       string
	Module    string // path of the module it belongs to, "" for the standard library
	GoVersion string // language version for the type checker, such as "go1.26", or ""
	Fset      *token.FileSet
	Files     []*File // in the order of the go command
	Types     *types.Package
	Info      *types.Info
	Sizes     types.Sizes

	// Missing are the packages that it imports and that cannot be had, so that some of
	// its types are not known. Partial says that this is so, or may be because of
	// what is wrong with a package that it imports.
	Missing []string
	Partial bool
	Faults  []Fault // errors in functions, of it or else

	// LeftOut are the files of its directory that this build leaves out; nil if
	// whoever loaded the package does not know.
	LeftOut *LeftOut

	// Importer resolves the imports of every file of the package. It is kept so
	// that a changed file can be checked without loading anything again.
	Importer types.Importer

	// Require makes a package of another module importable. It returns what
	// the module's own files must become, or nil if nothing is missing. It is
	// nil for packages of no main module. It writes nothing.
	Require func(pkgPath string) (*Requirement, error)
}

// A Requirement is a module that go.mod must list for a new import.
type Requirement struct {
	Module, Version string
	Files           []ModuleFile // go.mod, and go.sum if that changes
}

// A ModuleFile is a changed go.mod or go.sum file. It has no syntax tree.
type ModuleFile struct {
	File    *File  // as it is
	Content []byte // as it becomes, with LF line ends
}

// A File is one parsed file of a [Package].
type File struct {
	Name    string // absolute path of the file on disk, as the go command names it
	Syntax  *ast.File
	Content []byte // what positions refer to: LF line ends, no byte order mark

	CRLF bool // the file on disk ends its lines with CR LF
	BOM  bool // the file on disk begins with a byte order mark

	Absent bool // there is no such file yet, and its content is empty

	// Fixed says why the file must never be rewritten ("generated", "cgo",
	// "outside the main module", ...). It is empty for an ordinary file.
	Fixed string
}

// FileOf returns the file that contains pos, or nil.
func (p *Package) FileOf(pos token.Pos) *File {
	for _, f := range p.Files {
		if f.Syntax.FileStart <= pos && pos <= f.Syntax.FileEnd {
			return f
		}
	}
	return nil
}

// ComparePos orders positions by file name and offset: the order of token.Pos
// among files differs from run to run, because files are parsed in parallel.
func (p *Package) ComparePos(a, b token.Pos) int {
	x, y := p.Fset.Position(a), p.Fset.Position(b)
	return cmp.Or(cmp.Compare(x.Filename, y.Filename), cmp.Compare(x.Offset, y.Offset))
}

// NewInfo returns a types.Info with the maps that this package reads.
func NewInfo() *types.Info { return infoLike(&types.Info{}) }

// infoLike is [NewInfo] with room for as much as another one has. That the maps
// need not grow saves a fifth of the type check of a large package.
func infoLike(i *types.Info) *types.Info {
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue, len(i.Types)),
		Instances:    make(map[*ast.Ident]types.Instance, len(i.Instances)),
		Defs:         make(map[*ast.Ident]types.Object, len(i.Defs)),
		Uses:         make(map[*ast.Ident]types.Object, len(i.Uses)),
		Implicits:    make(map[ast.Node]types.Object, len(i.Implicits)),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection, len(i.Selections)),
		Scopes:       make(map[ast.Node]*types.Scope, len(i.Scopes)),
		FileVersions: make(map[*ast.File]string, len(i.FileVersions)),
	}
}

// WithContents returns a copy of the package in which the named files have the given
// contents, parsed and type-checked again. The other files' trees are shared. The error
// is the first syntax or type error, if any.
func (p *Package) WithContents(contents map[string][]byte) (*Package, error) {
	q := *p
	q.Files = slices.Clone(p.Files)
	var asts []*ast.File
	found := 0
	for i, f := range q.Files {
		name := f.Name
		if content, ok := contents[name]; ok {
			found++
			tree, err := parser.ParseFile(p.Fset, name, content, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			g := *f
			g.Syntax, g.Content = tree, content
			q.Files[i] = &g
		}
		asts = append(asts, q.Files[i].Syntax)
	}
	if found < len(contents) {
		return nil, fmt.Errorf("not all of %s are files of package %s", strings.Join(slices.Sorted(maps.Keys(contents)), ", "), p.Path)
	}
	var first error
	conf := types.Config{
		Importer:  p.Importer,
		GoVersion: p.GoVersion,
		Sizes:     p.Sizes,
		Error: func(err error) {
			if first == nil && !slices.Contains(p.Missing, missing(err)) && !p.isFault(err, asts) {
				first = err
			}
		},
	}
	q.Info = infoLike(p.Info)
	q.Types, _ = conf.Check(p.Types.Path(), p.Fset, asts, q.Info)
	if first != nil {
		return nil, first
	}
	return &q, nil
}

// missing returns the path of the package that an error of the type checker says to
// be missing; "" if it says anything else.
func missing(err error) string {
	var e types.Error
	if !errors.As(err, &e) {
		return ""
	}
	return MissingImport(e)
}

// MissingImport returns the path of the package that an error reports as missing, or ""
// if the error says anything else.
func MissingImport(e types.Error) string {
	rest, ok := strings.CutPrefix(e.Msg, "could not import ")
	if !ok {
		return ""
	}
	path, _, _ := strings.Cut(rest, " ")
	return path
}

// A Fault is a type error in a function.
type Fault struct {
	Func string // as in "T.Close"
	Msg  string
}

// FaultOf returns the fault for an error in one of the files.
func FaultOf(e types.Error, files []*ast.File) Fault {
	f := Fault{Msg: e.Msg}
	for _, file := range files {
		if e.Pos < file.FileStart || file.FileEnd < e.Pos {
			continue
		}
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Pos() <= e.Pos && e.Pos < d.End() {
				f.Func = nameInFile(d)
			}
		}
	}
	return f
}

// nameInFile returns the name of a declared function with that of its receiver's type.
func nameInFile(d *ast.FuncDecl) string { return receiverName(d) + "." + d.Name.Name }

// isFault reports whether the package had an error before it was changed.
func (p *Package) isFault(err error, files []*ast.File) bool {
	e, ok := errors.AsType[types.Error](err)
	return ok && len(p.Faults) > 0 && slices.Contains(p.Faults, FaultOf(e, files))
}

// Unknown returns an expression in the declaration whose type or meaning is unknown, or
// nil; see Partial.
func (p *Package) Unknown(d *ast.FuncDecl) ast.Expr {
	if !p.Partial {
		return nil
	}
	if slices.ContainsFunc(p.Faults, func(f Fault) bool { return f.Func == nameInFile(d) }) {
		return d.Name
	}
	var found ast.Expr
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				if _, ok := p.Info.Uses[id].(*types.PkgName); ok && p.Info.Uses[n.Sel] == nil {
					found = n
				}
			}
		case *ast.Ident:
			switch obj := p.Info.ObjectOf(n).(type) {
			case *types.Var, *types.Const, *types.TypeName, *types.Func:
				if isUnknown(obj.Type(), 0) {
					found = n
				}
			}
		}
		if e, ok := n.(ast.Expr); ok && found == nil {
			if tv, ok := p.Info.Types[e]; ok && !tv.IsBuiltin() && isUnknown(tv.Type, 0) {
				found = e
			}
		}
		return found == nil
	})
	return found
}

// isUnknown reports whether a type is not known, or what it consists of: of a named
// type that is looked at where its fields are used.
func isUnknown(t types.Type, depth int) bool {
	switch {
	case t == nil || depth > MaxNesting:
		return false
	case t == types.Typ[types.Invalid]:
		return true
	}
	switch t := t.(type) {
	case *types.Pointer:
		return isUnknown(t.Elem(), depth+1)
	case *types.Slice:
		return isUnknown(t.Elem(), depth+1)
	case *types.Array:
		return isUnknown(t.Elem(), depth+1)
	case *types.Chan:
		return isUnknown(t.Elem(), depth+1)
	case *types.Map:
		return isUnknown(t.Key(), depth+1) || isUnknown(t.Elem(), depth+1)
	case *types.Tuple:
		for v := range t.Variables() {
			if isUnknown(v.Type(), depth+1) {
				return true
			}
		}
	case *types.Signature:
		return isUnknown(t.Params(), depth+1) || isUnknown(t.Results(), depth+1)
	}
	return false
}

// MaxNesting limits how deep letgo follows elements of elements, because types may
// contain themselves.
const MaxNesting = 6
