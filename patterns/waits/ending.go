package waits

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// stretches are parts of the source.
type stretches []stretch

type stretch struct{ start, end token.Pos }

// has reports whether a node begins in one of them.
func (s stretches) has(n ast.Node) bool {
	return slices.ContainsFunc(s, func(r stretch) bool { return r.start <= n.Pos() && n.Pos() < r.end })
}

// endings lists the branches of a unit, or parts of them, after which the program ends.
// What is waited for there keeps nobody from a lock who would still get far with it:
//
//	if level == fatal {
//		flush(10 * time.Second)
//		os.Exit(1)
//	}
func endings(u *patterns.Unit) (out stretches) {
	ast.Inspect(u.Body, func(n ast.Node) bool {
		list := statements.ListOf(n)
		if n == ast.Node(u.Body) {
			list = nil // what the function is there for
		}
		from := 0
		for i, st := range list {
			if endsProgram(u, st) {
				out = append(out, stretch{list[from].Pos(), st.End()})
				break
			}
			if mayLeave(st) {
				from = i + 1
			}
		}
		return true
	})
	return out
}

// endsProgram reports whether a statement is a call that ends the program.
func endsProgram(u *patterns.Unit, st ast.Stmt) bool {
	es, ok := st.(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := es.X.(*ast.CallExpr)
	return ok && locks.EndsProgram(u.Pkg.Info, c)
}

// mayLeave reports whether a statement has a return, or a jump, which may lead elsewhere.
func mayLeave(st ast.Stmt) bool {
	leaves := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			leaves = true
		}
		return !leaves
	})
	return leaves
}
