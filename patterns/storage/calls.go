package storage

import (
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// call reads a call and returns the places of its results.
func (m *Model) call(c *ast.CallExpr) []Class {
	r, ok := m.calls[c]
	if ok || m.done {
		return r
	}
	m.calls[c] = nil // reading its parts may come back to it
	r = m.readCall(c)
	m.calls[c] = r
	return r
}

func (m *Model) readCall(c *ast.CallExpr) []Class {
	tv := m.info.Types[c.Fun]
	switch {
	case tv.IsType():
		return m.conversion(c)
	case tv.IsBuiltin():
		return m.builtin(c)
	}
	if lit := m.LiteralCalled(c); lit != nil {
		return m.callLiteral(c, lit)
	}
	fn, _ := typeutil.Callee(m.info, c).(*types.Func)
	if fn == nil {
		if v := m.functionVariable(c.Fun); v != nil {
			return m.callVariable(c, v)
		}
		return m.unknownCall(c, nil, types.ExprString(ast.Unparen(c.Fun)))
	}
	fn = fn.Origin()
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return m.callInterface(c, fn)
	}
	return m.callFunction(c, fn)
}

// functionVariable returns the local variable or parameter that a call calls, or
// nil.
func (m *Model) functionVariable(fun ast.Expr) *types.Var {
	if id, ok := ast.Unparen(fun).(*ast.Ident); ok {
		if v, ok := m.info.Uses[id].(*types.Var); ok && IsLocal(v) {
			return v
		}
	}
	return nil
}

// callVariable reads a call of a function that a variable holds: it gets the arguments, and
// may return them. What it does to them is noted where its body is read.
func (m *Model) callVariable(c *ast.CallExpr, v *types.Var) []Class {
	f := m.placeOf(v)
	for _, a := range c.Args {
		m.assignTo(f, a)
	}
	out := m.newResults(c)
	for i, p := range out {
		if t := ResultType(m.info.TypeOf(c), i); t != nil && Refers(t) {
			m.flow(p, f)
		}
	}
	return out
}

// newResults makes places for the results of a call.
func (m *Model) newResults(c *ast.CallExpr) []Class {
	n := 1
	if t, ok := m.info.TypeOf(c).(*types.Tuple); ok {
		n = t.Len()
	}
	out := make([]Class, n)
	for i := range out {
		out[i] = m.fresh()
	}
	return out
}

// conversion reads a conversion: what a value refers to stays the same, except for strings.
func (m *Model) conversion(c *ast.CallExpr) []Class {
	if len(c.Args) != 1 || IsString(m.info.TypeOf(c)) || IsString(m.info.TypeOf(c.Args[0])) {
		return []Class{m.fresh()}
	}
	if p := m.place(c.Args[0]); p != 0 {
		return []Class{p}
	}
	return nil
}

// LiteralCalled returns the function literal that a call runs: one that is called
// in place, or the only one that a local variable ever holds.
func (m *Model) LiteralCalled(c *ast.CallExpr) *ast.FuncLit {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.FuncLit:
		return f
	case *ast.Ident:
		if v, ok := m.info.Uses[f].(*types.Var); ok {
			return m.known[v]
		}
	}
	return nil
}

func (m *Model) callLiteral(c *ast.CallExpr, lit *ast.FuncLit) []Class {
	sig, ok := m.info.TypeOf(lit).(*types.Signature)
	if !ok {
		return nil
	}
	m.pass(c, sig)
	return m.litResults(lit)
}

// pass puts the arguments of a call into the parameters of the function itself.
func (m *Model) pass(c *ast.CallExpr, sig *types.Signature) {
	if recv := sig.Recv(); recv != nil {
		if x := ReceiverOf(m.info, c); x != nil {
			m.flow(m.placeOf(recv), m.receiver(x, recv))
		}
	}
	m.eachArgument(c, sig, func(param *types.Var, arg Class, whole bool) {
		to := m.placeOf(param)
		if !whole {
			to = m.refersTo(to)
		}
		m.flow(to, arg)
	})
}

// receiver returns the place of the value that a method gets as its receiver: the
// address of a variable, where the method has a pointer receiver; what an interface holds; an
// embedded pointer, for a promoted method.
func (m *Model) receiver(x ast.Expr, recv *types.Var) Class {
	if f := m.promotedBy[x]; f != nil {
		return m.placeOf(f)
	}
	if t := m.info.TypeOf(x); IsPointer(recv.Type()) && !IsPointer(t) && !types.IsInterface(t) {
		if _, ok := m.addresses[x]; !ok && !m.done {
			t := m.fresh()
			if to := m.place(x); to != 0 {
				m.union(m.refers(t), to)
			}
			m.addresses[x] = t
		}
		return m.addresses[x]
	}
	return m.place(x)
}

// ReceiverOf returns the expression that a method is called on, or nil.
func ReceiverOf(info *types.Info, c *ast.CallExpr) ast.Expr {
	f := ast.Unparen(c.Fun)
	if ix, ok := f.(*ast.IndexExpr); ok {
		f = ast.Unparen(ix.X)
	}
	sel, ok := f.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if s := info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
		return sel.X
	}
	return nil
}

// eachArgument visits the arguments that may refer to storage, with the
// parameters that they are given to. whole is false for an element of a variadic
// parameter.
func (m *Model) eachArgument(c *ast.CallExpr, sig *types.Signature, visit func(param *types.Var, arg Class, whole bool)) {
	params := sig.Params()
	if params.Len() == 0 {
		return
	}
	give := func(i int, arg Class, t types.Type) {
		if arg == 0 || !Refers(t) {
			return
		}
		if sig.Variadic() && i >= params.Len()-1 && !c.Ellipsis.IsValid() {
			visit(params.At(params.Len()-1), arg, false)
		} else if i < params.Len() {
			visit(params.At(i), arg, true)
		}
	}
	if len(c.Args) == 1 && params.Len() > 1 {
		if inner, ok := ast.Unparen(c.Args[0]).(*ast.CallExpr); ok {
			if t, ok := m.info.TypeOf(inner).(*types.Tuple); ok {
				for i, p := range m.call(inner) {
					give(i, p, t.At(i).Type())
				}
				return
			}
		}
	}
	for i, a := range c.Args {
		give(i, m.place(a), m.info.TypeOf(a))
	}
}

// builtin reads a call of a built-in function.
func (m *Model) builtin(c *ast.CallExpr) []Class {
	id, ok := ast.Unparen(c.Fun).(*ast.Ident)
	if !ok { // of package unsafe: the result refers to what the argument does
		if p := m.place(c.Args[0]); p != 0 && Refers(m.info.TypeOf(c.Args[0])) {
			return []Class{p}
		}
		return []Class{m.fresh()}
	}
	switch id.Name {
	case "append":
		return m.appendCall(c)
	case "copy":
		m.use(Use{Kind: Write, Class: m.element(c.Args[0]), Node: c.Args[0], By: "copy"})
		if to, from := m.element(c.Args[0]), m.element(c.Args[1]); to != 0 && from != 0 {
			m.flow(to, from)
		}
	case "delete", "clear":
		m.use(Use{Kind: Write, Class: m.element(c.Args[0]), Node: c.Args[0], By: id.Name})
	case "make", "new":
		r := m.fresh()
		m.refers(r)
		return []Class{r}
	case "min", "max":
		return nil
	}
	return nil
}

// appendCall reads append(s, x...): it may write past the end of s, where a longer slice of
// the same array has elements.
func (m *Model) appendCall(c *ast.CallExpr) []Class {
	r := m.fresh()
	to := m.place(c.Args[0])
	if to != 0 && !m.hasNoRoom(c.Args[0]) {
		m.flow(r, to)
		if !m.namesShared(c.Args[0]) || !m.extends[c] {
			m.use(Use{Kind: Write, Class: m.refersTo(to), Node: c.Args[0], By: "append", Extends: m.extends[c]})
		}
	}
	elems := m.refersTo(r)
	for _, a := range c.Args[1:] {
		from := m.place(a)
		if c.Ellipsis.IsValid() {
			from = m.element(a)
		}
		if from != 0 && ElementRefers(m.info.TypeOf(c)) {
			m.flow(elems, from)
		}
	}
	return []Class{r}
}

// hasNoRoom reports whether an expression is a slice without elements and without room for any,
// as in append(x[:0:0], y...), which makes a new array.
func (m *Model) hasNoRoom(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SliceExpr)
	if !ok || s.Max == nil || s.Low != nil {
		return false
	}
	room := m.info.Types[s.Max].Value
	return room != nil && constant.Sign(room) == 0
}

// namesShared reports whether an expression names a field or a package-level variable, so
// that appending to it is a use of that variable.
func (m *Model) namesShared(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := m.info.Uses[e].(*types.Var)
		return ok && !IsLocal(v)
	case *ast.SelectorExpr:
		v, ok := m.info.Uses[e.Sel].(*types.Var)
		return ok && !IsLocal(v)
	}
	return false
}

// callFunction reads a call of a function that is known by name.
func (m *Model) callFunction(c *ast.CallExpr, fn *types.Func) []Class {
	if m.decls[fn] != nil {
		if g := m.group[fn]; g == 0 || g == m.round { // it is being read
			m.pass(c, fn.Signature())
			return m.resultsOf(fn)
		}
		return m.instantiate(c, fn)
	}
	if s, ok := m.world.Summary(fn); ok {
		return m.apply(c, fn, s)
	}
	return m.unknownCall(c, fn, fn.Name())
}

// callInterface reads a call of an interface's method: it may run any of the
// implementations.
func (m *Model) callInterface(c *ast.CallExpr, fn *types.Func) []Class {
	impl, all := m.world.Implementations(fn)
	impl = Narrow(m.info, m.embedded, c, impl)
	s, known := m.world.Summary(fn)
	var out []Class
	add := func(places []Class) {
		if out == nil {
			out = m.newResults(c)
		}
		for i, p := range places {
			if i < len(out) && p != 0 {
				m.flow(out[i], p)
			}
		}
	}
	for _, f := range impl {
		if f = f.Origin(); m.decls[f] != nil || known {
			add(m.callFunction(c, f))
		} else if sf, ok := m.world.Summary(f); ok {
			add(m.apply(c, f, sf))
		} else {
			all = false
		}
	}
	switch {
	case known:
		add(m.apply(c, fn, s))
	case !all:
		add(m.unknownCall(c, fn, fn.Name()))
	}
	return out
}

// unknownCall reads a call of an unseen function, nil if it is a value: it may write to
// everything that it is given, and return it.
func (m *Model) unknownCall(c *ast.CallExpr, fn *types.Func, name string) []Class {
	out := m.newResults(c)
	if fn == nil && m.bound != nil {
		m.boundCalls = append(m.boundCalls, Use{Kind: Write, Class: m.refersTo(m.place(c.Fun)), Node: c.Fun, By: name, Body: m.body, decl: m.decl})
	}
	for _, a := range c.Args {
		m.lend(a, name, true)
		p := m.place(a)
		if p == 0 || !Refers(m.info.TypeOf(a)) || !givesBack(m.info.TypeOf(a)) {
			continue
		}
		for i := range out {
			if t := ResultType(m.info.TypeOf(c), i); t != nil && Refers(t) {
				m.flow(out[i], p)
			}
		}
	}
	if x := ReceiverOf(m.info, c); x != nil && !Immutable(m.info.TypeOf(x)) && (fn == nil || !m.world.UsedByMany(fn)) {
		m.use(Use{Kind: Lend, Class: m.refersTo(m.place(x)), Node: x, By: name, Receiver: true})
	}
	return out
}

// givesBack reports whether an unseen function may return something that shares storage
// with an argument of the type. Objects do not count: only their methods change them.
func givesBack(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
		return true
	case *types.Pointer:
		return StructOf(u) == nil
	}
	return false
}

// lend notes that an unseen function gets an argument.
func (m *Model) lend(a ast.Expr, by string, isDeep bool) {
	t := m.info.TypeOf(a)
	if !Refers(t) {
		return
	}
	if _, isFunc := t.Underlying().(*types.Signature); isFunc {
		return
	}
	p := m.place(a)
	if p == 0 {
		return
	}
	m.use(Use{Kind: Lend, Class: m.refersTo(p), Node: a, By: by, Deep: isDeep})
}
