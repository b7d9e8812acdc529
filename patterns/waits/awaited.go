package waits

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/channels"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// awaited reports whether an operation waits for the end of something that the function has
// already waited for, with a method of the same variable that waits in the same way:
//
//	if err := cmd.Err(); err == nil {
//		s.mu.Lock()
//		s.hash = cmd.Val()
//		s.mu.Unlock()
//	}
//
// The channel is only ever closed, so a second wait for it ends at once.
func awaited(x *patterns.Program, s *locks.Section, o *Op) bool {
	if o.Category != "chan" || o.Last == nil || len(o.Chain) < 2 {
		return false
	}
	u, op := o.Innermost(s.Unit)
	ch := values.ReceivedFrom(patterns.ExprOf(op.Node))
	if ch == nil {
		return false
	}
	if c := values.FlowsOf(x, u.Pkg).ClassOf(ch); c == nil || c.Open || len(c.Sends) > 0 || len(c.Closes) == 0 {
		return false
	}
	call, ok := o.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	on := heldBy(s.Unit, patterns.ReceiverOf(call.Fun))
	if on == nil || s.Unit.Assigned(on, s.Unit.Body.List) && len(s.Unit.Definitions().Defs[on]) != 1 {
		return false
	}
	waits := o.Chain[1].Callee
	return slices.ContainsFunc(s.Unit.Calls(), func(c *ast.CallExpr) bool {
		fn := patterns.CalleeOf(s.Unit.Pkg.Info, c)
		if fn == nil || c.End() > s.Pos() || heldBy(s.Unit, patterns.ReceiverOf(c.Fun)) != on || !always(s.Unit, c, s.Acquire) {
			return false
		}
		v := x.UnitOf(fn)
		return v != nil && v.Body != nil && beginsWith(x, v, waits)
	})
}

// heldBy returns the local variable that an expression is, or nil.
func heldBy(u *patterns.Unit, e ast.Expr) *types.Var {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	return patterns.AsVar(u.Pkg.Info, id)
}

// always reports whether a call has always been made by the time a node runs: it is in a
// statement, or the head of one, that comes earlier in a list around the node.
func always(u *patterns.Unit, c *ast.CallExpr, at ast.Node) bool {
	found, may := false, false
	in := func(n, m ast.Node) bool { return n != nil && n.Pos() <= m.Pos() && m.Pos() < n.End() }
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) {
			may = may || in(b.Y, c)
		}
		return !may
	})
	channels.EachStatement(u, func(st ast.Stmt) {
		switch st := st.(type) {
		case *ast.ExprStmt, *ast.AssignStmt:
			list, i := statements.Around(u.Body, st)
			found = found || in(st, c) && slices.ContainsFunc(list[min(i, len(list)):], func(s ast.Stmt) bool { return in(s, at) })
		case *ast.IfStmt:
			found = found || st.Init != nil && in(st.Init, c) && in(st, at)
		}
	})
	return found && !may
}

// beginsWith reports whether the first statement of a method calls another method of
// its receiver.
func beginsWith(x *patterns.Program, v, other *patterns.Unit) bool {
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
	fn := patterns.CalleeOf(v.Pkg.Info, c)
	return fn != nil && x.UnitOf(fn) == other && heldBy(v, patterns.ReceiverOf(c.Fun)) == v.Signature().Recv()
}
