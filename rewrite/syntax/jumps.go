package syntax

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// Terminates reports whether control never passes the end of the statement:
// a simple form of the language's terminating statements.
func Terminates(info *types.Info, st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.BlockStmt:
		return len(st.List) > 0 && Terminates(info, st.List[len(st.List)-1])
	case *ast.IfStmt:
		return st.Else != nil && Terminates(info, st.Body) && Terminates(info, st.Else)
	case *ast.LabeledStmt:
		return Terminates(info, st.Stmt)
	case *ast.ForStmt:
		return st.Cond == nil && !hasBreak(st.Body)
	case *ast.SwitchStmt:
		return clausesTerminate(info, st.Body, false)
	case *ast.TypeSwitchStmt:
		return clausesTerminate(info, st.Body, false)
	case *ast.SelectStmt:
		return clausesTerminate(info, st.Body, true)
	case *ast.ExprStmt:
		if call, ok := st.X.(*ast.CallExpr); ok {
			return patterns.BuiltinOf(info, call) == "panic"
		}
	}
	return false
}

func clausesTerminate(info *types.Info, body *ast.BlockStmt, isSelect bool) bool {
	hasDefault := isSelect
	for _, c := range body.List {
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			list = c.Body
			hasDefault = hasDefault || c.List == nil
		case *ast.CommClause:
			list = c.Body
		}
		if len(list) == 0 || !Terminates(info, list[len(list)-1]) || hasBreak(c) {
			return false
		}
	}
	return hasDefault
}

// hasBreak reports whether a node contains a break, wherever it leads.
func hasBreak(n ast.Node) bool {
	return HasOuter(n, func(b *ast.BranchStmt) bool { return b.Tok == token.BREAK })
}

// ReturnsOnly reports whether a block ends with a return and has no other way out.
func ReturnsOnly(b *ast.BlockStmt) bool {
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok && !hasBreak(b)
}

// ReturnsUnnamed reports whether a body has a return without operands.
func ReturnsUnnamed(body ast.Node) bool {
	return HasOuter(body, func(r *ast.ReturnStmt) bool { return len(r.Results) == 0 })
}

// JumpsOut reports whether a node contains a jump that leads out of it. A break
// or continue without a label ends at the loop, switch or select around it.
func JumpsOut(n ast.Node, inLoop, inSwitch bool) bool {
	found := false
	InspectOuter(n, func(m ast.Node) bool {
		if found {
			return false
		}
		switch m := m.(type) {
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			switch {
			case m.Tok == token.GOTO || m.Label != nil:
				found = true
			case m.Tok == token.CONTINUE:
				found = !inLoop
			case m.Tok == token.BREAK:
				found = !inLoop && !inSwitch
			}
		case *ast.ForStmt:
			found = JumpsOut(m.Body, true, true)
			return false
		case *ast.RangeStmt:
			found = JumpsOut(m.Body, true, true)
			return false
		case *ast.SwitchStmt:
			found = JumpsOut(m.Body, inLoop, true)
			return false
		case *ast.TypeSwitchStmt:
			found = JumpsOut(m.Body, inLoop, true)
			return false
		case *ast.SelectStmt:
			found = JumpsOut(m.Body, inLoop, true)
			return false
		}
		return true
	})
	return found
}

// JumpsBack reports whether a function has a goto.
func JumpsBack(body ast.Node) bool {
	return HasOuter(body, func(b *ast.BranchStmt) bool { return b.Tok == token.GOTO })
}

// HasJump reports whether a statement contains a break, continue or goto.
func HasJump(st ast.Stmt) bool {
	return HasOuter(st, func(b *ast.BranchStmt) bool { return b.Tok != token.FALLTHROUGH })
}

// DeferIn returns a defer statement in a node, or nil; those of function literals
// are none.
func DeferIn(n ast.Node) *ast.DeferStmt {
	return FirstOuter(n, func(d *ast.DeferStmt) *ast.DeferStmt { return d })
}

// ReturnsLast reports whether a block ends with a return, and can be left in no
// other way than by a return or a panic.
func ReturnsLast(b *ast.BlockStmt) bool {
	return len(b.List) > 0 && ReturnsOnly(b) && !HasJump(b)
}

// ResultsIn lists the results of the returns in a statement.
func ResultsIn(st ast.Stmt) []ast.Expr {
	var out []ast.Expr
	for _, ret := range ReturnsIn([]ast.Stmt{st}) {
		out = append(out, ret.Results...)
	}
	return out
}
