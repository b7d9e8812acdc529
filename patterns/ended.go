package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// drainsTimer reports whether a receive takes the value of a timer that has been
// sent, because stopping it came too late:
//
//	if !t.Stop() {
//		<-t.C
//	}
func (u *Unit) drainsTimer(n ast.Node, ch ast.Expr) bool {
	sel, ok := ast.Unparen(ch).(*ast.SelectorExpr)
	if !ok || types.TypeString(deref(u.Pkg.Info.TypeOf(sel.X)), nil) != "time.Timer" {
		return false
	}
	stops := func(e ast.Expr) bool {
		not, ok := ast.Unparen(e).(*ast.UnaryExpr)
		if !ok || not.Op != token.NOT {
			return false
		}
		e = ast.Unparen(not.X)
		if id, ok := e.(*ast.Ident); ok {
			e = ast.Unparen(u.definedOnce(asVar(u.Pkg.Info, id)))
		}
		c, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := calleeOf(u.Pkg.Info, c)
		return fn != nil && fn.FullName() == "(*time.Timer).Stop" && types.ExprString(receiverOf(c.Fun)) == types.ExprString(sel.X)
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

// closedBefore reports whether a loop over a channel comes after a statement, of
// the same list, that closes the channel: it takes what is left and ends.
func (u *Unit) closedBefore(r *ast.RangeStmt) bool {
	list, at := statementsAround(u.Body, r)
	return slices.ContainsFunc(list[:at], func(st ast.Stmt) bool {
		es, ok := st.(*ast.ExprStmt)
		if !ok {
			return false
		}
		c, ok := es.X.(*ast.CallExpr)
		return ok && builtinOf(u.Pkg.Info, c) == "close" && types.ExprString(c.Args[0]) == types.ExprString(r.X)
	})
}

// embeddedLock returns the fields that lead to the mutex which a struct embeds, as
// in sync.NewCond(s) where s embeds it.
func embeddedLock(t types.Type) []*types.Var {
	t = deref(t)
	st, ok := t.Underlying().(*types.Struct)
	if !ok || isSyncType(t) {
		return nil
	}
	for f := range st.Fields() {
		if !f.Embedded() {
			continue
		}
		if isSyncType(f.Type()) {
			return []*types.Var{f.Origin()}
		}
		if inner := embeddedLock(f.Type()); inner != nil {
			return append([]*types.Var{f.Origin()}, inner...)
		}
	}
	return nil
}
