package storage

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/letgo-dev/letgo/patterns/satisfy"
)

// Embedded lists the types that structs of a package embed.
func Embedded(info *types.Info) []types.Type {
	var out []types.Type
	for _, obj := range info.Defs {
		if v, ok := obj.(*types.Var); ok && v.Embedded() {
			out = append(out, generic(v.Type()))
		}
	}
	return out
}

// generic returns a type without a pointer to it, and without its arguments.
func generic(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Origin()
	}
	return t
}

// Narrow filters a list of methods that implement an interface method, and keeps those
// that the interface of the call admits: it may have more methods than the interface
// that declares the method, as io.ReadCloser has more than io.Closer. It keeps embedded
// types and interfaces, because the type that embeds them may have the other methods.
func Narrow(info *types.Info, embedded []types.Type, c *ast.CallExpr, impl []*types.Func) []*types.Func {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || info.Selections[sel] == nil || len(impl) == 0 {
		return impl
	}
	fn, ok := typeutil.Callee(info, c).(*types.Func)
	recv := info.Selections[sel].Recv()
	if !ok || !types.IsInterface(recv) || fn.Origin() == fn && types.Identical(recv, receiverType(fn)) {
		return impl
	}
	if _, isParam := types.Unalias(recv).(*types.TypeParam); isParam {
		return impl
	}
	iface := recv.Underlying().(*types.Interface)
	return slices.DeleteFunc(slices.Clone(impl), func(f *types.Func) bool {
		t := generic(receiverType(f))
		if satisfy.Implements(t, iface) {
			return false
		}
		return !slices.ContainsFunc(embedded, func(e types.Type) bool {
			i, ok := e.Underlying().(*types.Interface)
			return types.Identical(e, t) || ok && satisfy.Implements(t, i)
		})
	})
}
