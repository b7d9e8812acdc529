package panics

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// mayNotCompareKey says why looking up or removing an entry of a map may panic.
const mayNotCompareKey = "the key may not be comparable"

// uncomparableKey reports whether looking up or removing an entry of a map may panic. The keys
// that a loop over a map visits do not.
func (p *panicCheck) uncomparableKey(m, key ast.Expr) bool {
	t, ok := p.info.TypeOf(m).Underlying().(*types.Map)
	if !ok || !mayNotCompare(p.unit.Pkg, t.Key(), nil) {
		return false
	}
	id, isIdent := ast.Unparen(key).(*ast.Ident)
	return !slices.ContainsFunc(p.factsAt(key), func(f fact) bool {
		if f.loop == nil || f.loop.Tok != token.DEFINE || !isIdent {
			return false
		}
		_, overMap := p.info.TypeOf(f.loop.X).Underlying().(*types.Map)
		of, ok := f.loop.Key.(*ast.Ident)
		return ok && overMap && p.info.Defs[of] == p.info.Uses[id] && !p.changed(id, f, id)
	})
}

// mayNotCompare reports whether comparing values of a type, or their elements, may panic because
// they contain an interface, which may hold a value that is not comparable. The types in seen are
// being looked at already.
func mayNotCompare(p *patterns.Package, t types.Type, seen []types.Type) bool {
	if t == nil {
		return true
	}
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	if param, ok := types.Unalias(t).(*types.TypeParam); ok {
		return !onlyComparable(param.Constraint()) && !givenComparable(p, param, seen)
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Slice:
		return mayNotCompare(p, u.Elem(), seen)
	case *types.Array:
		return mayNotCompare(p, u.Elem(), seen)
	case *types.Map:
		return mayNotCompare(p, u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if mayNotCompare(p, f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// onlyComparable reports whether a constraint lists types, such as ~int | ~string, and values of
// all of them can be compared.
func onlyComparable(constraint types.Type) bool {
	iface, ok := constraint.Underlying().(*types.Interface)
	if !ok {
		return !mayNotCompare(nil, constraint, nil)
	}
	for e := range iface.EmbeddedTypes() {
		union, ok := e.(*types.Union)
		if !ok {
			if onlyComparable(e) {
				return true
			}
			continue
		}
		if !slices.ContainsFunc(slices.Collect(union.Terms()), func(t *types.Term) bool { return !onlyComparable(t.Type()) }) {
			return true
		}
	}
	return false
}

// givenComparable reports whether the package itself says what a type parameter stands for, and
// only gives it types whose values can be compared.
func givenComparable(p *patterns.Package, param *types.TypeParam, seen []types.Type) bool {
	owner := ownerOf(p, param)
	given := false
	for id, instance := range p.Info.Instances {
		if owner == nil || p.Info.Uses[id] != owner {
			continue
		}
		arg := instance.TypeArgs.At(param.Index())
		other, passedOn := types.Unalias(arg).(*types.TypeParam)
		if passedOn && other.Index() == param.Index() && ownerOf(p, other) == owner {
			continue // a method names its own type
		}
		if mayNotCompare(p, arg, seen) {
			return false
		}
		given = given || !passedOn || !slices.Contains(seen, arg)
	}
	return given
}

// ownerOf returns the function or type that declares a type parameter, or whose methods name it,
// or nil.
func ownerOf(p *patterns.Package, param *types.TypeParam) types.Object {
	for _, obj := range p.Info.Defs {
		switch obj := obj.(type) {
		case *types.Func:
			if slices.Contains(slices.Collect(obj.Signature().TypeParams().TypeParams()), param) {
				return obj
			}
			if slices.Contains(slices.Collect(obj.Signature().RecvTypeParams().TypeParams()), param) {
				return patterns.NamedOf(obj.Signature().Recv().Type()).Obj()
			}
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok && named.Obj() == obj && slices.Contains(slices.Collect(named.TypeParams().TypeParams()), param) {
				return obj
			}
		}
	}
	return nil
}
