package waits

import (
	"go/ast"
	"go/constant"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// shortest is how much of a response an HTTP server keeps before it sends any of it:
// net/http has 2 KB for the body.
const shortest = 2 << 10

// shortText reports whether a call outside of any loop writes only constant text, less than
// a server keeps.
func shortText(u *patterns.Unit, n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(statements.LoopsAround(u.Body, call.Pos())) > 0 {
		return false
	}
	size, texts := 0, 0
	for _, a := range call.Args {
		val := u.Pkg.Info.Types[contentOf(u, a)].Value
		switch {
		case val != nil && val.Kind() == constant.String:
			size += len(constant.StringVal(val))
			texts++
		case val == nil && !IsResponse(u.Pkg.Info.TypeOf(a)):
			return false
		}
	}
	return texts > 0 && size < shortest
}

// contentOf returns what is converted to bytes, or the expression itself.
func contentOf(u *patterns.Unit, e ast.Expr) ast.Expr {
	if c, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(c.Args) == 1 && u.Pkg.Info.Types[c.Fun].IsType() {
		return c.Args[0]
	}
	return e
}
