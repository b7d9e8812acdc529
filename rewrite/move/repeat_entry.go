package move

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move/endings"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// MissingFor returns the lookup that an if statement tests, if it can be repeated for the last
// statements of its body: they store the entry, and if they are skipped, nobody needs what was
// made. It returns nil otherwise.
func MissingFor(s *site.Site, ifs *ast.IfStmt, last []ast.Stmt) *Missing {
	read := readFor(s, ifs)
	if read == nil || ifs.Else != nil || len(last) == 0 {
		return nil
	}
	m := &Missing{}
	entry, found, ok := m.results(s, read, ifs.Cond)
	if !ok || !m.samePlace(s, ifs.Body) || slices.ContainsFunc(last, func(st ast.Stmt) bool { return s.MayLeave(st) || s.Waits(st) }) {
		return nil
	}
	made := ifs.Body.List[:len(ifs.Body.List)-len(last)]
	tested := behaviour.Touches(s, m.Index)
	if tested.Guarded() == nil || changesTested(s, made, tested) || !m.stores(last) || keepsToClose(s, made) {
		return nil
	}
	if slices.ContainsFunc(made, func(st ast.Stmt) bool { return len(behaviour.GuardedChanges(behaviour.Touches(s, st))) > 0 }) {
		return nil // what was set before would stay set
	}
	after := usedBeyond(s, ifs)
	if after[found] {
		return nil // it would say that there is no entry
	}
	if entry != nil && after[entry] {
		if m.Entry = entry; setFromGuarded(s, entry, ifs.Body) {
			return nil
		}
	}
	for v := range assignedIn(s, ifs.Body) {
		if v != m.Entry && (after[v] || s.Unit.Captured(v)) {
			return nil // it may depend on what was made
		}
	}
	return m
}

// readFor returns the assignment whose results an if statement tests: its init statement or the
// statement right before it.
func readFor(s *site.Site, ifs *ast.IfStmt) *ast.AssignStmt {
	if ifs.Init != nil {
		read, _ := ifs.Init.(*ast.AssignStmt)
		return read
	}
	list := s.ListOf(ifs)
	i := slices.Index(list, ast.Stmt(ifs))
	if i <= 0 {
		return nil
	}
	read, _ := list[i-1].(*ast.AssignStmt)
	return read
}

// results records the lookup that read makes, and reports whether cond tests that there is no
// entry. entry is the variable that holds the entry; found says whether there is one, and is nil
// if cond tests the entry itself.
func (m *Missing) results(s *site.Site, read *ast.AssignStmt, cond ast.Expr) (entry, found *types.Var, ok bool) {
	if len(read.Rhs) != 1 || read.Tok != token.DEFINE && read.Tok != token.ASSIGN {
		return nil, nil, false
	}
	m.Index, ok = ast.Unparen(read.Rhs[0]).(*ast.IndexExpr)
	if !ok || !syntax.IsMapType(s.Info.TypeOf(m.Index.X)) {
		return nil, nil, false
	}
	vars := make([]*types.Var, len(read.Lhs))
	for i, l := range read.Lhs {
		id, isIdent := l.(*ast.Ident)
		if !isIdent {
			return nil, nil, false
		}
		if vars[i] = syntax.VarOf(s.Info, id); id.Name != "_" && !isPlainLocal(s, vars[i]) {
			return nil, nil, false
		}
	}
	tests := func(e ast.Expr, v *types.Var) bool {
		id, isIdent := ast.Unparen(e).(*ast.Ident)
		return isIdent && v != nil && s.Info.Uses[id] == types.Object(v)
	}
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		m.OK = true
		if len(vars) == 2 && c.Op == token.NOT && tests(c.X, vars[1]) {
			return vars[0], vars[1], true
		}
	case *ast.BinaryExpr:
		return vars[0], nil, c.Op == token.EQL && len(vars) == 1 && s.IsNil(c.Y) && tests(c.X, vars[0])
	}
	return nil, nil, false
}

// isPlainLocal reports whether a variable is local to the section's function and nothing else
// can reach it.
func isPlainLocal(s *site.Site, v *types.Var) bool {
	return v != nil && !v.IsField() && !syntax.IsGlobal(v) && !s.Unit.Captured(v) && !s.Unit.Addressed(v)
}

// samePlace reports whether the lookup, repeated at the end of a block, is still of the same key
// in the same map, because the names in it keep their meaning.
func (m *Missing) samePlace(s *site.Site, body *ast.BlockStmt) bool {
	r := &Recheck{Site: s}
	if !r.pure(m.Index) || len(behaviour.FlagsIn(s, m.Index)) > 0 || behaviour.Touches(s, m.Index.Index).Guarded() != nil {
		return false
	}
	same := true
	ast.Inspect(m.Index, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			same = same && s.Info.Types[n.Fun].IsType()
		case *ast.Ident:
			v, isVar := s.Info.Uses[n].(*types.Var)
			if isVar && !v.IsField() && !syntax.IsGlobal(v) && !s.IsReceiver(v) && v != s.Section.Lock.Root {
				same = same && isPlainLocal(s, v) && !s.Unit.Assigned(v, body.List) && !declaresAgain(s, body, v)
			}
		}
		return same
	})
	return same
}

// declaresAgain reports whether a block declares another variable with the same name.
func declaresAgain(s *site.Site, body *ast.BlockStmt, v *types.Var) bool {
	return syntax.Has(body, func(id *ast.Ident) bool { return id.Name == v.Name() && s.Info.Defs[id] != nil })
}

// stores reports whether statements store something where the lookup found nothing.
func (m *Missing) stores(list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(st ast.Stmt) bool {
		as, ok := st.(*ast.AssignStmt)
		return ok && as.Tok == token.ASSIGN && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return types.ExprString(l) == types.ExprString(m.Index) })
	})
}

// setFromGuarded reports whether a block assigns something read from guarded state to a
// variable.
func setFromGuarded(s *site.Site, v *types.Var, body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if ok && s.Unit.Assigned(v, []ast.Stmt{as}) {
			found = found || slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return behaviour.Touches(s, e).Guarded() != nil })
		}
		return !found
	})
	return found
}

// keepsToClose reports whether statements make something that must be closed if nobody gets it,
// and do not close it themselves. A goroutine counts, too.
func keepsToClose(s *site.Site, made []ast.Stmt) bool {
	r := &Recheck{Site: s}
	found := false
	for _, st := range made {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || found {
				return !found
			}
			for i, l := range as.Lhs {
				if id, isIdent := l.(*ast.Ident); isIdent && id.Name == "_" || !r.makes(as.Rhs[min(i, len(as.Rhs)-1)]) {
					continue
				}
				id, isIdent := l.(*ast.Ident)
				found = found || endings.Needed(s, s.Info.TypeOf(l)) && !(isIdent && r.ends(syntax.VarOf(s.Info, id), made))
			}
			return true
		})
	}
	return found || slices.ContainsFunc(made, func(st ast.Stmt) bool { return startsGoroutine(st) })
}

// startsGoroutine reports whether a statement starts a goroutine, which nobody would stop.
func startsGoroutine(st ast.Stmt) bool {
	return syntax.Has(st, func(*ast.GoStmt) bool { return true })
}

// usedBeyond returns the variables that are used after a statement, including in later
// iterations of a loop around it and as results of a bare return.
func usedBeyond(s *site.Site, st ast.Stmt) map[*types.Var]bool {
	loop := s.LoopAround(st)
	used := make(map[*types.Var]bool)
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || syntax.Within(id, st) {
			return true
		}
		if v := syntax.VarOf(s.Info, id); v != nil && (id.Pos() > st.End() || loop != nil && syntax.Within(id, loop) && v.Pos() < loop.Pos()) {
			used[v] = true
		}
		return true
	})
	if syntax.ReturnsUnnamed(s.Unit.Body) {
		for v := range s.Unit.Results().Variables() {
			used[v] = true
		}
	}
	return used
}

// assignedIn returns the variables declared outside of a block that the block assigns, in whole
// or in part.
func assignedIn(s *site.Site, body *ast.BlockStmt) map[*types.Var]bool {
	assigned := make(map[*types.Var]bool)
	note := func(e ast.Expr) {
		id, ok := syntax.RootIdent(e)
		if !ok {
			return
		}
		v := syntax.VarOf(s.Info, id)
		if v == nil || v.IsField() || syntax.IsGlobal(v) || s.IsReceiver(v) || v == s.Section.Lock.Root || syntax.Within(id, body) && body.Pos() <= v.Pos() && v.Pos() < body.End() {
			return
		}
		assigned[v] = true
	}
	ast.Inspect(body, func(n ast.Node) bool {
		for _, l := range syntax.AssignedBy(n) {
			note(l)
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		case *ast.CallExpr: // it may change its arguments
			for _, a := range n.Args {
				if k := syntax.RefsOf(s.Info.TypeOf(a), 0); k != syntax.NoRefs && patterns.BuiltinOf(s.Info, n) == "" && !syntax.IsContext(s.Info.TypeOf(a)) {
					note(a)
				}
			}
		}
		return true
	})
	return assigned
}

// Rereads reports whether a variable is read again after the window.
func (w *Window) Rereads(v *types.Var) bool {
	return w.Recheck.Rereads(v) || w.Missed(v) || slices.ContainsFunc(w.Tests, func(t EnclosingTest) bool { return t.sets(w.Site, v) })
}

// FillsMissing reports whether the section changes a map only by storing an entry after
// repeating the lookup.
func (w *Window) FillsMissing(v *types.Var) bool {
	i := slices.IndexFunc(w.Tests, func(t EnclosingTest) bool {
		if t.Missing == nil {
			return false
		}
		p, ok := patterns.PathOf(w.Info, t.Missing.Index.X)
		return ok && p.Last() == v
	})
	if i < 0 {
		return false
	}
	other := func(t *site.Touch) bool {
		return t.Access.Var == v && t.Access.Kind.Changes() && !w.OnlyMakesMap(t) &&
			!slices.ContainsFunc(w.Tests[i].Repeats, func(st ast.Stmt) bool { return syntax.Within(t.Access.Node, st) })
	}
	return !slices.ContainsFunc(w.PreTouches.List, other) && !slices.ContainsFunc(w.PostTouches.List, other)
}
