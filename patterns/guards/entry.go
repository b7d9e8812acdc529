package guards

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/parallel"
)

// entryLocks infers which locks are held whenever a unit is entered: those that every
// caller in the package holds at the call. Functions that outside code can reach, or that
// are used as values, get none; in the lenient answer, exported functions get what their
// callers in the package hold.
//
// The strict answer says what a lock can be trusted to do, the lenient one what it may be
// meant to do. It also notes which units are loose.
func entryLocks(x *patterns.Program, p *patterns.Package) (strict, lenient map[*patterns.Unit][]*types.Var) {
	e := &entrySearch{open: make(map[*patterns.Unit]bool), callers: make(map[*patterns.Unit][]unitCaller)}
	for _, u := range x.UnitsIn(p) {
		if u.Body != nil {
			e.units = append(e.units, u)
			// A literal is open until a call in place is found.
			e.open[u] = u.Lit != nil || u.Obj == nil || u.Obj.Name() == "main" || u.Obj.Name() == "init"
		}
	}
	calls := make([][]unitCall, len(e.units))
	parallel.EachUnit(e.units, func(i int, u *patterns.Unit) { calls[i] = callsOfUnits(x, u) })
	for i, u := range e.units {
		for _, c := range calls[i] {
			if c.passed != nil {
				notePassed(x, e, u, c)
			} else {
				e.note(u, c)
			}
		}
	}
	markValues(x, p, e.open)
	lenient = e.search()
	for _, u := range e.units {
		if e.open[u] && isOption(x, u) {
			accessesOf(u).makes = u.Signature().Params().At(0)
			continue
		}
		accessesOf(u).loose = e.open[u] && (u.Lit != nil && !u.StartsGoroutine() || u.Obj != nil && u.Obj.Name() != "main" && u.Obj.Name() != "init")
		e.open[u] = e.open[u] || u.Obj != nil && u.Obj.Exported()
	}
	return e.search(), lenient
}

// entrySearch is the state of entryLocks.
type entrySearch struct {
	units   []*patterns.Unit
	open    map[*patterns.Unit]bool // may be entered from anywhere
	callers map[*patterns.Unit][]unitCaller

	// State of one search:
	entry map[*patterns.Unit][]*types.Var
	top   map[*patterns.Unit]bool // not constrained by any caller yet
}

type unitCaller struct {
	u    *patterns.Unit
	held []*types.Var

	// For a literal that u calls as a parameter: the unit that passes it, unless that is u,
	// and the locks of that unit that are no longer held.
	from *patterns.Unit
	gone []*types.Var
}

// locks lists what is held at the call.
func (e *entrySearch) locks(c unitCaller) []*types.Var {
	held := locks.Union(c.held, e.entry[c.u])
	if c.from == nil {
		return held
	}
	outer := slices.DeleteFunc(slices.Clone(e.entry[c.from]), func(v *types.Var) bool { return slices.Contains(c.gone, v) })
	return locks.Union(held, outer)
}

// A unitCall is a call of a unit of the same package.
type unitCall struct {
	callee  *patterns.Unit
	held    []*types.Var // by the caller itself
	direct  bool         // the callee is a literal that is called where it stands
	spawned bool         // by go

	passed *ast.CallExpr // if the callee is a literal passed as an argument, the call that passes it
	arg    int
}

// callsOfUnits lists the calls that a unit makes to units of its package.
func callsOfUnits(x *patterns.Program, u *patterns.Unit) []unitCall {
	var list []unitCall
	locks.EachCall(x, u, func(c *ast.CallExpr, held []*types.Var, spawned bool) {
		call := unitCall{held: held, spawned: spawned}
		if lit := u.LitCalled(c); lit != nil {
			call.callee = x.LitUnit(lit)
			_, call.direct = ast.Unparen(c.Fun).(*ast.FuncLit)
		} else if fn := patterns.CalleeOf(u.Pkg.Info, c); fn != nil && patterns.IsInterfaceMethod(fn) {
			for _, m := range x.ImplementedIn(u.Pkg, fn, false) {
				if v := x.UnitOf(m); v != nil && v.Pkg == u.Pkg {
					list = append(list, unitCall{callee: v, held: held, spawned: spawned})
				}
			}
		} else if fn != nil {
			call.callee = x.UnitOf(fn)
		}
		if call.callee != nil && call.callee.Pkg == u.Pkg {
			list = append(list, call)
		}
		for i, a := range c.Args {
			if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok && !spawned {
				list = append(list, unitCall{callee: x.LitUnit(lit), held: held, passed: c, arg: i})
			}
		}
	})
	return list
}

// notePassed notes the calls of a literal that is passed to a function which only
// calls it.
func notePassed(x *patterns.Program, e *entrySearch, u *patterns.Unit, c unitCall) {
	runs, ok := runsOf(x, u, c.passed, c.arg, 0)
	if !ok || c.callee == nil {
		return
	}
	e.open[c.callee] = false
	for _, r := range runs {
		caller := unitCaller{u: r.by, held: r.held}
		if r.gave {
			held := slices.DeleteFunc(slices.Clone(c.held), func(v *types.Var) bool { return slices.Contains(r.gone, v) })
			caller.held, caller.from, caller.gone = locks.Union(r.held, held), u, r.gone
		}
		e.callers[c.callee] = append(e.callers[c.callee], caller)
	}
}

func (e *entrySearch) note(u *patterns.Unit, c unitCall) {
	if c.direct {
		e.open[c.callee] = false
	}
	if c.spawned {
		e.open[c.callee] = true
	}
	e.callers[c.callee] = append(e.callers[c.callee], unitCaller{u: u, held: c.held})
}

// search narrows the sets until they are what every caller holds, and returns them. They
// only shrink, so the search ends, and the result does not depend on the order.
func (e *entrySearch) search() map[*patterns.Unit][]*types.Var {
	e.entry, e.top = make(map[*patterns.Unit][]*types.Var), make(map[*patterns.Unit]bool)
	for _, u := range e.units {
		e.top[u] = !e.open[u] && len(e.callers[u]) > 0
	}
	callees := make(map[*patterns.Unit][]*patterns.Unit)
	for _, u := range e.units {
		for _, c := range e.callers[u] {
			callees[c.u] = append(callees[c.u], u)
			if c.from != nil {
				callees[c.from] = append(callees[c.from], u)
			}
		}
	}
	queued, entered := make(map[*patterns.Unit]bool), make(map[*patterns.Unit]bool)
	var queue []*patterns.Unit
	push := func(u *patterns.Unit) {
		if !queued[u] && !e.open[u] && !entered[u] && len(e.callers[u]) > 0 {
			queued[u] = true
			queue = append(queue, u)
		}
	}
	for _, u := range e.units {
		push(u)
	}
	for {
		for len(queue) > 0 {
			u := queue[0]
			queue, queued[u] = queue[1:], false
			if e.narrow(u) {
				for _, v := range callees[u] {
					push(v)
				}
			}
		}
		from := e.unentered()
		if len(from) == 0 {
			break
		}
		for _, u := range from {
			e.top[u], entered[u] = false, true
			for _, v := range callees[u] {
				push(v)
			}
		}
	}
	return e.entry
}

// unentered lists units that, as far as letgo sees, only call each other: the exported
// ones, if any, must be called from elsewhere, with nothing held. A method that calls an
// interface method which it itself implements is an example.
func (e *entrySearch) unentered() []*patterns.Unit {
	var all, exported []*patterns.Unit
	for _, u := range e.units {
		if !e.top[u] {
			continue
		}
		all = append(all, u)
		if u.Obj != nil && u.Obj.Exported() {
			exported = append(exported, u)
		}
	}
	if len(exported) > 0 {
		return exported
	}
	return all
}

// narrow intersects what the callers of a unit hold. It reports whether anything
// has changed.
func (e *entrySearch) narrow(u *patterns.Unit) bool {
	var meet []*types.Var
	first := true
	for _, c := range e.callers[u] {
		if e.top[c.u] || c.from != nil && e.top[c.from] {
			continue
		}
		held := e.locks(c)
		if first {
			meet, first = held, false
			continue
		}
		meet = slices.DeleteFunc(meet, func(v *types.Var) bool { return !slices.Contains(held, v) })
	}
	if first || !e.top[u] && slices.Equal(meet, e.entry[u]) {
		return false
	}
	e.top[u], e.entry[u] = false, meet
	return true
}
