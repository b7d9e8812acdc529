package deadlock

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A function that is given an object calls its methods: fmt.Fprintf(s, "x") calls s.Write,
// sort.Sort(s) calls s.Len, and json.Marshal(s) calls s.MarshalJSON.

// A methodCall is a call of a method of an argument by the function that gets it.
type methodCall struct {
	of   ast.Expr
	name string
}

// methodsCalled lists the methods of its arguments that a called function calls.
func methodsCalled(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, fn *types.Func) []methodCall {
	var out []methodCall
	if callee := x.SummaryOf(u.Pkg, fn); callee != nil {
		for _, k := range waits.SortedTakes(callee) {
			i := values.ParamIndex(callee.Signature(), k.Param)
			if i >= 0 && i < len(c.Args) && k.Method != "" && !(fn.Signature().Variadic() && i == fn.Signature().Params().Len()-1) {
				out = append(out, methodCall{c.Args[i], k.Method})
			}
		}
	}
	for _, v := range x.Table().Via(x.KeyOf(fn)) {
		for _, arg := range v.Arg.Of(c) {
			name := v.Arg.Method
			if fn.FullName() == "io.WriteString" && methodIn(u, arg, "WriteString") != nil {
				name = "WriteString"
			}
			out = append(out, methodCall{arg, name})
		}
	}
	return append(out, encodingMethods(u, c, fn)...)
}

// encodingMethods lists the methods by which a function of the standard library turns its
// arguments into text: of several for one purpose, it calls the first that there is.
func encodingMethods(u *patterns.Unit, c *ast.CallExpr, fn *types.Func) (out []methodCall) {
	called := known.MethodsCalled(fn)
	first := func(arg ast.Expr, names ...string) {
		i := slices.IndexFunc(names, func(name string) bool { return slices.Contains(called, name) && methodIn(u, arg, name) != nil })
		if i >= 0 {
			out = append(out, methodCall{arg, names[i]})
		}
	}
	sig := fn.Signature()
	switch n := sig.Params().Len(); {
	case len(called) == 0 || c.Ellipsis.IsValid():
	case slices.Contains(called, "String") && sig.Variadic():
		verbs, formats := verbsOf(u, c, n-2)
		if n >= 2 && isString(sig.Params().At(n-2).Type()) && !formats {
			return nil
		}
		for i, arg := range c.Args[min(n-1, len(c.Args)):] {
			switch verb := byte('v'); {
			case formats && i >= len(verbs):
			case formats && verbs[i] == "#v":
				first(arg, "Format", "GoString")
			default:
				if formats {
					verb = verbs[i][len(verbs[i])-1]
				}
				if strings.IndexByte("vsqxXw", verb) >= 0 {
					first(arg, "Format", "Error", "String")
				} else {
					first(arg, "Format")
				}
			}
		}
	case n > 0 && len(c.Args) > 0 && types.IsInterface(sig.Params().At(0).Type()):
		first(c.Args[0], "MarshalJSON", "MarshalXML", "GobEncode", "MarshalBinary", "MarshalText")
	}
	return out
}

// verbsOf lists the verbs of a format, each with # in front if it has that flag, in the order
// of the operands. ok is false if the argument is no constant, or the format says itself which
// operand a verb is for, or takes a width from one.
func verbsOf(u *patterns.Unit, c *ast.CallExpr, at int) (verbs []string, ok bool) {
	if at < 0 || at >= len(c.Args) {
		return nil, false
	}
	val := u.Pkg.Info.Types[c.Args[at]].Value
	if val == nil || val.Kind() != constant.String {
		return nil, false
	}
	parts := strings.Split(strings.ReplaceAll(constant.StringVal(val), "%%", ""), "%")
	for _, part := range parts[1:] {
		end := strings.IndexFunc(part, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.", r) })
		if end < 0 || part[end] == '[' || part[end] == '*' {
			return nil, false
		}
		verb := part[end : end+1]
		if strings.Contains(part[:end], "#") {
			verb = "#" + verb
		}
		verbs = append(verbs, verb)
	}
	return verbs, true
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}

// methodIn returns the method of a name that a value has as it is passed on: without those
// that need its address. It is nil if there is none, or if the value is an interface.
func methodIn(u *patterns.Unit, e ast.Expr, name string) *types.Func {
	m, _ := methodOf(u, e, name)
	return m
}

// methodOf is [methodIn] with the fields through which the method is promoted.
func methodOf(u *patterns.Unit, e ast.Expr, name string) (*types.Func, []*types.Var) {
	return methodNamed(u, e, name, false)
}

// methodNamed returns the method of a name that a value has, or that its variable has if it
// is addressable, and the fields through which it is promoted.
func methodNamed(u *patterns.Unit, e ast.Expr, name string, addressable bool) (*types.Func, []*types.Var) {
	t := u.Pkg.Info.TypeOf(e)
	if t == nil || types.IsInterface(t) {
		return nil, nil
	}
	obj, index, _ := types.LookupFieldOrMethod(t, addressable, u.Pkg.Types, name)
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil, nil
	}
	return fn.Origin(), patterns.FieldsOf(t, index[:len(index)-1])
}
