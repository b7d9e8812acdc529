package extract

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Pointees finds objects that a waiting statement passes to functions that only read them, and
// whose fields a section changes, if they can be copied right before the statement:
//
//	device := *d
//	s.mu.Unlock()
//
//	err := json.NewEncoder(w).Encode(&device)
//
// They must come from a map or slice that holds no nil, contain no references and nothing that
// must not be copied, and have no methods that can tell the copy from the original.
func Pointees(s *site.Site, st ast.Stmt) []Extraction {
	var out []Extraction
	model := s.Program.StorageOf(s.Pkg)
	syntax.EachSynchronousCall(st, func(c *ast.CallExpr) {
		for _, o := range model.Operands(c) {
			id, ok := ast.Unparen(o.Expr).(*ast.Ident)
			if !ok || o.N < 0 {
				continue
			}
			v, ok := s.Info.Uses[id].(*types.Var)
			if !ok || v.IsField() || !copiesPointee(s, v) {
				continue
			}
			object := v.Type().Underlying().(*types.Pointer).Elem()
			params := readParams(s, c, o.N, object)
			if params != nil || (model.OnlyReads(c, o) || behaviour.ReadsObject(s, c, o.N)) && behaviour.ShowsItself(s, c, object) {
				f := behaviour.HoldsGuarded(s, v.Type(), 0, make(map[types.Type]bool))
				out = append(out, Extraction{Operand: true, Pointee: true, From: []*types.Var{f}, Uses: []ast.Expr{id}, Params: params})
			}
		}
	})
	return out
}

// copiesPointee reports whether the object that a local variable points to must and can be
// copied.
func copiesPointee(s *site.Site, v *types.Var) bool {
	ptr, ok := v.Type().Underlying().(*types.Pointer)
	if !ok || s.Unit.Captured(v) || s.Unit.Addressed(v) {
		return false
	}
	from := syntax.LookedUpIn(s.Program, s.Unit, v)
	_, isStruct := syntax.StructOf(ptr.Elem())
	return isStruct && from != nil && guards.HoldsMade(s.Program, s.Pkg, from) && !HoldsLock(ptr.Elem()) && syntax.RefsOf(ptr.Elem(), 0) == syntax.NoRefs &&
		behaviour.HoldsGuarded(s, v.Type(), 0, make(map[types.Type]bool)) != nil
}
