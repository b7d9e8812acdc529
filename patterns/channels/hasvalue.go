package channels

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/patterns/values"
)

// HasValue reports whether a receive is made only if len(ch) > 0, and all who receive hold
// one lock, which is held from the test on: nobody takes the value away in between. Or
// whoever takes the last value removes the channel.
func HasValue(x *patterns.Program, u *patterns.Unit, n ast.Node, ch ast.Expr) bool {
	c := values.FlowsOf(x, u.Pkg).ClassOf(ch)
	return c != nil && !c.Open && (taking.alone(x, u, n, ch, c.Receives) || removedIfEmpty(x, c))
}

// removedIfEmpty reports whether all who receive from a channel with a buffer hold one lock,
// and then remove the channel if it is empty: under that lock there are only others.
//
//	v := <-q
//	if len(q) == 0 {
//		delete(b.queues, name)
//	}
func removedIfEmpty(x *patterns.Program, c *values.FlowClass) bool {
	var common []*types.Var
	for i, use := range c.Receives {
		held := locks.Vars(locks.HeldAt(use.Unit, use.Node))
		if i > 0 {
			held = slices.DeleteFunc(held, func(v *types.Var) bool { return !slices.Contains(common, v) })
		}
		if common = held; len(common) == 0 || !removesAfter(use) {
			return false
		}
	}
	return len(common) > 0 && len(c.Rooms) > 0 && !slices.Contains(c.Rooms, 0)
}

// removesAfter reports whether the statements after a receive delete from a map, or call
// something, if the channel is empty.
func removesAfter(use values.FlowUse) (found bool) {
	info := use.Unit.Pkg.Info
	ch := taking.on(use.Node)
	ast.Inspect(use.Unit.Body, func(n ast.Node) bool {
		list := statements.ListOf(n)
		at := slices.IndexFunc(list, func(st ast.Stmt) bool { return st.Pos() <= use.Node.Pos() && use.Node.End() <= st.End() })
		if at < 0 || ch == nil {
			return true
		}
		for _, st := range list[at+1:] {
			f, ok := st.(*ast.IfStmt)
			if !ok || len(f.Body.List) == 0 {
				continue
			}
			b, ok := ast.Unparen(f.Cond).(*ast.BinaryExpr)
			if !ok || b.Op != token.EQL || !isZero(info, b.Y) {
				continue
			}
			c, ok := ast.Unparen(b.X).(*ast.CallExpr)
			found = found || ok && patterns.BuiltinOf(info, c) == "len" && types.ExprString(c.Args[0]) == types.ExprString(ch) && callsIn(f.Body)
		}
		return true
	})
	return found
}

// callsIn reports whether a block has a call for what it does.
func callsIn(b *ast.BlockStmt) bool {
	return slices.ContainsFunc(b.List, func(st ast.Stmt) bool {
		e, ok := st.(*ast.ExprStmt)
		if !ok {
			return false
		}
		_, call := e.X.(*ast.CallExpr)
		return call
	})
}

// findsRoom reports whether a send is made only if len(ch) < cap(ch), and all senders hold
// one lock, which is held from the test on.
func findsRoom(x *patterns.Program, c *values.FlowClass, u *patterns.Unit, s *ast.SendStmt) bool {
	return filling.alone(x, u, s, s.Chan, c.Sends)
}

// An operation is one of the two on a channel that may have to wait.
type operation struct {
	on    func(ast.Node) ast.Expr                            // the channel of such an operation, or nil
	tests func(b *ast.BinaryExpr, t tested, ready bool) bool // whether a comparison that is true says that the channel is ready, or, unless ready is set, that it is not
}

var (
	taking  = operation{func(n ast.Node) ast.Expr { e, _ := n.(ast.Expr); return values.ReceivedFrom(e) }, testsLength}
	filling = operation{func(n ast.Node) ast.Expr {
		if s, ok := n.(*ast.SendStmt); ok {
			return s.Chan
		}
		return nil
	}, testsRoom}
)

// A tested is an operation in a unit, or a call that leads to one, and the channel.
type tested struct {
	u    *patterns.Unit
	n    ast.Node
	isCh func(ast.Expr) bool
}

// alone reports whether an operation is made only after a test that it will not wait, and all
// who make such operations hold one lock, which is held from the test on.
func (o operation) alone(x *patterns.Program, u *patterns.Unit, n ast.Node, ch ast.Expr, all []values.FlowUse) bool {
	name := types.ExprString(ch)
	t := tested{u, n, func(e ast.Expr) bool { return types.ExprString(e) == name }}
	held := o.lockedSince(x, t)
	if held == nil {
		held = o.lockedByCallers(x, t, ch)
	}
	return slices.ContainsFunc(held, func(lock *types.Var) bool {
		return !slices.ContainsFunc(all, func(use values.FlowUse) bool {
			return use.Node != n && !slices.Contains(locks.Vars(locks.HeldAt(use.Unit, use.Node)), lock) && !slices.Contains(heldByCallers(x, use.Unit), lock)
		})
	})
}

// lockedSince lists the locks that are held from the test to the operation, by the unit or by
// all of its callers, so that nobody else has any of them; nil if there is no test.
func (o operation) lockedSince(x *patterns.Program, t tested) (held []*types.Var) {
	test := o.testBefore(t)
	if test == nil {
		return nil
	}
	held = heldByCallers(x, t.u)
	for _, s := range locks.SectionsOfUnit(x, t.u) {
		if s.LockVar() != nil && s.Mode == patterns.Exclusive && s.Problem == "" && s.CoversPos(test.Pos()) && s.CoversPos(t.n.Pos()) {
			held = append(held, s.LockVar())
		}
	}
	return held
}

// lockedByCallers is lockedSince for an operation that the unit makes once, after a test in
// each function that calls it.
func (o operation) lockedByCallers(x *patterns.Program, t tested, ch ast.Expr) (held []*types.Var) {
	held = heldByCallers(x, t.u)
	p, ok := patterns.PathOf(t.u.Pkg.Info, ch)
	if len(held) == 0 || !ok || t.u.Obj == nil || guards.InInterface(x, t.u) || o.count(t.u.Body, t) != 1 {
		return nil
	}
	calls, open := guards.CallersOf(x, t.u)
	if open || len(calls) == 0 {
		return nil
	}
	for _, c := range calls {
		q := values.Lift(c.Unit, t.u, p, c.Call)
		since := o.lockedSince(x, tested{c.Unit, c.Call, func(e ast.Expr) bool {
			r, ok := patterns.PathOf(c.Unit.Pkg.Info, e)
			return ok && q.Root != nil && r.Key() == q.Key()
		}})
		held = slices.DeleteFunc(held, func(v *types.Var) bool { return !slices.Contains(since, v) })
	}
	return held
}

// heldByCallers lists the mutexes that all callers of a unit hold, and that it does not
// release meanwhile.
func heldByCallers(x *patterns.Program, u *patterns.Unit) []*types.Var {
	return slices.DeleteFunc(slices.Clone(guards.IndexOf(x, u.Pkg).Entry[u]), func(v *types.Var) bool {
		return types.TypeString(v.Type(), nil) != "sync.Mutex" || len(locks.Effects.Of(u)) > 0
	})
}

// testBefore returns the condition around the operation, or before it where the function
// ends otherwise, that finds the channel ready for this one operation; nil if there is none.
func (o operation) testBefore(t tested) (test ast.Expr) {
	in := func(b ast.Node) bool { return b.Pos() <= t.n.Pos() && t.n.Pos() < b.End() }
	note := func(cond ast.Expr, ready bool, users ...ast.Stmt) {
		count := 0
		for _, st := range users {
			count += o.count(st, t)
		}
		if cond != nil && count == 1 && o.says(cond, t, ready) {
			test = cond
		}
	}
	ast.Inspect(t.u.Body, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ForStmt:
			if in(m.Body) {
				note(m.Cond, true, m.Body)
			}
		case *ast.IfStmt:
			list, at := statements.Around(t.u.Body, m)
			after := slices.IndexFunc(list, func(st ast.Stmt) bool { return in(st) })
			switch {
			case in(m.Body):
				note(m.Cond, true, m.Body)
			case m.Else == nil && at < after && statements.Ends(t.u.Pkg.Info, m.Body):
				note(m.Cond, false, list[at+1:after+1]...)
			}
		}
		return true
	})
	return test
}

// count counts the operations in a statement; those in a loop may be many.
func (o operation) count(st ast.Stmt, t tested) (count int) {
	ast.Inspect(st, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.ForStmt:
			count += many * o.count(m.Body, t)
			return false
		case *ast.RangeStmt:
			count += many * o.count(m.Body, t)
			return false
		case nil:
		default:
			ch := o.on(m)
			if m == t.n || ch != nil && t.isCh(ch) {
				count++
			}
		}
		return true
	})
	return count
}

// says reports whether a condition that is true says that the channel is ready, or, unless
// ready is set, one that is false.
func (o operation) says(cond ast.Expr, t tested, ready bool) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return false
	}
	if ready && b.Op == token.LAND || !ready && b.Op == token.LOR {
		return o.says(b.X, t, ready) || o.says(b.Y, t, ready)
	}
	return o.tests(b, t, ready)
}

// mirrored are the comparisons that say the same of the operands the other way round, where
// they are not the same themselves.
var mirrored = map[token.Token]token.Token{token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ}

// testsLength is for receives: is len(ch) compared with 0 or 1?
func testsLength(b *ast.BinaryExpr, t tested, ready bool) bool {
	x, op, y := b.X, b.Op, b.Y
	if tv := t.u.Pkg.Info.Types[x]; tv.Value != nil {
		x, y = y, x
		if m, ok := mirrored[op]; ok {
			op = m
		}
	}
	val := t.u.Pkg.Info.Types[y].Value
	if !t.asks(x, "len") || val == nil {
		return false
	}
	zero, one := val.ExactString() == "0", val.ExactString() == "1"
	if ready {
		return zero && (op == token.GTR || op == token.NEQ) || one && op == token.GEQ
	}
	return zero && (op == token.EQL || op == token.LEQ) || one && op == token.LSS
}

// testsRoom is for sends: is len(ch) compared with cap(ch)?
func testsRoom(b *ast.BinaryExpr, t tested, ready bool) bool {
	op := b.Op
	if t.asks(b.X, "cap") && t.asks(b.Y, "len") {
		if m, ok := mirrored[op]; ok {
			op = m
		}
	} else if !t.asks(b.X, "len") || !t.asks(b.Y, "cap") {
		return false
	}
	if ready {
		return op == token.LSS || op == token.NEQ
	}
	return op == token.GEQ || op == token.EQL
}

// asks reports whether an expression is a builtin function of the channel.
func (t tested) asks(e ast.Expr, builtin string) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && patterns.BuiltinOf(t.u.Pkg.Info, call) == builtin && t.isCh(call.Args[0])
}
