package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// fillResults says how what a flight hands to its callers becomes what the
// function returns.
//
// A flight gives one value to every caller. Where all returns of the function
// make their value by the same call, as in `return clone(e), nil`, that call
// is left to each caller, so that each still gets a value of its own.
type fillResults struct {
	value, err bool       // the function returns a value, an error
	typ        string     // the type of the flight's value, as the file spells it
	wraps      []ast.Expr // calls that each caller makes with it, outermost first
	zero       string     // the value that is returned with an error; "" if there is no such return
	loose      bool       // the flight's value may be nil, or come with an error
}

// fillReturns lists the returns of the flight: those on a miss, and those of
// the look-up.
func (f *Fill) fillReturns() []*ast.ReturnStmt {
	list := slices.Clone(f.Miss)
	if !f.Nested {
		list = append([]ast.Stmt{f.Hit}, list...)
	}
	return returnsIn(append(slices.Clone(f.Lookup), list...))
}

// findResults works out what the flight returns.
func (f *Fill) findResults() *Refusal {
	sig := f.signature()
	n := sig.Results().Len()
	r := &f.results
	r.err = isError(sig.Results().At(n - 1).Type())
	r.value = n == 2 || !r.err
	var values []ast.Expr
	for _, ret := range f.fillReturns() {
		if len(ret.Results) != n {
			return Refuse(S17, "results", ret.Pos(), "this return does not list its results one by one")
		}
		if !r.value {
			continue
		}
		v := ret.Results[0]
		switch {
		case r.err && !f.isNil(ret.Results[1]) && f.isZero(v):
			zero := types.ExprString(v)
			if r.zero != "" && r.zero != zero {
				return Refuse(S17, "results", v.Pos(), "%s and %s are returned with an error", r.zero, zero)
			}
			r.zero = zero
			r.loose = r.loose || !f.certainError(ret)
			continue
		case r.err && !f.isNil(ret.Results[1]), f.isNil(v):
			r.loose = true
		}
		if !f.isNil(v) {
			values = append(values, v)
		}
	}
	if !r.value {
		return nil
	}
	if len(values) == 0 {
		return Refuse(S5, "results", f.Lock.Pos(), "no return gives a value")
	}
	return f.findValue(values, sig.Results().At(0).Type())
}

// isNil reports whether an expression is the predeclared nil.
func (s *Site) isNil(e ast.Expr) bool { return s.Info.Types[e].IsNil() }

// isZero reports whether an expression is plainly the zero value of its type.
func (s *Site) isZero(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return x.Value == "0" || x.Value == `""`
	case *ast.Ident:
		return s.isNil(x) || isFalse(s.Info, x)
	case *ast.CompositeLit:
		_, isStruct := s.Info.TypeOf(x).Underlying().(*types.Struct)
		return isStruct && len(x.Elts) == 0
	}
	return false
}

// findValue finds what the flight's value is, given the expressions that the
// function returns and the type that it declares.
func (f *Fill) findValue(values []ast.Expr, declared types.Type) *Refusal {
	r := &f.results
	for {
		inner, ok := f.unwrap(values)
		if !ok {
			break
		}
		r.wraps = append(r.wraps, values[0])
		values = inner
	}
	t := f.Info.TypeOf(values[0])
	if len(r.wraps) == 0 && types.IsInterface(declared) {
		t, r.loose = declared, true // a nil interface has no type to be asserted
	}
	for _, v := range values {
		tv := f.Info.Types[v]
		if tv.Value != nil {
			return Refuse(S5, "results", v.Pos(), "a constant is returned")
		}
		if !types.Identical(tv.Type, t) && !(types.IsInterface(t) && types.AssignableTo(tv.Type, t)) {
			return Refuse(S5, "results", v.Pos(), "the returns give values of different types")
		}
	}
	if len(r.wraps) == 0 && !types.Identical(t, declared) {
		return Refuse(S5, "results", values[0].Pos(), "the returned value is converted to %s", declared)
	}
	if r.loose && len(r.wraps) > 0 {
		return Refuse(S17, "results", values[0].Pos(), "%s is returned together with nothing or with an error", types.ExprString(r.wraps[0]))
	}
	text, ok := f.typeText(t)
	if !ok {
		return Refuse(S5, "results", values[0].Pos(), "this file cannot name the type of the returned value")
	}
	r.typ = text
	return nil
}

// unwrap takes the same call off all expressions: of one function with one
// argument, or of one method without arguments.
func (f *Fill) unwrap(values []ast.Expr) (inner []ast.Expr, ok bool) {
	fun := ""
	for _, v := range values {
		c, isCall := ast.Unparen(v).(*ast.CallExpr)
		if !isCall || f.waits(c) || c.Ellipsis.IsValid() {
			return nil, false
		}
		name, arg := "", ast.Expr(nil)
		switch fn := ast.Unparen(c.Fun).(type) {
		case *ast.Ident:
			if len(c.Args) == 1 && f.Info.Types[c.Fun].IsType() == false {
				name, arg = fn.Name, c.Args[0]
			}
		case *ast.SelectorExpr:
			_, isPkg := f.Info.Uses[identOf(fn.X)].(*types.PkgName)
			switch {
			case isPkg && len(c.Args) == 1:
				name, arg = types.ExprString(fn), c.Args[0]
			case !isPkg && len(c.Args) == 0 && f.Info.Selections[fn] != nil:
				name, arg = "."+fn.Sel.Name, fn.X
			}
		}
		if arg == nil || fun != "" && fun != name || f.Info.Types[arg].Value != nil || f.isNil(arg) {
			return nil, false
		}
		fun = name
		inner = append(inner, arg)
	}
	// Each must be given a value of one type; a flight cannot hand on what is
	// addressed to be changed.
	for _, e := range inner[1:] {
		if !types.Identical(f.Info.TypeOf(e), f.Info.TypeOf(inner[0])) {
			return nil, false
		}
	}
	return inner, true
}

// innerOf returns the part of a returned value that the flight hands on.
func (f *Fill) innerOf(v ast.Expr) ast.Expr {
	for range f.results.wraps {
		c := ast.Unparen(v).(*ast.CallExpr)
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && len(c.Args) == 0 {
			v = sel.X
		} else {
			v = c.Args[0]
		}
	}
	return v
}

// Joins lists the full names of the calls that each caller makes with the
// flight's value, which stood at every return before.
func (f *Fill) Joins() []string {
	var names []string
	for _, w := range f.results.wraps {
		if fn := patterns.CalleeOf(f.Info, ast.Unparen(w).(*ast.CallExpr)); fn != nil {
			names = append(names, fn.FullName())
		}
	}
	return names
}

// wrapped is the code of what a caller returns, given the flight's value.
func (f *Fill) wrapped(value string) string {
	for _, w := range slices.Backward(f.results.wraps) {
		c := ast.Unparen(w).(*ast.CallExpr)
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && len(c.Args) == 0 {
			value += "." + sel.Sel.Name + "()"
		} else {
			value = types.ExprString(c.Fun) + "(" + value + ")"
		}
	}
	return value
}
