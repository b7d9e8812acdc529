package lifetime

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/move"
)

// closedInside finds a call under the section's lock that ends the life of an object that a
// value of the window may have been made from and may still use:
//
//	c.conn, err = net.Dial("tcp", addr)
//	c.client = rpc.NewClient(c.conn)
//	...
//	c.conn.Close()
//
// The types of the calls in the package say what was made from what: a function gets the
// one and returns the other.
func closedInside(w *move.Window, v move.UsedValue) (token.Pos, bool) {
	for _, c := range w.ClosingOthers(v) {
		for _, e := range move.ClosedBy(c) {
			if madeFrom(w, v.Typ, c.Unit.Pkg.Info.TypeOf(e)) {
				return c.Call.Pos(), true
			}
		}
	}
	return token.NoPos, false
}

// madeFrom reports whether the package calls a function that takes a value of one type and
// returns a value of another.
func madeFrom(w *move.Window, made, from types.Type) bool {
	return slices.ContainsFunc(w.Program.UnitsIn(w.Pkg), func(u *patterns.Unit) bool {
		return slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool {
			info := u.Pkg.Info
			if info.Types[c.Fun].IsType() || !gives(info.TypeOf(c), made) {
				return false
			}
			return slices.ContainsFunc(c.Args, func(a ast.Expr) bool {
				t := info.TypeOf(a)
				return t != nil && types.Identical(t, from)
			})
		})
	})
}

// gives reports whether the type of a call has a result of a type.
func gives(t, result types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	if !ok {
		return t != nil && types.Identical(t, result)
	}
	return slices.ContainsFunc(slices.Collect(tuple.Variables()), func(v *types.Var) bool { return types.Identical(v.Type(), result) })
}
