package contextlock

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// alongside lists what a function returns along with an error that it hands on:
// what goes before the error of a lock that was not taken. Callers may rely on
// it, as they do on the status in "return http.StatusBadGateway, err". Where the
// function returns nothing of the kind, these are zero values. It reports false
// where they cannot be spelled, or where the returns with an error differ, so
// that only a reader can say which of them fits.
func (c *conversion) alongside(u *patterns.Unit, pos token.Pos) ([]string, bool) {
	zeros, ok := c.zeros(u)
	if !ok || len(zeros) == 0 {
		return zeros, ok
	}
	handed, made := c.errorReturns(u)
	var texts [][]string
	special := false
	for i, r := range append(handed, made...) {
		text, zero, ok := c.constantsOf(r, pos)
		switch {
		case !ok || i >= len(handed) && zero:
			continue // computed: there is nothing to learn from it
		case !zero:
			special = true
		}
		if i < len(handed) && !slices.ContainsFunc(texts, func(t []string) bool { return slices.Equal(t, text) }) {
			texts = append(texts, text)
		}
	}
	switch {
	case !special:
		return zeros, true
	case len(texts) == 1:
		return texts[0], true
	}
	return nil, false
}

// errorReturns finds the returns of a function that certainly return an error: those in the
// body of a test of an error, and those that make one.
func (c *conversion) errorReturns(u *patterns.Unit) (handed, made []*ast.ReturnStmt) {
	tested := make(map[*ast.ReturnStmt]bool)
	syntax.InspectOuter(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if r := returnAtEnd(n.Body); r != nil && c.testsError(n.Cond) {
				tested[r] = true
			}
		case *ast.ReturnStmt:
			if len(n.Results) != c.sigOf(u).Results().Len() || c.Info.Types[n.Results[len(n.Results)-1]].IsNil() {
				break
			}
			if tested[n] {
				handed = append(handed, n)
			} else if c.makesError(n.Results[len(n.Results)-1]) {
				made = append(made, n)
			}
		}
		return true
	})
	return handed, made
}

// testsError reports whether a condition is that an error is not nil.
func (c *conversion) testsError(cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && b.Op == token.NEQ && c.Info.Types[b.Y].IsNil() && patterns.IsError(c.Info.TypeOf(b.X))
}

// makesError reports whether an expression is a new error or a package-level one.
func (c *conversion) makesError(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		fn := patterns.CalleeOf(c.Info, e)
		return fn != nil && (fn.FullName() == "errors.New" || fn.FullName() == "fmt.Errorf")
	case *ast.Ident:
		v, ok := c.Info.Uses[e].(*types.Var)
		return ok && v.Parent() == c.Pkg.Types.Scope()
	case *ast.SelectorExpr:
		v, ok := c.Info.Uses[e.Sel].(*types.Var)
		return ok && !v.IsField() && v.Parent() == v.Pkg().Scope()
	}
	return false
}

func returnAtEnd(b *ast.BlockStmt) *ast.ReturnStmt {
	if len(b.List) == 0 {
		return nil
	}
	r, _ := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return r
}

// constantsOf spells everything that a return returns except the error, and reports whether
// it is all zero. ok is false if something is not constant, or its names mean something
// else at the position.
func (c *conversion) constantsOf(r *ast.ReturnStmt, pos token.Pos) (texts []string, zero, ok bool) {
	zero = true
	for _, e := range r.Results[:len(r.Results)-1] {
		tv := c.Info.Types[e]
		if lit, isLit := ast.Unparen(e).(*ast.CompositeLit); isLit && len(lit.Elts) > 0 ||
			!isLit && tv.Value == nil && !tv.IsNil() || !c.sameNames(e, pos) {
			return nil, false, false
		}
		zero = zero && (tv.Value == nil || syntax.IsZero(tv.Value))
		texts = append(texts, types.ExprString(e))
	}
	return texts, zero, true
}

// sameNames reports whether the names in an expression mean the same at an
// earlier position of the function.
func (c *conversion) sameNames(e ast.Expr, pos token.Pos) bool {
	inner := c.Pkg.Types.Scope().Innermost(pos)
	same := inner != nil
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			same = same && c.sameNames(sel.X, pos)
			return false
		}
		if id, ok := n.(*ast.Ident); ok && same {
			_, obj := inner.LookupParent(id.Name, pos)
			same = obj != nil && obj == c.Info.Uses[id]
		}
		return same
	})
	return same
}

// zeros lists the zero values of all results but the last.
func (c *conversion) zeros(u *patterns.Unit) ([]string, bool) {
	res := c.sigOf(u).Results()
	var out []string
	for i := range res.Len() - 1 {
		t := res.At(i).Type()
		switch ut := t.Underlying().(type) {
		case *types.Basic:
			switch {
			case ut.Info()&types.IsString != 0:
				out = append(out, `""`)
			case ut.Info()&types.IsBoolean != 0:
				out = append(out, "false")
			case ut.Info()&types.IsNumeric != 0:
				out = append(out, "0")
			default:
				return nil, false
			}
		case *types.Struct, *types.Array:
			if u.File != c.File {
				return nil, false
			}
			text, ok := c.TypeText(t)
			if !ok {
				return nil, false
			}
			out = append(out, text+"{}")
		default:
			if _, isParam := types.Unalias(t).(*types.TypeParam); isParam {
				return nil, false
			}
			out = append(out, "nil")
		}
	}
	return out, true
}

func (c *conversion) sigOf(u *patterns.Unit) *types.Signature {
	if u.Lit != nil {
		return c.Info.TypeOf(u.Lit).(*types.Signature)
	}
	return u.Obj.Signature()
}

// returnsError reports whether the last result of a function is an error, and
// the zero values of the others can be spelled.
func (c *conversion) returnsError(u *patterns.Unit) bool {
	res := c.sigOf(u).Results()
	if res.Len() == 0 || !patterns.IsError(res.At(res.Len()-1).Type()) {
		return false
	}
	_, ok := c.zeros(u)
	return ok
}

func paramsOf(u *patterns.Unit) []*ast.Field {
	switch {
	case u.Lit != nil:
		return u.Lit.Type.Params.List
	case u.Decl != nil:
		return u.Decl.Type.Params.List
	}
	return nil
}
