// Package callbacks finds the functions of a program that calls of other packages may run.
package callbacks

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// HeldIn lists the functions of the program that a call may run although they are
// not its arguments: the called function is unseen, and its receiver or an argument holds
// them.
//
//	a.client = &http.Client{Transport: auth{a}}
//	...
//	resp, err := a.client.Get(url) // runs auth.RoundTrip
func HeldIn(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) []Held {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || x.UnitOf(fn) != nil || patterns.IsLockCall(u.Pkg.Info, c) {
		return nil
	}
	return heldIn.Get(x, c, func() []Held {
		h := heldSearch{x: x, seen: make(map[seenVar]bool)}
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && patterns.IsInterfaceMethod(fn) {
			h.direct = true
			h.value(u.Pkg, sel.X)
			h.direct = false
			h.arguments(u.Pkg, c, fn)
		} else {
			h.operands(u.Pkg, c, fn)
		}
		var out []Held
		for _, v := range h.found {
			out = append(out, Held{v, fn.Pkg() != nil && patterns.IsStd(fn.Pkg().Path())})
		}
		return out
	})
}

// A Held is a function that a value of another package holds. Now says that a call of the
// standard library runs it before it returns, if at all; other calls may run it in
// goroutines of theirs.
type Held struct {
	Unit *patterns.Unit
	Now  bool
}

// Rank is 1 for a function that runs now, otherwise 0.
func (h Held) Rank() int {
	if h.Now {
		return 1
	}
	return 0
}

// heldIn has the answers of [HeldIn].
var heldIn patterns.Memo[*ast.CallExpr, []Held]

// A given is an expression that becomes part of what a variable holds.
type given struct {
	p    *patterns.Package // the package that it is in
	expr ast.Expr
	as   types.Type // the type that it is converted to, or nil
}

// givenIndex has them for the variables of a package: from assignments to the variable or
// to a field behind it, from calls of its unseen methods, and for parameters from calls.
var givenIndex patterns.PackageMemo[map[*types.Var][]given]

func givenIn(x *patterns.Program, p *patterns.Package) map[*types.Var][]given {
	return givenIndex.Get(x, p, func() map[*types.Var][]given {
		index := make(map[*types.Var][]given)
		note := func(v *types.Var, e ast.Expr, as types.Type) {
			if v != nil && e != nil && mayHoldFunctions(v.Type()) {
				index[v.Origin()] = append(index[v.Origin()], given{p, e, as})
			}
		}
		for _, f := range p.Files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				noteGiven(x, p, n, note)
				return true
			})
		}
		return index
	})
}

// noteGiven notes what one node gives to variables.
func noteGiven(x *patterns.Program, p *patterns.Package, n ast.Node, note func(*types.Var, ast.Expr, types.Type)) {
	assign := func(l, r ast.Expr) {
		path, ok := patterns.PathOf(p.Info, l)
		if !ok {
			return
		}
		note(path.Root, r, p.Info.TypeOf(l))
		for _, f := range path.Fields {
			note(f, r, p.Info.TypeOf(l))
		}
	}
	patterns.GivenBy(n, assign)
	switch n := n.(type) {
	case *ast.CompositeLit:
		patterns.EachElement(p.Info, n, func(f *types.Var, e ast.Expr) {
			if f != nil {
				note(f, e, f.Type())
			}
		})
	case *ast.CallExpr:
		fn := patterns.CalleeOf(p.Info, n)
		if fn != nil && x.UnitOf(fn) != nil {
			noteArguments(n, x.UnitOf(fn).Signature(), note)
			return
		}
		sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
		if !ok || fn == nil || fn.Signature().Recv() == nil || known.Spawns(fn) {
			return
		}
		path, ok := patterns.ReceiverPath(p.Info, sel)
		if !ok {
			return
		}
		does, seen := known.Storage(fn)
		for i, a := range n.Args {
			if !seen || does.MayKeep(min(i, fn.Signature().Params().Len()-1)) { // a logger keeps nothing of what it prints
				note(path.Last(), a, parameterType(fn.Signature(), i))
			}
		}
	}
}

// noteArguments notes what a call gives to the parameters of a function of the program.
func noteArguments(c *ast.CallExpr, sig *types.Signature, note func(*types.Var, ast.Expr, types.Type)) {
	for i, a := range c.Args {
		if i < sig.Params().Len() && !(sig.Variadic() && i == sig.Params().Len()-1) {
			note(sig.Params().At(i), a, sig.Params().At(i).Type())
		}
	}
}

// mayHoldFunctions reports whether values of a type may hold functions that others than the
// holder of the value call.
func mayHoldFunctions(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Interface, *types.Map, *types.Slice, *types.Signature:
		return true
	}
	return false
}

// parameterType is the type of the parameter that an argument is for.
func parameterType(sig *types.Signature, i int) types.Type {
	n := sig.Params().Len()
	if n == 0 {
		return nil
	}
	t := sig.Params().At(min(i, n-1)).Type()
	if s, ok := t.(*types.Slice); ok && sig.Variadic() && i >= n-1 {
		return s.Elem()
	}
	return t
}

// heldSearch collects the functions that values hold.
type heldSearch struct {
	x     *patterns.Program
	seen  map[seenVar]bool
	depth int
	found []*patterns.Unit

	// direct: the value is the receiver of an interface method. If its type is one of the
	// program, only the called method runs.
	direct bool
}

// A seenVar is a variable that was visited.
type seenVar struct {
	v      *types.Var
	direct bool
}

// within runs look for the parts of the current value.
func (h *heldSearch) within(look func()) {
	defer func(direct bool) { h.direct = direct }(h.direct)
	h.direct = false
	look()
}

// maxHeld bounds through how many expressions a value is followed.
const maxHeld = 12

// operands looks at the receiver and the arguments of a call of an unseen function.
func (h *heldSearch) operands(p *patterns.Package, c *ast.CallExpr, fn *types.Func) {
	if known.Spawns(fn) {
		return
	}
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && p.Info.Selections[sel] != nil {
		h.value(p, sel.X)
	}
	h.arguments(p, c, fn)
}

// arguments looks at the arguments of a call of an unseen function.
func (h *heldSearch) arguments(p *patterns.Package, c *ast.CallExpr, fn *types.Func) {
	for i, a := range c.Args {
		h.methods(p, a, parameterType(fn.Signature(), i))
		h.value(p, a)
	}
}

// value looks at an expression. It does not look inside types of the program: others can
// only call their methods. Those of a function type call the function:
//
//	type roundTrip func(*http.Request) (*http.Response, error)
//
//	func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
func (h *heldSearch) value(p *patterns.Package, e ast.Expr) {
	t := p.Info.TypeOf(e)
	if h.depth++; t == nil || h.depth > maxHeld || h.ofProgram(t) && !IsFunction(t) {
		h.depth--
		return
	}
	defer func() { h.depth-- }()
	h.add(h.x.ValueUnits(p.Info, e)...)
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if path, ok := patterns.PathOf(p.Info, e); ok {
			h.variable(p, path.Last())
		}
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			h.value(p, e.X)
		}
	case *ast.StarExpr:
		h.value(p, e.X)
	case *ast.TypeAssertExpr:
		h.value(p, e.X)
	case *ast.CompositeLit:
		h.within(func() { h.elements(p, e, t) })
	case *ast.CallExpr:
		h.call(p, e)
	}
}

// elements looks at the elements of a composite literal.
func (h *heldSearch) elements(p *patterns.Package, lit *ast.CompositeLit, t types.Type) {
	if _, ok := patterns.StructOf(t); ok {
		patterns.EachElement(p.Info, lit, func(f *types.Var, e ast.Expr) {
			if f != nil {
				h.methods(p, e, f.Type())
			}
			h.value(p, e)
		})
		return
	}
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Map:
		elem = u.Elem()
	case *types.Slice:
		elem = u.Elem()
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		h.methods(p, e, elem)
		h.value(p, e)
	}
}

// call looks at what a call returns: what it was made from, or what the function returns.
func (h *heldSearch) call(p *patterns.Package, c *ast.CallExpr) {
	if tv := p.Info.Types[c.Fun]; tv.IsType() && len(c.Args) == 1 {
		h.methods(p, c.Args[0], tv.Type)
		h.value(p, c.Args[0])
		return
	}
	fn := patterns.CalleeOf(p.Info, c)
	if fn == nil {
		return
	}
	u := h.x.UnitOf(fn)
	if u == nil {
		h.within(func() { h.operands(p, c, fn) })
		return
	}
	if u.Body == nil {
		return
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			for i, e := range r.Results {
				if i < u.Signature().Results().Len() {
					h.methods(u.Pkg, e, u.Signature().Results().At(i).Type())
				}
				h.value(u.Pkg, e)
			}
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
}

// variable looks at everything that a variable is given.
func (h *heldSearch) variable(p *patterns.Package, v *types.Var) {
	seen := seenVar{v.Origin(), h.direct}
	if v = v.Origin(); h.seen[seen] || v.Pkg() == nil {
		return
	}
	h.seen[seen] = true
	list := givenIn(h.x, p)[v]
	for _, q := range h.x.Packages {
		if q != p && q.Types == v.Pkg() {
			list = slices.Concat(list, givenIn(h.x, q)[v])
		}
	}
	for _, g := range list {
		h.methods(g.p, g.expr, g.as)
		h.value(g.p, g.expr)
	}
}

// methods adds the methods of a type of the program that others can call if a value of it
// becomes an interface.
func (h *heldSearch) methods(p *patterns.Package, e ast.Expr, as types.Type) {
	t := p.Info.TypeOf(e)
	if h.direct || as == nil || t == nil || !types.IsInterface(as) || types.IsInterface(t) || !h.ofProgram(t) {
		return
	}
	iface := as.Underlying().(*types.Interface)
	for m := range iface.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(t, true, m.Pkg(), m.Name())
		if fn, ok := obj.(*types.Func); ok {
			if u := h.x.UnitOf(fn.Origin()); u != nil {
				h.add(u)
			}
		}
	}
}

// IsFunction reports whether values of a type are functions.
func IsFunction(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// ofProgram reports whether a type, or what it points to, is declared in a loaded package.
func (h *heldSearch) ofProgram(t types.Type) bool {
	n := patterns.NamedOf(t)
	if n == nil || n.Obj().Pkg() == nil || types.IsInterface(n) {
		return false
	}
	return slices.ContainsFunc(h.x.Packages, func(q *patterns.Package) bool { return q.Types == n.Obj().Pkg() })
}

func (h *heldSearch) add(units ...*patterns.Unit) {
	for _, u := range units {
		if !slices.Contains(h.found, u) {
			h.found = append(h.found, u)
		}
	}
}
