package ownership

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

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
	return !slices.ContainsFunc(lv.defs, func(d value) bool { return !slices.Contains(l.freshOf(d), field) })
}

// IsFresh reports whether an expression starts from a field of a local variable with
// something that functions have put there for this call, and nobody else has it.
func (m *Model) IsFresh(e ast.Expr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(e.Pos())
	if l == nil {
		return false
	}
	v, _ := l.rootOf(e)
	lv := l.vars[v]
	return lv != nil && l.fresh(lv, e) && l.ownerOfFresh(lv, e.Pos(), 0) == Own
}

// freshOf lists the fields in which a function that gives a variable its value puts
// something of its caller's own.
func (l *locals) freshOf(d value) []string {
	c, ok := d.expr.(*ast.CallExpr)
	if !ok || d.inner {
		return nil
	}
	fn, _ := typeutil.Callee(l.m.info, c).(*types.Func)
	if fn != nil && l.m.Decl(fn.Origin()) != nil {
		return l.m.freshFields(fn.Origin(), d.nth)
	}
	s, _ := l.m.CallSummary(c)
	var out []string
	for _, f := range s.Fresh {
		if f.Result == d.nth {
			out = append(out, f.Name)
		}
	}
	return out
}

// FreshFields lists the fields of the results of a function of the package in which there
// is something of its caller's own, for its [storage.Summary].
func (m *Model) FreshFields(fn *types.Func) []storage.Field {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []storage.Field
	for i := range fn.Signature().Results().Len() {
		for _, name := range m.freshFields(fn, i) {
			out = append(out, storage.Field{Result: i, Name: name})
		}
	}
	return out
}

// freshFields lists such fields of one result: those in which each function has put
// something of its own that gives the function what it returns.
//
//	resp, err := c.client.Do(req)
//	if err != nil {
//		return nil, err
//	}
//	return resp, nil
func (m *Model) freshFields(fn *types.Func, nth int) []string {
	d, results := m.Decl(fn), fn.Signature().Results()
	if d == nil || nth >= results.Len() || storage.StructOf(results.At(nth).Type()) == nil {
		return nil
	}
	key := returnedKey{fn: fn, nth: nth}
	if list, ok := m.fresh[key]; ok {
		return list
	}
	m.fresh[key] = nil // of a function that calls itself nothing is known
	l := m.localsAt(d.Body.Pos())
	var common []string
	known, any := l != nil, false
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if _, isLit := n.(*ast.FuncLit); isLit || !known {
			return false
		}
		r, ok := n.(*ast.ReturnStmt)
		if !ok {
			return true
		}
		list, isNil := l.freshReturned(r, results.Len(), nth)
		switch {
		case isNil:
		case !any:
			common, any = list, true
		default:
			common = slices.DeleteFunc(slices.Clone(common), func(f string) bool { return !slices.Contains(list, f) })
		}
		known = isNil || len(common) > 0
		return true
	})
	if !known {
		common = nil
	}
	m.fresh[key] = common
	return common
}

// freshReturned lists the fields of one result of a return statement with something of
// the function's own, unless nil is returned.
func (l *locals) freshReturned(r *ast.ReturnStmt, results, nth int) (fields []string, isNil bool) {
	switch {
	case len(r.Results) == 1 && results > 1:
		return l.freshOf(value{expr: ast.Unparen(r.Results[0]), nth: nth}), false
	case len(r.Results) != results:
		return nil, false
	}
	e := ast.Unparen(r.Results[nth])
	if _, isCall := e.(*ast.CallExpr); isCall {
		return l.freshOf(value{expr: e}), false
	}
	id, ok := e.(*ast.Ident)
	if !ok || l.m.info.Types[e].IsNil() {
		return nil, ok
	}
	v, _ := l.m.info.Uses[id].(*types.Var)
	lv := l.vars[v]
	if lv == nil || len(lv.defs) == 0 || lv.addressed || l.ownerOfFresh(lv, r.Pos(), 0) != Own {
		return nil, false
	}
	fields = l.freshOf(lv.defs[0])
	for _, d := range lv.defs[1:] {
		of := l.freshOf(d)
		fields = slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return !slices.Contains(of, f) })
	}
	return fields, false
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
	asked := place{lv.v, at}
	if l.busy[asked] {
		return least
	}
	l.busy[asked] = true
	defer delete(l.busy, asked)
	for _, h := range lv.holds {
		least = min(least, l.ownerOfValue(h, true, depth))
	}
	return min(least, l.ownerOfHolders(lv, true, at, depth))
}
