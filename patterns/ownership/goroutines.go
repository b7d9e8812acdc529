package ownership

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// A lending is a function literal that does not run in step with the function, so that
// others can reach the variables that it uses.
type lending struct {
	at  token.Pos
	lit *ast.FuncLit

	// spawned: the literal is only used as a goroutine that the function starts itself. If
	// join is known, it has ended there.
	spawned bool
	join    token.Pos
}

// literal notes whether a function literal runs in step with the function, and if
// not, that others can reach the variables which it uses.
func (l *locals) literal(lit *ast.FuncLit) {
	if l.inStep(lit, lit) {
		return
	}
	given := lending{at: lit.Pos(), lit: lit}
	if start := l.startOf(lit); start != nil {
		given.spawned, given.join = true, l.joinOf(lit, start)
	}
	seen := make(map[*types.Var]bool)
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := l.m.info.Uses[id].(*types.Var)
			if ok && !seen[v] && l.vars[v] != nil && (v.Pos() < lit.Pos() || v.Pos() >= lit.End()) {
				seen[v] = true
				l.vars[v].lent = append(l.vars[v].lent, given)
			}
		}
		return true
	})
}

// startOf returns the call by which a literal is started as a goroutine, if that
// is all that is done with it.
func (l *locals) startOf(lit *ast.FuncLit) *ast.CallExpr {
	c, ok := l.nodes.around(lit).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if _, isGo := l.nodes.around(c).(*ast.GoStmt); isGo {
		if ast.Unparen(c.Fun) == ast.Expr(lit) {
			return c
		}
		return nil
	}
	if fn, _ := typeutil.Callee(l.m.info, c).(*types.Func); fn != nil && l.m.world.Spawns(fn) {
		return c
	}
	return nil
}

// joinOf returns where the function has certainly waited for a goroutine that it starts:
// after the Wait of the group that starts it or is told that it is done, if every path goes
// through there. It is [token.NoPos] if that is not known.
func (l *locals) joinOf(lit *ast.FuncLit, start *ast.CallExpr) token.Pos {
	group := l.groupOf(lit, start)
	if group == nil {
		return token.NoPos
	}
	for n := ast.Node(start); n != nil; n = l.nodes.around(n) {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			continue
		}
		switch l.nodes.around(block).(type) {
		case *ast.FuncDecl, *ast.FuncLit: // what comes later comes by here, or has returned
		default:
			continue
		}
		for _, st := range block.List {
			if st.Pos() < start.End() {
				continue
			}
			if at := l.waitIn(st, group); at.IsValid() && !l.returnsBefore(block, start, at) {
				return at
			}
		}
		return token.NoPos
	}
	return token.NoPos
}

// returnsBefore reports whether something may be returned from a body between the
// start of a goroutine and the wait for it: whoever gets that has it at the same
// time as the goroutine.
func (l *locals) returnsBefore(body *ast.BlockStmt, start *ast.CallExpr, wait token.Pos) bool {
	from := start.Pos()
	for _, loop := range l.loops {
		if loop.Pos() < from && start.End() <= loop.End() && body.Pos() < loop.Pos() {
			from = loop.Pos()
		}
	}
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || from <= n.Pos() && n.End() < wait && len(n.Results) > 0
		}
		return !found
	})
	return found
}

// groupOf returns the local variable that holds the group which a goroutine
// belongs to.
func (l *locals) groupOf(lit *ast.FuncLit, start *ast.CallExpr) *types.Var {
	local := func(e ast.Expr) *types.Var {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return nil
		}
		v, _ := l.m.info.Uses[id].(*types.Var)
		if v == nil || l.vars[v] == nil || l.params[v] || len(l.vars[v].defs) > 1 {
			return nil
		}
		return v
	}
	if sel, ok := ast.Unparen(start.Fun).(*ast.SelectorExpr); ok {
		return local(sel.X)
	}
	for _, st := range lit.Body.List {
		d, ok := st.(*ast.DeferStmt)
		if !ok {
			return nil
		}
		if sel, ok := ast.Unparen(d.Call.Fun).(*ast.SelectorExpr); ok && l.isMethod(d.Call, "(*sync.WaitGroup).Done") {
			return local(sel.X)
		}
	}
	return nil
}

func (l *locals) isMethod(c *ast.CallExpr, names ...string) bool {
	fn, _ := typeutil.Callee(l.m.info, c).(*types.Func)
	return fn != nil && slices.Contains(names, fn.FullName())
}

// waitIn returns the end of the call that waits for a group in what a statement
// does first, whatever comes then.
func (l *locals) waitIn(st ast.Stmt, group *types.Var) token.Pos {
	var first ast.Node
	switch st := st.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.ReturnStmt, *ast.DeclStmt:
		first = st
	case *ast.IfStmt:
		first = st.Cond
		if st.Init != nil {
			first = st.Init
		}
	case *ast.SwitchStmt:
		if st.Init != nil {
			first = st.Init
		}
	}
	at := token.NoPos
	if first == nil {
		return at
	}
	ast.Inspect(first, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			return n.Op != token.LAND && n.Op != token.LOR
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if ok && l.isMethod(n, "(*sync.WaitGroup).Wait", "(*golang.org/x/sync/errgroup.Group).Wait") {
				if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && l.m.info.Uses[id] == types.Object(group) {
					at = n.End()
				}
			}
		}
		return true
	})
	return at
}

// lentAt says who can reach a variable at a place through the literals that use it:
// nobody else ([Own]), goroutines of this call ([Forked]), or whoever runs the
// literal.
func (l *locals) lentAt(lv *local, at token.Pos) Owner {
	least := Own
	for _, g := range lv.lent {
		switch {
		case !l.reaches(g.at, lv, at) || g.join.IsValid() && g.join <= at:
		case g.spawned:
			least = min(least, Forked)
		default:
			return Everyone
		}
	}
	return least
}

// later returns the place up to which a goroutine around a place may run: whatever the
// function does before that may have happened when control reaches the place.
func (l *locals) later(lv *local, at token.Pos) token.Pos {
	for _, g := range lv.lent {
		if g.lit.Pos() <= at && at < g.lit.End() {
			if !g.join.IsValid() {
				return l.afterReturn()
			}
			at = max(at, g.join-1)
		}
	}
	return at
}

// afterReturn is the place that stands for the time after the function has returned:
// somebody else may have its results.
func (l *locals) afterReturn() token.Pos { return l.decl.End() + 1 }

// A Sharer is a goroutine that uses a local variable of the function that starts it.
type Sharer struct {
	Lit  *ast.FuncLit
	Join token.Pos // where it has ended, or [token.NoPos]
}

// SharersOf lists the goroutines of the function that use one of its local variables.
// ok is false if others may use the variable too: code that gets its address, or a
// literal that uses it and is kept.
func (m *Model) SharersOf(v *types.Var) (list []Sharer, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(v.Pos())
	if l == nil || l.vars[v] == nil {
		return nil, false
	}
	lv := l.vars[v]
	for _, g := range lv.lent {
		if !g.spawned {
			return nil, false
		}
		list = append(list, Sharer{g.lit, g.join})
	}
	return list, l.addressStays(lv, l.decl.End())
}

// MayFollow reports whether what happens at one place of the function that declares a
// local variable may have happened to the same variable when control reaches another
// place.
func (m *Model) MayFollow(v *types.Var, from, to token.Pos) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.localsAt(v.Pos())
	return l == nil || l.vars[v] == nil || l.reaches(from, l.vars[v], to)
}

// addressStays reports whether nobody else has the address of a local variable.
func (l *locals) addressStays(lv *local, at token.Pos) bool {
	return !lv.addressed || l.params[lv.v] && len(lv.sinks)+len(lv.into) == 0 || l.ownerOfVar(lv, false, at, 0) >= Forked
}
