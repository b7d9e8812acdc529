// Package detach takes out of guarded variables before a wait what a section empties after it.
package detach

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Site returns the site for a shape that empties guarded variables before the wait instead
// of after it: its body lacks the assignments that do so. It refuses if there are none, or if
// the section may end before it reaches them.
func Site(s *site.Site) (*site.Site, *safety.Refusal) {
	if s.Section.Problem != "" {
		return nil, s.FormRefusal // without the lock, nothing can be taken out safely
	}
	first, last := len(s.Body), -1
	for _, o := range s.Finding.Ops {
		if i := s.IndexOf(o.Node); i >= 0 {
			first, last = min(first, i), max(last, i)
		}
	}
	if last < 0 {
		return nil, safety.Inapplicable(s.Lock.Pos(), "no statement of the section waits")
	}
	d, window := findDetachment(s, first, last)
	if d == nil {
		return nil, safety.Inapplicable(s.Lock.Pos(), "the section empties no variable after the wait")
	}
	if at := leavesFull(s, d, window); at != nil {
		return nil, safety.Refuse(safety.S17, "not-emptied", at.Pos(), "the section can end here without emptying %s, whose value would be lost", d)
	}
	findKept(s, d, s.Body[:first])
	if e := usedAfter(s, d); e != nil {
		return nil, safety.Refuse(safety.S3, "used-after-reset", e.Pos(), "%s is used here after it was reset, and would still have its old value", types.ExprString(e))
	}
	t := *s
	t.Detach, t.Cloning = d, true
	t.Reach, t.OwnUses = make(map[site.Callee]*site.Touches), make(map[site.Callee]*site.UnitUses) // without what becomes this call's own
	for _, st := range s.Body[:first] {
		if s.MayLeave(st) { // nothing must have been taken out yet
			t.UnderLock = append(t.UnderLock, st)
		}
	}
	t.Body = slices.DeleteFunc(slices.Clone(s.Body), func(st ast.Stmt) bool { return d.Has(st) })
	return &t, nil
}

// findDetachment finds the assignments that empty variables after the waits, and the statements
// from the first wait up to there. The waits are in the statements with the indexes first to
// last.
func findDetachment(s *site.Site, first, last int) (d *site.Detachment, window []ast.Stmt) {
	used := func(d *site.Detachment) bool { return usedByWaits(s, d) }
	d = detachmentIn(s, s.Body, last+1, used)
	if d == nil {
		made := behaviour.Derived(s, s.Body[:first])
		if d = detachmentIn(s, s.Body, last+1, func(d *site.Detachment) bool { return madeForWaits(s, d, made) || endedBefore(s, d, s.Body[:first]) }); d != nil {
			d.MadeOf = true
		}
	}
	window = s.Body[first:]
	if d != nil {
		window = s.Body[first:slices.Index(s.Body, d.Stmts[0])]
	} else if ifs, ok := s.Body[last].(*ast.IfStmt); ok && first == last {
		if d = guardedDetachment(s, ifs); d != nil {
			window = ifs.Body.List[:slices.Index(ifs.Body.List, d.Stmts[0])]
		}
	}
	if loop, ok := s.Body[last].(*ast.RangeStmt); ok && first == last && d == nil {
		if d = loopDetachment(s, loop); d != nil {
			window = loop.Body.List
		}
	}
	if d == nil {
		if d = entryDetachment(s, last); d != nil {
			d.MadeOf = d.Entry.Pos() < s.Body[first].Pos()
			window = s.Body[first:slices.Index(s.Body, d.Stmts[0])]
		}
	}
	if d == nil {
		d = flagDetachment(s, first, last)
	}
	if d != nil && d.Back != "" {
		window = s.Body[first:slices.Index(s.Body, d.Stmts[0])]
	}
	return d, window
}

// usedAfter returns a use of something that a detachment resets, in the statements after it, or
// nil.
func usedAfter(s *site.Site, d *site.Detachment) ast.Expr {
	var reset []*types.Var
	for _, p := range d.Paths {
		reset = append(reset, p.Last())
	}
	for _, st := range d.Stmts {
		if as, ok := st.(*ast.AssignStmt); ok {
			for _, l := range as.Lhs {
				p, _ := patterns.PathOf(s.Info, l)
				reset = append(reset, p.Last())
			}
		}
	}
	end := d.Stmts[len(d.Stmts)-1].End()
	for _, st := range s.Body {
		for _, a := range guards.AccessesIn(s.Unit, st) {
			if a.Pos() <= end || a.Alias || !slices.Contains(reset, a.Var) {
				continue
			}
			if sel, ok := s.Parents[a.Node].(*ast.SelectorExpr); ok && s.Info.Uses[sel.Sel] == a.Var {
				return sel
			}
			return a.Node
		}
	}
	return nil
}

// detachmentIn finds the first run of statements in the list, from index i on, that empties
// something for which used returns true.
func detachmentIn(s *site.Site, list []ast.Stmt, i int, used func(*site.Detachment) bool) *site.Detachment {
	d := &site.Detachment{}
	for ; i < len(list); i++ {
		as, ok := list[i].(*ast.AssignStmt)
		if paths, resets := Resets(s, as); ok && resets {
			d.Stmts, d.Paths = append(d.Stmts, as), append(d.Paths, paths...)
			continue
		}
		if used(d) {
			break
		}
		d = &site.Detachment{}
	}
	if !used(d) {
		return nil
	}
	return d
}

// Resets reports whether an assignment only gives guarded variables constants, or values that
// share nothing with their old ones. It lists the variables that it empties.
func Resets(s *site.Site, as *ast.AssignStmt) (emptied []patterns.Path, ok bool) {
	if as == nil || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
		return nil, false
	}
	for i, l := range as.Lhs {
		p, ok := patterns.PathOf(s.Info, l)
		if !ok || !extract.ExtractableRoot(s, l) || behaviour.Touches(s, l).Guarded() == nil {
			return nil, false
		}
		if empties(s, l, as.Rhs[i]) {
			emptied = append(emptied, p)
		} else if tv := s.Info.Types[as.Rhs[i]]; tv.Value == nil && !tv.IsNil() {
			return nil, false
		}
	}
	return emptied, true
}

// empties reports whether assigning r to l leaves l with nothing of its old value: nil, make, a
// literal, or s.buf[:0], which nil can replace. A function is called once, and forgotten.
func empties(s *site.Site, l, r ast.Expr) bool {
	if behaviour.Empties(s, l, r) || s.Info.Types[r].IsNil() && syntax.RefsOf(s.Info.TypeOf(l), 0) == syntax.OpaqueFn {
		return true
	}
	sl, ok := r.(*ast.SliceExpr)
	return ok && sl.Low == nil && sl.Max == nil && sl.High != nil && types.ExprString(sl.X) == types.ExprString(l) &&
		s.Info.Types[sl.High].Value != nil && s.Info.Types[sl.High].Value.String() == "0" && syntax.IsSlice(s.Info.TypeOf(l))
}

// usedByWaits reports whether a statement that waits uses what a detachment empties.
func usedByWaits(s *site.Site, d *site.Detachment) bool {
	return slices.ContainsFunc(s.Body, func(st ast.Stmt) bool {
		return s.Waits(st) && slices.ContainsFunc(extract.Selections(s, []ast.Stmt{st}), func(e ast.Expr) bool {
			p, _ := patterns.PathOf(s.Info, e)
			return d.Empties(p)
		})
	})
}

// endedBefore reports whether one of the statements before the waits ends the life of what a
// detachment empties:
//
//	c.conn.Close()
//	<-c.done // the reader of c.conn
//	c.conn = nil
func endedBefore(s *site.Site, d *site.Detachment, list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		e, ok := st.(*ast.ExprStmt)
		if !ok {
			return false
		}
		ended, _ := behaviour.Ended(s.Info, syntax.CallOf(e.X))
		if c := syntax.CallOf(e.X); c != nil {
			ended = append(ended, c.Fun) // w.cancel(), and w.cancel = nil later
		}
		return slices.ContainsFunc(ended, func(e ast.Expr) bool {
			p, ok := patterns.PathOf(s.Info, e)
			return ok && d.Empties(p)
		})
	})
}

// guardedDetachment finds the detachment in the body of
//
//	if s.conn != nil {
//		s.conn.Close()
//		s.conn = nil
//	}
//
// It can just as well happen before the test: if the test fails, there is nothing to empty.
func guardedDetachment(s *site.Site, ifs *ast.IfStmt) *site.Detachment {
	if ifs.Else != nil || ifs.Init != nil {
		return nil
	}
	cond, ok := ast.Unparen(ifs.Cond).(*ast.BinaryExpr)
	if !ok {
		return nil
	}
	tested := cond.X
	if c, ok := ast.Unparen(cond.X).(*ast.CallExpr); ok && patterns.BuiltinOf(s.Info, c) == "len" {
		if v := s.Info.Types[cond.Y].Value; v == nil || v.String() != "0" || cond.Op != token.GTR && cond.Op != token.NEQ {
			return nil
		}
		tested = c.Args[0]
	} else if cond.Op != token.NEQ || !s.Info.Types[cond.Y].IsNil() {
		return nil
	}
	last := -1
	for i, st := range ifs.Body.List {
		if s.Waits(st) {
			last = i
		}
	}
	p, ok := patterns.PathOf(s.Info, tested)
	d := detachmentIn(s, ifs.Body.List, last+1, func(d *site.Detachment) bool { return usedByWaits(s, d) })
	if !ok || last < 0 || d == nil || !d.Empties(p) {
		return nil
	}
	if len(d.Stmts) != 1 || len(d.Paths) != 1 || len(d.Stmts[0].(*ast.AssignStmt).Lhs) != 1 {
		return nil // the others are reset only if the test succeeds
	}
	d.In = ifs
	return d
}

// loopDetachment finds the detachment in
//
//	for k, s := range m.servers {
//		s.Shutdown(ctx)
//		delete(m.servers, k)
//	}
//
// The loop leaves the map empty.
func loopDetachment(s *site.Site, loop *ast.RangeStmt) *site.Detachment {
	p, ok := patterns.PathOf(s.Info, loop.X)
	key, isIdent := loop.Key.(*ast.Ident)
	typ, named := s.TypeText(s.Info.TypeOf(loop.X))
	if !ok || len(p.Fields) > 1 || !isIdent || !named || loop.Tok != token.DEFINE || behaviour.Touches(s, loop.X).Guarded() == nil || !extract.ExtractableRoot(s, loop.X) || !guards.HasOneName(s.Program, s.Pkg, p.Last()) {
		return nil // under another name, somebody may see the map become empty
	}
	var deletes ast.Stmt
	for _, st := range loop.Body.List {
		if e, ok := st.(*ast.ExprStmt); ok && deletes == nil && deletesIn(s, syntax.CallOf(e.X), p, key) {
			deletes = st
		} else if slices.ContainsFunc(behaviour.Touches(s, st).List, func(t *site.Touch) bool { return t.Access.Var == p.Last() }) {
			return nil // it would not see the entries disappear one by one
		}
	}
	if deletes == nil || s.Unit.Assigned(syntax.VarOf(s.Info, key), loop.Body.List) {
		return nil
	}
	return &site.Detachment{Stmts: []ast.Stmt{deletes}, Paths: []patterns.Path{p}, In: loop, Code: s.Source(loop.X) + " = make(" + typ + ")"}
}

// deletesIn reports whether a call deletes the map entry for a key.
func deletesIn(s *site.Site, c *ast.CallExpr, from patterns.Path, key *ast.Ident) bool {
	if patterns.BuiltinOf(s.Info, c) != "delete" {
		return false
	}
	p, ok := patterns.PathOf(s.Info, c.Args[0])
	id, isIdent := ast.Unparen(c.Args[1]).(*ast.Ident)
	return ok && isIdent && p.Root == from.Root && p.String() == from.String() && s.Info.Uses[id] == s.Info.Defs[key]
}

// EmptiesAll reports whether a detachment empties the variables that all the values come from.
func EmptiesAll(d *site.Detachment, values []extract.Extraction) bool {
	return d != nil && !slices.ContainsFunc(values, func(x extract.Extraction) bool { return x.Operand || !d.Empties(x.Path) })
}
