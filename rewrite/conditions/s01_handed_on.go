package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// An unseen function may hand its arguments to functions of the program: the transport of a
// client gets the request, and with it what its context carries; a printer calls String.
//
//	ctx := context.WithValue(parent, key{}, c.trace)
//	req, err := http.NewRequestWithContext(ctx, "GET", u, nil)
//	...
//	resp, err := c.client.Do(req)
//
// If they change what other sections read under the lock, without taking a lock themselves,
// then this section's lock may be what kept the two apart.

// provePassed looks at what an unseen function gets.
func provePassed(w *move.Window, c *ast.CallExpr, e ast.Expr) *safety.Refusal {
	if v := holdsGuardedIn(w, c, e); v != nil {
		if id := lentObject(w, e); id != nil && onlyChangedThrough(w, v, w.Info.Uses[id]) {
			w.Assume(safety.S1, e.Pos(), "%s comes from the caller, and %s also changes its %s. Is it certain that no other goroutine uses the same one?", id.Name, w.Unit.Name(), v.Name())
			w.Lent = append(w.Lent, v)
			return nil
		}
		return safety.Refuse(safety.S1, "passed-on", e.Pos(), "%s is passed to the call, and its field %s changes under %s", types.ExprString(e), v.Name(), w.Section.Lock)
	}
	if syntax.RefsOf(w.Info.TypeOf(e), 0) == syntax.NoRefs || w.Program.Owns(w.Pkg, e) {
		return nil
	}
	if f, change := holdsChanging(w, w.Info.TypeOf(e), 0, make(map[types.Type]bool)); f != nil {
		w.Assume(safety.S1, e.Pos(), "%s is passed to the call, and its field %s, which other sections use under %s, changes at %s without a lock. Is it certain that this does not happen during the call?", types.ExprString(e), f.Name(), w.Section.Lock, w.Line(change.Pos()))
	}
	return nil
}

// lentObject returns the parameter that an expression is, if it is never assigned to; else nil.
func lentObject(w *move.Window, e ast.Expr) *ast.Ident {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v := syntax.VarOf(w.Info, id)
	if v == nil || !w.Unit.IsParam(v) || w.Unit.Addressed(v) || w.Unit.Assigned(v, w.Unit.Body.List) {
		return nil
	}
	return id
}

// onlyChangedThrough reports whether whatever changes a field under the section's lock is in the
// section, and reaches the field through a variable.
func onlyChangedThrough(w *move.Window, f *types.Var, root types.Object) bool {
	return guards.SharingOf(w.Program, w.PackageOf(f), f).Changed(func(a *guards.Access) bool {
		return !a.Fresh && (!w.Contains(a) || a.Path.Root == nil || types.Object(a.Path.Root) != root)
	}) == nil
}

// holdsChanging returns a field, reachable from a value of the type, that is used
// under the section's lock and changed elsewhere under none, with the change.
func holdsChanging(w *move.Window, t types.Type, depth int, seen map[types.Type]bool) (*types.Var, *guards.Access) {
	if t == nil || depth > 4 || seen[t] {
		return nil, nil
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return holdsChanging(w, u.Elem(), depth, seen)
	case *types.Slice:
		return holdsChanging(w, u.Elem(), depth+1, seen)
	case *types.Array:
		return holdsChanging(w, u.Elem(), depth+1, seen)
	case *types.Map:
		return holdsChanging(w, u.Elem(), depth+1, seen)
	case *types.Struct:
		for f := range u.Fields() {
			f = f.Origin()
			p := w.PackageOf(f)
			if guards.Synchronised(w.Program, p, f) {
				continue
			}
			change := guards.SharingOf(w.Program, p, f).Changed(func(a *guards.Access) bool { return len(a.Held) == 0 && !a.Atomic })
			if change != nil && guards.AnyUnder(w.Program, p, f, w.Section.LockVar()) {
				return f, change
			}
			if v, c := holdsChanging(w, f.Type(), depth+1, seen); v != nil {
				return v, c
			}
		}
	}
	return nil, nil
}

// proveContexts looks at what the section put, before the window, into a context that the
// window passes on.
func proveContexts(w *move.Window) *safety.Refusal {
	for _, st := range w.Pre {
		refusal := syntax.FirstOuter(st, func(c *ast.CallExpr) *safety.Refusal {
			if fn := patterns.CalleeOf(w.Info, c); fn != nil && fn.FullName() == "context.WithValue" && usedInWindow(w, st) {
				return provePassed(w, c, c.Args[2])
			}
			return nil
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// usedInWindow reports whether the window uses a variable that a statement gives a value
// to, or that was made of one.
func usedInWindow(w *move.Window, st ast.Stmt) bool {
	set := make(map[*types.Var]bool)
	for _, s := range append([]ast.Stmt{st}, w.Pre...) {
		as, ok := s.(*ast.AssignStmt)
		if !ok || s != st && !slices.ContainsFunc(syntax.SortedVars(set), func(v *types.Var) bool { return syntax.Mentions(w.Info, as, v) }) {
			continue
		}
		for _, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); ok && syntax.VarOf(w.Info, id) != nil {
				set[syntax.VarOf(w.Info, id)] = true
			}
		}
	}
	return slices.ContainsFunc(w.Stmts, func(s ast.Stmt) bool {
		return slices.ContainsFunc(syntax.SortedVars(set), func(v *types.Var) bool { return syntax.Mentions(w.Info, s, v) })
	})
}

// holdsGuardedIn is HoldsGuarded for the value of an expression. If this call copied a
// struct, others share only what its fields refer to; if it copied a map or slice, what the
// elements refer to.
func holdsGuardedIn(w *move.Window, c *ast.CallExpr, e ast.Expr) *types.Var {
	t := w.Info.TypeOf(e)
	_, isStruct := syntax.StructOf(t)
	extracted := slices.IndexFunc(w.Values, func(x extract.Extraction) bool { return slices.Contains(x.Uses, e) })
	switch {
	case extracted >= 0 && w.Values[extracted].Pointee:
		return nil // nothing in the copy refers to anything
	case extracted >= 0 && w.Values[extracted].Cloned || holdsCopies(w, e):
		return holdsBehind(w, t, 1)
	case isStruct && (extracted >= 0 || syntax.IsPlain(e) && w.Program.Owns(w.Pkg, e) || isOwnVariable(w, e)):
		return holdsBehind(w, t, 0)
	}
	if w.Program.Owns(w.Pkg, e) && w.Program.StorageOf(w.Pkg).OwnsBehind(e) {
		return nil
	}
	switch u := t.Underlying().(type) { // nobody else may have the object or the list itself
	case *types.Pointer:
		if _, isStruct := syntax.StructOf(u.Elem()); isStruct && w.Program.Owns(w.Pkg, e) {
			return holdsBehind(w, u.Elem(), 0)
		}
	case *types.Slice, *types.Map:
		if w.Program.Owns(w.Pkg, e) {
			return holdsBehind(w, t, 1)
		}
	}
	return behaviour.HeldGuarded(w.Site, w.Unit, c, e)
}

// isOwnVariable reports whether an expression is a local variable that nobody else can
// reach: whoever has copied its value has another one.
func isOwnVariable(w *move.Window, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(w.Info, id)
	return v != nil && !v.IsField() && w.Unit.Declares(v) && w.Program.StorageOf(w.Pkg).OwnVariable(v, e.Pos())
}

// holdsBehind is HoldsGuarded for a value that is this call's own, with the elements of
// maps and slices up to a depth.
func holdsBehind(w *move.Window, t types.Type, own int) *types.Var {
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if syntax.RefsOf(f.Type(), 0) == syntax.NoRefs {
				continue
			}
			if v := holdsBehind(w, f.Type(), own); v != nil {
				return v
			}
		}
		return nil
	case *types.Array:
		return holdsBehind(w, u.Elem(), own)
	case *types.Slice:
		elem = u.Elem()
	case *types.Map:
		elem = u.Elem()
	}
	if elem == nil || own == 0 {
		return behaviour.HoldsGuarded(w.Site, t, 1, make(map[types.Type]bool))
	}
	if syntax.RefsOf(elem, 0) == syntax.NoRefs {
		return nil
	}
	return holdsBehind(w, elem, own-1)
}

// holdsCopies reports whether an expression is a local variable that was given copies
// of the maps and slices that it is made of.
func holdsCopies(w *move.Window, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	def := w.Unit.DefinedOnce(syntax.VarOf(w.Info, id))
	return def != nil && slices.ContainsFunc(w.Copies, func(x extract.Extraction) bool { return syntax.Within(x.Uses[0], def) })
}
