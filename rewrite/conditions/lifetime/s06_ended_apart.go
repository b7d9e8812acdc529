package lifetime

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// endedApart returns a place outside of the lock's sections that ends the life of what a variable
// has held, under another name. It may be reached once another section has put something else
// into the variable, for which a section that kept the lock throughout its call left no room:
//
//	s.mu.Lock()
//	old := s.conn
//	s.conn = next
//	s.mu.Unlock()
//	old.Close() // or: s.stop = append(s.stop, conn.Close)
func endedApart(w *move.Window, v move.UsedValue, g *types.Var) (at token.Pos, ok bool) {
	p := w.PackageOf(g)
	model := w.Program.StorageOf(p)
	holds := model.Holds(g)
	for _, u := range w.Program.UnitsIn(p) {
		if u.Body == nil {
			continue
		}
		for _, e := range endings(u) {
			path, isPath := patterns.PathOf(p.Info, e)
			if isPath && path.Last() == g || u == w.Unit && w.InBody(e) || !types.Identical(p.Info.TypeOf(e), v.Typ) {
				continue
			}
			if slices.Contains(holds, model.Same(model.Refers(e))) && !w.Program.Owns(p, e) {
				return e.Pos(), true
			}
		}
	}
	return token.NoPos, false
}

// endings lists what a function ends the life of, itself or by a method value.
func endings(u *patterns.Unit) (ended []ast.Expr) {
	called := make(map[ast.Expr]bool)
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called[ast.Unparen(n.Fun)] = true
			of, _ := behaviour.Ended(u.Pkg.Info, n)
			ended = append(ended, of...)
		case *ast.SelectorExpr:
			if s := u.Pkg.Info.Selections[n]; !called[n] && s != nil && s.Kind() == types.MethodVal && behaviour.EndsLife(n.Sel.Name) {
				ended = append(ended, n.X)
			}
		}
		return true
	})
	return ended
}
