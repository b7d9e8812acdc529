package values

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/statements"
)

// ConstantsFor returns the parameters of a callee for which a call passes a boolean, an
// integer or nil, and which the callee does not change. Of a struct that the call passes it
// returns the fields.
func ConstantsFor(u *patterns.Unit, callee *patterns.Unit, c *ast.CallExpr) map[*types.Var]constant.Value {
	known := make(map[*types.Var]constant.Value)
	sig := callee.Signature()
	for i, a := range c.Args {
		if i >= sig.Params().Len() || sig.Variadic() && i == sig.Params().Len()-1 {
			break
		}
		p := sig.Params().At(i)
		if len(callee.Definitions().Defs[p]) > 1 {
			continue
		}
		if val := valueOf(u, a, u.Known); val != nil {
			known[p] = val
		} else if lit, ok := ast.Unparen(a).(*ast.CompositeLit); ok && keepsFields(callee, p) {
			fieldsOf(u, lit, known)
		}
	}
	return known
}

// fieldsOf adds the fields of a struct that are constants, or are left out.
func fieldsOf(u *patterns.Unit, lit *ast.CompositeLit, known map[*types.Var]constant.Value) {
	st, ok := u.Pkg.Info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for f := range st.Fields() {
		switch b, _ := f.Type().Underlying().(*types.Basic); {
		case b == nil:
		case b.Info()&types.IsBoolean != 0:
			known[f.Origin()] = constant.MakeBool(false)
		case b.Info()&types.IsInteger != 0:
			known[f.Origin()] = constant.MakeInt64(0)
		}
	}
	patterns.EachElement(u.Pkg.Info, lit, func(f *types.Var, e ast.Expr) {
		if f == nil {
			return
		}
		if val := valueOf(u, e, u.Known); val != nil {
			known[f.Origin()] = val
		} else {
			delete(known, f.Origin())
		}
	})
}

// keepsFields reports whether a parameter is the only one of its type, and the unit neither
// assigns its fields nor takes its address.
func keepsFields(u *patterns.Unit, p *types.Var) bool {
	for o := range u.Signature().Params().Variables() {
		if o != p && types.Identical(o.Type(), p.Type()) {
			return false
		}
	}
	if u.Body == nil {
		return false
	}
	keeps := true
	of := func(e ast.Expr) bool {
		q, ok := patterns.PathOf(u.Pkg.Info, e)
		return ok && q.Root == p
	}
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			keeps = keeps && !slices.ContainsFunc(n.Lhs, of)
		case *ast.IncDecStmt:
			keeps = keeps && !of(n.X)
		case *ast.UnaryExpr:
			keeps = keeps && !(n.Op == token.AND && of(n.X))
		case *ast.SelectorExpr: // a method may change it
			if s := u.Pkg.Info.Selections[n]; s != nil && s.Kind() == types.MethodVal && of(n.X) {
				keeps = false
			}
		}
		return keeps
	})
	return keeps
}

// maxVariants bounds the parameter values for which a function is examined.
const maxVariants = 16

// Variant returns the unit for a call of a function with constant arguments, without
// the branches that are then not taken. It is the function itself if no branch depends
// on them.
func Variant(x *patterns.Program, u, callee *patterns.Unit, c *ast.CallExpr) *patterns.Unit {
	if callee.Body == nil || callee.Obj == nil || callee.Pkg != u.Pkg || len(c.Args) == 0 {
		return callee
	}
	known := ConstantsFor(u, callee, c)
	for v := range known {
		if !branchesOn(x, callee, v) {
			delete(known, v)
		}
	}
	if len(known) == 0 {
		return callee
	}
	key := keyOf(callee.Signature(), known)
	made := Variants.Of(callee)
	if v := made[key]; v != nil {
		return v
	}
	if len(made) >= maxVariants {
		return callee
	}
	v := callee.ForCalls(known)
	if made == nil {
		made = make(map[string]*patterns.Unit)
		Variants.Set(callee, made)
	}
	made[key] = v
	all, _ := newVariants.Lookup(x, struct{}{})
	newVariants.Set(x, struct{}{}, append(all, v))
	return v
}

// keyOf writes the known values in the order of the parameters and their fields.
func keyOf(sig *types.Signature, known map[*types.Var]constant.Value) string {
	var values []string
	note := func(v *types.Var) {
		value := "-"
		if val := known[v]; val != nil {
			value = val.ExactString()
		}
		values = append(values, value)
	}
	for p := range sig.Params().Variables() {
		note(p)
		if st, ok := p.Type().Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				note(f.Origin())
			}
		}
	}
	return strings.Join(values, ",")
}

// Variants holds the variants of a unit by the values of the parameters.
var Variants = patterns.NewSlot[map[string]*patterns.Unit]().Anew()

var newVariants patterns.Memo[struct{}, []*patterns.Unit]

// TakeVariants returns the variants made since it was last called.
func TakeVariants(x *patterns.Program) []*patterns.Unit {
	all, _ := newVariants.Lookup(x, struct{}{})
	newVariants.Set(x, struct{}{}, nil)
	return all
}

// branchesOn reports whether what the unit does depends on the value of a parameter: a
// condition is about it, it is a flag that is given on, or how long the unit sleeps.
func branchesOn(x *patterns.Program, u *patterns.Unit, v *types.Var) bool {
	found := false
	about := func(e ast.Expr) {
		if e == nil {
			return
		}
		ast.Inspect(e, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.BinaryExpr:
				return m.Op == token.LAND || m.Op == token.LOR || compares(m.Op)
			case *ast.Ident:
				found = found || u.Pkg.Info.Uses[m] == v
			}
			return !found
		})
	}
	flag := types.Identical(v.Type().Underlying(), types.Typ[types.Bool])
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			about(n.Cond)
		case *ast.SwitchStmt:
			about(n.Tag)
		case *ast.CaseClause:
			for _, e := range n.List {
				about(e)
			}
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				about(n.X)
			}
		case *ast.CallExpr: // given on
			for _, a := range n.Args {
				if _, ok := ast.Unparen(a).(*ast.Ident); ok && (flag || sleeps(x, u, n)) {
					about(a)
				}
			}
		}
		return !found
	})
	return found
}

// sleeps reports whether a call sleeps for the time in its arguments.
func sleeps(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil {
		return false
	}
	e, ok := x.Table().Entry(fn.FullName())
	return ok && e.Category == "sleep"
}

// NoTime reports whether a call is given a constant that is not positive for the only
// argument, a time to sleep.
func NoTime(u *patterns.Unit, c *ast.CallExpr) bool {
	if len(c.Args) != 1 {
		return false
	}
	v := valueOf(u, c.Args[0], u.Known)
	return v != nil && v.Kind() == constant.Int && constant.Sign(v) <= 0
}

// compares reports whether an operator compares.
func compares(op token.Token) bool {
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
		return true
	}
	return false
}

// A codeRange is a stretch of source.
type codeRange struct{ from, to token.Pos }

// An UntakenCode lists the stretches of one function that do not run.
type UntakenCode []codeRange

// Has reports whether a node begins in one of the stretches.
func (s UntakenCode) Has(n ast.Node) bool {
	return slices.ContainsFunc(s, func(r codeRange) bool { return r.from <= n.Pos() && n.Pos() < r.to })
}

// Excluded reports whether a call is in a branch that is not taken for the known values
// of the parameters.
func Excluded(u *patterns.Unit, c ast.Node, known map[*types.Var]constant.Value) bool {
	return Untaken(u, known).Has(c)
}

// Untaken lists the code that does not run, because of constants and of the known values of
// the parameters.
func Untaken(u *patterns.Unit, known map[*types.Var]constant.Value) (out UntakenCode) {
	var each func(part *patterns.Unit)
	each = func(part *patterns.Unit) {
		for _, n := range part.Branches {
			out = appendUntaken(out, u, n, known)
		}
		for _, lit := range part.Lits {
			each(lit)
		}
	}
	each(u)
	return out
}

// appendUntaken appends the code that does not run because of one branch.
func appendUntaken(out UntakenCode, u *patterns.Unit, branch ast.Node, known map[*types.Var]constant.Value) UntakenCode {
	without := func(n ast.Node) { out = append(out, codeRange{n.Pos(), n.End()}) }
	switch n := branch.(type) {
	case *ast.IfStmt:
		value, sure := truth(u, n.Cond, known)
		switch {
		case sure && !value:
			without(n.Body)
		case sure && n.Else != nil:
			without(n.Else)
		case sure && leaves(u.Pkg.Info, n.Body): // what comes after a return that is taken
			if list, at := statements.Around(u.Body, n); list != nil && at < len(list)-1 {
				out = append(out, codeRange{n.End(), list[len(list)-1].End()})
			}
		}
	case *ast.BinaryExpr: // the right side of one that the left side decides
		if value, sure := truth(u, n.X, known); sure && value == (n.Op == token.LOR) {
			without(n.Y)
		}
	case *ast.SwitchStmt:
		for _, c := range otherCases(u, n, known) {
			without(c)
		}
	}
	return out
}

// otherCases lists the clauses of a switch that are not the one for the known values.
func otherCases(u *patterns.Unit, s *ast.SwitchStmt, known map[*types.Var]constant.Value) (out []*ast.CaseClause) {
	if s.Tag == nil {
		return falseCases(u, s, known)
	}
	tag := valueOf(u, s.Tag, known)
	if tag == nil {
		return nil
	}
	var taken *ast.CaseClause
	for _, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if b, ok := lastOf(c.Body).(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			return nil
		}
		for _, e := range c.List {
			val := valueOf(u, e, known)
			if val == nil || val.Kind() != tag.Kind() {
				return nil
			}
			if taken == nil && constant.Compare(tag, token.EQL, val) {
				taken = c
			}
		}
	}
	for _, c := range s.Body.List {
		if c := c.(*ast.CaseClause); c != taken && (taken != nil || c.List != nil) {
			out = append(out, c)
		}
	}
	return out
}

// falseCases lists the clauses of a switch without a tag whose conditions are false, or
// that come after one that is true.
func falseCases(u *patterns.Unit, s *ast.SwitchStmt, known map[*types.Var]constant.Value) (out []*ast.CaseClause) {
	taken := false
	for _, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if b, ok := lastOf(c.Body).(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			return nil
		}
		if c.List == nil {
			continue
		}
		may, must := false, false
		for _, e := range c.List {
			value, sure := truth(u, e, known)
			may = may || !sure || value
			must = must || sure && value
		}
		if taken || !may {
			out = append(out, c)
			continue
		}
		taken = must
	}
	if taken {
		for _, c := range s.Body.List {
			if c := c.(*ast.CaseClause); c.List == nil {
				out = append(out, c)
			}
		}
	}
	return out
}

func lastOf(list []ast.Stmt) ast.Stmt {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// leaves reports whether a block ends in a return or a panic, on all ways through a
// select at its end.
func leaves(info *types.Info, b *ast.BlockStmt) bool {
	sel, ok := lastOf(b.List).(*ast.SelectStmt)
	if !ok {
		return statements.Ends(info, b)
	}
	return !slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool {
		return !statements.Ends(info, &ast.BlockStmt{List: c.(*ast.CommClause).Body})
	})
}

// truth works out a condition from known variables, if they decide it.
func truth(u *patterns.Unit, e ast.Expr, known map[*types.Var]constant.Value) (value, sure bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if val := valueOf(u, e, known); val != nil && val.Kind() == constant.Bool {
			return constant.BoolVal(val), true
		}
	case *ast.UnaryExpr:
		value, sure = truth(u, e.X, known)
		return !value, sure && e.Op == token.NOT
	case *ast.BinaryExpr:
		switch e.Op {
		case token.LAND, token.LOR:
			stop := e.Op == token.LOR // the value of one side that decides
			x, sureX := truth(u, e.X, known)
			y, sureY := truth(u, e.Y, known)
			if sureX && x == stop || sureY && y == stop {
				return stop, true
			}
			return !stop, sureX && sureY
		default:
			x, y := valueOf(u, e.X, known), valueOf(u, e.Y, known)
			ordered := e.Op == token.EQL || e.Op == token.NEQ || x != nil && x.Kind() == constant.Int
			if compares(e.Op) && x != nil && y != nil && x.Kind() == y.Kind() && ordered {
				return constant.Compare(x, e.Op, y), true
			}
		}
	}
	return false, false
}

// isNil stands for a parameter that is given nil, and for the nil in a comparison.
var isNil = constant.MakeString("nil")

// valueOf returns the value of an expression, if it is a constant, nil, or a variable
// that is known.
func valueOf(u *patterns.Unit, e ast.Expr, known map[*types.Var]constant.Value) constant.Value {
	if e == nil {
		return nil
	}
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok { // the usual case, which the uses tell sooner than the types
		switch obj := u.Pkg.Info.ObjectOf(id).(type) {
		case *types.Nil:
			return isNil
		case *types.Var:
			return known[obj]
		}
	}
	tv := u.Pkg.Info.Types[e]
	if sel, ok := e.(*ast.SelectorExpr); ok && tv.Value == nil { // the field of a parameter
		f := patterns.AsVar(u.Pkg.Info, sel.Sel)
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && f != nil && f.IsField() && known[f.Origin()] != nil {
			if p := patterns.AsVar(u.Pkg.Info, id); ParamIndex(u.Signature(), p) >= 0 {
				return known[f.Origin()]
			}
		}
	}
	if tv.Value != nil && isSimple(tv.Value) {
		return tv.Value
	}
	return nil
}

// isSimple reports whether a constant is one of those that parameters are known by.
func isSimple(v constant.Value) bool {
	return v.Kind() == constant.Bool || v.Kind() == constant.Int
}
