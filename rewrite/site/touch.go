package site

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/callbacks"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// A TouchClass says what an access means when the lock is not held.
type TouchClass byte

// A Touches is what some statements use, directly and through calls.
type Touches struct {
	List    []*Touch
	Unknown []UnknownCall // calls whose callee cannot be seen
}

// A UnitUses is what one unit itself uses: the first Accesses of the touches are its
// own uses of variables, the others what unseen functions may read for it.
type UnitUses struct {
	Touches  Touches
	Accesses int
	Callees  []Callee         // each once, in the order of the calls
	Held     []callbacks.Held // that called functions which are not seen may run; see [callbacks.HeldIn]
}

// A Callee is a unit that a call runs, with those of its operands that nobody but this
// call of the section's function can reach. Locks says that its receiver is the object
// that the section's lock belongs to.
type Callee struct {
	Unit  *patterns.Unit
	Own   Operands
	Locks bool
}

// Operands is a set of operands of a call, by their numbers: parameters from 0, and -1 for
// the receiver.
type Operands uint64

// maxOperands is how many operands a set can have; the others are in none.
const maxOperands = 64

// With adds an operand.
func (o Operands) With(n int) Operands {
	if n++; n < maxOperands {
		o |= 1 << n
	}
	return o
}

// Has reports whether an operand is in the set.
func (o Operands) Has(n int) bool {
	n++
	return n < maxOperands && o&(1<<n) != 0
}

// A UsesMemo caches what functions use without a lock, for all sections of the lock in
// other functions: what a use means depends on nothing else.
type UsesMemo struct {
	mu   sync.Mutex
	uses map[Callee]*UnitUses
}

// Of returns what is cached for a unit, or nil.
func (m *UsesMemo) Of(u Callee) *UnitUses {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.uses[u]
}

// Keep stores what is known about a unit.
func (m *UsesMemo) Keep(u Callee, uses *UnitUses) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.uses[u] = uses
}

// usesMemoOf returns the memo for a lock that is reached through the same fields.
func usesMemoOf(x *patterns.Program, s *locks.Section) *UsesMemo {
	made := func() *UsesMemo { return &UsesMemo{uses: make(map[Callee]*UnitUses)} }
	k := lockPath{pkg: s.Unit.Pkg, lock: s.LockVar()}
	if copy(k.fields[:], s.Lock.Fields) < len(s.Lock.Fields) {
		return made() // of this section only
	}
	return usesMemos.Get(x, k, made)
}

// A lockPath is a lock, and the fields through which it is reached.
type lockPath struct {
	pkg    *patterns.Package
	lock   *types.Var
	fields [4]*types.Var
}

var usesMemos patterns.Memo[lockPath, *UsesMemo]

// A Touch is one use of a shared variable by some statements.
type Touch struct {
	Access *guards.Access
	Class  TouchClass
	Why    string
	Via    *patterns.Unit // the called function that does it, or nil

	Filled bool // of a derived variable: what was read is kept in what the variable holds, and is not that itself
	Plain  bool // of a derived variable: only values without references have come from there
}

const (
	Harmless   TouchClass = iota // never changes, synchronises itself, or is nobody else's
	Assumable                    // changes, but as far as can be seen never under this lock
	GuardedUse                   // protected by the lock
)

// Name says what is touched, and by whom.
func (t *Touch) Name() string {
	n := t.Access.Path.String()
	if v := t.Access.Var.Name(); n == "" || t.Via != nil && n != v && !strings.HasSuffix(n, "."+v) {
		n = v
	}
	if t.Via != nil {
		n += " (in " + t.Via.Name() + ")"
	}
	return n
}

// Guarded returns the first use of a guarded variable, or nil.
func (t *Touches) Guarded() *Touch {
	for _, u := range t.List {
		if u.Class == GuardedUse {
			return u
		}
	}
	return nil
}

// GuardedChange returns the first change of a guarded variable, or nil.
func (t *Touches) GuardedChange() *Touch {
	for _, u := range t.List {
		if u.Class == GuardedUse && u.Access.Kind.Changes() {
			return u
		}
	}
	return nil
}

// Add adds what another one touches.
func (t *Touches) Add(o *Touches) {
	if o != nil {
		t.List = append(t.List, o.List...)
		t.Unknown = append(t.Unknown, o.Unknown...)
	}
}

// GuardedRead returns the first read of a guarded variable that is not also changed, or
// nil.
func (t *Touches) GuardedRead() *Touch {
	for _, u := range t.List {
		changed := func(o *Touch) bool { return o.Access.Var == u.Access.Var && o.Access.Kind.Changes() }
		if u.Class == GuardedUse && u.Access.Kind == guards.Read && !slices.ContainsFunc(t.List, changed) {
			return u
		}
	}
	return nil
}

// Through returns what is touched as a caller of the function sees it.
func (t *Touches) Through(u *patterns.Unit) *Touches {
	out := &Touches{Unknown: t.Unknown}
	for _, o := range t.List {
		c := *o
		if c.Via == nil {
			c.Via = u
		}
		out.List = append(out.List, &c)
	}
	return out
}

// An UnknownCall is a call of a function that cannot be seen.
type UnknownCall struct {
	Pos  token.Pos
	What string
}

// TouchNames lists what is touched, each once, and a struct not beside its own
// fields.
func TouchNames(ts []*Touch) []string {
	var names []string
	for _, t := range ts {
		direct := func(o *Touch) bool { return o.Via == nil && o.Access.Var == t.Access.Var }
		if i := slices.IndexFunc(ts, direct); t.Via != nil && i >= 0 && strings.HasPrefix(t.Name(), ts[i].Name()+" ") {
			continue // the same by the same name
		}
		named := func(o *Touch) bool { return direct(o) && o.Access.Path.Root != nil }
		if t.Via == nil && t.Access.Path.Root == nil && slices.ContainsFunc(ts, named) {
			continue // what a variable refers to, beside the variable
		}
		if !slices.Contains(names, t.Name()) {
			names = append(names, t.Name())
		}
	}
	return slices.DeleteFunc(names, func(n string) bool {
		return slices.ContainsFunc(names, func(o string) bool { return strings.HasPrefix(o, n+".") })
	})
}
