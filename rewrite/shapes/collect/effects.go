package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

func newEffects() *effects {
	m := func() map[*types.Var]token.Pos { return make(map[*types.Var]token.Pos) }
	return &effects{reads: m(), changes: m(), channels: m(), closes: m()}
}

// note notes a variable in one of the maps, where it is met first.
func note(m map[*types.Var]token.Pos, v *types.Var, pos token.Pos) {
	if _, ok := m[v]; !ok && !isMutex(v.Type()) {
		m[v] = pos
	}
}

// noteAccesses notes what accesses read and change.
func (e *effects) noteAccesses(list []*guards.Access) {
	for _, a := range list {
		switch {
		case a.Fresh:
		case a.Kind == guards.Close:
			note(e.closes, a.Var, a.Pos())
		case a.Kind.Changes():
			note(e.changes, a.Var, a.Pos())
		default:
			note(e.reads, a.Var, a.Pos())
		}
	}
}

// noteChannels notes the channels that a node sends on, receives from or
// measures, by the variable that holds them.
func (e *effects) noteChannels(info *types.Info, n ast.Node, skipLiterals bool) {
	add := func(ch ast.Expr) {
		t := info.TypeOf(ch)
		if t == nil {
			return
		}
		if _, ok := t.Underlying().(*types.Chan); !ok {
			return
		}
		if v := identVar(info, ch); v != nil && (v.IsField() || syntax.IsGlobal(v)) {
			note(e.channels, v, ch.Pos())
		}
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return !skipLiterals
		case *ast.SendStmt:
			add(m.Chan)
		case *ast.UnaryExpr:
			if m.Op == token.ARROW {
				add(m.X)
			}
		case *ast.RangeStmt:
			add(m.X)
		case *ast.CallExpr:
			if patterns.BuiltinOf(info, m) == "len" {
				add(m.Args[0])
			}
		}
		return true
	})
}

// noteCall notes what a call in a unit does, in all functions that it reaches.
func (c *collection) noteCall(e *effects, u *patterns.Unit, call *ast.CallExpr) {
	for _, v := range c.noteUnseen(e, u, call) {
		e.add(c.effectsOf(v))
	}
}

// noteUnseen notes what an unseen call does, and returns the functions that it calls.
func (c *collection) noteUnseen(e *effects, u *patterns.Unit, call *ast.CallExpr) []*patterns.Unit {
	callees, known := c.Program.Callees(u, call)
	if !known {
		e.unknown = append(e.unknown, site.UnknownCall{Pos: call.Pos(), What: types.ExprString(call.Fun)})
	}
	if known && len(callees) == 0 && c.actsOutside(u, call) {
		e.outside = append(e.outside, site.UnknownCall{Pos: call.Pos(), What: types.ExprString(call.Fun)})
	}
	return callees
}

// actsOutside reports whether a call out of the loaded packages may do something that would
// be noticed if it were done later.
func (c *collection) actsOutside(u *patterns.Unit, call *ast.CallExpr) bool {
	info := u.Pkg.Info
	if tv := info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		name := patterns.BuiltinOf(info, call)
		return name == "print" || name == "println"
	}
	return !behaviour.HasNoEffect(c.Window.Site, u, call) && !patterns.IsLockCall(info, call)
}

func (e *effects) add(o *effects) {
	for i, from := range o.maps() {
		for v, pos := range from {
			note(e.maps()[i], v, pos)
		}
	}
	e.unknown = append(e.unknown, o.unknown...)
	e.outside = append(e.outside, o.outside...)
}

func (e *effects) maps() []map[*types.Var]token.Pos {
	return []map[*types.Var]token.Pos{e.reads, e.changes, e.channels, e.closes}
}

// declaredIn reports whether v is a local variable of one of the units, and not of
// the section's.
func (c *collection) declaredIn(units map[*patterns.Unit]bool, v *types.Var) bool {
	if v.IsField() || v.Parent() == v.Pkg().Scope() || c.Unit.Contains(v.Pos()) {
		return false
	}
	for u := range units {
		if u.Declares(v) {
			return true
		}
	}
	return false
}

// effectsOf returns the effects of a unit and all that it calls. Variables of
// its own do not count.
func (c *collection) effectsOf(root *patterns.Unit) *effects {
	if e, ok := c.effects[root]; ok {
		return e
	}
	e := newEffects()
	c.effects[root] = e
	seen := map[*patterns.Unit]bool{root: true}
	work := []*patterns.Unit{root}
	for len(work) > 0 {
		if len(seen) > behaviour.MaxUnits {
			e.unknown = append(e.unknown, site.UnknownCall{Pos: root.Body.Pos(), What: root.Name()})
			break
		}
		u := work[0]
		work = work[1:]
		e.noteAccesses(slices.DeleteFunc(slices.Clone(guards.OwnAccesses(c.Program, u)), func(a *guards.Access) bool { return c.declaredIn(seen, a.Var) }))
		e.noteChannels(u.Pkg.Info, u.Body, true)
		for _, call := range u.Calls() {
			for _, v := range c.noteUnseen(e, u, call) {
				if !seen[v] {
					seen[v] = true
					work = append(work, v)
				}
			}
		}
	}
	return e
}

// effectsOfNode returns the effects of a node of the section itself. Actions in
// it do not count: they run later, in their order.
func (c *collection) effectsOfNode(n ast.Node) *effects {
	e := newEffects()
	e.noteAccesses(guards.AccessesIn(c.Unit, n))
	e.noteChannels(c.Info, n, false)
	ast.Inspect(n, func(m ast.Node) bool {
		if call, ok := m.(*ast.CallExpr); ok {
			c.noteCall(e, c.Unit, call)
		}
		return true
	})
	return e
}

// effectsOfAction returns the effects of an action when it runs.
func (c *collection) effectsOfAction(a *action) *effects {
	e := newEffects()
	for _, x := range guards.AccessesIn(c.Unit, a.Stmt) {
		if !a.taken(x.Node) {
			e.noteAccesses([]*guards.Access{x})
		}
	}
	if a.call != nil {
		c.noteCall(e, c.Unit, a.call)
	} else {
		e.noteChannels(c.Info, a.Stmt, true)
	}
	return e
}

// isMutex reports whether a type is a mutex, which only keeps others out.
func isMutex(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "sync" {
		return false
	}
	switch n.Obj().Name() {
	case "Mutex", "RWMutex", "Locker":
		return true
	}
	return false
}

// conflict returns a variable that one of the two changes and the other uses,
// or a channel that both use, with where the second one does.
func conflict(s *site.Site, a, b *effects) (v *types.Var, pos token.Pos) {
	find := func(of, with map[*types.Var]token.Pos, at map[*types.Var]token.Pos) {
		for w := range of {
			if _, ok := with[w]; ok && (v == nil || s.Pkg.ComparePos(w.Pos(), v.Pos()) < 0) {
				v, pos = w, at[w]
			}
		}
	}
	for _, used := range b.maps()[:2] {
		find(a.changes, used, used)
	}
	find(b.changes, a.reads, b.changes)
	for _, used := range b.maps()[2:] {
		find(a.channels, used, used)
		find(a.closes, used, used)
	}
	return v, pos
}
