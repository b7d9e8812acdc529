// Package secondlock adds a mutex beside that of a section, which serializes what waits so
// that the section's own is free meanwhile.
package secondlock

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Find returns the second lock for a section, or nil if there can be none, or it would be
// of no use because every function that takes the lock waits itself.
func Find(s *site.Site) *site.SecondLock {
	lock := s.Section.LockVar()
	if lock == nil || edits.PlainMutex(lock) != "" || lock.Embedded() || lock.Exported() || s.Finding.MayDeadlock() || s.Inherited != nil || !onlyCalls(s.Finding.Ops) || guards.HandedOut(s.Program, s.Pkg, lock).IsValid() || s.Pkg.UsedInOtherBuilds(lock) {
		return nil
	}
	l := &site.SecondLock{Sections: []*locks.Section{s.Section}}
	for _, o := range locks.SectionsOfLock(s.Program, s.Pkg, lock) {
		switch {
		case o.Acquire == s.Section.Acquire:
		case onlyUsesMemory(s, o):
			l.Others = append(l.Others, o)
		default:
			l.Sections = append(l.Sections, o)
		}
	}
	quiet := func(o *locks.Section) bool { return behaviour.OnlyUsesMemory(s, o.Unit, o.Unit.Body) }
	if !slices.ContainsFunc(l.Others, quiet) || slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool { return sharesObject(s, l, o) }) {
		return nil
	}
	l.There = heldAlready(s, l)
	if l.There == nil && (sizeMatters(s) || slices.ContainsFunc(l.Sections, func(o *locks.Section) bool { return lockIn(s, o) == nil })) {
		return nil
	}
	l.Vars = onlyUsedIn(s, l)
	return l
}

// onlyCalls reports whether all waits are calls that do something outside the process: no
// channel, no other lock, nothing that another goroutine of the program must do.
func onlyCalls(ops []*waits.Op) bool {
	return !slices.ContainsFunc(ops, func(o *waits.Op) bool {
		return !slices.Contains([]string{"net", "http", "rpc", "db", "disk", "fsync", "exec"}, o.Category)
	})
}

// onlyUsesMemory reports whether a section does nothing but read and change variables.
func onlyUsesMemory(s *site.Site, o *locks.Section) bool {
	return o.Problem == "" && len(o.Cycles) == 0 && !o.Try && !waits.Waits(s.Program, o) && len(outside.Uses(s.Program, o)) == 0 && !slices.ContainsFunc(o.Nodes, func(n ast.Node) bool { return !behaviour.OnlyUsesMemory(s, o.Unit, n) })
}

// sharesObject reports whether an operation works on an object that a section without the
// second lock may use, too: a writer whose buffer the section measures.
func sharesObject(s *site.Site, l *site.SecondLock, o *waits.Op) bool {
	in, last := o.Innermost(s.Unit)
	if len(o.Chain) > mostCalls || last.Node == nil || slices.ContainsFunc(o.Chain, func(l waits.Link) bool { return l.Node == nil }) {
		return true // what it works on is unseen
	}
	accesses, u := guards.AccessesIn(s.Unit, o.Node), s.Unit
	for _, link := range o.Chain {
		accesses = append(accesses, guards.AccessesIn(u, link.Node)...)
		u = link.Callee
	}
	if last != o {
		accesses = append(accesses, guards.AccessesIn(in, last.Node)...)
	}
	return slices.ContainsFunc(accesses, func(a *guards.Access) bool {
		if syntax.RefsOf(a.Var.Type(), 0) == syntax.NoRefs || a.Leads || a.Var == s.Section.LockVar() || copied(s, a) {
			return false
		}
		sharing := guards.SharingOf(s.Program, s.PackageOf(a.Var), a.Var)
		return slices.ContainsFunc(sharing.Accesses, func(a *guards.Access) bool { return usedWithout(s, l, a) })
	})
}

// copied reports whether an access reads a map or slice that the operation gets a copy of, with
// everything in it.
func copied(s *site.Site, a *guards.Access) bool {
	return s.Cloning && a.Kind == guards.Read && syntax.RefsOf(a.Var.Type(), 0) == syntax.Aliasing && syntax.RefsOf(syntax.ElementType(a.Var.Type()), 0) == syntax.NoRefs
}

// mostCalls is how many calls an operation is followed through.
const mostCalls = 3

// usedWithout reports whether an access may be made under the lock, and without the second
// one.
func usedWithout(s *site.Site, l *site.SecondLock, a *guards.Access) bool {
	return !l.Covers(a) && a.MayBeUnder(s.Section.LockVar())
}

// onlyUsedIn lists the variables of the section's function that only sections with the
// second lock change, and no other section of the lock reads.
func onlyUsedIn(s *site.Site, l *site.SecondLock) []*types.Var {
	var vars []*types.Var
	for _, a := range guards.OwnAccesses(s.Program, s.Unit) {
		sharing := guards.SharingOf(s.Program, s.PackageOf(a.Var), a.Var)
		other := func(a *guards.Access) bool { return !l.Covers(a) }
		read := func(a *guards.Access) bool { return usedWithout(s, l, a) }
		if a.Var != s.Section.LockVar() && !slices.Contains(vars, a.Var) && !sharing.Exported && sharing.Changed(other) == nil && !slices.ContainsFunc(sharing.Accesses, read) {
			vars = append(vars, a.Var)
		}
	}
	return vars
}

// lockIn returns the statement of a section that takes the lock, if the second lock can be
// taken right before it and released right after it: it is in the function's outermost
// statement list, the release is deferred right after it, and the function has no other
// section of the lock. Otherwise it returns nil.
func lockIn(s *site.Site, o *locks.Section) *ast.ExprStmt {
	release, ok := o.Deferred()
	d, isFunc := ast.Node(o.Unit.Decl).(*ast.FuncDecl)
	if !ok || release.Closure || release.Wrapper || !isFunc || o.Unit.Lit != nil || o.Unit.File.Fixed != "" || o.Mode != patterns.Exclusive || o.Problem != "" || o.Try || o.Wrapper || len(o.Cycles) > 0 || len(o.Others) > 0 {
		return nil
	}
	alike := func(p *locks.Section) bool { return p.LockVar() == o.LockVar() && p.Acquire != o.Acquire }
	if slices.ContainsFunc(locks.SectionsOf(s.Program, s.Pkg, d), alike) {
		return nil
	}
	for i, st := range d.Body.List[:len(d.Body.List)-1] {
		e, ok := st.(*ast.ExprStmt)
		if !ok || e.X != ast.Expr(o.Acquire) {
			continue
		}
		if next, ok := d.Body.List[i+1].(*ast.DeferStmt); ok && next.Call == release.Call {
			return e
		}
	}
	return nil
}

// sizeMatters reports whether the package may depend on the size of its structs.
func sizeMatters(s *site.Site) bool {
	return slices.ContainsFunc(s.Pkg.Types.Imports(), func(p *types.Package) bool { return p.Path() == "unsafe" || p.Path() == "C" })
}

// heldAlready returns another mutex of the same object, or of the package, that is held
// around all sections to their end, or nil.
func heldAlready(s *site.Site, l *site.SecondLock) *types.Var {
	for _, p := range locks.HeldAt(s.Unit, s.Section.Acquire) {
		if !slices.ContainsFunc(l.Sections, func(o *locks.Section) bool { return !heldAround(s, o, p.Last()) }) {
			return p.Last()
		}
	}
	return nil
}

// heldAround reports whether a mutex beside the lock is held around a section of it, and
// released by defer.
func heldAround(s *site.Site, o *locks.Section, second *types.Var) bool {
	for _, p := range locks.HeldAt(o.Unit, o.Acquire) {
		beside := p.Root == o.Lock.Root && slices.Equal(withoutLast(p.Fields), withoutLast(o.Lock.Fields))
		if p.Last() != second || !beside && !p.Global() {
			continue
		}
		around := locks.SectionAround(s.Program, o.Unit, second, o.Acquire)
		if around == nil || around.Mode != patterns.Exclusive || around.Problem != "" || around.Try || len(around.Cycles) > 0 {
			return false
		}
		_, deferred := around.Deferred()
		return deferred
	}
	return false
}

func withoutLast(list []*types.Var) []*types.Var { return list[:max(0, len(list)-1)] }
