package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// proveJoin looks at waits for goroutines that the section itself has started:
// their work was done under the protection of the lock, although they do not
// hold it, because the section did not end before they did.
func (w *Window) proveJoin() *Refusal {
	for _, o := range w.Finding.Ops {
		awaited := w.awaited(o)
		if awaited == nil {
			continue
		}
		for _, st := range w.Body {
			var refusal *Refusal
			ast.Inspect(st, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok && refusal == nil && w.starts(c, awaited) {
					refusal = w.proveStarted(c)
				}
				return refusal == nil
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
func (w *Window) awaited(o *patterns.Op) *types.Var {
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
func (w *Window) starts(c *ast.CallExpr, awaited *types.Var) bool {
	if _, ok := w.parents[c].(*ast.GoStmt); ok {
		return w.mentionsPath(c, awaited)
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

// mentionsPath reports whether a node uses the variable, a field or not.
func (w *Window) mentionsPath(n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok {
			u, isVar := w.Info.Uses[id].(*types.Var)
			found = found || isVar && u.Origin() == v
		}
		return !found
	})
	return found
}

// proveStarted refuses if a goroutine that the section waits for works on what
// the lock guards, or on something that was reached through it.
func (w *Window) proveStarted(c *ast.CallExpr) *Refusal {
	if t := w.touches(c).guarded(); t != nil {
		return Refuse(S1, "goroutine-uses-guarded", c.Pos(), "the goroutine started here, which the section waits for, uses %s, which %s guards", t.name(), w.Section.Lock)
	}
	from := w.Site.derived(w.Body)
	for _, v := range sortedVars(from) {
		reached := reachedThrough(from[v])
		if reached == nil || refsOf(v.Type(), 0) == noRefs || !mentions(w.Info, c, v) || w.taken(v) {
			continue
		}
		g := reached.access.Var
		_, closed := w.closedUnder(usedValue{name: v.Name(), typ: v.Type()})
		if !w.opaque(v.Type()) || closed && !closeSafe(v.Type()) {
			return Refuse(S6, "goroutine-lifetime", c.Pos(), "the goroutine started here, which the section waits for, uses %s, reached through %s: %s keeps it in place until the goroutine is done", v.Name(), g.Name(), w.Section.Lock)
		}
		w.assume(S9, c.Pos(), "The goroutine started here uses %s, reached through %s, and other callers can now do so at the same time. Is that right?", v.Name(), g.Name())
		w.obligations[len(w.obligations)-1].Also = []Condition{S6}
	}
	return nil
}

// opaque reports whether a type is a pointer to what only a package that is not
// seen can look into, or an interface whose values may be closed while in use.
func (w *Window) opaque(t types.Type) bool {
	if closeSafe(t) {
		return true
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.TypeArgs().Len() == 0 && !slices.ContainsFunc(w.Program.Packages, func(q *patterns.Package) bool { return q.Types == n.Obj().Pkg() })
}

// joinsOwn reports whether an operation waits for goroutines that this call has started
// itself, to work on what nobody else has, and that only ask and tell this call: that
// they have finished is nothing that other sections could rely on.
func (w *Window) joinsOwn(o *patterns.Op) bool {
	awaited := w.awaited(o)
	if awaited == nil || awaited.IsField() || isGlobal(awaited) || !w.Unit.Declares(awaited) || w.Unit.IsParam(awaited) {
		return false
	}
	started, quiet := 0, true
	for _, st := range w.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || !w.starts(c, awaited) {
				return true
			}
			units, _ := w.Program.Callees(w.Unit, c)
			for _, a := range c.Args {
				units = append(units, w.Program.ValueUnits(w.Info, a)...)
			}
			started++
			quiet = quiet && len(units) > 0 && !slices.ContainsFunc(units, func(u *patterns.Unit) bool { return w.changesOutside(u) })
			return true
		})
	}
	return started > 0 && quiet
}

// changesOutside reports whether a function may change something outside of the
// process, or cannot be seen.
func (w *Window) changesOutside(u *patterns.Unit) bool {
	return u.Body == nil || slices.ContainsFunc(w.Program.OpsOf(u), func(o *patterns.Op) bool {
		return o.Effect == "write" && o.Category != "chan"
	})
}
