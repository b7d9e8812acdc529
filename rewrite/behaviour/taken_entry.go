package behaviour

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// IsTakenEntry reports whether a local variable holds the map entry that the section deletes
// before the wait; see [EntryIsAlone].
func IsTakenEntry(s *site.Site, v *types.Var) bool {
	if s.Detach == nil || s.Detach.Entry == nil || v == nil {
		return false
	}
	e := cmp.Or(s.Unit.DefinedOnce(v), s.Unit.LookedUpOnce(v))
	return e != nil && s.Detach.TakesEntry(e) && !s.Unit.Captured(v) && !s.Unit.Addressed(v)
}

// EntryIsAlone reports whether the map or slice in an entry of m is held by nothing but that
// entry: no two entries can hold the same one, and no field or package-level variable can hold a
// value of its type, or none is ever given one.
func EntryIsAlone(s *site.Site, m *types.Var, elem types.Type) bool {
	return putOnce(s, m) && (!heldElsewhere(s, elem, m) || entriesStay(s, m))
}

// entriesStay reports whether the package only ranges over the entries of a map, reads their
// elements and changes them in place, and never stores an entry anywhere else.
func entriesStay(s *site.Site, m *types.Var) bool {
	return !s.Pkg.UsedInOtherBuilds(m) && !slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		if u.Body == nil {
			return false
		}
		e := entryUses{u: u, m: m, parents: s.ParentsIn(u), seen: make(map[*types.Var]bool)}
		leaves := false
		syntax.InspectOuter(u.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IndexExpr:
				leaves = leaves || isVariable(u, n.X, m) && e.leaves(n)
			case *ast.RangeStmt:
				leaves = leaves || isVariable(u, n.X, m) && n.Value != nil && e.variableLeaves(n.Value)
			case *ast.AssignStmt:
				leaves = leaves || e.putsShared(n)
			}
			return !leaves
		})
		return leaves
	})
}

// putsShared reports whether an assignment puts something into the map that may be held
// elsewhere.
func (e *entryUses) putsShared(as *ast.AssignStmt) bool {
	for i, l := range as.Lhs {
		if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok && isVariable(e.u, ix.X, e.m) && (len(as.Lhs) != len(as.Rhs) || !e.isAlone(as.Rhs[i])) {
			return true
		}
	}
	return false
}

// isAlone reports whether an expression is a new map or slice, or an entry that only local
// variables hold as well.
func (e *entryUses) isAlone(x ast.Expr) bool {
	info := e.u.Pkg.Info
	switch x := ast.Unparen(x).(type) {
	case *ast.IndexExpr:
		return isVariable(e.u, x.X, e.m)
	case *ast.CallExpr:
		if patterns.BuiltinOf(info, x) == "append" {
			return e.isAlone(x.Args[0])
		}
	case *ast.Ident:
		if v, ok := info.Uses[x].(*types.Var); ok {
			given := e.u.Given(v)
			return len(given) > 0 && !e.u.IsParam(v) && !e.variableLeaves(x) && !slices.ContainsFunc(given, func(g ast.Expr) bool { return !e.isGiven(g, v) })
		}
	}
	return info.Types[x].IsNil() || syntax.FreshValue(info, x)
}

// isGiven is like isAlone, for a value assigned to v, which may be made from v itself.
func (e *entryUses) isGiven(x ast.Expr, v *types.Var) bool {
	if c, ok := ast.Unparen(x).(*ast.CallExpr); ok && patterns.BuiltinOf(e.u.Pkg.Info, c) == "append" {
		return e.isGiven(c.Args[0], v)
	}
	if id, ok := ast.Unparen(x).(*ast.Ident); ok && e.u.Pkg.Info.Uses[id] != types.Object(v) {
		return e.u.Pkg.Info.Types[x].IsNil()
	} else if ok {
		return true
	}
	return e.isAlone(x)
}

// entryUses checks what a function does with the entries of a map.
type entryUses struct {
	u       *patterns.Unit
	m       *types.Var
	parents map[ast.Node]ast.Node
	seen    map[*types.Var]bool
}

// leaves reports whether an entry may end up anywhere but in the map, and in local variables
// that do not pass it on either.
func (e *entryUses) leaves(x ast.Expr) bool {
	info := e.u.Pkg.Info
	switch p := e.parents[x].(type) {
	case *ast.RangeStmt:
		return p.X != x
	case *ast.IndexExpr:
		return p.X != x
	case *ast.ExprStmt:
		return false
	case *ast.BinaryExpr:
		return !info.Types[p.X].IsNil() && !info.Types[p.Y].IsNil()
	case *ast.CallExpr:
		switch patterns.BuiltinOf(info, p) {
		case "len", "cap", "delete", "clear":
			return false
		case "append":
			return p.Args[0] != x || e.leaves(p)
		}
	case *ast.AssignStmt:
		return e.assignedLeaves(p, x)
	}
	return true
}

// assignedLeaves is leaves for an expression on either side of an assignment.
func (e *entryUses) assignedLeaves(as *ast.AssignStmt, x ast.Expr) bool {
	if slices.Contains(as.Lhs, x) {
		return false
	}
	to := as.Lhs[0] // in v, ok := m[k]
	if len(as.Lhs) == len(as.Rhs) {
		to = as.Lhs[slices.Index(as.Rhs, x)]
	}
	if ix, ok := ast.Unparen(to).(*ast.IndexExpr); ok {
		return !isVariable(e.u, ix.X, e.m)
	}
	return e.variableLeaves(to)
}

// variableLeaves is leaves for a local variable that holds an entry.
func (e *entryUses) variableLeaves(to ast.Expr) bool {
	id, ok := ast.Unparen(to).(*ast.Ident)
	if !ok {
		return true
	}
	v := syntax.VarOf(e.u.Pkg.Info, id)
	if id.Name == "_" || v != nil && e.seen[v] {
		return false
	}
	if v == nil || v.IsField() || syntax.IsGlobal(v) || !e.u.Declares(v) || e.u.Captured(v) || e.u.Addressed(v) {
		return true
	}
	e.seen[v] = true
	return syntax.Has(e.u.Body, func(use *ast.Ident) bool { return e.u.Pkg.Info.Uses[use] == types.Object(v) && e.leaves(use) })
}
