package behaviour

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A flag is a variable that can be read without the lock although the lock guards it: an atomic
// variable, a sync.Map, or a channel that gets closed. A function changes it under the lock, or
// changes it and then takes the lock, as in
//
//	func (p *Pool) Close() {
//		if !p.closed.CompareAndSwap(false, true) {
//			return
//		}
//		p.mu.Lock()
//		p.conns = nil
//		p.mu.Unlock()
//	}
//
// A section that tests the flag under the lock can rely on it until it releases the lock,
// because whoever changes it has to wait for the lock.

// FlagsIn lists the flags that a node reads, directly or in the functions it calls.
func FlagsIn(s *site.Site, n ast.Node) []*types.Var {
	var flags []*types.Var
	for _, t := range flagReads(s, n) {
		if !slices.Contains(flags, t.Access.Var) {
			flags = append(flags, t.Access.Var)
		}
	}
	return flags
}

// flagReads lists the reads of flags in a node and in the functions it calls.
func flagReads(s *site.Site, n ast.Node) []*site.Touch {
	var out []*site.Touch
	EachAtomic(s, n, func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
		_, length := at.(*ast.CallExpr)
		length = length && syntax.IsChannel(v.Type())
		if !change && (isFlag(s, v) || length && sentUnder(s, v)) {
			t := &site.Touch{Access: &guards.Access{Var: v, Node: at, Unit: u, Kind: guards.Read}, Class: site.GuardedUse, Why: "it changes under the lock"}
			if u != s.Unit {
				t.Via = u
			}
			out = append(out, t)
		}
	})
	return out
}

// maxFlagCalls bounds the depth of calls searched for flags.
const maxFlagCalls = 3

// EachAtomic calls f for each use of a variable that synchronizes itself, in a node and in the
// functions it calls: a call of package sync/atomic or of a method of sync.Map, a receive, or
// the length of a channel.
func EachAtomic(s *site.Site, n ast.Node, f func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool)) {
	reached := make(map[*patterns.Unit]int) // at which depth
	var visit func(u *patterns.Unit, n ast.Node, depth int, again bool)
	visit = func(u *patterns.Unit, n ast.Node, depth int, again bool) {
		f := f
		if again { // only the calls in it may lead further now
			f = func(*patterns.Unit, ast.Expr, *types.Var, bool) {}
		}
		syntax.InspectOuter(n, func(m ast.Node) bool {
			if r, ok := m.(*ast.UnaryExpr); ok && r.Op == token.ARROW {
				if p, ok := patterns.PathOf(u.Pkg.Info, r.X); ok && (p.Last().IsField() || p.Global()) {
					f(u, r, p.Last(), false)
				}
			}
			return true
		})
		syntax.EachSynchronousCall(n, func(c *ast.CallExpr) {
			if v := syntax.AtomicOf(u, c); v != nil {
				f(u, c, v, !syntax.ReadsAtomic(u, c))
			}
			if v := Measured(u, c); v != nil {
				f(u, c, v, false)
			}
			callees, _ := CalleesOf(s, u, c)
			for _, v := range callees {
				before, again := reached[v]
				if (!again || depth+1 < before) && v.Body != nil && depth < maxFlagCalls && Follows(s, v) {
					reached[v] = depth + 1
					visit(v, v.Body, depth+1, again)
				}
			}
		})
	}
	visit(s.Unit, n, 0, false)
}

// isFlag reports whether the package changes the variable under the section's lock, or changes
// it and then takes the lock.
func isFlag(s *site.Site, v *types.Var) bool {
	is, ok := s.Flags[v]
	if !ok {
		is = findFlag(s, v)
		s.Flags[v] = is
	}
	return is
}

func findFlag(s *site.Site, v *types.Var) bool {
	lock := s.Section.LockVar()
	if changedUnder(s, lock)[v] {
		return true
	}
	return slices.ContainsFunc(atomicChanges(s)[v], func(c atomicChange) bool {
		return slices.ContainsFunc(c.unit.Calls()[c.first:], func(o *ast.CallExpr) bool { return takesLock(c.unit, o, lock) })
	})
}

// changedUnder returns the self-synchronizing variables that the package changes, and those
// whose channels it closes, while it holds a lock.
func changedUnder(s *site.Site, lock *types.Var) map[*types.Var]bool {
	calls := guards.CallsUnder(s.Program, s.Pkg, lock)
	return changedUnderMemo.Get(s.Program, packageLock{s.Pkg, lock}, func() map[*types.Var]bool {
		vars := make(map[*types.Var]bool)
		for _, c := range calls {
			for _, v := range []*types.Var{syntax.ChangesAtomic(c.Unit, c.Call), closedBy(c.Unit, c.Call)} {
				if v != nil {
					vars[v] = true
				}
			}
		}
		return vars
	})
}

// A packageLock is a lock, as a package uses it.
type packageLock struct {
	p    *patterns.Package
	lock *types.Var
}

var changedUnderMemo patterns.Memo[packageLock, map[*types.Var]bool]

// An atomicChange records that a unit changes a variable that synchronizes itself.
type atomicChange struct {
	unit  *patterns.Unit
	first int // index of the first call that does so
}

// atomicChanges lists, for each self-synchronizing variable, the units that change it.
func atomicChanges(s *site.Site) map[*types.Var][]atomicChange {
	return atomicChangesMemo.Get(s.Program, s.Pkg, func() map[*types.Var][]atomicChange {
		changes := make(map[*types.Var][]atomicChange)
		for _, u := range s.Program.UnitsIn(s.Pkg) {
			for i, c := range u.Calls() {
				v := syntax.ChangesAtomic(u, c)
				if v == nil {
					continue
				}
				if list := changes[v]; len(list) == 0 || list[len(list)-1].unit != u {
					changes[v] = append(list, atomicChange{u, i})
				}
			}
		}
		return changes
	})
}

var atomicChangesMemo patterns.Memo[*patterns.Package, map[*types.Var][]atomicChange]

// Measured returns the variable that holds the channel whose length the call returns, or nil.
func Measured(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if patterns.BuiltinOf(u.Pkg.Info, c) != "len" {
		return nil
	}
	return SharedChannel(u.Pkg.Info, c.Args[0])
}

// SharedChannel returns the field or package-level variable that holds a channel, or nil.
func SharedChannel(info *types.Info, e ast.Expr) *types.Var {
	p, ok := patterns.PathOf(info, e)
	if !ok || !syntax.IsChannel(p.Last().Type()) || !p.Last().IsField() && !p.Global() {
		return nil
	}
	return p.Last()
}

// sentUnder reports whether the package sends on the channel while holding the section's lock.
// If so, room that a section sees in the channel stays free as long as it holds the lock.
func sentUnder(s *site.Site, v *types.Var) bool {
	lock := s.Section.LockVar()
	return slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		found := false
		if u.Body == nil {
			return false
		}
		syntax.InspectOuter(u.Body, func(n ast.Node) bool {
			send, ok := n.(*ast.SendStmt)
			if !ok || found {
				return !found
			}
			p, ok := patterns.PathOf(u.Pkg.Info, send.Chan)
			found = ok && p.Last() == v && slices.ContainsFunc(locks.HeldAt(u, send), func(l patterns.Path) bool { return l.Last() == lock })
			return !found
		})
		return found
	})
}

// closedBy returns the variable whose channel a call closes, or nil.
func closedBy(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	if patterns.BuiltinOf(u.Pkg.Info, c) != "close" {
		return nil
	}
	if p, ok := patterns.PathOf(u.Pkg.Info, c.Args[0]); ok {
		return p.Last()
	}
	return nil
}

// LooksAtAtomic reports whether the code uses the result of an atomic operation.
func LooksAtAtomic(u *patterns.Unit, c *ast.CallExpr) bool {
	if syntax.ReadsAtomic(u, c) {
		return true
	}
	return !syntax.Has(u.Body, func(st *ast.ExprStmt) bool { return st.X == ast.Expr(c) }) && !syntax.Has(u.Body, func(st *ast.DeferStmt) bool { return st.Call == c })
}

// LookedAtBefore returns where a function looks at an atomic variable before it takes the
// section's lock, or NoPos. What it sees tells it what to expect under the lock.
func LookedAtBefore(s *site.Site, v *types.Var) token.Pos {
	for _, u := range s.Program.UnitsIn(s.Pkg) {
		looked := token.NoPos
		for _, c := range u.Calls() {
			switch {
			case !looked.IsValid() && syntax.AtomicOf(u, c) == v && LooksAtAtomic(u, c):
				looked = c.Pos()
			case looked.IsValid() && takesLock(u, c, s.Section.LockVar()):
				return looked
			}
		}
	}
	return token.NoPos
}

// takesLock reports whether a call takes the lock.
func takesLock(u *patterns.Unit, c *ast.CallExpr, lock *types.Var) bool {
	if !patterns.IsLockCall(u.Pkg.Info, c) {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !strings.HasSuffix(sel.Sel.Name, "Lock") {
		return false
	}
	p, ok := patterns.PathOf(u.Pkg.Info, sel.X)
	return ok && p.Last() == lock
}

// FlagSet returns the constant that an access sets a boolean to, or nil.
func FlagSet(a *guards.Access) (value constant.Value) {
	if a.Kind != guards.Write || !syntax.IsBool(a.Var.Type()) || a.Unit.Body == nil {
		return nil
	}
	ast.Inspect(a.Unit.Body, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && len(as.Lhs) == len(as.Rhs) {
			for i, l := range as.Lhs {
				if syntax.Within(a.Node, l) {
					value = a.Unit.Pkg.Info.Types[as.Rhs[i]].Value
				}
			}
		}
		return value == nil
	})
	return value
}
