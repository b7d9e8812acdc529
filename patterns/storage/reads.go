package storage

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Reads visits the places where a body reads what a value refers to: an element, the
// target of a pointer, an argument. It leaves out literals inside.
func (m *Model) Reads(owner ast.Node, body ast.Node, visit func(Use)) {
	use := func(e ast.Expr, c Class) {
		if c != 0 {
			visit(Use{Kind: Read, Class: c, Body: owner, Node: e})
		}
	}
	located := make(map[ast.Expr]bool) // only their address is taken
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IndexExpr:
			if tv := m.info.Types[n.X]; tv.IsValue() {
				use(n.X, m.element(n.X))
			}
		case *ast.StarExpr:
			if tv := m.info.Types[n]; tv.IsValue() {
				use(n.X, m.Refers(n.X))
			}
		case *ast.SelectorExpr:
			if o := m.object(n); o != 0 && !located[n] {
				use(n.X, o)
			}
		case *ast.RangeStmt:
			if t := m.info.TypeOf(n.X); t != nil && Refers(t) {
				use(n.X, m.element(n.X))
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				return true
			}
		case *ast.CallExpr:
			tv := m.info.Types[n.Fun]
			if tv.IsType() {
				if len(n.Args) == 1 && IsString(m.info.TypeOf(n)) {
					use(n.Args[0], m.Refers(n.Args[0]))
				}
				return true
			}
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && tv.IsBuiltin() && (id.Name == "len" || id.Name == "cap" || id.Name == "close") {
				return true
			}
			for _, a := range n.Args {
				if Refers(m.info.TypeOf(a)) {
					use(a, m.Refers(a))
				}
			}
			x := ReceiverOf(m.info, n)
			switch {
			case x == nil:
			case m.onlyLocates(n):
				located[ast.Unparen(x)] = IsStruct(m.info.TypeOf(x))
			case Refers(m.info.TypeOf(x)) && !IsStruct(m.info.TypeOf(x)):
				use(x, m.Refers(x))
			}
		}
		return true
	})
}

// onlyLocates reports whether a call is of a method of package sync on something that an
// object holds by value: s.mu.Lock(), or s.Lock() with an embedded mutex, takes the address
// of a field of s and reads nothing.
func (m *Model) onlyLocates(c *ast.CallExpr) bool {
	sel, _ := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	s := m.info.Selections[sel]
	if fn := s.Obj(); fn.Pkg() == nil || fn.Pkg().Path() != "sync" || !IsPointer(fn.(*types.Func).Signature().Recv().Type()) {
		return false
	}
	t := s.Recv()
	if p, ok := t.Underlying().(*types.Pointer); ok && len(s.Index()) > 1 {
		t = p.Elem()
	}
	for _, i := range s.Index()[:len(s.Index())-1] {
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return false
		}
		t = st.Field(i).Type()
	}
	return IsStruct(t)
}
