package conditions

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// elementChange returns an access that changes elements which a value shares with a variable
// that it comes from, or nil. An assignment of an entry, an append and a delete change only the
// variable's own entries: a value that cannot refer to memory of their type does not share them.
//
//	hits = append(hits, s.indexes[i].query(q)...)   // s.indexes = append(s.indexes, x)
func elementChange(w *move.Window, v move.UsedValue, g *types.Var) *guards.Access {
	var entries types.Type
	switch t := g.Type().Underlying().(type) {
	case *types.Slice:
		entries = t.Elem()
	case *types.Map:
		entries = t
	}
	apart := entries != nil && !mayReach(v.Typ, entries, make(map[types.Type]bool))
	return guards.SharingOf(w.Program, w.PackageOf(g), g).Changed(func(a *guards.Access) bool {
		return !(apart && changesOwnEntries(a)) && (a.Kind != guards.Write || !behaviour.AssignsFresh(w.Program, a))
	})
}

// changesOwnEntries reports whether a change, by the variable's own name, is no more than an
// assignment of it or of an entry, or the removal of entries. An entry that is made of an
// older one may be written into what that refers to: m[k] = append(m[k][:0], x).
func changesOwnEntries(a *guards.Access) bool {
	if a.Alias {
		return false
	}
	if a.Kind == guards.Write {
		return true
	}
	isEntry := func(e ast.Expr) bool {
		x, ok := ast.Unparen(e).(*ast.IndexExpr)
		return ok && a.MadeBy(x.X)
	}
	return a.Kind == guards.Content && syntax.Has(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			return slices.ContainsFunc(n.Lhs, isEntry) && !slices.ContainsFunc(n.Rhs, func(e ast.Expr) bool { return syntax.Mentions(a.Unit.Pkg.Info, e, a.Var) })
		case *ast.IncDecStmt:
			return isEntry(n.X)
		case *ast.CallExpr:
			b := patterns.BuiltinOf(a.Unit.Pkg.Info, n)
			return (b == "delete" || b == "clear") && a.MadeBy(n.Args[0])
		}
		return false
	})
}

// mayReach reports whether a value of type t may refer to memory of type of: a map of that type,
// or elements that are, contain, or are part of such values. Interfaces, functions and the like
// may refer to anything.
func mayReach(t, of types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if types.Identical(t, of) {
		return true
	}
	refers := func(elem types.Type) bool {
		return contains(elem, of) || contains(of, elem) || mayReach(elem, of, seen)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Slice:
		return refers(u.Elem())
	case *types.Pointer:
		return refers(u.Elem())
	case *types.Map:
		return types.Identical(u, of) || mayReach(u.Key(), of, seen) || mayReach(u.Elem(), of, seen)
	case *types.Array:
		return mayReach(u.Elem(), of, seen)
	case *types.Struct:
		for f := range u.Fields() {
			if mayReach(f.Type(), of, seen) {
				return true
			}
		}
		return false
	}
	return true
}

// contains reports whether a value of type t contains one of type part.
func contains(t, part types.Type) bool {
	if types.Identical(t, part) || types.Identical(t.Underlying(), part.Underlying()) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		return contains(u.Elem(), part)
	case *types.Struct:
		for f := range u.Fields() {
			if contains(f.Type(), part) {
				return true
			}
		}
	}
	return false
}
