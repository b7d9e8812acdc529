package syntax

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
)

// IdentOf returns the last name in a name or a selector, or nil.
func IdentOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// VarOf returns the variable that an identifier names, or nil.
func VarOf(info *types.Info, id *ast.Ident) *types.Var {
	v, _ := info.ObjectOf(id).(*types.Var)
	return v
}

// IsBlank reports whether an expression is the blank identifier.
func IsBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// MeansAt reports whether the name of an object means that object at a position.
func MeansAt(pkg *types.Package, v types.Object, pos token.Pos) bool {
	inner := pkg.Scope().Innermost(pos)
	if inner == nil {
		return false
	}
	_, obj := inner.LookupParent(v.Name(), pos)
	return obj == v
}

// RootIdent returns the identifier at the start of a chain of selectors, indexes and
// the like.
func RootIdent(e ast.Expr) (*ast.Ident, bool) {
	for e != nil {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			return id, true
		}
		e = OwnerOf(e)
	}
	return nil, false
}

// OwnerOf returns the operand of a selector, an index or a dereference, or nil for any
// other expression.
func OwnerOf(e ast.Expr) ast.Expr {
	switch x := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		return x.X
	case *ast.StarExpr:
		return x.X
	case *ast.IndexExpr:
		return x.X
	}
	return nil
}

// SortedVars lists the variables of a map in source order.
func SortedVars[V any](m map[*types.Var]V) []*types.Var {
	vars := make([]*types.Var, 0, len(m))
	for v := range m {
		vars = append(vars, v)
	}
	slices.SortFunc(vars, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return vars
}

// IsGlobal reports whether a variable is a package-level one.
func IsGlobal(v *types.Var) bool {
	return !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// IsMake reports whether a call is one of the built-in function make.
func IsMake(info *types.Info, c *ast.CallExpr) bool {
	return patterns.BuiltinOf(info, c) == "make"
}

// FreshValue reports whether an expression makes a value that nothing else refers to.
func FreshValue(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.BasicLit:
		return true
	case *ast.Ident:
		return info.Types[e].IsNil()
	case *ast.CallExpr:
		return IsMake(info, e)
	}
	return false
}

// Empties reports whether an access empties a variable, or takes something out of it,
// without putting anything in.
func Empties(a *guards.Access) bool {
	found := false
	info := a.Unit.Pkg.Info
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.ASSIGN || len(n.Lhs) != len(n.Rhs) {
				return true
			}
			for i, l := range n.Lhs {
				if Within(a.Node, l) {
					_, element := ast.Unparen(l).(*ast.IndexExpr)
					found = !element && emptyValue(info, n.Rhs[i])
				}
			}
		case *ast.CallExpr:
			if name := patterns.BuiltinOf(info, n); (name == "delete" || name == "clear") && Within(a.Node, n.Args[0]) {
				found = true
			}
		}
		return true
	})
	return found
}

// emptyValue reports whether an expression is a zero value, or a new map or
// slice with nothing in it.
func emptyValue(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.BasicLit:
		return e.Value == "0" || e.Value == `""`
	case *ast.Ident:
		return info.Types[e].IsNil() || IsFalse(info, e)
	case *ast.CallExpr:
		return IsMake(info, e)
	}
	return false
}

// IsFalse reports whether an expression is the constant false.
func IsFalse(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && v.String() == "false"
}

// Counted returns what a node itself counts up ([token.INC]) or down ([token.DEC]), as x++
// and x += y do; nil if it does not.
func Counted(n ast.Node, ways ...token.Token) ast.Expr {
	switch n := n.(type) {
	case *ast.IncDecStmt:
		if slices.Contains(ways, n.Tok) {
			return n.X
		}
	case *ast.AssignStmt:
		way := map[token.Token]token.Token{token.ADD_ASSIGN: token.INC, token.SUB_ASSIGN: token.DEC}[n.Tok]
		if slices.Contains(ways, way) {
			return n.Lhs[0]
		}
	}
	return nil
}

// AssignedBy lists the expressions that a node itself assigns to.
func AssignedBy(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		return slices.DeleteFunc([]ast.Expr{n.Key, n.Value}, func(e ast.Expr) bool { return e == nil })
	}
	return nil
}

// Deletes reports whether an access is that of a call of delete.
func Deletes(a *guards.Access) bool {
	return slices.ContainsFunc(a.Unit.Calls(), func(c *ast.CallExpr) bool {
		return patterns.BuiltinOf(a.Unit.Pkg.Info, c) == "delete" && Within(a.Node, c.Args[0])
	})
}

// DeletesEntry reports whether a call of delete names the map and the key as a lookup does.
func DeletesEntry(c *ast.CallExpr, lookup *ast.IndexExpr) bool {
	return types.ExprString(c.Args[0]) == types.ExprString(lookup.X) && types.ExprString(c.Args[1]) == types.ExprString(lookup.Index)
}

// OnlyReturned reports whether a node is part of a result of a return statement, and no call gets
// it on the way.
func OnlyReturned(parents map[ast.Node]ast.Node, n ast.Node) bool {
	for p := parents[n]; p != nil; p = parents[p] {
		switch p.(type) {
		case *ast.ReturnStmt:
			return true
		case *ast.CallExpr, *ast.FuncLit, ast.Stmt:
			return false
		}
	}
	return false
}

// Shortened returns the spelling of an expression for a sentence. Of a long one, it leaves out
// the arguments, or else the middle.
func Shortened(code string) string {
	const most, kept = 40, 18
	if len(code) <= most {
		return code
	}
	if fun, _, ok := strings.Cut(code, "("); ok && fun != "" && len(fun) <= most && strings.HasSuffix(code, ")") {
		return fun + "(…)"
	}
	return strings.ToValidUTF8(code[:kept], "") + "…" + strings.ToValidUTF8(code[len(code)-kept:], "")
}

// IsZero reports whether a constant is false, 0 or "".
func IsZero(v constant.Value) bool {
	switch v.Kind() {
	case constant.Bool:
		return !constant.BoolVal(v)
	case constant.String:
		return constant.StringVal(v) == ""
	}
	return constant.Sign(v) == 0
}
