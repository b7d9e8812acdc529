package move

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// OnlyMakesMap reports whether a change makes a map if it is nil, and nobody can tell the
// difference: the package tests for nil only to make the map in the same way, and an empty map
// reads like a nil one.
//
//	if c.entries == nil {
//		c.entries = make(map[string]*entry)
//	}
func (w *Window) OnlyMakesMap(t *site.Touch) bool {
	v := t.Access.Var
	p := w.PackageOf(v)
	sharing := guards.SharingOf(w.Program, p, v)
	if t.Via != nil || t.Access.Kind != guards.Write || sharing.Exported || p.UsedInOtherBuilds(v) {
		return false
	}
	makes := syntax.Has(w.Unit.Body, func(ifs *ast.IfStmt) bool {
		return syntax.Within(t.Access.Node, ifs.Body) && syntax.MakesMap(w.Info, ifs, v)
	})
	return makes && !slices.ContainsFunc(w.Program.UnitsIn(p), func(u *patterns.Unit) bool { return u.Body != nil && syntax.LooksAtNil(u, v) })
}
