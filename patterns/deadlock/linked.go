package deadlock

import (
	"go/ast"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/values"
)

// linked reports whether what is waited for belongs to the same object as the lock where a
// unit gets both, if it has them by different variables:
//
//	g.done = make(chan struct{})
//	go g.run(g.done)
//
// p and lock are the two in terms of the holder, n those of the unit.
func (s *needSearch) linked(u *patterns.Unit, p, lock patterns.Path, n *need) bool {
	match := func(by *patterns.Unit, what, path patterns.Path) bool {
		what = fieldHolding(by, what)
		return what.Root != nil && what.Root == path.Root && p.Root == lock.Root && slices.Equal(what.Fields, p.Fields) && slices.Equal(path.Fields, lock.Fields)
	}
	if match(u, n.what, n.path) {
		return true
	}
	top := patterns.TopOf(u)
	callers, open := guards.CallersOf(s.x, top)
	return !open && len(callers) > 0 && !slices.ContainsFunc(callers, func(k guards.Caller) bool {
		return !match(k.Unit, values.Lift(k.Unit, top, n.what, k.Call), values.Lift(k.Unit, top, n.path, k.Call))
	})
}

// fieldHolding returns the path of the field that a local variable is copied from, or to.
func fieldHolding(u *patterns.Unit, p patterns.Path) patterns.Path {
	top := patterns.TopOf(u)
	if p.Root == nil || len(p.Fields) > 0 || p.Global() || top.Body == nil {
		return p
	}
	found := p
	patterns.EachAssignment(top.Body, func(lhs, rhs ast.Expr) {
		from, ok := patterns.PathOf(u.Pkg.Info, rhs)
		to, known := patterns.PathOf(u.Pkg.Info, lhs)
		switch {
		case rhs == nil || !ok || !known || len(found.Fields) > 0:
		case to.Root == p.Root && len(to.Fields) == 0 && len(from.Fields) > 0:
			found = from
		case from.Root == p.Root && len(from.Fields) == 0 && len(to.Fields) > 0:
			found = to
		}
	})
	return found
}
