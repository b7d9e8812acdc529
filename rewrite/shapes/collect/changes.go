package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/ownership"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// changesIn lists the changes that a node may make, including those of function literals in
// it and of literals that it calls, but not what an action does when it runs.
func (c *collection) changesIn(n ast.Node, seen map[*patterns.Unit]bool) []*change {
	var out []*change
	add := func(ch *change) {
		if ch != nil {
			out = append(out, ch)
		}
	}
	ast.Inspect(n, func(m ast.Node) bool {
		for _, l := range syntax.AssignedBy(m) {
			add(c.write(l))
		}
		switch m := m.(type) {
		case *ast.DeclStmt:
			out = append(out, c.declared(m)...)
		case *ast.CallExpr:
			if !c.isActionCall(m) {
				out = append(out, c.called(m, seen)...)
			}
		}
		return true
	})
	return out
}

// isActionCall reports whether a call is that of an action.
func (c *collection) isActionCall(call *ast.CallExpr) bool {
	return slices.ContainsFunc(c.Actions, func(a *action) bool {
		st, ok := a.Stmt.(*ast.ExprStmt)
		return ok && ast.Unparen(st.X) == ast.Expr(call)
	})
}

// declared lists the variables that a declaration gives a value.
func (c *collection) declared(st *ast.DeclStmt) []*change {
	var out []*change
	ast.Inspect(st, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, id := range spec.Names {
				if ch := c.write(id); ch != nil {
					out = append(out, ch)
				}
			}
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return out
}

// write is the change that an assignment to e makes, or nil.
func (c *collection) write(e ast.Expr) *change {
	if e == nil {
		return nil
	}
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
		return nil
	}
	ch := &change{node: e, kind: elementWrite, through: e, storage: c.scope().Names(e)}
	if v := c.ownStorage(e); v != nil {
		ch.kind, ch.own = ownWrite, v
		return ch
	}
	switch x := e.(type) {
	case *ast.SelectorExpr:
		ch.kind, ch.through = fieldWrite, x.X
	case *ast.IndexExpr:
		ch.through = x.X
	case *ast.StarExpr:
		ch.through = x.X
	}
	return ch
}

// ownStorage returns the local variable of which e is a part, or nil if e is
// reached through a reference.
func (c *collection) ownStorage(e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, ok := c.Info.ObjectOf(x).(*types.Var)
			if !ok || syntax.IsGlobal(v) || v.IsField() {
				return nil
			}
			return v
		case *ast.SelectorExpr:
			m := c.Info.Selections[x]
			if m == nil || m.Indirect() {
				return nil
			}
			e = x.X
		case *ast.IndexExpr:
			if _, array := c.Info.TypeOf(x.X).Underlying().(*types.Array); !array {
				return nil
			}
			e = x.X
		default:
			return nil
		}
	}
}

// called lists the changes that a call may make to its arguments, and those of the literal
// that it runs.
func (c *collection) called(call *ast.CallExpr, seen map[*patterns.Unit]bool) []*change {
	if c.Info.Types[call.Fun].IsType() {
		return nil
	}
	switch patterns.BuiltinOf(c.Info, call) {
	case "":
	case "append", "copy", "clear", "delete":
		to := call.Args[0]
		return []*change{{node: call, kind: elementWrite, through: to, storage: c.scope().Elements(to)}}
	default:
		return nil
	}
	callees, known := c.Program.Callees(c.Unit, call)
	var out []*change
	for _, u := range callees {
		if u.Lit != nil && !seen[u] && c.Unit.Decl == u.Decl {
			seen[u] = true
			out = append(out, c.changesIn(u.Body, seen)...)
		}
	}
	kind := outsideWrite
	if known && len(callees) > 0 {
		kind = calledWrite
	}
	for _, o := range c.model().Operands(call) {
		if !c.onlyReads(call, o) {
			out = append(out, &change{node: call, kind: kind, through: o.Expr, storage: c.scope().LeadsOperand(o)})
		}
	}
	return out
}

// onlyReads reports whether a call only reads what one of its operands leads to.
func (c *collection) onlyReads(call *ast.CallExpr, o storage.Operand) bool {
	if patterns.IsLockCall(c.Info, call) {
		return true
	}
	if fn := patterns.CalleeOf(c.Info, call); fn != nil && o.N >= 0 {
		if condition, ok := known.HasNoEffect(fn); ok && condition == known.Always {
			return true
		}
	}
	return c.model().OnlyReads(call, o)
}

func (c *collection) model() *ownership.Model { return c.Program.StorageOf(c.Pkg) }

// scope returns what is known about the storage of the section's function. The actions run
// after everything else, so they store nothing before that.
func (c *collection) scope() *storage.Scope {
	if c.storage == nil {
		c.storage = c.model().ScopeOf(c.Unit.Body, c.isActionCall)
	}
	return c.storage
}

// laterChanges lists the changes that the section may make after an action,
// while what the action needs is kept.
func (c *collection) laterChanges(a *action) []*change {
	if a.later != nil {
		return *a.later
	}
	out := []*change{}
	seen := make(map[*patterns.Unit]bool)
	for _, n := range a.Rest.Nodes {
		if e, ok := n.(ast.Expr); ok && c.isRangeTarget(e) {
			continue // see below
		}
		out = append(out, c.changesIn(n, seen)...)
	}
	for _, d := range a.Rest.Defers {
		for _, ch := range c.changesIn(d, seen) {
			ch.node = d
			out = append(out, ch)
		}
	}
	for _, r := range c.rangesAfter(a) {
		for _, e := range []ast.Expr{r.Key, r.Value} {
			if ch := c.write(e); ch != nil {
				out = append(out, ch)
			}
		}
	}
	a.later = &out
	return out
}

// isRangeTarget reports whether an expression is what a range statement assigns.
func (c *collection) isRangeTarget(e ast.Expr) bool {
	r, ok := c.Parents[e].(*ast.RangeStmt)
	return ok && (r.Key == e || r.Value == e)
}

// rangesAfter lists the range statements of the section that may begin an iteration after
// an action. The graph does not show that.
func (c *collection) rangesAfter(a *action) []*ast.RangeStmt {
	var out []*ast.RangeStmt
	for _, st := range c.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			r, ok := n.(*ast.RangeStmt)
			if !ok {
				return true
			}
			again := syntax.Within(a.Stmt, r.Body) && slices.ContainsFunc(a.Rest.Nodes, func(m ast.Node) bool { return syntax.Within(m, r.Body) && m.Pos() <= a.Stmt.Pos() })
			if again || a.Rest.Repeats(r.X) {
				out = append(out, r)
			}
			return true
		})
	}
	return out
}

// otherRound reports whether a node comes only in another iteration of a loop around an
// action, which has a new copy of all the variables.
func (c *collection) otherRound(a *action, n ast.Node, vars []*types.Var, whole bool) bool {
	if c.hasGoto() {
		return false
	}
	from := a.Stmt.End() // what it takes in the next iteration is evaluated there
	for loop := c.Parents[a.Stmt]; loop != nil && c.InBody(loop); loop = c.Parents[loop] {
		switch loop.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
		default:
			continue
		}
		if syntax.Within(n, loop) && !slices.ContainsFunc(vars, func(v *types.Var) bool { return !c.eachRound(loop, v, whole) }) {
			return n.End() <= from
		}
		from = loop.Pos()
	}
	return false
}

// eachRound reports whether each iteration of a loop has its own copy of a variable and, if
// whole is set, whether its value is not carried over from the last iteration. Before Go
// 1.22 all iterations shared the variables of the loop itself.
func (c *collection) eachRound(loop ast.Node, v *types.Var, whole bool) bool {
	in := func(n ast.Node) bool { return n != nil && n.Pos() <= v.Pos() && v.Pos() < n.End() }
	switch l := loop.(type) {
	case *ast.ForStmt:
		return in(l.Body) || l.Init != nil && in(l.Init) && c.loopVarsPerRound() && !(whole && storage.Refers(v.Type()))
	case *ast.RangeStmt:
		return in(l.Body) || (l.Key != nil && in(l.Key) || l.Value != nil && in(l.Value)) && c.loopVarsPerRound()
	}
	return false
}

// loopVarsPerRound reports whether the language version of the section's file gives each
// iteration of a loop its own variables.
func (c *collection) loopVarsPerRound() bool {
	return c.Since("go1.22")
}

// hasGoto reports whether the function uses goto, so that a variable may stay the same
// across iterations.
func (c *collection) hasGoto() bool {
	return syntax.Has(c.Unit.Body, func(b *ast.BranchStmt) bool { return b.Tok == token.GOTO })
}
