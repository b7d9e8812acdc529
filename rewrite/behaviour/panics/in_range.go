package panics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// testedRange reports whether an index of x has been tested to be in range:
//
//	if i < 0 || i >= len(s.items) {
//		return errRange
//	}
//	s.items[i].seen++
func (p *panicCheck) testedRange(x ast.Expr, i *ast.Ident, bound bool) bool {
	text := types.ExprString(x)
	b, ok := p.info.TypeOf(i).Underlying().(*types.Basic)
	low, high := ok && b.Info()&types.IsUnsigned != 0, false
	for _, f := range p.factsAt(i) {
		op, y := p.comparedWith(f, i)
		if op == token.ILLEGAL || p.changed(i, f, i) {
			continue
		}
		if k, ok := p.constant(y); ok {
			low = low || op == token.GEQ && k >= 0 || op == token.GTR && k >= -1
		}
		if p.isLenOf(y, text) && (op == token.LSS || bound && op == token.LEQ) {
			high = high || !p.changed(x, f, i)
		}
	}
	return low && high
}

// comparedWith returns the relation of v to y that a fact states, or ILLEGAL if the fact does
// not mention v.
func (p *panicCheck) comparedWith(f fact, v *ast.Ident) (op token.Token, y ast.Expr) {
	c, ok := f.cond.(*ast.BinaryExpr)
	if !ok {
		return token.ILLEGAL, nil
	}
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && p.info.Uses[id] != nil && p.info.Uses[id] == p.info.Uses[v]
	}
	op, y = c.Op, c.Y
	switch {
	case is(c.X):
	case is(c.Y):
		op, y = turned(op), c.X
	default:
		return token.ILLEGAL, nil
	}
	if !f.holds {
		op = negated(op)
	}
	return op, y
}
