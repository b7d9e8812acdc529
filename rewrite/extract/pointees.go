package extract

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Pointees finds the objects that a statement which waits passes to functions that only
// read them, and whose fields a section changes, if they can be copied right before it:
//
//	device := *d
//	s.mu.Unlock()
//
//	err := json.NewEncoder(w).Encode(&device)
//
// They were looked up in a map or slice that holds no nil, nothing in them refers to
// anything else, nothing in them must not be copied, and their own methods cannot tell
// the copy from the object.
func Pointees(s *site.Site, st ast.Stmt) []Extraction {
	var out []Extraction
	model := s.Program.StorageOf(s.Pkg)
	syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
		for _, o := range model.Operands(c) {
			id, ok := ast.Unparen(o.Expr).(*ast.Ident)
			if !ok || o.N < 0 || !model.OnlyReads(c, o) && !behaviour.ReadsObject(s, c, o.N) {
				continue
			}
			v, ok := s.Info.Uses[id].(*types.Var)
			if ok && !v.IsField() && copiesPointee(s, c, v) {
				f := behaviour.HoldsGuarded(s, v.Type(), 0, make(map[types.Type]bool))
				out = append(out, Extraction{Operand: true, Pointee: true, From: []*types.Var{f}, Uses: []ast.Expr{id}})
			}
		}
	})
	return out
}

// copiesPointee reports whether what a local variable points to has to be copied for a
// call, and can be.
func copiesPointee(s *site.Site, c *ast.CallExpr, v *types.Var) bool {
	ptr, ok := v.Type().Underlying().(*types.Pointer)
	if !ok || s.Unit.Captured(v) || s.Unit.Addressed(v) {
		return false
	}
	from := behaviour.LookedUpIn(s, v)
	_, isStruct := syntax.StructOf(ptr.Elem())
	return isStruct && from != nil && guards.HoldsMade(s.Program, s.Pkg, from) && !HoldsLock(ptr.Elem()) && syntax.RefsOf(ptr.Elem(), 0) == syntax.NoRefs &&
		behaviour.HoldsGuarded(s, v.Type(), 0, make(map[types.Type]bool)) != nil && behaviour.ShowsItself(s, c, ptr.Elem())
}
