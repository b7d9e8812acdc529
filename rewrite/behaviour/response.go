package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
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
