package conditions

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/undone"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveAtomics is the part of S4 and S5 about variables that synchronise themselves. They
// can be read without the lock, but the lock still serialized those who set them:
//
//	old := s.config.Load()
//	next, err := fetch(s.url, old)
//	s.config.Store(next) // meanwhile: another caller does the same
func proveAtomics(w *move.Window) *safety.Refusal {
	if w.Alone {
		return nil
	}
	a := atomicsOf(w)
	for _, v := range syntax.SortedVars(a.sets) {
		list := a.sets[v]
		last := list[len(list)-1]
		if !last.late || w.TestsAgain(v) || w.Section.Mode == patterns.Shared && !setApart(w, v) {
			continue
		}
		looked := a.looked[v]
		switch back := setBefore(list); {
		case looked.IsValid() && last.isMap:
			both := ""
			if names := changedAfter(w); len(names) > 0 {
				both = "if two callers find the same there and both change " + syntax.JoinNames(names) + ", "
			}
			w.Assume(safety.S5, last.call.Pos(), "%s is looked at before the call, at %s, and changed after it. Is it fine %sto replace what others set during the call, and to add what they removed?", v.Name(), w.Line(looked), both)
		case looked.IsValid() && !last.constant:
			return safety.Refuse(safety.S4, "read-then-written", last.call.Pos(), "%s is read before the wait, at %s, and stored after it", v.Name(), w.Line(looked))
		case back != nil:
			w.Assume(safety.S9, back.call.Pos(), "%s is set at %s and again at %s. With two callers at once, the first to finish sets it while the other is still running. Is that all right?", v.Name(), w.Line(back.call.Pos()), w.Line(last.call.Pos()))
		default:
			askSetLast(w, v, list)
		}
	}
	return nil
}

// setApart reports whether a section that the lock kept apart from this one changes a variable.
func setApart(w *move.Window, v *types.Var) bool {
	return slices.ContainsFunc(guards.CallsUnder(w.Program, w.Pkg, w.Section.LockVar()), func(c patterns.Call) bool {
		return syntax.ChangesAtomic(c.Unit, c.Call) == v && !w.RanBeside(c)
	})
}

// changedAfter names what the section changes when it has the lock again.
func changedAfter(w *move.Window) []string {
	return site.TouchNames(slices.DeleteFunc(slices.Clone(w.PostTouches.List), func(t *site.Touch) bool { return t.Access.Kind == guards.Read }))
}

// atomics are the variables that synchronise themselves and that a section sets, and
// where it looks at them before the wait is over.
type atomics struct {
	sets   map[*types.Var][]atomicSet
	looked map[*types.Var]token.Pos
}

// An atomicSet is a call that sets such a variable regardless of its old value.
type atomicSet struct {
	unit     *patterns.Unit
	call     *ast.CallExpr
	late     bool // it comes after a wait that moves out of the lock
	isMap    bool // it changes an entry of a sync.Map
	constant bool // the value is always the same
}

// atomicsOf finds them.
func atomicsOf(w *move.Window) atomics {
	a := atomics{make(map[*types.Var][]atomicSet), make(map[*types.Var]token.Pos)}
	freed := w.Freed()
	for i, st := range slices.Concat(w.Pre, w.Stmts, w.Post) {
		post := i >= len(w.Pre)+len(w.Stmts)
		behaviour.EachAtomic(w.Site, st, func(u *patterns.Unit, at ast.Expr, v *types.Var, change bool) {
			c, ok := at.(*ast.CallExpr)
			if !ok || syntax.AtomicOf(u, c) != v || !v.IsField() && !syntax.IsGlobal(v) || isOwnAtomic(w, u, c) {
				return
			}
			pos := c.Pos()
			if u != w.Unit {
				pos = st.End()
			}
			late := post || undone.Deferred(w, c) || slices.ContainsFunc(freed, func(o *waits.Op) bool { return o.Pos() < pos })
			if !late && behaviour.LooksAtAtomic(u, c) && !a.looked[v].IsValid() {
				a.looked[v] = c.Pos()
			}
			if change && !merges(patterns.CalleeOf(u.Pkg.Info, c)) && !givesNow(u, c) {
				a.sets[v] = append(a.sets[v], atomicSet{u, c, late, syntax.IsSyncMap(u, c), isConstantSet(u, c)})
			}
		})
	}
	return a
}

// isOwnAtomic reports whether an operation is made on an object that only this call can
// reach.
func isOwnAtomic(w *move.Window, u *patterns.Unit, c *ast.CallExpr) bool {
	return w.Program.StorageOf(u.Pkg).OwnThroughCalls(syntax.AtomicOperand(u, c), c.Pos())
}

// merges reports whether an operation keeps what others made of the variable: it adds to
// the value, or compares it with an expected one first.
func merges(fn *types.Func) bool {
	return slices.ContainsFunc([]string{"Add", "And", "Or", "CompareAnd", "LoadOr"}, func(s string) bool { return strings.HasPrefix(fn.Name(), s) })
}

// givesNow reports whether an operation stores the current time: the last caller stores the
// latest.
func givesNow(u *patterns.Unit, c *ast.CallExpr) bool {
	found := false
	for _, a := range c.Args {
		ast.Inspect(a, func(n ast.Node) bool {
			k, ok := n.(*ast.CallExpr)
			fn := (*types.Func)(nil)
			if ok {
				fn = patterns.CalleeOf(u.Pkg.Info, k)
			}
			found = found || fn != nil && fn.FullName() == "time.Now"
			return !found
		})
	}
	return found
}

// isConstantSet reports whether an operation always gives the same value.
func isConstantSet(u *patterns.Unit, c *ast.CallExpr) bool {
	if len(c.Args) == 0 {
		return true // sync.Map.Clear
	}
	tv := u.Pkg.Info.Types[c.Args[len(c.Args)-1]]
	return tv.Value != nil || tv.IsNil()
}

// setBefore returns a change that comes before the wait, and before the last one in the
// list that comes after the wait, unless the two are in different branches; or nil. Entries
// of a map may be different ones.
func setBefore(list []atomicSet) *atomicSet {
	last := list[len(list)-1]
	for i := range list[:len(list)-1] {
		if s := &list[i]; !last.isMap && !s.late && (s.unit != last.unit || !syntax.Exclusive(s.unit.Body, s.call.Pos(), last.call.Pos())) {
			return s
		}
	}
	return nil
}

// askSetLast asks about a value that is set after the call: another caller, or another
// function, may have set its own meanwhile.
func askSetLast(w *move.Window, v *types.Var, list []atomicSet) {
	last := list[len(list)-1]
	if other := setElsewhere(w, v, last); other.IsValid() {
		w.Ask(safety.Overwritten, v.Name()+" ("+w.Line(other)+")", safety.S4, last.call.Pos(), "Is it fine to overwrite what %s sets %s to during the call?", w.Line(other), v.Name())
	} else if !w.AtStart() && slices.ContainsFunc(list, func(s atomicSet) bool { return s.late && !last.sets(s.unit, s.call) }) {
		w.Ask(safety.LastStays, v.Name(), safety.S4, last.call.Pos(), "Two calls can now finish in either order, and the last one's value of %s stays. Is that right?", v.Name())
	}
}

// setElsewhere returns where the package sets a variable, other than in the section, to
// something else than the section does, or another section changes in place what the variable
// holds; or no position.
func setElsewhere(w *move.Window, v *types.Var, last atomicSet) token.Pos {
	for _, u := range w.Program.UnitsIn(w.PackageOf(v)) {
		for _, c := range u.Calls() {
			if c == last.call || u == w.Unit && w.InBody(c) || syntax.ChangesAtomic(u, c) != v || merges(patterns.CalleeOf(u.Pkg.Info, c)) || isOwnAtomic(w, u, c) {
				continue
			}
			if !last.sets(u, c) {
				return c.Pos()
			}
		}
	}
	inPlace := func(a *guards.Access) bool { return a.Alias && a.Kind == guards.Content && w.OfOthers(a) }
	if a := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(inPlace); a != nil {
		return a.Pos()
	}
	return token.NoPos
}

// sets reports whether another operation sets the same constant.
func (s atomicSet) sets(u *patterns.Unit, c *ast.CallExpr) bool {
	if !s.constant || !isConstantSet(u, c) || len(c.Args) == 0 || len(s.call.Args) == 0 {
		return false
	}
	a, b := s.unit.Pkg.Info.Types[s.call.Args[len(s.call.Args)-1]], u.Pkg.Info.Types[c.Args[len(c.Args)-1]]
	return a.IsNil() && b.IsNil() || a.Value != nil && b.Value != nil && a.Value.ExactString() == b.Value.ExactString()
}
