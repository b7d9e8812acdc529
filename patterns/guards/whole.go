package guards

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// eachField visits the fields that a value of the type holds itself, also those of structs
// and arrays in it, each with the fields that lead to it. It leaves out the unexported
// fields of other packages than p, which nothing in p can name.
func eachField(p *types.Package, t types.Type, visit func(path []*types.Var)) {
	var within func(t types.Type, path []*types.Var)
	within = func(t types.Type, path []*types.Var) {
		switch u := t.Underlying().(type) {
		case *types.Array:
			within(u.Elem(), path)
		case *types.Struct:
			for f := range u.Fields() {
				if !f.Exported() && f.Pkg() != p {
					continue
				}
				to := append(path[:len(path):len(path)], f.Origin())
				visit(to)
				within(f.Type(), to)
			}
		}
	}
	if t != nil {
		within(t, nil)
	}
}

// whole records an access to everything in the struct or array that a pointer points to:
// copying the object reads all of its fields, and assigning it sets them all. fields lead
// from the pointer x to the object, and at is the expression that copies or sets it.
//
//	c := *s.config // reads every field of the config
func (v *accessVisitor) whole(t types.Type, x ast.Expr, fields []*types.Var, kind AccessKind, at ast.Expr) {
	base, ok := patterns.PathOf(v.info, x)
	eachField(v.u.Pkg.Types, t, func(path []*types.Var) {
		a := &Access{Var: path[len(path)-1], Kind: kind, Node: at, Unit: v.u, Whole: true}
		if ok {
			a.Path = base.Join(fields).Join(path)
		}
		a.Through = slices.ContainsFunc(fields, isPointer)
		a.Fresh = v.own(x, a.Path, a.Through)
		v.out = append(v.out, a)
	})
}

// receiver records that calling a method, or taking it as a value, copies the object that
// the receiver is selected from through a pointer. at is the method's selector.
func (v *accessVisitor) receiver(s *types.Selection, at *ast.SelectorExpr) {
	recv := s.Obj().(*types.Func).Signature().Recv()
	if recv != nil && !patterns.IsPointer(recv.Type()) && patterns.PassesPointer(s) {
		v.whole(recv.Type(), at.X, patterns.FieldsOf(s.Recv(), s.Index()[:len(s.Index())-1]), Read, at)
	}
}

// generic records that a generic function may copy what its arguments point to:
//
//	func value[T any](p *T) T { return *p }
func (v *accessVisitor) generic(c *ast.CallExpr) {
	fun := ast.Unparen(c.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		fun = sel.Sel
	}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return
	}
	args := v.info.Instances[id].TypeArgs
	for _, a := range c.Args {
		t := v.info.TypeOf(a)
		if !patterns.IsPointer(t) {
			continue
		}
		elem := patterns.Deref(t)
		for t := range args.Types() {
			if types.Identical(t, elem) {
				v.whole(t, a, nil, Read, c)
			}
		}
	}
}

// CopiedByMethod lists the reads of a call that runs a method of a value, if the call
// may reach the value through a pointer in an interface: that copies the value.
//
//	var n namer = s.user // a *User
//	n.name()             // func (u User) name() string
func CopiedByMethod(u *patterns.Unit, c *ast.CallExpr, method *patterns.Unit) []*Access {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || method.Obj == nil || method.Lit != nil {
		return nil
	}
	s := u.Pkg.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal || !patterns.IsInterfaceMethod(s.Obj().(*types.Func)) {
		return nil
	}
	recv := method.Obj.Signature().Recv()
	if recv == nil || patterns.IsPointer(recv.Type()) {
		return nil
	}
	own := accessesOf(u).model
	through := len(storage.Through(s)) > 0
	if own != nil && (through && own.OwnsBehind(sel.X) || !through && own.OwnerIs(sel.X, ownership.Own)) {
		return nil
	}
	var out []*Access
	eachField(u.Pkg.Types, recv.Type(), func(path []*types.Var) {
		out = append(out, &Access{Var: path[len(path)-1], Kind: Read, Node: sel, Unit: u, Whole: true})
	})
	return out
}
