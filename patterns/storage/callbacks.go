package storage

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// findCallbacks notes what functions passed in from other packages may do to their
// arguments:
//
//	func (s *Store) Update(change func(*State)) { s.mu.Lock() ... change(s.state) ... }
//
// The summary of Update leaves this out: whoever passes the function sees what it does.
func (m *Model) findCallbacks() {
	params := make(map[*types.Var]bool)
	for _, fn := range m.list {
		for v := range fn.Signature().Params().Variables() {
			if _, ok := v.Type().Underlying().(*types.Signature); ok && fn.Exported() {
				params[v] = true
			}
		}
	}
	for more := len(params) > 0; more; {
		more = false
		for _, d := range m.bodies {
			more = m.passOn(d, params) || more
		}
	}
	calls := func(c *ast.CallExpr) bool { return params[m.functionVariable(c.Fun)] }
	for _, fn := range m.list {
		if d := m.decls[fn]; len(params) > 0 && slices.ContainsFunc(m.parts[d].calls, calls) {
			m.callbacksIn(d, d.Body, params)
		}
	}
}

// passOn adds the parameters that a function passes one of the parameters to, in functions
// of the package. It reports whether any are new.
func (m *Model) passOn(d *ast.FuncDecl, params map[*types.Var]bool) bool {
	more := false
	for _, c := range m.parts[d].calls {
		for i, a := range c.Args {
			v := m.functionVariable(a)
			if v == nil || !params[v] {
				continue
			}
			fn, _ := typeutil.Callee(m.info, c).(*types.Func)
			if fn == nil || m.decls[fn.Origin()] == nil {
				break
			}
			if sig := fn.Origin().Signature(); i < sig.Params().Len() && !params[sig.Params().At(i)] {
				params[sig.Params().At(i)] = true
				more = true
			}
		}
	}
	return more
}

// callbacksIn is findCallbacks for one body: the function's own, or a literal's in it.
func (m *Model) callbacksIn(d *ast.FuncDecl, body ast.Node, params map[*types.Var]bool) {
	owner := body
	if body == ast.Node(d.Body) {
		owner = d
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if n != body {
				m.callbacksIn(d, n, params)
				return false
			}
		case *ast.CallExpr:
			v := m.functionVariable(n.Fun)
			if v == nil || !params[v] {
				return true
			}
			for _, a := range n.Args {
				m.lentToCallback(d, owner, v, a)
			}
		}
		return true
	})
}

// lentToCallback notes that an unseen function gets an argument. It may change elements,
// and the object behind a pointer.
func (m *Model) lentToCallback(d *ast.FuncDecl, owner ast.Node, v *types.Var, a ast.Expr) {
	t := m.info.TypeOf(a)
	isObject := false
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
	case *types.Pointer:
		isObject = StructOf(u) != nil
	default:
		return
	}
	if c := m.find(m.target[m.find(m.place(a))]); c != 0 {
		m.uses = append(m.uses, Use{Kind: Write, Class: c, Node: a, By: v.Name(), Deep: isObject, Body: owner, decl: d})
	}
}
