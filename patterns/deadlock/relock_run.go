package deadlock

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A lockTaken is a lock that a call takes for a while, in terms of the calling unit.
type lockTaken struct {
	lockNeed
	path   patterns.Path
	callee *patterns.Unit
}

// locksOf lists the locks taken by the functions of the package that a call runs: the named
// one, and functions that are values.
func locksOf(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) []lockTaken {
	if lit := u.LitCalled(c); lit != nil {
		return locksByCall(x, u, c, x.LitUnit(lit))
	}
	if d, ok := dynamicOf(u, c); ok {
		return locksOfDynamic(x, u, d, c)
	}
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil {
		return nil
	}
	callee := x.UnitOf(fn)
	if callee == nil || callee.Pkg != u.Pkg {
		callee = nil
	}
	out := locksByCall(x, u, c, callee)
	w := &waits.Waiter{X: x, U: u}
	for _, i := range w.Callbacks(fn, x.KeyOf(fn)) {
		if i < len(c.Args) {
			out = append(out, locksOfValue(x, u, c.Args[i])...)
		}
	}
	for _, m := range methodsCalled(x, u, c, fn) {
		out = append(out, locksOfArgument(x, u, m)...)
	}
	return out
}

// throughLiteral replaces a field of a local variable by what the literal that the variable
// holds puts there: for x := &gauge{reg: r} the path x.reg.mu is r.mu.
func throughLiteral(u *patterns.Unit, p patterns.Path) patterns.Path {
	if len(p.Fields) < 2 || !u.Fresh(p.Root) {
		return p
	}
	changed := false
	patterns.EachAssignment(patterns.TopOf(u).Body, func(lhs, _ ast.Expr) {
		q, ok := patterns.PathOf(u.Pkg.Info, lhs)
		changed = changed || ok && q.Root == p.Root && len(q.Fields) > 0
	})
	if def := u.DefinedOnce(p.Root); def != nil && !changed {
		if q := memberOf(u, def, p.Fields); q.Root != nil {
			return locks.Resolve(u, q)
		}
	}
	return p
}

// locksOfArgument lists the locks of an argument that a method of it takes.
func locksOfArgument(x *patterns.Program, u *patterns.Unit, c methodCall) []lockTaken {
	m, promoted := methodOf(u, c.of, c.name)
	p, ok := patterns.PathOf(u.Pkg.Info, c.of)
	if m == nil || !ok {
		return nil
	}
	p = p.Join(promoted)
	return locksOfMethod(x, u, m, nil, &p)
}

// locksByCall lists the locks that a called unit takes.
func locksByCall(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, callee *patterns.Unit) []lockTaken {
	if callee == nil || callee.Body == nil {
		return nil
	}
	var out []lockTaken
	for _, n := range locksTaken(x, callee) {
		if path, ok := locks.Translate(u, n.Effect, c); ok && path.Root != nil && !n.cannotTake(u, callee, c) {
			out = append(out, lockTaken{lockNeed: n, path: throughLiteral(u, path), callee: callee})
		}
	}
	return out
}

// locksOfValue lists the locks taken by a function that is an argument: a literal, or a
// method value.
func locksOfValue(x *patterns.Program, u *patterns.Unit, e ast.Expr) []lockTaken {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		var out []lockTaken
		if v := x.LitUnit(e); v != nil {
			for _, n := range locksTaken(x, v) {
				if n.Root == locks.FreeRoot {
					out = append(out, lockTaken{lockNeed: n, path: n.Effect.Path, callee: v})
				}
			}
		}
		return out
	case *ast.SelectorExpr:
		if m, ok := u.Pkg.Info.Uses[e.Sel].(*types.Func); ok && m.Signature().Recv() != nil {
			return locksOfMethod(x, u, m, e.X, nil)
		}
	}
	return nil
}

// locksOfMethod lists the locks of its receiver that a method takes: what recv denotes or,
// if it is given, the object that an object has.
func locksOfMethod(x *patterns.Program, u *patterns.Unit, m *types.Func, recv ast.Expr, object *patterns.Path) []lockTaken {
	v := x.UnitOf(m.Origin())
	if v == nil || v.Pkg != u.Pkg {
		return nil
	}
	if object == nil {
		if un, ok := ast.Unparen(recv).(*ast.UnaryExpr); ok {
			recv = un.X
		}
		p, ok := patterns.PathOf(u.Pkg.Info, recv)
		if !ok {
			return nil
		}
		object = &p
	}
	var out []lockTaken
	for _, n := range locksTaken(x, v) {
		if n.Root == locks.ReceiverRoot {
			out = append(out, lockTaken{lockNeed: n, path: locks.Resolve(u, object.Join(n.Effect.Path.Fields)), callee: v})
		}
	}
	return out
}
