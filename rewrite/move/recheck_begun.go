package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// checkBegun refuses if the window begins something that only the code after it ends: it would
// go on if a repeated test returns in between.
//
//	if _, ok := s.jobs[name]; ok { return errRunning }
//	if err := cmd.Start(); err != nil { return err }   // or s.slots <- struct{}{}
//	s.jobs[name] = cmd                                 // later: <-s.slots
func (r *Recheck) checkBegun(window []ast.Stmt) {
	rest := r.restAfter(window[len(window)-1])
	for _, st := range window {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				if r.receivedFrom(n.Chan, rest) {
					r.goesOn(n, "what is sent to %s stays there", types.ExprString(n.Chan))
				}
			case *ast.CallExpr:
				r.checkBegunBy(n, window, rest)
			}
			return true
		})
	}
}

// checkBegunBy is checkBegun for a call: it starts a process, it acquires what is released
// later, or it makes a context that must be cancelled.
func (r *Recheck) checkBegunBy(c *ast.CallExpr, window, rest []ast.Stmt) {
	info := r.Site.Info
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		path, isPath := patterns.PathOf(info, sel.X)
		switch {
		case !isPath || info.Selections[sel] == nil:
		case isStart(info, sel):
			r.goesOn(c, "the process that %s.Start starts goes on", types.ExprString(sel.X))
		case r.Site.Waits(c) && r.releasedIn(path, rest):
			r.goesOn(c, "what %s acquires stays so", types.ExprString(c.Fun))
		}
	}
	if t, ok := info.TypeOf(c).(*types.Tuple); ok {
		for v := range t.Variables() {
			if types.TypeString(v.Type(), nil) == "context.CancelFunc" && !r.cancels(window) {
				r.goesOn(c, "the context that %s makes is not cancelled", types.ExprString(c.Fun))
			}
		}
	}
}

// isStart reports whether a selector is (*exec.Cmd).Start.
func isStart(info *types.Info, sel *ast.SelectorExpr) bool {
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && fn.FullName() == "(*os/exec.Cmd).Start"
}

// cancels reports whether the window defers a call of a function that ends a context.
func (r *Recheck) cancels(window []ast.Stmt) bool {
	for _, st := range window {
		if d, ok := st.(*ast.DeferStmt); ok && types.TypeString(r.Site.Info.TypeOf(d.Call.Fun), nil) == "context.CancelFunc" {
			return true
		}
	}
	return false
}

// receivedFrom reports whether statements, or literals in them, receive from the channel.
func (r *Recheck) receivedFrom(ch ast.Expr, list []ast.Stmt) bool {
	of := types.ExprString(ast.Unparen(ch))
	for _, st := range list {
		if syntax.Has(st, func(u *ast.UnaryExpr) bool { return u.Op == token.ARROW && types.ExprString(ast.Unparen(u.X)) == of }) {
			return true
		}
	}
	return false
}

// givesBack are the methods that end what another method of the same object has begun. What is
// not here is asked about: the test can return although the call was made.
var givesBack = []string{"Release", "RUnlock", "Unlock"}

// releasedIn reports whether statements, or literals in them, give back what the object at the
// path has handed out.
func (r *Recheck) releasedIn(p patterns.Path, list []ast.Stmt) bool {
	for _, st := range list {
		if syntax.Has(st, func(c *ast.CallExpr) bool {
			sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
			if !ok || !slices.Contains(givesBack, sel.Sel.Name) {
				return false
			}
			q, ok := patterns.PathOf(r.Site.Info, sel.X)
			return ok && q.Key() == p.Key()
		}) {
			return true
		}
	}
	return false
}

// restAfter lists the statements of the function that come after a statement, in its list and
// in the lists around it, and what is deferred before.
func (r *Recheck) restAfter(st ast.Stmt) (rest []ast.Stmt) {
	ast.Inspect(r.Site.Unit.Body, func(n ast.Node) bool {
		s, ok := n.(ast.Stmt)
		if ok && s.Pos() >= st.End() {
			rest = append(rest, s)
			return false
		}
		return true
	})
	return rest
}

// goesOn refuses to drop what has begun.
func (r *Recheck) goesOn(at ast.Node, format string, args ...any) {
	if r.leaks == nil {
		r.leaks = safety.Refuse(safety.S17, "goes-on", at.Pos(), "if the repeated test goes the other way, "+format, args...)
	}
}
