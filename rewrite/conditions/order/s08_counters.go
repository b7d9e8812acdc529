package order

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// CountedOnly is OnlyCounted where a test is repeated after the window. Whether it is
// right to count first is then a question of its own (S17).
func CountedOnly(w *move.Window, v *types.Var) bool {
	return w.Recheck != nil && behaviour.OnlyCounted(w.Site, v)
}

// putOnce reports whether the section changes a variable only after the window, and only if
// the repeated test finds it unset: the first of several callers sets it, and the others
// leave.
func putOnce(w *move.Window, v *types.Var) bool {
	if w.FillsMissing(v) {
		return true
	}
	if w.Recheck == nil || !w.Recheck.TestsAgain(v) || slices.ContainsFunc(w.PreTouches.List, func(t *site.Touch) bool { return t.Access.Var == v && t.Access.Kind.Changes() }) {
		return false
	}
	return slices.ContainsFunc(w.Recheck.Tests, func(t ast.Stmt) bool { return w.LooksFor(t, func(u *types.Var) bool { return u == v }) })
}

// chosenBy reports whether a variable only says which value the window gets: the order of
// the values has been asked about.
func chosenBy(w *move.Window, g *types.Var) bool {
	return slices.ContainsFunc(w.GuardedValues(), func(v move.UsedValue) bool { return slices.Contains(v.From, g) && onlyChooses(w, g, v) })
}

// IsCursor reports whether a change only counts up the number by which the window's values are
// chosen in turn, and other sections use it for nothing else: whoever comes next is to see it.
func IsCursor(w *move.Window, t *site.Touch) bool {
	v := t.Access.Var
	if !countsUpAt(t) || !chosenBy(w, v) && (t.Via != nil || !onlyIndexes(w, v)) {
		return false
	}
	p := w.PackageOf(v)
	sharing := guards.SharingOf(w.Program, p, v)
	return !sharing.Exported && !p.UsedInOtherBuilds(v) && !slices.ContainsFunc(sharing.Accesses, func(a *guards.Access) bool {
		if c, ok := behaviour.CountOf(a); ok && c.Up() || a.Unit.Body == nil {
			return !ok
		}
		return a.Kind != guards.Read || !syntax.Has(a.Unit.Body, func(x *ast.IndexExpr) bool { return syntax.Within(a.Node, x.Index) })
	})
}

// onlyIndexes reports whether the section reads a variable before the window, and only in the
// index of an element: host := s.hosts[s.turn%len(s.hosts)].
func onlyIndexes(w *move.Window, v *types.Var) bool {
	indexes := false
	for _, t := range w.PreTouches.List {
		if t.Access.Var != v || t.Access.Kind.Changes() {
			continue
		}
		if t.Via != nil || !inIndex(w, t.Access.Node) {
			return false
		}
		indexes = true
	}
	return indexes
}

// inIndex reports whether an expression is part of the index of an element, and of nothing else
// that is computed on the way.
func inIndex(w *move.Window, e ast.Expr) bool {
	for n := ast.Node(e); ; n = w.Parents[n] {
		switch p := w.Parents[n].(type) {
		case *ast.SelectorExpr, *ast.ParenExpr, *ast.BinaryExpr:
			continue
		case *ast.IndexExpr:
			return p.Index == n
		}
		return false
	}
}

// addsAfter reports whether a change only adds to a number after the window: the
// sum is the same in any order.
func addsAfter(w *move.Window, t *site.Touch) bool {
	if !slices.Contains(w.PostTouches.List, t) || w.UpdateKind(t) != move.Merge {
		return false
	}
	b, ok := counted(t.Access.Var.Type()).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0 && !deletesFrom(w, t)
}

// CountsUp reports whether a change adds to what is only counted: the count is the same in
// any order.
func CountsUp(w *move.Window, t *site.Touch) bool {
	return t.Via == nil && countsUpAt(t) && behaviour.OnlyCounted(w.Site, t.Access.Var)
}

func countsUpAt(t *site.Touch) bool {
	c, ok := behaviour.CountOf(t.Access)
	return ok && c.Up()
}

// deletesFrom reports whether a change takes an element out of a map.
func deletesFrom(w *move.Window, t *site.Touch) bool {
	return slices.ContainsFunc(w.Post, func(st ast.Stmt) bool {
		return syntax.Has(st, func(c *ast.CallExpr) bool {
			return patterns.BuiltinOf(w.Info, c) == "delete" && syntax.Within(t.Access.Node, c)
		})
	})
}

// onlyChooses reports whether a guarded variable only says which element of others
// a value is: s.urls[s.next%len(s.urls)], or what a function returns that finds it like
// that. The number itself is not passed on.
func onlyChooses(w *move.Window, g *types.Var, v move.UsedValue) bool {
	if v.Of != nil {
		return chooses(w.Unit, w.Unit.DefinedOnce(v.Of), g)
	}
	i := slices.IndexFunc(w.Values, func(x extract.Extraction) bool { return x.Acts && x.Uses[0].Pos() == v.Pos })
	if i < 0 {
		return false
	}
	c, ok := ast.Unparen(w.Values[i].Uses[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	callees, all := w.Program.Callees(w.Unit, c)
	return all && len(callees) > 0 && !slices.ContainsFunc(callees, func(u *patterns.Unit) bool { return !returnsChosen(u, g) })
}

// returnsChosen reports whether all that a function returns are elements that a variable only
// chooses.
func returnsChosen(u *patterns.Unit, g *types.Var) bool {
	return u.Body != nil && !syntax.HasOuter(u.Body, func(r *ast.ReturnStmt) bool {
		if len(r.Results) != 1 {
			return true
		}
		e := ast.Unparen(r.Results[0])
		if id, ok := e.(*ast.Ident); ok {
			if def := u.DefinedOnce(syntax.VarOf(u.Pkg.Info, id)); def != nil {
				e = def
			}
		}
		return !u.Pkg.Info.Types[e].IsNil() && !chooses(u, e, g)
	})
}

// chooses reports whether an expression reads a variable only to say which element it is.
func chooses(u *patterns.Unit, def ast.Expr, g *types.Var) bool {
	if def == nil {
		return false
	}
	outside := false
	uses := 0
	for _, a := range guards.AccessesIn(u, def) {
		if a.Var != g {
			continue
		}
		uses++
		chosen := syntax.Has(def, func(ix *ast.IndexExpr) bool { return syntax.Within(a.Node, ix.Index) })
		outside = outside || !chosen
	}
	return uses > 0 && !outside
}

// counted is the type of the numbers that a variable of a type holds: its own, or that
// of its elements.
func counted(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Map:
		return u.Elem()
	case *types.Slice:
		return u.Elem()
	}
	return t
}
