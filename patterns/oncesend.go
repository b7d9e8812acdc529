package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// onceOnly reports whether a send is let through at most once: by sync.Once, by a
// compare-and-swap or a swap of an atomic flag, by an atomic flag that is tested and
// set, or by a field that is tested to be nil and set.
func (u *Unit) onceOnly(s *ast.SendStmt) bool {
	if u.Lit != nil && u.Outer != nil && u.runByOnce() {
		return true
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if !ok || f.Pos() > s.Pos() {
			return !found
		}
		inside := f.Body.Pos() <= s.Pos() && s.Pos() < f.Body.End()
		switch {
		case inside:
			found = found || u.passesOnce(f.Cond, f.Body, s, true)
		case f.Else == nil && ends(u.Pkg.Info, f.Body):
			found = found || u.passesOnce(f.Cond, u.Body, s, false)
		}
		return !found
	})
	return found
}

// runByOnce reports whether a literal is what a sync.Once runs.
func (u *Unit) runByOnce() bool {
	found := false
	for _, c := range u.Outer.calls {
		if fn := CalleeOf(u.Pkg.Info, c); fn != nil && fn.FullName() == "(*sync.Once).Do" && ast.Unparen(c.Args[0]) == ast.Expr(u.Lit) {
			found = true
		}
	}
	return found
}

// passesOnce reports whether a condition, with the value is, holds at most once: it
// changes what it asks for itself, or the statements around the send do before it.
func (u *Unit) passesOnce(cond ast.Expr, around ast.Node, s *ast.SendStmt, is bool) bool {
	cond = ast.Unparen(cond)
	info := u.Pkg.Info
	switch e := cond.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && u.passesOnce(e.X, around, s, !is)
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND && is || e.Op == token.LOR && !is:
			return u.passesOnce(e.X, around, s, is) || u.passesOnce(e.Y, around, s, is)
		case e.Op == token.EQL || e.Op == token.NEQ:
			return u.setBefore(e.X, e.Y, (e.Op == token.EQL) != is, around, s)
		}
	case *ast.CallExpr:
		fn := CalleeOf(info, e)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" {
			return false
		}
		switch name := fn.Name(); {
		case len(name) >= 14 && name[:14] == "CompareAndSwap":
			return is
		case name == "Swap" && len(e.Args) == 1:
			return !is && isTrue(info, e.Args[0])
		case name == "Load":
			return !is && u.setBefore(e, nil, false, around, s)
		}
	case *ast.Ident: // ok := x.CompareAndSwap(..)
		if def := u.DefinedOnce(asVar(info, e)); def != nil && def.Pos() < s.Pos() {
			return u.passesOnce(def, around, s, is)
		}
	}
	return false
}

// setBefore reports whether a variable that is compared with nil or a constant, or
// an atomic one that is loaded, is given another value, or that one if to is set,
// before the send or right after it.
func (u *Unit) setBefore(tested, with ast.Expr, to bool, around ast.Node, s *ast.SendStmt) bool {
	info := u.Pkg.Info
	tv := info.Types[with]
	if with != nil && !tv.IsNil() && tv.Value == nil {
		return false
	}
	if c, ok := ast.Unparen(tested).(*ast.CallExpr); ok {
		fn := CalleeOf(info, c)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || fn.Name() != "Load" {
			return false
		}
		return u.storedBefore(receiverOf(c.Fun), around, s)
	}
	p, ok := PathOf(info, tested)
	if !ok || len(p.Fields) == 0 && !isGlobal(p.Root) {
		return false
	}
	found := false
	eachAssignment(around, func(lhs, rhs ast.Expr) {
		q, ok := PathOf(info, lhs)
		found = found || ok && q.key() == p.key() && rhs != nil && (types.ExprString(rhs) == exprOrNil(with)) == to && u.setsAround(lhs, s)
	})
	return found
}

// setsAround reports whether an assignment comes before a send, or right after it
// while a lock is held: nobody else tests what is assigned in between.
func (u *Unit) setsAround(lhs ast.Expr, s *ast.SendStmt) bool {
	if lhs.Pos() < s.Pos() {
		return true
	}
	after := false
	u.eachStatement(func(st ast.Stmt) {
		as, ok := st.(*ast.AssignStmt)
		after = after || ok && slices.Contains(as.Lhs, lhs) && u.follows(as, s)
	})
	return after && len(u.HeldAt(s)) > 0
}

func exprOrNil(e ast.Expr) string {
	if e == nil {
		return "nil"
	}
	return types.ExprString(e)
}

// storedBefore reports whether an atomic variable is stored to before the send.
func (u *Unit) storedBefore(v ast.Expr, around ast.Node, s *ast.SendStmt) bool {
	found := false
	ast.Inspect(around, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || c.Pos() > s.Pos() {
			return !found
		}
		fn := CalleeOf(u.Pkg.Info, c)
		recv := receiverOf(c.Fun)
		if fn != nil && recv != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Name() == "Store" {
			found = found || types.ExprString(recv) == types.ExprString(v)
		}
		return !found
	})
	return found
}

// drainedBefore reports whether the statement before a send takes a value out of the
// channel if there is one:
//
//	select {
//	case <-ch:
//	default:
//	}
//	ch <- v
func drainedBefore(u *Unit, s *ast.SendStmt) bool {
	list, at := statementsAround(u.Body, s)
	if at == 0 || list == nil {
		return false
	}
	sel, ok := list[at-1].(*ast.SelectStmt)
	if !ok || !hasDefault(sel) {
		return false
	}
	for _, c := range sel.Body.List {
		comm, ok := c.(*ast.CommClause).Comm.(*ast.ExprStmt)
		if ok {
			if ch := receivedFrom(comm.X); ch != nil && types.ExprString(ch) == types.ExprString(s.Chan) {
				return true
			}
		}
	}
	return false
}
