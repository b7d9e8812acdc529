package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// A product is what the window makes, and must be closed where a repeated test
// drops it: S5.
type product struct {
	name  string   // of the variable that holds it, or of a field of that: "resp.Body"
	test  string   // the condition under which there is one, or "" if there always is
	value ast.Expr // what makes it
}

// root returns the name of the variable that leads to the product.
func (p product) root() string {
	root, _, _ := strings.Cut(p.name, ".")
	return root
}

// findProducts lists what the window makes and the section keeps after it, and
// which therefore has to be closed where a repeated test drops it. lift is the
// last statement of the window if that is a part of the first one after it.
func (r *Recheck) findProducts(window []ast.Stmt, lift *Lift) {
	if lift != nil && lift.commit != nil {
		r.liftedProducts(lift)
	}
	for i, st := range window {
		inspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for j, l := range as.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok {
					continue
				}
				v, value := varOf(r.s.Info, id), as.Rhs[min(j, len(as.Rhs)-1)]
				if v == nil || !r.s.isProduct(v.Type()) || !r.makes(value) || !r.kept(v, window) || r.ends(v, window) {
					continue
				}
				r.drop(v.Name(), v.Type(), value, r.existence(v, as, window[i:]), ast.Node(as) == st)
			}
			return true
		})
	}
}

// liftedProducts looks at an assignment that is taken apart: what it makes is in
// new variables until the lock is held.
func (r *Recheck) liftedProducts(l *Lift) {
	for i, target := range l.commit.Lhs {
		if l.keeps[i] {
			continue
		}
		test, last := l.name(i)+" != nil", len(l.commit.Lhs)-1
		if id, ok := l.commit.Lhs[last].(*ast.Ident); ok && l.keeps[last] && id.Name != "_" && isError(l.targetType(last)) {
			test = id.Name + " == nil"
		}
		r.drop(l.name(i), r.s.Info.TypeOf(target), l.commit.Rhs[0], test, true)
	}
}

// drop notes what a repeated test has to do about a value that it drops: close
// it, and ask whether that is right if it may be somebody else's, too. always
// says that the window always gives the variable this value.
func (r *Recheck) drop(name string, t types.Type, value ast.Expr, test string, always bool) {
	method, plain := endingMethod(t)
	if method == "" {
		r.dropInner(name, t, value, test, always)
		return
	}
	if slices.ContainsFunc(r.product, func(p product) bool { return p.name == name }) {
		return
	}
	if !plain || !always || test != "" && !nillable(t) {
		r.doubt(value, "If the repeated test goes the other way, %s is dropped and its %s is not called. Is that right?", name, method)
		return
	}
	r.product = append(r.product, product{name, test, value})
	if !r.madeAnew(value) {
		r.doubt(value, "If the repeated test goes the other way, %s is closed. Is it certain that nobody else uses it?", name)
	}
}

// doubt asks about what is dropped.
func (r *Recheck) doubt(at ast.Expr, format string, args ...any) {
	r.doubts = append(r.doubts, Obligation{Condition: S5, Status: Assumed, Text: fmt.Sprintf(format, args...), Pos: at.Pos()})
}

// askDropped asks what cannot be known about what a repeated test drops.
func (w *Window) askDropped() {
	if w.recheck == nil {
		return
	}
	for _, d := range w.recheck.doubts {
		w.assume(d.Condition, d.Pos, "%s", d.Text)
	}
}

// kept reports whether the statements after the window use the variable, or
// another one that the window makes of it and that has no end of its own.
func (r *Recheck) kept(v *types.Var, window []ast.Stmt) bool {
	last := window[len(window)-1]
	after := r.s.indexOf(last)
	if r.s.Body[after] == last { // else it is a part of what comes after
		after++
	}
	post := r.s.Body[after:]
	used := func(u *types.Var) bool {
		return slices.ContainsFunc(post, func(st ast.Stmt) bool { return mentions(r.s.Info, st, u) })
	}
	if used(v) {
		return true
	}
	for _, st := range window {
		as, ok := st.(*ast.AssignStmt)
		if !ok || !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return mentions(r.s.Info, e, v) }) {
			continue
		}
		for _, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); ok {
				if u := varOf(r.s.Info, id); u != nil && u != v && used(u) && refsOf(u.Type(), 0) != noRefs && !r.s.isProduct(u.Type()) {
					return true
				}
			}
		}
	}
	return false
}

// makes reports whether an expression may make something: it is a call, or
// receives what somebody else has made.
func (r *Recheck) makes(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		tv := r.s.Info.Types[e.Fun]
		return !tv.IsType() && !tv.IsBuiltin()
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	}
	return false
}

// madeAnew reports whether a call certainly returns something new: it is a
// function, not a method, of the standard library, and it waits.
func (r *Recheck) madeAnew(e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || !r.s.waits(e) {
		return false
	}
	fn := patterns.CalleeOf(r.s.Info, c)
	return fn != nil && fn.Pkg() != nil && fn.Pkg() != r.s.Pkg.Types && isStd(fn.Pkg().Path())
}

// ends reports whether the window itself ends the life of the variable's object
// on its way to its end.
func (r *Recheck) ends(v *types.Var, window []ast.Stmt) bool {
	return slices.ContainsFunc(window, func(st ast.Stmt) bool {
		var n ast.Node = st
		if ifs, ok := st.(*ast.IfStmt); ok {
			if ifs.Init == nil {
				return false
			}
			n = ifs.Init
		}
		found := false
		inspectOuter(n, func(n ast.Node) bool {
			found = found || r.isEnd(n, v)
			return !found
		})
		return found
	})
}

// isEnd reports whether a node is a method of the variable that ends the life of
// its object.
func (r *Recheck) isEnd(n ast.Node, v *types.Var) bool {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok || !endsLife(sel.Sel.Name) {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	return ok && varOf(r.s.Info, id) == v || r.endsInner(n, v)
}

// existence is the condition under which an assignment has given its variable an
// object: "" if the window goes on only if it has.
func (r *Recheck) existence(v *types.Var, as *ast.AssignStmt, rest []ast.Stmt) string {
	var err *types.Var
	if id, ok := as.Lhs[len(as.Lhs)-1].(*ast.Ident); ok && id.Name != "_" && isError(r.s.Info.TypeOf(id)) {
		err = varOf(r.s.Info, id)
	}
	for i, st := range rest {
		ifs, ok := st.(*ast.IfStmt)
		if !ok || !terminates(r.s.Info, ifs.Body) {
			continue
		}
		if i > 0 && err != nil && r.s.Unit.Assigned(err, rest[1:i]) {
			err = nil // it says something else by now
		}
		cond, ok := ast.Unparen(ifs.Cond).(*ast.BinaryExpr)
		if !ok || !r.s.Info.Types[cond.Y].IsNil() {
			continue
		}
		id, _ := ast.Unparen(cond.X).(*ast.Ident)
		u, _ := r.s.Info.Uses[id].(*types.Var)
		if u != nil && (cond.Op == token.NEQ && u == err || cond.Op == token.EQL && u == v) {
			return ""
		}
	}
	if err != nil && !r.s.Unit.Assigned(err, rest[1:]) {
		return err.Name() + " == nil"
	}
	return v.Name() + " != nil"
}

// endingMethod returns the name of the method that ends the life of values of
// the type, or "". plain says that it is a Close that can be called just so.
func endingMethod(t types.Type) (name string, plain bool) {
	if refsOf(t, 0) == noRefs {
		return "", false
	}
	if hasClose(t) {
		return "Close", true
	}
	methods := types.NewMethodSet(t)
	if _, ptr := t.Underlying().(*types.Pointer); !ptr && !types.IsInterface(t) {
		methods = types.NewMethodSet(types.NewPointer(t))
	}
	for m := range methods.Methods() {
		if name := m.Obj().Name(); slices.Contains(closingWords, strings.ToLower(name)) {
			return name, false
		}
	}
	return "", false
}

// hasEnd reports whether values of the type have a method that ends their life.
func hasEnd(t types.Type) bool {
	name, _ := endingMethod(t)
	return name != ""
}

// hasClose reports whether values of the type have a method Close without
// parameters.
func hasClose(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Close")
	fn, ok := obj.(*types.Func)
	return ok && fn.Signature().Params().Len() == 0 && fn.Signature().Results().Len() <= 1
}

func nillable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return false
}

// Closes reports whether a repeated test drops something that must be closed.
func (r *Recheck) Closes() bool { return len(r.product) > 0 }
