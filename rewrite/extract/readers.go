package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// readers finds the functions of the package that get a pointer and do no more with it than read
// the fields of the object, so that a copy of the object does as well.
type readers struct {
	s      *site.Site
	object types.Type
	params []*types.Var // their parameters
}

// readParams returns the parameters by which the functions that a call runs get the object that
// is its argument n, if all of them only read its fields; else nil.
func readParams(s *site.Site, c *ast.CallExpr, n int, object types.Type) []*types.Var {
	r := &readers{s: s, object: object}
	if st, ok := syntax.StructOf(object); !ok || slices.ContainsFunc(slices.Collect(st.Fields()), func(f *types.Var) bool { return s.Pkg.UsedInOtherBuilds(f) }) {
		return nil // the functions may be others there
	}
	if !r.passes(s.Unit, c, n) || !r.getsNothingElse(c) {
		return nil
	}
	return r.params
}

// passes reports whether the functions that a call runs only read the object that is its argument
// n, or its receiver if n is -1.
func (r *readers) passes(u *patterns.Unit, c *ast.CallExpr, n int) bool {
	callees, known := r.s.Program.Callees(u, c)
	for _, f := range callees {
		sig := f.Signature()
		v := sig.Recv()
		if n >= 0 {
			if sig.Variadic() || n >= sig.Params().Len() {
				return false
			}
			v = sig.Params().At(n)
		}
		if f.Pkg != r.s.Pkg || f.Body == nil || v == nil || !r.onlyReads(f, v) {
			return false
		}
	}
	return known && len(callees) > 0
}

// onlyReads reports whether a function only reads the fields of what its parameter points to.
func (r *readers) onlyReads(u *patterns.Unit, v *types.Var) bool {
	if slices.Contains(r.params, v) {
		return true
	}
	if _, ptr := v.Type().Underlying().(*types.Pointer); !ptr {
		return false
	}
	r.params = append(r.params, v)
	parents := r.s.ParentsIn(u)
	return syntax.Every(u.Body, func(id *ast.Ident) bool {
		return u.Pkg.Info.Uses[id] != types.Object(v) || r.reads(u, parents, id)
	})
}

// reads reports whether a use of the parameter only reads a field, tests for nil, or passes the
// pointer on to a function that does.
func (r *readers) reads(u *patterns.Unit, parents map[ast.Node]ast.Node, id *ast.Ident) bool {
	for n := parents[id]; n != nil; n = parents[n] {
		if _, ok := n.(*ast.FuncLit); ok {
			return false // it may run later
		}
	}
	switch p := parents[id].(type) {
	case *ast.SelectorExpr:
		if sel := u.Pkg.Info.Selections[p]; sel == nil || sel.Kind() != types.FieldVal {
			c, ok := parents[p].(*ast.CallExpr)
			return ok && sel != nil && sel.Kind() == types.MethodVal && len(sel.Index()) == 1 && r.passes(u, c, -1)
		}
		return readsField(parents, p)
	case *ast.BinaryExpr:
		return u.Pkg.Info.Types[p.X].IsNil() || u.Pkg.Info.Types[p.Y].IsNil()
	case *ast.CallExpr:
		n := slices.Index(p.Args, ast.Expr(id))
		return n >= 0 && (r.passes(u, p, n) || behaviour.ReadsObject(r.s, p, n) && behaviour.ShowsItself(r.s, p, r.object))
	}
	return false
}

// readsField reports whether a field is used as a value: neither set nor reached by its address
// or as the elements of an array.
func readsField(parents map[ast.Node]ast.Node, e ast.Node) bool {
	switch p := parents[e].(type) {
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.ParenExpr:
		return readsField(parents, p)
	case *ast.AssignStmt:
		return !slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return l == e })
	case *ast.UnaryExpr:
		return p.Op != token.AND
	case *ast.CallExpr:
		return p.Fun != e
	case *ast.IncDecStmt, *ast.SliceExpr, *ast.RangeStmt:
		return false
	}
	return true
}

// getsNothingElse reports whether the functions get no other object by the same parameters, in
// the statement of the call or in what it runs.
func (r *readers) getsNothingElse(of *ast.CallExpr) bool {
	callees, _ := r.s.Program.Callees(r.s.Unit, of)
	other, seen := behaviour.AnyReached(r.s.Program, callees, func(u *patterns.Unit) bool {
		return slices.ContainsFunc(u.Calls(), func(c *ast.CallExpr) bool { return r.givesAnother(u, c) })
	})
	return seen && !other && !slices.ContainsFunc(r.s.Unit.Calls(), func(c *ast.CallExpr) bool {
		return c != of && r.s.InBody(c) && r.runs(r.s.Unit, c)
	})
}

// runs reports whether a call may run one of the functions.
func (r *readers) runs(u *patterns.Unit, c *ast.CallExpr) bool {
	callees, _ := r.s.Program.Callees(u, c)
	found, _ := behaviour.AnyReached(r.s.Program, callees, func(f *patterns.Unit) bool {
		return slices.ContainsFunc(r.params, func(v *types.Var) bool { return f.IsParam(v) || f.Signature().Recv() == v })
	})
	return found
}

// givesAnother reports whether a call gives one of the parameters something other than another of
// them.
func (r *readers) givesAnother(u *patterns.Unit, c *ast.CallExpr) bool {
	callees, _ := r.s.Program.Callees(u, c)
	return slices.ContainsFunc(callees, func(f *patterns.Unit) bool {
		sig := f.Signature()
		for i := range sig.Params().Len() {
			if slices.Contains(r.params, sig.Params().At(i)) && (i >= len(c.Args) || !r.isParam(u, c.Args[i])) {
				return true
			}
		}
		sel, isMethod := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		return sig.Recv() != nil && slices.Contains(r.params, sig.Recv()) && (!isMethod || !r.isParam(u, sel.X))
	})
}

func (r *readers) isParam(u *patterns.Unit, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && slices.Contains(r.params, syntax.VarOf(u.Pkg.Info, id))
}

// Covers reports whether a touch is of a field that a copied object has, read by a function that
// gets the copy.
func (x Extraction) Covers(t *site.Touch) bool {
	return t.Via != nil && t.Access.Path.Root != nil && slices.Contains(x.Params, t.Access.Path.Root)
}
