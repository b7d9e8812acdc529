package rewrite

import (
	"go/ast"
	"go/types"
	"go/version"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// Cloning returns the site as a shape sees it that copies guarded maps and
// slices before the lock is released, so that the window can go through the
// copies.
func (s *Site) Cloning() *Site {
	c := *s
	c.cloning = true
	return &c
}

// Clones lists the maps and slices whose elements the window has a copy of.
func (w *Window) Clones() []Extraction {
	return append(slices.DeleteFunc(slices.Clone(w.Values), func(x Extraction) bool { return !x.Cloned }), w.copies...)
}

// CanClone refuses where the language version has no package slices.
func (s *Site) CanClone() *Refusal {
	if v := s.Pkg.GoVersion; v != "" && version.Compare(v, "go1.23") < 0 {
		return Refuse("", s.Lock.Pos(), "copies are made with packages slices and maps as of Go 1.23, and the module is for %s", v)
	}
	return nil
}

// valueCode is the expression that copies an extracted value.
func (w *Window) valueCode(x Extraction) string {
	if x.Operand {
		return w.source(x.Uses[0])
	}
	path := types.ExprString(x.Uses[0]) // a selection: nothing is lost in print
	if !x.Cloned {
		return path
	}
	_, isMap := x.Path.Last().Type().Underlying().(*types.Map)
	switch {
	case !isMap:
		return w.Qualifier("slices") + ".Clone(" + path + ")"
	case w.valuesOnly(x):
		return w.Qualifier("slices") + ".Collect(" + w.Qualifier("maps") + ".Values(" + path + "))"
	}
	return w.Qualifier("maps") + ".Clone(" + path + ")"
}

// valuesOnly reports whether the window only goes through the values of a map.
func (w *Window) valuesOnly(x Extraction) bool {
	return !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool {
		r, ok := w.parents[e].(*ast.RangeStmt)
		if !ok || r.X != e {
			return true
		}
		id, ok := r.Key.(*ast.Ident)
		return r.Value == nil || !ok || id.Name != "_"
	})
}

// cloned reports whether the window uses a copy of the variable's elements.
func (w *Window) cloned(v *types.Var) bool {
	return slices.ContainsFunc(w.Clones(), func(x Extraction) bool { return x.Path.Last() == v })
}

// askClones asks whether a copy may be out of date: S3.
func (w *Window) askClones() {
	for _, x := range w.Clones() {
		at := w.storageChange(x.Path.Last())
		w.assume(S3, x.Uses[0].Pos(), "the loop goes through a copy of %s, which may change meanwhile, at %s: may it meet what is no longer there, or miss what is new?", x.Path, w.line(at.Pos()))
	}
}

// fromCopies reports whether a variable comes from copies alone: whether they are out
// of date, [Window.askClones] asks.
func (w *Window) fromCopies(v *types.Var) bool {
	return len(w.derived[v]) > 0 && !slices.ContainsFunc(w.derived[v], func(t *touch) bool { return !w.cloned(t.access.Var) })
}

// askStillThere asks about an entry that is found by a key from a copy: it may be
// another one by then.
func (w *Window) askStillThere(v *types.Var, st ast.Stmt) {
	eachSynchronousCall(st, func(c *ast.CallExpr) {
		if patterns.BuiltinOf(w.Info, c) == "delete" && mentions(w.Info, c.Args[1], v) {
			w.assume(S3, c.Pos(), "%s comes from a copy of %s: may the entry that is deleted by it be a new one by then?", v.Name(), types.ExprString(c.Args[0]))
		}
	})
}

// elementType is the type of what a copy of a map or slice shares with the
// original: that of its elements, or of its keys if only they are references.
func elementType(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Map:
		if refsOf(u.Elem(), 0) == noRefs {
			return u.Key()
		}
		return u.Elem()
	}
	return t
}

// inLoop reports whether a node stands in a loop of the window, which would
// read it each time; only where copies are made at all.
func (s *Site) inLoop(n ast.Node) bool {
	if !s.cloning {
		return false
	}
	for p := s.parents[n]; p != nil; p = s.parents[p] {
		switch p.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return s.inBody(p)
		}
	}
	return false
}
