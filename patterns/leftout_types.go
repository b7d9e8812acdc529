package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
)

// resolveLeftOut says what the names of a file that the build leaves out stand for,
// as far as that can be known: the file is type-checked against the package, which
// lacks what other such files declare, and the packages that only it imports are
// empty. Every error is ignored; a name without an object may be anything.
func resolveLeftOut(file *ast.File, p *Package, outside bool) map[*ast.Ident]types.Object {
	pkg := types.NewPackage(p.Types.Path(), file.Name.Name)
	if !outside {
		declared := declaredIn(file)
		for _, name := range p.Types.Scope().Names() {
			if !declared[name] {
				pkg.Scope().Insert(p.Types.Scope().Lookup(name))
			}
		}
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	conf := types.Config{Importer: leftOutImports{p}, Error: func(error) {}, FakeImportC: true}
	_ = types.NewChecker(&conf, p.Fset, pkg, info).Files([]*ast.File{checkable(file)})
	return info.Uses
}

// checkable returns a copy of a file that the type checker takes, with the same names
// and statements.
func checkable(file *ast.File) *ast.File {
	out := *file
	out.Decls = slices.Clone(file.Decls)
	for i, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.TYPE {
				out.Decls[i] = namesInParentheses(d)
			}
		case *ast.FuncDecl:
			if d.Recv != nil {
				out.Decls[i] = methodAsFunction(d)
			}
		}
	}
	return &out
}

// namesInParentheses puts the name in every declaration "type T U" into
// parentheses: the type checker looks for cycles among such names, and takes every
// type of the package for one that it checks itself.
func namesInParentheses(d *ast.GenDecl) *ast.GenDecl {
	out := *d
	out.Specs = slices.Clone(d.Specs)
	for i, s := range d.Specs {
		if t, ok := s.(*ast.TypeSpec); ok {
			if id, ok := t.Type.(*ast.Ident); ok {
				c := *t
				c.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
				out.Specs[i] = &c
			}
		}
	}
	return &out
}

// methodAsFunction makes the receiver of a method the first parameter, because the
// type checker takes methods only of types that it checks itself.
func methodAsFunction(d *ast.FuncDecl) *ast.FuncDecl {
	params := &ast.FieldList{List: slices.Clone(d.Recv.List)}
	if d.Type.Params != nil && (len(d.Recv.List) == 0 || len(d.Recv.List[0].Names) > 0) {
		params.List = append(params.List, d.Type.Params.List...)
	}
	typ, name, out := *d.Type, *d.Name, *d
	typ.Params, name.Name = params, "_"
	out.Recv, out.Type, out.Name = nil, &typ, &name
	return &out
}

// declaredIn lists the names that a file declares at package scope.
func declaredIn(file *ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
	return names
}

// leftOutImports imports the package itself and what it imports; any other package
// is empty.
type leftOutImports struct{ p *Package }

func (l leftOutImports) Import(name string) (*types.Package, error) {
	if name == l.p.Types.Path() {
		return l.p.Types, nil
	}
	for _, d := range l.p.Types.Imports() {
		if d.Path() == name {
			return d, nil
		}
	}
	pkg := types.NewPackage(name, path.Base(name))
	pkg.MarkComplete()
	return pkg, nil
}

// origin returns the object as it is declared, for a field or method of an
// instance of a generic type.
func origin(o types.Object) types.Object {
	switch o := o.(type) {
	case *types.Var:
		return o.Origin()
	case *types.Func:
		return o.Origin()
	}
	return o
}
