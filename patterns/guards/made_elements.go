package guards

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// HoldsMade reports whether no element of a map or slice variable can be nil: the
// variable is not exported, and the package only looks elements up, ranges over them,
// removes them, and stores objects that are not nil.
func HoldsMade(x *patterns.Program, p *patterns.Package, v *types.Var) bool {
	return usedForItself(x, p, v, false)
}

// HasOneName reports whether the variable that holds a map or slice is its only name: the
// package only makes it, looks elements up, ranges over it and changes it in place.
func HasOneName(x *patterns.Program, p *patterns.Package, v *types.Var) bool {
	return usedForItself(x, p, v, true)
}

func usedForItself(x *patterns.Program, p *patterns.Package, v *types.Var, nils bool) bool {
	key := madeKey{v.Origin(), nils}
	if v.Exported() || !v.IsField() && !patterns.IsGlobal(v) || v.Pkg() != p.Types {
		return false
	}
	return holdsMade.Get(x, key, func() bool {
		return !slices.ContainsFunc(p.Files, func(f *patterns.File) bool {
			m := madeCheck{x: x, p: p, v: key.v, nils: nils, ok: true}
			ast.Inspect(f.Syntax, m.visit)
			return !m.ok
		})
	})
}

var holdsMade patterns.Memo[madeKey, bool]

// A madeKey is a variable and whether its elements may be nil.
type madeKey struct {
	v    *types.Var
	nils bool
}

// A madeCheck looks at the uses of a variable in a file.
type madeCheck struct {
	x     *patterns.Program
	p     *patterns.Package
	v     *types.Var
	nils  bool // elements may be nil
	stack []ast.Node
	ok    bool
}

func (m *madeCheck) visit(n ast.Node) bool {
	if n == nil {
		m.stack = m.stack[:len(m.stack)-1]
		return true
	}
	if id, ok := n.(*ast.Ident); ok {
		if v, ok := m.p.Info.Uses[id].(*types.Var); ok && v.Origin() == m.v {
			m.ok = m.ok && m.harmless(id)
		}
	}
	m.stack = append(m.stack, n)
	return true
}

// harmless reports whether a use of the variable stores no nil in it, and passes it to
// nobody who might.
func (m *madeCheck) harmless(id *ast.Ident) bool {
	e, i := ast.Node(id), len(m.stack)-1
	if sel, ok := m.stack[i].(*ast.SelectorExpr); ok && sel.Sel == id {
		e, i = sel, i-1
	}
	switch around := m.stack[i].(type) {
	case *ast.KeyValueExpr: // of a composite literal
		return around.Key == e && m.makes(around.Value)
	case *ast.RangeStmt:
		return around.X == e
	case *ast.BinaryExpr:
		return m.p.Info.Types[around.Y].IsNil()
	case *ast.IndexExpr:
		return around.X == e && m.harmlessElement(around, m.stack[i-1])
	case *ast.SliceExpr:
		return m.partOfItself(m.stack[:i])
	case *ast.CallExpr:
		name := patterns.BuiltinOf(m.p.Info, around)
		return name == "len" || name == "delete" || name == "clear" || name == "append" && m.partOfItself(m.stack[:i+1]) || m.onlyCopies(around, e)
	case *ast.AssignStmt:
		return len(around.Lhs) == len(around.Rhs) && m.makes(around.Rhs[max(slices.Index(around.Lhs, e.(ast.Expr)), 0)]) && slices.Contains(around.Lhs, e.(ast.Expr))
	}
	return false
}

// onlyCopies reports whether a known function reads an argument and keeps at most its elements,
// as maps.Clone does.
func (m *madeCheck) onlyCopies(c *ast.CallExpr, arg ast.Node) bool {
	n := slices.IndexFunc(c.Args, func(a ast.Expr) bool { return ast.Node(a) == arg })
	fn := patterns.CalleeOf(m.p.Info, c)
	if n < 0 || fn == nil || fn.Signature().Variadic() {
		return false
	}
	s, ok := known.Storage(fn)
	if !ok || s.Changes(n) || slices.Contains(s.Keeps, n) {
		return false
	}
	return !slices.ContainsFunc(s.Holds, func(h storage.Hold) bool { return h.From == n && !(h.FromElem && h.ToElem) })
}

// harmlessElement reports whether an element is only read, or set to something that is not
// nil.
func (m *madeCheck) harmlessElement(e *ast.IndexExpr, around ast.Node) bool {
	switch around := around.(type) {
	case *ast.UnaryExpr:
		return around.Op != token.AND
	case *ast.AssignStmt:
		i := slices.Index(around.Lhs, ast.Expr(e))
		return i < 0 || len(around.Lhs) == len(around.Rhs) && m.notNil(around.Rhs[i], around)
	case *ast.RangeStmt:
		return around.Key != e && around.Value != e
	}
	return true
}

// partOfItself reports whether the innermost statement gives the variable a value made of
// its own elements: s.x = append(s.x[:i], s.x[i+1:]...).
func (m *madeCheck) partOfItself(stack []ast.Node) bool {
	for _, n := range slices.Backward(stack) {
		if as, ok := n.(*ast.AssignStmt); ok {
			return len(as.Lhs) == 1 && len(as.Rhs) == 1 && m.isVar(as.Lhs[0]) && m.makes(as.Rhs[0])
		}
		if _, ok := n.(ast.Expr); !ok {
			return false
		}
	}
	return false
}

func (m *madeCheck) isVar(e ast.Expr) bool {
	p, ok := patterns.PathOf(m.p.Info, e)
	return ok && p.Last().Origin() == m.v
}

// makes reports whether an expression makes a map or slice without elements that may be
// nil.
func (m *madeCheck) makes(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return m.p.Info.Types[e].IsNil()
	case *ast.CompositeLit:
		return m.nils || len(e.Elts) == 0
	case *ast.SliceExpr:
		return m.isVar(e.X)
	case *ast.SelectorExpr:
		return m.isVar(e)
	case *ast.CallExpr:
		switch patterns.BuiltinOf(m.p.Info, e) {
		case "make":
			_, isMap := m.p.Info.TypeOf(e).Underlying().(*types.Map)
			return isMap || m.nils || len(e.Args) > 1 && m.p.Info.Types[e.Args[1]].Value != nil && m.p.Info.Types[e.Args[1]].Value.ExactString() == "0"
		case "append":
			if e.Ellipsis.IsValid() {
				return m.makes(e.Args[0]) && m.makes(e.Args[1])
			}
			return m.makes(e.Args[0]) && !slices.ContainsFunc(e.Args[1:], func(a ast.Expr) bool { return !m.notNil(a, e) })
		}
	}
	return false
}

// notNil reports whether a value is an object made by the function, or one whose fields
// are used in the node that stores it.
func (m *madeCheck) notNil(e ast.Expr, in ast.Node) bool {
	if m.nils {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr, *ast.CallExpr:
		return madeObject(m.p.Info, e)
	case *ast.Ident:
		v, ok := m.p.Info.Uses[e].(*types.Var)
		if !ok || patterns.IsGlobal(v) {
			return false
		}
		if m.followed(v, in) || m.madeBefore(v, in) {
			return true
		}
		u := m.unit()
		if u == nil {
			return false
		}
		return madeObject(m.p.Info, u.DefinedOnce(v)) || m.followedBefore(v, in) && !u.Assigned(v, u.Body.List)
	}
	return false
}

// madeBefore reports whether the statement just before the one that stores a variable, in
// the same block, gives the variable a new object:
//
//	if !ok {
//		d = &device{id: id}
//		s.devices[id] = d
//	}
func (m *madeCheck) madeBefore(v *types.Var, in ast.Node) bool {
	for _, n := range slices.Backward(m.stack) {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			continue
		}
		i := slices.IndexFunc(block.List, func(st ast.Stmt) bool { return st == in })
		if i < 1 {
			return false
		}
		as, ok := block.List[i-1].(*ast.AssignStmt)
		if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
			return false
		}
		id, ok := as.Lhs[0].(*ast.Ident)
		return ok && m.p.Info.ObjectOf(id) == v && madeObject(m.p.Info, as.Rhs[0])
	}
	return false
}

// madeObject reports whether an expression makes an object: &T{..}, new(T).
func madeObject(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.CallExpr:
		return patterns.BuiltinOf(info, e) == "new"
	}
	return false
}

// followed reports whether a node selects a field through the pointer in a variable.
func (m *madeCheck) followed(v *types.Var, in ast.Node) bool {
	found := false
	ast.Inspect(in, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			id, isIdent := sel.X.(*ast.Ident)
			s := m.p.Info.Selections[sel]
			found = found || isIdent && s != nil && s.Kind() == types.FieldVal && m.p.Info.Uses[id] == v
		}
		return !found
	})
	return found
}

// followedBefore reports whether a simple statement before the one that stores a variable, in
// the same block, selects a field through the pointer in the variable:
//
//	c.used = time.Now()
//	p.idle = append(p.idle, c)
func (m *madeCheck) followedBefore(v *types.Var, in ast.Node) bool {
	for _, n := range slices.Backward(m.stack) {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			continue
		}
		return slices.ContainsFunc(block.List, func(st ast.Stmt) bool {
			as, ok := st.(*ast.AssignStmt)
			return ok && st.End() <= in.Pos() && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return m.followed(v, l) })
		})
	}
	return false
}

// unit returns the current function, or nil.
func (m *madeCheck) unit() *patterns.Unit {
	for _, n := range slices.Backward(m.stack) {
		switch n := n.(type) {
		case *ast.FuncLit:
			return nil
		case *ast.FuncDecl:
			for _, u := range m.x.UnitsIn(m.p) {
				if u.Decl == n && u.Lit == nil {
					return u
				}
			}
		}
	}
	return nil
}
