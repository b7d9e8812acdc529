package channels

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// onceOnly reports whether a send is let through at most once: by sync.Once, by a
// compare-and-swap or a swap of an atomic flag, by an atomic flag that is tested and
// set, or by a field that is tested to be nil and set.
func onceOnly(u *patterns.Unit, s *ast.SendStmt) bool {
	if u.Lit != nil && u.Outer != nil && runByOnce(u) {
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
			found = found || passesOnce(u, f.Cond, f.Body, s, true)
		case f.Else == nil && statements.Ends(u.Pkg.Info, f.Body):
			found = found || passesOnce(u, f.Cond, u.Body, s, false)
		}
		return !found
	})
	return found
}

// runByOnce reports whether a literal is what a sync.Once runs.
func runByOnce(u *patterns.Unit) bool {
	found := false
	for _, c := range u.Outer.Calls() {
		if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil && fn.FullName() == "(*sync.Once).Do" && ast.Unparen(c.Args[0]) == ast.Expr(u.Lit) {
			found = true
		}
	}
	return found
}

// passesOnce reports whether a condition has the value is at most once: it changes what it
// tests, or the statements around the send do so before the send.
func passesOnce(u *patterns.Unit, cond ast.Expr, around ast.Node, s *ast.SendStmt, is bool) bool {
	cond = ast.Unparen(cond)
	info := u.Pkg.Info
	switch e := cond.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && passesOnce(u, e.X, around, s, !is)
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND && is || e.Op == token.LOR && !is:
			return passesOnce(u, e.X, around, s, is) || passesOnce(u, e.Y, around, s, is)
		case e.Op == token.EQL || e.Op == token.NEQ:
			return setBefore(u, e.X, e.Y, (e.Op == token.EQL) != is, around, s)
		}
	case *ast.CallExpr:
		fn := patterns.CalleeOf(info, e)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" {
			return false
		}
		switch name := fn.Name(); {
		case len(name) >= 14 && name[:14] == "CompareAndSwap":
			return is
		case name == "Swap" && len(e.Args) == 1:
			return !is && isTrue(info, e.Args[0])
		case name == "Load":
			return !is && setBefore(u, e, nil, false, around, s)
		}
	case *ast.Ident: // ok := x.CompareAndSwap(..)
		if def := u.DefinedOnce(patterns.AsVar(info, e)); def != nil && def.Pos() < s.Pos() {
			return passesOnce(u, def, around, s, is)
		}
	}
	return false
}

// setBefore reports whether a variable that is compared with nil or a constant, or an
// atomic variable that is loaded, is set to another value, or to that one if to is set,
// before the send or right after it.
func setBefore(u *patterns.Unit, tested, with ast.Expr, to bool, around ast.Node, s *ast.SendStmt) bool {
	info := u.Pkg.Info
	tv := info.Types[with]
	if with != nil && !tv.IsNil() && tv.Value == nil {
		return false
	}
	if c, ok := ast.Unparen(tested).(*ast.CallExpr); ok {
		fn := patterns.CalleeOf(info, c)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || fn.Name() != "Load" {
			return false
		}
		return storedBefore(u, patterns.ReceiverOf(c.Fun), around, s)
	}
	p, ok := patterns.PathOf(info, tested)
	if !ok || len(p.Fields) == 0 && !patterns.IsGlobal(p.Root) {
		return false
	}
	found := false
	patterns.EachAssignment(around, func(lhs, rhs ast.Expr) {
		q, ok := patterns.PathOf(info, lhs)
		found = found || ok && q.Key() == p.Key() && rhs != nil && (types.ExprString(rhs) == exprOrNil(with)) == to && setsAround(u, lhs, s)
	})
	return found
}

// setsAround reports whether an assignment comes before a send, or right after it
// while a lock is held: nobody else tests what is assigned in between.
func setsAround(u *patterns.Unit, lhs ast.Expr, s *ast.SendStmt) bool {
	if lhs.Pos() < s.Pos() {
		return true
	}
	after := false
	EachStatement(u, func(st ast.Stmt) {
		as, ok := st.(*ast.AssignStmt)
		after = after || ok && slices.Contains(as.Lhs, lhs) && follows(u, as, s)
	})
	return after && len(locks.HeldAt(u, s)) > 0
}

func exprOrNil(e ast.Expr) string {
	if e == nil {
		return "nil"
	}
	return types.ExprString(e)
}

// storedBefore reports whether an atomic variable is stored to before the send.
func storedBefore(u *patterns.Unit, v ast.Expr, around ast.Node, s *ast.SendStmt) bool {
	found := false
	ast.Inspect(around, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || c.Pos() > s.Pos() {
			return !found
		}
		fn := patterns.CalleeOf(u.Pkg.Info, c)
		recv := patterns.ReceiverOf(c.Fun)
		if fn != nil && recv != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Name() == "Store" {
			found = found || types.ExprString(recv) == types.ExprString(v)
		}
		return !found
	})
	return found
}

// drainedBefore reports whether the statement before a send empties the channel, of one
// value or in a loop of all of them:
//
//	select {
//	case <-ch:
//	default:
//	}
//	ch <- v
func drainedBefore(u *patterns.Unit, s *ast.SendStmt) bool {
	list, at := statements.Around(u.Body, s)
	if at == 0 || list == nil {
		return false
	}
	before := list[at-1]
	if l, ok := before.(*ast.LabeledStmt); ok {
		before = l.Stmt
	}
	if f, ok := before.(*ast.ForStmt); ok && f.Cond == nil && len(f.Body.List) == 1 {
		before = f.Body.List[0]
	}
	sel, ok := before.(*ast.SelectStmt)
	if !ok || !patterns.HasDefault(sel) {
		return false
	}
	for _, c := range sel.Body.List {
		comm, ok := c.(*ast.CommClause).Comm.(*ast.ExprStmt)
		if ok {
			if ch := values.ReceivedFrom(comm.X); ch != nil && types.ExprString(ch) == types.ExprString(s.Chan) {
				return true
			}
		}
	}
	return false
}
