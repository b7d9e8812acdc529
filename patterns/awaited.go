package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// awaited reports whether an operation waits for the end of something whose end the
// function has waited for already, with a method of the same variable that waits in
// the same way:
//
//	if err := cmd.Err(); err == nil {
//		s.mu.Lock()
//		s.hash = cmd.Val()
//		s.mu.Unlock()
//	}
//
// The channel is only ever closed, so a second wait for it ends at once.
func (x *Program) awaited(s *Section, o *Op) bool {
	if o.Category != "chan" || o.last == nil || len(o.chain) < 2 {
		return false
	}
	u, op := o.innermost(s.Unit)
	ch := receivedFrom(exprOf(op.Node))
	if ch == nil {
		return false
	}
	if c := x.flowsOf(u.Pkg).classOf(ch); c == nil || c.Open || len(c.Sends) > 0 || len(c.Closes) == 0 {
		return false
	}
	call, ok := o.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	on := s.Unit.heldBy(receiverOf(call.Fun))
	if on == nil || s.Unit.Assigned(on, s.Unit.Body.List) && len(s.Unit.definitions().defs[on]) != 1 {
		return false
	}
	waits := o.chain[1].callee
	return slices.ContainsFunc(s.Unit.calls, func(c *ast.CallExpr) bool {
		fn := CalleeOf(s.Unit.Pkg.Info, c)
		if fn == nil || c.End() > s.Pos() || s.Unit.heldBy(receiverOf(c.Fun)) != on || !s.Unit.always(c, s.Acquire) {
			return false
		}
		v := x.UnitOf(fn)
		return v != nil && v.Body != nil && x.beginsWith(v, waits)
	})
}

// heldBy returns the local variable that an expression is, or nil.
func (u *Unit) heldBy(e ast.Expr) *types.Var {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	return asVar(u.Pkg.Info, id)
}

// always reports whether a call has been made where a node runs: it stands in a
// statement, or the head of one, that comes before in a list around the node.
func (u *Unit) always(c *ast.CallExpr, at ast.Node) bool {
	found, may := false, false
	in := func(n, m ast.Node) bool { return n != nil && n.Pos() <= m.Pos() && m.Pos() < n.End() }
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) {
			may = may || in(b.Y, c)
		}
		return !may
	})
	u.eachStatement(func(st ast.Stmt) {
		switch st := st.(type) {
		case *ast.ExprStmt, *ast.AssignStmt:
			list, i := statementsAround(u.Body, st)
			found = found || in(st, c) && slices.ContainsFunc(list[min(i, len(list)):], func(s ast.Stmt) bool { return in(s, at) })
		case *ast.IfStmt:
			found = found || st.Init != nil && in(st.Init, c) && in(st, at)
		}
	})
	return found && !may
}

// beginsWith reports whether the first statement of a method calls another method of
// its receiver.
func (x *Program) beginsWith(v, other *Unit) bool {
	if len(v.Body.List) == 0 || v.Signature().Recv() == nil {
		return false
	}
	es, ok := v.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := es.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := CalleeOf(v.Pkg.Info, c)
	return fn != nil && x.UnitOf(fn) == other && v.heldBy(receiverOf(c.Fun)) == v.Signature().Recv()
}
