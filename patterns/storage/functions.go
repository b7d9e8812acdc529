package storage

import (
	"go/ast"
	"go/types"
)

// A declared function may also be used as a value:
//
//	f := s.names.set
//	f(name)
//
// Whoever calls it, its arguments and results are one class then, as those of a function
// literal, and what it does to them is noted where it becomes a value. That is done for
// arguments that it can change without calling their methods; the fields of an object have
// places of their own.

// functionNamed returns the function that an expression names, with its name, or nil.
func (m *Model) functionNamed(e ast.Expr) (*types.Func, *ast.Ident) {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		e = x.X
	case *ast.IndexListExpr:
		e = x.X
	}
	var name *ast.Ident
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		name = x
	case *ast.SelectorExpr:
		name = x.Sel
	default:
		return nil, nil
	}
	fn, ok := m.info.Uses[name].(*types.Func)
	if !ok {
		return nil, nil
	}
	return fn.Origin(), name
}

// functionAsValue returns the place of a function that an expression names. It keeps the
// receiver that it is bound to.
func (m *Model) functionAsValue(e ast.Expr) Class {
	fn, _ := m.functionNamed(e)
	if fn == nil {
		return 0
	}
	sig := fn.Signature()
	var recv Class
	bound := false
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && m.info.Selections[sel] != nil && sig.Recv() != nil {
		if bound = m.info.Selections[sel].Kind() == types.MethodVal; bound {
			recv = m.receiver(sel.X, sig.Recv())
			m.bind(sel, fn, recv)
		}
	}
	if !changesElements(sig) {
		return recv
	}
	c, ok := m.made[e]
	if ok || m.done {
		return c
	}
	c = m.fresh()
	m.made[e] = c
	m.flow(c, recv)
	m.refers(c)
	if !bound {
		recv = c
	}
	v := valueOf{m: m, node: e, class: c, recv: recv}
	if sig.Recv() != nil && types.IsInterface(sig.Recv().Type()) {
		v.method(fn)
	} else if !v.function(fn) {
		v.unseen(fn)
	}
	return c
}

// bind notes what a method of another package does to the object that it is bound to: where it
// becomes a value, and wherever a field or package-level variable with that value is called.
// The methods of the package itself are read.
//
//	s.reset = s.buf.Reset
func (m *Model) bind(sel *ast.SelectorExpr, fn *types.Func, recv Class) {
	if m.bound == nil || recv == 0 || m.decls[fn] != nil || m.bound[sel] || m.world.Concurrent(fn.Signature().Recv().Type()) || m.world.UsedByMany(fn) {
		return
	}
	m.bound[sel] = true
	use := Use{Kind: Lend, Class: m.refers(recv), Node: sel.X, By: fn.Name(), Receiver: true}
	if s, ok := m.world.Summary(fn); ok {
		use.Kind = Write
		if !s.Changes(Receiver) {
			return
		}
	}
	m.use(use)
	m.mark(use.Class, boundTo)
}

// useBound adds the uses of objects by calls of the functions that are bound to them, once it
// is known what the variables hold.
func (m *Model) useBound() {
	for _, u := range m.boundCalls {
		if u.Class = m.find(u.Class); m.flags[u.Class]&boundTo != 0 {
			m.uses = append(m.uses, u)
		}
	}
	m.bound, m.boundCalls = nil, nil
}

// changesElements reports whether a function may change the elements of its arguments, or
// returns some.
func changesElements(sig *types.Signature) bool {
	for _, t := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range t.Variables() {
			if HasElements(v.Type()) {
				return true
			}
		}
	}
	return sig.Recv() != nil && HasElements(sig.Recv().Type())
}

// HasElements reports whether a function that gets a value of the type may change what it
// refers to without calling methods: it is a slice or map, or a pointer to something other
// than a struct.
func HasElements(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map:
		return true
	case *types.Pointer:
		return StructOf(t) == nil
	}
	return false
}

// valueOf is a function that is used as a value.
type valueOf struct {
	m     *Model
	node  ast.Expr
	class Class // of the value, its arguments and its results
	recv  Class // of the receiver
}

// method is function for a method of an interface: for any of the implementations.
func (v valueOf) method(fn *types.Func) {
	impl, all := v.m.world.Implementations(fn)
	for _, f := range impl {
		all = v.function(f.Origin()) && all
	}
	if !all && !v.function(fn) {
		v.unseen(fn)
	}
}

// function notes what a function does to its arguments. It reports whether that is known.
func (v valueOf) function(fn *types.Func) bool {
	m := v.m
	if m.decls[fn] == nil {
		s, ok := m.world.Summary(fn)
		if ok {
			v.apply(fn, s)
		}
		return ok
	}
	in := &instance{m: m, by: fn.Name(), of: make(map[Class]Class), seen: make(map[Class]bool)}
	bind, result := func(formal, actual Class) { in.bind(formal, actual, v.node) }, in.result
	if g := m.group[fn]; g == 0 || g == m.round { // it is being read
		bind, result = m.flow, m.flow
	}
	v.eachOperand(fn.Signature(), func(_ int, param *types.Var, variadic bool) {
		formal, actual := m.placeOf(param), v.class
		if variadic {
			formal = m.refers(formal)
		}
		if param == fn.Signature().Recv() {
			actual = v.recv
		}
		bind(formal, actual)
	})
	for i, r := range m.resultsOf(fn) {
		if HasElements(fn.Signature().Results().At(i).Type()) {
			result(r, v.class)
		}
	}
	return true
}

// eachOperand visits the parameters whose elements a function may change.
func (v valueOf) eachOperand(sig *types.Signature, visit func(n int, param *types.Var, variadic bool)) {
	if r := sig.Recv(); r != nil && HasElements(r.Type()) {
		visit(Receiver, r, false)
	}
	for i := range sig.Params().Len() {
		if p := sig.Params().At(i); HasElements(p.Type()) {
			visit(i, p, sig.Variadic() && i == sig.Params().Len()-1)
		}
	}
}

// apply notes what a function of another package does.
func (v valueOf) apply(fn *types.Func, s Summary) {
	m := v.m
	v.eachOperand(fn.Signature(), func(n int, _ *types.Var, _ bool) {
		c := v.class
		if n == Receiver {
			c = v.recv
		}
		c = m.refers(c)
		for _, list := range []struct {
			operands []int
			use      Use
		}{{s.Writes, Use{Class: c}}, {s.Elems, Use{Class: m.refers(c)}}, {s.Deep, Use{Class: c, Deep: true}}} {
			for _, w := range list.operands {
				if w == n {
					list.use.Kind, list.use.Node, list.use.By = Write, v.node, fn.Name()
					m.use(list.use)
				}
			}
		}
		for _, k := range s.Keeps {
			if k == n {
				m.mark(c, kept)
			}
		}
	})
}

// unseen notes that an unseen function may do anything to its arguments.
func (v valueOf) unseen(fn *types.Func) {
	v.m.use(Use{Kind: Lend, Class: v.m.refers(v.class), Node: v.node, By: fn.Name(), Deep: true})
}
