package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Operands finds the largest operands of a waiting statement that need the lock and can be
// evaluated right before it: elements, what a pointer refers to, the result of a function that
// only reads. Together with the values that are read anyway, they must cover everything that the
// statement needs the lock for. The statement evaluates its operands before it waits, so
// evaluating some of them just before makes no difference, as long as nothing else in it has an
// effect that they could see.
func Operands(s *site.Site, st ast.Stmt, t *site.Touches, values []Extraction) ([]Extraction, bool) {
	xs := slices.Clone(values)
	for _, e := range operandsOf(s, st) {
		x := Extraction{Operand: true, Uses: []ast.Expr{e}}
		for _, u := range behaviour.Touches(s, e).List {
			if u.Class == site.GuardedUse && !slices.Contains(x.From, u.Access.Var) {
				x.From = append(x.From, u.Access.Var)
			}
		}
		xs = slices.DeleteFunc(xs, func(v Extraction) bool {
			v.Uses = slices.DeleteFunc(slices.Clone(v.Uses), func(u ast.Expr) bool { return syntax.Within(u, e) })
			return len(v.Uses) == 0
		})
		for i, v := range xs {
			xs[i].Uses = slices.DeleteFunc(slices.Clone(v.Uses), func(u ast.Expr) bool { return syntax.Within(u, e) })
		}
		if i := slices.IndexFunc(xs, func(v Extraction) bool { return v.Operand && types.ExprString(v.Uses[0]) == types.ExprString(e) }); i >= 0 {
			xs[i].Uses = append(xs[i].Uses, e)
			continue
		}
		xs = append(xs, x)
	}
	for _, u := range TouchesBut(s, xs, st).List {
		if u.Class == site.GuardedUse && (u.Via != nil || !InValues(xs, u.Access)) {
			return nil, false
		}
	}
	return xs, len(xs) > 0
}

// operandsOf lists the largest operands of a statement that need the lock and can be evaluated
// before it.
func operandsOf(s *site.Site, st ast.Stmt) []ast.Expr {
	var out []ast.Expr
	ast.Inspect(st, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if _, lit := e.(*ast.FuncLit); lit {
			return false
		}
		if tv, ok := s.Info.Types[e]; !ok || !tv.IsValue() || s.Waits(e) || !isValue(s, e) || behaviour.Touches(s, e).Guarded() == nil {
			return true
		}
		if compares(e) || !readsOnly(s, e) || HoldsLock(s.Info.TypeOf(e)) || calledOn(s, e) || onlySometimes(s, e) && !ExtractableRoot(s, e) {
			return true
		}
		out = append(out, e)
		return false
	})
	return out
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

// readsOnly reports whether evaluating an operand changes nothing, does not wait, and yields one
// value that can be kept in a variable.
func readsOnly(s *site.Site, e ast.Expr) bool {
	if _, tuple := s.Info.TypeOf(e).(*types.Tuple); tuple {
		return false
	}
	if b, ok := s.Info.TypeOf(e).(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return false
	}
	only := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.CompositeLit:
			only = false
		case *ast.UnaryExpr:
			only = only && n.Op != token.ARROW && n.Op != token.AND
		case *ast.BinaryExpr:
			only = only && n.Op != token.LAND && n.Op != token.LOR
		case *ast.CallExpr:
			if tv := s.Info.Types[n.Fun]; !tv.IsType() && !tv.IsBuiltin() {
				only = only && !behaviour.Effectful(s, s.Unit, n)
			}
		}
		return only
	})
	return only && !slices.ContainsFunc(behaviour.Touches(s, e).List, func(t *site.Touch) bool { return t.Access.Kind != guards.Read })
}

// TouchesBut is like Touches, without what is read in the operands among xs.
func TouchesBut(s *site.Site, xs []Extraction, nodes ...ast.Node) *site.Touches {
	return behaviour.TouchesOutside(s, func(n ast.Node) bool {
		return slices.ContainsFunc(xs, func(x Extraction) bool {
			return x.Operand && slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(n, u) })
		})
	}, nodes...)
}

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
		return operandName(s, e.Fun)
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
