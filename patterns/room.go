package patterns

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// hasRoom reports whether a send cannot wait because the channel was made in
// the same function with a buffer for all sends to it: a constant capacity no
// smaller than the number of sends, none of which stands in a loop.
func (u *Unit) hasRoom(s *ast.SendStmt) bool {
	id, ok := ast.Unparen(s.Chan).(*ast.Ident)
	if !ok {
		return false
	}
	info := u.Pkg.Info
	v, _ := info.Uses[id].(*types.Var)
	call, ok := u.definedOnce(v).(*ast.CallExpr)
	if !ok || builtinOf(info, call) != "make" || len(call.Args) != 2 {
		return false
	}
	val := info.Types[call.Args[1]].Value
	if val == nil {
		return false
	}
	room, ok := constant.Int64Val(constant.ToInt(val))
	if !ok {
		return false
	}
	top := u
	for top.Outer != nil {
		top = top.Outer
	}
	if top.escapes(v) {
		return false
	}
	sends, looped := countSends(info, top.Body, v, call.Pos())
	return !looped && !sharedToSend(info, top.Body, v) && int64(sends) <= room
}

// escapes reports whether a channel variable is used other than to send,
// receive, close, measure or return it, or to pass it on as a channel to receive
// from: then others may send on it.
func (u *Unit) escapes(v *types.Var) bool {
	info := u.Pkg.Info
	fine := make(map[ast.Expr]bool)
	recvOnly := func(t types.Type) bool {
		c, ok := t.Underlying().(*types.Chan)
		return ok && c.Dir() == types.RecvOnly
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			fine[n.Chan] = true
		case *ast.UnaryExpr:
			fine[n.X] = n.Op == token.ARROW
		case *ast.RangeStmt:
			fine[n.X] = true
		case *ast.CallExpr:
			builtin := builtinOf(info, n) != ""
			sig, _ := info.TypeOf(n.Fun).(*types.Signature)
			for i, a := range n.Args {
				fine[a] = builtin || sig != nil && !sig.Variadic() && i < sig.Params().Len() && recvOnly(sig.Params().At(i).Type())
			}
		case *ast.ReturnStmt: // whoever gets it sends after this
			for _, r := range n.Results {
				fine[r] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				fine[l] = true
			}
		case *ast.Ident:
			found = found || info.Uses[n] == v && !fine[n]
		}
		return !found
	})
	return found
}

// countSends counts the sends on v in a body, and says whether one of them
// stands in a loop or literal that the channel's creation does not stand in.
func countSends(info *types.Info, body ast.Node, v *types.Var, made token.Pos) (n int, looped bool) {
	var loops []ast.Node
	once := make(map[ast.Node]bool) // literals that run once where they stand
	var visit func(ast.Node) bool
	visit = func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.CallExpr:
			once[ast.Unparen(m.Fun)] = true
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit:
			if once[m] {
				return true
			}
			loops = append(loops, m)
			ast.Inspect(m, func(c ast.Node) bool { return c == m || visit(c) })
			loops = loops[:len(loops)-1]
			return false
		case *ast.SendStmt:
			if id, ok := ast.Unparen(m.Chan).(*ast.Ident); ok && info.Uses[id] == v {
				n++
				for _, l := range loops {
					if made < l.Pos() || made >= l.End() {
						looped = true
					}
				}
			}
		}
		return true
	}
	ast.Inspect(body, visit)
	return n, looped
}
