package singleflight

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// fillReturns lists the returns of the flight: those on a miss, and those of
// the look-up.
func (f *fill) fillReturns() []*ast.ReturnStmt {
	list := slices.Clone(f.Miss)
	if !f.Nested {
		list = append([]ast.Stmt{f.Hit}, list...)
	}
	return syntax.ReturnsIn(append(slices.Clone(f.Lookup), list...))
}

// findResults works out what the flight returns.
func (f *fill) findResults() *safety.Refusal {
	sig := signature(f.Window.Site)
	n := sig.Results().Len()
	r := &f.results
	r.err = patterns.IsError(sig.Results().At(n - 1).Type())
	r.value = n == 2 || !r.err
	if ret := f.failingHit(); ret != nil {
		return safety.Refuse(safety.S5, "results", ret.Pos(), "whoever comes later gets this error, and whoever waits would share the result of the call instead")
	}
	var values []ast.Expr
	for _, ret := range f.fillReturns() {
		if len(ret.Results) != n {
			return safety.Refuse(safety.S17, "results", ret.Pos(), "this return does not list its results one by one")
		}
		if !r.value {
			continue
		}
		v := ret.Results[0]
		switch {
		case r.err && !f.IsNil(ret.Results[1]) && f.IsZero(v):
			zero := types.ExprString(v)
			if r.zero != "" && r.zero != zero {
				return safety.Refuse(safety.S17, "results", v.Pos(), "%s and %s are returned with an error", r.zero, zero)
			}
			r.zero = zero
			r.loose = r.loose || !behaviour.CertainError(f.Window.Site, ret)
			continue
		case r.err && !f.IsNil(ret.Results[1]), f.IsNil(v):
			r.loose = true
		}
		if !f.IsNil(v) {
			values = append(values, v)
		}
	}
	if !r.value {
		return nil
	}
	if len(values) == 0 {
		return safety.Refuse(safety.S5, "results", f.Lock.Pos(), "no return gives a value")
	}
	return f.findValue(values, sig.Results().At(0).Type())
}

// failingHit returns a return that gives an error to whoever finds what an earlier call has left, or
// nil. There the section keeps later callers out, and has nothing to share with them.
//
//	if s.cmd != nil {
//		return errRunning
//	}
func (f *fill) failingHit() *ast.ReturnStmt {
	if !f.results.err || f.Nested {
		return nil
	}
	for _, ret := range syntax.ReturnsIn([]ast.Stmt{f.Hit}) {
		if len(ret.Results) > 0 && behaviour.CertainError(f.Window.Site, ret) {
			return ret
		}
	}
	return nil
}

// findValue finds what the flight's value is, given the expressions that the
// function returns and the type that it declares.
func (f *fill) findValue(values []ast.Expr, declared types.Type) *safety.Refusal {
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
			return safety.Refuse(safety.S5, "results", v.Pos(), "a constant is returned")
		}
		if !types.Identical(tv.Type, t) && !(types.IsInterface(t) && types.AssignableTo(tv.Type, t)) {
			return safety.Refuse(safety.S5, "results", v.Pos(), "the returns give values of different types")
		}
	}
	if len(r.wraps) == 0 && !types.Identical(t, declared) {
		return safety.Refuse(safety.S5, "results", values[0].Pos(), "the returned value is converted to %s", declared)
	}
	if r.loose && len(r.wraps) > 0 {
		return safety.Refuse(safety.S17, "results", values[0].Pos(), "%s is returned together with nothing or with an error", types.ExprString(r.wraps[0]))
	}
	text, ok := f.TypeText(t)
	if !ok {
		return safety.Refuse(safety.S5, "results", values[0].Pos(), "this file cannot name the type of the returned value")
	}
	r.typ = text
	return nil
}

// unwrap takes the same call off all expressions: of one function with one
// argument, or of one method without arguments.
func (f *fill) unwrap(values []ast.Expr) (inner []ast.Expr, ok bool) {
	fun := ""
	for _, v := range values {
		c, isCall := ast.Unparen(v).(*ast.CallExpr)
		if !isCall || f.Waits(c) || c.Ellipsis.IsValid() {
			return nil, false
		}
		name, arg := "", ast.Expr(nil)
		switch fn := ast.Unparen(c.Fun).(type) {
		case *ast.Ident:
			if len(c.Args) == 1 && f.Info.Types[c.Fun].IsType() == false {
				name, arg = fn.Name, c.Args[0]
			}
		case *ast.SelectorExpr:
			_, isPkg := f.Info.Uses[syntax.IdentOf(fn.X)].(*types.PkgName)
			switch {
			case isPkg && len(c.Args) == 1:
				name, arg = types.ExprString(fn), c.Args[0]
			case !isPkg && len(c.Args) == 0 && f.Info.Selections[fn] != nil:
				name, arg = "."+fn.Sel.Name, fn.X
			}
		}
		if arg == nil || fun != "" && fun != name || f.Info.Types[arg].Value != nil || f.IsNil(arg) {
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

// innerOf returns the part of a returned value that the flight hands on: all of a zero value that
// is returned with an error, around which there is no call.
func (f *fill) innerOf(v ast.Expr) ast.Expr {
	for range f.results.wraps {
		c, ok := ast.Unparen(v).(*ast.CallExpr)
		if !ok {
			return v
		}
		if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && len(c.Args) == 0 {
			v = sel.X
		} else {
			v = c.Args[0]
		}
	}
	return v
}

// joins lists the full names of the calls that each caller makes with the
// flight's value, which stood at every return before.
func (f *fill) joins() []string {
	var names []string
	for _, w := range f.results.wraps {
		if fn := patterns.CalleeOf(f.Info, ast.Unparen(w).(*ast.CallExpr)); fn != nil {
			names = append(names, fn.FullName())
		}
	}
	return names
}

// wrapped is the code of what a caller returns, given the flight's value.
func (f *fill) wrapped(value string) string {
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

func signature(s *site.Site) *types.Signature {
	if s.Unit.Lit != nil {
		return s.Info.TypeOf(s.Unit.Lit).(*types.Signature)
	}
	return s.Unit.Obj.Signature()
}

// returnChanges are the changes that make a return of the function one of the
// flight.
func (f *fill) returnChanges(r *ast.ReturnStmt) []textChange {
	res := f.results
	values := f.look.values
	if !res.value {
		return []textChange{{r, "return nil, " + extract.SourceWith(f.Window.Site, r.Results[0], values)}}
	}
	v := r.Results[0]
	inner := v
	if !f.IsNil(v) {
		inner = f.innerOf(v)
	}
	if !res.err {
		return []textChange{{r, "return " + extract.SourceWith(f.Window.Site, inner, values) + ", nil"}}
	}
	switch {
	case !f.IsNil(r.Results[1]) && f.IsZero(v):
		if f.IsNil(v) {
			return nil
		}
		return []textChange{{v, "nil"}}
	case inner != v:
		return []textChange{{v, extract.SourceWith(f.Window.Site, inner, values)}}
	}
	return nil
}

// valueChanges put the extracted values into the return that takes the place of
// a nested test.
func (f *fill) valueChanges() []textChange {
	var out []textChange
	for _, x := range f.look.values {
		for _, u := range x.Uses {
			out = append(out, textChange{u, extract.NameOf(f.Window.Site, x)})
		}
	}
	return out
}
