package patterns

import (
	"go/ast"
	"go/types"
	"slices"
)

// A lockTaken is a lock that a call takes for a while, in the terms of the unit that
// makes the call.
type lockTaken struct {
	lockNeed
	path   Path
	callee *Unit
}

// locksOf lists the locks that functions of the package take which a call runs: the
// one that it names, and functions that are values.
func (x *Program) locksOf(u *Unit, c *ast.CallExpr) []lockTaken {
	if lit := u.litCalled(c); lit != nil {
		if ast.Unparen(c.Fun) == ast.Expr(lit) {
			return nil // it is part of the unit
		}
		return x.locksByCall(u, c, x.LitUnit(lit))
	}
	fn := CalleeOf(u.Pkg.Info, c)
	if fn == nil {
		return x.locksOfStored(u, c)
	}
	callee := x.UnitOf(fn)
	if callee == nil || callee.Pkg != u.Pkg {
		callee = nil
	}
	out := x.locksByCall(u, c, callee)
	w := &waiter{x: x, u: u}
	for _, i := range w.callbacks(fn, x.keyOf(fn)) {
		if i < len(c.Args) {
			out = append(out, x.locksOfValue(u, c.Args[i])...)
		}
	}
	if callee == nil {
		return out
	}
	for _, k := range callee.sortedTakes() {
		i := paramIndex(callee.Signature(), k.param)
		if i < 0 || i >= len(c.Args) || k.method == "" {
			continue
		}
		arg := c.Args[i]
		t := u.Pkg.Info.TypeOf(arg)
		if types.IsInterface(t) {
			continue
		}
		if m := methodOf(t, k.method, u.Pkg.Types); m != nil {
			out = append(out, x.locksOfMethod(u, m, arg, nil)...)
		}
	}
	return out
}

// locksByCall lists the locks that a called unit takes.
func (x *Program) locksByCall(u *Unit, c *ast.CallExpr, callee *Unit) []lockTaken {
	if callee == nil || callee.Body == nil {
		return nil
	}
	var out []lockTaken
	known := u.constantsFor(callee, c)
	for _, n := range x.locksTaken(callee, maxRelockDepth) {
		if path, ok := u.translate(n.lockEffect, c); ok && path.Root != nil && !n.excluded(known) {
			out = append(out, lockTaken{n, path, callee})
		}
	}
	return out
}

// locksOfValue lists the locks that a function takes which is an argument: a literal,
// or a method of a value.
func (x *Program) locksOfValue(u *Unit, e ast.Expr) []lockTaken {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		var out []lockTaken
		if v := x.LitUnit(e); v != nil {
			for _, n := range x.locksTaken(v, maxRelockDepth) {
				if n.root == freeRoot {
					out = append(out, lockTaken{n, n.lockEffect.path, v})
				}
			}
		}
		return out
	case *ast.SelectorExpr:
		if m, ok := u.Pkg.Info.Uses[e.Sel].(*types.Func); ok && m.Signature().Recv() != nil {
			return x.locksOfMethod(u, m, e.X, nil)
		}
	}
	return nil
}

// locksOfMethod lists the locks that a method takes of its receiver: what recv denotes
// or, if it is given, the object that an object has.
func (x *Program) locksOfMethod(u *Unit, m *types.Func, recv ast.Expr, object *Path) []lockTaken {
	v := x.UnitOf(m.Origin())
	if v == nil || v.Pkg != u.Pkg {
		return nil
	}
	if object == nil {
		if un, ok := ast.Unparen(recv).(*ast.UnaryExpr); ok {
			recv = un.X
		}
		p, ok := PathOf(u.Pkg.Info, recv)
		if !ok {
			return nil
		}
		object = &p
	}
	var out []lockTaken
	for _, n := range x.locksTaken(v, maxRelockDepth) {
		if n.root == receiverRoot {
			out = append(out, lockTaken{n, u.resolve(object.join(n.lockEffect.path.Fields)), v})
		}
	}
	return out
}

// locksOfStored lists the locks of the object itself that a function takes which a
// field of the object holds: t.hook(k), where all that is ever assigned to the field
// is t.hook = t.added.
func (x *Program) locksOfStored(u *Unit, c *ast.CallExpr) []lockTaken {
	p, ok := PathOf(u.Pkg.Info, c.Fun)
	if !ok || len(p.Fields) == 0 || p.Last().Exported() {
		return nil
	}
	object := Path{Root: p.Root, Fields: slices.Clone(p.Fields[:len(p.Fields)-1])}
	list := x.assignmentsIn(u.Pkg)[p.Last().Origin()]
	if len(list) != 1 || list[0].expr == nil {
		return nil
	}
	sel, ok := ast.Unparen(list[0].expr).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	m, ok := u.Pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok || m.Signature().Recv() == nil {
		return nil
	}
	own := false
	eachAssignment(topOf(x.unitAt(u.Pkg, sel.Pos())).Body, func(lhs, rhs ast.Expr) {
		to, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
		own = own || ok && rhs == list[0].expr && types.ExprString(to.X) == types.ExprString(sel.X)
	})
	if !own {
		return nil
	}
	return x.locksOfMethod(u, m, nil, &object)
}
