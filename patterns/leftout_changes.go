package patterns

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A LeftOutUse is what code does to a variable where it names it, as far as its syntax
// shows.
type LeftOutUse byte

const (
	useReads   LeftOutUse = iota
	useHandsOn            // it may change an object that the variable refers to: a method of it is called, say
	UseAssigns
	UseContent
	UseAddress
	UseAtomic // the address, for a function of sync/atomic
)

// LeftOutUses lists the places, in files that the build leaves out, that may name a
// field or package-level variable of a package. It includes functions of any package in
// which not everything is known.
type LeftOutUses struct {
	P       *Package
	V       *types.Var
	owner   string // the type that declares the field
	partial []*Package
	Skip    func(*LeftOutTree) bool // files that need not be parsed; may be nil
}

func (x *Program) UsesLeftOut(p *Package, v *types.Var) LeftOutUses {
	l := LeftOutUses{P: p, V: v, owner: x.ownerName(v)}
	if v.Exported() {
		for _, q := range x.Packages {
			if q != p && q.Partial {
				l.partial = append(l.partial, q)
			}
		}
	}
	return l
}

// Each calls f with the places that do more than read the variable, those in tests
// last, until f returns true. It returns the place for which f did.
func (l LeftOutUses) Each(f func(t *LeftOutTree, at ast.Expr, use LeftOutUse) bool) (token.Position, bool) {
	v := l.V
	if !v.IsField() && !IsGlobal(v) {
		return token.Position{}, false
	}
	methods := hasPointerMethods(v.Type())
	visit := func(t *LeftOutTree, n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok {
			whole := v.IsField() && assignsWhole(as, l.owner)
			return whole && f(t, as.Lhs[0], UseAssigns)
		}
		e := t.spells(n, v)
		if e == nil || t.fresh(e) {
			return false
		}
		use := t.useOf(e, v.Type(), methods)
		return use != useReads && t.mayMean(e, v) && f(t, e, use)
	}
	at, found := l.P.eachLeftOutBut(l.Skip, v, visit, v.Name(), assignments)
	for _, q := range l.partial {
		if !found {
			at, found = q.eachLeftOut(v, func(t *LeftOutTree, n ast.Node) bool { return t.partly && visit(t, n) }, v.Name())
		}
	}
	return at, found
}

// ChangedLeftOut returns the first place, in files that this build leaves out, that may
// change a field or package-level variable of the package, or an object that it refers
// to: the code assigns to that name, takes its address, calls a method on it, or passes
// on what it refers to.
func (x *Program) ChangedLeftOut(p *Package, v *types.Var) (token.Position, bool) {
	return x.UsesLeftOut(p, v).Each(func(*LeftOutTree, ast.Expr, LeftOutUse) bool { return true })
}

// SetLeftOut is ChangedLeftOut for the variable itself, and not for what it refers to.
func (x *Program) SetLeftOut(p *Package, v *types.Var) (token.Position, bool) {
	_, pointer := v.Type().Underlying().(*types.Pointer)
	inPlace := !pointer && hasPointerMethods(v.Type())
	return x.UsesLeftOut(p, v).Each(func(_ *LeftOutTree, _ ast.Expr, use LeftOutUse) bool {
		return use != useHandsOn && (use != UseContent || inPlace)
	})
}

// HandedOnLeftOut returns the first place, in files that this build leaves out, that
// may change an object to which a field or package-level variable of the package
// refers, by calling a method or by passing the object on. Changes of the variable
// itself are in its [guards.Sharing]. Of the tests, only functions that take the lock
// count.
func (x *Program) HandedOnLeftOut(p *Package, v, lock *types.Var) (token.Position, bool) {
	return x.UsesLeftOut(p, v).Each(func(t *LeftOutTree, at ast.Expr, use LeftOutUse) bool {
		return use == useHandsOn && (!t.Test || t.LocksAround(at, lock))
	})
}

// fresh reports whether a field is one of an object that the function has made
// itself, as in
//
//	s := &server{}
//	s.addr = "localhost"
func (t *LeftOutTree) fresh(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok || id.Obj == nil {
		return false
	}
	switch d := id.Obj.Decl.(type) {
	case *ast.AssignStmt:
		for i, l := range d.Lhs {
			if l, ok := l.(*ast.Ident); ok && l.Obj == id.Obj && len(d.Lhs) == len(d.Rhs) {
				return makesObject(d.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		if _, ptr := d.Type.(*ast.StarExpr); d.Type != nil && !ptr && len(d.Values) == 0 {
			_, local := t.parent(t.parent(d)).(*ast.DeclStmt)
			return local
		}
	}
	return false
}

// makesObject reports whether an expression is a composite literal, the address
// of one, or a call of new.
func makesObject(e ast.Expr) bool {
	e = ast.Unparen(e)
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = ast.Unparen(un.X)
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		id, ok := e.Fun.(*ast.Ident)
		return ok && id.Name == "new" && id.Obj == nil
	}
	return false
}

// useOf says what the place where a variable of some type is named does to it.
// methods says whether methods can change its value in place.
func (t *LeftOutTree) useOf(e ast.Expr, typ types.Type, methods bool) LeftOutUse {
	var n ast.Node = e
	part := false // n is a part of the variable, or what one refers to
	for {
		outer := t.parent(n)
		switch p := outer.(type) {
		case *ast.ParenExpr:
		case *ast.TypeAssertExpr:
			typ = nil
		case *ast.StarExpr:
			part, typ = true, elementOf(typ)
		case *ast.SelectorExpr:
			if c, ok := t.parent(p).(*ast.CallExpr); ok && c.Fun == ast.Expr(p) {
				return useByMethod(typ, part, methods)
			}
			part, typ = true, fieldType(typ, p.Sel.Name)
		case *ast.IndexExpr:
			if p.X != n {
				return useReads
			}
			part, typ = true, elementOf(typ)
		case *ast.SliceExpr:
			if p.X != n {
				return useReads
			}
		default:
			return t.useIn(outer, n, part, typ)
		}
		n = outer
	}
}

// useByMethod says what the call of a method does to a value of some type, nil if that
// is not known, which is a variable or a part of one.
func useByMethod(typ types.Type, part, methods bool) LeftOutUse {
	switch {
	case methods && !part:
		return UseContent
	case part || refersToStorage(typ, 0):
		return shares(typ)
	}
	return useReads
}

// shares says what a place may do which gets a copy of a value of some type: change the
// elements of a map or slice, or an object.
func shares(typ types.Type) LeftOutUse {
	if !refersToStorage(typ, 0) {
		return useReads
	}
	if typ != nil {
		switch typ.Underlying().(type) {
		case *types.Slice, *types.Map:
			return UseContent
		}
	}
	return useHandsOn
}

// useIn is useOf for a variable, or a part of it, that stands in a statement or an
// expression which is not part of a variable.
func (t *LeftOutTree) useIn(outer, n ast.Node, part bool, typ types.Type) LeftOutUse {
	changes := UseAssigns
	if part {
		changes = UseContent
	}
	switch p := outer.(type) {
	case *ast.UnaryExpr:
		if p.Op != token.AND {
			return useReads
		}
		if t.atomic(p) {
			return UseAtomic
		}
		return UseAddress
	case *ast.BinaryExpr, *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.CaseClause:
		return useReads
	case *ast.IncDecStmt:
		return changes
	case *ast.AssignStmt:
		if slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return ast.Node(l) == n }) {
			return changes
		}
	case *ast.RangeStmt:
		if ast.Node(p.X) != n {
			return changes
		}
		return shares(elementOf(typ))
	case *ast.SendStmt:
		if ast.Node(p.Value) != n {
			return useReads
		}
	case *ast.CallExpr:
		if id, ok := p.Fun.(*ast.Ident); ok && id.Obj == nil && (id.Name == "len" || id.Name == "cap") || ast.Node(p.Fun) == n {
			return useReads
		}
	}
	return shares(typ)
}

// atomic reports whether an address is taken as an argument of a function of
// sync/atomic.
func (t *LeftOutTree) atomic(addr *ast.UnaryExpr) bool {
	c, ok := t.parent(addr).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	pkg, ok := t.uses()[id].(*types.PkgName)
	return ok && pkg.Imported().Path() == "sync/atomic"
}

// elementOf returns the type of an element, or of what a pointer points to; nil if that
// is not known.
func elementOf(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return u.Elem()
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Map:
		return u.Elem()
	}
	return nil
}

// fieldType returns the type of a field of a value of some type; nil if that is not
// known.
func fieldType(t types.Type, name string) types.Type {
	if t == nil {
		return nil
	}
	if e := elementOf(t); e != nil {
		t = e
	}
	if st, ok := t.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if f.Name() == name {
				return f.Type()
			}
		}
	}
	return nil
}

// assignsWhole reports whether a statement gives all fields of a struct new
// values: *p = T{}.
func assignsWhole(as *ast.AssignStmt, typeName string) bool {
	for i, l := range as.Lhs {
		if _, ok := ast.Unparen(l).(*ast.StarExpr); !ok || i >= len(as.Rhs) || typeName == "" {
			continue
		}
		lit, ok := ast.Unparen(as.Rhs[i]).(*ast.CompositeLit)
		if !ok {
			return true // by a value of whatever type
		}
		if id, ok := lit.Type.(*ast.Ident); ok && id.Name == typeName {
			return true
		}
	}
	return false
}

// ownerName returns the name of the type of package scope that declares a field.
func (x *Program) ownerName(f *types.Var) string {
	st := x.OwnerOf(f)
	if st == nil {
		return ""
	}
	names := x.structs[f.Pkg()]
	if names == nil {
		names = make(map[*types.Struct]string)
		x.structs[f.Pkg()] = names
		scope := f.Pkg().Scope()
		for _, name := range scope.Names() {
			if tn, ok := scope.Lookup(name).(*types.TypeName); ok {
				if st, ok := tn.Type().Underlying().(*types.Struct); ok && names[st] == "" {
					names[st] = name
				}
			}
		}
	}
	return names[st]
}

// refersToStorage reports whether a copy of a value shares something that can be
// changed with it; nil is a type that is not known.
func refersToStorage(t types.Type, depth int) bool {
	if t == nil {
		return true
	}
	if types.TypeString(t, nil) == "time.Time" || depth > 5 {
		return depth > 5
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Array:
		return refersToStorage(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if refersToStorage(f.Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}
