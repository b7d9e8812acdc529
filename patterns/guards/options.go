package guards

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/callbacks"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// isOption reports whether a function literal is an option of a constructor: a function
// returns it, and the package calls functions of its type only with an object that is
// being made, and no lock held. What it sets, it sets before anybody else has the object.
//
//	func WithBuffer(n int) Option {
//		return func(c *Conn) { c.buf = make([]byte, n) }
//	}
func isOption(x *patterns.Program, u *patterns.Unit) bool {
	if u.Lit == nil || u.Outer == nil || u.Outer.Lit != nil {
		return false
	}
	sig := u.Signature()
	if sig.Params().Len() == 0 {
		return false
	}
	of := patterns.NamedOf(sig.Params().At(0).Type())
	if of == nil || of.Obj().Pkg() != u.Pkg.Types || !patterns.IsPointer(sig.Params().At(0).Type()) || !returns(u.Outer, u.Lit) {
		return false
	}
	configures := optionTypes.Get(x, u.Pkg, func() map[string]bool { return make(map[string]bool) })
	key := types.TypeString(sig, nil)
	is, known := configures[key]
	if !known {
		is = onlyConfigures(x, u.Pkg, sig)
		configures[key] = is
	}
	return is
}

// optionTypes has what [onlyConfigures] has found out of the function types of a package.
var optionTypes patterns.PackageMemo[map[string]bool]

func returns(u *patterns.Unit, lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			found = found || slices.ContainsFunc(r.Results, func(e ast.Expr) bool { return ast.Unparen(e) == ast.Expr(lit) })
		}
		_, isLit := n.(*ast.FuncLit)
		return !isLit
	})
	return found
}

// onlyConfigures reports whether the package calls functions of a type, and does so only
// with an object of the caller's own and without a lock, and gives them to nobody who is
// not seen.
func onlyConfigures(x *patterns.Program, p *patterns.Package, sig *types.Signature) bool {
	is := func(t types.Type) bool { return types.Identical(t.Underlying(), sig) }
	uses := functionUses.Get(x, p, func() *usesOfFunctions { return findFunctionUses(x, p) })
	if slices.ContainsFunc(uses.given, is) {
		return false
	}
	called := false
	for _, use := range uses.calls {
		if !is(p.Info.TypeOf(use.Call.Fun)) {
			continue
		}
		called = true
		only := true
		locks.EachCall(x, use.Unit, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
			only = only && (c != use.Call || !spawned && len(held) == 0 && isBeingMade(x, use.Unit, c))
		})
		if !only {
			return false
		}
	}
	return called
}

// usesOfFunctions are the calls of function values in a package, and the types of those that
// it gives to functions which are not seen.
type usesOfFunctions struct {
	calls []patterns.Call
	given []types.Type
}

var functionUses patterns.PackageMemo[*usesOfFunctions]

func findFunctionUses(x *patterns.Program, p *patterns.Package) *usesOfFunctions {
	uses := new(usesOfFunctions)
	for _, u := range x.UnitsIn(p) {
		for _, c := range u.Calls() {
			if tv := p.Info.Types[c.Fun]; tv.IsType() || tv.IsBuiltin() {
				continue
			}
			fn := patterns.CalleeOf(p.Info, c)
			if fn == nil {
				uses.calls = append(uses.calls, patterns.Call{Unit: u, Call: c})
			}
			for _, a := range c.Args {
				t := p.Info.TypeOf(a)
				if s, ok := t.(*types.Slice); ok {
					t = s.Elem()
				}
				if t != nil && callbacks.IsFunction(t) && (fn == nil || x.UnitOf(fn) == nil) {
					uses.given = append(uses.given, t)
				}
			}
		}
	}
	return uses
}

// isBeingMade reports whether only this call of a unit can reach the first argument of a
// call, before the call and the loop around it: an object, or the address of a local variable
// or of a field of the object.
func isBeingMade(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) bool {
	if len(c.Args) == 0 {
		return false
	}
	arg := ast.Unparen(c.Args[0])
	addr, isAddr := arg.(*ast.UnaryExpr)
	if isAddr {
		arg = addr.X
	}
	p, ok := patterns.PathOf(u.Pkg.Info, arg)
	if !ok || p.Root == nil || len(p.Fields) > 0 && (!isAddr || slices.ContainsFunc(p.Fields, func(f *types.Var) bool { return patterns.IsReference(f.Type()) })) {
		return false
	}
	at := c.Pos()
	if loops := statements.LoopsAround(u.Body, at); len(loops) > 0 {
		at = loops[0].Pos() - 1
	}
	if p.Root.Pos() >= at {
		return false
	}
	model := x.StorageOf(u.Pkg)
	if isAddr && !patterns.IsPointer(p.Root.Type()) {
		return model.OwnVariable(p.Root, at)
	}
	root := ast.Unparen(arg)
	for sel, ok := root.(*ast.SelectorExpr); ok; sel, ok = root.(*ast.SelectorExpr) {
		root = ast.Unparen(sel.X)
	}
	return model.OwnerAt(root, at) == ownership.Own
}
