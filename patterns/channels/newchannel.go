package channels

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// shared reports what the unit does with the channel of a send, between making it and the
// send, other than sending, receiving or measuring: whether it passes it to a function or
// uses it in a literal that may run at any time, and whether it stores it somewhere. If
// neither, nobody else has it by then.
func shared(u *patterns.Unit, s *ast.SendStmt, made *ast.CallExpr) (given, kept bool) {
	info := u.Pkg.Info
	p, _ := patterns.PathOf(info, s.Chan)
	if len(p.Fields) > 0 || patterns.IsGlobal(p.Root) || !u.Contains(p.Root.Pos()) {
		return true, true
	}
	until := s.Pos()
	if loop := loopSince(u.Body, made.Pos(), s); loop != nil {
		until = loop.End()
	}
	own, arguments := make(map[ast.Expr]bool), make(map[ast.Expr]bool)
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			own[n.Chan] = true
		case *ast.UnaryExpr:
			own[n.X] = true
		case *ast.CallExpr:
			builtin := patterns.BuiltinOf(info, n)
			for _, a := range n.Args {
				own[a] = builtin == "len" || builtin == "cap"
				arguments[a] = builtin == ""
			}
		case *ast.FuncLit:
			around := n.Pos() <= s.Pos() && s.Pos() < n.End()
			given = given || !around && n.Pos() < until && uses(info, n, p.Root)
			return around
		case *ast.Ident:
			if info.Uses[n] == p.Root && made.End() <= n.Pos() && n.Pos() < until && !own[n] && !excludes(u, n, s) {
				given, kept = given || arguments[n], kept || !arguments[n]
			}
		}
		return !given
	})
	return given, kept
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

// excludes reports whether one of two nodes runs only if the other does not: they are in
// two branches of an if statement that is not in a loop.
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

// endsReceivers reports whether the receivers from a channel of the class end after one
// value, and the package sends in no more places than there is room, none of them in a
// loop, so that nobody is meant to send another value.
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
