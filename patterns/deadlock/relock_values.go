package deadlock

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A dynamicCall is a call, reached from a unit, of a function that a variable holds, or of a
// method of what an interface holds.
type dynamicCall struct {
	path patterns.Path  // where it is found, in terms of the unit; Root is nil if it has no name there
	hops []patterns.Hop // the calls from the unit to the one that makes it
	by   *patterns.Unit // that one
	call *ast.CallExpr  // in by
	of   ast.Expr       // the function, or the interface
}

// method is the name of the method that is called; "" for a function.
func (d *dynamicCall) method() string {
	if sel, ok := ast.Unparen(d.call.Fun).(*ast.SelectorExpr); ok && d.of == sel.X {
		return sel.Sel.Name
	}
	return ""
}

// dynamicOf describes a call of the unit itself, if it is dynamic.
func dynamicOf(u *patterns.Unit, c *ast.CallExpr) (dynamicCall, bool) {
	of := ast.Unparen(c.Fun)
	if tv, ok := u.Pkg.Info.Types[of]; ok && (tv.IsType() || tv.IsBuiltin()) || u.LitCalled(c) != nil {
		return dynamicCall{}, false
	}
	if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
		sel, ok := of.(*ast.SelectorExpr)
		if !ok || !patterns.IsInterfaceMethod(fn) {
			return dynamicCall{}, false
		}
		of = sel.X
	}
	return dynamicCall{path: containerPath(u, of), by: u, call: c, of: of}, true
}

// dynamicCalls lists the dynamic calls that a unit reaches before it returns, with all locks
// of its callers held, and of which a caller can say where the function is found.
func dynamicCalls(x *patterns.Program, u *patterns.Unit) []dynamicCall {
	if list, ok := dynamics.Lookup(x, u); ok {
		return list
	}
	dynamics.Set(x, u, nil) // while it is worked out, so that recursion ends
	var list []dynamicCall
	if u.Body != nil {
		for _, c := range freeCalls(u) {
			for _, d := range dynamicIn(x, u, c) {
				if ef := (locks.Effect{Path: d.path}); len(d.path.Fields) > 0 && len(d.hops) < maxRelockDepth && locks.Nameable(u, &ef) {
					list = append(list, d)
				}
			}
		}
	}
	dynamics.Set(x, u, list)
	return list
}

var dynamics patterns.Memo[*patterns.Unit, []dynamicCall]

// dynamicIn lists the dynamic calls that a call of the unit is or reaches.
func dynamicIn(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) (list []dynamicCall) {
	if d, ok := dynamicOf(u, c); ok {
		return []dynamicCall{d}
	}
	var callee *patterns.Unit
	if lit := u.LitCalled(c); lit != nil {
		callee = x.LitUnit(lit)
	} else if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
		callee = x.UnitOf(fn)
	}
	if callee == nil || callee.Pkg != u.Pkg {
		return nil
	}
	for _, d := range dynamicCalls(x, callee) {
		ef := locks.Effect{Path: d.path}
		if !locks.Nameable(callee, &ef) {
			continue
		}
		path, ok := locks.Translate(u, ef, c)
		if !ok {
			continue
		}
		d.hops = append([]patterns.Hop{{Func: callee.Name(), At: u.Position(c.Pos())}}, d.hops...)
		if v := path.Root; v != nil && !patterns.IsGlobal(v) { // of a variable of a loop, the container
			if given := u.Given(v); len(given) == 1 && !patterns.TopOf(u).IsParam(v) {
				if p := containerPath(u, given[0]); p.Root != nil {
					path = p.Join(path.Fields)
				}
			}
		}
		d.path = path
		list = append(list, d)
	}
	return list
}

// locksOfDynamic lists the locks, in terms of a unit, that a dynamic call which it reaches
// takes.
func locksOfDynamic(x *patterns.Program, u *patterns.Unit, d dynamicCall, c *ast.CallExpr) (out []lockTaken) {
	method := d.method()
	held := heldIn(x, d, method)
	guess := held.Weak(d.of) != ""
	for _, v := range held.List {
		if v.Lit != nil && contains(v.Lit, d.call) {
			continue // it wraps what the variable held before
		}
		for _, n := range locksOfHeld(x, u, d, v, method) {
			if n.cannotTake(d.by, n.callee, d.call) || d.unwraps(n.callee) {
				continue
			}
			if guess {
				n.guess = n.callee.Name()
			}
			if len(d.hops) > 0 {
				n.hops = append(append(d.hops[1:len(d.hops):len(d.hops)], patterns.Hop{Func: n.callee.Name(), At: d.by.Position(d.call.Pos())}), n.hops...)
				n.callee = calledBy(x, u, c)
			}
			out = append(out, n)
		}
	}
	return out
}

// unwraps reports whether the call is of a method of the interface that a type embeds, and the
// method of that very type is in question: what a type wraps is hardly ever of its own kind.
//
//	func (l *logged) Close() error { log.Print("close"); return l.Conn.Close() }
func (d *dynamicCall) unwraps(callee *patterns.Unit) bool {
	sel, ok := d.of.(*ast.SelectorExpr)
	if !ok || callee.Obj == nil || callee.Signature().Recv() == nil {
		return false
	}
	wrapped, ok := d.by.Pkg.Info.Uses[sel.Sel].(*types.Var)
	if !ok || !wrapped.Embedded() {
		return false
	}
	st, ok := patterns.Deref(callee.Signature().Recv().Type()).Underlying().(*types.Struct)
	return ok && slices.ContainsFunc(slices.Collect(st.Fields()), func(f *types.Var) bool { return f.Origin() == wrapped.Origin() })
}

// calledBy returns the unit that a call names, or the literal that it runs.
func calledBy(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) *patterns.Unit {
	if lit := u.LitCalled(c); lit != nil {
		return x.LitUnit(lit)
	}
	return x.UnitOf(patterns.CalleeOf(u.Pkg.Info, c))
}

// heldIn lists the functions that a dynamic call may run, or the objects whose method it may
// call.
func heldIn(x *patterns.Program, d dynamicCall, method string) values.FuncValues {
	return heldBy.Get(x, d.call, func() values.FuncValues {
		if method != "" {
			return values.ObjectsOf(x, nil, d.by, d.of)
		}
		return values.ValuesOf(x, nil, d.by, d.of)
	})
}

var heldBy patterns.Memo[*ast.CallExpr, values.FuncValues]

// locksOfHeld lists the locks that one of the functions, or the method of one of the objects,
// takes.
func locksOfHeld(x *patterns.Program, u *patterns.Unit, d dynamicCall, v values.FuncValue, method string) (out []lockTaken) {
	callee, promoted := runOf(x, v, method)
	if callee == nil || callee.Pkg != u.Pkg || callee.Body == nil {
		return nil
	}
	place, home := placeOf(v), v.At
	if v.Made != nil {
		place, home = v.Made, v.By
	}
	if place == nil && !hasGlobal(locksTaken(x, callee)) {
		return nil
	}
	var b *bindings
	for _, n := range locksTaken(x, callee) {
		path := patterns.Path{}
		switch {
		case n.Path.Global():
			path = n.Path
		case n.Root == locks.ReceiverRoot && v.Recv != nil:
			path = memberOf(v.At, v.Recv, append(promoted[:len(promoted):len(promoted)], n.Path.Fields...))
		case n.Root == locks.FreeRoot:
			path = n.Path
		}
		if path.Root == nil {
			continue
		}
		if v.Made != nil && !path.Global() {
			path = values.Lift(v.By, patterns.TopOf(v.At), path, v.Made)
		}
		if b == nil {
			b = bound(home, place, d.path)
		}
		if path = b.object(path, u); path.Root != nil {
			out = append(out, lockTaken{lockNeed: n, path: locks.Resolve(u, path), callee: callee})
		}
	}
	return out
}

// runOf returns the unit that runs if a function is called, or the method of an object, and
// the fields through which the method is promoted.
func runOf(x *patterns.Program, v values.FuncValue, method string) (*patterns.Unit, []*types.Var) {
	switch {
	case v.Lit != nil:
		return x.LitUnit(v.Lit), nil
	case v.Fn != nil && v.Recv != nil:
		m, promoted := methodNamed(v.At, v.Recv, v.Fn.Name(), true)
		if m == nil {
			return nil, nil
		}
		return x.UnitOf(m), promoted
	case v.Fn != nil:
		return x.UnitOf(v.Fn.Origin()), nil
	case v.Recv != nil && method != "":
		m, promoted := methodNamed(v.At, v.Recv, method, true)
		if m == nil {
			return nil, nil
		}
		return x.UnitOf(m), promoted
	}
	return nil, nil
}

// placeOf returns the expression that names a function or an object.
func placeOf(v values.FuncValue) ast.Node {
	switch {
	case v.Lit != nil:
		return v.Lit
	case v.Recv != nil:
		return v.Recv
	}
	return nil
}

func hasGlobal(needs []lockNeed) bool {
	for _, n := range needs {
		if n.Path.Global() {
			return true
		}
	}
	return false
}

// memberOf returns the path to a member of an object that an expression denotes. Of a literal
// it is the path of what the literal puts into the field: for &gauge{reg: r} and the fields
// reg and mu, r.mu.
func memberOf(u *patterns.Unit, object ast.Expr, fields []*types.Var) patterns.Path {
	e := ast.Unparen(object)
	if un, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(un.X)
	}
	if lit, ok := e.(*ast.CompositeLit); ok {
		found := patterns.Path{}
		if len(fields) > 0 {
			patterns.EachElement(u.Pkg.Info, lit, func(v *types.Var, elt ast.Expr) {
				if v != nil && v.Origin() == fields[0] {
					found = memberOf(u, elt, fields[1:])
				}
			})
		}
		return found
	}
	if p, ok := patterns.PathOf(u.Pkg.Info, e); ok {
		return p.Join(fields)
	}
	return patterns.Path{}
}
