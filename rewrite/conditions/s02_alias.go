package conditions

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveAlias is S2: a value taken from under the lock shares no storage that a
// section changes.
func proveAlias(w *move.Window) *safety.Refusal {
	for _, v := range w.GuardedValues() {
		if r := refuseObject(w, v); r != nil {
			return r
		}
		if r := refuseView(w, v); r != nil {
			return r
		}
		if syntax.RefsOf(v.Typ, 0) != syntax.Aliasing || v.Taken {
			continue
		}
		if v.Of != nil && (v.Own || w.OwnsAll(v.Of)) {
			continue
		}
		for _, g := range AliasSources(v) {
			if v.Of != nil && g.Pkg() == w.Pkg.Types && w.Program.StorageOf(w.Pkg).ApartVariables(v.Of, g) {
				continue
			}
			if _, basic := g.Type().Underlying().(*types.Basic); basic {
				continue // a number, or a string, whose bytes do not change
			}
			if a := elementChange(w, v, g); a != nil && !w.Detached(g) && !onlyReplaced(w, g) && !onlyAppended(w, v, g) {
				return refuseShared(w, v, g, a.Pos())
			}
		}
	}
	if r := proveHolders(w); r != nil {
		return r
	}
	if !w.Has(safety.S2) {
		w.Proved(safety.S2, "no value used without the lock shares storage that a section changes")
	}
	return nil
}

// refuseShared refuses a value whose elements are those of a variable that changes.
func refuseShared(w *move.Window, v move.UsedValue, g *types.Var, at token.Pos) *safety.Refusal {
	if v.Name == g.Name() || strings.HasSuffix(v.Name, "."+g.Name()) {
		return safety.Refuse(safety.S2, "shared-elements", v.Pos, "the elements of %s, used here, change at %s", v.Name, w.Line(at))
	}
	return safety.Refuse(safety.S2, "shared-elements", v.Pos, "%s shares its elements with %s, which changes at %s", v.Name, g.Name(), w.Line(at))
}

// onlyReplaced reports whether a variable is a pointer that is only ever replaced: what it
// pointed to, and the elements reached through it, do not change.
func onlyReplaced(w *move.Window, g *types.Var) bool {
	_, ptr := g.Type().Underlying().(*types.Pointer)
	return ptr && guards.SharingOf(w.Program, w.PackageOf(g), g).Changed(func(a *guards.Access) bool { return a.Kind != guards.Write }) == nil
}

// refuseView refuses a string that package unsafe made from a slice's memory, and anything
// that holds one: it changes with the elements.
//
//	name := unsafe.String(&s.buf[0], len(s.buf))
func refuseView(w *move.Window, v move.UsedValue) *safety.Refusal {
	if v.Of == nil || v.Taken {
		return nil
	}
	if b, ok := v.Of.Type().Underlying().(*types.Basic); !v.Own && (!ok || b.Kind() != types.String) {
		return nil
	}
	views := false
	for _, def := range w.Unit.Given(v.Of) {
		views = views || usesUnsafe(w, w.Unit, def, make(map[*patterns.Unit]bool))
	}
	for _, g := range v.From {
		if !views || syntax.RefsOf(g.Type(), 0) != syntax.Aliasing || w.Detached(g) {
			continue
		}
		if a := behaviour.StorageChange(w.Site, g); a != nil {
			return refuseShared(w, v, g, a.Pos())
		}
	}
	return nil
}

// usesUnsafe reports whether a node of a function, or of one of the loaded packages that
// it calls, uses package unsafe.
func usesUnsafe(w *move.Window, u *patterns.Unit, n ast.Node, seen map[*patterns.Unit]bool) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.Ident:
			obj := u.Pkg.Info.Uses[m]
			found = found || obj != nil && obj.Pkg() == types.Unsafe
		case *ast.CallExpr:
			callees, _ := behaviour.CalleesOf(w.Site, u, m)
			for _, v := range callees {
				if !seen[v] && v.Body != nil && len(seen) < behaviour.MaxUnits {
					seen[v] = true
					found = found || usesUnsafe(w, v, v.Body, seen)
				}
			}
		}
		return !found
	})
	return found
}

// refuseObject refuses a pointer or interface taken out of the lock if methods, or writes
// through pointers, change what it refers to under the lock: copying the reference copies
// none of that.
func refuseObject(w *move.Window, v move.UsedValue) *safety.Refusal {
	if syntax.RefsOf(v.Typ, 0) != syntax.ObjectRef || v.Taken || v.Copied || v.Own {
		return nil
	}
	if f, change := changedBehind(w, v.Typ, 0); f != nil {
		return safety.Refuse(safety.S2, "shared-object", v.Pos, "what %s.%s points to changes at %s", v.Name, f.Name(), w.Line(change.Pos()))
	}
	for _, g := range v.From {
		if w.Detached(g) || syntax.RefsOf(g.Type(), 0) != syntax.ObjectRef {
			continue
		}
		change := guards.SharingOf(w.Program, w.PackageOf(g), g).ChangedContent(func(a *guards.Access) bool {
			return (a.Alias || isTypeParam(g.Type())) && a.Kind == guards.Content && a.MayBeUnder(w.Section.LockVar()) && !replaces(w, g, a)
		})
		if change != nil {
			return safety.Refuse(safety.S2, "shared-object", v.Pos, "%s refers to the same object as %s, which changes at %s", v.Name, g.Name(), w.Line(change.Pos()))
		}
	}
	return nil
}

// replaces reports whether a change writes to a variable through its address, and so puts
// other references into it: what those before refer to stays as it is.
//
//	target := &tb.curr
//	*target = newBuckets()
func replaces(w *move.Window, g *types.Var, a *guards.Access) bool {
	if a.Class == 0 || a.Unit.Pkg.Types != g.Pkg() {
		return false
	}
	model := w.Program.StorageOf(a.Unit.Pkg)
	holds := model.Holds(g)
	return len(holds) > 1 && a.Class == model.Same(holds[0]) && !slices.Contains(holds[1:], a.Class)
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// changedBehind returns a pointer field of a struct whose target changes under the lock: a
// copy of the struct points to the same target. Targets that are structs are judged by
// their fields.
func changedBehind(w *move.Window, t types.Type, depth int) (*types.Var, *guards.Access) {
	st, ok := t.Underlying().(*types.Struct)
	if !ok || depth > 4 {
		return nil, nil
	}
	for f := range st.Fields() {
		f = f.Origin()
		if change := changedPointee(w, f); change != nil {
			return f, change
		}
		if g, change := changedBehind(w, f.Type(), depth+1); g != nil {
			return g, change
		}
	}
	return nil, nil
}

// changedPointee returns a change, under the lock, of what a variable points to, if that is
// not a struct; nil if there is none.
func changedPointee(w *move.Window, v *types.Var) *guards.Access {
	p, ok := v.Type().Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	if _, ok := p.Elem().Underlying().(*types.Struct); ok {
		return nil
	}
	return guards.SharingOf(w.Program, w.PackageOf(v), v).ChangedContent(func(a *guards.Access) bool {
		return a.Kind == guards.Content && a.MayBeUnder(w.Section.LockVar())
	})
}

// proveHolders looks at objects that were made from a whole map or slice, and may go on using its
// elements: a reader of a buffer, a value in an interface, a context. It refuses those that are
// known to, and asks about those that may.
func proveHolders(w *move.Window) *safety.Refusal {
	for _, v := range w.GuardedValues() {
		if k := syntax.RefsOf(v.Typ, 0); v.Taken || v.Own || k == syntax.NoRefs && !syntax.IsContext(v.Typ) || k == syntax.Aliasing {
			continue
		}
		for _, t := range w.Derived[v.Of] {
			g := t.Access.Var
			if syntax.RefsOf(g.Type(), 0) != syntax.Aliasing || w.Detached(g) || !usedWhole(t.Access) {
				continue
			}
			shares, known := sharesElements(w, v.Of, g)
			if a := elementChange(w, v, g); known && shares && a != nil && !onlyAppended(w, v, g) {
				return refuseShared(w, v, g, a.Pos())
			}
			if a := behaviour.StorageChange(w.Site, g); a != nil && (shares || !known) {
				w.Assume(safety.S2, v.Pos, "%s was made from %s, whose elements change at %s. Does it share none of them?", v.Name, g.Name(), w.Line(a.Pos()))
			}
		}
	}
	return nil
}

// sharesElements reports whether what a local variable holds uses the elements of another
// variable, which it was made from by the call of a function of which that is known. A function
// that was made so goes over them whenever it is called, even if it only passes on what they hold.
//
//	it := maps.Keys(s.m)
func sharesElements(w *move.Window, v, g *types.Var) (shares, known bool) {
	c, ok := ast.Unparen(w.Unit.DefinedOnce(v)).(*ast.CallExpr)
	if !ok {
		return false, false
	}
	_, calls := v.Type().Underlying().(*types.Signature)
	model := w.Program.StorageOf(w.Pkg)
	summary, ok := model.CallSummary(c)
	for _, o := range model.Operands(c) {
		if !slices.ContainsFunc(guards.AccessesIn(w.Unit, o.Expr), func(a *guards.Access) bool { return a.Var == g }) {
			continue
		}
		kept := slices.Contains(summary.Keeps, o.N) // by a literal, which the result is or may hold
		shares = shares || calls && kept || slices.ContainsFunc(summary.Holds, func(h storage.Hold) bool {
			return h.From == o.N && h.To >= storage.Result && (calls || !h.FromElem) && !h.Part
		})
		known = ok && (shares || !kept)
	}
	return shares, known
}

// usedWhole reports whether an access uses a map or slice as a whole, and not only its
// elements one by one, its length, or whether it is nil.
func usedWhole(a *guards.Access) bool {
	whole := true
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr:
			whole = whole && !a.MadeBy(n.X)
		case *ast.RangeStmt:
			whole = whole && !a.MadeBy(n.X)
		case *ast.BinaryExpr:
			whole = whole && !a.MadeBy(n.X) && !a.MadeBy(n.Y)
		case *ast.CallExpr:
			if b := patterns.BuiltinOf(a.Unit.Pkg.Info, n); b == "len" || b == "cap" {
				whole = whole && !a.MadeBy(n.Args[0])
			}
		}
		return whole
	})
	return whole
}

// AliasSources lists the variables whose elements a value shares: for a struct, its
// fields that are maps or slices, and those that it was made from.
func AliasSources(v move.UsedValue) []*types.Var {
	st, ok := v.Typ.Underlying().(*types.Struct)
	if !ok {
		return v.From
	}
	var fields []*types.Var
	for _, g := range v.From {
		switch g.Type().Underlying().(type) {
		case *types.Slice, *types.Map:
			if !holdsType(g.Type(), v.Typ) {
				fields = append(fields, g)
			}
		}
	}
	for i := range st.NumFields() {
		f := st.Field(i).Origin()
		if syntax.RefsOf(f.Type(), 0) != syntax.Aliasing {
			continue
		}
		if _, inner := f.Type().Underlying().(*types.Struct); inner {
			return v.From
		}
		fields = append(fields, f)
	}
	return fields
}

// holdsType reports whether the elements of a map or slice are of the type: a
// value of it then is one of them.
func holdsType(t, elem types.Type) bool {
	e := syntax.ElementType(t)
	return e != nil && types.Identical(e, elem)
}
