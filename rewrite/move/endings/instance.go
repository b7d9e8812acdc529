package endings

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// AsInstance says what a value of a type parameter of the section's function may be that has to
// be ended, as far as the loaded packages show: the type that stands for it somewhere in the
// program, or that it can be anything where nothing does.
//
//	v, err := c.load(key) // of type V
//	...
//	var files = Cache[string, *os.File]{load: os.Open}
//
// It is "" for other types.
func AsInstance(s *site.Site, t types.Type) string {
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok || s.Unit.Decl == nil {
		return ""
	}
	in := instances{s: s, seen: make(map[parameter]bool)}
	in.of(parameter{declares(s.Info, s.Unit.Decl), p.Index()})
	switch {
	case in.ended != nil:
		return "a " + types.TypeString(in.ended, (*types.Package).Name)
	case !in.known:
		return "of any type"
	}
	return ""
}

// A parameter is one of the type parameters of a generic type or function.
type parameter struct {
	generic types.Object
	index   int
}

// instances looks for what stands for a type parameter.
type instances struct {
	s     *site.Site
	seen  map[parameter]bool
	ended types.Type // the first that has to be ended
	known bool       // something stands for it
}

func (in *instances) of(p parameter) {
	if in.seen[p] {
		return
	}
	in.seen[p] = true
	for _, pkg := range in.s.Program.Packages {
		var at []*ast.Ident
		for id := range pkg.Info.Instances {
			if pkg.Info.Uses[id] == p.generic && pkg.Info.Instances[id].TypeArgs.Len() > p.index {
				at = append(at, id)
			}
		}
		slices.SortFunc(at, func(a, b *ast.Ident) int { return pkg.ComparePos(a.Pos(), b.Pos()) })
		for _, id := range at {
			t := pkg.Info.Instances[id].TypeArgs.At(p.index)
			if outer, ok := types.Unalias(t).(*types.TypeParam); ok {
				in.of(parameter{declarationAt(pkg, id), outer.Index()})
				continue
			}
			_, inner := InnerOf(in.s, t)
			if in.known = true; in.ended == nil && (hasEnd(t) || inner) {
				in.ended = t
			}
		}
	}
}

// declarationAt returns the type or function in whose declaration an identifier is.
func declarationAt(p *patterns.Package, id *ast.Ident) types.Object {
	f := p.FileOf(id.Pos())
	if f == nil {
		return nil
	}
	for _, d := range f.Syntax.Decls {
		if !syntax.Within(id, d) {
			continue
		}
		if fn, ok := d.(*ast.FuncDecl); ok {
			return declares(p.Info, fn)
		}
		if spec := syntax.First(d, func(t *ast.TypeSpec) *ast.TypeSpec {
			if !syntax.Within(id, t) {
				return nil
			}
			return t
		}); spec != nil {
			return p.Info.Defs[spec.Name]
		}
	}
	return nil
}

// declares returns what declares the type parameters of a function: itself, or the type of its
// receiver.
func declares(info *types.Info, d *ast.FuncDecl) types.Object {
	fn, ok := info.Defs[d.Name].(*types.Func)
	if !ok {
		return nil
	}
	if recv := fn.Signature().Recv(); recv != nil {
		return namedOf(recv.Type())
	}
	return fn
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
