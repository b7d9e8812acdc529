package patterns

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// plenty is a capacity that no program fills by accident.
const plenty = 1000

// room judges whether a send finds room in the channel's buffer. has: it cannot
// wait. weak: it can, but hardly ever does, for the reason given.
func (x *Program) room(u *Unit, s *ast.SendStmt) (has bool, weak string) {
	if x.hasRoom(u, s) || u.fanOut(s) {
		return true, ""
	}
	c := x.flowsOf(u.Pkg).classOf(s.Chan)
	if room, made := x.madeHere(u, s); room > 0 && x.newToOthers(u, s, c) {
		// In a loop: nobody else has the channel yet, so without room the send
		// would never end, and whoever wrote it knows that there is room.
		if n := u.sendsSince(s, made); n <= int(room) || n >= many && !u.passedOn(s, made) {
			return true, ""
		}
	}
	if c == nil || c.Open || len(c.Rooms) == 0 {
		return false, weak
	}
	if x.findsRoom(c, u, s) {
		return true, ""
	}
	if slices.Min(c.Rooms) < 1 {
		return false, weak
	}
	if x.onceEach(c) || x.oneSender(c, u, s) {
		return true, ""
	}
	if n := slices.Min(c.Rooms); n >= plenty {
		weak = fmt.Sprintf("the buffer has room for %d values", n)
	}
	return false, weak
}

// fanOut reports whether a channel is made with as much room as a loop goes
// round, and the send stands in that loop, once, and not in another.
func (u *Unit) fanOut(s *ast.SendStmt) bool {
	top := topOf(u)
	info := u.Pkg.Info
	p, ok := PathOf(info, s.Chan)
	if !ok {
		return false
	}
	var loops []ast.Node
	ast.Inspect(top.Body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if n.Pos() <= s.Pos() && s.Pos() < n.End() {
				loops = append(loops, n)
			}
		}
		return true
	})
	if len(loops) != 1 {
		return false
	}
	rounds := roundsOf(info, loops[0])
	if rounds == "" {
		return false
	}
	sends, room := 0, false
	ast.Inspect(top.Body, func(n ast.Node) bool {
		if o, ok := n.(*ast.SendStmt); ok {
			if q, ok := PathOf(info, o.Chan); ok && q.key() == p.key() {
				sends++
			}
		}
		return true
	})
	eachAssignment(top.Body, func(lhs, rhs ast.Expr) {
		c, ok := rhs.(*ast.CallExpr)
		q, isPath := PathOf(info, lhs)
		if ok && isPath && q.key() == p.key() && BuiltinOf(info, c) == "make" && len(c.Args) == 2 && lhs.Pos() < s.Pos() {
			room = types.ExprString(c.Args[1]) == rounds
		}
	})
	return room && sends == 1
}

// roundsOf says how often a loop goes round, as an expression: n for range n and
// for i := 0; i < n; i++, len(x) for range x.
func roundsOf(info *types.Info, loop ast.Node) string {
	switch l := loop.(type) {
	case *ast.RangeStmt:
		switch t := info.TypeOf(l.X).Underlying().(type) {
		case *types.Basic:
			if t.Info()&types.IsInteger != 0 {
				return types.ExprString(l.X)
			}
		case *types.Slice, *types.Array, *types.Map:
			return "len(" + types.ExprString(l.X) + ")"
		}
	case *ast.ForStmt:
		b, ok := l.Cond.(*ast.BinaryExpr)
		as, isInit := l.Init.(*ast.AssignStmt)
		if ok && isInit && b.Op == token.LSS && len(as.Rhs) == 1 && types.ExprString(as.Rhs[0]) == "0" {
			return types.ExprString(b.Y)
		}
	}
	return ""
}

// newToOthers reports whether nobody else is seen to send on a channel that the
// unit has just made: it is in a field, or in a local variable that is only
// sent on here.
func (x *Program) newToOthers(u *Unit, s *ast.SendStmt, c *flowClass) bool {
	p, _ := PathOf(u.Pkg.Info, s.Chan)
	if len(p.Fields) > 0 {
		return true
	}
	return c != nil && !c.Open && !slices.ContainsFunc(c.Sends, func(o flowUse) bool { return topOf(o.Unit) != topOf(u) && !o.Tried })
}

// passedOn reports whether somebody else may receive from the channel of a send
// before it: it is given to a function or used in a function literal.
func (u *Unit) passedOn(s *ast.SendStmt, made *ast.CallExpr) bool {
	p, _ := PathOf(u.Pkg.Info, s.Chan)
	if len(p.Fields) > 0 || isGlobal(p.Root) {
		return true
	}
	is := func(n ast.Node) bool {
		found := false
		ast.Inspect(n, func(m ast.Node) bool {
			id, ok := m.(*ast.Ident)
			found = found || ok && u.Pkg.Info.Uses[id] == p.Root
			return !found
		})
		return found
	}
	passed := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			passed = passed || made.Pos() < n.Pos() && n.Pos() < s.Pos() && is(n)
		case *ast.CallExpr:
			if made.Pos() < n.Pos() && n.Pos() < s.Pos() && BuiltinOf(u.Pkg.Info, n) == "" {
				for _, a := range n.Args {
					passed = passed || is(a)
				}
			}
		}
		return !passed
	})
	return passed
}

// madeHere returns the capacity of the channel that a send is made on, and the
// call that made it, if that stands in the unit above the send: in the variable
// itself, or in a field that this unit sets.
func (x *Program) madeHere(u *Unit, s *ast.SendStmt) (room int64, made *ast.CallExpr) {
	info := u.Pkg.Info
	p, ok := PathOf(info, s.Chan)
	if !ok {
		return 0, nil
	}
	note := func(e ast.Expr) {
		if c, ok := ast.Unparen(e).(*ast.CallExpr); ok && e.Pos() < s.Pos() && BuiltinOf(info, c) == "make" {
			room, made = x.roomOf(u.Pkg, c), c
		}
	}
	eachAssignment(u.Body, func(lhs, rhs ast.Expr) {
		if q, ok := PathOf(info, lhs); ok && rhs != nil && q.key() == p.key() {
			note(rhs)
		}
	})
	if def := u.DefinedOnce(p.Root); def != nil && len(p.Fields) == 1 && u.Fresh(p.Root) {
		if un, ok := ast.Unparen(def).(*ast.UnaryExpr); ok {
			def = un.X
		}
		if lit, ok := ast.Unparen(def).(*ast.CompositeLit); ok {
			eachElement(info, lit, func(v *types.Var, e ast.Expr) {
				if v != nil && v.Origin() == p.Fields[0] {
					note(e)
				}
			})
		}
	}
	return room, made
}

// sendsSince counts the sends on the channel of s that the unit may make after
// the channel was made.
func (u *Unit) sendsSince(s *ast.SendStmt, made *ast.CallExpr) int {
	p, _ := PathOf(u.Pkg.Info, s.Chan)
	count := sendCount{info: u.Pkg.Info, made: made.Pos(), is: func(e ast.Expr) bool {
		q, ok := PathOf(u.Pkg.Info, e)
		return ok && q.key() == p.key()
	}}
	return count.in(u.Body)
}

// onceEach reports whether no channel of a class ever gets a second value: every
// send closes the channel after it, has taken it out of where it was found
// before, is made to a new channel, or is let through once by a flag.
func (x *Program) onceEach(c *flowClass) bool {
	for _, use := range c.Sends {
		s := use.Node.(*ast.SendStmt)
		list, at := statementsAround(use.Unit.Body, s)
		if list == nil {
			return false
		}
		room, made := x.madeHere(use.Unit, s)
		fresh := made != nil && use.Unit.sendsSince(s, made) <= int(room)
		if !fresh && !closedAfter(use.Unit, s, list[at+1:]) && !x.takenOut(use.Unit, s) && !letThrough(use.Unit, s) && !x.answers(c, use) {
			return false
		}
	}
	return len(c.Sends) > 0
}

// oneSender reports whether a channel is drained before the send, by the only ones
// who send on it: they all hold one lock.
func (x *Program) oneSender(c *flowClass, u *Unit, s *ast.SendStmt) bool {
	held := lockVars(u.HeldAt(s))
	for _, use := range c.Sends {
		o := use.Node.(*ast.SendStmt)
		if use.Tried {
			continue
		}
		held = slices.DeleteFunc(held, func(v *types.Var) bool { return !slices.Contains(lockVars(use.Unit.HeldAt(o)), v) })
		if !drainedBefore(use.Unit, o) {
			return false
		}
	}
	return len(held) > 0 || len(c.Sends) == 1
}

// findsRoom reports whether a send is made only if len(ch) < cap(ch), by one of those
// who all hold one lock when they send.
func (x *Program) findsRoom(c *flowClass, u *Unit, s *ast.SendStmt) bool {
	of := func(e ast.Expr, builtin string) bool {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		return ok && BuiltinOf(u.Pkg.Info, call) == builtin && types.ExprString(call.Args[0]) == types.ExprString(s.Chan)
	}
	asks := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if ok && f.Body.Pos() <= s.Pos() && s.Pos() < f.Body.End() {
			b, ok := ast.Unparen(f.Cond).(*ast.BinaryExpr)
			asks = asks || ok && b.Op == token.LSS && of(b.X, "len") && of(b.Y, "cap")
		}
		return !asks
	})
	held := lockVars(u.HeldAt(s))
	for _, use := range c.Sends {
		held = slices.DeleteFunc(held, func(v *types.Var) bool { return !slices.Contains(lockVars(use.Unit.HeldAt(use.Node)), v) })
	}
	return asks && len(held) > 0
}

// closedAfter reports whether the channel is closed right after the send: a
// second send would panic.
func closedAfter(u *Unit, s *ast.SendStmt, rest []ast.Stmt) bool {
	if len(rest) == 0 {
		return false
	}
	st, ok := rest[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := st.X.(*ast.CallExpr)
	return ok && BuiltinOf(u.Pkg.Info, call) == "close" && types.ExprString(call.Args[0]) == types.ExprString(s.Chan)
}

// letThrough reports whether a flag lets the send through once: the unit returns
// where the flag is set, and sets it before it sends.
func letThrough(u *Unit, s *ast.SendStmt) bool {
	if setsItsTest(u, s) || u.onceOnly(s) {
		return true
	}
	tested := make(map[pathKey]bool)
	through := false
	for _, st := range u.Body.List {
		if st.Pos() <= s.Pos() && s.Pos() < st.End() {
			break
		}
		switch st := st.(type) {
		case *ast.IfStmt:
			p, ok := PathOf(u.Pkg.Info, st.Cond)
			if ok && st.Else == nil && ends(u.Pkg.Info, st.Body) {
				tested[p.key()] = true
			}
		case *ast.AssignStmt:
			for i, l := range st.Lhs {
				if p, ok := PathOf(u.Pkg.Info, l); ok && tested[p.key()] && len(st.Rhs) == len(st.Lhs) {
					through = through || isTrue(u.Pkg.Info, st.Rhs[i])
				}
			}
		}
	}
	return through
}

// setsItsTest reports whether the send stands in if !flag { flag = true; ... }.
func setsItsTest(u *Unit, s *ast.SendStmt) bool {
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		f, ok := n.(*ast.IfStmt)
		if !ok || s.Pos() < f.Body.Pos() || f.Body.End() <= s.Pos() {
			return !found
		}
		not, ok := ast.Unparen(f.Cond).(*ast.UnaryExpr)
		if !ok || not.Op != token.NOT {
			return !found
		}
		flag, ok := PathOf(u.Pkg.Info, not.X)
		eachAssignment(f.Body, func(lhs, rhs ast.Expr) {
			p, isPath := PathOf(u.Pkg.Info, lhs)
			found = found || ok && isPath && isTrue(u.Pkg.Info, rhs) && p.key() == flag.key() && u.setsAround(lhs, s)
		})
		return !found
	})
	return found
}

// isTrue reports whether an expression is a constant that is true.
func isTrue(info *types.Info, e ast.Expr) bool {
	if e == nil {
		return false
	}
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v)
}

// answers reports whether the channels of a class carry one answer each: they
// are made with room by functions that return them to be received from, and the
// package sends in no more places than there is room.
func (x *Program) answers(c *flowClass, use flowUse) bool {
	if len(c.Sends) > int(slices.Min(c.Rooms)) {
		return false
	}
	returned := 0
	f := x.flowsOf(use.Unit.Pkg)
	for _, u := range x.UnitsIn(use.Unit.Pkg) {
		if u.Obj == nil || u.Body == nil {
			continue
		}
		for i := range u.Signature().Results().Len() {
			ch, ok := u.Signature().Results().At(i).Type().Underlying().(*types.Chan)
			if ok && ch.Dir() == types.RecvOnly && f.class(resultNode{u.Obj.Origin(), i}) == c && u.makesOne(f, c) {
				returned++
			}
		}
	}
	return returned > 0 && returned == len(c.Rooms)
}

// makesOne reports whether a channel of the class is made in the unit, for a
// local variable.
func (u *Unit) makesOne(f *objectFlows, c *flowClass) bool {
	found := false
	eachAssignment(u.Body, func(lhs, rhs ast.Expr) {
		if call, ok := rhs.(*ast.CallExpr); ok && BuiltinOf(u.Pkg.Info, call) == "make" {
			id, ok := ast.Unparen(lhs).(*ast.Ident)
			found = found || ok && !isGlobal(asVar(u.Pkg.Info, id)) && f.classOf(call) == c
		}
	})
	return found
}

// hasRoom reports whether a send cannot wait because the channel was made in
// the same function with a buffer for all sends to it: a constant capacity no
// smaller than the number of sends, none of which stands in a loop.
func (x *Program) hasRoom(u *Unit, s *ast.SendStmt) bool {
	id, ok := ast.Unparen(s.Chan).(*ast.Ident)
	if !ok {
		return false
	}
	info := u.Pkg.Info
	v, _ := info.Uses[id].(*types.Var)
	call, ok := u.DefinedOnce(v).(*ast.CallExpr)
	if !ok || BuiltinOf(info, call) != "make" {
		return false
	}
	room := x.roomOf(u.Pkg, call)
	top := topOf(u)
	if room < 1 || top.escapes(v) || sharedToSend(info, top.Body, v) {
		return false
	}
	count := sendCount{info: info, made: call.Pos(), is: func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}}
	return count.in(top.Body) <= int(room)
}

// escapes reports whether a channel variable is used other than to send,
// receive, close, measure or return it, or to pass it on as a channel to receive
// from: then others may send on it.
func (u *Unit) escapes(v *types.Var) bool {
	info := u.Pkg.Info
	fine := make(map[ast.Expr]bool)
	recvOnly := func(t types.Type) bool {
		c, ok := t.Underlying().(*types.Chan)
		return ok && c.Dir() == types.RecvOnly
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			fine[n.Chan] = true
		case *ast.UnaryExpr:
			fine[n.X] = n.Op == token.ARROW
		case *ast.RangeStmt:
			fine[n.X] = true
		case *ast.CallExpr:
			builtin := BuiltinOf(info, n) != ""
			sig, _ := info.TypeOf(n.Fun).(*types.Signature)
			for i, a := range n.Args {
				fine[a] = builtin || sig != nil && !sig.Variadic() && i < sig.Params().Len() && recvOnly(sig.Params().At(i).Type())
			}
		case *ast.ReturnStmt: // whoever gets it sends after this
			for _, r := range n.Results {
				fine[r] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				fine[l] = true
			}
		case *ast.Ident:
			found = found || info.Uses[n] == v && !fine[n]
		}
		return !found
	})
	return found
}

// sharedToSend reports whether a channel variable is passed on, or stored, with
// a type that allows to send on it.
func sharedToSend(info *types.Info, body ast.Node, v *types.Var) bool {
	isV := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == v
	}
	sends := func(t types.Type) bool {
		c, ok := t.Underlying().(*types.Chan)
		return !ok || c.Dir() != types.RecvOnly
	}
	shared := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sig, ok := info.TypeOf(n.Fun).(*types.Signature)
			if !ok || BuiltinOf(info, n) != "" && BuiltinOf(info, n) != "append" {
				return true
			}
			for i, a := range n.Args {
				shared = shared || isV(a) && (i >= sig.Params().Len() || sends(sig.Params().At(i).Type()))
			}
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				shared = shared || isV(r) && len(n.Lhs) == len(n.Rhs) && sends(info.TypeOf(n.Lhs[i]))
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				shared = shared || isV(e)
			}
		case *ast.SendStmt:
			shared = shared || isV(n.Value)
		}
		return !shared
	})
	return shared
}
