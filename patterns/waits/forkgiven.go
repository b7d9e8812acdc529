package waits

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/values"
)

// A function may fork and join what it is given, all at once or by the methods of a type:
//
//	parallel(len(parts), func(i int) { sum(parts[i]) })
//
//	var g group
//	g.Go(func() { sum(part) })
//	g.Wait()
//
// Then it depends on the functions that are given whether that is only a computation.

// joinsComputations reports whether the wait at the end of a call is one for goroutines that
// only run functions which the unit has given to compute something.
func joinsComputations(x *patterns.Program, u *patterns.Unit, st Site, key reachKey) bool {
	c, ok := st.Node.(*ast.CallExpr)
	r := MayReach.Of(st.Callee)[key]
	if !ok || r.op == nil || !r.op.awaits() || st.Callee.Body == nil || st.weak != "" {
		return false
	}
	if parties := partiesOf(x, st.Callee, r.node); len(parties) > 0 {
		given := computing(x, st.Callee.Signature(), []patterns.Call{{Unit: u, Call: c}})
		return !slices.ContainsFunc(parties, func(p party) bool { return !computesWith(x, p.unit, given) })
	}
	return groupComputes(x, u, c, st.Callee, r.node)
}

// groupComputes reports whether a method waits for the goroutines that other methods of the
// type have forked, and all that the unit has given them only computes. The receiver is a
// local variable of which only methods are called.
func groupComputes(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr, waits *patterns.Unit, n ast.Node) bool {
	join, ok := n.(*ast.CallExpr)
	id, isIdent := ast.Unparen(patterns.ReceiverOf(c.Fun)).(*ast.Ident)
	if !ok || !isIdent {
		return false
	}
	group := patterns.AsVar(u.Pkg.Info, id)
	calls, only := methodCalls(x, u, group)
	wait := patterns.ReceiverOf(join.Fun)
	p, ok := patterns.PathOf(waits.Pkg.Info, wait)
	if !only || !ok || len(p.Fields) != 1 || p.Root != waits.Signature().Recv() {
		return false
	}
	class := values.FlowsOf(x, waits.Pkg).ClassOf(wait)
	if class == nil || class.Open || len(class.Runs) > 0 || len(class.Dones) == 0 {
		return false
	}
	return !slices.ContainsFunc(class.Dones, func(use values.FlowUse) bool {
		fork := use.Unit.Outer
		if fork == nil || fork.Obj == nil || fork.Signature().Recv() == nil || use.Path.Root != fork.Signature().Recv() {
			return true
		}
		spawned, _ := startOf(use.Unit)
		return !spawned || !computesWith(x, use.Unit, computing(x, fork.Signature(), calls[fork.Obj.Origin()]))
	})
}

// methodCalls lists the calls of methods on a local variable. only reports whether nothing
// else is done with it.
func methodCalls(x *patterns.Program, u *patterns.Unit, v *types.Var) (calls map[*types.Func][]patterns.Call, only bool) {
	top := patterns.TopOf(u)
	if v == nil || v.IsField() || patterns.IsGlobal(v) || top.IsParam(v) || !top.Contains(v.Pos()) {
		return nil, false
	}
	calls, only = make(map[*types.Func][]patterns.Call), true
	called := make(map[*ast.Ident]bool)
	ast.Inspect(top.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			id, ok := ast.Unparen(patterns.ReceiverOf(n.Fun)).(*ast.Ident)
			fn := patterns.CalleeOf(u.Pkg.Info, n)
			if ok && fn != nil && fn.Signature().Recv() != nil && patterns.AsVar(u.Pkg.Info, id) == v {
				called[id] = true
				calls[fn.Origin()] = append(calls[fn.Origin()], patterns.Call{Unit: x.UnitAt(u.Pkg, n.Pos()), Call: n})
			}
		case *ast.Ident:
			only = only && (u.Pkg.Info.Uses[n] != v || called[n])
		}
		return true
	})
	return calls, only
}

// computing returns the parameters for which all calls give functions that only compute.
func computing(x *patterns.Program, sig *types.Signature, calls []patterns.Call) map[*types.Var]bool {
	given := make(map[*types.Var]bool)
	for i := range sig.Params().Len() {
		given[sig.Params().At(i)] = !slices.ContainsFunc(calls, func(c patterns.Call) bool {
			args, _ := values.ArgumentsOf(sig, c.Call, i)
			return slices.ContainsFunc(args, func(a ast.Expr) bool {
				units := x.ValueUnits(c.Unit.Pkg.Info, a)
				return len(units) == 0 || slices.ContainsFunc(units, func(v *patterns.Unit) bool { return !computesWith(x, v, nil) })
			})
		})
	}
	return given
}

// computesWith reports whether a unit waits for nothing and takes no lock if the given
// parameters hold functions that do not either.
func computesWith(x *patterns.Program, u *patterns.Unit, given map[*types.Var]bool) bool {
	for k := range takes.Of(u) {
		if k.Method != "" || !given[k.Param] {
			return false
		}
	}
	return len(MayReach.Of(u)) == 0 && !mayTakeLocks(x, u, given)
}
