package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// quietMethods reports whether none of the methods in loaded packages that a call may reach
// through its receiver and arguments has an effect.
func quietMethods(s *site.Site, info *types.Info, c *ast.CallExpr) bool {
	values := c.Args
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
		values = append([]ast.Expr{sel.X}, values...)
	}
	q := &quiet{s: s, by: patterns.CalleeOf(info, c), seen: make(map[types.Type]bool)}
	for _, v := range values {
		if !q.value(info.TypeOf(v)) {
			return false
		}
	}
	return true
}

// A quiet checks the methods of loaded packages that an outside function may call on the values
// it gets.
type quiet struct {
	s    *site.Site
	by   *types.Func
	seen map[types.Type]bool
}

// value reports whether none of these methods of a type, or of a type inside it, has an effect.
func (q *quiet) value(t types.Type) bool {
	if t == nil {
		return false
	}
	t = types.Unalias(t)
	if q.seen[t] {
		return true
	}
	q.seen[t] = true
	if n, ok := t.(*types.Named); ok && !types.IsInterface(n) && !q.methods(n) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return q.value(u.Elem())
	case *types.Slice:
		return q.value(u.Elem())
	case *types.Array:
		return q.value(u.Elem())
	case *types.Map:
		return q.value(u.Key()) && q.value(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if !q.value(f.Type()) {
				return false
			}
		}
	case *types.Interface:
		return q.implementations(u)
	}
	return true
}

// implementations is like value, for all types of the loaded packages that an interface may
// hold.
func (q *quiet) implementations(iface *types.Interface) bool {
	for _, p := range q.s.Program.Packages {
		scope := p.Types.Scope()
		for _, name := range scope.Names() {
			tn, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
				continue
			}
			n, ok := tn.Type().(*types.Named)
			if !ok || n.NumMethods() == 0 {
				continue
			}
			generic := n.TypeParams().Len() > 0 // its type arguments decide what it implements
			if (generic || types.Implements(types.NewPointer(n), iface)) && !q.methods(n) {
				return false
			}
		}
	}
	return true
}

// methods reports whether none of the methods of a type that may be called has an effect.
// Promoted methods are checked with the fields that they come from.
func (q *quiet) methods(n *types.Named) bool {
	return !slices.ContainsFunc(q.called(n), func(u *patterns.Unit) bool { return effectfulUnit(q.s, u) })
}

// called lists the methods of a type that may be called.
func (q *quiet) called(n *types.Named) []*patterns.Unit {
	var out []*patterns.Unit
	for m := range n.Origin().Methods() {
		if u := q.s.Program.UnitOf(m); u != nil && m.Exported() && known.MayCall(q.by, m.Name()) {
			out = append(out, u)
		}
	}
	return out
}

// ShowsItself reports whether the methods that a call may run on an object only read the
// object's own fields, so that a copy would do. Promoted methods are checked with the fields
// that they come from.
func ShowsItself(s *site.Site, c *ast.CallExpr, t types.Type) bool {
	fn := patterns.CalleeOf(s.Info, c)
	return fn != nil && (&quiet{s: s, by: fn}).showsItself(t)
}

func (q *quiet) showsItself(t types.Type) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok && (!q.methods(n) || q.readsOthers(n)) {
		return false
	}
	if a, ok := t.Underlying().(*types.Array); ok {
		return q.showsItself(a.Elem())
	}
	if st, ok := syntax.StructOf(t); ok {
		for f := range st.Fields() {
			if !q.showsItself(f.Type()) {
				return false
			}
		}
	}
	return true
}

// readsOthers reports whether such a method uses guarded state other than the type's own fields.
func (q *quiet) readsOthers(n *types.Named) bool {
	return slices.ContainsFunc(q.called(n), func(u *patterns.Unit) bool {
		t := reached(q.s, site.Callee{Unit: u})
		return len(t.Unknown) > 0 || slices.ContainsFunc(t.List, func(t *site.Touch) bool { return !isFieldOf(t.Access.Var, n.Origin()) })
	})
}

func isFieldOf(v *types.Var, t types.Type) bool {
	st, ok := syntax.StructOf(t)
	return ok && v.IsField() && slices.Contains(slices.Collect(st.Fields()), v.Origin())
}
