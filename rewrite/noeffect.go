package rewrite

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// hasNoEffect reports whether a call of a function outside of the loaded packages
// has no effect, by the table of those and by what it calls in turn: functions
// that it is given, and methods by which values print themselves.
func (s *Site) hasNoEffect(from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	fn := patterns.CalleeOf(info, c)
	if fn == nil {
		return false
	}
	condition, ok := known.HasNoEffect(fn)
	switch {
	case !ok:
		return false
	case condition == known.Functions:
		return s.quietFunctions(from, c)
	case condition == known.Methods:
		return s.quietMethods(info, c)
	}
	return true
}

// quietFunctions reports whether no function that a call is given has an effect.
func (s *Site) quietFunctions(from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	for _, a := range c.Args {
		t := info.TypeOf(a)
		if t == nil {
			return false
		}
		if _, isFunc := t.Underlying().(*types.Signature); !isFunc {
			continue
		}
		if call, ok := ast.Unparen(a).(*ast.CallExpr); ok && s.hasNoEffect(from, call) {
			continue // an iterator of the standard library
		}
		if id := identOf(a); id != nil {
			if fn, ok := info.Uses[id].(*types.Func); ok {
				if condition, ok := known.HasNoEffect(fn); ok && condition == known.Always {
					continue
				}
			}
		}
		units := s.Program.ValueUnits(info, a)
		if len(units) == 0 {
			return false
		}
		for _, u := range units {
			if s.effectfulUnit(u) {
				return false
			}
		}
	}
	return true
}

// quietMethods reports whether no method of a loaded package has an effect that
// a call may lead to by what it is given and what it is called on.
func (s *Site) quietMethods(info *types.Info, c *ast.CallExpr) bool {
	values := c.Args
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
		values = append([]ast.Expr{sel.X}, values...)
	}
	seen := make(map[types.Type]bool)
	for _, v := range values {
		if !s.quietValue(info.TypeOf(v), seen) {
			return false
		}
	}
	return true
}

// quietNames are the methods that packages of the standard library look for in
// what they are given, and those of interfaces that the table names.
var quietNames = []string{
	"Error", "Unwrap", "Is", "String", "GoString", "Format", "MarshalJSON", "MarshalText", "AppendText",
	"Deadline", "Done", "Err", "Value", "Network", "LocalAddr", "RemoteAddr", "Addr", "Timeout",
	"Name", "Size", "Mode", "ModTime", "IsDir", "Type", "Uint16", "Uint32", "Uint64",
}

// quietValue reports whether no method of a loaded package by which a value of
// the type, or one in it, prints or compares itself has an effect.
func (s *Site) quietValue(t types.Type, seen map[types.Type]bool) bool {
	if t == nil {
		return false
	}
	t = types.Unalias(t)
	if seen[t] {
		return true
	}
	seen[t] = true
	if n, ok := t.(*types.Named); ok && !types.IsInterface(n) && !s.quietType(n) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return s.quietValue(u.Elem(), seen)
	case *types.Slice:
		return s.quietValue(u.Elem(), seen)
	case *types.Array:
		return s.quietValue(u.Elem(), seen)
	case *types.Map:
		return s.quietValue(u.Key(), seen) && s.quietValue(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if !s.quietValue(f.Type(), seen) {
				return false
			}
		}
	case *types.Interface:
		return s.quietImplementations(u)
	}
	return true
}

// quietImplementations is quietValue for all types of the loaded packages that an
// interface may hold.
func (s *Site) quietImplementations(iface *types.Interface) bool {
	for _, p := range s.Program.Packages {
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
			generic := n.TypeParams().Len() > 0 // what it implements depends on its arguments
			if (generic || types.Implements(types.NewPointer(n), iface)) && !s.quietType(n) {
				return false
			}
		}
	}
	return true
}

// quietType reports whether none of the methods of a type that are named like
// those that are looked for has an effect. Promoted ones are looked at with the
// fields that they are promoted from.
func (s *Site) quietType(n *types.Named) bool {
	for m := range n.Origin().Methods() {
		for _, name := range quietNames {
			if m.Name() != name {
				continue
			}
			if u := s.Program.UnitOf(m); u != nil && s.effectfulUnit(u) {
				return false
			}
		}
	}
	return true
}
