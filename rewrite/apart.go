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
// the other parts.
type parts struct {
	info *types.Info
	up   map[any]any // union-find; roots are absent
}

// anyMethod stands for the methods of a name that may be called by an interface.
type anyMethod string

func newParts(p *patterns.Package) *parts {
	s := &parts{info: p.Info, up: make(map[any]any)}
	called := make(map[string]bool) // methods of interfaces
	s.eachDecl(p, func(node ast.Node, obj types.Object) {
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil && types.IsInterface(fn.Signature().Recv().Type()) {
			called[fn.Name()] = true
		}
	})
	s.eachDecl(p, func(node ast.Node, obj types.Object) {
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

// eachDecl visits what every declaration of the package declares and uses.
func (s *parts) eachDecl(p *patterns.Package, visit func(node ast.Node, obj types.Object)) {
	for _, f := range p.Files {
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
				ast.Inspect(node, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						if obj := s.info.ObjectOf(id); obj != nil {
							visit(node, obj)
						}
					}
					return true
				})
			}
		}
	}
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
