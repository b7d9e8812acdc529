package deadlock

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// An armKind says what a receive in a select waits for.
type armKind int

const (
	armOther    armKind = iota
	armTimer            // time
	armContext          // the end of a context that the caller passes, or that another object holds
	armLifetime         // the end of the object that has the lock, or of the program
	armNever            // a channel that nobody closes or sends on
)

// arm judges a receive in a select by what ends it.
func (s *needSearch) arm(u *patterns.Unit, ch ast.Expr) armKind {
	if isTimer(u.Pkg.Info, ch) {
		return armTimer
	}
	if call, ok := ast.Unparen(ch).(*ast.CallExpr); ok {
		if isDone(u.Pkg.Info, ch) {
			return s.contextArm(u, patterns.ReceiverOf(call.Fun))
		}
		return armOther
	}
	if c := values.FlowsOf(s.x, u.Pkg).ClassOf(ch); c != nil && !c.Open && len(c.Sends)+len(c.Closes) == 0 {
		return armNever
	}
	if s.endsObject(u, ch) {
		return armLifetime
	}
	return armOther
}

// contextArm judges a wait for the end of a context.
func (s *needSearch) contextArm(u *patterns.Unit, ctx ast.Expr) armKind {
	p, ok := patterns.PathOf(u.Pkg.Info, ctx)
	switch {
	case !ok:
		return armOther
	case len(p.Fields) > 0 || patterns.IsGlobal(p.Root):
		switch {
		case s.cancelsContext(u, p.Last()):
			return armOther
		case !s.ofHolder(p):
			return armContext
		}
		return armLifetime
	}
	if made, ok := ast.Unparen(u.DefinedOnce(p.Root)).(*ast.CallExpr); ok {
		if fn := patterns.CalleeOf(u.Pkg.Info, made); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "context" {
			return armContext
		}
		return armOther
	}
	if timed := contextMaker(u, p.Root); timed == "context.WithTimeout" || timed == "context.WithDeadline" {
		return armTimer
	} else if timed != "" {
		return armOther // any holder of the cancel function ends it
	}
	for o := u; o != nil; o = o.Outer {
		if values.ParamIndex(o.Signature(), p.Root) >= 0 {
			return armContext
		}
	}
	return armOther
}

// isDone reports whether an expression is the channel that a context closes.
func isDone(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := patterns.CalleeOf(info, call)
	return fn != nil && fn.FullName() == "(context.Context).Done"
}

// endsWithContext reports whether a select has a case for the end of a context other than
// the lock holder's own.
func (s *needSearch) endsWithContext(u *patterns.Unit, sel *ast.SelectStmt) bool {
	return slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool {
		ch := receivedIn(c.(*ast.CommClause))
		return ch != nil && isDone(u.Pkg.Info, ch) && s.arm(u, ch) == armContext
	})
}

// receivedIn returns the channel that a case of a select receives from, or nil.
func receivedIn(c *ast.CommClause) ast.Expr {
	switch comm := c.Comm.(type) {
	case *ast.ExprStmt:
		return values.ReceivedFrom(comm.X)
	case *ast.AssignStmt:
		return values.ReceivedFrom(comm.Rhs[0])
	}
	return nil
}

// afterContext reports whether a place of the unit is reached only after the end of a
// context, in a case of a select for that.
func afterContext(u *patterns.Unit, pos token.Pos) bool {
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CommClause); ok && c.Colon < pos && pos < c.End() {
			ch := receivedIn(c)
			found = found || ch != nil && isDone(u.Pkg.Info, ch)
		}
		return !found
	})
	return found
}

// contextMaker returns the name of the function of package context that makes a
// local variable together with its cancel function.
func contextMaker(u *patterns.Unit, v *types.Var) string {
	name := ""
	ast.Inspect(patterns.TopOf(u).Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 || len(as.Lhs) != 2 {
			return true
		}
		id, isIdent := as.Lhs[0].(*ast.Ident)
		call, isCall := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
		if isIdent && isCall && u.Pkg.Info.ObjectOf(id) == v {
			if fn := patterns.CalleeOf(u.Pkg.Info, call); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "context" {
				name = fn.FullName()
			}
		}
		return true
	})
	return name
}

// cancelsContext reports whether the section, before it waits, calls the cancel function of
// a context held in a field or package-level variable.
func (s *needSearch) cancelsContext(u *patterns.Unit, ctx *types.Var) bool {
	info := u.Pkg.Info
	var cancels []*types.Var
	for _, f := range u.Pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
				return true
			}
			p, isPath := patterns.PathOf(info, as.Lhs[0])
			q, isCancel := patterns.PathOf(info, as.Lhs[1])
			if isPath && isCancel && p.Last() == ctx {
				cancels = append(cancels, q.Last())
			}
			return true
		})
	}
	h := s.holder
	return slices.ContainsFunc(h.Unit.Calls(), func(c *ast.CallExpr) bool {
		p, ok := patterns.PathOf(info, c.Fun)
		return ok && h.CoversPos(c.Pos()) && c.Pos() < s.op.Pos() && slices.Contains(cancels, p.Last())
	})
}

// ofHolder reports whether a path begins with the object that has the lock, or with a
// package-level variable. What belongs to another object may end earlier.
func (s *needSearch) ofHolder(p patterns.Path) bool {
	return s.chain > 0 || patterns.IsGlobal(p.Root) || waits.LiftAll(s.holder.Unit, s.op, p).Root == s.holder.Lock.Root
}

// endsObject reports whether a channel carries no values and is only closed by methods that
// end the object with the lock, not by anything that the object does in its life.
func (s *needSearch) endsObject(u *patterns.Unit, ch ast.Expr) bool {
	p, ok := patterns.PathOf(u.Pkg.Info, ch)
	if !ok || len(p.Fields) == 0 && !patterns.IsGlobal(p.Root) {
		return false
	}
	if !s.ofHolder(p) {
		return false
	}
	c := values.FlowsOf(s.x, u.Pkg).ClassOf(ch)
	if c == nil || c.Open || len(c.Sends) > 0 || len(c.Closes) == 0 {
		return false
	}
	for _, use := range c.Closes {
		if use.Unit == s.holder.Unit || use.Unit == u || use.Deferred || use.Unit.StartsGoroutine() {
			return false
		}
		top := patterns.TopOf(use.Unit)
		if top.Obj == nil {
			return false
		}
		callers, _ := guards.CallersOf(s.x, top)
		if slices.ContainsFunc(callers, func(k guards.Caller) bool { return k.Spawned || k.Unit == s.holder.Unit }) {
			return false
		}
	}
	return true
}

// closed judges a read from a connection, or a wait for one: closing must not need the lock.
// In an endless loop only that ends the wait. Elsewhere what comes from outside may, unless
// it is the answer to something that the section has sent, for which it is meant to wait.
func (s *needSearch) closed(u *patterns.Unit, c *ast.CallExpr, conn ast.Expr) *finding.Deadlock {
	if conn == nil {
		return nil
	}
	p, ok := patterns.PathOf(u.Pkg.Info, conn)
	if !ok || len(p.Fields) == 0 || p.Last().Exported() {
		return nil
	}
	forEver := s.forEver(u, c)
	if !forEver && s.usedBefore(u, c, p.Last()) {
		return nil
	}
	v := p.Last()
	var closes []values.FlowUse
	for _, w := range s.x.UnitsIn(u.Pkg) {
		for _, k := range w.Calls() {
			inner, ok := ast.Unparen(k.Fun).(*ast.SelectorExpr)
			if !ok {
				continue
			}
			q, ok := patterns.PathOf(u.Pkg.Info, inner.X)
			same := ok && q.Last() == v
			switch inner.Sel.Name {
			case "SetDeadline", "SetReadDeadline":
				if same || !forEver { // perhaps before it was stored
					return nil
				}
			case "Close":
				if same && w != u && w != s.holder.Unit {
					closes = append(closes, values.FlowUse{Unit: w, Node: k, Path: q})
				}
			}
		}
	}
	d := s.every(u, p, closes)
	if d != nil && !forEver {
		addDoubt(d, "unless something comes in first")
	}
	return d
}

// readBy returns the connection that a called function reads, or nil: io.ReadFull(conn, b).
func (s *needSearch) readBy(u *patterns.Unit, c *ast.CallExpr) ast.Expr {
	fn := patterns.CalleeOf(u.Pkg.Info, c)
	if fn == nil {
		return nil
	}
	for _, v := range s.x.Table().Via(s.x.KeyOf(fn)) {
		if of := v.Arg.Of(c); len(of) == 1 && v.Arg.Method == "Read" {
			return of[0]
		}
	}
	return nil
}

// usedBefore reports whether the section's function, or the one that waits, uses what a
// variable holds before the wait.
func (s *needSearch) usedBefore(u *patterns.Unit, wait *ast.CallExpr, v *types.Var) bool {
	uses, _ := s.usesOf(u.Pkg, v)
	return slices.ContainsFunc(uses, func(use values.FlowUse) bool {
		return use.Unit == u && use.Node.Pos() < wait.Pos() || use.Unit == s.holder.Unit && use.Node.Pos() < s.op.Pos()
	})
}

// forEver reports whether a call is in a loop without a condition that runs in the section.
func (s *needSearch) forEver(u *patterns.Unit, c *ast.CallExpr) bool {
	endless := func(v *patterns.Unit, n ast.Node) bool {
		found := false
		ast.Inspect(v.Body, func(m ast.Node) bool {
			if l, ok := m.(*ast.ForStmt); ok && l.Cond == nil && l.Body.Pos() <= n.Pos() && n.Pos() < l.Body.End() {
				at := s.holder.Pos()
				found = found || v != s.holder.Unit || at < l.Pos() || l.End() <= at
			}
			return !found
		})
		return found
	}
	return endless(u, c) || u != s.holder.Unit && endless(s.holder.Unit, s.op.Node)
}
