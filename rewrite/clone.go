package rewrite

import (
	"cmp"
	"fmt"
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

// CanClone refuses where a copy has to be made in full, because the language
// version has no functions for it, and its type cannot be spelled.
func (w *Window) CanClone() *Refusal {
	for _, x := range w.Clones() {
		if _, ok := w.typeText(w.copyType(x)); !ok && w.copyOf(x) == "" {
			return Inapplicable(x.Uses[0].Pos(), "this file cannot name the type of a copy of %s", x.Path)
		}
	}
	return nil
}

// since reports whether the language version of the section's file is at least the
// given one. It is that of the module, or of the file's build constraint.
func (s *Site) since(v string) bool {
	have := cmp.Or(s.Info.FileVersions[s.File.Syntax], s.Pkg.Types.GoVersion())
	return have == "" || version.Compare(have, v) >= 0
}

// copyOf is the expression that copies an extracted value, or "" if the language
// version has none.
func (w *Window) copyOf(x Extraction) string {
	if x.Operand {
		return w.source(x.Uses[0])
	}
	path := types.ExprString(x.Uses[0]) // a selection: nothing is lost in print
	if !x.Cloned {
		return path
	}
	_, isMap := w.Info.TypeOf(x.Uses[0]).Underlying().(*types.Map)
	values := w.valuesOnly(x)
	switch {
	case values && w.since("go1.23"):
		return w.Qualifier("slices") + ".Collect(" + w.Qualifier("maps") + ".Values(" + path + "))"
	case values || !w.since("go1.21"):
		return ""
	case isMap:
		return w.Qualifier("maps") + ".Clone(" + path + ")"
	}
	return w.Qualifier("slices") + ".Clone(" + path + ")"
}

// copyType is the type of the copy of an extracted value: a slice, where only the
// values of a map are needed.
func (w *Window) copyType(x Extraction) types.Type {
	t := w.Info.TypeOf(x.Uses[0])
	if m, ok := t.Underlying().(*types.Map); ok && w.valuesOnly(x) {
		return types.NewSlice(m.Elem())
	}
	return t
}

// copyInFull are the statements that copy an extracted value element by element.
func (w *Window) copyInFull(x Extraction) string {
	name, path := w.nameOf(x), types.ExprString(x.Uses[0])
	typ, _ := w.typeText(w.copyType(x))
	switch {
	case w.valuesOnly(x):
		elem := w.parents[x.Uses[0]].(*ast.RangeStmt).Value.(*ast.Ident).Name
		return fmt.Sprintf("%s := make(%s, 0, len(%s))\nfor _, %s := range %s {\n%s = append(%s, %s)\n}", name, typ, path, elem, path, name, name, elem)
	case isMapType(w.copyType(x)):
		k, v := "k", "v"
		if name == "k" || name == "v" {
			k, v = "key", "value"
		}
		return fmt.Sprintf("%s := make(%s, len(%s))\nfor %s, %s := range %s {\n%s[%s] = %s\n}", name, typ, path, k, v, path, name, k, v)
	}
	return fmt.Sprintf("%s := append(%s(nil), %s...)", name, typ, path)
}

// isMapType reports whether a type is that of maps.
func isMapType(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// valuesOnly reports whether the window only goes through the values of a map.
func (w *Window) valuesOnly(x Extraction) bool {
	return isMapType(w.Info.TypeOf(x.Uses[0])) && !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool {
		r, ok := w.parents[e].(*ast.RangeStmt)
		if !ok || r.X != e {
			return true
		}
		id, ok := r.Key.(*ast.Ident)
		_, named := r.Value.(*ast.Ident)
		return !named || !ok || id.Name != "_"
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
		if !slices.ContainsFunc(x.Uses, func(e ast.Expr) bool { return w.inLoop(e) }) {
			w.assume(S3, x.Uses[0].Pos(), "The call gets a copy of %s, which can change meanwhile (%s). Is a call with the old elements fine?", x.Path, w.line(at.Pos()))
			continue
		}
		loop := fmt.Sprintf("The loop now runs over a copy of %s, which can change meanwhile (%s)", x.Path, w.line(at.Pos()))
		w.ask(copyMeets, loop, S3, x.Uses[0].Pos(), "%s. May it see removed entries, or miss added ones?", loop)
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
			w.ask(copyDeletes, v.Name(), S3, c.Pos(), "%s comes from a copy of %s. Is it certain that this does not delete a newer entry?", v.Name(), types.ExprString(c.Args[0]))
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
