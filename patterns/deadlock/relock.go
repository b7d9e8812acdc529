package deadlock

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A lockNeed is a lock that a unit takes and its caller can name, taken while the unit has
// released no lock of its callers.
type lockNeed struct {
	locks.Effect
	hops []patterns.Hop // the calls from the unit to the one that takes it, which is the last
	way  []waits.Link   // the calls of hops, each with the unit that makes it

	guess string // a function that is one of several which a call may run, or ""
}

// maxRelockDepth bounds through how many calls a lock is looked for.
const maxRelockDepth = 5

// RelockOf looks for a wait of a section for its own lock.
func RelockOf(x *patterns.Program, s *locks.Section) *finding.Deadlock {
	if d := relock(x, s); d != nil {
		return d
	}
	if d := relockByCallback(x, s); d != nil {
		return d
	}
	return relockByRange(x, s)
}

// relock looks for a call in a section that takes the very lock that is held, and so waits
// for itself.
func relock(x *patterns.Program, s *locks.Section) *finding.Deadlock {
	if s.LockVar() == nil || s.Lock.Root == nil || s.Problem != "" || s.Try || len(s.Cycles) > 0 {
		return nil
	}
	var second *finding.Deadlock // of readers only, or not certain
	for _, c := range calls(s) {
		for _, n := range locksIn(x, s.Unit, c) {
			if n.path.Key() != s.Lock.Key() || s.Mode == patterns.Shared && n.Mode == patterns.Shared && (second != nil || !written(x, s)) {
				continue
			}
			if n.guess != "" && second != nil {
				continue
			}
			d := relocked(s, waits.Site{Callee: n.callee, Node: c, Defers: guards.DeferredCalls(s.Unit)[c]}, n.lockNeed)
			if s.Mode == patterns.Shared && n.Mode == patterns.Shared {
				d.Doubt = "and hangs if a writer comes in between"
			} else if n.guess == "" {
				d.Always = alwaysRelocks(s, c, n.lockNeed)
				return d
			}
			second = d
		}
	}
	return second
}

// locksIn lists the locks that a call of a section takes, also by functions that it finds
// in the objects of the section. It has a memo: several searches look at the same calls.
func locksIn(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) []lockTaken {
	return takenIn.Get(x, patterns.Call{Unit: u, Call: c}, func() []lockTaken {
		out := locksOf(x, u, c)
		for _, d := range dynamicIn(x, u, c) {
			if len(d.hops) > 0 {
				out = append(out, locksOfDynamic(x, u, d, c)...)
			}
		}
		return out
	})
}

var takenIn patterns.Memo[patterns.Call, []lockTaken]

// written reports whether the package also takes the section's lock for writing: then a
// reader that locks it again may wait for a writer that waits for the reader.
func written(x *patterns.Program, s *locks.Section) bool {
	return slices.ContainsFunc(locks.SectionsOfLock(x, s.Unit.Pkg, s.LockVar()), func(o *locks.Section) bool {
		return o.Mode == patterns.Exclusive
	})
}

// calls lists the calls that run in the section, literals and goroutines left out.
func calls(s *locks.Section) []*ast.CallExpr {
	var calls []*ast.CallExpr
	f := locks.Flows.Of(s.Unit)
	for ref, n := range f.NodesHeld(s) {
		if !s.Refs[ref] && !s.Ends[ref] {
			continue
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			continue
		case *ast.DeferStmt:
			if waits.RunsUnder(f, s, ref, n) {
				calls = append(calls, n.Call)
			}
			continue
		}
		statements.InspectCalls(n, func(c *ast.CallExpr) { calls = append(calls, c) })
		if e, ok := n.(ast.Expr); ok && s.Unit.Iterators[e] != nil {
			calls = append(calls, s.Unit.Iterators[e])
		}
	}
	return calls
}

// relocked describes a call that takes the lock of the section that makes it.
func relocked(s *locks.Section, st waits.Site, n lockNeed) *finding.Deadlock {
	at := s.Unit.Position(st.Node.Pos())
	last := n.hops[len(n.hops)-1]
	op := &waits.Op{
		Node: st.Node, Category: "lock", Effect: blocking.EffectWait, Safety: blocking.SafetySafe, Deferred: st.Defers, Relocks: true,
		What: last.Func, Why: "waits for the lock that the caller holds",
	}
	op.Path = append([]patterns.Hop{{Func: st.Callee.Name(), At: at}}, n.hops...)
	op.Chain = []waits.Link{{Node: st.Node, Callee: st.Callee}}
	op.Last = &waits.Op{Category: op.Category, Effect: op.Effect, Safety: op.Safety, What: op.What, Why: op.Why}
	d := &finding.Deadlock{Op: op, Path: op.Path, In: s.Unit.Name(), EndsAt: last.At, Self: true}
	if n.guess != "" {
		d.Doubt = "if it is the one called here"
		if n.guess != d.Path[0].Func {
			d.Doubt = fmt.Sprintf("if that calls %s", n.guess)
		}
	}
	return d
}

// locksTaken lists the locks that a unit takes for a while, itself or in its callees, and
// that a caller can name.
func locksTaken(x *patterns.Program, u *patterns.Unit) []lockNeed {
	if needs, ok := taken.Lookup(x, u); ok {
		return needs
	}
	if u.Body == nil {
		return nil
	}
	taken.Set(x, u, nil) // while it is worked out, so that recursion ends
	var needs []lockNeed
	add := func(n lockNeed) {
		same := func(m lockNeed) bool {
			return m.Path.Key() == n.Path.Key() && m.Mode == n.Mode && slices.Equal(m.way, n.way)
		}
		if locks.Nameable(u, &n.Effect) && !slices.ContainsFunc(needs, same) {
			needs = append(needs, n)
		}
	}
	if locks.Flows.Of(u) != nil {
		for _, e := range locks.Flows.Of(u).Acquires {
			set := locks.Flows.Of(u).Pre[e.Path.Key()].At(e.At)
			untouchedOnly := len(set) > 0 && !slices.ContainsFunc(set, func(h locks.Hold) bool { return h.Site == locks.CallerFree })
			if e.Kind != locks.EvAcquire || e.Wrapper || e.Closure || !untouchedOnly {
				continue
			}
			add(lockNeed{Effect: locks.Effect{Path: e.Path, Mode: e.Mode}, hops: []patterns.Hop{acquiring(u, e)}, way: []waits.Link{{Node: e.Call, Callee: u}}})
		}
	}
	for _, c := range freeCalls(u) {
		for _, n := range locksOf(x, u, c) {
			if len(n.hops) > maxRelockDepth {
				continue
			}
			hops := append([]patterns.Hop{{Func: n.callee.Name(), At: u.Position(c.Pos())}}, n.hops...)
			add(lockNeed{
				Effect: locks.Effect{Path: n.path, Mode: n.Mode}, hops: hops, guess: n.guess,
				way: append([]waits.Link{{Node: c, Callee: u}}, n.way...),
			})
		}
	}
	taken.Set(x, u, needs)
	return needs
}

var taken patterns.Memo[*patterns.Unit, []lockNeed]

// freeCalls lists the calls that the unit makes before it returns, with all locks of its
// callers held.
func freeCalls(u *patterns.Unit) []*ast.CallExpr {
	free := waits.CallerFreeRanges(u)
	return slices.DeleteFunc(slices.Clone(u.Calls()), func(c *ast.CallExpr) bool {
		st := waits.Site{Node: c}
		return waits.InGo(u, c) || !st.FreedIn(free) || st.Freed != (patterns.LockRef{})
	})
}

// excluded reports whether known values of the unit's parameters, which it may pass on,
// keep the lock from being taken.
func (n *lockNeed) excluded(known map[*types.Var]constant.Value) bool {
	for i, l := range n.way {
		if values.Excluded(l.Callee, l.Node, known) {
			return true
		}
		if i+1 < len(n.way) {
			u := *l.Callee
			u.Known = known
			known = values.ConstantsFor(&u, n.way[i+1].Callee, l.Node.(*ast.CallExpr))
		}
	}
	return false
}

// relockByCallback looks for a function passed to a helper that runs it under the lock, and
// that takes the lock itself: the helper and the function name the same lock where the
// helper is called.
func relockByCallback(x *patterns.Program, s *locks.Section) *finding.Deadlock {
	u := s.Unit
	ef := locks.Effect{Path: s.Lock, Mode: s.Mode}
	if u.Obj == nil || s.LockVar() == nil || s.Problem != "" || !locks.Nameable(u, &ef) || len(waits.CalledParams(u)) == 0 {
		return nil
	}
	for _, n := range s.Nodes {
		var found *finding.Deadlock
		statements.InspectCalls(n, func(c *ast.CallExpr) {
			id, ok := ast.Unparen(c.Fun).(*ast.Ident)
			if !ok || found != nil {
				return
			}
			if i := values.ParamIndex(u.Signature(), patterns.AsVar(u.Pkg.Info, id)); i >= 0 {
				found = relockedBy(x, s, ef, c, i)
			}
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// relockedBy looks at the functions passed for a parameter that the call c in the section
// calls.
func relockedBy(x *patterns.Program, s *locks.Section, ef locks.Effect, c *ast.CallExpr, i int) *finding.Deadlock {
	for _, k := range values.CallsTo(x, s.Unit) {
		if i >= len(k.Call.Args) {
			continue
		}
		held, ok := locks.Translate(k.Unit, ef, k.Call)
		if !ok || held.Root == nil {
			continue
		}
		for _, n := range locksOfValue(x, k.Unit, k.Call.Args[i]) {
			if n.path.Key() == held.Key() && !(s.Mode == patterns.Shared && n.Mode == patterns.Shared) {
				return relocked(s, waits.Site{Callee: n.callee, Node: c}, n.lockNeed)
			}
		}
	}
	return nil
}
