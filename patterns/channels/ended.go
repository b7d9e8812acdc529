package channels

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// DrainsTimer reports whether a receive takes the value that a timer sent because it
// was stopped too late:
//
//	if !t.Stop() {
//		<-t.C
//	}
func DrainsTimer(u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	sel, ok := ast.Unparen(ch).(*ast.SelectorExpr)
	if !ok || types.TypeString(patterns.Deref(u.Pkg.Info.TypeOf(sel.X)), nil) != "time.Timer" {
		return false
	}
	var stops func(e ast.Expr) bool
	stops = func(e ast.Expr) bool {
		if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.LAND { // t != nil && !t.Stop()
			return stops(b.X) || stops(b.Y)
		}
		not, ok := ast.Unparen(e).(*ast.UnaryExpr)
		if !ok || not.Op != token.NOT {
			return false
		}
		e = ast.Unparen(not.X)
		if id, ok := e.(*ast.Ident); ok {
			e = ast.Unparen(u.DefinedOnce(patterns.AsVar(u.Pkg.Info, id)))
		}
		c, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := patterns.CalleeOf(u.Pkg.Info, c)
		return fn != nil && fn.FullName() == "(*time.Timer).Stop" && types.ExprString(patterns.ReceiverOf(c.Fun)) == types.ExprString(sel.X)
	}
	found := false
	ast.Inspect(u.Body, func(m ast.Node) bool {
		if f, ok := m.(*ast.IfStmt); ok && f.Body.Pos() <= n.Pos() && n.Pos() < f.Body.End() {
			found = found || stops(f.Cond)
		}
		return !found
	})
	return found
}

// ClosedBefore reports whether a loop over a channel, or a receive from it, comes after a
// statement in the same or an enclosing list that closes the channel: it takes what is left
// and ends.
func ClosedBefore(u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	name := types.ExprString(ch)
	closed := false
	EachStatement(u, func(st ast.Stmt) {
		es, ok := st.(*ast.ExprStmt)
		if !ok || es.Pos() > n.Pos() {
			return
		}
		c, ok := es.X.(*ast.CallExpr)
		if !ok || patterns.BuiltinOf(u.Pkg.Info, c) != "close" || types.ExprString(c.Args[0]) != name {
			return
		}
		list, at := statements.Around(u.Body, es)
		between := slices.IndexFunc(list[min(at+1, len(list)):], func(s ast.Stmt) bool { return s.Pos() <= n.Pos() && n.Pos() < s.End() })
		if between < 0 {
			return
		}
		again := false // it is another channel by then
		for _, s := range list[at+1 : at+2+between] {
			patterns.EachAssignment(s, func(lhs, _ ast.Expr) { again = again || types.ExprString(lhs) == name })
		}
		closed = closed || !again
	})
	return closed
}

// EmbeddedLock returns the fields that lead to the mutex embedded in a struct, as in
// sync.NewCond(s) where s embeds it.
func EmbeddedLock(t types.Type) []*types.Var {
	t = patterns.Deref(t)
	st, ok := t.Underlying().(*types.Struct)
	if !ok || patterns.IsSyncType(t) {
		return nil
	}
	for f := range st.Fields() {
		if !f.Embedded() {
			continue
		}
		if patterns.IsSyncType(f.Type()) {
			return []*types.Var{f.Origin()}
		}
		if inner := EmbeddedLock(f.Type()); inner != nil {
			return append([]*types.Var{f.Origin()}, inner...)
		}
	}
	return nil
}
