package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A detachment is an assignment that empties a guarded variable after the wait:
// s.conn = nil, s.pending = make(...), s.buf = s.buf[:0]. Made before the wait
// instead, it leaves the old value to this call of the function alone.
//
// Assignments of constants beside it go with it, so that others see all of them
// or none.
type detachment struct {
	stmts []ast.Stmt      // a run of a statement list
	paths []patterns.Path // what they empty
	in    ast.Stmt        // the if statement or loop in which they stand, or nil
	code  string          // what takes their place before the wait, if that is not they themselves
}

// has reports whether a node stands in the detachment.
func (d *detachment) has(n ast.Node) bool {
	return d != nil && slices.ContainsFunc(d.stmts, func(st ast.Stmt) bool { return within(n, st) })
}

// Detaching returns the site as a shape sees it that empties guarded variables
// before the wait and not after it: the assignments that do so are left out of
// the section. It refuses if there is none, or if the section does not always
// get there.
func (s *Site) Detaching() (*Site, *Refusal) {
	if s.Section.Problem != "" {
		return nil, s.form // without the lock, nothing may be taken out
	}
	first, last := len(s.Body), -1
	for _, o := range s.Finding.Ops {
		if i := s.indexOf(o.Node); i >= 0 {
			first, last = min(first, i), max(last, i)
		}
	}
	if last < 0 {
		return nil, Inapplicable(s.Lock.Pos(), "no statement of the section waits")
	}
	d := s.detachmentIn(s.Body, last+1)
	window := s.Body[first:]
	if d != nil {
		window = s.Body[first:slices.Index(s.Body, d.stmts[0])]
	} else if ifs, ok := s.Body[last].(*ast.IfStmt); ok && first == last {
		if d = s.guardedDetachment(ifs); d != nil {
			window = ifs.Body.List[:slices.Index(ifs.Body.List, d.stmts[0])]
		}
	}
	if loop, ok := s.Body[last].(*ast.RangeStmt); ok && first == last && d == nil {
		if d = s.loopDetachment(loop); d != nil {
			window = loop.Body.List
		}
	}
	if d == nil {
		return nil, Inapplicable(s.Lock.Pos(), "the section empties no variable after the wait")
	}
	for _, st := range window {
		if s.mayLeave(st) {
			return nil, Refuse(S17, "not-emptied", st.Pos(), "the section can end here without emptying %s, whose value would be lost", d.paths[0])
		}
	}
	if e := s.usedAfter(d); e != nil {
		return nil, Refuse(S3, "used-after-reset", e.Pos(), "%s is used here after it was reset, and would still have its old value", types.ExprString(e))
	}
	t := *s
	t.detach, t.cloning = d, true
	for _, st := range s.Body[:first] {
		if s.mayLeave(st) { // nothing may have been taken by then
			t.underLock = append(t.underLock, st)
		}
	}
	t.Body = slices.DeleteFunc(slices.Clone(s.Body), func(st ast.Stmt) bool { return d.has(st) })
	return &t, nil
}

// usedAfter returns a use, in the statements after a detachment, of what that
// resets; nil if there is none.
func (s *Site) usedAfter(d *detachment) ast.Expr {
	var reset []*types.Var
	for _, p := range d.paths {
		reset = append(reset, p.Last())
	}
	for _, st := range d.stmts {
		if as, ok := st.(*ast.AssignStmt); ok {
			for _, l := range as.Lhs {
				p, _ := patterns.PathOf(s.Info, l)
				reset = append(reset, p.Last())
			}
		}
	}
	end := d.stmts[len(d.stmts)-1].End()
	for _, st := range s.Body {
		for _, e := range s.selections([]ast.Stmt{st}) {
			if p, _ := patterns.PathOf(s.Info, e); e.Pos() > end && slices.Contains(reset, p.Last()) {
				return e
			}
		}
	}
	return nil
}

// detachmentIn finds the first run of statements of the list, from index i on,
// that empties something that the waits use.
func (s *Site) detachmentIn(list []ast.Stmt, i int) *detachment {
	d := &detachment{}
	for ; i < len(list); i++ {
		as, ok := list[i].(*ast.AssignStmt)
		if paths, resets := s.resets(as); ok && resets {
			d.stmts, d.paths = append(d.stmts, as), append(d.paths, paths...)
			continue
		}
		if s.usedByWaits(d) {
			break
		}
		d = &detachment{}
	}
	if !s.usedByWaits(d) {
		return nil
	}
	return d
}

// resets reports whether an assignment gives guarded variables constants or
// values that share nothing with their old ones, and lists those that it empties.
func (s *Site) resets(as *ast.AssignStmt) (emptied []patterns.Path, ok bool) {
	if as == nil || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) {
		return nil, false
	}
	for i, l := range as.Lhs {
		p, ok := patterns.PathOf(s.Info, l)
		if !ok || !s.extractableRoot(l) || s.touches(l).guarded() == nil {
			return nil, false
		}
		if s.empties(l, as.Rhs[i]) {
			emptied = append(emptied, p)
		} else if tv := s.Info.Types[as.Rhs[i]]; tv.Value == nil && !tv.IsNil() {
			return nil, false
		}
	}
	return emptied, true
}

// empties reports whether an expression gives the variable a value that shares
// nothing with its old one: nil, make, a literal, or s.buf[:0], in whose place
// nil does as well.
func (s *Site) empties(l, r ast.Expr) bool {
	if freshValue(s.Info, r) {
		switch refsOf(s.Info.TypeOf(l), 0) {
		case aliases, object, chanRef:
			return true
		}
		return false
	}
	sl, ok := r.(*ast.SliceExpr)
	return ok && sl.Low == nil && sl.Max == nil && sl.High != nil && types.ExprString(sl.X) == types.ExprString(l) &&
		s.Info.Types[sl.High].Value != nil && s.Info.Types[sl.High].Value.String() == "0" && isSlice(s.Info.TypeOf(l))
}

// isSlice reports whether a type is that of slices.
func isSlice(t types.Type) bool {
	_, ok := t.Underlying().(*types.Slice)
	return ok
}

// usedByWaits reports whether a statement that waits uses what is emptied.
func (s *Site) usedByWaits(d *detachment) bool {
	return slices.ContainsFunc(s.Body, func(st ast.Stmt) bool {
		return s.waits(st) && slices.ContainsFunc(s.selections([]ast.Stmt{st}), func(e ast.Expr) bool {
			p, _ := patterns.PathOf(s.Info, e)
			return d.empties(p)
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
// which may as well be made before the test: where that fails, there is nothing
// to empty.
func (s *Site) guardedDetachment(ifs *ast.IfStmt) *detachment {
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
		if s.waits(st) {
			last = i
		}
	}
	p, ok := patterns.PathOf(s.Info, tested)
	d := s.detachmentIn(ifs.Body.List, last+1)
	if !ok || last < 0 || d == nil || !d.empties(p) {
		return nil
	}
	if len(d.stmts) != 1 || len(d.paths) != 1 || len(d.stmts[0].(*ast.AssignStmt).Lhs) != 1 {
		return nil // the others are reset only if the test succeeds
	}
	d.in = ifs
	return d
}

// loopDetachment finds the detachment in
//
//	for k, s := range m.servers {
//		s.Shutdown(ctx)
//		delete(m.servers, k)
//	}
//
// which leaves the map empty.
func (s *Site) loopDetachment(loop *ast.RangeStmt) *detachment {
	p, ok := patterns.PathOf(s.Info, loop.X)
	key, isIdent := loop.Key.(*ast.Ident)
	typ, named := s.typeText(s.Info.TypeOf(loop.X))
	if !ok || len(p.Fields) > 1 || !isIdent || !named || loop.Tok != token.DEFINE || s.touches(loop.X).guarded() == nil || !s.extractableRoot(loop.X) || !s.Program.HasOneName(s.Pkg, p.Last()) {
		return nil // or somebody may see by another name that the map becomes empty
	}
	var deletes ast.Stmt
	for _, st := range loop.Body.List {
		if e, ok := st.(*ast.ExprStmt); ok && deletes == nil && s.deletes(callOf(e.X), p, key) {
			deletes = st
		} else if slices.ContainsFunc(s.touches(st).touches, func(t *touch) bool { return t.access.Var == p.Last() }) {
			return nil // it would not see the entries go
		}
	}
	if deletes == nil || s.Unit.Assigned(varOf(s.Info, key), loop.Body.List) {
		return nil
	}
	return &detachment{stmts: []ast.Stmt{deletes}, paths: []patterns.Path{p}, in: loop, code: s.source(loop.X) + " = make(" + typ + ")"}
}

// deletes reports whether a call deletes the entry of a key from a map.
func (s *Site) deletes(c *ast.CallExpr, from patterns.Path, key *ast.Ident) bool {
	if patterns.BuiltinOf(s.Info, c) != "delete" {
		return false
	}
	p, ok := patterns.PathOf(s.Info, c.Args[0])
	id, isIdent := ast.Unparen(c.Args[1]).(*ast.Ident)
	return ok && isIdent && p.Root == from.Root && p.String() == from.String() && s.Info.Uses[id] == s.Info.Defs[key]
}

// empties reports whether the detachment empties the variable.
func (d *detachment) empties(p patterns.Path) bool {
	return d != nil && slices.ContainsFunc(d.paths, func(q patterns.Path) bool { return q.String() == p.String() && q.Root == p.Root })
}

// emptiesAll reports whether values are those of variables that are emptied.
func (d *detachment) emptiesAll(values []Extraction) bool {
	return d != nil && !slices.ContainsFunc(values, func(x Extraction) bool { return x.Operand || !d.empties(x.Path) })
}

// detached reports whether the variable's value belongs to the window alone.
func (w *Window) detached(v *types.Var) bool {
	return w.detach != nil && slices.ContainsFunc(w.detach.paths, func(p patterns.Path) bool { return p.Last() == v })
}

// taken reports whether the section itself takes a value out of a guarded
// variable before the window: x := s.buf; s.buf = nil.
func (w *Window) taken(v *types.Var) bool {
	if v == nil {
		return false
	}
	from, ok := patterns.PathOf(w.Info, w.Unit.DefinedOnce(v))
	if !ok || len(from.Fields) == 0 && !from.Global() {
		return w.takenElement(v) || w.takenCopy(v)
	}
	defined := false
	for _, st := range w.Pre {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue
		}
		if !defined {
			defined = w.reassigned(v, []ast.Stmt{as})
			continue
		}
		emptied, _ := w.resets(as)
		fresh := !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { _, sliced := e.(*ast.SliceExpr); return sliced })
		if fresh && slices.ContainsFunc(emptied, func(p patterns.Path) bool { return p.String() == from.String() && p.Root == from.Root }) {
			return true
		}
	}
	return false
}

// takenCopy reports whether a variable holds what was made of guarded variables that are
// emptied before the window: data := bytes.Join(s.lines, sep); s.lines = s.lines[:0].
func (w *Window) takenCopy(v *types.Var) bool {
	def, ok := w.Unit.DefinedOnce(v).(*ast.CallExpr)
	if !ok || w.Program.StorageOf(w.Pkg).OwnerOf(def) != storage.Own {
		return false
	}
	used := slices.DeleteFunc(slices.Clone(w.touches(def).touches), func(t *touch) bool { return t.class != guardedUse })
	return len(used) > 0 && !slices.ContainsFunc(used, func(t *touch) bool {
		return t.via != nil || t.access.Kind.Changes() || !slices.ContainsFunc(w.Pre, func(st ast.Stmt) bool {
			as, ok := st.(*ast.AssignStmt)
			if !ok || as.Pos() < def.End() {
				return false
			}
			emptied, _ := w.resets(as)
			return slices.ContainsFunc(emptied, func(p patterns.Path) bool { return p.Last() == t.access.Var && p.Root == t.access.Path.Root })
		})
	})
}

// Detached names what the section empties before the wait.
func (s *Site) Detached() string { return s.detach.paths[0].String() }

// detachOps empties the variables at the release before which what was in them is
// taken out.
func (p *Placement) detachOps(r *release) []tree.Op {
	if !p.takesDetached(r) {
		return nil
	}
	if p.detach.code != "" {
		return p.emptyLoop(r)
	}
	var ops []tree.Op
	for _, st := range p.detach.stmts {
		as := st.(*ast.AssignStmt)
		for i, e := range as.Rhs {
			path, _ := patterns.PathOf(p.Info, as.Lhs[i])
			took := slices.ContainsFunc(r.values, func(x Extraction) bool { return x.Path.String() == path.String() })
			if _, ok := e.(*ast.SliceExpr); ok && took {
				ops = append(ops, tree.ReplaceExpr{Expr: e, Code: "nil"})
			}
		}
	}
	return append([]tree.Op{tree.MoveBefore{Stmts: p.detach.stmts, To: r.at, Space: tree.Space{Before: tree.None}}}, ops...)
}

// emptyLoop empties the map that a loop has emptied, and leaves that to nobody else.
func (p *Placement) emptyLoop(r *release) []tree.Op {
	loop, deletes := p.detach.in.(*ast.RangeStmt), p.detach.stmts[0]
	ops := []tree.Op{tree.InsertBefore{Stmt: r.at, Code: p.detach.code}, tree.Remove{Stmt: deletes}}
	used := slices.ContainsFunc(loop.Body.List, func(st ast.Stmt) bool {
		return st != deletes && mentions(p.Info, st, varOf(p.Info, loop.Key.(*ast.Ident)))
	})
	if !used {
		ops = append(ops, tree.ReplaceExpr{Expr: loop.Key, Code: "_"})
	}
	return ops
}

// takesDetached reports whether values of variables that are emptied are taken out
// before a release.
func (p *Placement) takesDetached(r *release) bool {
	return slices.ContainsFunc(r.values, func(x Extraction) bool { return p.detach.empties(x.Path) })
}

// PlaceDetached finds the cheapest placement in which what is in the variables is taken
// out of them before the lock is released.
func (s *Site) PlaceDetached() (*Placement, *Refusal) {
	p, r := s.Place("drain")
	if r != nil {
		return nil, r
	}
	d := s.detach.stmts[0]
	several := Refuse(S17, "several-paths", d.Pos(), "%s would have to be emptied on several paths", s.detach.paths[0])
	var at []*release
	for _, r := range p.releases {
		if p.takesDetached(r) {
			at = append(at, r)
		}
	}
	switch {
	case len(at) == 0:
		return nil, Inapplicable(d.Pos(), "the wait does not need what is in %s", s.detach.paths[0])
	case len(at) > 1 || at[0].at.Pos() > d.Pos() || s.detach.code != "" && at[0].at.Pos() > s.detach.in.Pos():
		return nil, several
	}
	list := s.listOf(at[0].at)
	if !slices.Contains(list, d) && (s.detach.in == nil || !slices.Contains(list, s.detach.in)) {
		return nil, several
	}
	return p, nil
}

// proveDetached looks at what comes after the window, which would find the
// variable empty, and asks what only a reviewer can say: S17 for a panic, and S8.
func (w *Window) proveDetached() *Refusal {
	if w.detach == nil {
		return nil
	}
	for _, t := range w.post.touches {
		if w.detached(t.access.Var) {
			return Refuse(S3, "used-before-reset", t.access.Pos(), "%s is used again after the wait, before it is emptied", t.name())
		}
	}
	for _, st := range w.detach.stmts {
		as, ok := st.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for i, r := range as.Rhs {
			if _, ok := r.(*ast.SliceExpr); !ok {
				continue
			}
			if at := w.comparedWithNil(as.Lhs[i]); at.IsValid() {
				return Refuse(S3, "nil-not-empty", r.Pos(), "%s would be nil instead of empty, and it is compared with nil at %s", types.ExprString(as.Lhs[i]), w.line(at))
			}
		}
	}
	if r := w.usedByPeer(); r != nil {
		return r
	}
	p, pos := w.detach.paths[0], w.detach.stmts[0].Pos()
	w.assume(S17, pos, "%s is now emptied before the call. If the call panics, may its contents be lost?", p)
	if w.writer() != nil && w.Section.Mode != patterns.Shared {
		w.ask(takenOut, p.String(), S8, pos, takesAndPasses, p)
	}
	return nil
}

// usedByPeer refuses to empty a channel variable early that is also used without
// the lock: by the goroutine that is waited for, say, which closes the channel
// through it and would find nil.
func (w *Window) usedByPeer() *Refusal {
	for _, p := range w.detach.paths {
		v := p.Last()
		if !isChannel(v.Type()) {
			continue
		}
		for _, a := range w.Program.SharingOf(w.packageOf(v), v).Accesses {
			if !a.Under(w.Section.LockVar()) {
				return Refuse(S7, "nil-meanwhile", a.Pos(), "%s is used without %s at %s, where it would be nil during the wait", p, w.Section.Lock, w.line(a.Pos()))
			}
		}
	}
	return nil
}

// comparedWithNil returns where the package compares the variable with nil.
func (w *Window) comparedWithNil(e ast.Expr) (at token.Pos) {
	p, _ := patterns.PathOf(w.Info, e)
	for _, f := range w.Pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			b, ok := n.(*ast.BinaryExpr)
			if !ok || at.IsValid() || !w.isNil(b.Y) {
				return !at.IsValid()
			}
			if q, ok := patterns.PathOf(w.Info, b.X); ok && q.Last() == p.Last() {
				at = b.Pos()
			}
			return true
		})
	}
	return at
}
