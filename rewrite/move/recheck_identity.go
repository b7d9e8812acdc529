package move

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// What a window fetches for an object that was looked up before belongs to that object: S3 and
// S4.
//
//	x, ok := c.m[name]
//	if !ok {
//		return
//	}
//	resp, err := http.Get(x.url)
//	x.status = resp.StatusCode
//
// The lookup that is repeated after the wait may find another object under the same name. So the
// repeated test also compares the two and returns if they differ. If they cannot be compared,
// the rewrite is refused.

// findIdentities records the variables that the window fetches something for, if the section
// stores the result.
func (r *Recheck) findIdentities(window, post []ast.Stmt, derived map[*types.Var][]*site.Touch) {
	for _, st := range r.Steps {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for _, l := range as.Lhs {
			v := syntax.VarOf(r.Site.Info, l.(*ast.Ident))
			if v == nil || syntax.IsBool(v.Type()) || slices.Contains(r.Parts, v) || !fetchesFor(r.Site, v, window, derived) || !r.commits(v, post) {
				continue
			}
			id := &Identity{V: v, Read: as}
			for _, t := range r.Tests {
				ifs, ok := t.(*ast.IfStmt)
				if ok && ifs.Else == nil && syntax.Terminates(r.Site.Info, ifs.Body) && id.Test == nil && t.Pos() > as.Pos() && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return namesIn(r.Site, ifs.Cond, l) }) {
					id.Test = ifs
				}
			}
			r.Same = append(r.Same, id)
		}
	}
}

// namesIn reports whether an expression mentions the variable called name.
func namesIn(s *site.Site, e, name ast.Expr) bool {
	id, ok := name.(*ast.Ident)
	if !ok {
		return false
	}
	v := syntax.VarOf(s.Info, id)
	return v != nil && syntax.Mentions(s.Info, e, v)
}

// fetchesFor reports whether an operation of the finding uses the variable or something that the
// window made from it.
func fetchesFor(s *site.Site, v *types.Var, window []ast.Stmt, derived map[*types.Var][]*site.Touch) bool {
	if len(derived[v]) == 0 {
		return false
	}
	from := behaviour.DerivedFrom(s, map[*types.Var][]*site.Touch{v: slices.Clone(derived[v])}, window)
	return slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool {
		if !slices.ContainsFunc(window, func(st ast.Stmt) bool { return syntax.Within(o.Node, st) }) {
			return false
		}
		for u := range from {
			if len(from[u]) > 0 && syntax.Mentions(s.Info, o.Node, u) && !(u == v && givenAnother(s, v, window, o.Node, from)) {
				return true
			}
		}
		return false
	})
}

// givenAnother reports whether the window sets a variable to something unrelated before a use.
func (w *Window) givenAnother(v *types.Var, use ast.Expr) bool {
	return givenAnother(w.Site, v, w.Stmts, use, w.Derived)
}

// givenAnother reports whether the window sets a variable to a value that does not come from
// guarded state before it reaches n:
//
//	e, ok := c.entries[key]
//	...
//	e = new(entry)
//	err := json.NewDecoder(resp.Body).Decode(e)
func givenAnother(s *site.Site, v *types.Var, window []ast.Stmt, n ast.Node, from map[*types.Var][]*site.Touch) bool {
	if s.Unit.Captured(v) || s.Unit.Addressed(v) {
		return false
	}
	return slices.ContainsFunc(window, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return ok && as.End() <= n.Pos() && Reassigned(s, v, []ast.Stmt{st}) && !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool {
			return slices.ContainsFunc(slices.Collect(maps.Keys(from)), func(u *types.Var) bool { return len(from[u]) > 0 && syntax.Mentions(s.Info, e, u) })
		})
	})
}

// commits reports whether statements use the variable, or store something other than by adding
// it to the current value.
func (r *Recheck) commits(v *types.Var, post []ast.Stmt) bool {
	w := &Window{Site: r.Site, Post: post}
	for _, st := range post {
		if syntax.Mentions(r.Site.Info, st, v) {
			return true
		}
		for _, t := range behaviour.Touches(r.Site, st).List {
			if t.Class == site.GuardedUse && t.Access.Kind.Changes() && w.UpdateKind(t) != Merge {
				return true
			}
		}
	}
	return false
}

// keepsIdentity reports whether a statement reads a variable that is compared with its old
// value.
func (r *Recheck) keepsIdentity(st ast.Stmt) bool {
	return slices.ContainsFunc(r.Same, func(id *Identity) bool { return ast.Stmt(id.Read) == st })
}

// checkIdentities refuses if the comparison cannot be made, or if the test that would make it
// returns what was found.
func (r *Recheck) checkIdentities() *safety.Refusal {
	for _, id := range r.Same {
		name := id.V.Name()
		switch {
		case !identifiable(id.V.Type()):
			return safety.Refuse(safety.S3, "identity", id.Read.Pos(), "the result is fetched for %s, which may be a different one after the wait, and the two cannot be compared", name)
		case id.Test == nil:
			return safety.Refuse(safety.S3, "identity", id.Read.Pos(), "the result is fetched for %s, which may be a different one after the wait, and no later test could compare the two", name)
		}
		for _, e := range syntax.ResultsIn(id.Test) {
			if slices.ContainsFunc(id.Read.Lhs, func(l ast.Expr) bool { return namesIn(r.Site, e, l) }) {
				return safety.Refuse(safety.S3, "identity", id.Read.Pos(), "the result is fetched for %s, which may be a different one after the wait, and the test at %s returns what it finds then", name, r.Site.Line(id.Test.Pos()))
			}
		}
		id.old = r.Site.FreshName("old")
	}
	return nil
}

// identifiable reports whether == tells whether two values of a type are the same: pointers,
// channels, interfaces with methods, and plain values.
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

// Remember returns the code that saves the old values before a statement reads the variables
// again.
func (r *Recheck) Remember(st ast.Stmt) string {
	var b strings.Builder
	for _, id := range r.Same {
		if ast.Stmt(id.Read) == st {
			fmt.Fprintf(&b, "%s := %s\n", id.old, id.V.Name())
		}
	}
	return b.String()
}

// OrAnother returns the comparisons to add to a repeated test.
func (r *Recheck) OrAnother(test *ast.IfStmt) string {
	var b strings.Builder
	for _, id := range r.Same {
		if id.Test == test {
			fmt.Fprintf(&b, " || %s != %s", id.V.Name(), id.old)
		}
	}
	return b.String()
}
