package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// proveStale is S3: what was read before the window still holds where it is
// used after it.
func (w *Window) proveStale() *Refusal {
	known := len(w.obligations)
	w.askClones()
	copies := len(w.obligations)
	w.askIdentities()
	if r := w.storesElsewhere(); r != nil {
		return r
	}
	again := w.askAgain()
	if r := w.proveDetached(); r != nil {
		return r
	}
	if r := w.proveTested(again); r != nil {
		return r
	}
	if r := w.proveEnclosing(copies); r != nil {
		return r
	}
	if len(w.Post) == 0 && len(w.post.touches) == 0 {
		if test := w.decides(); test != nil && !w.has(S3) {
			w.assume(S3, test.Pos(), "The state tested at %s can change before it is acted on. May the section still act on it then?", w.line(test.Pos()))
		}
		if !w.has(S3) {
			w.proved(S3, "nothing is decided after the window on what was read before it")
		}
		return nil
	}
	w.askFlagsRead()
	ticket := w.askTorn()
	for _, v := range sortedVars(w.derived) {
		for _, st := range w.Post {
			if !w.usedAfter(st, v) || w.recheck.rereads(v) || w.reassigned(v, w.always()) {
				continue
			}
			if _, isReturn := st.(*ast.ReturnStmt); isReturn && !w.selectsBy(v, st) {
				if !slices.ContainsFunc(w.derived[v], func(t *touch) bool { return t.access.Var != ticket }) {
					continue // asked already
				}
				w.assume(S3, st.Pos(), "%s is read before the wait and returned after it. May it be older than the other results?", v.Name())
				continue
			}
			if w.fromCopies(v) {
				w.askStillThere(v, st)
				continue
			}
			if w.onlyNames(v, st) {
				w.assume(S3, v.Pos(), "%s is read from %s before the call and decides what is changed after it. May it be out of date by then?", v.Name(), w.derived[v][0].access.Var.Name())
				continue
			}
			if w.taken(v) || w.tookFirst(v) {
				continue // nobody else has it
			}
			if w.madeEarlier(v) && w.onlyStores(v, st) {
				w.assume(S3, v.Pos(), "%s comes from %s, read before the call, and is used after it. May it be out of date by then?", v.Name(), w.derived[v][0].access.Var.Name())
				break
			}
			return Refuse(S3, "read-before", st.Pos(), "%s was read from %s before the wait and is used after it", v.Name(), w.derived[v][0].access.Var.Name())
		}
	}
	w.askTimes(known)
	if !w.has(S3) {
		w.proved(S3, "nothing that was read before the window is used after it")
	}
	return nil
}

// proveTested looks at the tests of guarded state by which the section goes on to
// the window, or in it; asked says that those which are made again were looked at.
func (w *Window) proveTested(asked bool) *Refusal {
	test := w.guardedExit(append(slices.Clone(w.Pre), w.testing()...))
	if test == nil {
		return nil
	}
	switch {
	case asked && w.guardedExit(w.testing()) == nil:
	case len(w.Post) > 0 && w.recheck == nil && w.claims():
		w.alone = true
		w.askClaimed(test)
	case len(w.Post) > 0 && w.recheck == nil && w.spent():
		w.askSpent(test)
	case len(w.Post) > 0 && w.recheck == nil && !w.onlyAdds():
		return Refuse(S3, "tested-before", test.Pos(), "the section continues only after testing guarded state, which may change during the wait")
	case len(w.Post) > 0 && w.recheck == nil:
		w.assume(S3, test.Pos(), "The state tested at %s can change before the call is over. May %s still be changed then?", w.line(test.Pos()), some(touchNames(guardedChanges(w.post))))
	default:
		w.askTested(test)
	}
	return nil
}

// askTested asks whether the call may be made although a test may be out of date.
func (w *Window) askTested(test ast.Expr) {
	w.ask(stillTested, "the state tested at "+w.line(test.Pos()), S3, test.Pos(), "The state tested at %s can change before the call is over. May the call still be made then?", w.line(test.Pos()))
}

// proveEnclosing looks at the conditions of the statements that the window stands
// in, and asks unless something of S3 was asked since the given number of obligations
// was known.
func (w *Window) proveEnclosing(since int) *Refusal {
	for _, t := range w.tests {
		if !w.decidesOn(t.cond) {
			continue
		}
		if ifs, ok := w.parents[t.cond].(*ast.IfStmt); ok && t.commits && w.recheck == nil {
			if w.spentTest(ifs) {
				w.askSpent(t.cond)
				continue
			}
			if w.claimsTest(ifs) {
				w.alone = true
				w.askClaimed(t.cond)
				continue
			}
		}
		if t.commits && w.recheck == nil && !w.onlyAdds() {
			return Refuse(S3, "tested-before", t.cond.Pos(), "the section continues only after testing guarded state, which may change during the wait")
		}
		switch {
		case slices.ContainsFunc(w.obligations[since:], func(o Obligation) bool { return o.Answers(S3) }):
		case t.commits && w.recheck == nil:
			w.assume(S3, t.cond.Pos(), "The state tested at %s can change before the call is over. May %s still be changed then?", w.line(t.cond.Pos()), some(touchNames(guardedChanges(w.post))))
		default:
			w.askTested(t.cond)
		}
	}
	return nil
}

// askTimes asks whether what is read before the window and what is read or
// changed after it may be of different times, if nothing like it was asked since
// the given number of obligations was known.
func (w *Window) askTimes(known int) {
	i := slices.IndexFunc(w.Values, func(x Extraction) bool { return !x.Cloned }) // of copies askClones asks
	if t := w.post.guardedChange(); t != nil && i >= 0 {
		x := w.Values[i]
		w.assume(S3, x.Uses[0].Pos(), "%s is read before the call and %s is changed after it. Is that still right if %s changes meanwhile?", x, t.name(), x)
	}
	after := w.post.guarded()
	asked := slices.ContainsFunc(w.obligations[known:], func(o Obligation) bool { return o.Condition == S3 })
	if after == nil || asked {
		return
	}
	const question = "%s is read before the call and %s after it. May the two values come from different updates?"
	if list := w.guardedValues(); len(list) > 0 {
		w.assume(S3, list[0].pos, question, list[0].name, after.name())
	} else if t := w.readBefore(); t != nil {
		w.assume(S3, t.access.Pos(), question, t.name(), after.name())
	}
}

// readBefore returns guarded state that is read before the window, other than
// what is changed there and what is read again after it, or nil.
func (w *Window) readBefore() *touch {
	for _, t := range w.pre.touches {
		v := t.access.Var
		changed := slices.ContainsFunc(w.pre.touches, func(u *touch) bool { return u.access.Var == v && u.access.Kind.Changes() })
		if t.class == guardedUse && t.access.Kind == patterns.Read && !changed && !w.recheck.testsAgain(v) {
			return t
		}
	}
	return nil
}

// askFlagsRead asks about what the window reads from flags and the section uses
// once it holds the lock again.
func (w *Window) askFlagsRead() {
	for _, v := range sortedVars(w.flagged) {
		if slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return w.usedAfter(st, v) }) && !w.recheck.rereads(v) {
			w.assume(S3, v.Pos(), "%s is read from %s, which changes under %s, while that is not held. May it be out of date when it is used?", v.Name(), w.flagged[v][0].access.Var.Name(), w.Section.Lock)
		}
	}
}

// askTorn asks about what was read before the window and outlives the section,
// which then changes guarded state: the two were of one moment. A ticket that
// is read and counted up is drawn twice, if another call comes between. It
// returns the variable of which that was asked, or nil.
func (w *Window) askTorn() *types.Var {
	change := w.post.guardedChange()
	if change == nil {
		return nil
	}
	for _, t := range w.pre.touches {
		v := t.access.Var
		if t.class != guardedUse || t.access.Kind.Changes() || w.recheck.testsAgain(v) || w.adds(t.access) || w.status(v) || w.takesOut(v, nil, nil) {
			continue
		}
		if slices.ContainsFunc(w.post.touches, func(u *touch) bool {
			return u.access.Var == v && u.class == guardedUse && u.access.Kind.Changes()
		}) {
			w.assume(S3, t.access.Pos(), "%s is read before the call and changed after it. May another caller read the same value meanwhile?", t.name())
			return v
		}
	}
	for _, v := range sortedVars(w.derived) {
		if !w.recheck.rereads(v) && !w.reassigned(v, w.always()) && w.outlives(v) && !w.asksWhetherOld(v) {
			w.assume(S3, v.Pos(), "%s is read before the call and used after the unlock, and %s is changed after the call. May the two come from different updates?", v.Name(), change.name())
			break
		}
	}
	return nil
}

// asksWhetherOld reports whether [Window.proveStale] asks whether a variable is out of
// date where it is used after the window.
func (w *Window) asksWhetherOld(v *types.Var) bool {
	if w.taken(v) || w.tookFirst(v) || w.fromCopies(v) || !w.madeEarlier(v) {
		return false
	}
	used := false
	for _, st := range w.Post {
		if _, isReturn := st.(*ast.ReturnStmt); !isReturn && w.usedAfter(st, v) {
			if w.onlyNames(v, st) || !w.onlyStores(v, st) {
				return false
			}
			used = true
		}
	}
	return used
}

// outlives reports whether a variable is used outside of the window and of what
// stands under the lock around it, or is a result that a return gives back
// without naming it.
func (w *Window) outlives(v *types.Var) bool {
	if w.Unit.Captured(v) && !w.isPassedOver(v) || !w.Unit.Declares(v) || w.Unit.IsParam(v) && refsOf(v.Type(), 0) != noRefs && filled(w.derived[v]) || w.isResult(v) && returnsUnnamed(w.Unit.Body) {
		return true
	}
	around := slices.Concat(w.Pre, w.Stmts, w.Post)
	outside := false
	ast.Inspect(w.Unit.Body, func(n ast.Node) bool {
		if st, ok := n.(ast.Stmt); ok && slices.Contains(around, st) {
			return false
		}
		id, ok := n.(*ast.Ident)
		outside = outside || ok && w.Info.Uses[id] == v && !w.isPast(id)
		return !outside
	})
	return outside
}

// isPassedOver reports whether the block that a variable is declared in ends before
// the window, and its value leads to nothing that others have.
func (w *Window) isPassedOver(v *types.Var) bool {
	scope := v.Parent()
	return scope != nil && len(w.Stmts) > 0 && scope.End() <= w.Stmts[0].Pos() && reachedThrough(w.derived[v]) == nil
}

// isPast reports whether a node stands before the window, and no loop leads back
// to it.
func (w *Window) isPast(n ast.Node) bool {
	if len(w.Stmts) == 0 || n.End() > w.Stmts[0].Pos() || jumpsBack(w.Unit.Body) {
		return false
	}
	inLoop := false
	ast.Inspect(w.Unit.Body, func(m ast.Node) bool {
		switch m.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			inLoop = inLoop || within(w.Stmts[0], m)
		}
		return !inLoop
	})
	return !inLoop
}

// jumpsBack reports whether a function has a goto.
func jumpsBack(body ast.Node) bool {
	found := false
	inspectOuter(body, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && b.Tok == token.GOTO
		return !found
	})
	return found
}

// returnsUnnamed reports whether a body has a return without operands.
func returnsUnnamed(body ast.Node) bool {
	found := false
	inspectOuter(body, func(n ast.Node) bool {
		r, ok := n.(*ast.ReturnStmt)
		found = found || ok && len(r.Results) == 0
		return !found
	})
	return found
}

// testing lists the statements of the window whose tests decide whether it, or
// what comes after it, is carried out.
func (w *Window) testing() []ast.Stmt {
	if len(w.Post) > 0 {
		return w.Stmts
	}
	i := slices.IndexFunc(w.Stmts, func(st ast.Stmt) bool { return w.waits(st) })
	return w.Stmts[:max(i, 0)]
}

// sortedVars lists the variables of a map in source order.
func sortedVars[V any](m map[*types.Var]V) []*types.Var {
	vars := make([]*types.Var, 0, len(m))
	for v := range m {
		vars = append(vars, v)
	}
	slices.SortFunc(vars, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return vars
}

// guardedExit returns a condition on guarded state that decides whether the
// statements go on to their end, or nil.
func (w *Window) guardedExit(list []ast.Stmt) ast.Expr {
	var found ast.Expr
	for _, st := range list {
		inspectOuter(st, func(n ast.Node) bool {
			if found != nil || !w.leaves(n) {
				return found == nil
			}
			conds := conditionsIn(n)
			if i := slices.IndexFunc(conds, w.decidesOn); i >= 0 {
				found = conds[i]
			} else if sw, ok := n.(*ast.SwitchStmt); ok && sw.Tag == nil {
				found = &ast.Ident{Name: "switch", NamePos: n.Pos()}
			}
			return found == nil
		})
	}
	return found
}

// leaves reports whether a compound statement contains a statement that leaves
// the section.
func (s *Site) leaves(n ast.Node) bool {
	switch n.(type) {
	case *ast.IfStmt, *ast.SwitchStmt, *ast.ForStmt, *ast.RangeStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
	default:
		return false
	}
	return s.mayLeave(n)
}

// mayLeave reports whether a node contains a jump that leads out of it, or a call
// that does not return: a panic leaves the section as a return does.
func (s *Site) mayLeave(n ast.Node) bool {
	found := jumpsOut(n, false, false)
	inspectOuter(n, func(m ast.Node) bool {
		if c, ok := m.(*ast.CallExpr); ok && patterns.NeverReturns(s.Info, c) {
			found = true
		}
		return !found
	})
	return found
}

// jumpsOut reports whether a node contains a jump that leads out of it. A break
// or continue without a label ends at the loop, switch or select around it.
func jumpsOut(n ast.Node, inLoop, inSwitch bool) bool {
	found := false
	inspectOuter(n, func(m ast.Node) bool {
		if found {
			return false
		}
		switch m := m.(type) {
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			switch {
			case m.Tok == token.GOTO || m.Label != nil:
				found = true
			case m.Tok == token.CONTINUE:
				found = !inLoop
			case m.Tok == token.BREAK:
				found = !inLoop && !inSwitch
			}
		case *ast.ForStmt:
			found = jumpsOut(m.Body, true, true)
			return false
		case *ast.RangeStmt:
			found = jumpsOut(m.Body, true, true)
			return false
		case *ast.SwitchStmt:
			found = jumpsOut(m.Body, inLoop, true)
			return false
		case *ast.TypeSwitchStmt:
			found = jumpsOut(m.Body, inLoop, true)
			return false
		case *ast.SelectStmt:
			found = jumpsOut(m.Body, inLoop, true)
			return false
		}
		return true
	})
	return found
}

// depends reports whether an expression reads guarded state, a flag that goes
// with it, or a variable that was derived from it.
func (w *Window) depends(e ast.Expr) bool {
	if w.touches(e).guarded() != nil || len(w.flagsIn(e)) > 0 {
		return true
	}
	for _, from := range []map[*types.Var][]*touch{w.derived, w.flagged} {
		for v := range from {
			if len(from[v]) > 0 && mentions(w.Info, e, v) {
				return true
			}
		}
	}
	return false
}

// proveUpdates is S4 and S5: what is written after the window does not destroy
// what others wrote meanwhile.
func (w *Window) proveUpdates() *Refusal {
	w.askDropped()
	for _, t := range w.post.touches {
		if t.class != guardedUse || !t.access.Kind.Changes() {
			continue
		}
		if r := w.proveUpdate(t); r != nil {
			return r
		}
	}
	w.askUpdates()
	if !w.has(S4) {
		w.proved(S4, "%s", map[bool]string{
			true:  "nothing is written after the window",
			false: "what is written after the window is added to what is there, or does not depend on it",
		}[w.post.guardedChange() == nil])
	}
	if !w.has(S5) {
		w.proved(S5, "no entry is looked for before the window and inserted after it")
	}
	return nil
}

func (w *Window) proveUpdate(t *touch) *Refusal {
	v := t.access.Var
	readBefore := slices.ContainsFunc(w.pre.touches, func(p *touch) bool {
		return p.access.Var == v && p.class == guardedUse && !w.overwrites(p.access) && !w.setsOnly(p)
	}) ||
		slices.ContainsFunc(w.Values, func(x Extraction) bool { return x.reads(v) })
	kind := w.updateKind(t)
	if kind == merge {
		return nil
	}
	if at := w.takenLater(t); at != nil {
		return Refuse(S4, "taken-later", t.access.Pos(), "what is taken out of %s after the wait need not be what was looked at before it, at %s", t.name(), w.line(at.Pos()))
	}
	if w.recheck.testsAgain(v) && !w.passesOn(v) {
		if kind == insert {
			w.provedOnce(S5, "the entry is looked for again before it is inserted")
		}
		return nil
	}
	if w.status(v) {
		w.again = append(w.again, t)
		return nil
	}
	if readBefore && kind == insert {
		return Refuse(S5, "filled-meanwhile", t.access.Pos(), "%s is looked up before the wait and filled after it: another goroutine may have filled it meanwhile", t.name())
	}
	if readBefore {
		return Refuse(S4, "read-then-written", t.access.Pos(), "%s is read before the wait and overwritten after it", t.name())
	}
	other := w.Program.SharingOf(w.packageOf(v), v).Changed(func(a *patterns.Access) bool {
		return !w.contains(a) && a.Under(w.Section.LockVar())
	})
	again := slices.ContainsFunc(w.pre.touches, func(p *touch) bool { return p.access.Var == v && p.class == guardedUse })
	if other == nil && kind == constant && !again {
		return nil // nobody else gives it another value
	}
	if other != nil && !w.Free && kind == constant && !again && t.access.Kind == patterns.Write && refsOf(v.Type(), 0) == aliases { // emptied, whatever was in it
		w.assume(S4, t.access.Pos(), "%s is emptied after the call, and also changed at %s. May what is added during the call be lost?", t.name(), w.line(other.Pos()))
		return nil
	}
	if other != nil && !w.Free && (kind == overwrite || kind == constant) && !w.comparesAndSets() {
		return Refuse(S4, "changed-meanwhile", t.access.Pos(), "%s is overwritten after the wait, and also changed at %s", t.name(), w.line(other.Pos()))
	}
	if other != nil {
		w.older = append(w.older, changedToo{t, other})
		return nil
	}
	w.later = append(w.later, t)
	return nil
}

// overwrites reports whether an access gives a variable a new value that does not
// depend on the old one: x = y, alone.
func (w *Window) overwrites(a *patterns.Access) bool {
	n := a.Node
	for sel, ok := w.parents[n].(*ast.SelectorExpr); ok; sel, ok = w.parents[n].(*ast.SelectorExpr) {
		n = sel
	}
	as, ok := w.parents[n].(*ast.AssignStmt)
	if !ok || a.Kind != patterns.Write || as.Tok != token.ASSIGN || len(as.Lhs) != len(as.Rhs) || !slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return ast.Node(l) == n }) {
		return false
	}
	return !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return namesField(w.Info, e, a.Var) })
}

// setsOnly reports whether a touch of the section itself, which runs before the
// window where a loop leads back to it, sets an element or counts, and looks at
// nothing.
func (w *Window) setsOnly(t *touch) bool {
	if t.via != nil || !slices.ContainsFunc(w.post.touches, func(o *touch) bool { return o.access.Node == t.access.Node }) {
		return false
	}
	if w.adds(t.access) {
		return true
	}
	ix := w.indexed(t.access)
	if ix == nil {
		return false
	}
	as, ok := w.parents[ix].(*ast.AssignStmt)
	return ok && as.Tok == token.ASSIGN && slices.Contains(as.Lhs, ast.Expr(ix))
}

// adds reports whether an access is that of x++ or x += y to x.
func (w *Window) adds(a *patterns.Access) bool {
	n := a.Node
	for sel, ok := w.parents[n].(*ast.SelectorExpr); ok; sel, ok = w.parents[n].(*ast.SelectorExpr) {
		n = sel
	}
	switch st := w.parents[n].(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		return st.Tok != token.ASSIGN && st.Tok != token.DEFINE && slices.ContainsFunc(st.Lhs, func(l ast.Expr) bool { return ast.Node(l) == n })
	}
	return false
}

// passesOn reports whether what the window makes, and the section uses after it,
// was made of a value that was read from the variable before: then it may be out
// of date even if a test of the variable still has the same outcome.
func (w *Window) passesOn(v *types.Var) bool {
	is := func(t *touch) bool { return t.access.Var == v }
	if w.Lift != nil && slices.ContainsFunc(w.touches(w.Lift.Part).touches, is) {
		return true
	}
	from := make(map[*types.Var][]*touch)
	for u, touches := range w.derived {
		if !w.replaced(u) {
			from[u] = slices.Clone(touches)
		}
	}
	for u, touches := range w.derivedFrom(from, w.Stmts) {
		if !slices.ContainsFunc(touches, is) {
			continue
		}
		if w.Lift != nil && mentions(w.Info, w.Lift.Part, u) {
			return true
		}
		if w.Unit.Assigned(u, w.Stmts) && slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return mentions(w.Info, st, u) }) {
			return true
		}
	}
	return false
}

// always lists the statements of the window that no branch around them leaves out.
func (w *Window) always() []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(w.Stmts), func(st ast.Stmt) bool {
		return w.parents[st] != nil && w.parents[st] != w.parents[w.Lock]
	})
}

// replaced reports whether the window gives the variable a new value before it
// uses it.
func (w *Window) replaced(v *types.Var) bool {
	for _, st := range w.always() {
		if as, ok := st.(*ast.AssignStmt); ok && w.reassigned(v, []ast.Stmt{st}) {
			return !slices.ContainsFunc(as.Rhs, func(e ast.Expr) bool { return mentions(w.Info, e, v) })
		}
		if mentions(w.Info, st, v) {
			return false
		}
	}
	return false
}

// contains reports whether the access stands in this section.
func (w *Window) contains(a *patterns.Access) bool {
	return a.Unit == w.Unit && w.inBody(a.Node)
}

// An update says how a statement changes a variable.
type update byte

const (
	overwrite update = iota // replaced by a value that may be out of date
	insert                  // an element is set
	merge                   // added to what is there: x++, x += y, x = append(x, y), delete(x, k)
	constant                // set to a constant
)

// updateKind says how the statements after the window change what a touch is of.
func (w *Window) updateKind(t *touch) update {
	if t.via != nil {
		return overwrite
	}
	kind := overwrite
	for _, st := range w.Post {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IncDecStmt:
				if within(t.access.Node, n.X) {
					kind = merge
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if within(t.access.Node, l) {
						kind = w.assignKind(n, i)
					}
				}
			case *ast.CallExpr:
				if patterns.BuiltinOf(w.Info, n) == "delete" && within(t.access.Node, n) {
					kind = merge
				}
			}
			return true
		})
	}
	return kind
}

// within reports whether a node stands in another one, or is it.
func within(n, outer ast.Node) bool { return outer.Pos() <= n.Pos() && n.End() <= outer.End() }

func (w *Window) assignKind(as *ast.AssignStmt, i int) update {
	if as.Tok != token.ASSIGN && as.Tok != token.DEFINE {
		return merge // x op= y
	}
	if len(as.Lhs) != len(as.Rhs) {
		return overwrite
	}
	rhs := ast.Unparen(as.Rhs[i])
	if call, ok := rhs.(*ast.CallExpr); ok && len(call.Args) > 0 {
		if patterns.BuiltinOf(w.Info, call) == "append" && types.ExprString(call.Args[0]) == types.ExprString(as.Lhs[i]) {
			return merge
		}
	}
	if tv := w.Info.Types[rhs]; tv.Value != nil || tv.IsNil() {
		return constant
	}
	if _, ok := ast.Unparen(as.Lhs[i]).(*ast.IndexExpr); ok {
		return insert
	}
	return overwrite
}

// proveRest records the conditions that hold by the form of the section, which
// [NewSite] has established, and those that verification proves.
func (w *Window) proveRest() *Refusal {
	w.proved(S11, "verified on the result: every path locks and unlocks equally")
	if len(w.Post) > 0 {
		if o := w.innerLockAt(w.Post[0]); o != nil {
			return Refuse(S13, "lock-order", o.Pos, "%s is taken while %s is held, and would be held when that is taken again", o.Lock, w.Section.Lock)
		}
	}
	switch {
	case w.Free:
		w.proved(S13, "the lock is taken later, and nothing else is")
	case len(w.Post) == 0:
		w.proved(S13, "the lock is not taken again")
	case len(w.Section.Others) > 0:
		w.proved(S13, "no lock that was taken after %s is held when it is taken again", w.Section.Lock)
	default:
		w.proved(S13, "no other lock is held when the lock is taken")
	}
	w.provedOnce(S14, "the lock is taken and released in this function, so no caller holds it")
	w.proveLeft()
	w.proved(S16, "verified on the result: the lock is taken by %s only, as before", w.Section.Mode.Acquire())
	w.provedOnce(S17, "verified on the result: what the section does, on an error or not, it still does")
	return w.proveCond()
}

// innerLockAt returns a lock that is taken in the section and that may still be
// held before a statement of it, or nil.
func (s *Site) innerLockAt(st ast.Node) *patterns.OtherLock {
	held := s.Unit.MayHoldAt(st)
	if s.inherited != nil && len(held) > 0 {
		return &patterns.OtherLock{Lock: held[0], Pos: st.Pos(), Inner: true}
	}
	for i, o := range s.Section.Others {
		if o.Inner && slices.ContainsFunc(held, func(p patterns.Path) bool { return p.String() == o.Lock.String() }) {
			return &s.Section.Others[i]
		}
	}
	return nil
}

// proveCond is S18: waits for a condition variable of the lock stay as they
// are, under the lock and before the window, so that their predicate holds when
// it begins.
func (w *Window) proveCond() *Refusal {
	if r := w.proveSignals(); r != nil {
		return r
	}
	for _, c := range w.Section.CondWaits {
		if w.inStmts(c, w.Stmts) || !w.inStmts(c, w.Pre) {
			return Refuse(S18, "cond-needs-lock", c.Pos(), "%s needs the lock, and would run without it or after it was released", types.ExprString(c.Fun))
		}
	}
	if len(w.Section.CondWaits) > 0 {
		w.proved(S18, "the wait for the condition variable stays under the lock, before the window")
		return nil
	}
	w.provedOnce(S18, "no condition variable is waited for")
	return nil
}
