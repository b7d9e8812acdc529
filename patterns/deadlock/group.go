package deadlock

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// group judges a wait for several goroutines: one that needs the lock is enough.
func (s *needSearch) group(u *patterns.Unit, wg ast.Expr) *finding.Deadlock {
	c := values.FlowsOf(s.x, u.Pkg).ClassOf(wg)
	if c == nil {
		return nil
	}
	p, _ := patterns.PathOf(u.Pkg.Info, wg)
	s.joined = c.Adds
	defer func() { s.joined = nil }()
	var best *finding.Deadlock
	note := func(d *finding.Deadlock) bool {
		if d != nil && (best == nil || best.Doubt != "" && d.Doubt == "") {
			best = d
		}
		return best != nil && best.Doubt == ""
	}
	for _, use := range c.Dones {
		if !use.Deferred && s.joinedAt(use.Unit, use.Node).IsValid() {
			continue // it takes its own joining back
		}
		if note(s.member(u, p, use, 2)) {
			return best
		}
	}
	for _, use := range c.Runs {
		call := use.Node.(*ast.CallExpr)
		if n, fn := s.passed(p, use.Unit, call.Args[0], use.Path); n != nil {
			d := s.needed(p, use, n)
			if d != nil {
				d.In, d.Path = fn.Name(), n.hops[1:]
				d.Ends, d.EndsAt = "returning", fn.Position(fn.Body.End())
			}
			if note(d) {
				return best
			}
		}
		for _, r := range use.Runs {
			d := s.one(u, p, values.FlowUse{Unit: r, Node: r.Body, Path: use.Path, Deferred: true})
			if d != nil {
				d.Ends, d.EndsAt = "returning", r.Position(r.Body.End())
			}
			if note(d) {
				return best
			}
		}
	}
	return best
}

// member judges one operation that says that a member of the group has finished: itself, the
// functions that its unit was given and calls before, and the callers of the unit.
func (s *needSearch) member(u *patterns.Unit, p patterns.Path, use values.FlowUse, depth int) *finding.Deadlock {
	d := s.one(u, p, use)
	if d != nil && d.Doubt == "" || use.Unit == u || s.waiting(use.Unit) {
		return d
	}
	if g := s.given(p, use); g != nil {
		return g
	}
	if d != nil || depth == 0 || use.Unit.Obj == nil {
		return d
	}
	callers, _ := guards.CallersOf(s.x, use.Unit)
	for _, k := range callers {
		path := values.Lift(k.Unit, use.Unit, use.Path, k.Call)
		if k.Spawned || path.Root == nil || s.otherGroup(p, path, k.Unit, 3) || !k.Deferred && s.joinedAt(k.Unit, k.Call).IsValid() {
			continue
		}
		if d := s.member(u, p, values.FlowUse{Unit: k.Unit, Node: k.Call, Path: path, Deferred: k.Deferred}, depth-1); d != nil {
			return d
		}
	}
	return nil
}

// given judges the functions that are passed to the function around a member of the group,
// and that the member calls:
//
//	func (t *tomb) Go(f func()) {
//		t.wg.Add(1)
//		go func() {
//			defer t.wg.Done()
//			f()
//		}()
//	}
func (s *needSearch) given(p patterns.Path, use values.FlowUse) *finding.Deadlock {
	top := patterns.TopOf(use.Unit)
	if top.Obj == nil {
		return nil
	}
	var best *finding.Deadlock
	for _, c := range freeCalls(use.Unit) {
		id := patterns.IdentOf(ast.Unparen(c.Fun))
		if id == nil || !use.Deferred && c.Pos() > use.Node.Pos() {
			continue
		}
		i := values.ParamIndex(top.Signature(), patterns.AsVar(top.Pkg.Info, id))
		if i < 0 {
			continue
		}
		for _, k := range values.CallsTo(s.x, top) {
			if i >= len(k.Call.Args) || !s.mayLeadTo(top, k.Call) {
				continue
			}
			n, _ := s.passed(p, k.Unit, k.Call.Args[i], values.Lift(k.Unit, top, use.Path, k.Call))
			if n == nil {
				continue
			}
			at := use
			at.Unit = k.Unit
			d := s.needed(p, at, n)
			if d != nil && (best == nil || best.Doubt != "" && d.Doubt == "") {
				best = d
				best.In, best.EndsAt = use.Unit.Name(), use.Unit.Position(use.Node.Pos())
				best.Path[0].At = use.Unit.Position(c.Pos())
			}
		}
	}
	return best
}

// mayLeadTo reports whether a call of a function may be the one that leads to the wait: if
// the function is on the way there, it is the call on the way.
func (s *needSearch) mayLeadTo(callee *patterns.Unit, c *ast.CallExpr) bool {
	on := func(l waits.Link) bool { return l.Callee == callee || l.Callee.Of == callee }
	i := slices.IndexFunc(s.op.Chain, on)
	return i < 0 || s.op.Chain[i].Node == ast.Node(c)
}

// passed finds the lock in a function that a unit passes to a group, and returns that
// function, too. The need is in terms of the unit: what is the group there, which has no root
// if the group is known only inside the function that it is passed to.
func (s *needSearch) passed(p patterns.Path, by *patterns.Unit, fn ast.Expr, what patterns.Path) (*need, *patterns.Unit) {
	if s.otherGroup(p, what, by, 3) {
		return nil, nil
	}
	for _, n := range locksOfValue(s.x, by, fn) {
		if n.path.Last() != s.lock || s.shared && n.Mode == patterns.Shared {
			continue
		}
		hops := append([]patterns.Hop{{Func: n.callee.Name(), At: by.Position(fn.Pos())}}, n.hops...)
		hops[len(hops)-1].Func += "()"
		return &need{hops: hops, path: n.path, what: what}, n.callee
	}
	return nil, nil
}

// otherGroup reports whether a path in a unit is that of another group than the one which is
// waited for: a member of another name, or another one of the same call. For a parameter, what
// the calls in the package pass decides.
func (s *needSearch) otherGroup(p, what patterns.Path, by *patterns.Unit, depth int) bool {
	own := waits.LiftAll(s.holder.Unit, s.op, p)
	if own.Root == nil || what.Root == nil {
		return false
	}
	if top := patterns.TopOf(by); top.Obj != nil && values.ParamIndex(top.Signature(), what.Root) >= 0 && depth > 0 {
		calls := values.CallsTo(s.x, top)
		same := func(k patterns.Call) bool {
			return !s.otherGroup(p, values.Lift(k.Unit, top, what, k.Call), k.Unit, depth-1)
		}
		return len(calls) > 0 && !slices.ContainsFunc(calls, same)
	}
	if patterns.TopOf(by) == patterns.TopOf(s.holder.Unit) || isOwn(s.holder.Unit, own.Root) || isOwn(by, what.Root) {
		return own.Key() != what.Key()
	}
	n := min(len(own.Fields), len(what.Fields))
	return !slices.Equal(own.Fields[len(own.Fields)-n:], what.Fields[len(what.Fields)-n:])
}

// isOwn reports whether a variable is a local one that holds a struct, or an object that the
// function has made: nobody else has that unless it is passed on.
func isOwn(u *patterns.Unit, v *types.Var) bool {
	top := patterns.TopOf(u)
	_, isStruct := v.Type().Underlying().(*types.Struct)
	return !patterns.IsGlobal(v) && !top.IsParam(v) && (isStruct || top.Fresh(v))
}
