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
	case "(net/http.Header).Add", "(net/http.Header).Set":
		return p.hasHeader(ast.Unparen(c.Fun).(*ast.SelectorExpr).X)
	case "(io.Closer).Close":
		return p.isResponseBody(ast.Unparen(c.Fun).(*ast.SelectorExpr).X)
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
	case known.Plain:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return !plainType(p.info.TypeOf(a), nil) })
	case known.Constants:
		return !slices.ContainsFunc(c.Args[1:], func(a ast.Expr) bool { return p.info.Types[a].Value == nil })
	case known.Addresses:
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return isPointerTo(p.info, a) && !makesObject(p.info, a) })
	}
	return true
}

// hasHeader reports whether an expression is the header of a request that package
// net/http has made, or of the response of a handler.
func (p *panicCheck) hasHeader(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Header" && patterns.IsResponse(p.info.TypeOf(sel.X))
	case *ast.SelectorExpr:
		return p.madeByHTTP(e.X, "*net/http.Request")
	}
	return false
}

// isResponseBody reports whether an expression is the body of a response that package
// net/http has given.
func (p *panicCheck) isResponseBody(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Body" && p.notNil(sel.X) && p.madeByHTTP(sel.X, "*net/http.Response")
}

// madeByHTTP reports whether a variable of a type holds what a function of package
// net/http has made.
func (p *panicCheck) madeByHTTP(e ast.Expr, typ string) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || types.TypeString(p.info.TypeOf(e), nil) != typ {
		return false
	}
	c, ok := p.unit.DefinedOnce(varOf(p.info, id)).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := patterns.CalleeOf(p.info, c)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http"
}

// plainType reports whether values of a type hold neither interfaces nor values with
// methods.
func plainType(t types.Type, seen []types.Type) bool {
	if t == nil || types.NewMethodSet(types.NewPointer(t)).Len() > 0 {
		return false
	}
	if slices.Contains(seen, t) {
		return true
	}
	seen = append(seen, t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Slice:
		return plainType(u.Elem(), seen)
	case *types.Array:
		return plainType(u.Elem(), seen)
	case *types.Pointer:
		return plainType(u.Elem(), seen)
	case *types.Map:
		return plainType(u.Key(), seen) && plainType(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if !plainType(f.Type(), seen) {
				return false
			}
		}
		return true
	}
	return false
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
