package move

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move/endings"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// findProducts lists what the window makes for the code after it, which must be closed if a
// repeated test drops it. If lift is not nil, it is the end of the window and part of the
// statement after it.
func (r *Recheck) findProducts(window []ast.Stmt, lift *extract.Lift) {
	if lift != nil && lift.Commit != nil {
		r.liftedProducts(lift)
	}
	for i, st := range window {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for j, l := range as.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok {
					continue
				}
				v, value := syntax.VarOf(r.Site.Info, id), as.Rhs[min(j, len(as.Rhs)-1)]
				if v == nil || !endings.Needed(r.Site, v.Type()) || !r.makes(value) || !r.kept(v, window) || r.ends(v, window) {
					continue
				}
				test, always := r.existence(v, as, window[i:]), ast.Node(as) == st
				if !always && nillable(v.Type()) && endings.NilUnless(r.Site, v, as) {
					test, always = v.Name()+" != nil", true // in a loop, say, which may not run
				}
				r.drop(v.Name(), v.Type(), value, test, always)
				if by := r.endsDeferred(v, window[0]); by != nil {
					r.doubt(value, "If the repeated test goes the other way, %s is dropped, and a deferred function may end it as well, at %s. Is it ended only once?", v.Name(), r.Site.Line(by.Pos()))
				}
			}
			return true
		})
	}
}

// liftedProducts handles an assignment that is split: new variables hold what it makes until the
// lock is held.
func (r *Recheck) liftedProducts(l *extract.Lift) {
	for i, target := range l.Commit.Lhs {
		if l.Keeps[i] {
			continue
		}
		test, last := l.Name(i)+" != nil", len(l.Commit.Lhs)-1
		if id, ok := l.Commit.Lhs[last].(*ast.Ident); ok && l.Keeps[last] && id.Name != "_" && patterns.IsError(l.TargetType(last)) {
			test = id.Name + " == nil"
		}
		r.drop(l.Name(i), r.Site.Info.TypeOf(target), l.Commit.Rhs[0], test, true)
	}
}

// drop records what a repeated test must do with a value that it drops: close it, and ask
// whether that is right if others may have it, too. If always is set, the window always gives
// the variable this value.
func (r *Recheck) drop(name string, t types.Type, value ast.Expr, test string, always bool) {
	if like := endings.AsInstance(r.Site, t); like != "" {
		r.doubt(value, "If the repeated test goes the other way, %s is dropped, and not closed: it can be %s. Is that right?", name, like)
		return
	}
	method, plain := endings.Method(t)
	if method == "" {
		r.dropInner(name, t, value, test, always)
		return
	}
	if slices.ContainsFunc(r.Products, func(p Product) bool { return p.Name == name }) {
		return
	}
	if !always && plain {
		r.leave(name, "", value)
		return
	}
	if !plain || !always || test != "" && !nillable(t) {
		r.doubt(value, "If the repeated test goes the other way, %s is dropped and its %s is not called. Is that right?", name, method)
		return
	}
	r.Products = append(r.Products, Product{name, test, value})
	if !r.madeAnew(value) {
		r.doubt(value, "If the repeated test goes the other way, %s is closed. Is it certain that nobody else uses it?", name)
	}
}

// doubt records a question about what is dropped.
func (r *Recheck) doubt(at ast.Expr, format string, args ...any) {
	r.Doubts = append(r.Doubts, safety.Obligation{Condition: safety.S5, Status: safety.Assumed, Text: fmt.Sprintf(format, args...), Pos: at.Pos()})
}

// kept reports whether the function, after the window, uses the variable or another one that the
// window makes from it and that need not be closed itself.
func (r *Recheck) kept(v *types.Var, window []ast.Stmt) bool {
	used := usedBeyond(r.Site, window[len(window)-1])
	if used[v] {
		return true
	}
	return slices.ContainsFunc(window, func(st ast.Stmt) bool {
		return syntax.HasOuter(st, func(as *ast.AssignStmt) bool {
			return slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return r.carries(as, l, v, used) })
		})
	})
}

// carries reports whether an assignment puts a product into a variable that is used later and
// that either contains the product or is made from it and need not be closed itself.
func (r *Recheck) carries(as *ast.AssignStmt, target ast.Expr, v *types.Var, used map[*types.Var]bool) bool {
	value := as.Rhs[min(slices.Index(as.Lhs, target), len(as.Rhs)-1)]
	id, ok := syntax.RootIdent(target)
	if !ok || !syntax.Mentions(r.Site.Info, value, v) {
		return false
	}
	u := syntax.VarOf(r.Site.Info, id)
	if u == nil || u == v || !used[u] || syntax.RefsOf(u.Type(), 0) == syntax.NoRefs {
		return false
	}
	return !endings.Needed(r.Site, u.Type()) || !r.makes(value)
}

// makes reports whether an expression may produce something new: it is a call, or receives what
// somebody else has made.
func (r *Recheck) makes(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		tv := r.Site.Info.Types[e.Fun]
		return !tv.IsType() && !tv.IsBuiltin()
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	}
	return false
}

// madeAnew reports whether a call certainly returns something new: it waits, and calls a
// function of the standard library.
func (r *Recheck) madeAnew(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || !r.Site.Waits(e) {
		return false
	}
	fn := patterns.CalleeOf(r.Site.Info, c)
	return fn != nil && fn.Pkg() != nil && fn.Pkg() != r.Site.Pkg.Types && patterns.IsStd(fn.Pkg().Path())
}

// ends reports whether the window itself always ends the lifetime of the variable's object.
func (r *Recheck) ends(v *types.Var, window []ast.Stmt) bool {
	return slices.ContainsFunc(window, func(st ast.Stmt) bool {
		var n ast.Node = st
		if ifs, ok := st.(*ast.IfStmt); ok {
			if ifs.Init == nil {
				return false
			}
			n = ifs.Init
		}
		return syntax.HasOuter(n, func(sel *ast.SelectorExpr) bool { return r.isEnd(sel, v) })
	})
}

// endsDeferred returns the end of the variable's object in a call that is deferred before the
// window, which may run when a repeated test returns, or nil.
func (r *Recheck) endsDeferred(v *types.Var, window ast.Stmt) *ast.SelectorExpr {
	return syntax.FirstOuter(r.Site.Unit.Body, func(d *ast.DeferStmt) *ast.SelectorExpr {
		if d.Pos() > window.Pos() {
			return nil
		}
		return syntax.First(d.Call, func(sel *ast.SelectorExpr) *ast.SelectorExpr {
			if !r.isEnd(sel, v) {
				return nil
			}
			return sel
		})
	})
}

// isEnd reports whether a selector is of a method that ends the lifetime of a variable's object,
// or of a part of that: resp.Body.Close().
func (r *Recheck) isEnd(sel *ast.SelectorExpr, v *types.Var) bool {
	if !behaviour.EndsLife(sel.Sel.Name) {
		return false
	}
	if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && syntax.VarOf(r.Site.Info, id) == v {
		return true
	}
	p, ok := patterns.PathOf(r.Site.Info, sel.X)
	return ok && p.Root == v && len(p.Fields) > 0
}

// existence returns the condition under which an assignment has given its variable an object, or
// "" if the window continues only if it has.
func (r *Recheck) existence(v *types.Var, as *ast.AssignStmt, rest []ast.Stmt) string {
	var err *types.Var
	if id, ok := as.Lhs[len(as.Lhs)-1].(*ast.Ident); ok && id.Name != "_" && patterns.IsError(r.Site.Info.TypeOf(id)) {
		err = syntax.VarOf(r.Site.Info, id)
	}
	for i, st := range rest {
		ifs, ok := st.(*ast.IfStmt)
		if !ok || !syntax.Terminates(r.Site.Info, ifs.Body) {
			continue
		}
		if i > 0 && err != nil && r.Site.Unit.Assigned(err, rest[1:i]) {
			err = nil // err has another value by now
		}
		cond, ok := ast.Unparen(ifs.Cond).(*ast.BinaryExpr)
		if !ok || !r.Site.Info.Types[cond.Y].IsNil() {
			continue
		}
		id, _ := ast.Unparen(cond.X).(*ast.Ident)
		u, _ := r.Site.Info.Uses[id].(*types.Var)
		if u != nil && (cond.Op == token.NEQ && u == err || cond.Op == token.EQL && u == v) {
			return ""
		}
	}
	if err != nil && !r.Site.Unit.Assigned(err, rest[1:]) {
		return err.Name() + " == nil"
	}
	return v.Name() + " != nil"
}

// Closes reports whether a repeated test drops something that must be closed.
func (r *Recheck) Closes() bool { return len(r.Products) > 0 }

// dropInner records what a repeated test must do with the part of a value that must be closed.
// It closes that part if that is known to be right, asks if others may have it, and refuses if
// it would be left open.
func (r *Recheck) dropInner(name string, t types.Type, value ast.Expr, test string, always bool) {
	e, ok := endings.InnerOf(r.Site, t)
	switch {
	case !ok || slices.ContainsFunc(r.Products, func(p Product) bool { return p.Name == name+e.Path }):
	case e.Sure && always && test != "" || e.Sure && always && nillable(t):
		r.Products = append(r.Products, Product{name + e.Path, test, value})
	case e.Ours:
		r.doubt(value, "If the repeated test goes the other way, %s is dropped and its %s is not closed. Is that right?", name, e.Path[1:])
	case e.Path != "":
		r.leave(name, " its "+e.Path[1:], value)
	default:
		r.leave(name, " what it holds", value)
	}
}

// leave refuses to drop a value because something would be left open.
func (r *Recheck) leave(name, what string, value ast.Expr) {
	if r.leaks == nil {
		r.leaks = safety.Refuse(safety.S5, "left-open", value.Pos(), "if the repeated test goes the other way, %s is dropped and%s stays open", name, what)
	}
}

func nillable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return false
}
