package ownership

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// fresh reports whether an expression starts from a field of a local variable, and every
// function whose result the variable holds fills that field with something that belongs to
// the caller alone.
//
//	resp, err := client.Do(req)
//	defer resp.Body.Close()
func (l *locals) fresh(lv *local, e ast.Expr) bool {
	field := firstField(e)
	if field == "" || len(lv.defs) == 0 || lv.addressed {
		return false
	}
	for _, d := range lv.defs {
		c, ok := d.expr.(*ast.CallExpr)
		if !ok || d.inner {
			return false
		}
		s, known := l.m.CallSummary(c)
		if !known || !slices.Contains(s.Fresh, storage.Field{Result: d.nth, Name: field}) {
			return false
		}
	}
	return true
}

// firstField returns the name of the field by which an expression leads from the variable
// that it starts from; "" if it does so in another way.
func firstField(e ast.Expr) string {
	for {
		e = ast.Unparen(e)
		if sel, ok := e.(*ast.SelectorExpr); ok {
			if _, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
				return sel.Sel.Name
			}
		}
		if e = baseOf(e); e == nil {
			return ""
		}
	}
}

// ownerOfFresh answers for what a fresh field refers to: the variable's owner, unless
// something else was put there.
func (l *locals) ownerOfFresh(lv *local, at token.Pos, depth int) Owner {
	least := l.ownerOfVar(lv, false, at, depth)
	if l.busy[lv.v] {
		return least
	}
	l.busy[lv.v] = true
	defer delete(l.busy, lv.v)
	for _, h := range lv.holds {
		least = min(least, l.ownerOfValue(h, true, depth))
	}
	return min(least, l.ownerOfHolders(lv, true, at, depth))
}
