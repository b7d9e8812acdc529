package locks

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// Union merges two lists of locks, in the order of their positions. A lock that is taken
// again while it is held must not count twice.
func Union(a, b []*types.Var) []*types.Var {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(v, w *types.Var) int { return cmp.Compare(v.Pos(), w.Pos()) })
	return slices.Compact(all)
}

// EachCall visits the calls in the unit itself, with the locks that the unit itself holds.
func EachCall(x *patterns.Program, u *patterns.Unit, f func(c *ast.CallExpr, held []*types.Var, spawned bool)) {
	visit := func(ref NodeRef, n ast.Node, held []*types.Var) {
		ast.Inspect(n, func(m ast.Node) bool {
			if e, ok := m.(ast.Expr); ok {
				if c := u.Iterators[e]; c != nil {
					f(c, held, false)
				}
			}
			switch m := m.(type) {
			case *ast.GoStmt:
				f(m.Call, nil, true)
				for _, a := range m.Call.Args {
					ast.Inspect(a, func(k ast.Node) bool {
						if c, ok := k.(*ast.CallExpr); ok {
							f(c, held, false)
						}
						_, lit := k.(*ast.FuncLit)
						return !lit
					})
				}
				return false
			case *ast.DeferStmt:
				var held []*types.Var
				if Flows.Of(u) != nil {
					held = heldDeferred(u, ref)
				}
				f(m.Call, held, false)
				return false
			case *ast.FuncLit:
				return false
			case *ast.CallExpr:
				f(m, held, false)
			}
			return true
		})
	}
	if Flows.Of(u) == nil {
		visit(NodeRef{}, u.Body, nil)
		return
	}
	EachNode(u, func(ref NodeRef, n ast.Node) { visit(ref, n, Vars(HeldAtNode(u, ref))) })
}

// EachNode visits the nodes of the unit's graph once each.
func EachNode(u *patterns.Unit, f func(NodeRef, ast.Node)) {
	for _, b := range Flows.Of(u).Graph.Blocks {
		if !b.Live {
			continue
		}
		for i, n := range b.Nodes {
			f(NodeRef{b.Index, i}, n)
		}
	}
}

func Vars(paths []patterns.Path) []*types.Var {
	var vars []*types.Var
	for _, p := range paths {
		if v := p.Last(); v != nil {
			vars = append(vars, v)
		}
	}
	return vars
}
