package patterns

import (
	"go/types"
	"slices"
)

// waitSigns weighs what a wait for another goroutine is about.
func (j *judging) waitSigns() {
	if d := j.f.Deadlock; d != nil {
		sign := "deadlock"
		if d.Timed {
			sign = "stall"
		}
		j.see(sign, d.Op.Pos(), "%s", d.Message())
	}
	u, op := j.main.innermost(j.s.Unit)
	p := waitedFor(u, op)
	if p.Root == nil {
		return
	}
	lock := j.s.LockVar()
	if v := p.Last(); isChan(v.Type()) {
		for _, a := range j.x.SharingOf(u.Pkg, v).Accesses {
			if a.Kind == Close && a.Under(lock) {
				j.see("close-guard", a.Pos(), "%s is closed under the same lock", p)
				break
			}
		}
	}
	if u != j.s.Unit || len(p.Fields) > 0 || isGlobal(p.Root) || u.isParam(p.Root) {
		return
	}
	if def := u.definedOnce(p.Root); def != nil && isChan(p.Root.Type()) && j.s.covers(def.Pos()) &&
		slices.ContainsFunc(u.AccessesIn(def), func(a *Access) bool { return a.Var != p.Root }) {
		j.see("taken-local", def.Pos(), "%s was taken into a local variable", p)
	}
	if n := namedOf(p.Root.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Name() == "WaitGroup" {
		j.workers(u, p.Root)
	}
}

// workers weighs whether goroutines that the unit has started use what the lock
// guards.
func (j *judging) workers(u *Unit, wg *types.Var) {
	for _, lit := range u.lits {
		uses := slices.ContainsFunc(j.x.OwnAccesses(lit), func(a *Access) bool { return a.Var == wg })
		if uses && slices.ContainsFunc(j.f.Guarded, func(g Guarded) bool { return g.Var != wg && j.x.touchedBy(lit)[g.Var] }) {
			j.see("workers-use", lit.Lit.Pos(), "the goroutines that it waits for use what the lock guards")
			return
		}
	}
}
