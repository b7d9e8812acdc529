package patterns

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/known"
)

// A range over a function calls it:
//
//	for r := range s.each {
//
// Such a call has no expression of its own; one is made up for it, without
// arguments, and stands among the calls of the unit.

// addIterator notes the call that a range over a function is.
func (u *Unit) addIterator(r *ast.RangeStmt) {
	if t := u.Pkg.Info.TypeOf(r.X); t == nil {
		return
	} else if _, ok := t.Underlying().(*types.Signature); !ok {
		return
	}
	if u.Iterators == nil {
		u.Iterators = make(map[ast.Expr]*ast.CallExpr)
	}
	c := &ast.CallExpr{Fun: r.X, Lparen: r.X.Pos(), Rparen: r.X.End() - 1}
	u.Iterators[r.X] = c
	u.calls = append(u.calls, c)
}

// IteratorCall returns the call that ranging over the expression makes, in the unit or
// a literal in it. It is nil if the expression is not a function.
func (u *Unit) IteratorCall(ranged ast.Expr) *ast.CallExpr {
	if c := u.Iterators[ranged]; c != nil {
		return c
	}
	for _, l := range u.Lits {
		if c := l.IteratorCall(ranged); c != nil {
			return c
		}
	}
	return nil
}

// StartsGoroutine reports whether the unit is a literal that runs in a goroutine of its
// own: a go statement calls it, or it is passed to a function that starts goroutines.
// It does not run under the locks of the code that starts it.
func (u *Unit) StartsGoroutine() bool {
	if u.Lit == nil || u.Outer == nil {
		return false
	}
	found := false
	ast.Inspect(u.Outer.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = found || ast.Unparen(n.Call.Fun) == ast.Expr(u.Lit)
		case *ast.CallExpr:
			given := slices.ContainsFunc(n.Args, func(a ast.Expr) bool { return ast.Unparen(a) == ast.Expr(u.Lit) })
			fn := CalleeOf(u.Pkg.Info, n)
			found = found || given && fn != nil && known.Spawns(fn)
		}
		return !found
	})
	return found
}

// returnedUnits lists the functions that a call of a call may run, as in
// s.all()(yield): the literals in what makes the function. What makes one of its
// arguments alone and has no effect is known, too.
func (x *Program) returnedUnits(u *Unit, maker *ast.CallExpr) (units []*Unit, made bool) {
	fn := CalleeOf(u.Pkg.Info, maker)
	if fn == nil {
		return nil, false
	}
	if v := x.UnitOf(fn); v != nil {
		return v.Lits, len(v.Lits) > 0
	}
	_, harmless := known.HasNoEffect(fn)
	return nil, harmless
}
