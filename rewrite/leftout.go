package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// askLeftOut asks about files that this build leaves out: those for other systems
// and tags, and tests that are not loaded. They are not type-checked, so whatever
// a plan takes for certain of a variable ("it never changes") or of a function is
// certain without them only.
func (s *Site) askLeftOut(p *Plan) *Refusal {
	if p.Semaphore {
		return s.refuseLeftOut()
	}
	w := &Window{Site: s}
	w.askVarsLeftOut()
	if d, ok := p.Script.Decl.(*ast.FuncDecl); ok && p.opensWindow(d) {
		fn, _ := s.Info.Defs[d.Name].(*types.Func)
		if at, used := s.Pkg.UsedLeftOut(fn); used {
			w.assume(S14, d.Pos(), "%s, which this build leaves out, calls %s, which now releases %s for a while. Does what it read before still hold after that?", where(at), d.Name.Name, s.Section.Lock)
		}
	}
	for _, o := range w.obligations {
		p.Obligations = slices.DeleteFunc(p.Obligations, func(q Obligation) bool { return q.Condition == o.Condition && q.Status == Proved })
	}
	p.Obligations = append(p.Obligations, w.obligations...)
	return nil
}

// where says where something stands: "p_windows.go:12".
func where(at token.Position) string {
	return fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)
}

// askVarsLeftOut asks about the variables that the section uses and the functions
// that it calls.
func (w *Window) askVarsLeftOut() {
	asked := make(map[*types.Var]bool)
	var names []string
	var first token.Position
	note := func(a *patterns.Access) {
		if asked[a.Var] || w.noConcern(a) {
			return
		}
		asked[a.Var] = true
		at, changed := w.Program.ChangedLeftOut(w.packageOf(a.Var), a.Var)
		if !changed || strings.HasSuffix(at.Filename, "_test.go") && w.changesUnder(a.Var) {
			return
		}
		if len(names) == 0 {
			first = at
		}
		names = append(names, accessName(a))
	}
	for _, st := range w.Body {
		for _, a := range w.Unit.AccessesIn(st) {
			note(a)
		}
	}
	w.eachReached(func(u *patterns.Unit) {
		for _, a := range w.Program.OwnAccesses(u) {
			if !a.Fresh && !w.underOther(a) {
				note(a)
			}
		}
		if u.Decl == nil || u.Lit != nil || u.Obj == nil {
			return
		}
		if at, again := u.Pkg.DeclaredLeftOut(u.Decl, u.Obj); again {
			w.assume(S1, w.Lock.Pos(), "%s is a different function in %s, which this build leaves out. Is that one safe without %s too?", u.Name(), where(at), w.Section.Lock)
		}
	})
	switch {
	case len(names) == 1:
		w.assume(S1, w.Lock.Pos(), "%s, which this build leaves out, may change %s. Does it hold %s there?", where(first), names[0], w.Section.Lock)
	case len(names) > 1:
		w.assume(S1, w.Lock.Pos(), "%s and other code that this build leaves out may change %s. Does it hold %s there?", where(first), some(names), w.Section.Lock)
	}
}

// noConcern reports whether it makes no difference for an access who else changes
// the variable: the lock itself, and what is this call's own.
func (s *Site) noConcern(a *patterns.Access) bool {
	return a.Var == s.Section.LockVar() || slices.Contains(s.Section.Lock.Fields, a.Var) && !a.Kind.Changes() ||
		patterns.SelfSynchronised(a.Var.Type()) || ownCopy(a) || s.ownVariable(a.Var)
}

// changesUnder reports whether a variable is known to change under the lock. Then
// nothing is taken for certain because it does not, and a test that sets it does
// what other code does, too.
func (s *Site) changesUnder(v *types.Var) bool {
	lock := s.Section.LockVar()
	return s.Program.SharingOf(s.packageOf(v), v).Changed(func(a *patterns.Access) bool { return a.Under(lock) }) != nil
}

// accessName names the variable of an access for a message.
func accessName(a *patterns.Access) string {
	if name := a.Path.String(); name != "" {
		return name
	}
	return a.Var.Name()
}

// eachReached calls f with every function of the loaded packages that the section
// calls, directly or not, once.
func (s *Site) eachReached(f func(*patterns.Unit)) {
	seen := make(map[*patterns.Unit]bool)
	var work []*patterns.Unit
	follow := func(from *patterns.Unit, c *ast.CallExpr) {
		callees, _ := s.Program.Callees(from, c)
		for _, u := range callees {
			if !seen[u] && len(seen) < maxUnits && !synchronises(u.Pkg.Path) {
				seen[u] = true
				work = append(work, u)
			}
		}
	}
	for _, st := range s.Body {
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

// refuseLeftOut refuses to change the type of a lock that a file uses which this
// build leaves out, and so cannot be rewritten. About tests there is a question.
func (s *Site) refuseLeftOut() *Refusal {
	lock := s.Section.LockVar()
	if at, used := s.Pkg.UsedLeftOut(lock); used && !strings.HasSuffix(at.Filename, "_test.go") {
		return Refuse(S11, "left-out", lock.Pos(), "%s, which this build leaves out, uses %s and would have to be rewritten as well", where(at), lock.Name())
	}
	if tn := s.holder(lock); lock.IsField() && tn != nil {
		if at, made := s.Pkg.MadeLeftOut(tn); made && !strings.HasSuffix(at.Filename, "_test.go") {
			return Refuse(S6, "left-out", lock.Pos(), "%s, which this build leaves out, makes a %s, which would have no semaphore", where(at), tn.Name())
		}
	}
	return nil
}
