package placement

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A deferred literal that ran under the lock takes the lock itself once every path releases it
// before the function returns:
//
//	s.mu.Lock()
//	s.running++
//	s.mu.Unlock()
//	defer func() {
//		s.mu.Lock()
//		s.running--
//		s.mu.Unlock()
//	}()
//
// For the conditions, what it does comes after the window.

// isAtExit reports whether a statement defers such a literal.
func isAtExit(s *site.Site, st ast.Stmt) bool {
	d, ok := st.(*ast.DeferStmt)
	return ok && slices.Contains(s.AtExit, d)
}

// atExit lists what such literals do under the lock.
func atExit(s *site.Site) []ast.Stmt {
	var out []ast.Stmt
	for _, d := range s.AtExit {
		list := d.Call.Fun.(*ast.FuncLit).Body.List
		if d == s.Defer {
			list = list[:len(list)-1] // without the release
		}
		out = append(out, list...)
	}
	return out
}

// proveAtExit checks what the section does last against what the literals do: others can take
// the lock in between.
func (p *Placement) proveAtExit() *safety.Refusal {
	last := atExit(p.Site)
	if len(last) == 0 {
		return nil
	}
	for _, d := range p.AtExit {
		if o := p.InnerLockAt(d); o != nil {
			return safety.Refuse(safety.S13, "lock-order", o.Pos, "%s is taken while %s is held, and may be held when the deferred call takes that again", o.Lock, p.Section.Lock)
		}
	}
	before := slices.DeleteFunc(slices.Clone(p.Post), func(st ast.Stmt) bool { return slices.Contains(last, st) })
	w := move.NewWindow(p.Window.Site, before, nil, last)
	if r := refuseFromLast(w); r != nil {
		return r
	}
	conditions.AskBetween(w, p.Window)
	p.Join(w)
	return nil
}

// refuseFromLast refuses literals that work on what the section has seen before it releases the
// lock for them: a value that comes from guarded state, or a variable that it has looked at.
func refuseFromLast(w *move.Window) *safety.Refusal {
	for _, st := range w.Post {
		r := syntax.First(st, func(id *ast.Ident) *safety.Refusal {
			v := syntax.VarOf(w.Info, id)
			if v == nil || len(w.Derived[v]) == 0 && !returnsGuarded(w.Site, v) {
				return nil
			}
			return safety.Refuse(safety.S3, "seen-before", id.Pos(), "%s comes from guarded state, which may change before the deferred call takes %s again", v.Name(), w.Section.Lock)
		})
		if r != nil {
			return r
		}
	}
	for _, t := range behaviour.GuardedChanges(w.PostTouches) {
		looks := func(o *site.Touch) bool {
			return o.Access.Var == t.Access.Var && o.Access.Kind == guards.Read && !behaviour.CountsItself(o.Access)
		}
		if w.UpdateKind(t) != move.Merge && slices.ContainsFunc(w.PreTouches.List, looks) {
			return safety.Refuse(safety.S4, "read-then-written", t.Access.Pos(), "%s is read before the lock is released, and overwritten by the deferred call", t.Name())
		}
	}
	return nil
}

// returnsGuarded reports whether a variable is a result that a return may set to something from
// guarded state.
func returnsGuarded(s *site.Site, v *types.Var) bool {
	results := s.Unit.Results()
	i := slices.Index(slices.Collect(results.Variables()), v)
	return i >= 0 && syntax.HasOuter(s.Unit.Body, func(r *ast.ReturnStmt) bool {
		switch len(r.Results) {
		case 0:
			return false
		case results.Len():
			return behaviour.Touches(s, r.Results[i]).Guarded() != nil
		}
		return behaviour.Touches(s, r.Results[0]).Guarded() != nil
	})
}

// atExitOps returns the operations that let the literals take the lock.
func (p *Placement) atExitOps() []tree.Op {
	var ops []tree.Op
	for _, d := range p.AtExit {
		code := p.LockText()
		if d != p.Defer {
			code += "\ndefer " + p.UnlockText()
		}
		ops = append(ops, tree.InsertBefore{Stmt: d.Call.Fun.(*ast.FuncLit).Body.List[0], Code: code, Space: tree.Space{After: tree.None}})
	}
	return ops
}

// refuseHeldAtExit refuses to leave the lock held on a panic, at which the literals would wait
// for it.
func (p *Placement) refuseHeldAtExit() *safety.Refusal {
	if len(p.AtExit) == 0 || len(p.Locked) == 0 {
		return nil
	}
	first := p.Locked[0]
	return safety.Refuse(safety.S12, "waits-at-exit", first.At.Pos(), "%s, and the deferred call at %s would wait for %s forever: it is not released on a panic", first.Clause(), p.Line(p.AtExit[0].Pos()), p.Section.Lock)
}
