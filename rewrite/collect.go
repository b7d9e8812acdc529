package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// An Action is a statement of a section that waits, and that is to run once the
// lock is released: a call whose results are not used, or a send. What it needs
// is evaluated where it stands, as before.
type Action struct {
	Stmt  ast.Stmt // an *ast.ExprStmt or *ast.SendStmt in a plain list
	Ops   []*patterns.Op
	Takes []ast.Expr // what has to be kept until it runs, in source order
	Rest  patterns.Rest

	call    *ast.CallExpr // nil for a send
	targets []ast.Expr    // what is called or sent on
	args    []ast.Expr
	values  map[ast.Expr]ast.Expr // of arguments that are addresses: the value that is kept for it
	later   *[]*change            // memo of laterChanges
}

// A Collection is the window of a collect: actions that are decided on under
// the lock and carried out after its release.
type Collection struct {
	*Window
	Actions []*Action // in source order, at least one

	effects map[*patterns.Unit]*effects
	storage *storage.Scope // memo of scope
}

// Collect finds the actions of a section. It refuses if something waits that is
// no such statement, or that must come before what follows it.
func (s *Site) Collect() (*Collection, *Refusal) {
	c := &Collection{Window: &Window{Site: s, Pre: s.Body}, effects: make(map[*patterns.Unit]*effects)}
	var stmts []ast.Stmt
	for _, o := range s.Finding.Ops {
		st, refusal := s.actionStmt(o)
		if refusal != nil {
			return nil, refusal
		}
		if i := slices.Index(stmts, st); i >= 0 {
			c.Actions[i].Ops = append(c.Actions[i].Ops, o)
			continue
		}
		stmts = append(stmts, st)
		c.Actions = append(c.Actions, &Action{Stmt: st, Ops: []*patterns.Op{o}, Rest: s.Section.After(st), values: make(map[ast.Expr]ast.Expr)})
	}
	for _, a := range c.Actions {
		if refusal := c.takes(a); refusal != nil {
			return nil, refusal
		}
	}
	if refusal := s.worthCollecting(c.Actions); refusal != nil {
		return nil, refusal
	}
	c.Stmts = stmts
	c.pre, c.post = s.touches(stmtNodes(s.Body)...), &touched{}
	c.derived = s.derived(s.Body)
	c.in = &touched{}
	for _, a := range c.Actions {
		c.in.add(c.touchedBy(a))
	}
	return c, nil
}

// worthCollecting refuses sections in which there is nothing to decide: every
// path comes to the action, or nothing is guarded.
func (s *Site) worthCollecting(actions []*Action) *Refusal {
	for _, a := range actions {
		if slices.Contains(s.Body, a.Stmt) {
			return Inapplicable(a.Stmt.Pos(), "%s is made in any case, so there is nothing to decide first", a.text())
		}
		if o := s.innerLockAt(a.Stmt); o != nil {
			return Refuse(S1, "second-lock", a.Stmt.Pos(), "%s is held as well, and the call would no longer be made under it", o.Lock)
		}
	}
	if s.touches(stmtNodes(s.Body)...).guarded() == nil {
		return Refuse(S9, "guards-the-wait", s.Lock.Pos(), "nothing that the section uses looks guarded, so the lock seems to protect the wait itself")
	}
	return nil
}

// actionStmt returns the statement that an operation is.
func (s *Site) actionStmt(o *patterns.Op) (ast.Stmt, *Refusal) {
	if o.Effect == patterns.EffectWait && len(o.Path) == 0 {
		return nil, Refuse(S3, "code-after", o.Pos(), "the code after %s may rely on the wait being over", o.Call())
	}
	if s.indexOf(o.Node) < 0 {
		return nil, Refuse(S15, "not-in-section", o.Pos(), "%s is not among the statements of the section", o.Call())
	}
	st, ok := o.Node.(ast.Stmt)
	if !ok {
		st, ok = s.parents[o.Node].(*ast.ExprStmt)
	}
	if _, send := o.Node.(*ast.SendStmt); !ok || o.Deferred || !send && s.parents[o.Node] != ast.Node(st) {
		return nil, Refuse(S3, "result-used", o.Pos(), "%s is part of a larger statement, and the code after it may depend on its result", o.Call())
	}
	if s.listOf(st) == nil {
		return nil, Refuse(S3, "not-in-list", o.Pos(), "%s is not in a plain list of statements", o.Call())
	}
	for n := ast.Node(st); n != nil; n = s.parents[n] {
		if _, lit := n.(*ast.FuncLit); lit {
			return nil, Refuse(S3, "in-literal", o.Pos(), "%s is inside a function literal", o.Call())
		}
	}
	return st, nil
}

// takes finds what has to be kept for an action until it runs.
func (c *Collection) takes(a *Action) *Refusal {
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
	return nil
}

// calledOn returns what a call evaluates to find the function: the receiver, or
// the function value. It is nil for a function that is named directly.
func (c *Collection) calledOn(a *Action) (ast.Expr, *Refusal) {
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
			return nil, Refuse(S2, "receiver-changes", sel.Pos(), "%s is called on a value that may change before the call is made", types.ExprString(sel))
		}
		return sel.X, nil
	}
	if patterns.CalleeOf(c.Info, a.call) != nil || c.Info.Types[fun].IsBuiltin() {
		return nil, nil
	}
	return fun, nil
}

// take notes that an expression has to be evaluated where the action stands.
func (c *Collection) take(a *Action, e ast.Expr) *Refusal {
	if c.settled(a, e) {
		return nil
	}
	if value := c.copied(a, e); value != nil {
		a.values[e] = value
		a.keep(value)
		return nil
	}
	var refusal *Refusal
	ast.Inspect(e, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit && refusal == nil {
			refusal = Refuse(S1, "literal-runs-later", n.Pos(), "the call gets a function literal, which would run later than it does now")
		}
		return refusal == nil
	})
	if refusal != nil {
		return refusal
	}
	if c.waits(e) {
		return Refuse(S8, "argument-waits", e.Pos(), "%s also waits, before the call is made", types.ExprString(e))
	}
	for _, x := range c.Unit.AccessesIn(e) {
		if t := c.classify(x, nil); t != nil && t.access.Kind.Changes() {
			return Refuse(S2, "shares-guarded", e.Pos(), "%s gives the call access to %s itself", types.ExprString(e), t.name())
		}
	}
	if root := c.object(e); root != nil {
		e = root
	}
	a.keep(e)
	return nil
}

// keep adds an expression to what an action takes.
func (a *Action) keep(e ast.Expr) {
	if !slices.ContainsFunc(a.Takes, func(o ast.Expr) bool { return types.ExprString(o) == types.ExprString(e) }) {
		a.Takes = append(a.Takes, e)
	}
}

// object returns the local variable through which e is reached, if keeping that
// is as good as keeping the value: the fields in between never change.
func (c *Collection) object(e ast.Expr) ast.Expr {
	p, ok := patterns.PathOf(c.Info, e)
	if !ok || len(p.Fields) == 0 || !c.ofBody(p.Root) || len(c.touches(e).touches) > 0 {
		return nil
	}
	if _, ptr := p.Root.Type().Underlying().(*types.Pointer); !ptr {
		return nil
	}
	id, _ := rootIdent(e)
	return id
}

// ofBody reports whether a variable is declared by a statement of the section.
func (s *Site) ofBody(v *types.Var) bool {
	return v != nil && !v.IsField() && len(s.Body) > 0 && s.Body[0].Pos() <= v.Pos() && v.Pos() < s.Body[len(s.Body)-1].End()
}

// settled reports whether an expression has the same value once the section is
// over as where the action stands, and can be evaluated there: it is made of
// constants, variables from outside of the section that nothing assigns after
// the action, and fields that never change.
func (c *Collection) settled(a *Action, e ast.Expr) bool {
	if tv := c.Info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() || emptyStruct(c.Info, e) {
		return true
	}
	settled := len(c.touches(e).touches) == 0
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.UnaryExpr, *ast.CompositeLit, *ast.FuncLit, *ast.TypeAssertExpr:
			settled = false
		case *ast.CallExpr:
			settled = settled && c.Info.Types[n.Fun].IsType()
		case *ast.Ident:
			v, ok := c.Info.Uses[n].(*types.Var)
			settled = settled && !(ok && !v.IsField() && (c.ofBody(v) || c.isResult(v) || c.assignedAfter(a, v)))
		}
		return settled
	})
	return settled
}

// emptyStruct reports whether an expression is a literal of a struct without fields.
func emptyStruct(info *types.Info, e ast.Expr) bool {
	lit, ok := e.(*ast.CompositeLit)
	if !ok || len(lit.Elts) > 0 {
		return false
	}
	st, ok := info.TypeOf(e).Underlying().(*types.Struct)
	return ok && st.NumFields() == 0
}

// isResult reports whether a variable is a named result: a return assigns it.
func (s *Site) isResult(v *types.Var) bool {
	for u := s.Unit; u != nil; u = u.Outer {
		var sig *types.Signature
		if u.Lit != nil {
			sig, _ = s.Info.TypeOf(u.Lit).(*types.Signature)
		} else if u.Obj != nil {
			sig = u.Obj.Signature()
		}
		for i := range sig.Results().Len() {
			if sig.Results().At(i) == v {
				return true
			}
		}
	}
	return false
}

// assignedAfter reports whether a local variable may get another value, in
// whole or in part, between an action and the end of the section.
func (c *Collection) assignedAfter(a *Action, v *types.Var) bool {
	if v.Parent() == c.Pkg.Types.Scope() {
		return false // its accesses are known
	}
	if c.changesLater(a, v) {
		return true
	}
	if c.Unit.Captured(v) || c.Unit.Addressed(v) {
		return c.partAssigned(v) || c.Unit.Assigned(v, c.Body)
	}
	for _, n := range a.Rest.Nodes {
		if st, ok := n.(ast.Stmt); ok && (c.Unit.Assigned(v, []ast.Stmt{st}) || c.partAssignedIn(v, []ast.Stmt{st})) {
			return true
		}
	}
	return c.rangesOver(v)
}

// rangesOver reports whether a loop of the section assigns the variable.
func (s *Site) rangesOver(v *types.Var) bool {
	found := false
	for _, st := range s.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			if r, ok := n.(*ast.RangeStmt); ok {
				for _, e := range []ast.Expr{r.Key, r.Value} {
					id, isIdent := e.(*ast.Ident)
					found = found || isIdent && s.Info.ObjectOf(id) == v
				}
			}
			return !found
		})
	}
	return found
}

// partAssigned reports whether a statement of the section assigns to a part of
// what the variable holds by value, or a loop assigns the variable.
func (s *Site) partAssigned(v *types.Var) bool { return s.partAssignedIn(v, s.Body) }

func (s *Site) partAssignedIn(v *types.Var, list []ast.Stmt) bool {
	found := false
	assigns := func(e ast.Expr) {
		if e == nil {
			return
		}
		if id, ok := rootIdent(e); ok && s.Info.ObjectOf(id) == v {
			if _, ptr := v.Type().Underlying().(*types.Pointer); !ptr || id == ast.Unparen(e) {
				found = true
			}
		}
	}
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.RangeStmt:
				assigns(n.Key)
				assigns(n.Value)
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					assigns(l)
				}
			case *ast.IncDecStmt:
				assigns(n.X)
			}
			return !found
		})
	}
	return found
}

// touchedBy lists what an action uses when it runs: what it takes is evaluated
// before.
func (c *Collection) touchedBy(a *Action) *touched {
	out := &touched{}
	for _, x := range c.Unit.AccessesIn(a.Stmt) {
		if !a.taken(x.Node) {
			if t := c.classify(x, nil); t != nil {
				out.touches = append(out.touches, t)
			}
		}
	}
	ast.Inspect(a.Stmt, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && a.taken(e) {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			out.add(c.callTouches(c.Unit, call))
		}
		return true
	})
	return out
}

// taken reports whether a node of an action is evaluated where the action
// stands.
func (a *Action) taken(n ast.Node) bool {
	for _, e := range slices.Concat(a.targets, a.args) {
		if !within(n, e) {
			continue
		}
		for _, t := range a.Takes {
			if within(n, t) {
				return true
			}
			// The same expression once more.
			found := false
			ast.Inspect(e, func(m ast.Node) bool {
				if x, ok := m.(ast.Expr); ok && types.ExprString(x) == types.ExprString(t) && within(n, x) {
					found = true
				}
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

// mayFollow reports whether action b may run after action a in one section.
func mayFollow(a, b *Action) bool { return a.Rest.Repeats(b.Stmt) }
