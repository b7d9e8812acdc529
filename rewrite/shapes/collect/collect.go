// Package collect collects calls between guarded statements and makes them after the
// lock is released.
package collect

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// newCollection finds the actions of a section. It refuses if something that waits is not
// such a statement, or must come before what follows it.
func newCollection(s *site.Site) (*collection, *safety.Refusal) {
	c := &collection{Window: &move.Window{Site: s, Pre: s.Body}, effects: make(map[*patterns.Unit]*effects)}
	var stmts []ast.Stmt
	for _, o := range s.Finding.Ops {
		st, refusal := actionStmt(s, o)
		if refusal != nil {
			return nil, refusal
		}
		if i := slices.Index(stmts, st); i >= 0 {
			c.Actions[i].Ops = append(c.Actions[i].Ops, o)
			continue
		}
		stmts = append(stmts, st)
		c.Actions = append(c.Actions, &action{Stmt: st, Ops: []*waits.Op{o}, Rest: s.Section.After(st), values: make(map[ast.Expr]ast.Expr)})
	}
	for _, a := range c.Actions {
		if refusal := c.takes(a); refusal != nil {
			return nil, refusal
		}
	}
	if refusal := worthCollecting(s, c.Actions); refusal != nil {
		return nil, refusal
	}
	c.Stmts = stmts
	c.PreTouches, c.PostTouches = behaviour.Touches(s, syntax.StmtNodes(s.Body)...), &site.Touches{}
	c.Derived = behaviour.Derived(s, s.Body)
	c.Touches = &site.Touches{}
	for _, a := range c.Actions {
		c.Touches.Add(c.touchedBy(a))
	}
	return c, nil
}

// worthCollecting refuses sections with nothing to decide: every path reaches the action,
// or nothing is guarded.
func worthCollecting(s *site.Site, actions []*action) *safety.Refusal {
	for _, a := range actions {
		if slices.Contains(s.Body, a.Stmt) {
			return safety.Inapplicable(a.Stmt.Pos(), "%s is made in any case, so there is nothing to decide first", a.text())
		}
		if o := s.InnerLockAt(a.Stmt); o != nil {
			return safety.Refuse(safety.S1, "second-lock", a.Stmt.Pos(), "%s is held as well, and the call would no longer be made under it", o.Lock)
		}
	}
	if behaviour.Touches(s, syntax.StmtNodes(s.Body)...).Guarded() == nil {
		return safety.Refuse(safety.S9, "guards-the-wait", s.Lock.Pos(), "nothing that the section uses looks guarded, so the lock seems to protect the wait itself")
	}
	return nil
}

// actionStmt returns the statement that consists of an operation.
func actionStmt(s *site.Site, o *waits.Op) (ast.Stmt, *safety.Refusal) {
	if o.Effect == blocking.EffectWait && len(o.Path) == 0 && !isSleep(o) {
		return nil, safety.Refuse(safety.S3, "code-after", o.Pos(), "the code after %s may rely on the wait being over", o.Call())
	}
	if s.IndexOf(o.Node) < 0 {
		return nil, safety.Refuse(safety.S15, "not-in-section", o.Pos(), "%s is not among the statements of the section", o.Call())
	}
	st, ok := o.Node.(ast.Stmt)
	if !ok {
		st, ok = s.Parents[o.Node].(*ast.ExprStmt)
	}
	if _, send := o.Node.(*ast.SendStmt); !ok || o.Deferred || !send && s.Parents[o.Node] != ast.Node(st) {
		return nil, safety.Refuse(safety.S3, "result-used", o.Pos(), "%s is part of a larger statement, and the code after it may depend on its result", o.Call())
	}
	if s.ListOf(st) == nil {
		return nil, safety.Refuse(safety.S3, "not-in-list", o.Pos(), "%s is not in a plain list of statements", o.Call())
	}
	if s.InLiteral(st) {
		return nil, safety.Refuse(safety.S3, "in-literal", o.Pos(), "%s is inside a function literal", o.Call())
	}
	return st, nil
}

// takes finds what has to be kept for an action until it runs.
func (c *collection) takes(a *action) *safety.Refusal {
	switch st := a.Stmt.(type) {
	case *ast.SendStmt:
		a.targets, a.args = []ast.Expr{st.Chan}, []ast.Expr{st.Value}
	case *ast.ExprStmt:
		a.call = ast.Unparen(st.X).(*ast.CallExpr)
		a.args = a.call.Args
		if x, refusal := c.calledOn(a); refusal != nil {
			return refusal
		} else if x != nil {
			a.targets = []ast.Expr{x}
		}
	}
	for _, e := range slices.Concat(a.targets, a.args) {
		if refusal := c.take(a, e); refusal != nil {
			return refusal
		}
	}
	if a.sleeps() {
		a.Takes = a.args
	}
	return nil
}

// calledOn returns what a call evaluates to find the function: the receiver, or the
// function value. It is nil for a function called by name.
func (c *collection) calledOn(a *action) (ast.Expr, *safety.Refusal) {
	fun := ast.Unparen(a.call.Fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		m := c.Info.Selections[sel]
		if m == nil {
			if _, isVar := c.Info.Uses[sel.Sel].(*types.Var); isVar {
				return sel, nil
			}
			return nil, nil // of another package
		}
		if m.Kind() != types.MethodVal {
			return sel, nil // a field that holds a function
		}
		_, ptrRecv := m.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
		if _, ptr := c.Info.TypeOf(sel.X).Underlying().(*types.Pointer); ptrRecv && !ptr && !m.Indirect() && !c.settled(a, sel.X) {
			return nil, safety.Refuse(safety.S2, "receiver-changes", sel.Pos(), "%s is called on a value that may change before the call is made", types.ExprString(sel))
		}
		return sel.X, nil
	}
	if patterns.CalleeOf(c.Info, a.call) != nil || c.Info.Types[fun].IsBuiltin() {
		return nil, nil
	}
	return fun, nil
}

// take notes that an expression has to be evaluated at the action's original place.
func (c *collection) take(a *action, e ast.Expr) *safety.Refusal {
	if c.settled(a, e) {
		return nil
	}
	if value := c.copied(a, e); value != nil {
		a.values[e] = value
		a.keep(value)
		return nil
	}
	refusal := syntax.First(e, func(lit *ast.FuncLit) *safety.Refusal {
		return safety.Refuse(safety.S1, "literal-runs-later", lit.Pos(), "the call gets a function literal, which would run later than it does now")
	})
	if refusal != nil {
		return refusal
	}
	if c.Waits(e) {
		return safety.Refuse(safety.S8, "argument-waits", e.Pos(), "%s also waits, before the call is made", types.ExprString(e))
	}
	for _, x := range guards.AccessesIn(c.Unit, e) {
		if t := behaviour.Classify(c.Window.Site, x, nil); t != nil && t.Access.Kind.Changes() {
			return safety.Refuse(safety.S2, "shares-guarded", e.Pos(), "%s gives the call access to %s itself", types.ExprString(e), t.Name())
		}
	}
	if root := c.object(e); root != nil {
		e = root
	}
	a.keep(e)
	return nil
}

// keep adds an expression to what an action takes.
func (a *action) keep(e ast.Expr) {
	if !slices.ContainsFunc(a.Takes, func(o ast.Expr) bool { return types.ExprString(o) == types.ExprString(e) }) {
		a.Takes = append(a.Takes, e)
	}
}

// object returns the local variable through which e is reached, if keeping that
// is as good as keeping the value: the fields in between never change.
func (c *collection) object(e ast.Expr) ast.Expr {
	p, ok := patterns.PathOf(c.Info, e)
	if !ok || len(p.Fields) == 0 || !c.OfBody(p.Root) || len(behaviour.Touches(c.Window.Site, e).List) > 0 {
		return nil
	}
	if _, ptr := p.Root.Type().Underlying().(*types.Pointer); !ptr {
		return nil
	}
	id, _ := syntax.RootIdent(e)
	return id
}

// settled reports whether an expression has the same value after the section as at the
// action's place, and can be evaluated there: it is made of constants, variables from
// outside the section that are not assigned after the action, and fields that never change.
func (c *collection) settled(a *action, e ast.Expr) bool {
	if tv := c.Info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() || emptyStruct(c.Info, e) {
		return true
	}
	settled := len(behaviour.Touches(c.Window.Site, e).List) == 0
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.UnaryExpr, *ast.CompositeLit, *ast.FuncLit, *ast.TypeAssertExpr:
			settled = false
		case *ast.CallExpr:
			settled = settled && c.Info.Types[n.Fun].IsType()
		case *ast.Ident:
			v, ok := c.Info.Uses[n].(*types.Var)
			settled = settled && !(ok && !v.IsField() && (c.OfBody(v) || c.IsResult(v) || c.assignedAfter(a, v)))
		}
		return settled
	})
	return settled
}

// emptyStruct reports whether an expression is a literal of a struct type without fields.
func emptyStruct(info *types.Info, e ast.Expr) bool {
	lit, ok := e.(*ast.CompositeLit)
	if !ok || len(lit.Elts) > 0 {
		return false
	}
	st, ok := info.TypeOf(e).Underlying().(*types.Struct)
	return ok && st.NumFields() == 0
}

// touchedBy lists what an action uses when it runs: what it takes is evaluated
// before.
func (c *collection) touchedBy(a *action) *site.Touches {
	out := &site.Touches{}
	for _, x := range guards.AccessesIn(c.Unit, a.Stmt) {
		if !a.taken(x.Node) {
			if t := behaviour.Classify(c.Window.Site, x, nil); t != nil {
				out.List = append(out.List, t)
			}
		}
	}
	ast.Inspect(a.Stmt, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && a.taken(e) {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			out.Add(behaviour.CallTouches(c.Window.Site, c.Unit, call))
		}
		return true
	})
	return out
}

// Plan plans the shape for a section.
func Plan(s *site.Site) (*plan.Plan, *safety.Refusal) {
	c, refusal := newCollection(s)
	if refusal != nil {
		return nil, refusal
	}
	if _, refusal := c.prove(); refusal != nil {
		return nil, refusal
	}
	ops, refusal := c.ops()
	if refusal != nil {
		return nil, refusal
	}
	return &plan.Plan{
		Title:       "Make the call once " + s.Section.Lock.String() + " is released",
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		OnRequest:   c.mixed,
		Obligations: c.Obligations(),
	}, nil
}
