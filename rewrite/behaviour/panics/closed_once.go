package panics

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// closedOnce reports whether close(x.c) always finds an open channel: it is the only close, and
// it runs only after a test of the field itself, or of a flag beside it, that is then reset:
//
//	if !w.running {
//		return
//	}
//	w.running = false
//	close(w.stop)
//
//	if w.stop != nil {
//		close(w.stop)
//		w.stop = nil
//	}
//
// The flag must only ever be set together with x.c = make(chan T).
func (p *panicCheck) closedOnce(c *ast.CallExpr) bool {
	path, ok := patterns.PathOf(p.info, c.Args[0])
	if !ok || len(path.Fields) == 0 || path.Last().Exported() || path.Last().Pkg() != p.s.Pkg.Types || !guards.ClosedOnlyBy(p.s.Program, p.s.Pkg, c) {
		return false
	}
	st, ok := p.parents[c].(*ast.ExprStmt)
	if !ok {
		return false
	}
	base := p.baseText(c.Args[0])
	for _, g := range p.guardsOf(st) {
		flag, holds := p.flagIn(g.cond, g.is, base)
		if flag == nil || !holds {
			continue
		}
		if p.clears(st, flag, base) && p.setTogether(flag, path.Last()) && p.changedUnder(flag) && p.changedUnder(path.Last()) {
			return true
		}
	}
	return false
}

// changedUnder reports whether a field is only changed under the section's lock.
func (p *panicCheck) changedUnder(v *types.Var) bool {
	lock := p.s.Section.LockVar()
	return guards.SharingOf(p.s.Program, p.s.Pkg, v).Changed(func(a *guards.Access) bool { return !a.Under(lock) }) == nil
}

// baseText returns the source of the expression that a field is selected from, or "" if e is not
// a selector expression.
func (p *panicCheck) baseText(e ast.Expr) string {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	return types.ExprString(sel.X)
}

// A guard is a condition whose value is known where a statement runs.
type guard struct {
	cond ast.Expr
	is   bool
}

// guardsOf lists the conditions under which a statement is reached: those of the ifs around it,
// and of earlier ifs that return.
func (p *panicCheck) guardsOf(st ast.Stmt) []guard {
	var out []guard
	for n := ast.Node(st); n != nil; n = p.parents[n] {
		switch around := p.parents[n].(type) {
		case *ast.IfStmt:
			if around.Body == n {
				out = append(out, guard{around.Cond, true})
			}
		case *ast.BlockStmt:
			for _, s := range around.List {
				ifs, ok := s.(*ast.IfStmt)
				if ok && s.End() <= n.Pos() && ifs.Else == nil && syntax.ReturnsLast(ifs.Body) {
					out = append(out, guard{ifs.Cond, false})
				}
			}
		case *ast.FuncDecl, *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt, nil:
			return out
		}
	}
	return out
}

// flagIn returns the field of the object that is set (true, or not nil) if a condition has the
// given value.
func (p *panicCheck) flagIn(cond ast.Expr, is bool, base string) (flag *types.Var, set bool) {
	switch e := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return p.flagIn(e.X, !is, base)
		}
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND && is || e.Op == token.LOR && !is:
			if v, ok := p.flagIn(e.X, is, base); ok {
				return v, true
			}
			return p.flagIn(e.Y, is, base)
		case (e.Op == token.NEQ) == is && (e.Op == token.NEQ || e.Op == token.EQL) && p.info.Types[e.Y].IsNil():
			return p.fieldOf(e.X, base), true
		}
	case *ast.SelectorExpr:
		return p.fieldOf(e, base), is
	}
	return nil, false
}

// fieldOf returns the field that an expression selects from the object, or nil.
func (p *panicCheck) fieldOf(e ast.Expr, base string) *types.Var {
	if p.baseText(e) != base || base == "" {
		return nil
	}
	path, ok := patterns.PathOf(p.info, e)
	if !ok || path.Last().Exported() || path.Last().Pkg() != p.s.Pkg.Types {
		return nil
	}
	return path.Last()
}

// clears reports whether a statement in the same block as st resets the flag.
func (p *panicCheck) clears(st ast.Stmt, flag *types.Var, base string) bool {
	block, ok := p.parents[st].(*ast.BlockStmt)
	if !ok {
		return false
	}
	for _, s := range block.List {
		as, ok := s.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
			continue
		}
		for i, l := range as.Lhs {
			if p.fieldOf(l, base) == flag && isZero(p.info, as.Rhs[i]) {
				return true
			}
		}
	}
	return false
}

func isZero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	return tv.IsNil() || tv.Value != nil && tv.Value.ExactString() == "false"
}

// setTogether reports whether the flag is only ever set beside an assignment of a new channel,
// or is the channel field itself and only ever set to a new channel.
func (p *panicCheck) setTogether(flag, channel *types.Var) bool {
	if types.IsInterface(flag.Type()) || !syntax.IsBool(flag.Type()) && flag != channel {
		return false
	}
	together := true
	for _, f := range p.s.Pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BlockStmt:
				together = together && p.setInBlock(n.List, flag, channel)
			case *ast.CaseClause:
				together = together && p.setInBlock(n.Body, flag, channel)
			case *ast.CommClause:
				together = together && p.setInBlock(n.Body, flag, channel)
			case *ast.KeyValueExpr:
				id, ok := n.Key.(*ast.Ident)
				together = together && !(ok && p.info.Uses[id] == flag && flag != channel)
			case *ast.UnaryExpr:
				if sel, ok := ast.Unparen(n.X).(*ast.SelectorExpr); ok && n.Op == token.AND {
					together = together && p.info.Uses[sel.Sel] != flag && p.info.Uses[sel.Sel] != channel
				}
			}
			return together
		})
	}
	_, leftOut := p.s.Program.ChangedLeftOut(p.s.Pkg, flag)
	return together && !leftOut
}

// setInBlock is setTogether for the statements of one list.
func (p *panicCheck) setInBlock(list []ast.Stmt, flag, channel *types.Var) bool {
	sets, makes := false, false
	for _, s := range list {
		as, ok := s.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for i, l := range as.Lhs {
			sel, ok := ast.Unparen(l).(*ast.SelectorExpr)
			if !ok {
				continue
			}
			v := p.info.Uses[sel.Sel]
			if v != flag && v != channel {
				continue
			}
			if len(as.Lhs) != len(as.Rhs) || as.Tok != token.ASSIGN {
				return false
			}
			c, isCall := ast.Unparen(as.Rhs[i]).(*ast.CallExpr)
			isMake := isCall && patterns.BuiltinOf(p.info, c) == "make"
			switch {
			case v == channel && isMake:
				makes = true
			case isZero(p.info, as.Rhs[i]):
			case v == channel:
				return false
			default:
				sets = true
			}
		}
	}
	return !sets || makes
}
