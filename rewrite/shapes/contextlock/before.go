package contextlock

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// doneBefore returns something that the function does before it takes the lock,
// other than to compute local variables and to write to a log; nil if there is
// nothing. To give up then would leave that half done.
func (c *conversion) doneBefore(use lockUse) ast.Node {
	var found ast.Node
	end := firstRun(use)
	syntax.InspectOuter(use.Unit.Body, func(n ast.Node) bool {
		if found != nil || n.Pos() >= end || ast.Node(use.Stmt) == n {
			return false
		}
		idle := true
		switch n := n.(type) {
		case *ast.DeferStmt:
			return false
		case *ast.GoStmt, *ast.SendStmt:
			idle = false
		case *ast.UnaryExpr:
			idle = n.Op != token.ARROW
		case *ast.IncDecStmt, *ast.AssignStmt, *ast.RangeStmt:
			idle = !slices.ContainsFunc(syntax.AssignedBy(n), func(e ast.Expr) bool { return !c.localName(use.Unit, e) })
		case *ast.CallExpr:
			idle = c.idle(use.Unit, n)
		}
		if !idle {
			found = n
		}
		return found == nil
	})
	return found
}

// firstRun returns the position before which everything is that may have run when a lock is
// taken, including the rest of a loop around it.
func firstRun(use lockUse) token.Pos {
	end := use.Stmt.Pos()
	syntax.InspectOuter(use.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if syntax.Within(use.Stmt, n) {
				end = max(end, n.End())
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				end = use.Unit.Body.End()
			}
		}
		return true
	})
	return end
}

// localName reports whether an expression is the name of a local variable of the
// function, or the blank identifier.
func (c *conversion) localName(u *patterns.Unit, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(c.Info, id)
	return id.Name == "_" || v != nil && u.Declares(v)
}

// idle reports whether a call leaves nothing half done: it has no effect, or
// takes or releases a lock, only reads from outside, or writes to a log.
func (c *conversion) idle(u *patterns.Unit, call *ast.CallExpr) bool {
	switch patterns.BuiltinOf(c.Info, call) {
	case "delete", "clear", "copy":
		return c.localName(u, call.Args[0])
	}
	reads := slices.ContainsFunc(c.Finding.Ops, func(o *waits.Op) bool { return o.Node == call && o.Effect == blocking.EffectRead })
	return reads || syntax.IsLogCall(c.Info, call) || !behaviour.Effectful(c.Site, u, call)
}
