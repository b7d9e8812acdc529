package guards

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// AlwaysMade reports whether a map or pointer variable certainly holds a map or an object:
// it is assigned, every assignment is make, new or a literal, and, for a field, no value of
// its struct is made without it.
func AlwaysMade(x *patterns.Program, u *patterns.Unit, p patterns.Path) bool {
	v := p.Last()
	if !v.IsField() && !patterns.IsGlobal(v) {
		return makes(u.Pkg.Info, u.DefinedOnce(v)) && declaredWithValue(patterns.TopOf(u).Body, v)
	}
	return !v.Exported() && alwaysMade.Get(x, v.Origin(), func() bool {
		as := x.AssignmentsIn(u.Pkg)[v.Origin()]
		if _, set := x.SetLeftOut(u.Pkg, v); set || len(as) == 0 {
			return false
		}
		return !slices.ContainsFunc(as, func(a patterns.Assigned) bool { return a.Expr == nil || !makes(a.Info, a.Expr) }) &&
			!beforeMade(x, u.Pkg, v.Origin())
	})
}

var alwaysMade patterns.Memo[*types.Var, bool]

// beforeMade reports whether the package may use a field or package-level variable before
// anything is assigned to it.
func beforeMade(x *patterns.Program, p *patterns.Package, v *types.Var) bool {
	if v.IsField() {
		return madeWithout(x, p, v)
	}
	return !slices.ContainsFunc(p.Files, func(f *patterns.File) bool { return declaredWithValue(f.Syntax, v) })
}

// declaredWithValue reports whether a node contains the declaration of a variable, and it gives
// the variable a value.
func declaredWithValue(in ast.Node, v *types.Var) bool {
	found := false
	patterns.EachAssignment(in, func(lhs, rhs ast.Expr) {
		found = found || lhs.Pos() == v.Pos() && rhs != nil
	})
	return found
}

// makes reports whether an expression makes a map, slice or object.
func makes(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		if patterns.BuiltinOf(info, e) == "make" {
			return true
		}
	}
	return madeObject(info, e)
}

// madeWithout reports whether the package makes a value of the field's struct without
// setting the field, or exports the struct's type for others to do so.
func madeWithout(x *patterns.Program, p *patterns.Package, f *types.Var) bool {
	st := x.OwnerOf(f)
	if st == nil || exportsType(p, st) && !expectsConstructor(p, st, f) || zeroValued(p, st) {
		return true
	}
	without := false
	for _, file := range p.Files {
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if isStruct(p.Info.TypeOf(n), st) && !setsField(p.Info, n, f) {
					without = true
				}
			case *ast.CallExpr:
				if patterns.BuiltinOf(p.Info, n) == "new" && isStruct(p.Info.TypeOf(n), st) {
					without = true
				}
			case *ast.ValueSpec:
				if n.Type != nil && len(n.Values) == 0 && !patterns.IsPointer(p.Info.TypeOf(n.Type)) && isStruct(p.Info.TypeOf(n.Type), st) {
					without = true
				}
			}
			return !without
		})
	}
	return without
}

// isStruct reports whether a type, or what it points to, is the struct or an instance of it.
func isStruct(t types.Type, st *types.Struct) bool {
	if n := patterns.NamedOf(t); n != nil && n.Underlying() == st {
		return true
	}
	of, ok := patterns.StructOf(t)
	return ok && of == st
}

// exportsType reports whether other packages can make values of the type.
func exportsType(p *patterns.Package, st *types.Struct) bool {
	if p.Name == "main" || strings.Contains("/"+p.Path+"/", "/internal/") {
		return false
	}
	for _, name := range p.Types.Scope().Names() {
		if obj := p.Types.Scope().Lookup(name); obj.Exported() && obj.Type().Underlying() == st {
			return true
		}
	}
	return false
}

// expectsConstructor reports whether other packages have to get their values of an exported
// struct type from a function of this package: it exports one that returns them, and no code
// tests whether the field is nil, as it would be in a zero value.
func expectsConstructor(p *patterns.Package, st *types.Struct, f *types.Var) bool {
	scope := p.Types.Scope()
	return slices.ContainsFunc(scope.Names(), func(name string) bool {
		fn, ok := scope.Lookup(name).(*types.Func)
		return ok && fn.Exported() && slices.ContainsFunc(slices.Collect(fn.Signature().Results().Variables()), func(v *types.Var) bool {
			return isStruct(v.Type(), st)
		})
	}) && !testsNil(p, f)
}

// testsNil reports whether code of the package compares the field to nil.
func testsNil(p *patterns.Package, f *types.Var) bool {
	found := false
	for _, file := range p.Files {
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			if cond, ok := n.(*ast.BinaryExpr); ok && p.Info.Types[cond.Y].IsNil() {
				path, isPath := patterns.PathOf(p.Info, cond.X)
				found = found || isPath && path.Last().Origin() == f
			}
			return !found
		})
	}
	return found
}

func setsField(info *types.Info, lit *ast.CompositeLit, f *types.Var) bool {
	if len(lit.Elts) > 0 {
		if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); !keyed {
			return true
		}
	}
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		id, ok := kv.Key.(*ast.Ident)
		v, _ := info.Uses[id].(*types.Var)
		return ok && v != nil && v.Origin() == f
	})
}

// zeroValued reports whether the package names the struct's type where that may make a zero
// value: in the type of a field, an element, a variable or a result. Behind a pointer, as
// the type of a literal, and as a receiver it makes none.
func zeroValued(p *patterns.Package, st *types.Struct) bool {
	found := false
	for _, file := range p.Files {
		var stack []ast.Node
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			if id, ok := n.(*ast.Ident); ok && !found {
				if t, isType := p.Info.Uses[id].(*types.TypeName); isType {
					of, isStruct := patterns.StructOf(t.Type())
					found = isStruct && of == st && makesZero(id, stack)
				}
			}
			stack = append(stack, n)
			return true
		})
	}
	return found
}

// makesZero reports whether a type named in the last of the nodes may be the type of a zero
// value there.
func makesZero(id *ast.Ident, around []ast.Node) bool {
	child := ast.Node(id)
	for i := len(around) - 1; i >= 0; i-- {
		switch n := around[i].(type) {
		case *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr: // of type arguments
			child = n
			continue
		case *ast.StarExpr:
			return false
		case *ast.CompositeLit:
			return n.Type != child
		case *ast.Field:
			list, _ := around[i-1].(*ast.FieldList)
			fn, isFunc := around[max(i-2, 0)].(*ast.FuncDecl)
			return !isFunc || fn.Recv != list
		}
		return true
	}
	return true
}
