package storage

import (
	"go/ast"
	"go/types"
)

// parts are the nodes that are looked at again and again in the body of a function, its
// literals included, in source order.
type parts struct {
	calls    []*ast.CallExpr
	selected []*ast.SelectorExpr // fields
	values   []*types.Func       // functions of the package that are used as values and may change elements
}

// partsOf lists the parts of a function, and notes the local variables that hold one
// function literal and nothing else.
func (m *Model) partsOf(d *ast.FuncDecl) *parts {
	r := &partReader{m: m, out: &parts{}, times: make(map[*types.Var]int), held: make(map[*types.Var]bool), called: make(map[*ast.Ident]bool)}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		r.node(n)
		return true
	})
	for v := range r.held {
		m.inStep[m.known[v]] = true
	}
	return r.out
}

// partReader is the state of partsOf.
type partReader struct {
	m      *Model
	out    *parts
	times  map[*types.Var]int  // how often a local variable is given something
	held   map[*types.Var]bool // the ones that hold a literal
	called map[*ast.Ident]bool // names of functions that are called, not used as values
}

// node notes what one node is.
func (r *partReader) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if s := r.m.info.Selections[n]; s != nil && s.Kind() == types.FieldVal {
			r.out.selected = append(r.out.selected, n)
		}
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			if len(n.Lhs) == len(n.Rhs) {
				r.given(l, n.Rhs[i])
				r.m.noteExtends(l, n.Rhs[i])
			} else {
				r.given(l, nil)
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if i < len(n.Values) {
				r.given(id, n.Values[i])
			}
		}
	case *ast.UnaryExpr:
		r.given(n.X, nil)
	case *ast.Ident:
		if fn, ok := r.m.info.Uses[n].(*types.Func); ok && !r.called[n] && changesElements(fn.Origin().Signature()) {
			r.out.values = append(r.out.values, fn)
		}
	case *ast.CallExpr:
		r.call(n)
	}
}

// given notes what a local variable is given: nil for what is no function literal.
func (r *partReader) given(lhs, rhs ast.Expr) {
	id, ok := ast.Unparen(lhs).(*ast.Ident)
	if !ok {
		return
	}
	v, ok := r.m.info.ObjectOf(id).(*types.Var)
	if !ok || !IsLocal(v) {
		return
	}
	if r.times[v]++; r.times[v] > 1 {
		delete(r.m.known, v)
		delete(r.held, v)
	} else if lit, ok := ast.Unparen(rhs).(*ast.FuncLit); ok {
		r.m.known[v], r.held[v] = lit, true
	}
}

// call notes a call, and the literals that it runs or passes on.
func (r *partReader) call(c *ast.CallExpr) {
	r.out.calls = append(r.out.calls, c)
	if _, name := r.m.functionNamed(c.Fun); name != nil {
		r.called[name] = true
	}
	r.inStep(c.Fun)
	for _, a := range c.Args {
		r.inStep(a)
	}
}

// inStep notes a literal that runs in step with the call that it is part of.
func (r *partReader) inStep(e ast.Expr) {
	if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		r.m.inStep[lit] = true
	}
}

// noteExtends notes a call of append whose result is assigned to what it adds to.
func (m *Model) noteExtends(to, value ast.Expr) {
	c, ok := ast.Unparen(value).(*ast.CallExpr)
	if !ok || len(c.Args) == 0 {
		return
	}
	if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok && id.Name == "append" && types.ExprString(to) == types.ExprString(c.Args[0]) {
		m.extends[c] = true
	}
}
