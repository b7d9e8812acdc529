package behaviour

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/known"
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
	return !keepsResponse(s, s.Unit, syntax.VarOf(s.Info, ast.Unparen(e).(*ast.Ident)), make(map[*types.Var]bool))
}

// KeepsResponse reports whether the section's function may give the response that it gets to
// others.
func KeepsResponse(s *site.Site) bool {
	for v := range s.Unit.Signature().Params().Variables() {
		if waits.IsResponse(v.Type()) && keepsResponse(s, s.Unit, v, make(map[*types.Var]bool)) {
			return true
		}
	}
	return false
}

// keepsResponse reports whether a unit may give a response that it gets to others: it does
// anything with it but call its methods, and pass it to functions that do not keep it. What is in
// seen is being looked at.
func keepsResponse(s *site.Site, u *patterns.Unit, v *types.Var, seen map[*types.Var]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	parents := s.ParentsIn(u)
	return syntax.Has(u.Body, func(id *ast.Ident) bool {
		if u.Pkg.Info.Uses[id] != v {
			return false
		}
		if inKeptLiteral(parents, id) {
			return true
		}
		switch p := parents[id].(type) {
		case *ast.SelectorExpr:
			c, ok := parents[p].(*ast.CallExpr)
			return !ok || c.Fun != p
		case *ast.CallExpr:
			i := slices.Index(p.Args, ast.Expr(id))
			return i < 0 || passedOnKeeps(s, u, p, i, seen)
		}
		return true
	})
}

// inKeptLiteral reports whether a node is in a function literal that is not called, or deferred,
// where it stands.
func inKeptLiteral(parents map[ast.Node]ast.Node, n ast.Node) bool {
	for ; n != nil; n = parents[n] {
		lit, ok := n.(*ast.FuncLit)
		if !ok || parents[lit] == nil {
			continue
		}
		c, called := parents[lit].(*ast.CallExpr)
		if _, spawned := parents[c].(*ast.GoStmt); !called || c.Fun != lit || spawned {
			return true
		}
	}
	return false
}

// passedOnKeeps is keepsResponse for what a call is given. A handler that letgo does not see must
// not keep it, as package http says.
func passedOnKeeps(s *site.Site, u *patterns.Unit, c *ast.CallExpr, i int, seen map[*types.Var]bool) bool {
	callees, _ := s.Program.Callees(u, c)
	for _, f := range callees {
		params := f.Signature().Params()
		if i >= params.Len() || f.Body == nil || keepsResponse(s, f, params.At(i), seen) {
			return true
		}
	}
	if len(callees) > 0 {
		return false
	}
	if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil {
		if does, ok := known.Storage(fn); ok {
			return does.Retains(i)
		}
	}
	return len(c.Args) != 2 || types.TypeString(u.Pkg.Info.TypeOf(c.Args[1]), nil) != "*net/http.Request"
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
