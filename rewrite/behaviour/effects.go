package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Effectful reports whether a call in the unit may have an effect that somebody
// else can tell: it changes what is shared, whatever lock that is done under,
// sends, receives, starts a goroutine, or calls what cannot be seen and is not
// known to have no effect.
func Effectful(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	tv := info.Types[c.Fun]
	switch {
	case tv.IsType():
		return false
	case tv.IsBuiltin():
		return patterns.BuiltinOf(info, c) == "close" // other changes are accesses
	case patterns.IsLockCall(info, c), HasNoEffect(s, from, c):
		return false
	}
	fn := patterns.CalleeOf(info, c)
	if fn != nil && fn.Pkg() != nil && (fn.Pkg().Path() == "sync/atomic" || fn.Pkg().Path() == "sync") {
		return true
	}
	callees, known := s.Program.Callees(from, c)
	if !known || len(callees) == passedOn(s, info, c) {
		return true
	}
	for _, u := range callees {
		if effectfulUnit(s, u) {
			return true
		}
	}
	return false
}

// OnlyCounts reports whether all that a call does that somebody else can tell is to
// count what nothing is decided by: hits, misses.
func OnlyCounts(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	t := *s
	t.Effects, t.CountsAreNone = make(map[*patterns.Unit]bool), true
	return !Effectful(&t, from, c)
}

// passedOn counts the functions of the loaded packages that a call passes on.
// Where it calls no other that is seen, it calls something else.
func passedOn(s *site.Site, info *types.Info, c *ast.CallExpr) int {
	n := 0
	for _, a := range c.Args {
		n += len(s.Program.ValueUnits(info, a))
	}
	return n
}

// ofItself reports whether an access of a function is to a local variable of its
// own: every call has another one.
func ofItself(s *site.Site, a *guards.Access, u *patterns.Unit) bool {
	return !a.Var.IsField() && a.Var.Parent() != a.Var.Pkg().Scope() && u.Declares(a.Var)
}

// effectfulUnit is effectful for what a function does itself, and what it calls.
func effectfulUnit(s *site.Site, u *patterns.Unit) bool {
	if known, ok := s.Effects[u]; ok {
		return known // false while it is being found out: a recursive call adds nothing
	}
	s.Effects[u] = false
	found := u.Body == nil
	for _, a := range guards.OwnAccesses(s.Program, u) {
		if guards.SelfSynchronised(a.Var.Type()) {
			continue // its methods are calls
		}
		if s.CountsAreNone && OnlyCounted(s, a.Var) {
			continue
		}
		if (a.Kind.Changes() || a.Kind == guards.Close) && !a.Fresh && !OwnCopy(a) && !ofItself(s, a, u) {
			found = true
		}
	}
	if u.Body != nil {
		syntax.InspectOuter(u.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
				found = true
			case *ast.UnaryExpr:
				found = found || n.Op == token.ARROW
			}
			return !found
		})
	}
	for _, c := range u.Calls() {
		found = found || Effectful(s, u, c)
	}
	s.Effects[u] = found
	return found
}

// HasNoEffect reports whether a call of a function outside of the loaded packages
// has no effect, by the table of those and by what it calls in turn: functions
// that it is given, and methods by which values print themselves.
func HasNoEffect(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
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
		return quietFunctions(s, from, c)
	case condition == known.Methods:
		return quietMethods(s, info, c)
	}
	return true
}

// quietFunctions reports whether no function that a call is given has an effect.
func quietFunctions(s *site.Site, from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	for _, a := range c.Args {
		t := info.TypeOf(a)
		if t == nil {
			return false
		}
		if _, isFunc := t.Underlying().(*types.Signature); !isFunc {
			continue
		}
		if call, ok := ast.Unparen(a).(*ast.CallExpr); ok && HasNoEffect(s, from, call) {
			continue // an iterator of the standard library
		}
		if id := syntax.IdentOf(a); id != nil {
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
			if effectfulUnit(s, u) {
				return false
			}
		}
	}
	return true
}

// quietMethods reports whether no method of a loaded package has an effect that
// a call may lead to by what it is given and what it is called on.
func quietMethods(s *site.Site, info *types.Info, c *ast.CallExpr) bool {
	values := c.Args
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
		values = append([]ast.Expr{sel.X}, values...)
	}
	seen := make(map[types.Type]bool)
	for _, v := range values {
		if !quietValue(s, info.TypeOf(v), seen) {
			return false
		}
	}
	return true
}

// quietNames are the methods that packages of the standard library look for in
// what they are given, and those of interfaces that the table names.
var quietNames = []string{
	"Error", "Unwrap", "Is", "String", "GoString", "Format", "MarshalJSON", "MarshalText", "AppendText",
	"MarshalBinary", "AppendBinary", "GobEncode", "MarshalXML", "MarshalXMLAttr", "LogValue", "IsZero",
	"Deadline", "Done", "Err", "Value", "Network", "LocalAddr", "RemoteAddr", "Addr", "Timeout",
	"Name", "Size", "Mode", "ModTime", "IsDir", "Type", "Uint16", "Uint32", "Uint64",
}

// quietValue reports whether no method of a loaded package by which a value of
// the type, or one in it, prints or compares itself has an effect.
func quietValue(s *site.Site, t types.Type, seen map[types.Type]bool) bool {
	if t == nil {
		return false
	}
	t = types.Unalias(t)
	if seen[t] {
		return true
	}
	seen[t] = true
	if n, ok := t.(*types.Named); ok && !types.IsInterface(n) && !quietType(s, n) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return quietValue(s, u.Elem(), seen)
	case *types.Slice:
		return quietValue(s, u.Elem(), seen)
	case *types.Array:
		return quietValue(s, u.Elem(), seen)
	case *types.Map:
		return quietValue(s, u.Key(), seen) && quietValue(s, u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if !quietValue(s, f.Type(), seen) {
				return false
			}
		}
	case *types.Interface:
		return quietImplementations(s, u)
	}
	return true
}

// quietImplementations is quietValue for all types of the loaded packages that an
// interface may hold.
func quietImplementations(s *site.Site, iface *types.Interface) bool {
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
			if (generic || types.Implements(types.NewPointer(n), iface)) && !quietType(s, n) {
				return false
			}
		}
	}
	return true
}

// quietType reports whether none of the methods of a type that are named like
// those that are looked for has an effect. Promoted ones are looked at with the
// fields that they are promoted from.
func quietType(s *site.Site, n *types.Named) bool {
	for m := range n.Origin().Methods() {
		for _, name := range quietNames {
			if m.Name() != name {
				continue
			}
			if u := s.Program.UnitOf(m); u != nil && effectfulUnit(s, u) {
				return false
			}
		}
	}
	return true
}

// ShowsItself reports whether the methods by which the standard library prints or encodes
// an object do no more than to read the object's own fields, so that a copy of it is as
// good. Promoted ones are looked at with the fields that they are promoted from.
func ShowsItself(s *site.Site, t types.Type) bool {
	st, isStruct := syntax.StructOf(t)
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if !quietType(s, n) || readsOthers(s, n) {
			return false
		}
	}
	if a, ok := t.Underlying().(*types.Array); ok {
		return ShowsItself(s, a.Elem())
	}
	if isStruct {
		for f := range st.Fields() {
			if !ShowsItself(s, f.Type()) {
				return false
			}
		}
	}
	return true
}

// readsOthers reports whether such a method of a type uses guarded state that is no field
// of it.
func readsOthers(s *site.Site, n *types.Named) bool {
	for m := range n.Origin().Methods() {
		u := s.Program.UnitOf(m)
		if u == nil || !slices.Contains(quietNames, m.Name()) {
			continue
		}
		t := reached(s, u)
		if len(t.Unknown) > 0 || slices.ContainsFunc(t.List, func(t *site.Touch) bool { return !isFieldOf(t.Access.Var, n.Origin()) }) {
			return true
		}
	}
	return false
}

func isFieldOf(v *types.Var, t types.Type) bool {
	st, ok := syntax.StructOf(t)
	return ok && v.IsField() && slices.Contains(slices.Collect(st.Fields()), v.Origin())
}
