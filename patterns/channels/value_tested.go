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

// findsValue reports whether a receive is made only if len(ch) > 0, and all who receive hold
// one lock, which is held from the test on: nobody takes the value away in between.
func findsValue(x *patterns.Program, u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	test := lengthTest(u, n, ch)
	if test == nil {
		return false
	}
	c := values.FlowsOf(x, u.Pkg).ClassOf(ch)
	if c == nil || c.Open {
		return false
	}
	return slices.ContainsFunc(locks.SectionsOfUnit(x, u), func(s *locks.Section) bool {
		if s.LockVar() == nil || s.Mode != patterns.Exclusive || s.Problem != "" || !s.CoversPos(test.Pos()) || !s.CoversPos(n.Pos()) {
			return false
		}
		return !slices.ContainsFunc(c.Receives, func(use values.FlowUse) bool {
			return use.Node != n && !slices.Contains(locks.Vars(locks.HeldAt(use.Unit, use.Node)), s.LockVar())
		})
	})
}

// lengthTest returns the condition around a receive, or before it where the function ends
// otherwise, that finds a value in the channel for this one receive; nil if there is none.
func lengthTest(u *patterns.Unit, n ast.Node, ch ast.Expr) (test ast.Expr) {
	in := func(b ast.Node) bool { return b.Pos() <= n.Pos() && n.Pos() < b.End() }
	note := func(cond ast.Expr, has bool, takers ...ast.Stmt) {
		count := 0
		for _, st := range takers {
			count += receivesIn(st, ch)
		}
		if cond != nil && count == 1 && testsLength(u, cond, ch, has) {
			test = cond
		}
	}
	ast.Inspect(u.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ForStmt:
			if in(m.Body) {
				note(m.Cond, true, m.Body)
			}
		case *ast.IfStmt:
			list, at := statements.Around(u.Body, m)
			after := slices.IndexFunc(list, func(st ast.Stmt) bool { return in(st) })
			switch {
			case in(m.Body):
				note(m.Cond, true, m.Body)
			case m.Else == nil && at < after && statements.Ends(u.Pkg.Info, m.Body):
				note(m.Cond, false, list[at+1:after+1]...)
			}
		}
		return true
	})
	return test
}

// receivesIn counts the receives from a channel in a statement; those in a loop may be many.
func receivesIn(st ast.Stmt, ch ast.Expr) (count int) {
	name := types.ExprString(ch)
	ast.Inspect(st, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.ForStmt:
			count += many * receivesIn(m.Body, ch)
			return false
		case *ast.RangeStmt:
			count += many * receivesIn(m.Body, ch)
			return false
		case ast.Expr:
			if from := values.ReceivedFrom(m); from != nil && types.ExprString(from) == name {
				count++
			}
		}
		return true
	})
	return count
}

// testsLength reports whether a condition that is true says that a channel has a value, or,
// unless has is set, one that is false.
func testsLength(u *patterns.Unit, cond, ch ast.Expr, has bool) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return false
	}
	if has && b.Op == token.LAND || !has && b.Op == token.LOR {
		return testsLength(u, b.X, ch, has) || testsLength(u, b.Y, ch, has)
	}
	x, op, y := b.X, b.Op, b.Y
	if tv := u.Pkg.Info.Types[x]; tv.Value != nil {
		x, y = y, x
		op = map[token.Token]token.Token{token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ}[op]
		if op == token.ILLEGAL {
			op = b.Op
		}
	}
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(u.Pkg.Info, call) != "len" || types.ExprString(call.Args[0]) != types.ExprString(ch) {
		return false
	}
	val := u.Pkg.Info.Types[y].Value
	if val == nil {
		return false
	}
	zero, one := val.ExactString() == "0", val.ExactString() == "1"
	if has {
		return zero && (op == token.GTR || op == token.NEQ) || one && op == token.GEQ
	}
	return zero && (op == token.EQL || op == token.LEQ) || one && op == token.LSS
}
