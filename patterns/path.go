package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Path names a variable: a root variable and the fields selected from it,
// with pointers followed without mention and embedded fields spelled out, so
// that c.Lock() with an embedded mutex has the path c.Mutex.
type Path struct {
	Root   *types.Var
	Fields []*types.Var // generic fields stand as declared (Origin)

	// Text is the source of a lock that has no path: an element of a map or
	// slice, the result of a call. Root is nil then. Such a lock is recognised
	// by its spelling, so nothing is ever rewritten on the strength of it.
	Text string
}

// A PathKey is a Path in comparable form.
type PathKey struct {
	root *types.Var
	rest string
}

func (p Path) Key() PathKey {
	if p.Root == nil {
		return PathKey{nil, p.Text}
	}
	var b strings.Builder
	for _, f := range p.Fields {
		b.WriteByte('.')
		b.WriteString(f.Name())
	}
	return PathKey{p.Root, b.String()}
}

// String prints the path as source would: "s.mu".
func (p Path) String() string {
	if p.Root == nil {
		return p.Text
	}
	return p.Root.Name() + p.Key().rest
}

// Last returns the variable that the path ends in: the field, or the root.
func (p Path) Last() *types.Var {
	if n := len(p.Fields); n > 0 {
		return p.Fields[n-1]
	}
	return p.Root
}

// Base returns the path without its last field. ok is false for a bare root.
func (p Path) Base() (base Path, ok bool) {
	n := len(p.Fields)
	if n == 0 {
		return Path{}, false
	}
	return Path{Root: p.Root, Fields: p.Fields[:n-1]}, true
}

// Global reports whether the root is a package-level variable.
func (p Path) Global() bool { return IsGlobal(p.Root) }

// ByValue reports whether the root contains the field that the path ends in, without
// pointers in between.
func (p Path) ByValue() bool {
	if p.Root == nil || len(p.Fields) == 0 {
		return false
	}
	return !slices.ContainsFunc(append([]*types.Var{p.Root}, p.Fields[:len(p.Fields)-1]...), func(v *types.Var) bool {
		_, ok := v.Type().Underlying().(*types.Struct)
		return !ok
	})
}

func IsGlobal(v *types.Var) bool {
	return v != nil && !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// Join returns p extended by the fields of rest.
func (p Path) Join(fields []*types.Var) Path {
	return Path{Root: p.Root, Fields: append(p.Fields[:len(p.Fields):len(p.Fields)], fields...)}
}

// PathOf returns the path that the expression names. It fails for anything but
// variables, field selections, dereferences and address operators: elements of maps and
// slices and results of calls have no path.
func PathOf(info *types.Info, e ast.Expr) (Path, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := info.ObjectOf(e).(*types.Var)
		if !ok || v.IsField() {
			return Path{}, false
		}
		return Path{Root: v.Origin()}, true
	case *ast.StarExpr:
		return PathOf(info, e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return PathOf(info, e.X)
		}
	case *ast.SelectorExpr:
		sel := info.Selections[e]
		if sel == nil { // a qualified identifier
			v, ok := info.Uses[e.Sel].(*types.Var)
			return Path{Root: v}, ok
		}
		if sel.Kind() != types.FieldVal {
			return Path{}, false
		}
		base, ok := PathOf(info, e.X)
		if !ok {
			return Path{}, false
		}
		return base.Join(FieldsOf(sel.Recv(), sel.Index())), true
	}
	return Path{}, false
}

// ReceiverPath returns the path of the value on which a method is called:
// for a promoted method it includes the embedded fields.
func ReceiverPath(info *types.Info, sel *ast.SelectorExpr) (Path, bool) {
	s := info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return Path{}, false
	}
	base, ok := PathOf(info, sel.X)
	if !ok {
		return Path{}, false
	}
	index := s.Index()
	return base.Join(FieldsOf(s.Recv(), index[:len(index)-1])), true
}

// FieldsOf returns the fields that a selection index passes through.
func FieldsOf(t types.Type, index []int) []*types.Var {
	var fields []*types.Var
	for _, i := range index {
		st, ok := StructOf(t)
		if !ok || i >= st.NumFields() {
			return fields
		}
		f := st.Field(i)
		fields = append(fields, f.Origin())
		t = f.Type()
	}
	return fields
}

// CalleeOf returns the function or method that a call names statically, or nil for
// function values, conversions and built-ins. For methods of generic types it is the
// declared one.
func CalleeOf(info *types.Info, call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	var obj types.Object
	switch f := fun.(type) {
	case *ast.Ident:
		obj = info.Uses[f]
	case *ast.SelectorExpr:
		obj = info.Uses[f.Sel]
	}
	if fn, ok := obj.(*types.Func); ok {
		return fn.Origin()
	}
	return nil
}

// BuiltinOf returns the name of the built-in function that a call names, or "".
func BuiltinOf(info *types.Info, call *ast.CallExpr) string {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// IsInterfaceMethod reports whether fn is declared by an interface.
func IsInterfaceMethod(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// PassesPointer reports whether the receiver of a method call is reached
// through a pointer after the last variable that holds it by value.
func PassesPointer(s *types.Selection) bool {
	fields := FieldsOf(s.Recv(), s.Index()[:len(s.Index())-1])
	t := s.Recv()
	if n := len(fields); n > 0 {
		t = fields[n-1].Type()
	}
	_, ptr := t.Underlying().(*types.Pointer)
	return ptr
}

func HasDefault(s *ast.SelectStmt) bool {
	return slices.ContainsFunc(s.Body.List, func(c ast.Stmt) bool { return c.(*ast.CommClause).Comm == nil })
}

// ReceiverOf returns the value whose method is selected, or nil.
func ReceiverOf(fun ast.Expr) ast.Expr {
	if sel, ok := ast.Unparen(fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

func AsVar(info *types.Info, id *ast.Ident) *types.Var {
	v, _ := info.ObjectOf(id).(*types.Var)
	return v
}

// IdentOf returns the expression as an identifier, or nil.
func IdentOf(e ast.Expr) *ast.Ident {
	id, _ := ast.Unparen(e).(*ast.Ident)
	return id
}

// ThroughInterface reports whether a path continues past a variable of an interface
// type.
func (p Path) ThroughInterface() bool {
	if p.Root == nil || len(p.Fields) == 0 {
		return false
	}
	return types.IsInterface(p.Root.Type()) || slices.ContainsFunc(p.Fields[:len(p.Fields)-1], func(f *types.Var) bool { return types.IsInterface(f.Type()) })
}

// IsStd reports whether an import path looks like one of the standard library.
func IsStd(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}
