package channels

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// Filled reports whether a receive finds the channel closed from the start, or filled by the
// statements before.
func Filled(x *patterns.Program, u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	return isClosed(x, u, ch) || filledBefore(u, n, ch)
}

// isClosed reports whether a channel is in a package-level variable that keeps a channel
// which is closed before anybody uses it: by the function literal that makes it, or by a
// function init.
func isClosed(x *patterns.Program, u *patterns.Unit, ch ast.Expr) bool {
	id, ok := ast.Unparen(ch).(*ast.Ident)
	if !ok {
		return false
	}
	v := patterns.AsVar(u.Pkg.Info, id)
	if !patterns.IsGlobal(v) || v.Pkg() != u.Pkg.Types || v.Exported() {
		return false
	}
	given := x.AssignmentsIn(u.Pkg)[v]
	if len(given) != 1 || given[0].Expr == nil {
		return false
	}
	closes := func(body *ast.BlockStmt, name string) bool {
		return slices.ContainsFunc(body.List, func(st ast.Stmt) bool {
			es, ok := st.(*ast.ExprStmt)
			if !ok {
				return false
			}
			c, ok := es.X.(*ast.CallExpr)
			return ok && patterns.BuiltinOf(u.Pkg.Info, c) == "close" && types.ExprString(c.Args[0]) == name
		})
	}
	call, _ := ast.Unparen(given[0].Expr).(*ast.CallExpr)
	if call == nil {
		return false
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		if len(lit.Body.List) == 0 {
			return false
		}
		last, ok := lit.Body.List[len(lit.Body.List)-1].(*ast.ReturnStmt)
		return ok && len(last.Results) == 1 && closes(lit.Body, types.ExprString(last.Results[0]))
	}
	return slices.ContainsFunc(u.Pkg.Files, func(f *patterns.File) bool {
		return slices.ContainsFunc(f.Syntax.Decls, func(d ast.Decl) bool {
			fd, ok := d.(*ast.FuncDecl)
			return ok && fd.Recv == nil && fd.Name.Name == "init" && fd.Body != nil && closes(fd.Body, v.Name())
		})
	})
}

// filledBefore reports whether the statements before a receive, in the list of the one that
// makes a channel which nobody else has, send as many values as there are receives by then.
func filledBefore(u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	id, ok := ast.Unparen(ch).(*ast.Ident)
	if !ok {
		return false
	}
	info, top := u.Pkg.Info, patterns.TopOf(u)
	v := patterns.AsVar(info, id)
	made, ok := u.DefinedOnce(v).(*ast.CallExpr)
	if !ok || patterns.BuiltinOf(info, made) != "make" || escapes(top, v) || sharedToSend(info, top.Body, v) || loops(top, made.Pos(), n) {
		return false
	}
	var list []ast.Stmt
	EachStatement(u, func(st ast.Stmt) {
		if st.Pos() <= made.Pos() && made.End() <= st.End() {
			if l, _ := statements.Around(top.Body, st); l != nil {
				list = l // the innermost
			}
		}
	})
	sent := 0
	for _, st := range list {
		if s, ok := st.(*ast.SendStmt); ok && s.Pos() < n.Pos() && types.ExprString(s.Chan) == v.Name() {
			sent++
		}
	}
	got := 0
	ast.Inspect(top.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			if uses(info, m, v) {
				got = many
			}
		case *ast.RangeStmt:
			if uses(info, m.X, v) {
				got = many
			}
		case *ast.UnaryExpr:
			if m.Op == token.ARROW && uses(info, m.X, v) && m.Pos() <= n.Pos() {
				got++
				if loops(top, made.Pos(), m) {
					got = many
				}
			}
		}
		return true
	})
	return sent > 0 && got <= sent
}
