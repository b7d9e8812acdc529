package storage

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// An Operand is something that refers to storage and that a call evaluates: an
// argument, the receiver, or the function.
type Operand struct {
	Expr ast.Expr
	N    int // the parameter that it is given to, Receiver, or Function

	Through bool // the receiver is what an embedded field of the expression refers to

	recv *types.Var // the receiver of a method that is called on the address of the expression
}

// Function stands for the function value of a call, where a parameter number would be.
const Function = -2

// Operands lists the operands of a call that may refer to storage.
func (m *Model) Operands(c *ast.CallExpr) []Operand {
	var out []Operand
	if x := ReceiverOf(m.info, c); x != nil {
		o := Operand{Expr: x, N: Receiver, Through: m.promotedBy[x] != nil}
		if fn, ok := typeutil.Callee(m.info, c).(*types.Func); ok {
			if r := fn.Origin().Signature().Recv(); IsPointer(r.Type()) && !IsPointer(m.info.TypeOf(x)) {
				o.recv = r
			}
		}
		if o.recv != nil || Refers(m.info.TypeOf(x)) {
			out = append(out, o)
		}
	} else if _, isLit := ast.Unparen(c.Fun).(*ast.FuncLit); !isLit && m.place(c.Fun) != 0 {
		out = append(out, Operand{Expr: c.Fun, N: Function})
	}
	for i, a := range c.Args {
		if Refers(m.info.TypeOf(a)) {
			out = append(out, Operand{Expr: a, N: Parameter(m.info, c, i)})
		}
	}
	return out
}

// OperandExprs returns the expressions of an operand of a call.
func OperandExprs(info *types.Info, c *ast.CallExpr, p int) []ast.Expr {
	if p == Receiver {
		if x := ReceiverOf(info, c); x != nil {
			return []ast.Expr{x}
		}
		return nil
	}
	var out []ast.Expr
	for i, a := range c.Args {
		if Parameter(info, c, i) == p {
			out = append(out, a)
		}
	}
	return out
}

// Parameter returns the number of the parameter that an argument is given to.
func Parameter(info *types.Info, c *ast.CallExpr, i int) int {
	sig, ok := info.TypeOf(c.Fun).(*types.Signature)
	if ok && sig.Variadic() && i >= sig.Params().Len() {
		return sig.Params().Len() - 1
	}
	return i
}

// operandPlace returns the place of an operand's value.
func (m *Model) operandPlace(o Operand) Class {
	if o.Through {
		return m.placeOf(m.promotedBy[o.Expr])
	}
	if o.recv != nil {
		return m.receiver(o.Expr, o.recv)
	}
	return m.place(o.Expr)
}

// CallSummary returns what the called function does to its arguments. For an interface
// method it covers all implementations. ok is false if letgo does not see the function.
func (m *Model) CallSummary(c *ast.CallExpr) (s Summary, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.summaryOfCall(c)
}

// OnlyReads reports whether a call only reads what one of its operands leads to, and
// neither writes to it nor keeps it. Its result may refer to it.
//
// A [Summary] covers what an operand refers to and its elements, but not what is behind
// the fields of an object. For that, OnlyReads looks at the bodies of functions in this
// package; other functions may write.
func (m *Model) OnlyReads(c *ast.CallExpr, o Operand) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.onlyReads(c, o)
}

func (m *Model) onlyReads(c *ast.CallExpr, o Operand) bool {
	tv := m.info.Types[c.Fun]
	switch {
	case tv.IsType():
		return true
	case tv.IsBuiltin():
		return m.builtinReads(c, o)
	case o.N == Function:
		return false
	}
	s, ok := m.summaryOfCall(c)
	if !ok || s.Changes(o.N) || s.Retains(o.N) {
		return false
	}
	t := m.info.TypeOf(o.Expr)
	if o.recv != nil {
		t = o.recv.Type()
	}
	fn, _ := typeutil.Callee(m.info, c).(*types.Func)
	impl := []*types.Func{fn.Origin()}
	if types.IsInterface(receiverType(fn)) {
		var all bool
		if impl, all = m.world.Implementations(fn.Origin()); !all {
			return isFlat(t, 0)
		}
	}
	return !slices.ContainsFunc(impl, func(f *types.Func) bool {
		if f = f.Origin(); m.decls[f] == nil {
			return !isFlat(t, 0)
		}
		return !m.readsParameter(f, o.N)
	})
}

func receiverType(fn *types.Func) types.Type {
	if r := fn.Signature().Recv(); r != nil {
		return r.Type()
	}
	return types.Typ[types.Invalid]
}

// builtinReads is onlyReads for a built-in function.
func (m *Model) builtinReads(c *ast.CallExpr, o Operand) bool {
	id, ok := ast.Unparen(c.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	switch id.Name {
	case "len", "cap", "print", "println", "min", "max":
		return true
	case "append", "copy":
		return o.Expr != c.Args[0] && !ElementRefers(m.info.TypeOf(c.Args[0]))
	}
	return false
}

// readsParameter is onlyReads for a function of the package. Recursive calls add nothing.
func (m *Model) readsParameter(fn *types.Func, n int) bool {
	p := fn.Signature().Recv()
	if n != Receiver {
		p = fn.Signature().Params().At(n)
	}
	if known, ok := m.readers[p]; ok {
		return known
	}
	m.readers[p] = true
	m.asked = append(m.asked, p)
	first := len(m.asked)
	at, d := m.reach(m.places[p], nil), m.decls[fn]
	only := !slices.ContainsFunc(m.usesIn(d), func(u Use) bool { return at.objects[m.find(u.Class)] || at.parts[m.find(u.Class)] })
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && only {
			for _, o := range m.Operands(c) {
				if at.Meets(m.reach(m.operandPlace(o), nil)) && !m.onlyReads(c, o) {
					only = false
				}
			}
		}
		return only
	})
	if m.readers[p] = only; !only { // answers found meanwhile may rest on p
		for _, q := range m.asked[first:] {
			delete(m.readers, q)
		}
		m.asked = m.asked[:first]
	}
	return only
}

// usesIn lists the uses in a declared function and its literals.
func (m *Model) usesIn(d *ast.FuncDecl) []Use {
	if m.usesOf == nil {
		m.usesOf = make(map[*ast.FuncDecl][]Use)
		for _, u := range m.uses {
			if u.Body == nil {
				continue
			}
			if l := m.DeclAt(u.Body.Pos()); l != nil {
				m.usesOf[l] = append(m.usesOf[l], u)
			}
		}
	}
	return m.usesOf[d]
}

// isFlat reports whether everything that values of a type refer to is reached without going
// through a field of an object. A [Summary] covers no more than that.
func isFlat(t types.Type, depth int) bool {
	if !Refers(t) {
		return true
	}
	if depth > maxNesting {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return isFlat(u.Elem(), depth+1)
	case *types.Slice:
		return isFlat(u.Elem(), depth+1)
	case *types.Array:
		return isFlat(u.Elem(), depth+1)
	case *types.Map:
		return isFlat(u.Key(), depth+1) && isFlat(u.Elem(), depth+1)
	case *types.Chan:
		return isFlat(u.Elem(), depth+1)
	}
	return false
}
