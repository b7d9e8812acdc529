package conditions

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askLeftOut asks about files that this build leaves out: those for other systems and tags,
// and tests that are not loaded. They are not type-checked, so whatever a plan takes as
// certain about an object that a variable refers to, or about a function, is certain only
// without them. What they change themselves counts as if it were in the package: see
// [guards.Sharing].
func askLeftOut(s *site.Site, p *plan.Plan) *safety.Refusal {
	if p.Semaphore {
		return refuseLeftOut(s)
	}
	w := &move.Window{Site: s}
	askVarsLeftOut(w, p.Unlocked)
	if d, ok := p.Script.Decl.(*ast.FuncDecl); ok && p.OpensWindow(d) {
		fn, _ := s.Info.Defs[d.Name].(*types.Func)
		if at, used := s.Pkg.UsedLeftOut(fn); used {
			w.Assume(safety.S14, d.Pos(), "%s, %s, calls %s, which now releases %s for a while. Does what it read before still hold after that?", s.Pkg.Place(s.File.Name, at), whyNot(s, at), d.Name.Name, s.Section.Lock)
		}
	}
	for _, o := range w.Recorded {
		p.Obligations = slices.DeleteFunc(p.Obligations, func(q safety.Obligation) bool { return q.Condition == o.Condition && q.Status == safety.Proved })
	}
	p.Obligations = append(p.Obligations, w.Recorded...)
	return nil
}

// whyNot says why a place was not looked at.
func whyNot(s *site.Site, at token.Position) string {
	for _, p := range s.Program.Packages {
		if slices.ContainsFunc(p.Files, func(f *patterns.File) bool { return f.Name == at.Filename }) {
			return "where not all types are known"
		}
	}
	return "which this build leaves out"
}

// askVarsLeftOut asks about objects in variables that the section uses, and about the
// functions that it calls without the lock. The lock never excluded a test that does not
// take it by name.
func askVarsLeftOut(w *move.Window, unlocked []ast.Stmt) {
	asked := make(map[*types.Var]bool)
	var names []string
	var first token.Position
	why := ""
	note := func(a *guards.Access) {
		if asked[a.Var] || noConcern(w.Site, a) {
			return
		}
		asked[a.Var] = true
		at, handedOn := w.Program.HandedOnLeftOut(w.PackageOf(a.Var), a.Var, w.Section.LockVar())
		if !handedOn || strings.HasSuffix(at.Filename, "_test.go") && changesUnder(w.Site, a.Var) {
			return
		}
		if len(names) == 0 {
			first, why = at, whyNot(w.Site, at)
		}
		names = append(names, accessName(a))
	}
	for _, st := range w.Body {
		for _, a := range guards.AccessesIn(w.Unit, st) {
			note(a)
		}
	}
	called := make(map[*patterns.Unit]bool)
	eachReached(w.Site, w.Body, func(u *patterns.Unit) {
		called[u] = true
		for _, a := range guards.OwnAccesses(w.Program, u) {
			if !a.Fresh && !behaviour.UnderOther(w.Site, a) {
				note(a)
			}
		}
	})
	if unlocked == nil {
		unlocked = w.Body
	}
	eachReached(w.Site, unlocked, func(u *patterns.Unit) {
		if !called[u] || u.Decl == nil || u.Lit != nil || u.Obj == nil {
			return
		}
		if at, again := u.Pkg.DeclaredLeftOut(u.Decl, u.Obj); again {
			w.Assume(safety.S1, w.Lock.Pos(), "%s is a different function in %s, which this build leaves out. Is that one safe without %s too?", u.Name(), w.Pkg.Place(w.File.Name, at), w.Section.Lock)
		}
	})
	const format = "%s may pass %s on or call its methods. Is it safe for that to happen during the call here, without %s?"
	switch {
	case len(names) == 1:
		w.Assume(safety.S1, w.Lock.Pos(), format, w.Pkg.Place(w.File.Name, first)+", "+why+",", names[0], w.Section.Lock)
	case len(names) > 1:
		w.Assume(safety.S1, w.Lock.Pos(), format, w.Pkg.Place(w.File.Name, first)+", "+why+", and other such code", syntax.JoinNames(names), w.Section.Lock)
	}
}

// noConcern reports whether it does not matter for an access who else changes the variable:
// it is the lock itself, or belongs to this call alone.
func noConcern(s *site.Site, a *guards.Access) bool {
	return a.Var == s.Section.LockVar() || slices.Contains(s.Section.Lock.Fields, a.Var) && !a.Kind.Changes() ||
		guards.NeedsNoLock(s.Program, s.PackageOf(a.Var), a) || behaviour.OwnCopy(a) || behaviour.OwnVariable(s, a.Var)
}

// changesUnder reports whether a variable is known to change under the lock. Then nothing
// relies on it not changing, and a test that sets it only does what other code does, too.
func changesUnder(s *site.Site, v *types.Var) bool {
	lock := s.Section.LockVar()
	return guards.SharingOf(s.Program, s.PackageOf(v), v).Changed(func(a *guards.Access) bool { return a.Under(lock) }) != nil
}

// accessName names the variable of an access for a message.
func accessName(a *guards.Access) string {
	if name := a.Path.String(); name != "" {
		return name
	}
	return a.Var.Name()
}

// eachReached calls f with every function of the loaded packages that statements of the
// section's function call, directly or not, once.
func eachReached(s *site.Site, list []ast.Stmt, f func(*patterns.Unit)) {
	seen := make(map[*patterns.Unit]bool)
	var work []*patterns.Unit
	follow := func(from *patterns.Unit, c *ast.CallExpr) {
		callees, _ := s.Program.Callees(from, c)
		for _, u := range callees {
			if !seen[u] && len(seen) < behaviour.MaxUnits && behaviour.Follows(s, u) {
				seen[u] = true
				work = append(work, u)
			}
		}
	}
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				follow(s.Unit, c)
			}
			return true
		})
	}
	for len(work) > 0 {
		u := work[0]
		work = work[1:]
		f(u)
		for _, c := range u.Calls() {
			follow(u, c)
		}
	}
}

// refuseLeftOut refuses to change the type of a lock used in a file that this build leaves
// out, which letgo therefore cannot rewrite. For tests it asks.
func refuseLeftOut(s *site.Site) *safety.Refusal {
	lock := s.Section.LockVar()
	if at, used := s.Pkg.UsedLeftOut(lock); used && !strings.HasSuffix(at.Filename, "_test.go") {
		return safety.Refuse(safety.S11, "left-out", lock.Pos(), "%s, %s, uses %s and would have to be rewritten as well", s.Pkg.Place(s.File.Name, at), whyNot(s, at), lock.Name())
	}
	if tn := behaviour.Holder(s, lock); lock.IsField() && tn != nil {
		if at, made := s.Pkg.MadeLeftOut(tn); made && !strings.HasSuffix(at.Filename, "_test.go") {
			return safety.Refuse(safety.S6, "left-out", lock.Pos(), "%s, %s, makes a %s, which would have no semaphore", s.Pkg.Place(s.File.Name, at), whyNot(s, at), tn.Name())
		}
	}
	return nil
}
