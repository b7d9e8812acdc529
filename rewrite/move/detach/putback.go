package detach

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// A section that empties a buffer once it is sent, and keeps it if sending fails, takes the
// buffer out first. If sending fails, it puts the buffer back in front of what was added in the
// meantime:
//
//	items := q.items
//	q.items = nil
//	q.mu.Unlock()
//
//	err := post(items)
//
//	q.mu.Lock()
//	if err != nil {
//		q.items = append(items, q.items...)
//		return err
//	}

// leavesFull returns a statement at which the section may end without having emptied the
// variable. It ignores those at which the value can be put back, which takes a return statement
// in a statement list, and those before which it is emptied as well, and records them in d.
func leavesFull(s *site.Site, d *site.Detachment, window []ast.Stmt) ast.Node {
	for _, st := range window {
		if !s.MayLeave(st) {
			continue
		}
		var other ast.Node
		known := len(d.Again) + len(d.PutBack)
		syntax.InspectOuter(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ReturnStmt:
				if again := emptiedBefore(s, d, n); again != nil {
					d.Again = append(d.Again, again)
					return true
				}
				if s.ListOf(n) == nil || s.Waits(n) || !canPutBack(s, d) {
					other = n
				}
				d.PutBack = append(d.PutBack, n)
			case *ast.BranchStmt:
				if n.Label != nil || n.Tok == token.GOTO || !s.InsideLoop(n, []ast.Stmt{st}) || !canPutBack(s, d) {
					other = n
				}
			case *ast.CallExpr:
				if locks.NeverReturns(s.Info, n) || patterns.BuiltinOf(s.Info, n) == "panic" {
					other = n
				}
			}
			return other == nil
		})
		if other == nil && !canPutBack(s, d) && len(d.Again)+len(d.PutBack) == known {
			other = st
		}
		if other != nil {
			return other
		}
	}
	return nil
}

// emptiedBefore returns the assignment, in the list of a return, that empties what the detachment
// empties and nothing else, or nil.
func emptiedBefore(s *site.Site, d *site.Detachment, ret *ast.ReturnStmt) ast.Stmt {
	if len(d.Paths) != 1 || d.In != nil || d.Code != "" || d.Entry != nil || d.Back != "" {
		return nil
	}
	for _, st := range s.ListOf(ret) {
		as, ok := st.(*ast.AssignStmt)
		if paths, resets := Resets(s, as); ok && resets && len(as.Lhs) == 1 && len(paths) == 1 && paths[0].Key() == d.Paths[0].Key() {
			return as
		}
	}
	return nil
}

// canPutBack reports whether a detachment takes out a flag or a slice, and resets nothing else
// that would have to be restored with it.
func canPutBack(s *site.Site, d *site.Detachment) bool {
	if d.Back != "" {
		return true
	}
	if d.In != nil || d.Code != "" || d.Entry != nil || len(d.Stmts) != 1 || len(d.Paths) != 1 {
		return false
	}
	as := d.Stmts[0].(*ast.AssignStmt)
	return len(as.Lhs) == 1 && syntax.IsSlice(s.Info.TypeOf(as.Lhs[0]))
}

// findKept finds a local variable that gets the value before the waits and keeps it, and records
// it in d.
func findKept(s *site.Site, d *site.Detachment, before []ast.Stmt) {
	if len(d.PutBack) == 0 || d.Back != "" {
		return
	}
	for _, st := range before {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE || len(as.Lhs) != 1 || len(as.Rhs) != 1 {
			continue
		}
		v := syntax.VarOf(s.Info, as.Lhs[0].(*ast.Ident))
		if v == nil || s.Unit.DefinedOnce(v) != as.Rhs[0] || s.Unit.Captured(v) || s.Unit.Addressed(v) || !types.Identical(v.Type(), s.Info.TypeOf(d.Stmts[0].(*ast.AssignStmt).Lhs[0])) {
			continue
		}
		if p, ok := patterns.PathOf(s.Info, as.Rhs[0]); ok && d.Empties(p) {
			d.Kept = v
			return
		}
	}
}

// madeForWaits reports whether a wait uses something that was made from the emptied variable
// before the first wait, or waits for goroutines that use it.
func madeForWaits(s *site.Site, d *site.Detachment, made map[*types.Var][]*site.Touch) bool {
	if len(d.Paths) != 1 {
		return false
	}
	return slices.ContainsFunc(syntax.SortedVars(made), func(v *types.Var) bool {
		from := slices.ContainsFunc(made[v], func(t *site.Touch) bool { return t.Access.Var == d.Paths[0].Last() && t.Via == nil })
		return from && slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool {
			return !o.Deferred && (syntax.Mentions(s.Info, o.Node, v) || startedWith(s, o, v))
		})
	})
}

// startedWith reports whether o waits for a goroutine that the section started earlier and that
// uses v: both use the same WaitGroup or channel.
func startedWith(s *site.Site, o *waits.Op, v *types.Var) bool {
	found := false
	for _, st := range s.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			if !ok || found || n.Pos() > o.Pos() {
				return !found
			}
			var around ast.Node = lit
			for _, isCall := s.Parents[around].(*ast.CallExpr); isCall; _, isCall = s.Parents[around].(*ast.CallExpr) {
				around = s.Parents[around] // go func() {..}(), group.Go(func() {..})
			}
			found = syntax.Mentions(s.Info, around, v) && shareLocal(s, around, o.Node)
			return !found
		})
	}
	return found
}

// shareLocal reports whether two nodes use the same local variable.
func shareLocal(s *site.Site, a, b ast.Node) bool {
	return syntax.Has(a, func(id *ast.Ident) bool {
		v, isVar := s.Info.Uses[id].(*types.Var)
		return isVar && !v.IsField() && s.Unit.Declares(v) && !s.Unit.IsParam(v) && syntax.Mentions(s.Info, b, v)
	})
}

// PutBackCode returns the code that puts back what was taken out, which the named local variable
// holds.
func PutBackCode(s *site.Site, name string) string {
	to := s.Source(s.Detach.Stmts[0].(*ast.AssignStmt).Lhs[0])
	if s.Detach.Back != "" {
		return to + " = " + s.Detach.Back
	}
	return to + " = append(" + name + ", " + to + "...)"
}

// KeptName returns the name of the local variable that holds what was taken out.
func KeptName(s *site.Site, values []extract.Extraction) string {
	if s.Detach.Kept != nil {
		return s.Detach.Kept.Name()
	}
	for _, x := range values {
		if !x.Operand && !x.Part && s.Detach.Empties(x.Path) {
			return extract.NameOf(s, x)
		}
	}
	p := s.Detach.Paths[0]
	return s.ValueName(p.String(), p.Last().Name())
}

// TookWhole reports whether code without the lock uses the variable's old elements in place, so
// that nothing may overwrite them.
func TookWhole(s *site.Site, values []extract.Extraction) bool {
	d := s.Detach
	return d.Kept != nil || len(d.PutBack) > 0 || slices.ContainsFunc(values, func(x extract.Extraction) bool { return d.Empties(x.Path) }) ||
		slices.ContainsFunc(syntax.SortedVars(behaviour.Derived(s, s.Body)), func(v *types.Var) bool {
			p, ok := patterns.PathOf(s.Info, s.Unit.DefinedOnce(v))
			return ok && d.Empties(p)
		})
}
