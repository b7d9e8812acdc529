package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// effectful reports whether a call in the unit may have an effect that somebody
// else can tell: it changes what is shared, whatever lock that is done under,
// sends, receives, starts a goroutine, or calls what cannot be seen and is not
// known to have no effect.
func (s *Site) effectful(from *patterns.Unit, c *ast.CallExpr) bool {
	info := from.Pkg.Info
	tv := info.Types[c.Fun]
	switch {
	case tv.IsType():
		return false
	case tv.IsBuiltin():
		return patterns.BuiltinOf(info, c) == "close" // other changes are accesses
	case patterns.IsLockCall(info, c), s.hasNoEffect(from, c):
		return false
	}
	fn := patterns.CalleeOf(info, c)
	if fn != nil && fn.Pkg() != nil && (fn.Pkg().Path() == "sync/atomic" || fn.Pkg().Path() == "sync") {
		return true
	}
	callees, known := s.Program.Callees(from, c)
	if !known || len(callees) == s.passedOn(info, c) {
		return true
	}
	for _, u := range callees {
		if s.effectfulUnit(u) {
			return true
		}
	}
	return false
}

// onlyCounts reports whether all that a call does that somebody else can tell is to
// count what nothing is decided by: hits, misses.
func (s *Site) onlyCounts(from *patterns.Unit, c *ast.CallExpr) bool {
	t := *s
	t.effects, t.countsAreNone = make(map[*patterns.Unit]bool), true
	return !t.effectful(from, c)
}

// passedOn counts the functions of the loaded packages that a call passes on.
// Where it calls no other that is seen, it calls something else.
func (s *Site) passedOn(info *types.Info, c *ast.CallExpr) int {
	n := 0
	for _, a := range c.Args {
		n += len(s.Program.ValueUnits(info, a))
	}
	return n
}

// ofItself reports whether an access of a function is to a local variable of its
// own: every call has another one.
func (s *Site) ofItself(a *patterns.Access, u *patterns.Unit) bool {
	return !a.Var.IsField() && a.Var.Parent() != a.Var.Pkg().Scope() && u.Declares(a.Var)
}

// effectfulUnit is effectful for what a function does itself, and what it calls.
func (s *Site) effectfulUnit(u *patterns.Unit) bool {
	if known, ok := s.effects[u]; ok {
		return known // false while it is being found out: a recursive call adds nothing
	}
	s.effects[u] = false
	found := u.Body == nil
	for _, a := range s.Program.OwnAccesses(u) {
		if patterns.SelfSynchronised(a.Var.Type()) {
			continue // its methods are calls
		}
		if s.countsAreNone && s.onlyCounted(a.Var) {
			continue
		}
		if (a.Kind.Changes() || a.Kind == patterns.Close) && !a.Fresh && !ownCopy(a) && !s.ofItself(a, u) {
			found = true
		}
	}
	if u.Body != nil {
		inspectOuter(u.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
				found = true
			case *ast.UnaryExpr:
				found = found || n.Op == token.ARROW
			}
			return !found
		})
	}
	for _, c := range u.Calls() {
		found = found || s.effectful(u, c)
	}
	s.effects[u] = found
	return found
}

// decides returns a condition on guarded state by which the window does, or does
// not do, something with an effect; nil if there is none. What was taken out of
// its variable is nobody else's to change.
func (w *Window) decides() ast.Expr {
	if w.detach != nil {
		return nil
	}
	var found ast.Expr
	for _, st := range w.Stmts {
		inspectOuter(st, func(n ast.Node) bool {
			for _, cond := range conditionsIn(n) {
				if found == nil && w.depends(cond) && w.hasEffect(n) {
					found = cond
				}
			}
			return found == nil
		})
	}
	return found
}

// conditionsIn lists the expressions by which a statement or an operator decides
// which of its parts are carried out.
func conditionsIn(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.IfStmt:
		return []ast.Expr{n.Cond}
	case *ast.ForStmt:
		if n.Cond != nil {
			return []ast.Expr{n.Cond}
		}
	case *ast.RangeStmt:
		return []ast.Expr{n.X}
	case *ast.SwitchStmt:
		return conditionsOf(n)
	case *ast.TypeSwitchStmt:
		return []ast.Expr{switchedOn(n)}
	case *ast.SelectStmt:
		return looksOf(n)
	case *ast.BinaryExpr:
		if n.Op == token.LAND || n.Op == token.LOR {
			return []ast.Expr{n.X}
		}
	}
	return nil
}

// looksOf lists the receives of a select that does not wait: it looks whether a
// channel is closed, or something is in it.
func looksOf(n *ast.SelectStmt) []ast.Expr {
	var looks []ast.Expr
	waits := true
	for _, c := range n.Body.List {
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case nil:
			waits = false
		case *ast.ExprStmt:
			looks = append(looks, comm.X)
		case *ast.AssignStmt:
			looks = append(looks, comm.Rhs[0])
		}
	}
	if waits {
		return nil
	}
	return looks
}

// switchedOn returns the expression whose type a switch looks at.
func switchedOn(n *ast.TypeSwitchStmt) ast.Expr {
	var x ast.Expr
	switch a := n.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X
	case *ast.AssignStmt:
		x = a.Rhs[0]
	}
	return ast.Unparen(x).(*ast.TypeAssertExpr).X
}

// hasEffect reports whether a node does what others can tell: more than to wait,
// read or write to the log.
func (w *Window) hasEffect(n ast.Node) bool {
	if slices.ContainsFunc(w.Finding.Ops, func(o *patterns.Op) bool {
		return within(o.Node, n) && (o.Effect == patterns.EffectWrite || o.Category == "chan")
	}) {
		return true
	}
	found := false
	eachSynchronousCall(n, func(c *ast.CallExpr) {
		isOp := slices.ContainsFunc(w.Finding.Ops, func(o *patterns.Op) bool { return o.Node == c })
		found = found || !isOp && !w.logs(c) && w.effectful(w.Unit, c)
	})
	return found
}
