package deadlock

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A section calls what b.q.on holds, and a constructor has put it there:
//
//	b.q = NewQueue(b.item)
//
// Then the constructor's b is the b of the section, and what b.item locks is its lock.

// bindings say which objects the variables of a function are, in terms of a section.
type bindings struct {
	u    *patterns.Unit // the function, or a literal in it
	at   patterns.Path  // where the section finds the value
	vars map[*types.Var]patterns.Path
}

// bound finds out which object of the section each variable is that a value is stored in,
// from where it stands in the unit, and from where the section finds it: at is the path
// there, through the elements of containers.
func bound(u *patterns.Unit, value ast.Node, at patterns.Path) *bindings {
	b := &bindings{u: u, at: at, vars: make(map[*types.Var]patterns.Path)}
	if top := patterns.TopOf(u); value != nil && top.Body != nil && at.Root != nil {
		b.stored(value, at, 3)
	}
	return b
}

// stored looks at the statements that store a value.
func (b *bindings) stored(value ast.Node, at patterns.Path, depth int) {
	if depth == 0 {
		return
	}
	for _, n := range enclosing(patterns.TopOf(b.u).Body, value) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, rhs := range n.Rhs {
				if contains(rhs, value) && len(n.Lhs) == len(n.Rhs) {
					b.into(n.Lhs[i], at, depth)
				}
			}
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if ok && slices.ContainsFunc(n.Args, func(a ast.Expr) bool { return contains(a, value) }) {
				b.setter(sel, at, depth)
			}
		}
	}
}

// into is for a value that is assigned to a variable.
func (b *bindings) into(lhs ast.Expr, at patterns.Path, depth int) {
	to := containerPath(b.u, lhs)
	if to.Root == nil {
		return
	}
	if len(to.Fields) == 0 {
		if !patterns.IsGlobal(to.Root) {
			b.usesOf(to.Root, at, depth)
		}
		return
	}
	var objects []patterns.Path
	for i := range at.Fields {
		if end := i + len(to.Fields); end <= len(at.Fields) && slices.Equal(at.Fields[i:end], to.Fields) {
			objects = append(objects, patterns.Path{Root: at.Root, Fields: at.Fields[:i]})
		}
	}
	if len(objects) == 1 {
		b.bind(to.Root, objects[0], depth)
	}
}

// setter is for a value that is passed to a method, which is taken to put it into its
// receiver or what belongs to that.
func (b *bindings) setter(sel *ast.SelectorExpr, at patterns.Path, depth int) {
	if s := b.u.Pkg.Info.Selections[sel]; s == nil || s.Kind() != types.MethodVal {
		return
	}
	to := containerPath(b.u, sel.X)
	if to.Root == nil {
		return
	}
	if len(to.Fields) > 0 {
		b.into(sel.X, at, depth)
		return
	}
	for i := len(at.Fields) - 1; i >= 0; i-- { // the nearest object of the type
		object := patterns.Path{Root: at.Root, Fields: at.Fields[:i]}
		if n := patterns.NamedOf(elementType(object.Last().Type())); n != nil && n == patterns.NamedOf(to.Root.Type()) {
			b.bind(to.Root, object, depth)
			return
		}
	}
}

// bind notes which object a variable is, and looks where that is stored in turn.
func (b *bindings) bind(v *types.Var, object patterns.Path, depth int) {
	if _, known := b.vars[v]; known || patterns.IsGlobal(v) {
		return
	}
	b.vars[v] = object
	if len(object.Fields) > 0 {
		b.usesOf(v, object, depth)
	}
}

// usesOf looks where a variable itself is stored.
func (b *bindings) usesOf(v *types.Var, at patterns.Path, depth int) {
	ast.Inspect(patterns.TopOf(b.u).Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			return false // only a part of it
		case *ast.Ident:
			if b.u.Pkg.Info.Uses[n] == v {
				b.stored(n, at, depth-1)
			}
		}
		return true
	})
}

// object returns the path of the section for one of the unit; Root is nil if it is not known
// which object that is.
func (b *bindings) object(p patterns.Path, in *patterns.Unit) patterns.Path {
	if p.Root == nil || p.Global() {
		return p
	}
	if o, ok := b.vars[p.Root]; ok {
		return o.Join(p.Fields)
	}
	top := patterns.TopOf(in)
	if patterns.TopOf(b.u) == top && (len(b.at.Fields) == 0 || !patterns.IsGlobal(b.at.Root) && !top.IsParam(b.at.Root)) {
		return p // this very call has stored it
	}
	return patterns.Path{}
}

// containerPath is the path of an expression, in which an element stands for its container:
// the value of a map, the variable of a loop, the result of a lookup. Root is nil if the
// expression has none.
func containerPath(u *patterns.Unit, e ast.Expr) patterns.Path {
	return containerPathWithin(u, e, values.MaxValueDepth)
}

func containerPathWithin(u *patterns.Unit, e ast.Expr, depth int) patterns.Path {
	if depth == 0 || e == nil {
		return patterns.Path{}
	}
	of := func(inner ast.Expr) patterns.Path { return containerPathWithin(u, inner, depth-1) }
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := patterns.AsVar(u.Pkg.Info, e)
		if v == nil {
			return patterns.Path{}
		}
		if given := u.Given(v); len(given) == 1 && !patterns.IsGlobal(v) && !patterns.TopOf(u).IsParam(v) {
			if p := of(given[0]); len(p.Fields) > 0 || p.Root != nil && given[0] != nil {
				return p
			}
		}
		return patterns.Path{Root: v}
	case *ast.SelectorExpr:
		s := u.Pkg.Info.Selections[e]
		if s == nil || s.Kind() != types.FieldVal {
			p, _ := patterns.PathOf(u.Pkg.Info, e)
			return p
		}
		p := of(e.X)
		if p.Root == nil {
			return p
		}
		return p.Join(patterns.FieldsOf(s.Recv(), s.Index()))
	case *ast.IndexExpr:
		return of(e.X)
	case *ast.SliceExpr:
		return of(e.X)
	case *ast.StarExpr:
		return of(e.X)
	case *ast.TypeAssertExpr:
		return of(e.X)
	case *ast.UnaryExpr:
		return of(e.X)
	}
	return patterns.Path{}
}

// elementType returns what a container, of whatever depth, has as elements.
func elementType(t types.Type) types.Type {
	for range patterns.MaxNesting {
		switch c := t.Underlying().(type) {
		case *types.Map:
			t = c.Elem()
		case *types.Slice:
			t = c.Elem()
		case *types.Array:
			t = c.Elem()
		default:
			return t
		}
	}
	return t
}

// enclosing lists the nodes around a node, the innermost first.
func enclosing(body ast.Node, n ast.Node) (around []ast.Node) {
	ast.Inspect(body, func(m ast.Node) bool {
		if m == nil || !contains(m, n) {
			return false
		}
		around = append(around, m)
		return true
	})
	slices.Reverse(around)
	return around
}

func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}
