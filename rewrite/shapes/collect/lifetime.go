package collect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/lifetime"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// isTakenOut reports whether an object of the action is removed from everything that it was
// found in or, if it was passed to the function, from something guarded.
func (c *collection) isTakenOut(a *action) bool {
	return slices.ContainsFunc(c.objects(a), func(e ast.Expr) bool { return c.isOut(a, e) })
}

// isOut is isTakenOut for one object.
func (c *collection) isOut(a *action, e ast.Expr) bool {
	sources := slices.DeleteFunc(c.sources(e), func(g *types.Var) bool { return !c.leadsTo(e, g) })
	if len(sources) == 0 {
		sources = c.holders(e)
		sources = slices.DeleteFunc(sources, func(g *types.Var) bool { return c.takenOut(a, e, g) != gone })
	}
	return len(sources) > 0 && !slices.ContainsFunc(sources, func(g *types.Var) bool { return c.takenOut(a, e, g) == stays })
}

// holders lists the guarded fields and package-level variables that can hold what an
// expression names, except those that it is known to come from.
func (c *collection) holders(e ast.Expr) []*types.Var {
	var out []*types.Var
	t, sources := c.Info.TypeOf(e), c.sources(e)
	for _, g := range guards.GuardedBy(c.Program, c.Pkg, c.Section.LockVar()) {
		if (g.Var.IsField() || syntax.IsGlobal(g.Var)) && !slices.Contains(sources, g.Var) && canHold(g.Var.Type(), t) {
			out = append(out, g.Var)
		}
	}
	return out
}

// objects lists the receiver and operands of an action that are references.
func (c *collection) objects(a *action) []ast.Expr {
	var out []ast.Expr
	for _, e := range slices.Concat(a.targets, a.args) {
		if k := syntax.RefsOf(c.Info.TypeOf(e), 0); k == syntax.ObjectRef || k == syntax.ChanRef {
			out = append(out, e)
		}
	}
	return out
}

// proveTakenOut is S6: nobody else can still reach an object whose life an action ends, and
// any other object outlives the action.
func (c *collection) proveTakenOut() *safety.Refusal {
	for _, a := range c.Actions {
		c.askCloses(a)
		for _, e := range c.objects(a) {
			if r := c.proveObject(a, e); r != nil {
				return r
			}
		}
	}
	if !c.Has(safety.S6) {
		c.Proved(safety.S6, "nothing that the call uses is closed or replaced under the lock")
	}
	return nil
}

func (c *collection) proveObject(a *action, e ast.Expr) *safety.Refusal {
	out, text := false, types.ExprString(e)
	var from []string
	if at := c.putsIn(a, e); at != nil {
		return safety.Refuse(safety.S10, "published-unfinished", at.Pos(), "the section publishes %s here, before %s completes it", text, a.text())
	}
	for _, g := range c.sources(e) {
		switch c.takenOut(a, e, g) {
		case gone:
			out = true
			c.Ask(safety.Removed, "", safety.S6, e.Pos(), "%s is removed from %s before %s. Is it fine if another one takes its place meanwhile?", text, g.Name(), a.text())
			continue
		case perhaps:
			out = true
			c.Assume(safety.S6, e.Pos(), "The section changes %s. Is %s removed from it before %s, and is it fine if another one takes its place meanwhile?", g.Name(), text, a.text())
			continue
		}
		leads := c.leadsTo(e, g)
		sharing := guards.SharingOf(c.Program, c.PackageOf(g), g)
		used := slices.IndexFunc(sharing.Accesses, c.OfOthers)
		if c.endsLifeOf(a, e) && used >= 0 && leads {
			return safety.Refuse(safety.S6, "still-reachable", e.Pos(), "%s stays in %s, where other sections of %s can find it (%s), while %s ends its life", text, g.Name(), c.Section.Lock, c.Line(sharing.Accesses[used].Pos()), a.text())
		}
		if v, pos := c.changesState(a); v != nil && leads {
			return safety.Refuse(safety.S3, "out-of-step", pos, "%s stays in %s, and %s changes %s: %s may be what keeps the two in step", text, g.Name(), a.text(), v.Name(), c.Section.Lock)
		}
		if x := sharing.Changed(c.OfOthers); x != nil && (leads || !c.isOut(a, e)) {
			from = append(from, g.Name()+" (changed at "+c.Line(x.Pos())+")")
		}
	}
	if len(from) > 0 {
		what := syntax.Shortened(text) + ", which comes from " + syntax.JoinNames(from)
		c.Ask(safety.StillHeld, what, safety.S6, e.Pos(), "%s, can be out of date before the call is over. Is it fine to make the call even then?", what)
	}
	if c.endsLifeOf(a, e) && c.askHolders(a, e) {
		out = true
	}
	t := c.Info.TypeOf(e)
	if at, ok := c.ClosedUnder(move.UsedValue{Typ: t}); ok && !out {
		if !behaviour.CloseSafe(t) {
			return safety.Refuse(safety.S6, "closed-under-lock", e.Pos(), "%s is closed under %s at %s", text, c.Section.Lock, c.Line(at))
		}
		c.Assume(safety.S6, e.Pos(), "%s can now be closed at %s during the call. Does the call then fail cleanly?", text, c.Line(at))
	} else {
		lifetime.AskGivenBack(c.Window, move.UsedValue{Name: text, Typ: t, Pos: e.Pos()})
	}
	return nil
}

// endsLifeOf reports whether an action ends the life of one of its objects.
func (c *collection) endsLifeOf(a *action, e ast.Expr) bool {
	if !a.ends() {
		return false
	}
	ended, about := behaviour.Ended(c.Info, a.call)
	return !about || slices.Contains(ended, e)
}

// changesState returns a variable of the loaded packages that an action changes,
// other than by sending, or nil.
func (c *collection) changesState(a *action) (*types.Var, token.Pos) {
	var found *types.Var
	e := c.effectsOfAction(a)
	for v := range e.changes {
		_, isChan := v.Type().Underlying().(*types.Chan)
		if isChan || guards.SelfSynchronised(v.Type()) || found != nil && c.Window.Pkg.ComparePos(found.Pos(), v.Pos()) < 0 {
			continue
		}
		found = v
	}
	return found, a.Stmt.Pos()
}

// askHolders asks about other guarded variables that can hold an object whose
// life ends, and reports whether it is taken out of one of them.
func (c *collection) askHolders(a *action, e ast.Expr) (out bool) {
	for _, g := range c.holders(e) {
		if c.takenOut(a, e, g) == stays {
			c.Assume(safety.S6, e.Pos(), "%s can also hold %s. Is it removed before %s?", g.Name(), types.ExprString(e), a.text())
			continue
		}
		out = true
		c.Ask(safety.Removed, "", safety.S6, e.Pos(), "%s is removed from %s before %s. Is it fine if another one takes its place meanwhile?", types.ExprString(e), g.Name(), a.text())
	}
	return out
}

// askCloses asks about channels that other sections close: while the action
// waited under the lock, they could not be closed.
func (c *collection) askCloses(a *action) {
	if !a.waits() || a.call == nil {
		return
	}
	for _, cl := range guards.ChannelCloses(c.Program, c.Pkg) {
		v := identVar(cl.Unit.Pkg.Info, cl.Call.Args[0])
		if v == nil {
			continue
		}
		for _, x := range guards.SharingOf(c.Program, c.PackageOf(v), v).Accesses {
			if x.Kind == guards.Close && x.Under(c.Section.LockVar()) && !c.Contains(x) {
				c.Assume(safety.S7, a.Stmt.Pos(), "%s is closed under %s at %s, which could not happen while %s waited. Is that fine for what it waits for?", v.Name(), c.Section.Lock, c.Line(x.Pos()), a.text())
			}
		}
	}
}

// canHold reports whether a variable of type t holds values of type of, itself
// or as keys or elements.
func canHold(t, of types.Type) bool {
	if types.Identical(t, of) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		return types.Identical(u.Key(), of) || types.Identical(u.Elem(), of)
	case *types.Slice:
		return types.Identical(u.Elem(), of)
	}
	return false
}

// ends reports whether an action has the name of a call that ends the life of an object.
func (a *action) ends() bool {
	if a.call == nil {
		return false
	}
	id := syntax.IdentOf(a.call.Fun)
	if id == nil {
		return false
	}
	return behaviour.EndsLife(id.Name)
}

// A whereabouts says whether an object is still in a container at the end of a
// section.
type whereabouts byte

const (
	stays   whereabouts = iota
	perhaps             // the container is replaced by one that may hold it
	gone
)

// takenOut says whether the section removes an object from a guarded variable whenever the
// action runs: by a statement in the action's own list or an enclosing one, before or after
// the action, or by an assignment to the variable on every path from the action.
func (c *collection) takenOut(a *action, e ast.Expr, g *types.Var) whereabouts {
	best := stays
	for n := ast.Node(a.Stmt); n != nil && c.InBody(n); n = c.Parents[n] {
		st, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		for _, other := range c.ListOf(st) {
			if c.InBody(other) && other != st && !c.jumpsBetween(st, other) && (other.Pos() > st.Pos() || c.seenBefore(e, g, other)) {
				best = max(best, c.removes(other, e, g))
			}
		}
	}
	if best == gone {
		return gone
	}
	replaced := gone
	rest := c.Section.AfterUntil(a.Stmt, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok {
			return false
		}
		how := c.removes(as, e, g)
		if how != stays {
			replaced = min(replaced, how)
		}
		return how != stays
	})
	if rest.Open || len(rest.Ends) > 0 {
		return best
	}
	return max(best, replaced)
}

// seenBefore reports whether the value of an expression was read from a guarded
// variable before a statement: otherwise the statement put it there.
func (c *collection) seenBefore(e ast.Expr, g *types.Var, st ast.Stmt) bool {
	id, ok := syntax.RootIdent(e)
	if !ok || syntax.NamesField(c.Info, e, g) {
		return false
	}
	v, ok := c.Info.Uses[id].(*types.Var)
	if !ok || v.Pos() >= st.Pos() {
		return false
	}
	return c.Unit.IsParam(v) || c.Unit.DefinedOnce(v) != nil || c.definedWith(v) || rangesOver(c.Window.Site, v) && !c.Unit.Assigned(v, c.Body)
}

// definedWith reports whether a variable is declared by a statement that defines
// several, such as c, ok := m[k], and assigned nowhere else in the section.
func (c *collection) definedWith(v *types.Var) bool {
	defs := 0
	for _, st := range c.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for _, l := range as.Lhs {
				if id, isIdent := l.(*ast.Ident); isIdent && c.Info.ObjectOf(id) == types.Object(v) {
					defs++
				}
			}
			return true
		})
	}
	return defs == 1 && c.OfBody(v) && !c.Unit.Addressed(v) && !c.Unit.Captured(v)
}

// putsIn returns a statement of the section that publishes an object of an action: the
// action then completes the object, and would do so too late.
func (c *collection) putsIn(a *action, e ast.Expr) ast.Node {
	id, ok := syntax.RootIdent(e)
	if !ok {
		return nil
	}
	root, _ := c.Info.Uses[id].(*types.Var)
	var found ast.Node
	for _, st := range c.Body {
		syntax.InspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || found != nil {
				return found == nil
			}
			for i, l := range as.Lhs {
				r := as.Rhs[min(i, len(as.Rhs)-1)]
				g := identVar(c.Info, l)
				switch {
				case g != nil && (g.IsField() || syntax.IsGlobal(g)) && as.Pos() < a.Stmt.Pos() && syntax.NamesField(c.Info, e, g) && g != root:
					found = as // e is read from what was just assigned
				case c.OfBody(root) && syntax.Mentions(c.Info, r, root) && c.stores(l):
					found = as
				}
			}
			return found == nil
		})
	}
	return found
}

// stores reports whether assigning to an expression changes something guarded.
func (c *collection) stores(l ast.Expr) bool {
	if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
		l = ix.X
	}
	v := identVar(c.Info, l)
	return v != nil && (v.IsField() || syntax.IsGlobal(v)) && guards.AnyUnder(c.Program, c.PackageOf(v), v, c.Section.LockVar())
}

// jumpsBetween reports whether control may leave the list between a statement
// and a later one.
func (c *collection) jumpsBetween(from, to ast.Stmt) bool {
	if to.Pos() < from.Pos() {
		return false // it ran before
	}
	list := c.ListOf(from)
	for _, st := range list[slices.Index(list, from):slices.Index(list, to)] {
		if syntax.JumpsOut(st, false, false) {
			return true
		}
	}
	return false
}

// removes says whether a statement takes an object out of a guarded variable.
func (c *collection) removes(st ast.Stmt, e ast.Expr, g *types.Var) whereabouts {
	switch st := st.(type) {
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		if !ok {
			return stays
		}
		name := patterns.BuiltinOf(c.Info, call)
		switch {
		case name != "clear" && name != "delete" || !c.namesVar(call.Args[0], g):
			return stays
		case name == "clear" || c.keyOf(e, g, call.Args[1]):
			return gone
		}
		return perhaps
	case *ast.AssignStmt:
		if st.Tok != token.ASSIGN || len(st.Lhs) != len(st.Rhs) {
			return stays
		}
		for i, l := range st.Lhs {
			if !c.namesVar(l, g) {
				continue
			}
			if syntax.FreshValue(c.Info, st.Rhs[i]) {
				return gone
			}
			return perhaps
		}
	}
	return stays
}

// namesVar reports whether an expression names the variable.
func (c *collection) namesVar(e ast.Expr, v *types.Var) bool {
	p, ok := patterns.PathOf(c.Info, e)
	return ok && p.Last() == v
}

// keyOf reports whether key is the one under which the object was found in the map, by
// ranging or indexing, or is the object itself.
func (c *collection) keyOf(obj ast.Expr, g *types.Var, key ast.Expr) bool {
	if types.ExprString(obj) == types.ExprString(key) {
		return true
	}
	if ix, ok := ast.Unparen(obj).(*ast.IndexExpr); ok && c.namesVar(ix.X, g) {
		return types.ExprString(ix.Index) == types.ExprString(key)
	}
	id, ok := syntax.RootIdent(obj)
	if !ok {
		return false
	}
	v := c.Info.ObjectOf(id)
	found := false
	for _, st := range c.Body {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.RangeStmt:
				value, isValue := n.Value.(*ast.Ident)
				if isValue && c.Info.ObjectOf(value) == v && c.namesVar(n.X, g) && n.Key != nil {
					found = found || types.ExprString(n.Key) == types.ExprString(key)
				}
			case *ast.AssignStmt:
				l, isIdent := n.Lhs[0].(*ast.Ident)
				ix, isIndex := ast.Unparen(n.Rhs[0]).(*ast.IndexExpr)
				if isIdent && isIndex && len(n.Rhs) == 1 && c.Info.ObjectOf(l) == v && c.namesVar(ix.X, g) {
					found = found || types.ExprString(ix.Index) == types.ExprString(key)
				}
			}
			return !found
		})
	}
	return found
}
