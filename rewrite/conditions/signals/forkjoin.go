package signals

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveJoin looks at waits for goroutines that the section itself has started. The lock
// protected their work although they do not hold it, because the section did not end
// before they did.
func ProveJoin(w *move.Window) *safety.Refusal {
	for _, c := range startedCalls(w, w.Finding.Ops...) {
		if r := proveStarted(w, c); r != nil {
			return r
		}
	}
	return nil
}

// startedCalls lists the calls that start goroutines which the section then waits for.
func startedCalls(w *move.Window, waits ...*waits.Op) []*ast.CallExpr {
	var out []*ast.CallExpr
	for _, o := range waits {
		awaited := awaited(w, o)
		if awaited == nil {
			continue
		}
		for _, st := range w.Body {
			ast.Inspect(st, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok && starts(w, c, awaited) && !slices.Contains(out, c) {
					out = append(out, c)
				}
				return true
			})
		}
	}
	return out
}

// awaited returns the variable that a wait is for: the WaitGroup, the group, or
// the channel.
func awaited(w *move.Window, o *waits.Op) *types.Var {
	if len(o.Path) > 0 {
		return nil
	}
	var e ast.Expr
	switch n := o.Node.(type) {
	case *ast.CallExpr:
		sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
		if !ok || o.Category != "wait" {
			return nil
		}
		e = sel.X
	case *ast.UnaryExpr:
		e = n.X
	case *ast.RangeStmt:
		e = n.X
	default:
		return nil
	}
	p, ok := patterns.PathOf(w.Info, e)
	if !ok {
		return nil
	}
	return p.Last()
}

// starts reports whether a call starts a goroutine that the variable is told
// of: it is the operand of a go statement that mentions the variable, or a
// method of it that takes a function.
func starts(w *move.Window, c *ast.CallExpr, awaited *types.Var) bool {
	if _, ok := w.Parents[c].(*ast.GoStmt); ok {
		return syntax.NamesField(w.Info, c, awaited)
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	p, ok := patterns.PathOf(w.Info, sel.X)
	if !ok || p.Last() != awaited {
		return false
	}
	return slices.ContainsFunc(c.Args, func(a ast.Expr) bool {
		_, isFunc := w.Info.TypeOf(a).Underlying().(*types.Signature)
		return isFunc
	})
}

// proveStarted refuses if a goroutine that the section waits for works on what the lock guards, or
// may change what it reached through that. It asks about an object that it only uses.
func proveStarted(w *move.Window, c *ast.CallExpr) *safety.Refusal {
	byValue := func(n ast.Node) bool { return givenByValue(w, c, n) }
	touches := behaviour.TouchesOutside(w.Site, byValue, c)
	if t := touches.Guarded(); t != nil {
		return safety.Refuse(safety.S1, "goroutine-uses-guarded", c.Pos(), "the goroutine started here, which the section waits for, uses %s, which %s guards", t.Name(), w.Section.Lock)
	}
	changes := func(t *site.Touch) bool { return t.Class == site.Assumable }
	for _, k := range kept(w, c) {
		if !opaque(w, k.Typ) && (!isObject(k.Typ) || slices.ContainsFunc(touches.List, changes)) {
			return safety.Refuse(safety.S6, "goroutine-lifetime", c.Pos(), "the goroutine started here, which the section waits for, uses %s, reached through %s: %s keeps it in place until the goroutine is done", k.Name, k.From[0].Name(), w.Section.Lock)
		}
		w.Assume(safety.S9, c.Pos(), "Others no longer wait until the goroutine started here is done: they can use %s, or remove it from %s, at the same time. Is that right?", k.Name, k.From[0].Name())
		w.Recorded[len(w.Recorded)-1].Also = []safety.Condition{safety.S6}
	}
	return nil
}

// KeptByGoroutines lists the objects, reached through guarded state, that the goroutines use
// which the section waits for. Whether they may be removed meanwhile, [ProveJoin] asks.
func KeptByGoroutines(w *move.Window) []move.UsedValue {
	var out []move.UsedValue
	for _, c := range startedCalls(w, w.Finding.Ops...) {
		for _, k := range kept(w, c) {
			k.From = nil
			out = append(out, k)
		}
	}
	return out
}

// AsksOfAwaited reports whether [ProveJoin] asks about each goroutine that an operation waits for.
func AsksOfAwaited(w *move.Window, o *waits.Op) bool {
	started := startedCalls(w, o)
	return len(started) > 0 && isOwn(w, awaited(w, o)) && !slices.ContainsFunc(started, func(c *ast.CallExpr) bool { return len(kept(w, c)) == 0 })
}

// SetByStarted reports whether a local variable holds a plain value that only the goroutines
// assign which the section waits for: it is the result of the wait.
func SetByStarted(w *move.Window, v *types.Var) bool {
	if syntax.RefsOf(v.Type(), 0) != syntax.NoRefs || !w.Unit.Captured(v) || w.Unit.IsParam(v) || w.Unit.Addressed(v) {
		return false
	}
	return onlyStartedSet(w, v, nil)
}

// MadeByStarted reports whether the section declares a variable and only the goroutines that it
// waits for assign it until they are done: it is nothing that they are given.
func MadeByStarted(w *move.Window, v *types.Var) bool {
	declared := func(st ast.Stmt) bool { return st.Pos() <= v.Pos() && v.Pos() < st.End() }
	return slices.ContainsFunc(w.Pre, declared) && !w.Unit.Addressed(v) && onlyStartedSet(w, v, w.Post)
}

// onlyStartedSet reports whether only the goroutines that the section waits for assign a local
// variable, apart from some statements.
func onlyStartedSet(w *move.Window, v *types.Var, but []ast.Stmt) bool {
	started := startedCalls(w, w.Finding.Ops...)
	set, only := false, true
	note := func(lhs, _ ast.Expr) {
		if id, ok := ast.Unparen(lhs).(*ast.Ident); ok && w.Info.ObjectOf(id) == types.Object(v) {
			later := slices.ContainsFunc(but, func(st ast.Stmt) bool { return syntax.Within(id, st) })
			set, only = true, only && (later || slices.ContainsFunc(started, func(c *ast.CallExpr) bool { return syntax.Within(id, c) }))
		}
	}
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		patterns.GivenBy(n, note)
		if c, ok := n.(*ast.IncDecStmt); ok {
			note(c.X, nil)
		}
		return only
	})
	return set && only
}

// kept lists what was reached through guarded state and a goroutine that a call starts uses.
func kept(w *move.Window, c *ast.CallExpr) []move.UsedValue {
	var out []move.UsedValue
	from := behaviour.Derived(w.Site, w.Body)
	for _, v := range syntax.SortedVars(from) {
		reached := behaviour.ReachedThrough(from[v])
		if reached == nil || filledPlain(v, from[v]) || c.Pos() <= v.Pos() && v.Pos() < c.End() || syntax.RefsOf(v.Type(), 0) == syntax.NoRefs || !keeps(w, c, v) || w.Taken(v) || w.OfDetached(from[v]) || MadeByStarted(w, v) {
			continue
		}
		out = append(out, move.UsedValue{Name: v.Name(), Typ: v.Type(), Pos: c.Pos(), Of: v, From: []*types.Var{reached.Access.Var}})
	}
	return out
}

// filledPlain reports whether a variable refers to a list of plain values, which guarded state may
// have been copied into: a buffer that an unseen call is given leads nowhere else.
func filledPlain(v *types.Var, from []*site.Touch) bool {
	return syntax.RefsOf(v.Type(), 0) == syntax.Aliasing && syntax.RefsOf(syntax.ElementType(v.Type()), 0) == syntax.NoRefs &&
		!slices.ContainsFunc(from, func(t *site.Touch) bool { return !t.Filled })
}

// isObject reports whether a type is an interface, a function, a pointer to a struct, or a struct
// that holds nothing but these and plain values, so that a copy of it refers to objects only.
func isObject(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface, *types.Signature:
		return true
	case *types.Pointer:
		_, isStruct := syntax.StructOf(u.Elem())
		return isStruct
	case *types.Struct:
		for f := range u.Fields() {
			if syntax.RefsOf(f.Type(), 0) != syntax.NoRefs && !isObject(f.Type()) {
				return false
			}
		}
		return true
	}
	return false
}

// givenByValue reports whether a node is in an argument of a call that starts a goroutine, and
// the goroutine gets only its value, which is no reference: go check(n.addr).
func givenByValue(w *move.Window, c *ast.CallExpr, n ast.Node) bool {
	return slices.ContainsFunc(c.Args, func(a ast.Expr) bool {
		return syntax.Within(n, a) && syntax.RefsOf(w.Info.TypeOf(a), 0) == syntax.NoRefs
	})
}

// keeps reports whether a goroutine that a call starts can still use a variable once it runs.
func keeps(w *move.Window, c *ast.CallExpr, v *types.Var) bool {
	return syntax.Has(c, func(id *ast.Ident) bool { return w.Info.Uses[id] == v && !givenByValue(w, c, id) })
}

// opaque reports whether a type is a pointer to something that only an unseen package can
// look into, or an interface whose values may be closed while in use.
func opaque(w *move.Window, t types.Type) bool {
	if behaviour.CloseSafe(t) {
		return true
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.TypeArgs().Len() == 0 && !slices.ContainsFunc(w.Program.Packages, func(q *patterns.Package) bool { return q.Types == n.Obj().Pkg() })
}

// JoinsOwn reports whether an operation waits for goroutines that this call itself has
// started, that work on what nobody else has, and that communicate only with this call:
// other sections cannot rely on their having finished.
func JoinsOwn(w *move.Window, o *waits.Op) bool {
	awaited := awaited(w, o)
	if !isOwn(w, awaited) {
		return false
	}
	started, quiet := 0, true
	for _, st := range w.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || !starts(w, c, awaited) {
				return true
			}
			units, _ := w.Program.Callees(w.Unit, c)
			for _, a := range c.Args {
				units = append(units, w.Program.ValueUnits(w.Info, a)...)
			}
			started++
			quiet = quiet && len(units) > 0 && !slices.ContainsFunc(units, func(u *patterns.Unit) bool { return changesOutside(w, u) })
			return true
		})
	}
	return started > 0 && quiet
}

// isOwn reports whether the section's function itself declares what it waits with.
func isOwn(w *move.Window, awaited *types.Var) bool {
	return awaited != nil && !awaited.IsField() && !syntax.IsGlobal(awaited) && w.Unit.Declares(awaited) && !w.Unit.IsParam(awaited)
}

// changesOutside reports whether a function may change something outside the process, or is
// unseen.
func changesOutside(w *move.Window, u *patterns.Unit) bool {
	return u.Body == nil || slices.ContainsFunc(waits.OpsOf(w.Program, u), func(o *waits.Op) bool {
		return o.Effect == "write" && o.Category != "chan"
	})
}
