package storage

import (
	"go/ast"
	"go/token"
)

// Reads visits the places where a body reads what a value refers to: an element, the
// target of a pointer, an argument. It leaves out literals inside.
func (m *Model) Reads(owner ast.Node, body ast.Node, visit func(Use)) {
	use := func(e ast.Expr, c Class) {
		if c != 0 {
			visit(Use{Kind: Read, Class: c, Body: owner, Node: e})
		}
	}
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
			if o := m.object(n); o != 0 {
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
			if x := ReceiverOf(m.info, n); x != nil && Refers(m.info.TypeOf(x)) && !IsStruct(m.info.TypeOf(x)) {
				use(x, m.Refers(x))
			}
		}
		return true
	})
}
