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
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveJoin looks at waits for goroutines that the section itself has started. The lock
// protected their work although they do not hold it, because the section did not end
// before they did.
func ProveJoin(w *move.Window) *safety.Refusal {
	for _, o := range w.Finding.Ops {
		awaited := awaited(w, o)
		if awaited == nil {
			continue
		}
		for _, st := range w.Body {
			refusal := syntax.First(st, func(c *ast.CallExpr) *safety.Refusal {
				if !starts(w, c, awaited) {
					return nil
				}
				return proveStarted(w, c)
			})
			if refusal != nil {
				return refusal
			}
		}
	}
	return nil
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

// proveStarted refuses if a goroutine that the section waits for works on what
// the lock guards, or on something that was reached through it.
func proveStarted(w *move.Window, c *ast.CallExpr) *safety.Refusal {
	byValue := func(n ast.Node) bool { return givenByValue(w, c, n) }
	if t := behaviour.TouchesOutside(w.Site, byValue, c).Guarded(); t != nil {
		return safety.Refuse(safety.S1, "goroutine-uses-guarded", c.Pos(), "the goroutine started here, which the section waits for, uses %s, which %s guards", t.Name(), w.Section.Lock)
	}
	from := behaviour.Derived(w.Site, w.Body)
	for _, v := range syntax.SortedVars(from) {
		reached := behaviour.ReachedThrough(from[v])
		if reached == nil || c.Pos() <= v.Pos() && v.Pos() < c.End() || syntax.RefsOf(v.Type(), 0) == syntax.NoRefs || !keeps(w, c, v) || w.Taken(v) || w.OfDetached(from[v]) {
			continue
		}
		g := reached.Access.Var
		_, closed := w.ClosedUnder(move.UsedValue{Name: v.Name(), Typ: v.Type()})
		if !opaque(w, v.Type()) || closed && !behaviour.CloseSafe(v.Type()) {
			return safety.Refuse(safety.S6, "goroutine-lifetime", c.Pos(), "the goroutine started here, which the section waits for, uses %s, reached through %s: %s keeps it in place until the goroutine is done", v.Name(), g.Name(), w.Section.Lock)
		}
		w.Assume(safety.S9, c.Pos(), "The goroutine started here uses %s, reached through %s, and other callers can now do so at the same time. Is that right?", v.Name(), g.Name())
		w.Recorded[len(w.Recorded)-1].Also = []safety.Condition{safety.S6}
	}
	return nil
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
	if awaited == nil || awaited.IsField() || syntax.IsGlobal(awaited) || !w.Unit.Declares(awaited) || w.Unit.IsParam(awaited) {
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

// changesOutside reports whether a function may change something outside the process, or is
// unseen.
func changesOutside(w *move.Window, u *patterns.Unit) bool {
	return u.Body == nil || slices.ContainsFunc(waits.OpsOf(w.Program, u), func(o *waits.Op) bool {
		return o.Effect == "write" && o.Category != "chan"
	})
}
