package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// cannotPanic reports whether a function outside of the loaded packages cannot
// panic in this call, by the table of those.
func (p *panicCheck) cannotPanic(fn *types.Func, c *ast.CallExpr) bool {
	switch fn.FullName() {
	case "errors.As":
		return p.hasErrorTarget(c)
	case "(*sync.WaitGroup).Add", "(*sync.WaitGroup).Go":
		return p.countsOwn(c)
	}
	condition, ok := known.CannotPanic(fn)
	if !ok {
		return false
	}
	switch condition {
	case known.Functions:
		return !slices.ContainsFunc(c.Args, p.functionMayPanic)
	case known.Compares:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return mayNotCompare(p.info.TypeOf(a)) })
	case known.Constants:
		return !slices.ContainsFunc(c.Args[1:], func(a ast.Expr) bool { return p.info.Types[a].Value == nil })
	case known.Addresses:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return isPointerTo(p.info, a) && !makesObject(p.info, a) })
	}
	return true
}

// countsOwn reports whether a call adds to a WaitGroup that is a local variable of
// the function: nobody can be waiting for it yet, or have it below zero.
func (p *panicCheck) countsOwn(c *ast.CallExpr) bool {
	path, ok := patterns.PathOf(p.info, ast.Unparen(c.Fun).(*ast.SelectorExpr).X)
	if !ok || len(path.Fields) > 0 || path.Global() || isPointerTo(p.info, ast.Unparen(c.Fun).(*ast.SelectorExpr).X) || !patterns.SelfSynchronised(path.Root.Type()) {
		return false
	}
	if len(c.Args) == 1 {
		if _, isFunc := p.info.TypeOf(c.Args[0]).Underlying().(*types.Signature); isFunc {
			return true
		}
	}
	return len(c.Args) == 1 && p.notNegative(c.Args[0])
}

// notNegative reports whether a number is a constant or a length.
func (p *panicCheck) notNegative(e ast.Expr) bool {
	if k, ok := p.constant(e); ok {
		return k >= 0
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && patterns.BuiltinOf(p.info, call) == "len"
}

// hasErrorTarget reports whether the second argument of [errors.As] is what it
// has to be: the address of an error, or of an interface.
func (p *panicCheck) hasErrorTarget(c *ast.CallExpr) bool {
	if len(c.Args) != 2 {
		return false
	}
	addr, ok := ast.Unparen(c.Args[1]).(*ast.UnaryExpr)
	if !ok || addr.Op != token.AND {
		return false
	}
	t := p.info.TypeOf(addr.X)
	return t != nil && (types.IsInterface(t) || types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)))
}

// functionMayPanic reports whether an argument is a function that may panic. An
// iterator that a function of the table has made does not.
func (p *panicCheck) functionMayPanic(e ast.Expr) bool {
	t := p.info.TypeOf(e)
	if t == nil {
		return true
	}
	if _, isFunc := t.Underlying().(*types.Signature); !isFunc {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		inner := *p
		inner.depth, inner.places = p.depth+1, nil
		inner.check(e.Body)
		return len(inner.places) > 0
	case *ast.CallExpr:
		fn := patterns.CalleeOf(p.info, e)
		return fn == nil || !p.cannotPanic(fn, e)
	case *ast.Ident, *ast.SelectorExpr:
		if fn, ok := p.info.Uses[identOf(e)].(*types.Func); ok {
			condition, ok := known.CannotPanic(fn)
			return !ok || condition != known.Always
		}
	}
	return true
}

// mayNotCompare reports whether comparing values of a type, or elements of it,
// may panic: they hold an interface, and that something that is not comparable.
func mayNotCompare(t types.Type) bool {
	if t == nil {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Slice:
		return mayNotCompare(u.Elem())
	case *types.Array:
		return mayNotCompare(u.Elem())
	case *types.Map:
		return mayNotCompare(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if mayNotCompare(f.Type()) {
				return true
			}
		}
	}
	return false
}
