package endings

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/rewrite/site"
)

// AsInstance returns a type with values that have to be ended, for which a type parameter
// of the section's function stands somewhere in the program:
//
//	v, err := c.load(key) // of type V
//	...
//	var files = Cache[string, *os.File]{load: os.Open}
//
// It is nil for other types.
func AsInstance(s *site.Site, t types.Type) types.Type {
	p, ok := types.Unalias(t).(*types.TypeParam)
	d, isFunc := ast.Node(s.Unit.Decl).(*ast.FuncDecl)
	if !ok || !isFunc {
		return nil
	}
	fn, ok := s.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return nil
	}
	var generic types.Object = fn
	if recv := fn.Signature().Recv(); recv != nil {
		generic = namedOf(recv.Type())
	}
	return instance(s, generic, p.Index())
}

// instance is AsInstance for a type argument of a generic type or function.
func instance(s *site.Site, generic types.Object, i int) types.Type {
	for _, p := range s.Program.Packages {
		var at []*ast.Ident
		for id := range p.Info.Instances {
			if p.Info.Uses[id] == generic && p.Info.Instances[id].TypeArgs.Len() > i {
				at = append(at, id)
			}
		}
		slices.SortFunc(at, func(a, b *ast.Ident) int { return p.ComparePos(a.Pos(), b.Pos()) })
		for _, id := range at {
			if t := p.Info.Instances[id].TypeArgs.At(i); hasEnd(t) {
				return t
			}
		}
	}
	return nil
}

// namedOf returns the name of a type, or of the one that a pointer points to; nil for others.
func namedOf(t types.Type) types.Object {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj()
	}
	return nil
}
