package channels

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// shared reports whether somebody else may have the channel of a send by then: between
// the call that makes it and the send the unit does something else with it than to send,
// to receive or to measure it.
func shared(u *patterns.Unit, s *ast.SendStmt, made *ast.CallExpr) bool {
	info := u.Pkg.Info
	p, _ := patterns.PathOf(info, s.Chan)
	if len(p.Fields) > 0 || patterns.IsGlobal(p.Root) || !u.Contains(p.Root.Pos()) {
		return true
	}
	until := s.Pos()
	if loop := loopBetween(u, made, s); loop != nil {
		until = loop.End()
	}
	own := make(map[*ast.Ident]bool)
	keep := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			own[id] = true
		}
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			keep(n.Chan)
		case *ast.UnaryExpr:
			keep(n.X)
		case *ast.CallExpr:
			if b := patterns.BuiltinOf(info, n); b == "len" || b == "cap" {
				keep(n.Args[0])
			}
		case *ast.FuncLit: // whoever runs it may do so at any time
			found = found || n.Pos() < until && (n.End() <= s.Pos() || until != s.Pos()) && uses(info, n, p.Root)
			return n.Pos() <= s.Pos() && s.Pos() < n.End()
		case *ast.Ident:
			found = found || info.Uses[n] == p.Root && made.End() <= n.Pos() && n.Pos() < until && !own[n] && !excludes(u, n, s)
		}
		return !found
	})
	return found
}

// loopBetween returns the outermost loop around a send that does not hold the call which
// makes the channel, or nil.
func loopBetween(u *patterns.Unit, made *ast.CallExpr, s *ast.SendStmt) (loop ast.Node) {
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if loop == nil && n.Pos() <= s.Pos() && s.Pos() < n.End() && (made.Pos() < n.Pos() || n.End() <= made.Pos()) {
				loop = n
			}
		}
		return loop == nil
	})
	return loop
}

// uses reports whether a node names a variable.
func uses(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		found = found || ok && info.Uses[id] == v
		return !found
	})
	return found
}

// excludes reports whether one of two nodes runs only if the other does not: they stand
// in two branches of one if statement, which is in no loop.
func excludes(u *patterns.Unit, a, b ast.Node) bool {
	in := func(n, of ast.Node) bool { return of.Pos() <= n.Pos() && n.Pos() < of.End() }
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.IfStmt:
			if n.Else != nil {
				found = found || in(a, n.Body) && in(b, n.Else) || in(a, n.Else) && in(b, n.Body)
			}
		}
		return !found
	})
	return found
}

// endsReceivers reports whether whoever receives from a channel of the class ends then,
// and the package sends in no more places than there is room, none of them in a loop: so
// nobody is meant to send another value.
func endsReceivers(c *values.FlowClass) bool {
	if len(c.Sends) > int(slices.Min(c.Rooms)) || len(c.Receives) == 0 {
		return false
	}
	for _, use := range c.Sends {
		count := sendCount{info: use.Unit.Pkg.Info, is: func(e ast.Expr) bool { return e == use.Node.(*ast.SendStmt).Chan }}
		if count.in(use.Unit.Body) > 1 {
			return false
		}
	}
	return !slices.ContainsFunc(c.Receives, func(use values.FlowUse) bool { return !endsAfter(use.Unit, use.Node) })
}

// endsAfter reports whether the unit returns after a receive that is a case of a select,
// or a statement.
func endsAfter(u *patterns.Unit, n ast.Node) bool {
	ends := false
	rest := func(list []ast.Stmt) { ends = ends || statements.Ends(u.Pkg.Info, &ast.BlockStmt{List: list}) }
	ast.Inspect(u.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.CommClause:
			if m.Comm != nil && m.Comm.Pos() <= n.Pos() && n.Pos() < m.Comm.End() {
				rest(m.Body)
			}
		case *ast.ExprStmt:
			if m.X == n {
				list, _ := statements.Around(u.Body, m)
				rest(list)
			}
		}
		return !ends
	})
	return ends
}
