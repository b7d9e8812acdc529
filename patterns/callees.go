package patterns

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// Calls lists the calls in the unit itself, without those in function literals.
func (u *Unit) Calls() []*ast.CallExpr { return u.calls }

// MaxImplementations limits how many implementations of an interface method letgo
// follows. With more, the callee counts as unknown.
const MaxImplementations = 12

// Callees lists the units of the loaded packages that a call may run. known is false if
// the call may also run code that letgo cannot see and that may use variables of the
// loaded packages: a function value, or an interface method with implementations
// elsewhere. Functions of other packages are known: they can reach such variables only
// through their arguments.
func (x *Program) Callees(u *Unit, c *ast.CallExpr) (callees []*Unit, known bool) {
	callees, known = x.callees(u, c, x.implementations)
	if x.partial && known {
		if fn := CalleeOf(u.Pkg.Info, c); fn != nil && IsInterfaceMethod(fn) && x.Knows(fn.Pkg()) {
			known = x.table.Known(fn) // packages that are not there may implement it
		}
	}
	return callees, known
}

// OwnCallees is Callees restricted to units of the package itself. What other packages
// do comes from their facts.
func (x *Program) OwnCallees(u *Unit, c *ast.CallExpr) (callees []*Unit, known bool) {
	callees, known = x.callees(u, c, func(m *types.Func) []*types.Func { return x.ImplementedIn(u.Pkg, m, false) })
	return slices.DeleteFunc(callees, func(v *Unit) bool { return v.Pkg.Path != u.Pkg.Path }), known
}

func (x *Program) callees(u *Unit, c *ast.CallExpr, implementations func(*types.Func) []*types.Func) (callees []*Unit, known bool) {
	info := u.Pkg.Info
	if tv, ok := info.Types[c.Fun]; ok && (tv.IsType() || tv.IsBuiltin()) {
		return nil, true
	}
	for _, a := range c.Args { // functions passed on may be called
		callees = append(callees, x.ValueUnits(info, a)...)
	}
	if lit := u.LitCalled(c); lit != nil {
		return append(callees, x.LitUnit(lit)), true
	}
	fn := CalleeOf(info, c)
	if fn == nil {
		if IsCancel(info.TypeOf(c.Fun)) {
			return callees, true
		}
		if maker, ok := ast.Unparen(c.Fun).(*ast.CallExpr); ok && u.IteratorCall(c.Fun) == c {
			units, made := x.returnedUnits(u, maker)
			return append(callees, units...), made
		}
		units := x.assignedUnits(u, c.Fun, x.UnitOf)
		return append(callees, units...), len(units) > 0 && !x.AssignedLeftOut(u, c.Fun)
	}
	if v := x.UnitOf(fn); v != nil {
		if IsRuntime(v.Pkg.Path) {
			return callees, true
		}
		return append(callees, v), true
	}
	if !IsInterfaceMethod(fn) {
		return callees, true
	}
	if x.holdsForeign(u, c) {
		return callees, true
	}
	impl := storage.Narrow(info, x.embeddedIn(u.Pkg), c, implementations(fn))
	if units, all := x.methodUnits(fn, x.heldTypes(u, c)); all {
		return append(callees, units...), true
	}
	if len(impl) == 0 || len(impl) > MaxImplementations {
		return callees, len(impl) == 0 && !x.loaded(fn.Pkg()) || x.table.Known(fn)
	}
	for _, m := range impl {
		if v := x.UnitOf(m); v != nil {
			callees = append(callees, v)
		}
	}
	return callees, true
}

// embeddedIn lists the types that structs of a package embed.
func (x *Program) embeddedIn(p *Package) []types.Type {
	list, ok := x.embedded[p]
	if !ok {
		list = storage.Embedded(p.Info)
		x.embedded[p] = list
	}
	return list
}

// holdsForeign reports whether the method is called on what a package-level variable of a
// package that is not loaded holds, or a field that its functions fill with something new,
// and no loaded package gives it a value of a type of the program, as with
// http.DefaultTransport, and the body of a response.
func (x *Program) holdsForeign(u *Unit, c *ast.CallExpr) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	p, ok := PathOf(u.Pkg.Info, sel.X)
	if !ok || x.loaded(p.Last().Pkg()) {
		return false
	}
	switch len(p.Fields) {
	case 0:
		ok = IsGlobal(p.Root)
	case 1:
		ok = x.StorageOf(u.Pkg).IsFresh(sel.X)
	default:
		ok = false
	}
	return ok && !slices.ContainsFunc(x.Packages, func(q *Package) bool {
		return slices.ContainsFunc(x.AssignmentsIn(q)[p.Last()], func(a Assigned) bool { return !x.isForeign(a) })
	})
}

// isForeign reports whether a value that is assigned is of a type of its own that no
// loaded package declares.
func (x *Program) isForeign(a Assigned) bool {
	if a.Expr == nil {
		return false
	}
	tv := a.Info.Types[a.Expr]
	if tv.IsNil() {
		return true
	}
	n := NamedOf(tv.Type)
	return n != nil && !types.IsInterface(n) && !x.loaded(n.Obj().Pkg())
}

// heldTypes lists the types of the values that the interface may hold whose method is
// called, if that is an unexported field or package-level variable, and all that is
// ever assigned to it has a type of its own. It lists none otherwise.
func (x *Program) heldTypes(u *Unit, c *ast.CallExpr) (held []types.Type) {
	sel, isSel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !isSel {
		return nil
	}
	p, isPath := PathOf(u.Pkg.Info, sel.X)
	if !isPath {
		return nil
	}
	v := p.Last()
	if !v.IsField() && !IsGlobal(v) || v.Exported() || v.Pkg() != u.Pkg.Types {
		return nil
	}
	list := x.AssignmentsIn(u.Pkg)[v.Origin()]
	for _, a := range list {
		if a.Expr == nil {
			return nil
		}
		tv := a.Info.Types[a.Expr]
		if tv.IsNil() {
			continue
		}
		if _, isParam := types.Unalias(tv.Type).(*types.TypeParam); tv.Type == nil || isParam || types.IsInterface(tv.Type) {
			return nil
		}
		held = append(held, tv.Type)
	}
	if _, assigned := x.UsesLeftOut(u.Pkg, v).Each(func(_ *LeftOutTree, _ ast.Expr, use LeftOutUse) bool { return use != useHandsOn }); assigned {
		return nil
	}
	return held
}

// methodUnits lists the methods of types that have the name of a method of an interface, without
// those of other packages. It is not all that may run if a type embeds an interface with it.
func (x *Program) methodUnits(fn *types.Func, list []types.Type) (units []*Unit, all bool) {
	for _, t := range list {
		m := MethodOf(t, fn.Name(), fn.Pkg())
		if m == nil || IsInterfaceMethod(m) {
			return nil, false
		}
		if v := x.UnitOf(m); v != nil && !slices.Contains(units, v) {
			units = append(units, v)
		}
	}
	return units, len(list) > 0
}

// AssignedLeftOut reports whether a file that the build leaves out, other than a test,
// may give a variable or field another function.
func (x *Program) AssignedLeftOut(u *Unit, fun ast.Expr) bool {
	p, ok := PathOf(u.Pkg.Info, fun)
	if !ok {
		return false
	}
	at, changed := x.ChangedLeftOut(u.Pkg, p.Last())
	return changed && !strings.HasSuffix(at.Filename, "_test.go")
}

func (x *Program) loaded(p *types.Package) bool {
	for _, q := range x.Packages {
		if p != nil && q.Path == p.Path() {
			return true
		}
	}
	return false
}

// ValueUnits lists the units that an argument names as a function value.
func (x *Program) ValueUnits(info *types.Info, e ast.Expr) []*Unit {
	return x.namedUnits(info, e, x.UnitOf)
}

// ValueSummaries is ValueUnits plus the summaries of functions of other packages.
func (x *Program) ValueSummaries(u *Unit, e ast.Expr) []*Unit {
	return x.namedUnits(u.Pkg.Info, e, func(fn *types.Func) *Unit { return x.SummaryOf(u.Pkg, fn) })
}

func (x *Program) namedUnits(info *types.Info, e ast.Expr, unitOf func(*types.Func) *Unit) []*Unit {
	var fn *types.Func
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		if u := x.LitUnit(e); u != nil {
			return []*Unit{u}
		}
	case *ast.Ident:
		fn, _ = info.Uses[e].(*types.Func)
	case *ast.SelectorExpr:
		fn, _ = info.Uses[e.Sel].(*types.Func)
	}
	if fn != nil {
		if u := unitOf(fn); u != nil {
			return []*Unit{u}
		}
	}
	return nil
}

// assignedUnits lists the units that a function variable or field may hold,
// if every assignment to it is seen and is a function.
func (x *Program) assignedUnits(u *Unit, fun ast.Expr, unitOf func(*types.Func) *Unit) []*Unit {
	p, ok := PathOf(u.Pkg.Info, fun)
	if !ok {
		return nil
	}
	v := p.Last()
	if !v.IsField() && !IsGlobal(v) || v.Exported() {
		return nil
	}
	var units []*Unit
	for _, a := range x.AssignmentsIn(u.Pkg)[v] {
		if a.Expr == nil {
			return nil
		}
		us := x.namedUnits(a.Info, a.Expr, unitOf)
		if len(us) == 0 {
			return nil
		}
		units = append(units, us...)
	}
	return units
}
