package ownership

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// returnedKey is one result of a function, or what lies behind it.
type returnedKey struct {
	fn    *types.Func
	nth   int
	inner bool
}

// ownerReturned answers for a result of a function of the package, from its return
// statements: Own if the function made the result and nobody else has it, Lent if it may
// come from the arguments.
func (m *Model) ownerReturned(fn *types.Func, nth int, inner bool) Owner {
	d := m.Decl(fn)
	if d == nil || d.Body == nil || nth >= fn.Signature().Results().Len() {
		return Own
	}
	key := returnedKey{fn, nth, inner}
	if o, ok := m.returned[key]; ok {
		return o
	}
	m.returned[key] = Own // a function that calls itself rests on its other results
	o := m.judgeReturned(d, fn.Signature().Results(), nth, inner)
	m.returned[key] = o
	return o
}

func (m *Model) judgeReturned(d *ast.FuncDecl, results *types.Tuple, nth int, inner bool) Owner {
	l := m.localsAt(d.Body.Pos())
	if l == nil || !storage.Refers(results.At(nth).Type()) {
		return Own
	}
	least := Own
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			switch {
			case len(n.Results) == results.Len():
				least = min(least, l.ownerOfValue(value{expr: n.Results[nth], at: n.Pos()}, inner, 0))
			case len(n.Results) == 1:
				least = min(least, l.ownerOfValue(value{expr: n.Results[0], at: n.Pos(), nth: nth}, inner, 0))
			default:
				if lv := l.vars[results.At(nth)]; lv != nil {
					least = min(least, l.ownerOfVar(lv, inner, n.Pos(), 0))
				}
			}
		}
		return true
	})
	return least
}

// ownerGivenBack answers for a result of a call of a function of the package: what may come
// from the arguments has the owner of the arguments.
func (l *locals) ownerGivenBack(c *ast.CallExpr, fn *types.Func, d value, inner bool, depth int) Owner {
	least := l.m.ownerReturned(fn, d.nth, inner)
	if least != Lent {
		return least
	}
	least = Own
	operands := c.Args
	if x := storage.ReceiverOf(l.m.info, c); x != nil {
		operands = append([]ast.Expr{x}, operands...)
	}
	for _, x := range operands {
		if t := l.m.info.TypeOf(x); t != nil && (storage.Refers(t) || holdsValue(t)) {
			least = min(least, l.ownerOfValue(value{expr: x, at: d.at, inner: true}, true, depth+1))
		}
	}
	return least
}
