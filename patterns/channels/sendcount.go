package channels

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/statements"
)

// A sendCount counts the sends on one channel that one run of some code can make.
type sendCount struct {
	info *types.Info
	is   func(ast.Expr) bool // whether an expression is the channel
	made token.Pos           // where the channel is made

	also map[*ast.Ident]bool // uses of a variable that count like sends
}

// many stands for a number of sends without a bound.
const many = 1 << 20

// in counts for a node: the branch with the most sends, many for a loop.
func (c *sendCount) in(n ast.Node) int {
	switch n := n.(type) {
	case nil:
		return 0
	case *ast.BlockStmt:
		return c.list(n.List)
	case *ast.IfStmt:
		then, other := c.in(n.Body), 0
		if n.Else != nil {
			other = c.in(n.Else)
		}
		return c.parts(n.Init, n.Cond) + max(then, other)
	case *ast.SwitchStmt:
		return c.parts(n.Init, n.Tag) + c.clauses(n.Body)
	case *ast.TypeSwitchStmt:
		return c.parts(n.Init, n.Assign) + c.clauses(n.Body)
	case *ast.SelectStmt:
		return c.clauses(n.Body)
	case *ast.ForStmt:
		return c.parts(n.Init) + c.loop(n, n.Cond, n.Post, n.Body)
	case *ast.RangeStmt:
		return c.parts(n.X) + c.loop(n, n.Body)
	case *ast.FuncLit:
		return c.loop(n, n.Body) // whoever calls it may do so again
	}
	return c.rest(n)
}

// loop counts for parts that may run any number of times.
func (c *sendCount) loop(n ast.Node, parts ...ast.Node) int {
	sum := c.parts(parts...)
	if sum > 0 && !(n.Pos() <= c.made && c.made < n.End()) {
		return many
	}
	return sum
}

func (c *sendCount) parts(nodes ...ast.Node) int {
	sum := 0
	for _, n := range nodes {
		if n != nil && !isNilNode(n) {
			sum += c.in(n)
		}
	}
	return min(sum, many)
}

// isNilNode reports whether an interface holds a nil pointer.
func isNilNode(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n == nil
	case *ast.FuncLit:
		return n == nil
	}
	return false
}

// list counts for statements that run one after the other; a branch that
// leaves the list excludes what follows.
func (c *sendCount) list(stmts []ast.Stmt) int {
	sum, most := 0, 0
	for _, s := range stmts {
		if ifs, ok := s.(*ast.IfStmt); ok && ifs.Else == nil && (statements.Ends(c.info, ifs.Body) || jumps(ifs.Body)) {
			most = max(most, sum+c.in(ifs))
			continue
		}
		sum += c.in(s)
	}
	return min(max(sum, most), many)
}

// jumps reports whether a block ends in continue or break.
func jumps(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	br, ok := b.List[len(b.List)-1].(*ast.BranchStmt)
	return ok && (br.Tok == token.CONTINUE || br.Tok == token.BREAK)
}

func (c *sendCount) clauses(body *ast.BlockStmt) int {
	most := 0
	for _, cl := range body.List {
		switch cl := cl.(type) {
		case *ast.CaseClause:
			most = max(most, c.list(cl.Body))
		case *ast.CommClause:
			most = max(most, c.parts(cl.Comm)+c.list(cl.Body))
		}
	}
	return most
}

// rest counts for a node without branches of its own.
func (c *sendCount) rest(n ast.Node) int {
	sum := 0
	ast.Inspect(n, func(m ast.Node) bool {
		if c.counts(m) {
			sum++
		}
		if m == n {
			return true
		}
		switch m := m.(type) {
		case *ast.CallExpr:
			if lit, ok := ast.Unparen(m.Fun).(*ast.FuncLit); ok { // runs once, here
				sum += c.in(lit.Body) + c.exprs(m.Args)
				return false
			}
		case *ast.FuncLit, *ast.BlockStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			sum += c.in(m)
			return false
		}
		return true
	})
	return min(sum, many)
}

// counts reports whether a node is a send, or another use that counts.
func (c *sendCount) counts(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt:
		return c.is(n.Chan)
	case *ast.Ident:
		return c.also[n]
	}
	return false
}

func (c *sendCount) exprs(list []ast.Expr) int {
	sum := 0
	for _, e := range list {
		sum += c.in(e)
	}
	return sum
}
