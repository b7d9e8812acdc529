package ownership

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/patterns/storage"
)

// OwnThroughCalls reports whether, at a place, only this call of the function and its
// callers that wait for it to return can reach what an expression denotes and refers
// to: it is the function's own ([Model.OwnerAt]), or it comes from parameters for which
// every call of the function passes something that is likewise the caller's own.
func (m *Model) OwnThroughCalls(e ast.Expr, at token.Pos) bool {
	if m.fromOthers(e, at, true) {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(at)
	return l != nil && m.throughCalls(l).owner(e, at, 0) == Own
}

// throughCalls is the view of a function's locals in which parameters are looked up
// at the calls of the function.
func (m *Model) throughCalls(l *locals) *locals {
	g := m.given[l.decl]
	if g == nil {
		view := *l
		g = &view
		g.owners, g.busy = make(map[ownerKey]Owner), make(map[place]bool)
		g.seesCalls = true
		m.given[l.decl] = g
	}
	return g
}

// passedKey is a parameter, or what lies behind what it refers to.
type passedKey struct {
	v     *types.Var
	inner bool
}

// ownerOfParam answers for what a parameter refers to or, with inner set, for what lies
// behind that, as far as the caller has given it.
func (l *locals) ownerOfParam(v *types.Var, inner bool) Owner {
	if !l.seesCalls {
		return Lent
	}
	m, key := l.m, passedKey{v, inner}
	if o, ok := m.passed[key]; ok {
		return o
	}
	m.passed[key] = Lent // for a function that calls itself
	o := m.ownerPassed(l.decl, v, inner)
	m.passed[key] = o
	return o
}

// ownerPassed is Own if every call of a function passes for a parameter something that only
// the caller's own call can reach, and the function is used in no other way; Lent
// otherwise.
func (m *Model) ownerPassed(d *ast.FuncDecl, v *types.Var, inner bool) Owner {
	fn, _ := m.info.Defs[d.Name].(*types.Func)
	if fn == nil || fn.Exported() || fn.Name() == "init" {
		return Lent
	}
	calls, ok := m.callsOf(fn)
	if !ok || len(calls) == 0 {
		return Lent
	}
	for _, c := range calls {
		arg, addressed := m.argumentFor(c, fn.Signature(), v)
		l := m.localsAt(c.Pos())
		switch {
		case arg == nil || l == nil:
			return Lent
		case addressed && m.throughCalls(l).owner(arg, c.Pos(), 0) != Own:
			return Lent // the variable itself is passed, and not a copy of it
		case m.throughCalls(l).ownerOfValue(value{expr: arg, at: c.Pos()}, inner, 0) != Own:
			return Lent
		}
	}
	if m.world.NamedElsewhere(fn) { // asked last: those files have to be read for it
		return Lent
	}
	return Own
}

// argumentFor returns what a call passes for a parameter or as the receiver, or whose
// address it passes, as s.mu.Lock() does; nil if that is several values, or one of
// several results.
func (m *Model) argumentFor(c *ast.CallExpr, sig *types.Signature, v *types.Var) (arg ast.Expr, addressed bool) {
	if sig.Recv() == v {
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && m.info.Selections[sel] != nil && len(m.info.Selections[sel].Index()) == 1 {
			return sel.X, storage.IsPointer(v.Type()) && !storage.IsPointer(m.info.TypeOf(sel.X))
		}
		return nil, false
	}
	if sig.Variadic() || len(c.Args) != sig.Params().Len() {
		return nil, false
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return c.Args[i], false
		}
	}
	return nil, false
}

// callsOf lists the calls of a function of the package that return before the caller goes
// on; ok is false if it is also used as a value, in a go or defer statement, or through an
// interface.
func (m *Model) callsOf(fn *types.Func) (calls []*ast.CallExpr, ok bool) {
	if m.callers == nil {
		m.findCallers()
	}
	return m.callers[fn], !m.otherwise[fn]
}

func (m *Model) findCallers() {
	m.callers, m.otherwise = make(map[*types.Func][]*ast.CallExpr), make(map[*types.Func]bool)
	methods := make(map[string]bool) // of interfaces
	called := make(map[*ast.Ident]*ast.CallExpr)
	for _, f := range m.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.InterfaceType:
				for _, field := range n.Methods.List {
					for _, name := range field.Names {
						methods[name.Name] = true
					}
				}
			case *ast.GoStmt:
				m.noteOtherwise(n.Call)
			case *ast.DeferStmt:
				m.noteOtherwise(n.Call)
			case *ast.CallExpr:
				if id := calledName(n); id != nil {
					called[id] = n
				}
			}
			return true
		})
	}
	for _, f := range m.files {
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			fn, ok := m.info.Uses[id].(*types.Func)
			if !ok {
				return true
			}
			if fn = fn.Origin(); m.Decl(fn) == nil {
				return true
			}
			if called[id] == nil || fn.Signature().Recv() != nil && methods[fn.Name()] {
				m.otherwise[fn] = true
			}
			m.callers[fn] = append(m.callers[fn], called[id])
			return true
		})
	}
}

// noteOtherwise notes the function that a go or defer statement calls.
func (m *Model) noteOtherwise(c *ast.CallExpr) {
	if id := calledName(c); id != nil {
		if fn, ok := m.info.Uses[id].(*types.Func); ok {
			m.otherwise[fn.Origin()] = true
		}
	}
}

// calledName returns the name of what a call calls, or nil. A method expression,
// (*T).f(x), is a use of the method as a value.
func calledName(c *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(c.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := fun.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}
