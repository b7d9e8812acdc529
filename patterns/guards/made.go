package guards

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// AlwaysMade reports whether a map variable certainly holds a map: it is assigned,
// every assignment is make or a literal, and, for a field, no value of its struct is
// made without it.
func AlwaysMade(x *patterns.Program, u *patterns.Unit, p patterns.Path) bool {
	v := p.Last()
	if !v.IsField() && !patterns.IsGlobal(v) {
		return madeHere(u.Pkg.Info, u.DefinedOnce(v))
	}
	as := x.AssignmentsIn(u.Pkg)[v]
	for _, a := range as {
		if a.Expr == nil || !madeHere(a.Info, a.Expr) {
			return false
		}
	}
	return len(as) > 0 && !v.Exported() && (!v.IsField() || !madeWithout(x, u.Pkg, v))
}

func madeHere(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		return patterns.BuiltinOf(info, e) == "make"
	}
	return false
}

// madeWithout reports whether the package makes a value of the field's struct without
// setting the field, or exports the struct's type, so that others can.
func madeWithout(x *patterns.Program, p *patterns.Package, f *types.Var) bool {
	st := x.OwnerOf(f)
	if st == nil || exportsType(p, st) || zeroValued(p, st) {
		return true
	}
	without := false
	for _, file := range p.Files {
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if t, ok := patterns.StructOf(p.Info.TypeOf(n)); ok && t == st && !setsField(p.Info, n, f) {
					without = true
				}
			case *ast.CallExpr:
				if patterns.BuiltinOf(p.Info, n) == "new" {
					if t, ok := patterns.StructOf(p.Info.TypeOf(n)); ok && t == st {
						without = true
					}
				}
			case *ast.ValueSpec:
				if n.Type != nil && len(n.Values) == 0 {
					if t, ok := p.Info.TypeOf(n.Type).Underlying().(*types.Struct); ok && t == st {
						without = true
					}
				}
			}
			return !without
		})
	}
	return without
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
