package patterns

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// A Call is a call and the unit that contains it.
type Call struct {
	Unit *Unit
	Call *ast.CallExpr
}

// Declares reports whether v is a parameter, result or local variable of the
// unit or of a literal in it.
func (u *Unit) Declares(v *types.Var) bool { return u.IsParam(v) || u.Contains(v.Pos()) }

// IsLockCall reports whether a call takes or releases a lock.
func IsLockCall(info *types.Info, c *ast.CallExpr) bool {
	_, ok := LockCall(info, c)
	return ok
}

// Assigned reports whether statements of the unit define or assign the
// variable.
func (u *Unit) Assigned(v *types.Var, list []ast.Stmt) bool {
	found := false
	is := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok && u.Pkg.Info.ObjectOf(id) == v {
			found = true
		}
	}
	for _, st := range list {
		EachAssignment(st, func(lhs, _ ast.Expr) { is(lhs) })
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IncDecStmt:
				is(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					is(n.X)
				}
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					is(n.Key)
					is(n.Value)
				}
			case *ast.ValueSpec: // without values, too
				for _, id := range n.Names {
					is(id)
				}
			}
			return !found
		})
	}
	return found
}

// UnitsIn lists the units of a package. Function literals come after the unit that
// contains them.
func (x *Program) UnitsIn(p *Package) []*Unit { return x.units[p] }

// Addressed reports whether the code takes the address of a local variable, with & or
// by calling a method with a pointer receiver on it.
func (u *Unit) Addressed(v *types.Var) bool {
	if u.addressed != nil {
		return u.addressed[v]
	}
	addressed := make(map[*types.Var]bool)
	info := u.Pkg.Info
	ast.Inspect(u.Body, func(n ast.Node) bool {
		var x ast.Expr
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				x = n.X
			}
		case *ast.SelectorExpr:
			if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal && !PassesPointer(s) {
				if _, ptr := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer); ptr {
					x = n.X
				}
			}
		}
		if x != nil {
			if p, ok := PathOf(info, x); ok && p.Root != nil && storage.IsPart(info, x) {
				addressed[p.Root] = true
			}
		}
		return true
	})
	u.addressed = addressed
	return addressed[v]
}

// Results returns the results of the unit's function.
func (u *Unit) Results() *types.Tuple { return u.Signature().Results() }
