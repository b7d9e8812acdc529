package syntax

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// EachSynchronousCall calls f with the calls in a node, except those of go statements
// and in function literals.
func EachSynchronousCall(n ast.Node, f func(*ast.CallExpr)) {
	InspectOuter(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.GoStmt:
			return false
		case *ast.CallExpr:
			f(m)
		}
		return true
	})
}

// ChangesAtomic returns the variable that a call changes, if it synchronises itself, or
// nil.
func ChangesAtomic(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if v := AtomicOf(u, c); v != nil && !ReadsAtomic(u, c) {
		return v
	}
	return nil
}

// AtomicOf returns the variable on which a call of an atomic package is made, as a
// method or with its address, or a method of sync.Map. It is nil for any other call.
func AtomicOf(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if e := AtomicOperand(u, c); e != nil {
		if p, ok := patterns.PathOf(u.Pkg.Info, e); ok {
			return p.Last()
		}
	}
	return nil
}

// AtomicOperand is [AtomicOf] for the expression that names the variable.
func AtomicOperand(u *patterns.Unit, c *ast.CallExpr) ast.Expr {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || fn.Pkg() == nil || !known.AtomicPackage(fn.Pkg().Path()) && !(fn.Pkg().Path() == "sync" && strings.HasPrefix(fn.FullName(), "(*sync.Map).")) {
		return nil
	}
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		return sel.X
	}
	if len(c.Args) > 0 {
		if addr, ok := ast.Unparen(c.Args[0]).(*ast.UnaryExpr); ok {
			return addr.X
		}
	}
	return nil
}

// IsSyncMap reports whether a call is one of a method of sync.Map.
func IsSyncMap(u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	return fn != nil && strings.HasPrefix(fn.FullName(), "(*sync.Map).")
}

// ReadsAtomic reports whether a call of package sync/atomic, or of a method of
// sync.Map, only reads.
func ReadsAtomic(u *patterns.Unit, c *ast.CallExpr) bool {
	switch name := patterns.CalleeOf(u.Pkg.Info, c).Name(); name {
	case "Range", "Load", "LoadInt32", "LoadInt64", "LoadUint32", "LoadUint64", "LoadUintptr", "LoadPointer":
		return true
	}
	return false
}

// CallName names the callee of a call, for a message.
func CallName(c *ast.CallExpr) string {
	if _, ok := ast.Unparen(c.Fun).(*ast.FuncLit); ok {
		return "a function literal"
	}
	return types.ExprString(c.Fun)
}

// CallOf returns the node as a call; if it is not one, the call is empty.
func CallOf(n ast.Node) *ast.CallExpr {
	if c, ok := n.(*ast.CallExpr); ok {
		return c
	}
	return &ast.CallExpr{Fun: &ast.BadExpr{}}
}

// IsLogCall reports whether a call is one of a logging package of the standard library.
func IsLogCall(info *types.Info, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(info, c)
	return fn != nil && fn.Pkg() != nil && (fn.Pkg().Path() == "log" || fn.Pkg().Path() == "log/slog")
}
