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
func resolveLeftOut(fset *token.FileSet, file *ast.File, p *Package, outside bool) map[*ast.Ident]types.Object {
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
	defer methodsAsFunctions(file)()
	defer namesInParentheses(file)()
	_ = types.NewChecker(&conf, fset, pkg, info).Files([]*ast.File{file})
	return info.Uses
}

// namesInParentheses puts the name in every declaration "type T U" in a file into
// parentheses: the type-checker looks for cycles among such names, and takes every
// type of the package for one that it checks itself. The function that it returns
// takes them off again.
func namesInParentheses(file *ast.File) (restore func()) {
	var specs []*ast.TypeSpec
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			if t, ok := s.(*ast.TypeSpec); ok {
				if id, ok := t.Type.(*ast.Ident); ok {
					t.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
					specs = append(specs, t)
				}
			}
		}
	}
	return func() {
		for _, t := range specs {
			t.Type = t.Type.(*ast.ParenExpr).X
		}
	}
}

// methodsAsFunctions makes every receiver in a file the first parameter, because
// the type-checker takes methods only of types that it checks itself. The function
// that it returns makes them receivers again.
func methodsAsFunctions(file *ast.File) (restore func()) {
	type method struct {
		decl         *ast.FuncDecl
		recv, params *ast.FieldList
		name         string
	}
	var methods []method
	for _, d := range file.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Recv == nil {
			continue
		}
		methods = append(methods, method{d, d.Recv, d.Type.Params, d.Name.Name})
		params := &ast.FieldList{List: slices.Clone(d.Recv.List)}
		if d.Type.Params != nil && (len(d.Recv.List) == 0 || len(d.Recv.List[0].Names) > 0) {
			params.List = append(params.List, d.Type.Params.List...)
		}
		d.Recv, d.Type.Params, d.Name.Name = nil, params, "_"
	}
	return func() {
		for _, m := range methods {
			m.decl.Recv, m.decl.Type.Params, m.decl.Name.Name = m.recv, m.params, m.name
		}
	}
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
