package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/plan"
)

// parts divides the functions of a package into parts that have nothing to do with
// each other: those of different parts use no field, no package-level variable or
// type of the package, and no function of it in common, nor do those that they
// share one with. All that the analysis and the proofs take from one function to
// another goes by such an object, so a change of a function is nothing to those of
// the other parts. Fields of other packages' types do not count where a call has the
// object for itself, as with the Body of a response.
type parts struct {
	x  *patterns.Program
	p  *patterns.Package
	up map[any]any // union-find; roots are absent
}

// anyMethod stands for the methods of a name that may be called by an interface.
type anyMethod string

func newParts(x *patterns.Program, p *patterns.Package) *parts {
	s := &parts{x: x, p: p, up: make(map[any]any)}
	called := s.calledByInterface()
	s.eachDecl(func(node ast.Node, obj types.Object) {
		switch obj := obj.(type) {
		case *types.Var:
			if obj.IsField() || obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
				s.join(node, obj.Origin())
			}
		case *types.Func:
			if obj.Signature().Recv() != nil && called[obj.Name()] {
				s.join(node, anyMethod(obj.Name()))
			}
			if obj.Pkg() == p.Types {
				s.join(node, obj.Origin())
			}
		case *types.TypeName:
			if obj.Pkg() == p.Types && obj.Parent() == p.Types.Scope() {
				s.join(node, obj)
			}
		}
	})
	return s
}

// calledByInterface returns the names of methods that interfaces have, and types that
// the package declares.
func (s *parts) calledByInterface() map[string]bool {
	declared, called := make(map[string]bool), make(map[string]bool)
	for _, f := range s.p.Files {
		for _, d := range f.Syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				declared[fn.Name.Name] = true
			}
		}
	}
	s.eachDecl(func(node ast.Node, obj types.Object) {
		if fn, ok := obj.(*types.Func); ok && declared[fn.Name()] && fn.Signature().Recv() != nil && types.IsInterface(fn.Signature().Recv().Type()) {
			called[fn.Name()] = true
		}
	})
	return called
}

// eachDecl visits what every declaration of the package declares and uses.
func (s *parts) eachDecl(visit func(node ast.Node, obj types.Object)) {
	for _, f := range s.p.Files {
		for _, d := range f.Syntax.Decls {
			nodes := []ast.Node{d}
			if g, ok := d.(*ast.GenDecl); ok {
				nodes = nil
				for _, spec := range g.Specs {
					nodes = append(nodes, spec)
					if g.Tok == token.VAR { // a script may be on it
						s.join(d, spec)
					}
				}
			}
			for _, node := range nodes {
				own := make(map[*ast.Ident]bool)
				ast.Inspect(node, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.SelectorExpr:
						own[n.Sel] = s.isForeignField(n.Sel) && s.x.Owns(s.p, n.X)
					case *ast.CompositeLit:
						for _, e := range n.Elts {
							if kv, ok := e.(*ast.KeyValueExpr); ok {
								key, ok := kv.Key.(*ast.Ident)
								own[key] = ok && s.isForeignField(key)
							}
						}
					case *ast.Ident:
						if obj := s.p.Info.ObjectOf(n); obj != nil && !own[n] {
							visit(node, obj)
						}
					}
					return true
				})
			}
		}
	}
}

// isForeignField reports whether a name is that of a field of another package's type.
func (s *parts) isForeignField(id *ast.Ident) bool {
	v, ok := s.p.Info.Uses[id].(*types.Var)
	return ok && v.IsField() && v.Pkg() != s.p.Types
}

func (s *parts) join(a, b any) {
	if a, b = s.find(a), s.find(b); a != b {
		s.up[a] = b
	}
}

func (s *parts) find(a any) any {
	root := a
	for s.up[root] != nil {
		root = s.up[root]
	}
	for a != root {
		a, s.up[a] = s.up[a], root
	}
	return root
}

// of lists the parts that a plan changes functions of.
func (s *parts) of(p *plan.Plan) []any {
	var out []any
	for _, script := range p.Scripts() {
		out = append(out, s.find(script.Decl))
	}
	return out
}
