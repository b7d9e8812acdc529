package behaviour

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// GuardedChanges lists the touches that change or close something guarded.
func GuardedChanges(t *site.Touches) []*site.Touch {
	var out []*site.Touch
	for _, u := range t.List {
		if u.Class == site.GuardedUse && (u.Access.Kind.Changes() || u.Access.Kind == guards.Close) {
			out = append(out, u)
		}
	}
	return out
}

// HandedOn lists the operands of a call that an unknown function gets and may read completely:
// all of them if the callee is unknown, otherwise those passed as empty interfaces.
func HandedOn(s *site.Site, u *patterns.Unit, c *ast.CallExpr) []ast.Expr {
	info := u.Pkg.Info
	if tv := info.Types[c.Fun]; tv.IsType() || tv.IsBuiltin() {
		return nil
	}
	if callees, _ := s.Program.Callees(u, c); len(callees) == 0 {
		return operandsOf(info, c)
	}
	sig, ok := info.TypeOf(c.Fun).(*types.Signature)
	if !ok {
		return nil
	}
	var out []ast.Expr
	for i, a := range c.Args {
		if givenAsAny(sig, i) {
			out = append(out, a)
		}
	}
	return out
}

// givenAsAny reports whether a function gets an argument as an empty interface.
func givenAsAny(sig *types.Signature, arg int) bool {
	if sig.Params().Len() == 0 {
		return false
	}
	t := sig.Params().At(min(arg, sig.Params().Len()-1)).Type()
	if sl, ok := t.(*types.Slice); ok && sig.Variadic() && arg >= sig.Params().Len()-1 {
		t = sl.Elem()
	}
	iface, ok := t.Underlying().(*types.Interface)
	return ok && iface.NumMethods() == 0
}

// HeldGuarded is [HoldsGuarded] for an argument of a call, or a part of it. If it is an interface
// that the called function gets as an empty one, what counts is what was ever put into it:
//
//	s.vars[name] = &counter{}
//	fmt.Fprint(conn, s.vars[name])
func HeldGuarded(s *site.Site, u *patterns.Unit, c *ast.CallExpr, part ast.Expr) *types.Var {
	t := u.Pkg.Info.TypeOf(part)
	_, isParam := types.Unalias(t).(*types.TypeParam)
	if f := HoldsGuarded(s, t, 0, make(map[types.Type]bool)); f != nil || isParam || !types.IsInterface(t) {
		return f
	}
	sig, ok := u.Pkg.Info.TypeOf(c.Fun).(*types.Signature)
	if i := slices.IndexFunc(c.Args, func(a ast.Expr) bool { return syntax.Within(part, a) }); !ok || i < 0 || !givenAsAny(sig, i) {
		if iface, ok := t.Underlying().(*types.Interface); !ok || iface.NumMethods() > 0 {
			return nil
		}
	}
	for _, st := range s.Program.StorageOf(u.Pkg).StructsBehind(part) {
		if f := HoldsGuarded(s, st, 0, make(map[types.Type]bool)); f != nil {
			return f
		}
	}
	return nil
}

// operandsOf lists the arguments of a call and its receiver. It leaves out the receiver of a
// promoted method, since that is the embedded value.
func operandsOf(info *types.Info, c *ast.CallExpr) []ast.Expr {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		if m := info.Selections[sel]; m != nil && m.Kind() == types.MethodVal && len(m.Index()) == 1 && !patterns.IsLockCall(info, c) {
			return append([]ast.Expr{sel.X}, c.Args...)
		}
	}
	return c.Args
}

// HoldsGuarded returns a field that is reachable from a value of type t and changes under the
// lock, or nil.
func HoldsGuarded(w *site.Site, t types.Type, depth int, seen map[types.Type]bool) *types.Var {
	if t == nil || depth > 4 || seen[t] {
		return nil
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return HoldsGuarded(w, u.Elem(), depth, seen)
	case *types.Slice:
		return HoldsGuarded(w, u.Elem(), depth+1, seen)
	case *types.Array:
		return HoldsGuarded(w, u.Elem(), depth+1, seen)
	case *types.Map:
		return HoldsGuarded(w, u.Elem(), depth+1, seen)
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i).Origin()
			if !guards.Synchronised(w.Program, w.PackageOf(f), f) && changesUnder(w, f) {
				return f
			}
			if v := HoldsGuarded(w, f.Type(), depth+1, seen); v != nil {
				return v
			}
		}
	}
	return nil
}

// changesUnder reports whether a variable changes under the lock, or may do so because it is
// used under it and changes somewhere with unknown locks held.
func changesUnder(s *site.Site, v *types.Var) bool {
	lock, p := s.Section.LockVar(), s.PackageOf(v)
	used := guards.AnyUnder(s.Program, p, v, lock)
	return guards.SharingOf(s.Program, p, v).Changed(func(a *guards.Access) bool { return a.Under(lock) || used && a.MayBeUnder(lock) }) != nil
}

// StorageChange returns an access that changes the elements that a map or slice shares with its
// copies, or nil. Assigning a whole new value is not such a change.
func StorageChange(s *site.Site, v *types.Var) *guards.Access {
	return guards.SharingOf(s.Program, s.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		return a.Kind != guards.Write || !AssignsFresh(s.Program, a)
	})
}

// AssignsFresh reports whether an access assigns a value that shares nothing with the old
// one: nil, a literal, make, or what its function has made and nobody else has.
func AssignsFresh(x *patterns.Program, a *guards.Access) bool {
	value := AssignedValue(a)
	return value != nil && (syntax.FreshValue(a.Unit.Pkg.Info, value) || x.Owns(a.Unit.Pkg, value))
}

// AssignedValue returns the value of the assignment whose target is the access, or nil.
func AssignedValue(a *guards.Access) ast.Expr {
	var value ast.Expr
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		if i := slices.IndexFunc(as.Lhs, func(l ast.Expr) bool { return syntax.Within(a.Node, l) }); i >= 0 {
			value = as.Rhs[i]
		}
		return true
	})
	return value
}

// Holder returns the named type whose struct declares the field, or nil.
func Holder(s *site.Site, field *types.Var) *types.TypeName {
	scope := s.Pkg.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		if st, ok := tn.Type().Underlying().(*types.Struct); ok {
			for i := range st.NumFields() {
				if st.Field(i).Origin() == field {
					return tn
				}
			}
		}
	}
	return nil
}
