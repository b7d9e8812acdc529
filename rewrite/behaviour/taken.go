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

// TakenAt reports whether, at one of its uses, a local variable holds something that the
// function has taken out of a guarded variable and passed to nobody since:
//
//	items := s.items
//	s.items = nil
//	err := post(items)
//
// Once it is put back, others can reach it again.
func TakenAt(s *site.Site, v *types.Var, use *ast.Ident) bool {
	def := s.Unit.DefinedOnce(v)
	from, ok := patterns.PathOf(s.Info, def)
	if !ok || len(from.Fields) == 0 && !from.Global() || s.Unit.Captured(v) || s.Unit.Addressed(v) {
		return false
	}
	st, ok := s.Parents[def].(ast.Stmt)
	if !ok {
		return false
	}
	list := s.ListOf(st)
	first := slices.Index(list, st)
	last := slices.IndexFunc(list, func(o ast.Stmt) bool { return syntax.Within(use, o) })
	reset := slices.IndexFunc(list, func(o ast.Stmt) bool { return o.Pos() > st.Pos() && resetsTo(s, o, from) })
	if first < 0 || reset < 0 || last <= reset {
		return false
	}
	end := comesBefore(s, use, list[last])
	return !slices.ContainsFunc(list[first+1:last+1], func(o ast.Stmt) bool { return o != list[reset] && givesAway(s, o, v, end) })
}

// comesBefore returns the end of the code in a statement that may run before a use of a
// variable.
func comesBefore(s *site.Site, use *ast.Ident, st ast.Stmt) token.Pos {
	end := use.Pos()
	for n := s.Parents[use]; n != nil && syntax.Within(n, st); n = s.Parents[n] {
		switch n.(type) {
		case *ast.AssignStmt:
			end = n.Pos() // the right-hand side is evaluated before the assignment
		case *ast.ForStmt, *ast.RangeStmt:
			end = n.End() // code after the use runs before it in the next iteration
		}
	}
	return end
}

// resetsTo reports whether a statement empties a variable by assignment.
func resetsTo(s *site.Site, st ast.Stmt, of patterns.Path) bool {
	as, ok := st.(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
		return false
	}
	for i, l := range as.Lhs {
		p, ok := patterns.PathOf(s.Info, l)
		if ok && p.Root == of.Root && p.String() == of.String() {
			return Empties(s, l, as.Rhs[i])
		}
	}
	return false
}

// Empties reports whether assigning r to l leaves l with a value that shares nothing with its
// old one.
func Empties(s *site.Site, l, r ast.Expr) bool {
	if !syntax.FreshValue(s.Info, r) {
		return false
	}
	switch syntax.RefsOf(s.Info.TypeOf(l), 0) {
	case syntax.Aliasing, syntax.ObjectRef, syntax.ChanRef:
		return true
	}
	return false
}

// givesAway reports whether the part of a statement that comes before a position may put the
// value of a local variable where others find it: it sends the value, or changes something that
// can hold it and may share storage with it.
func givesAway(s *site.Site, st ast.Stmt, v *types.Var, before token.Pos) bool {
	// The code after a branch that returns runs only if the branch is not taken.
	if ifs, ok := st.(*ast.IfStmt); ok && ifs.End() <= before && ifs.Else == nil && syntax.ReturnsLast(ifs.Body) {
		return ifs.Init != nil && givesAway(s, ifs.Init, v, before) || givesAway(s, &ast.ExprStmt{X: ifs.Cond}, v, before)
	}
	keeps := func(a *guards.Access) bool {
		return a.Kind.Changes() && a.Var != v && (a.Unit != s.Unit || a.Pos() < before) &&
			mayKeep(a.Var.Type(), v.Type(), 0) && !s.Program.StorageOf(s.Pkg).ApartVariables(v, a.Var)
	}
	if slices.ContainsFunc(guards.AccessesIn(s.Unit, st), func(a *guards.Access) bool { return keeps(a) && !a.Alias && !setsNil(s, a) }) {
		return true
	}
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		if n == nil || found || n.Pos() >= before {
			return false
		}
		switch n := n.(type) {
		case *ast.SendStmt:
			found = syntax.Mentions(s.Info, n.Value, v)
		case *ast.AssignStmt:
			found = slices.ContainsFunc(n.Rhs, func(e ast.Expr) bool { return syntax.Mentions(s.Info, e, v) }) &&
				slices.ContainsFunc(n.Lhs, func(l ast.Expr) bool { return isShared(s, l) })
		case *ast.CallExpr:
			found = n.End() <= before && slices.ContainsFunc(CallTouches(s, s.Unit, n).List, func(t *site.Touch) bool { return keeps(t.Access) })
		}
		return true
	})
	return found
}

// setsNil reports whether an access sets a variable to nil or to something newly made.
func setsNil(s *site.Site, a *guards.Access) bool {
	n := s.Selected(a.Node)
	as, ok := s.Parents[n].(*ast.AssignStmt)
	if !ok || a.Kind != guards.Write || len(as.Lhs) != len(as.Rhs) {
		return false
	}
	i := slices.IndexFunc(as.Lhs, func(l ast.Expr) bool { return ast.Node(l) == n })
	return i >= 0 && (s.Info.Types[as.Rhs[i]].IsNil() || makesEmpty(s.Info, as.Rhs[i]))
}

// isShared reports whether the target of an assignment is not a local variable and can hold a
// reference.
func isShared(s *site.Site, l ast.Expr) bool {
	if id, ok := ast.Unparen(l).(*ast.Ident); ok {
		v := syntax.VarOf(s.Info, id)
		return v != nil && syntax.IsGlobal(v)
	}
	return syntax.RefsOf(s.Info.TypeOf(l), 0) != syntax.NoRefs
}

// mayKeep reports whether a variable of type in can hold a value of type t, possibly in its
// elements or fields.
func mayKeep(in, t types.Type, depth int) bool {
	if depth > 4 || types.Identical(in, t) || types.IsInterface(in) && types.AssignableTo(t, in) {
		return true
	}
	switch u := in.Underlying().(type) {
	case *types.Slice:
		return types.Identical(u, t.Underlying()) || mayKeep(u.Elem(), t, depth+1)
	case *types.Array:
		return mayKeep(u.Elem(), t, depth+1)
	case *types.Chan:
		return mayKeep(u.Elem(), t, depth+1)
	case *types.Pointer:
		return types.Identical(u, t.Underlying()) || mayKeep(u.Elem(), t, depth+1)
	case *types.Map:
		return types.Identical(u, t.Underlying()) || mayKeep(u.Elem(), t, depth+1) || mayKeep(u.Key(), t, depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if mayKeep(f.Type(), t, depth+1) {
				return true
			}
		}
	}
	return false
}

// ofTaken reports whether an access goes through a local variable that holds something the
// function has taken out of a guarded variable.
func ofTaken(s *site.Site, a *guards.Access) bool {
	if !a.Alias || a.Unit != s.Unit {
		return false
	}
	id, ok := rootOf(ast.Unparen(a.Node))
	if !ok {
		return false
	}
	v, ok := s.Info.Uses[id].(*types.Var)
	return ok && !v.IsField() && (TakenAt(s, v, id) || TakenElementAt(s, v, id) || IsTakenEntry(s, v))
}
