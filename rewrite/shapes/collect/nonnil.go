package collect

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// notNil reports whether a value that an action takes is certainly not nil at the action:
// it was compared with nil, or dereferenced, before.
func (c *collection) notNil(a *action, e ast.Expr) bool {
	if !nilable(c.Info.TypeOf(e)) {
		return false
	}
	text := types.ExprString(e)
	var from ast.Node = a.Stmt
	for n := c.Parents[a.Stmt]; n != nil && c.InBody(from); from, n = n, c.Parents[n] {
		if ifs, ok := n.(*ast.IfStmt); ok && from == ast.Node(ifs.Body) && c.testsNotNil(ifs.Cond, text) {
			return !c.mayAssign(e, ifs.Body, a.Stmt)
		}
		if ifs, ok := n.(*ast.IfStmt); ok && from == ast.Node(ifs.Body) && c.follows(ifs.Cond, e) {
			return !c.mayAssign(e, ifs.Body, a.Stmt)
		}
	}
	return false
}

func nilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Chan, *types.Signature:
		_, param := types.Unalias(t).(*types.TypeParam)
		return !param
	}
	return false
}

// testsNotNil reports whether a condition holds only if the expression is not
// nil.
func (c *collection) testsNotNil(cond ast.Expr, text string) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return false
	}
	switch b.Op.String() {
	case "&&":
		return c.testsNotNil(b.X, text) || c.testsNotNil(b.Y, text)
	case "!=":
		return c.Info.Types[b.Y].IsNil() && types.ExprString(b.X) == text
	}
	return false
}

// follows reports whether evaluating a condition dereferences the pointer in an expression,
// so that it is not nil afterwards.
func (c *collection) follows(cond ast.Expr, e ast.Expr) bool {
	text := types.ExprString(e)
	switch x := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		short := x.Op.String() == "&&" || x.Op.String() == "||"
		return c.follows(x.X, e) || !short && c.follows(x.Y, e)
	case *ast.UnaryExpr:
		return c.follows(x.X, e)
	case *ast.CallExpr:
		sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
		if !ok || types.ExprString(sel.X) != text {
			return false
		}
		if types.IsInterface(c.Info.TypeOf(e)) {
			return c.Info.Selections[sel] != nil
		}
		callees, known := c.Program.Callees(c.Unit, x)
		return known && len(callees) == 1 && followsReceiver(c.Program, callees[0], 0)
	case *ast.SelectorExpr:
		m := c.Info.Selections[x]
		return m != nil && m.Kind() == types.FieldVal && (types.ExprString(x.X) == text || c.follows(x.X, e))
	}
	return false
}

// followsReceiver reports whether the first statement of a method always dereferences its
// receiver, a pointer.
func followsReceiver(x *patterns.Program, u *patterns.Unit, depth int) bool {
	if u.Obj == nil || u.Obj.Signature().Recv() == nil || len(u.Body.List) == 0 || depth > 3 {
		return false
	}
	recv := u.Obj.Signature().Recv()
	if _, ptr := recv.Type().Underlying().(*types.Pointer); !ptr {
		return false
	}
	var first ast.Node
	switch st := u.Body.List[0].(type) {
	case *ast.ExprStmt:
		first = st.X
	case *ast.ReturnStmt:
		if len(st.Results) == 1 {
			first = st.Results[0]
		}
	}
	for {
		switch e := first.(type) {
		case *ast.BinaryExpr:
			first = e.X
		case *ast.UnaryExpr:
			first = e.X
		case *ast.ParenExpr:
			first = e.X
		case *ast.CallExpr:
			sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
			if !ok {
				return false
			}
			if id, isIdent := ast.Unparen(sel.X).(*ast.Ident); isIdent && u.Pkg.Info.Uses[id] == types.Object(recv) {
				callees, known := x.Callees(u, e)
				return known && len(callees) == 1 && followsReceiver(x, callees[0], depth+1)
			}
			first = sel.X
		case *ast.SelectorExpr:
			id, ok := ast.Unparen(e.X).(*ast.Ident)
			return ok && u.Pkg.Info.Uses[id] == types.Object(recv)
		default:
			return false
		}
	}
}

// mayAssign reports whether something in a block before an action may give the
// expression another value.
func (c *collection) mayAssign(e ast.Expr, in *ast.BlockStmt, until ast.Stmt) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return true // a field: any called function may set it
	}
	v, _ := c.Info.Uses[id].(*types.Var)
	return v == nil || c.Unit.Captured(v) || c.Unit.Addressed(v) || c.Unit.Assigned(v, in.List)
}
