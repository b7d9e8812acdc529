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

// What a window fetches for an object that was looked up before it belongs to
// that object: S3 and S4.
//
//	x, ok := c.m[name]
//	if !ok {
//		return
//	}
//	resp, err := http.Get(x.url)
//	x.status = resp.StatusCode
//
// The look-up that is repeated after the wait may find another object under the
// same name. The repeated test then also compares the two, and returns if they
// differ. Where they cannot be compared, the rewrite is refused.

// An identity is a variable that is read again and has to hold what it did.
type identity struct {
	v    *types.Var
	read *ast.AssignStmt // that reads it
	test *ast.IfStmt     // that also compares, or nil
	old  string          // the name for what it held before
}

// findIdentities notes the variables that the window fetches for, if the section
// commits the result.
func (r *Recheck) findIdentities(window, post []ast.Stmt, derived map[*types.Var][]*touch) {
	for _, st := range r.steps {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for _, l := range as.Lhs {
			v := varOf(r.s.Info, l.(*ast.Ident))
			if v == nil || isBool(v.Type()) || !r.s.fetchesFor(v, window, derived) || !r.commits(v, post) {
				continue
			}
			id := &identity{v: v, read: as}
			for _, t := range r.tests {
				ifs, ok := t.(*ast.IfStmt)
				if ok && ifs.Else == nil && terminates(r.s.Info, ifs.Body) && id.test == nil && t.Pos() > as.Pos() && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return r.s.namesIn(ifs.Cond, l) }) {
					id.test = ifs
				}
			}
			r.same = append(r.same, id)
		}
	}
}

// isBool reports whether a type is boolean.
func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// namesIn reports whether an expression mentions the variable that another one
// names.
func (s *Site) namesIn(e, name ast.Expr) bool {
	id, ok := name.(*ast.Ident)
	if !ok {
		return false
	}
	v := varOf(s.Info, id)
	return v != nil && mentions(s.Info, e, v)
}

// fetchesFor reports whether an operation of the finding is given a variable, or
// what the window makes of it before.
func (s *Site) fetchesFor(v *types.Var, window []ast.Stmt, derived map[*types.Var][]*touch) bool {
	if len(derived[v]) == 0 {
		return false
	}
	from := s.derivedFrom(map[*types.Var][]*touch{v: slices.Clone(derived[v])}, window)
	return slices.ContainsFunc(s.Finding.Ops, func(o *patterns.Op) bool {
		if !slices.ContainsFunc(window, func(st ast.Stmt) bool { return within(o.Node, st) }) {
			return false
		}
		for u := range from {
			if len(from[u]) > 0 && mentions(s.Info, o.Node, u) {
				return true
			}
		}
		return false
	})
}

// commits reports whether statements use a variable, or store something that is
// not just added to what is there.
func (r *Recheck) commits(v *types.Var, post []ast.Stmt) bool {
	w := &Window{Site: r.s, Post: post}
	for _, st := range post {
		if mentions(r.s.Info, st, v) {
			return true
		}
		for _, t := range r.s.touches(st).touches {
			if t.class == guardedUse && t.access.Kind.Changes() && w.updateKind(t) != merge {
				return true
			}
		}
	}
	return false
}

// keepsIdentity reports whether a statement reads a variable that is compared.
func (r *Recheck) keepsIdentity(st ast.Stmt) bool {
	return slices.ContainsFunc(r.same, func(id *identity) bool { return ast.Stmt(id.read) == st })
}

// checkIdentities refuses where the comparison cannot be made, or where the test
// that would make it returns what was found.
func (r *Recheck) checkIdentities() *Refusal {
	for _, id := range r.same {
		name := id.v.Name()
		switch {
		case !identifiable(id.v.Type()):
			return Refuse(S3, "identity", id.read.Pos(), "the result is fetched for %s, which may be a different one after the wait, and the two cannot be compared", name)
		case id.test == nil:
			return Refuse(S3, "identity", id.read.Pos(), "the result is fetched for %s, which may be a different one after the wait, and no later test could compare the two", name)
		}
		for _, e := range resultsIn(id.test) {
			if slices.ContainsFunc(id.read.Lhs, func(l ast.Expr) bool { return r.s.namesIn(e, l) }) {
				return Refuse(S3, "identity", id.read.Pos(), "the result is fetched for %s, which may be a different one after the wait, and the test at %s returns what it finds then", name, r.s.line(id.test.Pos()))
			}
		}
		id.old = r.s.freshName("old")
	}
	return nil
}

// identifiable reports whether comparing two values of a type says whether they
// are the same: pointers, channels, interfaces with methods, and plain values.
func identifiable(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Chan:
		return true
	case *types.Interface:
		return u.NumMethods() > 0 && types.Comparable(t)
	case *types.Basic:
		return u.Info()&types.IsFloat == 0
	case *types.Struct:
		for f := range u.Fields() {
			if types.IsInterface(f.Type()) || !identifiable(f.Type()) {
				return false
			}
		}
		return true
	}
	return false
}

// remember is the code before a statement that reads anew what is compared.
func (r *Recheck) remember(st ast.Stmt) string {
	var b strings.Builder
	for _, id := range r.same {
		if ast.Stmt(id.read) == st {
			fmt.Fprintf(&b, "%s := %s\n", id.old, id.v.Name())
		}
	}
	return b.String()
}

// orAnother is what a repeated test also looks at.
func (r *Recheck) orAnother(test *ast.IfStmt) string {
	var b strings.Builder
	for _, id := range r.same {
		if id.test == test {
			fmt.Fprintf(&b, " || %s != %s", id.v.Name(), id.old)
		}
	}
	return b.String()
}

// askIdentities asks whether to return is right where another object is found. A
// section that began only then would have found that one, and made the changes
// that come after the wait: those that are not part of the object are named.
func (w *Window) askIdentities() {
	if w.recheck == nil {
		return
	}
	for _, id := range w.recheck.same {
		drops := "and drops the result"
		if skipped := w.besides(id); len(skipped) > 0 {
			drops = fmt.Sprintf("drops the result, and leaves %s unchanged", strings.Join(touchNames(skipped), ", "))
		}
		does := "returns"
		if changed := touchNames(guardedChanges(w.touches(id.test.Body))); len(changed) > 0 {
			does = "changes " + strings.Join(changed, ", ") + " and returns"
		}
		w.assume(S3, id.read.Pos(), "If %s is a different one after the call, the function %s as the test at %s does, %s. Is that right?", id.v.Name(), does, w.line(id.test.Pos()), drops)
	}
}

// besides lists the changes after the window of what is neither part of the
// object nor where the object is kept.
func (w *Window) besides(id *identity) []*touch {
	where := make(map[*types.Var]bool)
	for _, t := range w.touches(id.read).touches {
		where[t.access.Var] = true
	}
	return slices.DeleteFunc(guardedChanges(w.post), func(t *touch) bool {
		return where[t.access.Var] || t.via == nil && t.access.Path.Root == id.v
	})
}

// storesElsewhere refuses a window whose result is stored, without any test, in
// what the same map, slice or pointer leads to after the wait: it may be another
// object than the one the result was fetched for.
func (w *Window) storesElsewhere() *Refusal {
	if w.recheck != nil || len(w.Post) == 0 {
		return nil
	}
	var from []*types.Var
	for _, v := range w.guardedValues() {
		from = append(from, v.from...)
	}
	for _, t := range w.in.touches {
		if t.via == nil && w.extracted(t.access) {
			from = append(from, t.access.Var)
		}
	}
	for _, st := range w.Post {
		var refusal *Refusal
		inspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || refusal != nil || as.Tok != token.ASSIGN {
				return refusal == nil
			}
			for _, l := range as.Lhs {
				refusal = w.leadsElsewhere(l, from)
			}
			return refusal == nil
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// leadsElsewhere refuses an assignment to a field of what an element of one of
// the variables, or a pointer in it, leads to.
func (w *Window) leadsElsewhere(target ast.Expr, from []*types.Var) *Refusal {
	sel, ok := ast.Unparen(target).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	for _, a := range w.Unit.AccessesIn(sel.X) {
		v := a.Var
		switch v.Type().Underlying().(type) {
		case *types.Map, *types.Slice, *types.Pointer, *types.Interface:
		default:
			continue
		}
		changed := w.Program.SharingOf(w.packageOf(v), v).Changed(func(o *patterns.Access) bool { return !w.contains(o) && o.Under(w.Section.LockVar()) })
		if slices.Contains(from, v) && changed != nil {
			return Refuse(S3, "identity", target.Pos(), "the result is stored through %s after the wait, which may then be a different object from the one it was fetched for: %s changes at %s", types.ExprString(sel.X), v.Name(), w.line(changed.Pos()))
		}
	}
	return nil
}
