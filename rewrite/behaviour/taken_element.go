package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// TakenElementAt reports whether, at one of its uses, a local variable holds an element that the
// function has taken out of a guarded map and passed to nobody since. No other entry of the map
// may have the element, and nothing else in the package may hold values of its type:
//
//	c, ok := s.conns[id]
//	delete(s.conns, id)
//	c.Close()
func TakenElementAt(s *site.Site, v *types.Var, use *ast.Ident) bool {
	values := s.Unit.Given(v)
	if len(values) != 1 || !s.Unit.Declares(v) || s.Unit.IsParam(v) || s.Unit.Captured(v) || s.Unit.Addressed(v) {
		return false
	}
	ix, ok := values[0].(*ast.IndexExpr)
	if !ok || !SameThroughout(s, ix.Index, s.Unit.Body.List) {
		return false
	}
	from, ok := patterns.PathOf(s.Info, ix.X)
	m, isMap := s.Info.TypeOf(ix.X).Underlying().(*types.Map)
	if !ok || !isMap || len(from.Fields) == 0 && !from.Global() || heldElsewhere(s, m.Elem(), from.Last()) || !putOnce(s, from.Last()) {
		return false
	}
	taken, given := false, false
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		st, ok := n.(*ast.ExprStmt)
		if !ok || taken || st.Pos() < ix.End() || use.Pos() < st.End() || !syntax.Within(use, s.Parents[st]) {
			return !taken
		}
		c, ok := st.X.(*ast.CallExpr)
		taken = ok && patterns.BuiltinOf(s.Info, c) == "delete" && syntax.DeletesEntry(c, ix)
		given = taken && givenAwayAfter(s, st, v, use)
		return !taken
	})
	return taken && !given
}

// OfTakenContents reports whether an access is to a field of an object that the section takes
// out together with all the others in the same map or slice, before the lock is released:
//
//	for _, p := range s.procs {
//		p.cmd.Wait()
//	}
//	s.procs = nil
//
// Nothing else in the package may hold values of its type, or of the type of a field whose
// contents change; no other function may conflict in its use of the field; and the section uses
// nothing of the object but its fields and methods.
func OfTakenContents(s *site.Site, a *guards.Access) bool {
	v := a.Path.Root
	if s.Detach == nil || v == nil || len(a.Path.Fields) == 0 || a.Unit.Decl != s.Unit.Decl || !patterns.IsPointer(v.Type()) {
		return false
	}
	loop := syntax.LoopOver(s.Unit, v)
	if loop == nil {
		return false
	}
	from, ok := patterns.PathOf(s.Info, loop.X)
	if !ok || !s.Detach.Empties(from) || !guards.HasOneName(s.Program, s.Pkg, from.Last()) || usedByHolders(s, a) {
		return false
	}
	onlySelected := syntax.Every(loop.Body, func(id *ast.Ident) bool {
		sel, selects := s.Parents[id].(*ast.SelectorExpr)
		return s.Info.Uses[id] != v || selects && sel.X == id
	})
	return onlySelected && !heldElsewhere(s, v.Type(), from.Last()) && !(a.Alias && heldElsewhere(s, a.Var.Type(), a.Var))
}

// usedByHolders reports whether another function may conflict with an access to a field of an
// object that it has held since before the object was taken out, as the goroutine of
//
//	go func() { err := p.cmd.Wait(); s.mu.Lock(); p.err = err; s.mu.Unlock() }()
func usedByHolders(s *site.Site, a *guards.Access) bool {
	return slices.ContainsFunc(guards.SharingOf(s.Program, s.PackageOf(a.Var), a.Var).Accesses, func(o *guards.Access) bool {
		return o.Unit.Decl != s.Unit.Decl && !o.Fresh && (o.Kind.Changes() || a.Kind.Changes())
	})
}

// givenAwayAfter reports whether the statements between st and a use of a variable may put its
// value where others find it.
func givenAwayAfter(s *site.Site, st ast.Stmt, v *types.Var, use *ast.Ident) bool {
	list := s.ListOf(st)
	first := slices.Index(list, st)
	return first < 0 || slices.ContainsFunc(list[first+1:], func(o ast.Stmt) bool {
		return o.Pos() < use.Pos() && givesAway(s, o, v, comesBefore(s, use, o))
	})
}

// SameThroughout reports whether an expression is a constant, or a local variable that the
// statements do not assign and no literal captures.
func SameThroughout(s *site.Site, e ast.Expr, list []ast.Stmt) bool {
	if s.Info.Types[e].Value != nil {
		return true
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := s.Info.Uses[id].(*types.Var)
	return ok && !v.IsField() && v.Parent() != v.Pkg().Scope() && !s.Unit.Captured(v) && !s.Unit.Assigned(v, list)
}

// heldElsewhere reports whether values of type t may be held by a field or package-level
// variable of the package, apart from the variable besides, or are put into an object of another
// package, such as a list.
func heldElsewhere(s *site.Site, t types.Type, besides *types.Var) bool {
	for _, obj := range s.Info.Defs {
		v, ok := obj.(*types.Var)
		if ok && v != besides && (v.IsField() || syntax.IsGlobal(v)) && mayBeElement(v.Type(), t, 0) {
			return true
		}
	}
	return slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		return slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool { return putsAway(s, c, t) })
	})
}

// putsAway reports whether a method call on a field or package-level variable, like
// list.PushBack(e), may keep an argument of type t. Calls through interfaces do not count.
func putsAway(s *site.Site, c *ast.CallExpr, t types.Type) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	fn := patterns.CalleeOf(s.Info, c)
	if !ok || fn == nil || fn.Pkg() == nil || s.IsLoaded(fn.Pkg()) || s.Info.Selections[sel] == nil || types.IsInterface(s.Info.TypeOf(sel.X)) {
		return false
	}
	p, ok := patterns.PathOf(s.Info, sel.X)
	if !ok || len(p.Fields) == 0 && !p.Global() {
		return false
	}
	model := s.Program.StorageOf(s.Pkg)
	sum, ok := model.CallSummary(c)
	return slices.ContainsFunc(model.Operands(c), func(o storage.Operand) bool {
		return (!ok || sum.PassesOn(o.N)) && slices.Contains(c.Args, o.Expr) && mayBeElement(s.Info.TypeOf(o.Expr), t, 0)
	})
}

// mayBeElement reports whether a variable of type in may hold a value of type t, itself or in its
// elements.
func mayBeElement(in, t types.Type, depth int) bool {
	if depth > 3 || types.Identical(in, t) || types.IsInterface(in) && types.AssignableTo(t, in) {
		return true
	}
	switch u := in.Underlying().(type) {
	case *types.Slice:
		return mayBeElement(u.Elem(), t, depth+1)
	case *types.Array:
		return mayBeElement(u.Elem(), t, depth+1)
	case *types.Chan:
		return mayBeElement(u.Elem(), t, depth+1)
	case *types.Map:
		return mayBeElement(u.Elem(), t, depth+1) || mayBeElement(u.Key(), t, depth+1)
	}
	return false
}
