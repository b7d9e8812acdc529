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
		if len(from[v]) > 0 && refsOf(v.Type(), 0) != noRefs && mentions(w.Info, c, v) {
			return Refuse(S6, "goroutine-lifetime", c.Pos(), "the goroutine started here, which the section waits for, uses %s, reached through %s: %s keeps it in place until the goroutine is done", v.Name(), from[v][0].access.Var.Name(), w.Section.Lock)
		}
	}
	return nil
}
