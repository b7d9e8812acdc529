package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// IsResponse reports whether an expression is the function's parameter for the response to a
// request.
func IsResponse(s *site.Site, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(s.Info, id)
	return v != nil && s.Unit.IsParam(v) && waits.IsResponse(v.Type()) && !s.Unit.Assigned(v, s.Unit.Body.List)
}

// Answers reports whether a call is made on the response to a request, or gets it.
func Answers(s *site.Site, c *ast.CallExpr) bool {
	return slices.ContainsFunc(operandsOf(s.Info, c), func(e ast.Expr) bool { return IsResponse(s, e) })
}

// ofOwnResponse reports whether an access in the section's function is to its response, which
// belongs to one request: no function of the package keeps it for others.
func ofOwnResponse(s *site.Site, a *guards.Access) bool {
	e, ok := a.Node.(ast.Expr)
	if !ok || a.Unit != s.Unit || !IsResponse(s, e) {
		return false
	}
	v := syntax.VarOf(s.Info, ast.Unparen(e).(*ast.Ident))
	return !syntax.Has(s.Unit.Body, func(id *ast.Ident) bool { return s.Info.Uses[id] == v && keepsResponse(s, id) })
}

// keepsResponse reports whether a use of the response may give it to others: any but a call of
// its methods, and being passed to a function that does not keep it. A handler that letgo does
// not see must not, as package http says.
func keepsResponse(s *site.Site, id *ast.Ident) bool {
	switch p := s.Parents[id].(type) {
	case *ast.SelectorExpr:
		c, ok := s.Parents[p].(*ast.CallExpr)
		return !ok || c.Fun != p
	case *ast.CallExpr:
		does, seen := s.Program.StorageOf(s.Pkg).CallSummary(p)
		i := slices.Index(p.Args, ast.Expr(id))
		if i < 0 || !seen {
			return i < 0
		}
		n := storage.Parameter(s.Info, p, i)
		return slices.Contains(does.Keeps, n) || slices.ContainsFunc(does.Holds, func(h storage.Hold) bool { return h.From == n && h.To < storage.Result })
	}
	return true
}

// dropResponse removes the fields of the response that a call is made on, or gets, from what the
// call uses. The concrete type of the http.ResponseWriter is unknown and may be one of the
// loaded packages, but each one belongs to a single request, and so to this call of the
// function.
func dropResponse(s *site.Site, c *ast.CallExpr, t *site.Touches) {
	operands := operandsOf(s.Info, c)
	i := slices.IndexFunc(operands, func(e ast.Expr) bool { return IsResponse(s, e) })
	if i < 0 {
		return
	}
	response := s.Info.TypeOf(operands[i]).Underlying().(*types.Interface)
	for _, e := range operands {
		if types.Implements(s.Info.TypeOf(e), response) && !IsResponse(s, e) {
			return
		}
	}
	t.List = slices.DeleteFunc(t.List, func(t *site.Touch) bool { return ofResponse(s, response, t) })
}

// ofResponse reports whether a use is by a method of a response type, of one of the type's own
// fields.
func ofResponse(s *site.Site, response *types.Interface, t *site.Touch) bool {
	recv := t.Access.Unit.Signature().Recv()
	if recv == nil || !t.Access.Var.IsField() {
		return false
	}
	st, ok := patterns.StructOf(recv.Type())
	return ok && s.Program.OwnerOf(t.Access.Var) == st &&
		(types.Implements(recv.Type(), response) || types.Implements(types.NewPointer(recv.Type()), response))
}
