package patterns

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// via handles functions that block exactly as one of their arguments does.
func (w *waiter) via(c *ast.CallExpr, fn *types.Func, name string, deferred bool) bool {
	entries := w.x.table.Via(name)
	for _, v := range entries {
		for _, arg := range viaArgs(c, v.Arg) {
			for _, t := range w.x.carriers(w.u, arg, nil) {
				m := methodOf(t, v.Arg.Method, fn.Pkg())
				if m == nil || w.x.table.Never(m.FullName()) {
					continue
				}
				e, ok := w.x.table.Entry(m.FullName())
				if !ok {
					continue
				}
				w.op(c, Op{Category: e.Category, Effect: e.Effect, Safety: v.Safety, What: name, Deferred: deferred,
					Own: IsResponse(t),
					Why: fmt.Sprintf("calls %s of %s, which %s", v.Arg.Method, types.TypeString(t, types.RelativeTo(w.u.Pkg.Types)), e.Why)})
				return true
			}
		}
	}
	return len(entries) > 0
}

func viaArgs(c *ast.CallExpr, a Arg) []ast.Expr {
	switch {
	case a.Index < 0:
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
			return []ast.Expr{sel.X}
		}
	case a.Variadic && a.Index < len(c.Args):
		return c.Args[a.Index:]
	case a.Index < len(c.Args):
		return c.Args[a.Index : a.Index+1]
	}
	return nil
}

func methodOf(t types.Type, name string, pkg *types.Package) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	fn, _ := obj.(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// carriers lists the types to which I/O on an expression goes: its own type,
// what a local variable or field of interface type was assigned, and what a
// wrapping constructor of the table passes its I/O on to.
//
// Variables on the way are visited once (seen).
func (x *Program) carriers(u *Unit, e ast.Expr, seen map[*types.Var]bool) []types.Type {
	if e == nil {
		return nil
	}
	if seen == nil {
		seen = make(map[*types.Var]bool)
	}
	info := u.Pkg.Info
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		if fn := calleeOf(info, call); fn != nil {
			if args := x.table.Wraps(fn.FullName()); len(args) > 0 {
				var out []types.Type
				for _, a := range args {
					for _, arg := range viaArgs(call, a) {
						out = append(out, x.carriers(u, arg, seen)...)
					}
				}
				return out
			}
		}
	}
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = un.X
	}
	t := info.TypeOf(e)
	if t == nil {
		return nil
	}
	var v *types.Var
	switch e := e.(type) {
	case *ast.Ident:
		v, _ = info.ObjectOf(e).(*types.Var)
	case *ast.SelectorExpr:
		v, _ = info.ObjectOf(e.Sel).(*types.Var)
	}
	var out []types.Type
	if v != nil && (types.IsInterface(t) || x.isWrapper(t)) {
		out = x.assignedCarriers(u, v, seen)
	}
	if len(out) == 0 || !types.IsInterface(t) {
		out = append(out, t)
	}
	return out
}

func (x *Program) assignedCarriers(u *Unit, v *types.Var, seen map[*types.Var]bool) []types.Type {
	if seen[v.Origin()] {
		return nil
	}
	seen[v.Origin()] = true
	if !v.IsField() && !isGlobal(v) {
		return x.carriers(u, u.definedOnce(v), seen)
	}
	var out []types.Type
	for _, a := range x.assignmentsIn(u.Pkg)[v.Origin()] {
		if a.expr == nil {
			continue
		}
		out = append(out, x.carriers(u, a.expr, seen)...)
	}
	return out
}

// isWrapper reports whether values of t pass their I/O on to something else.
func (x *Program) isWrapper(t types.Type) bool {
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	for i := range n.NumMethods() {
		if len(x.table.Via(n.Method(i).FullName())) > 0 {
			return true
		}
	}
	return false
}
