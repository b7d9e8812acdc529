package channels

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// onceOnly reports whether a send is let through at most once: by sync.Once, by a
// compare-and-swap or a swap of an atomic flag, by a counter that reaches zero, or by a
// flag, a state or a field that is tested and set.
func onceOnly(x *patterns.Program, u *patterns.Unit, s *ast.SendStmt) bool {
	if runByOnce(x, u) {
		return true
	}
	o := &oncePass{x: x, u: u, s: s}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			inside := n.Body.Pos() <= s.Pos() && s.Pos() < n.Body.End()
			switch {
			case n.Pos() > s.Pos():
			case inside:
				found = found || o.passes(n.Cond, n.Body, true)
			case n.Else == nil && statements.Ends(u.Pkg.Info, n.Body) && comesBefore(u, n, s):
				found = found || o.passes(n.Cond, u.Body, false)
			}
		case *ast.SwitchStmt:
			found = found || o.leavesState(n)
		}
		return !found
	})
	return found
}

// comesBefore reports whether a statement is in a list of statements of the unit that goes
// on with a node, or with what contains it.
func comesBefore(u *patterns.Unit, st ast.Stmt, n ast.Node) bool {
	list, at := statements.Around(u.Body, st)
	return list != nil && slices.ContainsFunc(list[at+1:], func(o ast.Stmt) bool { return o.Pos() <= n.Pos() && n.Pos() < o.End() })
}

// runByOnce reports whether a unit is what a sync.Once runs, and nothing else does.
func runByOnce(x *patterns.Program, u *patterns.Unit) bool {
	isOnce := func(in *patterns.Unit, c *ast.CallExpr) bool {
		fn := patterns.CalleeOf(in.Pkg.Info, c)
		return fn != nil && fn.FullName() == "(*sync.Once).Do"
	}
	if u.Lit != nil {
		return u.Outer != nil && slices.ContainsFunc(u.Outer.Calls(), func(c *ast.CallExpr) bool {
			return isOnce(u.Outer, c) && ast.Unparen(c.Args[0]) == ast.Expr(u.Lit)
		})
	}
	if u.Obj == nil || u.Obj.Exported() {
		return false
	}
	runs := onceRuns.Get(x, u.Pkg, func() map[*types.Func]int {
		left := make(map[*types.Func]int)
		for _, obj := range u.Pkg.Info.Uses {
			if fn, ok := obj.(*types.Func); ok {
				left[fn.Origin()]++
			}
		}
		for _, v := range x.UnitsIn(u.Pkg) {
			for _, c := range v.Calls() {
				if isOnce(v, c) {
					if fn := namedFunction(u.Pkg.Info, c.Args[0]); fn != nil && left[fn.Origin()] > 0 {
						left[fn.Origin()] -= usesBut
					}
				}
			}
		}
		return left
	})
	return runs[u.Obj.Origin()] == 1-usesBut
}

// namedFunction returns the function or method that an expression names, or nil.
func namedFunction(info *types.Info, e ast.Expr) *types.Func {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	fn, _ := info.Uses[id].(*types.Func)
	return fn
}

// usesBut is subtracted from the number of uses of a function for each that is an argument
// of a sync.Once.
const usesBut = 1 << 20

var onceRuns patterns.PackageMemo[map[*types.Func]int]

// A oncePass asks whether a send is let through at most once.
type oncePass struct {
	x *patterns.Program
	u *patterns.Unit
	s *ast.SendStmt
}

// leavesState reports whether a send is in a case of a switch that sets what the switch
// tests to a constant of no such case, before the send or right after it.
func (o *oncePass) leavesState(sw *ast.SwitchStmt) bool {
	info := o.u.Pkg.Info
	state, ok := patterns.PathOf(info, sw.Tag)
	if sw.Tag == nil || !ok || len(state.Fields) == 0 && !patterns.IsGlobal(state.Root) {
		return false
	}
	here, others := make(map[string]bool), make(map[string]bool)
	var clause *ast.CaseClause
	for _, st := range sw.Body.List {
		c := st.(*ast.CaseClause)
		in := others
		if c.Pos() <= o.s.Pos() && o.s.Pos() < c.End() {
			clause, in = c, here
		}
		for _, e := range c.List {
			if v := info.Types[e].Value; v != nil {
				in[v.ExactString()] = true
			} else {
				return false
			}
		}
	}
	if clause == nil {
		return false
	}
	found := false
	patterns.EachAssignment(clause, func(lhs, rhs ast.Expr) {
		p, ok := patterns.PathOf(info, lhs)
		if !ok || rhs == nil || p.Key() != state.Key() || info.Types[rhs].Value == nil || !setsAround(o.u, lhs, o.s) {
			return
		}
		to := info.Types[rhs].Value.ExactString()
		found = found || !here[to] && (clause.List != nil || others[to])
	})
	return found
}

// flagPasses reports whether a flag that has to be is for the send is set to the other value
// by the statements around the send, before it or right after it. A flag that says that
// something runs is set again where a new channel is made.
func (o *oncePass) flagPasses(e ast.Expr, around ast.Node, is bool) bool {
	info := o.u.Pkg.Info
	flag, ok := patterns.PathOf(info, e)
	if !ok {
		return false
	}
	found := false
	patterns.EachAssignment(around, func(lhs, rhs ast.Expr) {
		p, ok := patterns.PathOf(info, lhs)
		found = found || ok && rhs != nil && p.Key() == flag.Key() && isBool(info, rhs, !is) && setsAround(o.u, lhs, o.s)
	})
	return found && (!is || o.madeAnew(flag.Last()))
}

// madeAnew reports whether each function of the package that sets a flag again gives the
// field of the send's channel a new one with room.
func (o *oncePass) madeAnew(flag *types.Var) bool {
	ch, ok := patterns.PathOf(o.u.Pkg.Info, o.s.Chan)
	if !ok || len(ch.Fields) == 0 || !flag.IsField() {
		return false
	}
	all := o.x.AssignmentsIn(o.u.Pkg)
	makes := func(top *patterns.Unit) bool {
		return slices.ContainsFunc(all[ch.Last()], func(a patterns.Assigned) bool {
			c, ok := ast.Unparen(a.Expr).(*ast.CallExpr)
			return ok && patterns.BuiltinOf(o.u.Pkg.Info, c) == "make" && values.RoomOf(o.x, o.u.Pkg, c) > 0 &&
				patterns.TopOf(o.x.UnitAt(o.u.Pkg, c.Pos())) == top
		})
	}
	return !slices.ContainsFunc(all[flag], func(a patterns.Assigned) bool {
		return a.Expr == nil || !isBool(o.u.Pkg.Info, a.Expr, false) && !makes(patterns.TopOf(o.x.UnitAt(o.u.Pkg, a.Expr.Pos())))
	})
}

// isBool reports whether an expression is the constant is.
func isBool(info *types.Info, e ast.Expr, is bool) bool {
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v) == is
}

// countsDown reports whether a call adds to an atomic counter to which the package only
// ever adds negative constants: it passes zero once.
func (o *oncePass) countsDown(c *ast.CallExpr) bool {
	counter, ok := o.adds(o.u, c)
	if !ok || counter == nil {
		return false
	}
	for _, v := range o.x.UnitsIn(o.u.Pkg) {
		for _, other := range v.Calls() {
			if to, ok := o.adds(v, other); to == counter && !ok {
				return false
			}
		}
	}
	return true
}

// adds returns the atomic counter to which a call adds, and whether that is a negative
// constant.
func (o *oncePass) adds(u *patterns.Unit, c *ast.CallExpr) (counter *types.Var, negative bool) {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || len(c.Args) == 0 {
		return nil, false
	}
	of := patterns.ReceiverOf(c.Fun)
	if fn.Signature().Recv() == nil {
		of = c.Args[0]
	}
	p, _ := patterns.PathOf(u.Pkg.Info, of)
	if strings.HasPrefix(fn.Name(), "Add") {
		v := u.Pkg.Info.Types[c.Args[len(c.Args)-1]].Value
		return p.Last(), v != nil && constant.Sign(v) < 0
	}
	return nil, false
}

// passes reports whether a condition has the value is at most once: it changes what it
// tests, or the statements around the send do so before the send.
func (o *oncePass) passes(cond ast.Expr, around ast.Node, is bool) bool {
	cond = ast.Unparen(cond)
	u, s, info := o.u, o.s, o.u.Pkg.Info
	switch e := cond.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && o.passes(e.X, around, !is)
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND && is || e.Op == token.LOR && !is:
			return o.passes(e.X, around, is) || o.passes(e.Y, around, is)
		case e.Op == token.EQL || e.Op == token.NEQ:
			if c, ok := ast.Unparen(e.X).(*ast.CallExpr); ok && (e.Op == token.EQL) == is && isZero(info, e.Y) && o.countsDown(c) {
				return true
			}
			return setBefore(u, e.X, e.Y, (e.Op == token.EQL) != is, around, s)
		}
	case *ast.CallExpr:
		fn := patterns.CalleeOf(info, e)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" {
			return false
		}
		switch name := fn.Name(); {
		case len(name) >= 14 && name[:14] == "CompareAndSwap":
			return is
		case name == "Swap" && len(e.Args) == 1:
			return !is && isBool(info, e.Args[0], true)
		case name == "Load":
			return !is && setBefore(u, e, nil, false, around, s)
		}
	case *ast.Ident: // ok := x.CompareAndSwap(..)
		if def := u.DefinedOnce(patterns.AsVar(info, e)); def != nil && def.Pos() < s.Pos() {
			return o.passes(def, around, is)
		}
		return o.flagPasses(e, around, is)
	case *ast.SelectorExpr:
		return o.flagPasses(e, around, is)
	}
	return false
}

// isZero reports whether an expression is the constant 0.
func isZero(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Int && constant.Sign(v) == 0
}

// setBefore reports whether a variable that is compared with nil or a constant, or an
// atomic variable that is loaded, is set to another value, or to that one if to is set,
// before the send or right after it.
func setBefore(u *patterns.Unit, tested, with ast.Expr, to bool, around ast.Node, s *ast.SendStmt) bool {
	info := u.Pkg.Info
	tv := info.Types[with]
	if with != nil && !tv.IsNil() && tv.Value == nil {
		return false
	}
	if c, ok := ast.Unparen(tested).(*ast.CallExpr); ok {
		fn := patterns.CalleeOf(info, c)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || fn.Name() != "Load" {
			return false
		}
		return storedBefore(u, patterns.ReceiverOf(c.Fun), around, s)
	}
	p, ok := patterns.PathOf(info, tested)
	if !ok || len(p.Fields) == 0 && !patterns.IsGlobal(p.Root) {
		return false
	}
	found := false
	patterns.EachAssignment(around, func(lhs, rhs ast.Expr) {
		q, ok := patterns.PathOf(info, lhs)
		found = found || ok && q.Key() == p.Key() && rhs != nil && (types.ExprString(rhs) == exprOrNil(with)) == to && setsAround(u, lhs, s)
	})
	return found
}

// setsAround reports whether an assignment comes before a send, or right after it
// while a lock is held: nobody else tests what is assigned in between.
func setsAround(u *patterns.Unit, lhs ast.Expr, s *ast.SendStmt) bool {
	if lhs.Pos() < s.Pos() {
		return true
	}
	after := false
	EachStatement(u, func(st ast.Stmt) {
		as, ok := st.(*ast.AssignStmt)
		after = after || ok && slices.Contains(as.Lhs, lhs) && follows(u, as, s)
	})
	return after && len(locks.HeldAt(u, s)) > 0
}

func exprOrNil(e ast.Expr) string {
	if e == nil {
		return "nil"
	}
	return types.ExprString(e)
}

// storedBefore reports whether an atomic variable is stored to before the send.
func storedBefore(u *patterns.Unit, v ast.Expr, around ast.Node, s *ast.SendStmt) bool {
	found := false
	ast.Inspect(around, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || c.Pos() > s.Pos() {
			return !found
		}
		fn := patterns.CalleeOf(u.Pkg.Info, c)
		recv := patterns.ReceiverOf(c.Fun)
		if fn != nil && recv != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Name() == "Store" {
			found = found || types.ExprString(recv) == types.ExprString(v)
		}
		return !found
	})
	return found
}

// drainedBefore reports whether the statement before a send empties the channel, of one
// value or in a loop of all of them:
//
//	select {
//	case <-ch:
//	default:
//	}
//	ch <- v
func drainedBefore(u *patterns.Unit, s *ast.SendStmt) bool {
	list, at := statements.Around(u.Body, s)
	if at == 0 || list == nil {
		return false
	}
	before := list[at-1]
	if l, ok := before.(*ast.LabeledStmt); ok {
		before = l.Stmt
	}
	if f, ok := before.(*ast.ForStmt); ok && f.Cond == nil && len(f.Body.List) == 1 {
		before = f.Body.List[0]
	}
	sel, ok := before.(*ast.SelectStmt)
	if !ok || !patterns.HasDefault(sel) {
		return false
	}
	for _, c := range sel.Body.List {
		comm, ok := c.(*ast.CommClause).Comm.(*ast.ExprStmt)
		if ok {
			if ch := values.ReceivedFrom(comm.X); ch != nil && types.ExprString(ch) == types.ExprString(s.Chan) {
				return true
			}
		}
	}
	return false
}
