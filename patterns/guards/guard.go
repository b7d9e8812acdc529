// Package guards says which variables a lock protects: which code accesses them, under
// which locks of its own and of its callers, and what other code may.
package guards

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/parallel"
)

// A Guarded is one variable that a mutex protects, with the evidence.
type Guarded struct {
	Var      *types.Var
	Under    int  // accesses while the mutex is held
	Total    int  // accesses, except to objects still being made
	Writes   int  // those that are changes while it is held
	Declared bool // it is declared below the mutex, in the same struct
}

// String describes the evidence.
func (g Guarded) String() string {
	s := fmt.Sprintf("%s: %d of %d accesses under the lock", g.Var.Name(), g.Under, g.Total)
	if g.Writes > 0 {
		s += fmt.Sprintf(", %d of them changes", g.Writes)
	}
	if g.Declared {
		s += ", declared below the mutex"
	}
	return s
}

// An Index is what is known about the shared variables of one package.
type Index struct {
	sharing map[*types.Var]Sharing // memo of SharingOf
	visible *visible               // memo of visibleOf
	byVar   map[*types.Var][]*Access
	alias   *aliasUses
	all     map[*types.Var][]*Access                 // memo of accessesTo
	vars    []*types.Var                             // in order of first access
	Entry   map[*patterns.Unit][]*types.Var          // locks that all callers of a unit hold
	Seen    map[*patterns.Unit][]*types.Var          // locks that all seen callers hold
	guarded map[*types.Var][]Guarded                 // memo of GuardedBy
	byLock  map[*types.Var][]*types.Var              // memo of usedUnder
	started map[*patterns.Unit]map[*ast.FuncLit]bool // memo of startsGoroutine, by the unit around the literals
}

var guards patterns.PackageMemo[*Index]

// IndexOf indexes the accesses of a package, once. What is known about a package that
// [analyse.With] took over stays with the original program, for the next run.
func IndexOf(x *patterns.Program, p *patterns.Package) *Index {
	if g, ok := guards.Lookup(x, p); ok {
		return g
	}
	if base := x.TakenFrom(p); base != nil {
		g := IndexOf(base, p)
		guards.Set(x, p, g)
		return g
	}
	g := &Index{byVar: make(map[*types.Var][]*Access), guarded: make(map[*types.Var][]Guarded), sharing: make(map[*types.Var]Sharing)}
	guards.Set(x, p, g)
	g.Entry, g.Seen = entryLocks(x, p)
	g.alias, g.all = aliasAccesses(x, p), make(map[*types.Var][]*Access)
	model := g.alias.model
	parallel.EachUnit(x.UnitsIn(p), func(_ int, u *patterns.Unit) {
		if u.Body != nil {
			own := accessesOf(u)
			own.model = model
			own.aliases = g.alias.byUnit[node(u)]
			own.all = g.unitAccesses(u)
		}
	})
	for _, u := range x.UnitsIn(p) {
		for _, a := range accessesOf(u).all {
			if g.byVar[a.Var] == nil {
				g.vars = append(g.vars, a.Var)
			}
			g.byVar[a.Var] = append(g.byVar[a.Var], a)
		}
	}
	return g
}

// unitAccess is what is known about the variables that a unit uses, once its package is
// indexed.
type unitAccess struct {
	loose   bool             // its callers and their locks are unseen
	makes   *types.Var       // a parameter that nobody else has yet, if it is an option
	all     []*Access        // made by the unit itself
	aliases []*Access        // those by another name than the variable's
	model   *ownership.Model // of the package
}

var unitAccesses = patterns.NewSlot[*unitAccess]()

// accessesOf returns what is known about a unit.
func accessesOf(u *patterns.Unit) *unitAccess {
	own := unitAccesses.Of(u)
	if own == nil {
		own = new(unitAccess)
		unitAccesses.Set(u, own)
	}
	return own
}

// unitAccesses lists the accesses of one unit with the locks held at each.
func (g *Index) unitAccesses(u *patterns.Unit) []*Access {
	v := accessVisitor{u: u, info: u.Pkg.Info, skip: true, model: accessesOf(u).model}
	if locks.Flows.Of(u) == nil {
		v.visit(u.Body)
		v.out = append(v.out, accessesOf(u).aliases...)
		for _, a := range v.out {
			a.Held, a.seen = g.Entry[u], g.Seen[u]
		}
		return v.out
	}
	var out []*Access
	targets := rangeTargets(u.Body)
	locks.EachNode(u, func(ref locks.NodeRef, n ast.Node) {
		v.out = nil
		if e, ok := n.(ast.Expr); ok && targets[e] {
			v.target(e)
		} else {
			v.visit(n)
		}
		v.addAliases(n)
		own, read := locks.Vars(locks.HeldAtNode(u, ref)), locks.Vars(locks.ReadAtNode(u, ref))
		held, seen := slices.Concat(own, g.Entry[u]), slices.Concat(own, g.Seen[u])
		for _, a := range v.out {
			a.own, a.read, a.Held, a.seen = own, read, held, seen
			out = append(out, a)
		}
	})
	return out
}

// rangeTargets lists what range clauses without := assign to. In the graph of a function it
// is a node of its own that looks like a read.
func rangeTargets(body *ast.BlockStmt) map[ast.Expr]bool {
	var targets map[ast.Expr]bool
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok && r.Tok == token.ASSIGN {
			if targets == nil {
				targets = make(map[ast.Expr]bool)
			}
			targets[r.Key] = true
			if r.Value != nil {
				targets[r.Value] = true
			}
		}
		return true
	})
	return targets
}

// accessesTo lists the accesses to a variable by its name, and the changes to what it holds
// by other names.
func (g *Index) accessesTo(v *types.Var) []*Access {
	list, ok := g.all[v]
	if !ok {
		list = g.byVar[v]
		if changes := g.alias.changesOf(v); len(changes) > 0 {
			list = slices.Concat(list, changes)
		}
		g.all[v] = list
	}
	return list
}

// GuardedBy lists the variables that a section's lock protects in its package, most
// accessed first: those that are accessed under the lock, change after they are made, and
// do not synchronise themselves.
func GuardedBy(x *patterns.Program, p *patterns.Package, lock *types.Var) []Guarded {
	g := IndexOf(x, p)
	if out, ok := g.guarded[lock]; ok {
		return out
	}
	var out []Guarded
	defer func() { g.guarded[lock] = out }()
	for _, v := range g.usedUnder(lock) {
		if v == lock {
			continue
		}
		gu := Guarded{Var: v, Declared: declaredBelow(x, lock, v)}
		changes := 0
		for _, a := range g.byVar[v] {
			if a.Fresh || a.Alias || a.Whole && a.Kind == Read { // the signals' weights are fitted to uses by name
				continue
			}
			gu.Total++
			if a.Kind.Changes() {
				changes++
			}
			if a.Under(lock) {
				gu.Under++
				if a.Kind.Changes() {
					gu.Writes++
				}
			}
		}
		// What other builds do is asked last: their files must be parsed for it.
		if gu.Under > 0 && changes > 0 && (gu.Writes > 0 || gu.Declared) && !Synchronised(x, p, v) && !AtomicOnly(x, p, v) {
			out = append(out, gu)
		}
	}
	slices.SortStableFunc(out, func(a, b Guarded) int {
		if a.Under != b.Under {
			return b.Under - a.Under
		}
		return strings.Compare(a.Var.Name(), b.Var.Name())
	})
	return out
}

// Guards reports whether a lock protects a variable: see [GuardedBy].
func Guards(x *patterns.Program, p *patterns.Package, lock, v *types.Var) bool {
	return slices.ContainsFunc(GuardedBy(x, p, lock), func(g Guarded) bool { return g.Var == v })
}

// usedUnder lists the variables that are accessed under a lock, in the order of
// their first access in the package.
func (g *Index) usedUnder(lock *types.Var) []*types.Var {
	if g.byLock == nil {
		g.byLock = make(map[*types.Var][]*types.Var)
		for _, v := range g.vars {
			for _, a := range g.byVar[v] {
				for _, l := range a.seen {
					if vars := g.byLock[l]; len(vars) == 0 || vars[len(vars)-1] != v {
						g.byLock[l] = append(vars, v)
					}
				}
			}
		}
	}
	return g.byLock[lock]
}

// declaredBelow reports whether v is declared after the mutex in the same struct.
func declaredBelow(x *patterns.Program, lock, v *types.Var) bool {
	return lock != nil && lock.IsField() && v.IsField() && lock.Pkg() == v.Pkg() && v.Pos() > lock.Pos() &&
		x.OwnerOf(lock) != nil && x.OwnerOf(lock) == x.OwnerOf(v)
}

// A Sharing says how a variable is used once the objects that hold it are made: in its
// package, and under locks in others.
type Sharing struct {
	Accesses []*Access // those to fresh objects left out
	Exported bool      // code outside the package can change it

	changes []*Access // those of Accesses that change the variable or its content

	// leftOut lists changes in files that the build leaves out. They have no Unit, and the
	// locks held there are not known.
	leftOut func() []*Access
}

// SharingOf returns how package p, and those packages of the program that import it,
// use v.
func SharingOf(x *patterns.Program, p *patterns.Package, v *types.Var) Sharing {
	s := sharingIn(x, p, v)
	if !v.Exported() || v.Pkg() != p.Types {
		return s
	}
	return sharedElsewhere.Get(x, v, func() Sharing {
		merged := s
		merged.Accesses, merged.changes = slices.Clip(s.Accesses), slices.Clip(s.changes)
		for _, a := range accessesElsewhere(x, p, v) {
			merged.add(a)
		}
		return merged
	})
}

// OfVariable leaves out changes, by other names, to what the variable leads to: a send or
// receive on a channel looks at none of that, nor does the call of a function, which is
// examined itself.
func (s Sharing) OfVariable() Sharing {
	byOthers := func(a *Access) bool { return a.Alias && a.Kind == Content }
	s.Accesses = slices.DeleteFunc(slices.Clone(s.Accesses), byOthers)
	s.changes = slices.DeleteFunc(slices.Clone(s.changes), byOthers)
	return s
}

// OfAssignments leaves out changes to what the variable holds, such as those by methods.
// Whoever gets the address of a variable that holds a pointer may assign to it.
func (s Sharing) OfAssignments() Sharing {
	assigns := func(a *Access) bool { return a.Kind == Write || a.Kind == Escape && patterns.IsPointer(a.Var.Type()) }
	s.changes = slices.DeleteFunc(slices.Clone(s.changes), func(a *Access) bool { return !assigns(a) })
	if leftOut := s.leftOut; leftOut != nil {
		s.leftOut = func() []*Access {
			return slices.DeleteFunc(slices.Clone(leftOut()), func(a *Access) bool { return !assigns(a) })
		}
	}
	return s
}

// sharedElsewhere has the answers of SharingOf for exported variables.
var sharedElsewhere patterns.Memo[*types.Var, Sharing]

// sharingIn is SharingOf for one package alone.
func sharingIn(x *patterns.Program, p *patterns.Package, v *types.Var) Sharing {
	g := IndexOf(x, p)
	if s, ok := g.sharing[v]; ok {
		return s
	}
	var s Sharing
	initial := func(a *Access) bool { // before the package does anything else
		return a.Kind == Write && len(a.seen) == 0 && patterns.IsGlobal(v) && v.Pkg() == p.Types && runsInInit(x, a.Unit, make(map[*patterns.Unit]bool))
	}
	for _, a := range g.accessesTo(v) {
		if !a.Fresh && !initial(a) {
			s.add(a)
		}
	}
	s.Exported = g.settableElsewhere(p, v)
	known, uses := s, x.UsesLeftOut(p, v) // not x: what is remembered may outlive it
	s.leftOut = sync.OnceValue(func() []*Access { return known.changesLeftOut(uses) })
	g.sharing[v] = s
	return s
}

func (s *Sharing) add(a *Access) {
	s.Accesses = append(s.Accesses, a)
	if a.Kind.Changes() {
		s.changes = append(s.changes, a)
	}
}

// AtomicOnly reports whether only functions of sync/atomic use a variable, so that it needs
// no lock.
func AtomicOnly(x *patterns.Program, p *patterns.Package, v *types.Var) bool {
	plain := func(a *Access) bool { return !a.Atomic && !a.Fresh }
	if slices.ContainsFunc(IndexOf(x, p).byVar[v], plain) { // the usual case, which saves the rest
		return false
	}
	s := SharingOf(x, p, v)
	return !s.Exported && len(s.Accesses) > 0 && !slices.ContainsFunc(s.Accesses, plain) && !slices.ContainsFunc(s.leftOut(), plain)
}

// Changed returns the first access that changes the variable or its content and may satisfy
// the condition, or nil. A change in a file that the build leaves out may satisfy any
// condition.
func (s Sharing) Changed(cond func(*Access) bool) *Access {
	return s.changedBy(cond, nil)
}

// ChangedContent is Changed for changes to what the variable holds or refers to. An
// assignment to the variable in a file that the build leaves out does not count.
func (s Sharing) ChangedContent(cond func(*Access) bool) *Access {
	return s.changedBy(cond, func(a *Access) bool { return a.Kind != Write })
}

// Assigned is Changed for assignments to the variable itself.
func (s Sharing) Assigned() *Access {
	cond := func(a *Access) bool { return a.Kind == Write || a.Kind == Escape }
	return s.changedBy(cond, cond)
}

// changedBy returns the first change that satisfies cond or, in a file that the build
// leaves out, leftOut. A nil condition accepts every change.
func (s Sharing) changedBy(cond, leftOut func(*Access) bool) *Access {
	for _, a := range s.changes {
		if cond == nil || cond(a) {
			return a
		}
	}
	if s.leftOut == nil {
		return nil
	}
	for _, a := range s.leftOut() {
		if leftOut == nil || leftOut(a) {
			return a
		}
	}
	return nil
}
