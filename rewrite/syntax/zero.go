package syntax

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// FailsForNew reports whether a condition is false for an object that v refers to and of which
// no field is set yet, because one of its conjuncts is:
//
//	p != nil && p.conn != nil
func FailsForNew(info *types.Info, cond ast.Expr, v *types.Var) bool {
	field := func(e ast.Expr) bool {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		id, ok := ast.Unparen(sel.X).(*ast.Ident)
		s := info.Selections[sel]
		return ok && info.Uses[id] == types.Object(v) && s != nil && s.Kind() == types.FieldVal && len(s.Index()) == 1
	}
	switch c := ast.Unparen(cond).(type) {
	case *ast.SelectorExpr:
		return field(c)
	case *ast.BinaryExpr:
		switch c.Op {
		case token.LAND:
			return FailsForNew(info, c.X, v) || FailsForNew(info, c.Y, v)
		case token.NEQ:
			return field(c.X) && isZero(info, c.Y)
		case token.EQL:
			value := info.Types[c.Y].Value
			return field(c.X) && value != nil && !isZero(info, c.Y)
		case token.GTR:
			call, ok := ast.Unparen(c.X).(*ast.CallExpr)
			counts := ok && len(call.Args) == 1 && isLen(info, call) && field(call.Args[0])
			return (counts || field(c.X)) && isZero(info, c.Y)
		}
	}
	return false
}

func isLen(info *types.Info, c *ast.CallExpr) bool {
	id, ok := ast.Unparen(c.Fun).(*ast.Ident)
	b, builtin := info.Uses[id].(*types.Builtin)
	return ok && builtin && b.Name() == "len"
}

// isZero reports whether an expression is nil or the zero value of its basic type.
func isZero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	if tv.IsNil() {
		return true
	}
	if tv.Value == nil {
		return false
	}
	switch tv.Value.Kind() {
	case constant.Bool:
		return !constant.BoolVal(tv.Value)
	case constant.String:
		return constant.StringVal(tv.Value) == ""
	case constant.Int, constant.Float:
		return constant.Sign(tv.Value) == 0
	}
	return false
}

// Creates reports whether a statement does nothing with v but give it a new object if it is nil,
// of which it sets none of the fields that a condition, if there is one, reads:
//
//	if p == nil {
//		p = &peer{addr: addr}
//		s.peers[addr] = p
//	}
func Creates(info *types.Info, st ast.Stmt, v *types.Var, cond ast.Expr) bool {
	ifs, ok := st.(*ast.IfStmt)
	if !ok || ifs.Init != nil || ifs.Else != nil {
		return false
	}
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == types.Object(v)
	}
	c, ok := ast.Unparen(ifs.Cond).(*ast.BinaryExpr)
	if !ok || c.Op != token.EQL || !is(c.X) || !info.Types[c.Y].IsNil() {
		return false
	}
	created := false
	for _, st := range ifs.Body.List {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
			return false
		}
		switch {
		case is(as.Lhs[0]) && !created && isNew(info, as.Rhs[0], cond):
			created = true
		case !created || !is(as.Rhs[0]):
			return false // only stored
		}
	}
	return created
}

// isNew reports whether an expression makes an object without the fields that a condition reads.
func isNew(info *types.Info, e ast.Expr, cond ast.Expr) bool {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		id, isIdent := ast.Unparen(call.Fun).(*ast.Ident)
		b, builtin := info.Uses[id].(*types.Builtin)
		return isIdent && builtin && b.Name() == "new" && info.Types[call.Args[0]].IsType()
	}
	addr, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok || addr.Op != token.AND {
		return false
	}
	lit, ok := ast.Unparen(addr.X).(*ast.CompositeLit)
	if !ok {
		return false
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		f := info.Uses[kv.Key.(*ast.Ident)]
		if f == nil || cond != nil && Has(cond, func(id *ast.Ident) bool { return info.Uses[id] == f }) {
			return false
		}
	}
	return true
}
