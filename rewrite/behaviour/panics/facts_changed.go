package panics

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// changed reports whether what an expression names may have changed between a fact and the node.
// A field or an element may change whenever the lock is not held, and in any call. So may a
// variable that a function literal uses, or whose address was taken.
func (p *panicCheck) changed(e ast.Expr, f fact, at ast.Node) bool {
	vars, plain := p.varsOf(e)
	if vars == nil {
		return true
	}
	if !plain && f.since < p.list[0].Pos() && (f.loop == nil || f.loop.Pos() < p.list[0].Pos()) {
		return true
	}
	until := at.Pos()
	for n := p.around(at); n != nil; n = p.around(n) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() > f.since {
				until = max(until, n.End())
			}
		}
	}
	found := false
	ast.Inspect(p.unit.Body, func(n ast.Node) bool {
		switch {
		case n == nil || found || n.End() <= f.since || n.Pos() >= until:
			return false
		case n.Pos() < f.since || n == ast.Node(f.loop):
			return true // only parts of it come after the fact
		case n.End() > at.Pos() && (until == at.Pos() || f.loop != nil && p.leavesLoop(n, f.loop)):
			return true // it takes effect after the node
		}
		found = p.changes(n, e, vars, plain)
		return !found
	})
	return found
}

// leavesLoop reports whether the loop ends after the statement list that contains n, so that no
// later iteration sees what n changes.
func (p *panicCheck) leavesLoop(n ast.Node, loop *ast.RangeStmt) bool {
	for ; n != nil && n != ast.Node(loop.Body); n = p.parents[n] {
		list := statements.ListOf(p.parents[n])
		if len(list) == 0 || slices.ContainsFunc(list[:len(list)-1], func(st ast.Stmt) bool { return st.Pos() > n.Pos() && jumps(st) }) {
			continue
		}
		switch last := list[len(list)-1].(type) {
		case *ast.ReturnStmt:
			return true
		case *ast.BranchStmt:
			if last.Tok == token.BREAK && last.Label == nil && p.breaks(last) == ast.Node(loop) {
				return true
			}
		}
	}
	return false
}

// jumps reports whether a statement contains a break, continue or goto.
func jumps(st ast.Stmt) bool {
	return syntax.HasOuter(st, func(*ast.BranchStmt) bool { return true })
}

// breaks returns the statement that a break leaves.
func (p *panicCheck) breaks(b *ast.BranchStmt) ast.Node {
	for n := p.parents[b]; n != nil; n = p.parents[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			return n
		}
	}
	return nil
}

// varsOf lists the variables and fields that an expression is made of, or nil if it contains
// anything but those, their elements and len. It is plain if it is a local variable that only
// this function's own assignments change.
func (p *panicCheck) varsOf(e ast.Expr) (vars []types.Object, plain bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := p.info.ObjectOf(e).(*types.Var)
		if !ok {
			return nil, false
		}
		own := p.unit.Declares(v) && !p.unit.Addressed(v)
		return []types.Object{v}, own && (!p.unit.Captured(v) || !p.assignedIn(p.unit.Body, v))
	case *ast.SelectorExpr:
		v, ok := p.info.ObjectOf(e.Sel).(*types.Var)
		if !ok {
			return nil, false
		}
		if p.info.Selections[e] == nil { // qualified by a package
			return []types.Object{v}, false
		}
		of, _ := p.varsOf(e.X)
		if of == nil {
			return nil, false
		}
		return append(of, v.Origin()), false
	case *ast.IndexExpr:
		of, _ := p.varsOf(e.X)
		if of == nil || p.info.Types[e.Index].Value != nil {
			return of, false
		}
		index, _ := p.varsOf(e.Index)
		if index == nil {
			return nil, false
		}
		return append(of, index...), false
	case *ast.CallExpr:
		if patterns.BuiltinOf(p.info, e) == "len" {
			of, _ := p.varsOf(e.Args[0])
			return of, false
		}
	}
	return nil, false
}

// changes reports whether the node itself may change what an expression names.
func (p *panicCheck) changes(n ast.Node, e ast.Expr, vars []types.Object, plain bool) bool {
	if c, ok := n.(*ast.CallExpr); ok && !plain {
		tv := p.info.Types[c.Fun]
		switch {
		case tv.IsType():
			return false
		case tv.IsBuiltin():
			name := patterns.BuiltinOf(p.info, c)
			return hasElement(e) && (name == "delete" || name == "clear" || name == "copy")
		case patterns.IsLockCall(p.info, c):
			return true
		}
		return behaviour.Effectful(p.s, p.unit, c)
	}
	if !plain && waitsForOthers(n) {
		return true
	}
	return slices.ContainsFunc(syntax.AssignedBy(n), func(l ast.Expr) bool {
		v, element := p.target(l)
		return slices.Contains(vars, v) && (!element || hasElement(e))
	})
}

// waitsForOthers reports whether a node is a channel operation, during which the lock may be
// released.
func waitsForOthers(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt, *ast.SelectStmt:
		return true
	case *ast.UnaryExpr:
		return n.Op == token.ARROW
	}
	return false
}

// hasElement reports whether an expression names an element of a map or slice.
func hasElement(e ast.Expr) bool {
	return syntax.Has(e, func(*ast.IndexExpr) bool { return true })
}

// target returns the variable or field that an assignment to e changes, and whether it changes
// only an element of it.
func (p *panicCheck) target(e ast.Expr) (v types.Object, element bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return p.info.ObjectOf(e), false
	case *ast.SelectorExpr:
		if f, ok := p.info.ObjectOf(e.Sel).(*types.Var); ok {
			return f.Origin(), false
		}
	case *ast.IndexExpr:
		v, _ := p.target(e.X)
		return v, true
	case *ast.StarExpr:
		v, _ := p.target(e.X)
		return v, true
	}
	return nil, false
}

func (p *panicCheck) assignedIn(n ast.Node, v types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		for _, l := range syntax.AssignedBy(n) {
			if id, ok := ast.Unparen(l).(*ast.Ident); ok && p.info.ObjectOf(id) == v {
				found = true
			}
		}
		return !found
	})
	return found
}
