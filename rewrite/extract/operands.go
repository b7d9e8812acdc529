package extract

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Operands finds the largest operands of a waiting statement that need the lock and can be
// evaluated right before it: elements, what a pointer refers to, the result of a function that
// only reads. Together with the values that are read anyway, they must cover everything that the
// statement needs the lock for. The statement evaluates its operands before it waits, so
// evaluating some of them just before makes no difference, as long as nothing else in it has an
// effect that they could see. An operand that has an effect itself keeps its place in the order.
func Operands(s *site.Site, st ast.Stmt, values []Extraction) ([]Extraction, bool) {
	xs := slices.Clone(values)
	for _, x := range operandsOf(s, st) {
		e := x.Uses[0]
		for i, v := range xs {
			xs[i].Uses = slices.DeleteFunc(slices.Clone(v.Uses), func(u ast.Expr) bool { return syntax.Within(u, e) })
		}
		xs = slices.DeleteFunc(xs, func(v Extraction) bool { return len(v.Uses) == 0 })
		if i := slices.IndexFunc(xs, func(v Extraction) bool {
			return v.Operand && !v.Acts && types.ExprString(v.Uses[0]) == types.ExprString(e)
		}); i >= 0 {
			xs[i].Uses = append(xs[i].Uses, e)
			continue
		}
		xs = append(xs, x)
	}
	if !ReadsOnlyIn(TouchesBut(s, xs, st), xs) {
		return nil, false
	}
	return xs, len(xs) > 0 && !Disturbed(s, xs) && !panicsFirst(s, st, xs)
}

// panicsFirst reports whether evaluating the operands before their statement may panic where the
// statement would have panicked otherwise, in what it evaluates before them:
//
//	s.db.Put(s.val.(string), s.items[1])
func panicsFirst(s *site.Site, st ast.Stmt, xs []Extraction) bool {
	places := panics.PanicsBesides(s, []ast.Stmt{st}, nil, nil)
	return slices.ContainsFunc(xs, func(x Extraction) bool {
		e := x.Uses[0]
		return x.Operand && slices.ContainsFunc(places, func(p *panics.Place) bool { return syntax.Within(p.At, e) }) &&
			slices.ContainsFunc(places, func(p *panics.Place) bool {
				in := func(x Extraction) bool {
					return slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(p.At, u) })
				}
				return p.At.End() <= e.Pos() && !slices.ContainsFunc(xs, in)
			})
	})
}

// Disturbed reports whether evaluating one of the values may change what another one reads, so
// that the order of the two would matter, which Go leaves open.
func Disturbed(s *site.Site, xs []Extraction) bool {
	for i, x := range xs {
		if !x.Acts || len(xs) == 1 {
			continue
		}
		t := behaviour.Touches(s, x.Uses[0])
		for j, o := range xs {
			if j != i && (len(t.Unknown) > 0 || slices.ContainsFunc(t.List, func(u *site.Touch) bool { return u.Access.Kind != guards.Read && o.Reads(u.Access.Var) })) {
				return true
			}
		}
	}
	return false
}

// operandsOf lists the largest operands of a statement that need the lock and can be evaluated
// before it.
func operandsOf(s *site.Site, st ast.Stmt) []Extraction {
	var out []Extraction
	ast.Inspect(st, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if _, lit := e.(*ast.FuncLit); lit {
			return false
		}
		if tv, ok := s.Info.Types[e]; !ok || !tv.IsValue() || s.Waits(e) || !isValue(s, e) {
			return true
		}
		t := behaviour.Touches(s, e)
		if t.Guarded() == nil || compares(e) || !yieldsValue(s, e) || HoldsLock(s.Info.TypeOf(e)) || calledOn(s, e) || onlySometimes(s, e) && !ExtractableRoot(s, e) {
			return true
		}
		acts := !readsOnly(s, e, t)
		if acts && !mayActFirst(s, st, e, out) {
			return true
		}
		out = append(out, Extraction{Operand: true, Acts: acts, From: guardedIn(t), Uses: []ast.Expr{e}})
		return false
	})
	return out
}

// guardedIn lists the guarded variables among the uses.
func guardedIn(t *site.Touches) []*types.Var {
	var vars []*types.Var
	for _, u := range t.List {
		if u.Class == site.GuardedUse && !slices.Contains(vars, u.Access.Var) {
			vars = append(vars, u.Access.Var)
		}
	}
	return vars
}

// compares reports whether an expression is a comparison or a negation. For these, it is clearer
// to read the operands ahead of the statement than the result.
func compares(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		switch e.Op {
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			return true
		}
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	}
	return false
}

// onlySometimes reports whether an operand is evaluated only if another one has a certain value,
// on the right-hand side of && or ||.
func onlySometimes(s *site.Site, e ast.Expr) bool {
	for n := ast.Node(e); n != nil; n = s.Parents[n] {
		if _, ok := n.(ast.Stmt); ok {
			return false
		}
		if b, ok := s.Parents[n].(*ast.BinaryExpr); ok && b.Y == n && (b.Op == token.LAND || b.Op == token.LOR) {
			return true
		}
	}
	return false
}

// calledOn reports whether an operand is the function of a call, or a non-pointer that a method
// is called on that can change it: only a copy would change.
func calledOn(s *site.Site, e ast.Expr) bool {
	if c, ok := s.Parents[e].(*ast.CallExpr); ok && c.Fun == e {
		return true // its receiver would be used without the lock
	}
	sel, ok := s.Parents[e].(*ast.SelectorExpr)
	if !ok {
		return false
	}
	m := s.Info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal {
		return m != nil // a field of it suffices
	}
	_, ptrRecv := m.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, ptr := s.Info.TypeOf(e).Underlying().(*types.Pointer)
	return ptrRecv && !ptr
}

// yieldsValue reports whether an operand yields one value that can be kept in a variable.
func yieldsValue(s *site.Site, e ast.Expr) bool {
	if _, tuple := s.Info.TypeOf(e).(*types.Tuple); tuple {
		return false
	}
	b, ok := s.Info.TypeOf(e).(*types.Basic)
	return !ok || b.Info()&types.IsUntyped == 0
}

// readsOnly reports whether evaluating an operand, which uses t, changes nothing and does not
// wait.
func readsOnly(s *site.Site, e ast.Expr, t *site.Touches) bool {
	return isPlain(e) && len(acting(s, e)) == 0 && !slices.ContainsFunc(t.List, func(t *site.Touch) bool { return t.Access.Kind != guards.Read })
}

// isPlain reports whether an operand is made of reads, operators and calls, and always
// evaluates all of them.
func isPlain(e ast.Expr) bool {
	return !syntax.Has(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.CompositeLit:
			return true
		case *ast.UnaryExpr:
			return n.Op == token.ARROW || n.Op == token.AND
		case *ast.BinaryExpr:
			return n.Op == token.LAND || n.Op == token.LOR
		}
		return false
	})
}

// acting lists the calls in a node that may have an effect.
func acting(s *site.Site, n ast.Node) []*ast.CallExpr {
	var out []*ast.CallExpr
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if tv := s.Info.Types[c.Fun]; !tv.IsType() && !tv.IsBuiltin() && behaviour.Effectful(s, s.Unit, c) {
				out = append(out, c)
			}
		}
		return true
	})
	return out
}

// mayActFirst reports whether an operand that has an effect can be evaluated before its
// statement, after the operands before: nothing that the statement evaluates earlier has an
// effect of its own, and only calls in the operand itself change what the lock guards.
func mayActFirst(s *site.Site, st ast.Stmt, e ast.Expr, before []Extraction) bool {
	if !isPlain(e) || onlySometimes(s, e) {
		return false
	}
	if slices.ContainsFunc(guards.AccessesIn(s.Unit, e), func(a *guards.Access) bool { return a.Kind != guards.Read }) {
		return false // it passes on what the call may change
	}
	earlier := slices.ContainsFunc(acting(s, st), func(c *ast.CallExpr) bool {
		return c.End() <= e.Pos() && !slices.ContainsFunc(before, func(x Extraction) bool { return syntax.Within(c, x.Uses[0]) })
	})
	receives := syntax.Has(st, func(u *ast.UnaryExpr) bool { return u.Op == token.ARROW && u.End() <= e.Pos() })
	return !earlier && !receives
}

// TouchesBut is like Touches, without what is read in the operands among xs.
func TouchesBut(s *site.Site, xs []Extraction, nodes ...ast.Node) *site.Touches {
	t := behaviour.TouchesOutside(s, func(n ast.Node) bool {
		return slices.ContainsFunc(xs, func(x Extraction) bool {
			return x.Operand && slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(n, u) })
		})
	}, nodes...)
	t.List = slices.DeleteFunc(slices.Clone(t.List), func(u *site.Touch) bool {
		return slices.ContainsFunc(xs, func(x Extraction) bool { return x.Covers(u) })
	})
	return t
}

// formats has the packages whose functions are named after a conversion and not after what they
// give: fmt.Sprint, strconv.Itoa.
var formats = map[string]bool{"fmt": true, "strconv": true}

// operandName returns a base name for the variable that holds an operand. A computed operand is
// named after the parameter that it is passed to.
func operandName(s *site.Site, e ast.Expr) string {
	switch ast.Unparen(e).(type) {
	case *ast.BinaryExpr, *ast.CallExpr:
		if name := parameterName(s, e); name != "" {
			return name
		}
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return operandName(s, e.X)
	case *ast.IndexExpr:
		if v := s.Info.Types[e.Index].Value; v != nil && v.Kind() == constant.String && len(constant.StringVal(v)) > 2 && token.IsIdentifier(constant.StringVal(v)) {
			return constant.StringVal(v)
		}
		all := operandName(s, e.X)
		if name := syntax.Singular(all); name != "v" {
			return name
		}
		if name := elementName(s.Info.TypeOf(e)); name != "v" {
			return name
		}
		return all
	case *ast.CallExpr:
		if patterns.BuiltinOf(s.Info, e) == "len" {
			return "n"
		}
		if name := elementName(s.Info.TypeOf(e)); isReceiver(s, e) && name != "v" {
			return name
		}
		if fn := patterns.CalleeOf(s.Info, e); fn == nil || fn.Pkg() == nil || !formats[fn.Pkg().Path()] {
			return operandName(s, e.Fun)
		}
	}
	if t, ok := s.Info.TypeOf(e).Underlying().(*types.Basic); ok {
		switch {
		case t.Info()&types.IsString != 0:
			return "text"
		case t.Info()&types.IsNumeric != 0:
			return "n"
		case t.Info()&types.IsBoolean != 0:
			return "ok"
		}
	}
	return "v"
}

// isReceiver reports whether a method is called on what an expression gives: it is an object, which
// its type says more about than the function that finds it.
func isReceiver(s *site.Site, e ast.Expr) bool {
	sel, ok := s.Parents[e].(*ast.SelectorExpr)
	if !ok || sel.X != e {
		return false
	}
	c, ok := s.Parents[sel].(*ast.CallExpr)
	return ok && c.Fun == ast.Expr(sel)
}

// parameterName returns the name of the parameter that an argument is passed to, if the name
// says something, or "".
func parameterName(s *site.Site, arg ast.Expr) string {
	c, ok := s.Parents[arg].(*ast.CallExpr)
	if !ok {
		return ""
	}
	sig, ok := s.Info.TypeOf(c.Fun).Underlying().(*types.Signature)
	n := slices.Index(c.Args, arg)
	if !ok || n < 0 || n >= sig.Params().Len() || sig.Variadic() && n == sig.Params().Len()-1 {
		return ""
	}
	if name := sig.Params().At(n).Name(); len(name) > 2 {
		return name
	}
	return ""
}
