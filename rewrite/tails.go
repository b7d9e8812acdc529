package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A Tail is a stretch at the end of a path through a section that needs no lock
// any more: the lock can be released before it.
type Tail struct {
	Stmts  []ast.Stmt    // not empty
	After  ast.Stmt      // the last statement before it that needs the lock, or nil
	Exit   *ast.ExprStmt // the explicit release that stands in it, or nil
	Values []Extraction  // guarded values that it uses
}

// NeedsLock reports whether a statement of the section uses something guarded.
// A statement that waits and uses guarded values only as operands that can be
// read before does not need the lock.
func (s *Site) NeedsLock(st ast.Stmt) bool {
	if s.detach.keeps(s, st) {
		return true
	}
	t := s.touches(st)
	if t.guarded() == nil {
		return false
	}
	values := s.extractions([]ast.Stmt{st})
	if !s.waits(st) && !s.goesEarly(st) && (s.detach == nil || slices.ContainsFunc(values, func(x Extraction) bool { return !s.detach.empties(x.Path) })) {
		return true
	}
	for _, u := range t.touches {
		if u.class == guardedUse && (u.via != nil || !inValues(values, u.access)) {
			return true
		}
	}
	return !s.isSimple(st)
}

// goesEarly reports whether a statement that does not wait may run without the lock,
// if what it reads is read before: it assigns to nothing but variables.
func (s *Site) goesEarly(st ast.Stmt) bool {
	if !s.early {
		return false
	}
	plain := true
	inspectOuter(st, func(n ast.Node) bool {
		plain = plain && !slices.ContainsFunc(assignedBy(n), func(l ast.Expr) bool {
			_, ok := l.(*ast.Ident)
			return !ok
		})
		return plain
	})
	return plain
}

// isSimple reports whether the operands of the wait in a statement are
// evaluated once, before it.
func (s *Site) isSimple(st ast.Stmt) bool {
	if s.cloning {
		return true // while the lock was held, they had the same value each time
	}
	switch st := st.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.ReturnStmt, *ast.SendStmt, *ast.DeclStmt:
		return true
	case *ast.IfStmt:
		return st.Init != nil && s.waits(st.Init) && !s.waits(st.Cond) && !s.waits(st.Body) && (st.Else == nil || !s.waits(st.Else))
	}
	return false
}

// inValues reports whether an access is made in one of the values.
func inValues(values []Extraction, a *patterns.Access) bool {
	for _, x := range values {
		for _, u := range x.Uses {
			if within(a.Node, u) {
				return true
			}
		}
	}
	return false
}

// waits reports whether a blocking operation of the finding stands in the node,
// other than in a deferred call.
func (s *Site) waits(n ast.Node) bool {
	return slices.ContainsFunc(s.Finding.Ops, func(o *patterns.Op) bool { return !o.Deferred && within(o.Node, n) })
}

// LastNeeded returns the index of the last statement that needs the lock, or -1.
// Releases of locks that were taken inside come with it: the section's own lock
// is not released before them.
func (s *Site) LastNeeded(list []ast.Stmt) int {
	last := -1
	for i := len(list) - 1; i >= 0 && last < 0; i-- {
		if s.NeedsLock(list[i]) {
			last = i
		}
	}
	if last < 0 {
		last = s.beforeDeadlock(list)
	}
	for last >= 0 && last+1 < len(list) && s.releasesInner(list[last+1], list[:last+1]) {
		last++
	}
	return last
}

// releasesInner reports whether a statement releases a lock that one of those
// before it has taken.
func (s *Site) releasesInner(st ast.Stmt, before []ast.Stmt) bool {
	lock, name := s.lockCallOf(st)
	if !strings.HasSuffix(name, "Unlock") {
		return false
	}
	return slices.ContainsFunc(before, func(b ast.Stmt) bool {
		l, n := s.lockCallOf(b)
		return l == lock && strings.HasSuffix(n, "Lock")
	})
}

// lockCallOf returns the lock, as it is written, and the method, if a statement
// is just a call that takes or releases one.
func (s *Site) lockCallOf(st ast.Stmt) (lock, method string) {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return "", ""
	}
	c, ok := e.X.(*ast.CallExpr)
	if !ok || !patterns.IsLockCall(s.Info, c) {
		return "", ""
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	return types.ExprString(sel.X), sel.Sel.Name
}

// Tails finds the tails of a list of statements so that every blocking
// operation in the list stands in one of them; it refuses if some operation
// comes before something guarded on its path.
func (s *Site) Tails(list []ast.Stmt) ([]Tail, *Refusal) {
	end := len(list)
	var exit *ast.ExprStmt
	for i, st := range list {
		if e, ok := st.(*ast.ExprStmt); ok && slices.Contains(s.Exits, e) {
			end, exit = i, e
			break
		}
	}
	last := s.LastNeeded(list[:end])
	var tails []Tail
	for _, st := range list[:last+1] {
		if !s.waits(st) {
			continue
		}
		inner, refusal := s.tailsIn(st)
		if refusal != nil {
			return nil, refusal
		}
		tails = append(tails, inner...)
	}
	if last+1 < end && slices.ContainsFunc(list[last+1:end], func(st ast.Stmt) bool { return s.waits(st) }) {
		t := Tail{Stmts: list[last+1 : end], Exit: exit}
		if last >= 0 {
			t.After = list[last]
		}
		t.Values = s.extractions(t.Stmts)
		tails = append(tails, t)
	}
	return tails, nil
}

// tailsIn finds the tails inside a statement that also needs the lock: in
// branches that leave the section.
func (s *Site) tailsIn(st ast.Stmt) ([]Tail, *Refusal) {
	var lists [][]ast.Stmt
	var header []ast.Node
	switch st := st.(type) {
	case *ast.BlockStmt:
		lists = append(lists, st.List)
	case *ast.IfStmt:
		header = append(header, st.Init, st.Cond)
		lists = append(lists, st.Body.List)
		if st.Else != nil {
			lists = append(lists, []ast.Stmt{st.Else})
		}
	case *ast.SwitchStmt:
		header = append(header, st.Init, st.Tag)
		lists = clauseLists(st.Body)
	case *ast.TypeSwitchStmt:
		header = append(header, st.Init, st.Assign)
		lists = clauseLists(st.Body)
	case *ast.ForStmt:
		header = append(header, st.Init, st.Cond, st.Post)
		if !s.endsInReturn(st.Body.List) {
			return nil, s.refuseAmong(st) // the wait may be followed by another round
		}
		lists = append(lists, st.Body.List)
	default:
		return nil, s.refuseAmong(st)
	}
	for _, h := range header {
		if h != nil && s.waits(h) {
			return nil, s.refuseAmong(st)
		}
	}
	var tails []Tail
	for _, list := range lists {
		if !slices.ContainsFunc(list, func(b ast.Stmt) bool { return s.waits(b) }) {
			continue
		}
		if elseIf, ok := list[0].(*ast.IfStmt); ok && len(list) == 1 && !terminates(s.Info, elseIf) {
			inner, refusal := s.tailsIn(elseIf)
			if refusal != nil {
				return nil, refusal
			}
			tails = append(tails, inner...)
			continue
		}
		if !terminates(s.Info, list[len(list)-1]) {
			return nil, s.refuseAmong(st)
		}
		inner, refusal := s.Tails(list)
		if refusal != nil {
			return nil, refusal
		}
		tails = append(tails, inner...)
	}
	return tails, nil
}

// endsInReturn reports whether the function returns after the first statement of
// a list that waits, whatever way it takes.
func (s *Site) endsInReturn(list []ast.Stmt) bool {
	first := slices.IndexFunc(list, func(st ast.Stmt) bool { return s.waits(st) })
	if first < 0 || !terminates(s.Info, list[len(list)-1]) {
		return false
	}
	jumps := false
	for _, st := range list[first:] {
		inspectOuter(st, func(n ast.Node) bool {
			_, jump := n.(*ast.BranchStmt)
			jumps = jumps || jump
			return !jumps
		})
	}
	return !jumps
}

func clauseLists(body *ast.BlockStmt) [][]ast.Stmt {
	var lists [][]ast.Stmt
	for _, c := range body.List {
		if cc, ok := c.(*ast.CaseClause); ok {
			lists = append(lists, cc.Body)
		}
	}
	return lists
}

// refuseAmong refuses because a wait stands among statements that need the lock.
func (s *Site) refuseAmong(st ast.Stmt) *Refusal {
	t := s.touches(st).guarded()
	if t == nil {
		return Refuse(S1, "needed-after", st.Pos(), "the code after the wait needs %s as well", s.Section.Lock)
	}
	return Refuse(S1, "wait-uses-guarded", t.access.Pos(), "the code that waits also uses %s, which %s guards (%s)", t.name(), s.Section.Lock, t.why)
}

// TailStmts lists the statements of tails, and the deferred calls of the
// section that wait: they will run without the lock.
func (s *Site) TailStmts(tails []Tail) []ast.Stmt {
	var out []ast.Stmt
	for _, t := range tails {
		out = append(out, t.Stmts...)
	}
	for _, o := range s.Finding.Ops {
		if d, ok := s.parents[o.Node].(*ast.DeferStmt); ok && o.Deferred && !slices.ContainsFunc(out, func(st ast.Stmt) bool { return within(d, st) }) {
			out = append(out, d)
		}
	}
	return out
}

// ReleaseBeforeTails returns the operations that release the lock before every
// tail of the list, and at every return on the other paths. relocked says that
// the lock was taken without a deferred release just before the list.
func (w *Window) ReleaseBeforeTails(list []ast.Stmt, tails []Tail, relocked bool) ([]tree.Op, *Refusal) {
	if w.detach != nil && !relocked && len(tails) != 1 {
		return nil, Refuse(S17, "several-paths", w.detach.stmts[0].Pos(), "%s would have to be emptied on several paths", w.detach.paths[0])
	}
	if w.Defer == nil {
		return w.moveReleases(tails), nil
	}
	var skip []ast.Stmt
	for _, t := range tails {
		skip = append(skip, t.Stmts...)
	}
	w.panicsRelease = true
	if refusal := w.releaseExplicitly(list, skip); refusal != nil {
		return nil, refusal
	}
	var ops []tree.Op
	if !relocked {
		ops = append(ops, tree.Remove{Stmt: w.Defer, Gap: tree.None})
	}
	for _, t := range tails {
		ops = append(ops, w.releaseBefore(t)...)
	}
	returns, refusal := w.releaseAtReturns(list, skip)
	if refusal != nil {
		return nil, refusal
	}
	ops = append(ops, returns...)
	if end := list[len(list)-1]; !w.inStmts(end, skip) && !terminates(w.Info, end) {
		ops = append(ops, tree.InsertAfter{Stmt: end, Code: w.UnlockText()})
	}
	return ops, nil
}

// releaseBefore releases the lock before a tail: right after the last statement
// that needs it.
func (w *Window) releaseBefore(t Tail) []tree.Op {
	space := tree.Space{Before: tree.None, After: tree.Blank}
	if t.After != nil && len(t.Values) == 0 && !terminates(w.Info, t.After) {
		return []tree.Op{tree.InsertAfter{Stmt: t.After, Code: w.UnlockText(), Space: space}}
	}
	ops := append(w.ExtractOps(t.Values, t.Stmts[0]), w.detachOps(t)...)
	return append(ops, tree.InsertBefore{Stmt: t.Stmts[0], Code: w.UnlockText(), Space: space})
}

// ReleaseHead releases the lock before the window of a split, whose lock is
// taken again afterwards.
func (w *Window) ReleaseHead(head Tail, pre []ast.Stmt) ([]tree.Op, *Refusal) {
	if w.Defer == nil {
		return w.releaseBefore(head), nil
	}
	w.panicsRelease = true
	if refusal := w.releaseExplicitly(pre, nil); refusal != nil {
		return nil, refusal
	}
	ops := append([]tree.Op{tree.Remove{Stmt: w.Defer, Gap: tree.None}}, w.releaseBefore(head)...)
	returns, refusal := w.releaseAtReturns(pre, nil)
	if refusal != nil {
		return nil, refusal
	}
	ops = append(ops, returns...)
	return ops, nil
}

// moveReleases moves the explicit releases up to before the tails, and drops
// those that stand inside them.
func (w *Window) moveReleases(tails []Tail) []tree.Op {
	space := tree.Space{Before: tree.None, After: tree.Blank}
	var ops []tree.Op
	for _, t := range tails {
		exit := t.Exit
		if exit == nil && slices.Contains(w.Body, t.Stmts[0]) {
			exit = w.Final
		}
		if exit != nil {
			ops = append(ops, w.ExtractOps(t.Values, t.Stmts[0])...)
			ops = append(ops, w.detachOps(t)...)
		}
		switch {
		case exit == nil:
			ops = append(ops, w.releaseBefore(t)...)
		case t.After != nil && len(t.Values) == 0:
			ops = append(ops, tree.MoveAfter{Stmts: []ast.Stmt{exit}, To: t.After, Space: space})
		default:
			ops = append(ops, tree.MoveBefore{Stmts: []ast.Stmt{exit}, To: t.Stmts[0], Space: space})
		}
		for _, e := range w.Exits {
			if e != exit && w.inStmts(e, t.Stmts) {
				ops = append(ops, tree.Remove{Stmt: e})
			}
		}
	}
	return ops
}

// initOf returns the init statement of an if statement of the section that
// waits and can be made a statement before it: it needs no lock, while the rest
// of the if statement does, and its variables hide nothing.
func (s *Site) initOf(st ast.Stmt) (ast.Stmt, bool) {
	ifs, ok := st.(*ast.IfStmt)
	if !ok || ifs.Init == nil || !s.waits(ifs.Init) || s.NeedsLock(ifs.Init) {
		return nil, false
	}
	for _, n := range []ast.Node{ifs.Cond, ifs.Body} {
		if s.waits(n) {
			return nil, false
		}
	}
	as, ok := ifs.Init.(*ast.AssignStmt)
	if !ok {
		_, ok := ifs.Init.(*ast.ExprStmt)
		return ifs.Init, ok
	}
	return as, as.Tok != token.DEFINE || s.hidesNothing(ifs, as)
}

// hidesNothing reports whether the variables that the init statement of an if declares
// would hide nothing in the block around it.
func (s *Site) hidesNothing(ifs *ast.IfStmt, init *ast.AssignStmt) bool {
	scope := s.Info.Scopes[ifs]
	return scope != nil && !slices.ContainsFunc(init.Lhs, func(l ast.Expr) bool {
		id, ok := l.(*ast.Ident)
		if !ok {
			return true
		}
		_, obj := scope.Parent().LookupParent(id.Name, token.NoPos)
		return obj != nil && id.Name != "_" && obj.Parent() != types.Universe
	})
}
