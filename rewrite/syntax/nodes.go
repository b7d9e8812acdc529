package syntax

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
)

// Within reports whether a node is in another one, or is that one.
func Within(n, outer ast.Node) bool { return outer.Pos() <= n.Pos() && n.End() <= outer.End() }

// InspectOuter is ast.Inspect without entering function literals.
func InspectOuter(n ast.Node, f func(ast.Node) bool) {
	ast.Inspect(n, func(m ast.Node) bool {
		if _, ok := m.(*ast.FuncLit); ok {
			return false
		}
		if m == nil {
			return true
		}
		return f(m)
	})
}

// InspectRun is ast.Inspect without entering the function literals that run in goroutines of
// their own: those that a go statement or a function like [sync.WaitGroup.Go] starts.
//
//	retry(func() error { return send(peer) }) // enters this one
func InspectRun(info *types.Info, n ast.Node, f func(ast.Node) bool) {
	started := make(map[ast.Expr]bool)
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case nil:
			return true
		case *ast.GoStmt:
			started[ast.Unparen(m.Call.Fun)] = true
		case *ast.CallExpr:
			if fn := patterns.CalleeOf(info, m); fn != nil && known.Spawns(fn) {
				for _, a := range m.Args {
					started[ast.Unparen(a)] = true
				}
			}
		case *ast.FuncLit:
			if started[m] {
				return false
			}
		}
		return f(m)
	})
}

// ReturnsIn lists the return statements in statements, without those of
// function literals.
func ReturnsIn(list []ast.Stmt) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	for _, st := range list {
		InspectOuter(st, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok {
				out = append(out, r)
			}
			return true
		})
	}
	return out
}

// StmtNodes returns statements as nodes.
func StmtNodes(list []ast.Stmt) []ast.Node {
	nodes := make([]ast.Node, len(list))
	for i, st := range list {
		nodes[i] = st
	}
	return nodes
}

// Mentions reports whether a node uses the variable.
func Mentions(info *types.Info, n ast.Node, v *types.Var) bool {
	return Has(n, func(id *ast.Ident) bool { return info.Uses[id] == v })
}

// NamesField reports whether a node names a variable, a field or not.
func NamesField(info *types.Info, n ast.Node, v *types.Var) bool {
	return Has(n, func(id *ast.Ident) bool {
		u, isVar := info.Uses[id].(*types.Var)
		return isVar && u.Origin() == v
	})
}

// ConditionsIn lists the expressions by which a statement or an operator decides which
// of its parts run.
func ConditionsIn(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.IfStmt:
		return []ast.Expr{n.Cond}
	case *ast.ForStmt:
		if n.Cond != nil {
			return []ast.Expr{n.Cond}
		}
	case *ast.RangeStmt:
		return []ast.Expr{n.X}
	case *ast.SwitchStmt:
		return ConditionsOf(n)
	case *ast.TypeSwitchStmt:
		return []ast.Expr{SwitchedOn(n)}
	case *ast.SelectStmt:
		return LooksOf(n)
	case *ast.BinaryExpr:
		if n.Op == token.LAND || n.Op == token.LOR {
			return []ast.Expr{n.X}
		}
	}
	return nil
}

// ConditionsOf lists the expressions that decide which case of a switch runs.
func ConditionsOf(n *ast.SwitchStmt) []ast.Expr {
	var conds []ast.Expr
	if n.Tag != nil {
		conds = append(conds, n.Tag)
	}
	for _, c := range n.Body.List {
		conds = append(conds, c.(*ast.CaseClause).List...)
	}
	return conds
}

// LooksOf lists the receives of a select that does not wait: it checks whether a
// channel is closed, or has a value.
func LooksOf(n *ast.SelectStmt) []ast.Expr {
	var looks []ast.Expr
	waits := true
	for _, c := range n.Body.List {
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case nil:
			waits = false
		case *ast.ExprStmt:
			looks = append(looks, comm.X)
		case *ast.AssignStmt:
			looks = append(looks, comm.Rhs[0])
		}
	}
	if waits {
		return nil
	}
	return looks
}

// SwitchedOn returns the expression whose type a type switch tests.
func SwitchedOn(n *ast.TypeSwitchStmt) ast.Expr {
	var x ast.Expr
	switch a := n.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		x = a.Rhs[0]
	}
	return ast.Unparen(x).(*ast.TypeAssertExpr).X
}

// Selected returns the whole of what is selected from a node by names: s.a.b of s.
func Selected(parents map[ast.Node]ast.Node, n ast.Node) ast.Node {
	for sel, ok := parents[n].(*ast.SelectorExpr); ok; sel, ok = parents[n].(*ast.SelectorExpr) {
		n = sel
	}
	return n
}

// Indexed returns the index expression whose operand is what is selected from a node, or nil.
func Indexed(parents map[ast.Node]ast.Node, n ast.Node) *ast.IndexExpr {
	n = Selected(parents, n)
	ix, ok := parents[n].(*ast.IndexExpr)
	if !ok || ix.X != n {
		return nil
	}
	return ix
}

// Has reports whether a predicate holds for a node of a type in another one, or for that.
func Has[N ast.Node](n ast.Node, is func(N) bool) bool { return has(ast.Inspect, n, is) }

// HasOuter is Has, with function literals left out.
func HasOuter[N ast.Node](n ast.Node, is func(N) bool) bool { return has(InspectOuter, n, is) }

// Every reports whether a predicate holds for all nodes of a type in a node.
func Every[N ast.Node](n ast.Node, holds func(N) bool) bool {
	return !Has(n, func(n N) bool { return !holds(n) })
}

// First returns what a function makes of the nodes of a type in another one, for the first
// of which it makes anything.
func First[N ast.Node, R any](n ast.Node, made func(N) *R) *R { return first(ast.Inspect, n, made) }

// FirstOuter is First, with function literals left out.
func FirstOuter[N ast.Node, R any](n ast.Node, made func(N) *R) *R {
	return first(InspectOuter, n, made)
}

// FirstRun is First, with the function literals left out that [InspectRun] leaves out.
func FirstRun[N ast.Node, R any](info *types.Info, n ast.Node, made func(N) *R) *R {
	return first(func(n ast.Node, f func(ast.Node) bool) { InspectRun(info, n, f) }, n, made)
}

func first[N ast.Node, R any](inspect func(ast.Node, func(ast.Node) bool), n ast.Node, made func(N) *R) *R {
	var found *R
	inspect(n, func(n ast.Node) bool {
		if n, ok := n.(N); ok && found == nil {
			found = made(n)
		}
		return found == nil
	})
	return found
}

func has[N ast.Node](inspect func(ast.Node, func(ast.Node) bool), n ast.Node, is func(N) bool) bool {
	found := false
	inspect(n, func(n ast.Node) bool {
		if n, ok := n.(N); ok {
			found = found || is(n)
		}
		return !found
	})
	return found
}
