package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// proveOrder is S8: where the order of calls can be told from outside, two
// callers may now overtake each other.
func (w *Window) proveOrder() *Refusal {
	op := w.writer()
	if w.Section.Mode != patterns.Shared {
		w.askPassedOn()
	}
	switch {
	case op == nil && w.has(S8):
		return nil
	case op == nil:
		w.proved(S8, "the call only reads or waits, so nobody can tell in which order calls were made")
		return nil
	case w.Section.Mode == patterns.Shared:
		w.proved(S8, "the read lock let calls overtake each other before")
		return nil
	}
	if r := w.provePassedOn(); r != nil {
		return r
	}
	if clones := w.Clones(); len(clones) > 0 {
		var names []string
		for _, x := range clones {
			names = append(names, x.Path.String())
		}
		w.ask(ownCopies, strings.Join(names, " and "), S8, clones[0].Uses[0].Pos(), "Two callers can now go through their copies of %s at the same time. May what they send arrive in different orders?", strings.Join(names, " and "))
	}
	if at := w.clock(); at != nil {
		w.ask(ownTime, "", S8, at.Pos(), "The time is read and passed on, and two callers can now overtake each other. Is either order fine for the receiver?")
	}
	changes := append(guardedChanges(w.pre), guardedChanges(w.post)...)
	changes = slices.DeleteFunc(changes, func(t *touch) bool {
		v := t.access.Var // proveDetached asks about what is detached
		return w.detached(v) || w.takenFrom(v) || w.countedOnly(v) || w.putOnce(v) || w.setAgain(v) || (w.alone || w.atStart()) && w.setLater(v) || w.chosenBy(v) || w.addsAfter(t)
	})
	if len(changes) > 0 && !w.asksWhoseStays(changes) {
		w.ask(changesToo, some(touchNames(changes)), S8, changes[0].access.Pos(), changesAndCalls, some(touchNames(changes)))
	}
	if !w.has(S8) {
		w.proved(S8, "the section changes nothing by which anybody could tell the order of calls")
	}
	return nil
}

// provePassedOn looks at the guarded values that the call passes on.
func (w *Window) provePassedOn() *Refusal {
	var passed []usedValue
	for _, v := range w.guardedValues() {
		if slices.ContainsFunc(v.from, w.detached) {
			continue // proveDetached asks
		}
		if w.isOnlyOperated(v) {
			continue // what is sent is something else
		}
		if v.taken {
			w.ask(takenOut, v.from[0].Name(), S8, v.pos, takesAndPasses, v.from[0].Name())
			continue
		}
		if v.copied || v.of != nil && w.fromCopies(v.of) {
			continue // asked below
		}
		if v.of != nil && w.tookFirst(v.of) {
			w.ask(takenOut, v.from[0].Name(), S8, v.pos, takesAndPasses, v.from[0].Name())
			continue
		}
		for _, g := range v.from {
			if !w.onlyChooses(g, v.of) && slices.ContainsFunc(w.pre.touches, func(t *touch) bool { return t.access.Var == g && t.access.Kind.Changes() && !w.isEntry(t) }) {
				return Refuse(S8, "send-order", v.pos, "the section changes %s and then sends it: without the lock two callers can send theirs in the wrong order", v.name)
			}
		}
		if w.onlyTested(v) || w.isConduit(v) || w.onlyReported(v) {
			continue // S3 asks of the one, S9 of the other
		}
		passed = append(passed, v)
	}
	if len(passed) > 0 {
		var names []string
		for _, v := range passed {
			names = append(names, v.name)
		}
		w.ask(passedOn, some(names), S8, passed[0].pos, passesOn, some(names))
	}
	return nil
}

// takesAndPasses is the question of S8 about what a call passes on that the section has
// taken out.
const takesAndPasses = "What is taken out of %s is passed on, and a later caller can now pass its part on first. Is either order fine?"

// passesOn is the question of S8 about values that a call passes on.
const passesOn = "The call passes on %s, read under the lock, and two callers can now overtake each other. Is either order fine for the receiver?"

// asksWhoseStays reports whether a question of S4 asks whose value stays of all that is
// changed, and notes that it is about the order of calls, too.
func (w *Window) asksWhoseStays(changes []*touch) bool {
	set := func(t *touch) bool {
		is := func(o *touch) bool { return o.access.Var == t.access.Var }
		return slices.ContainsFunc(w.later, is) || slices.ContainsFunc(w.again, is) || slices.ContainsFunc(w.older, func(c changedToo) bool { return is(c.t) })
	}
	i := slices.IndexFunc(w.obligations, func(o Obligation) bool { return o.Condition == S4 && o.Status == Assumed })
	if i < 0 || isBroken(S8) || slices.ContainsFunc(changes, func(t *touch) bool { return !set(t) }) {
		return false
	}
	w.obligations[i].Also = []Condition{S8}
	return true
}

// changesAndCalls is the question of S8 about what a section changes.
const changesAndCalls = "The section changes %s and makes the call, and two callers can now do the two in different orders. Is that fine?"

func changesAndCallsOf(names string) string { return fmt.Sprintf(changesAndCalls, names) }

// dropQuestion takes back a question, and reports whether it was asked.
func (w *Window) dropQuestion(c Condition, text string) bool {
	i := slices.IndexFunc(w.obligations, func(o Obligation) bool { return o.Condition == c && o.Text == text && len(o.Also) == 0 })
	if i < 0 {
		return false
	}
	w.obligations = slices.Delete(w.obligations, i, i+1)
	return true
}

// onlyTested reports whether the window uses a value in conditions only: it decides
// whether a call is made, and is not passed on.
func (w *Window) onlyTested(v usedValue) bool {
	tested := func(n ast.Node) bool {
		for p := w.parents[n]; p != nil; n, p = p, w.parents[p] {
			switch p := p.(type) {
			case *ast.IfStmt:
				return n == p.Cond
			case *ast.ForStmt:
				return n == p.Cond
			case *ast.CallExpr, ast.Stmt:
				return false
			}
		}
		return false
	}
	if v.of == nil {
		for _, x := range w.Values {
			if x.Uses[0].Pos() == v.pos {
				return !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return !tested(u) })
			}
		}
		return false
	}
	only := true
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && w.Info.Uses[id] == v.of {
				only = only && tested(id)
			}
			return only
		})
	}
	return only
}

// onlyReported reports whether a value is an error that no wait is given.
func (w *Window) onlyReported(v usedValue) bool {
	return v.of != nil && isError(v.typ) && !slices.ContainsFunc(w.Finding.Ops, func(o *patterns.Op) bool { return mentions(w.Info, o.Node, v.of) })
}

// isEntry reports whether a change of a map sets an entry of it that is a plain
// value, and no number or time: entries of other keys have no order to keep.
func (w *Window) isEntry(t *touch) bool {
	m, ok := t.access.Var.Type().Underlying().(*types.Map)
	if !ok || t.via != nil || isOrdered(m.Elem()) || refsOf(m.Elem(), 0) != noRefs {
		return false
	}
	for n := w.parents[t.access.Node]; n != nil; n = w.parents[n] {
		switch p := n.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.ParenExpr:
			continue
		case *ast.AssignStmt:
			return p.Tok == token.ASSIGN && slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool {
				ix, ok := ast.Unparen(l).(*ast.IndexExpr)
				return ok && within(t.access.Node, ix.X)
			})
		}
		break
	}
	return false
}

// isOnlyOperated reports whether a value is a channel that the window sends on or
// receives from, and does nothing else with.
func (w *Window) isOnlyOperated(v usedValue) bool {
	if !isChannel(v.typ) {
		return false
	}
	for _, e := range w.selections(w.Stmts) {
		if types.ExprString(e) != v.name {
			continue
		}
		switch p := w.parents[e].(type) {
		case *ast.SendStmt:
			if p.Chan == e {
				continue
			}
		case *ast.UnaryExpr:
			if p.Op == token.ARROW {
				continue
			}
		}
		return false
	}
	return true
}

// isConduit reports whether the window only calls blocking operations on a value that
// are safe for concurrent use, as a connection's are: what is sent goes through it,
// and is something else.
func (w *Window) isConduit(v usedValue) bool {
	found, only := false, true
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok || types.ExprString(e) != v.name {
				return true
			}
			found = true
			only = only && w.receives(e)
			return false
		})
	}
	return found && only
}

// receives reports whether an expression is what a blocking operation of the function
// itself is called on, or what that is a part of, and the operation is safe for
// concurrent use.
func (w *Window) receives(e ast.Node) bool {
	for {
		sel, ok := w.parents[e].(*ast.SelectorExpr)
		if !ok || sel.X != e {
			break
		}
		e = sel
	}
	c, ok := w.parents[e].(*ast.CallExpr)
	return ok && c.Fun == e && slices.ContainsFunc(w.Finding.Ops, func(o *patterns.Op) bool {
		return o.Node == ast.Node(c) && len(o.Path) == 0 && o.Safety == "safe"
	})
}

// askPassedOn asks about calls of the window, besides those that wait, that have
// an effect and are given a value which the section has just changed: the number
// of a message, say, which is put into a queue. What is only read under the lock
// counts where the call is made for its effect alone: the last one made then
// need not have the last value.
func (w *Window) askPassedOn() {
	for _, st := range w.Stmts {
		eachSynchronousCall(st, func(c *ast.CallExpr) {
			if w.isOp(c) {
				w.askNumbered(c)
				return
			}
			if w.logs(c) || !w.effectful(w.Unit, c) {
				return
			}
			for _, a := range c.Args {
				if t := w.madeFrom(a); t != nil {
					w.assume(S8, a.Pos(), "The section changes %s and then passes it to %s, and two callers can now overtake each other. Is either order fine for the receiver?", t.name(), callName(c))
				} else if v := w.readFrom(a); v != nil && w.forEffect(c) {
					w.assume(S8, a.Pos(), "What %s gets comes from %s, read under the lock, and two callers can now overtake each other. Is either order fine for the receiver?", callName(c), v.Name())
				}
			}
		})
	}
}

// askNumbered asks about a call that waits and is given a number which the section
// has just counted on. That it only reads does not make its order harmless: the
// number may be there for whoever answers.
func (w *Window) askNumbered(c *ast.CallExpr) {
	for _, a := range c.Args {
		for _, e := range w.madeOf(a, nil) {
			if t := w.madeFrom(e); t != nil && isOrdered(t.access.Var.Type()) && w.itself(e, t.access.Var) {
				w.assume(S8, a.Pos(), "%s is changed at %s and then sent by %s. May a newer value arrive before an older one?", t.name(), w.line(t.access.Pos()), callName(c))
				break
			}
		}
	}
}

// madeOf lists an expression and those that the window gives to the variables in it,
// but for the results of waits, which come from elsewhere.
func (w *Window) madeOf(e ast.Expr, seen []*types.Var) []ast.Expr {
	out := []ast.Expr{e}
	for _, st := range w.Stmts {
		inspectOuter(st, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != len(as.Rhs) {
				return true
			}
			for i, l := range as.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok {
					continue
				}
				v := varOf(w.Info, id)
				if v == nil || slices.Contains(seen, v) || !mentions(w.Info, e, v) || w.waits(as.Rhs[i]) {
					continue
				}
				out = append(out, w.madeOf(as.Rhs[i], append(slices.Clone(seen), v))...)
			}
			return true
		})
	}
	return out
}

// itself reports whether an expression is made of the value of a guarded variable,
// as opposed to an element that was found with it.
func (w *Window) itself(e ast.Expr, v *types.Var) bool {
	for _, d := range sortedVars(w.derived) {
		if !mentions(w.Info, e, d) {
			continue
		}
		for _, t := range w.derived[d] {
			if t.access.Var == v && !w.isIndex(t.access.Node) {
				return true
			}
		}
	}
	return slices.ContainsFunc(w.Values, func(x Extraction) bool {
		if !x.reads(v) || x.Part || !slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return within(u, e) }) {
			return false
		}
		return !x.Operand || slices.ContainsFunc(w.Unit.AccessesIn(x.Uses[0]), func(a *patterns.Access) bool { return a.Var == v && !w.isIndex(a.Node) })
	})
}

// isIndex reports whether an expression is a part of the index of another one.
func (w *Window) isIndex(e ast.Expr) bool {
	for n := ast.Node(e); ; {
		p := w.parents[n]
		if ix, ok := p.(*ast.IndexExpr); ok && ix.Index == n {
			return true
		}
		if _, ok := p.(ast.Expr); !ok {
			return false
		}
		n = p
	}
}

// forEffect reports whether a call gives no value but an error, and is not made
// on an object of this call of the function.
func (w *Window) forEffect(c *ast.CallExpr) bool {
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && w.Info.Selections[sel] != nil {
		if w.Program.Owns(w.Pkg, sel.X) {
			return false
		}
	}
	if _, alone := w.parents[c].(*ast.ExprStmt); alone {
		return true
	}
	switch t := w.Info.TypeOf(c).(type) {
	case *types.Tuple:
		return t.Len() == 0
	default:
		return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
	}
}

// readFrom returns a guarded variable that others change and whose value, taken
// under the lock, an expression uses; nil if there is none.
func (w *Window) readFrom(e ast.Expr) *types.Var {
	for _, v := range w.comesFrom(e) {
		if !w.detached(v) && w.Program.SharingOf(w.packageOf(v), v).Changed(func(a *patterns.Access) bool { return a.Under(w.Section.LockVar()) }) != nil {
			return v
		}
	}
	return nil
}

// madeFrom returns a guarded variable that is changed before the window and
// whose value an expression uses, or nil.
func (w *Window) madeFrom(e ast.Expr) *touch {
	from := w.comesFrom(e)
	for _, t := range guardedChanges(w.pre) {
		if slices.Contains(from, t.access.Var) && !w.detached(t.access.Var) {
			return t
		}
	}
	return nil
}

// comesFrom lists the guarded variables whose values, taken before the window, an
// expression uses.
func (w *Window) comesFrom(e ast.Expr) []*types.Var {
	var from []*types.Var
	for _, v := range sortedVars(w.derived) {
		if mentions(w.Info, e, v) {
			for _, t := range w.derived[v] {
				from = append(from, t.access.Var)
			}
		}
	}
	for _, x := range w.Values {
		if slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return within(u, e) }) {
			from = append(from, x.sources()...)
		}
	}
	return from
}

// logs reports whether a call writes to the program's log, where nobody relies
// on the order.
func (w *Window) logs(c *ast.CallExpr) bool { return isLogCall(w.Info, c) }

// isLogCall reports whether a call is one of a logging package of the standard library.
func isLogCall(info *types.Info, c *ast.CallExpr) bool {
	fn := patterns.CalleeOf(info, c)
	return fn != nil && fn.Pkg() != nil && (fn.Pkg().Path() == "log" || fn.Pkg().Path() == "log/slog")
}

// callName names what a call calls, for a message.
func callName(c *ast.CallExpr) string {
	if _, ok := ast.Unparen(c.Fun).(*ast.FuncLit); ok {
		return "a function literal"
	}
	return types.ExprString(c.Fun)
}

// deadlines are the methods that are given the time only to limit a wait.
var deadlines = []string{"SetDeadline", "SetReadDeadline", "SetWriteDeadline"}

// clock returns a look at the clock in the section, before or in the window, or
// nil.
func (w *Window) clock() ast.Node {
	var found ast.Node
	for _, st := range append(slices.Clone(w.Pre), w.Stmts...) {
		ast.Inspect(st, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && found == nil {
				fn := patterns.CalleeOf(w.Info, c)
				if fn != nil && slices.Contains(deadlines, fn.Name()) {
					return false // of this very call
				}
				if fn != nil && fn.FullName() == "time.Now" {
					found = c
				}
			}
			return found == nil
		})
	}
	return found
}

// guardedChanges lists the touches that change or close something guarded.
func guardedChanges(t *touched) []*touch {
	var out []*touch
	for _, u := range t.touches {
		if u.class == guardedUse && (u.access.Kind.Changes() || u.access.Kind == patterns.Close) {
			out = append(out, u)
		}
	}
	return out
}

// some joins names, at most four of them.
func some(names []string) string {
	if len(names) > 4 {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d more", len(names)-3))
	}
	return strings.Join(names, ", ")
}

// writer returns the first operation that changes something outside, or nil.
func (w *Window) writer() *patterns.Op {
	for _, o := range w.Finding.Ops {
		if !w.ownRequest(o) && (o.Effect == "write" || o.Weak != "") && !w.closesOwn(o) {
			return o
		}
	}
	return nil
}

// proveOverlap is S9: what waits may be called by several goroutines at once.
func (w *Window) proveOverlap() *Refusal {
	for _, o := range w.Finding.Ops {
		switch {
		case w.Section.Mode == patterns.Shared || w.ownRequest(o):
		case o.Safety == "unsafe" && len(o.Path) == 0 && !w.localReceiver(o):
			return Refuse(S9, "not-concurrent", o.Pos(), "%s is not safe for concurrent use, and this lock is what keeps callers apart", o.What)
		case o.Safety == "unsafe" && len(o.Path) > 0:
			w.assume(S9, o.Pos(), "%s, which is not safe for concurrent use, is reached through %s. Does each call use its own?", o.What, o.Path[0].Func)
		case o.Safety == "unknown" && !w.localReceiver(o):
			what := o.Call() + " can now run in several goroutines at once"
			w.ask(safeUse, what, S9, o.Pos(), "%s. Is it safe for concurrent use?", what)
		case o.Effect == "write" && (o.Category == "disk" || o.Category == "fsync") && !w.closesOwn(o):
			what := o.Call() + " can now run in two goroutines at once, even for the same file"
			w.ask(sameFile, what, S9, o.Pos(), "%s. Does the file stay intact?", what)
		case o.Effect == "write" && o.Category != "chan" && !w.closesOwn(o):
			w.askAtOnce(o)
		}
	}
	for _, o := range w.Finding.Ops {
		if (o.Effect == "wait" || o.Category == "chan") && o.Category != "sleep" && !w.joinsOwn(o) {
			w.assume(S9, o.Pos(), "Other sections of %s can now run before what %s waits for has happened. Is it true that none relies on it?", w.Section.Lock, o.Call())
		}
	}
	if r := w.proveAdds(); r != nil {
		return r
	}
	if w.Section.Mode != patterns.Shared {
		for _, o := range w.Finding.Ops {
			if other := w.waitsToo(o); other != nil && !w.asksAbout(S9, other.Pos()) {
				w.ask(besides, other.Call()+" at "+w.line(other.Pos()), S9, o.Pos(), "%s also runs under %s, at %s. May the two now run at the same time?", other.Call(), w.Section.Lock, w.line(other.Pos()))
			}
		}
	}
	w.askShared()
	w.askStreams()
	if !w.has(S9) {
		w.proved(S9, "what waits may be called by several goroutines at once")
	}
	return nil
}

// askAtOnce asks whether an operation may be carried out by several goroutines at
// once, in this section and in another one where the lock kept the two apart.
func (w *Window) askAtOnce(o *patterns.Op) {
	what := o.Call() + " can now run several times at once"
	switch other := w.waitsToo(o); {
	case other != nil:
		what = w.atOnceToo(o, other)
	case w.atStart():
		return
	}
	w.ask(atOnce, what, S9, o.Pos(), "%s. Is that all right?", what)
}

// waitsToo returns an operation of the same category that another section of the
// lock encloses, or nil.
func (w *Window) waitsToo(o *patterns.Op) *patterns.Op {
	return w.Program.WaitsUnder(w.Pkg, w.Section.LockVar(), o.Category, w.Section)
}

// atOnceToo says that an operation and another one can now run at the same time.
func (w *Window) atOnceToo(o, other *patterns.Op) string {
	if other.Call() == o.Call() {
		return fmt.Sprintf("%s can now run several times at once, here and at %s", o.Call(), w.line(other.Pos()))
	}
	return fmt.Sprintf("%s can now run several times at once, and at the same time as %s at %s", o.Call(), other.Call(), w.line(other.Pos()))
}

// closesOwn reports whether an operation closes an object that only this call of
// the function has: nobody can tell when that happens.
func (w *Window) closesOwn(o *patterns.Op) bool {
	return strings.HasSuffix(o.What, ").Close") && len(o.Path) == 0 && w.localReceiver(o)
}

// ownRequest reports whether an operation is made on an object that belongs to
// the request that is being answered, unless it was taken from a field, where it
// was kept for others.
func (w *Window) ownRequest(o *patterns.Op) bool {
	c, ok := o.Node.(*ast.CallExpr)
	if ok && len(o.Path) == 0 && w.answersRequest(c) {
		return true
	}
	if !o.Own || len(o.Path) > 0 || !ok {
		return o.Own
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return true
	}
	if p, ok := patterns.PathOf(w.Info, sel.X); ok {
		return len(p.Fields) == 0 && !w.kept(p.Root)
	}
	responses := 0
	own := true
	inspectOuter(c, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || !patterns.IsResponse(w.Info.TypeOf(e)) {
			return true
		}
		p, ok := patterns.PathOf(w.Info, e)
		own = own && ok && len(p.Fields) == 0 && !p.Global() && !w.kept(p.Root)
		responses++
		return false
	})
	return own && responses > 0
}

// kept reports whether a local variable may have been taken from a field or a
// variable of the package, where it was kept for others.
func (w *Window) kept(v *types.Var) bool {
	kept := false
	w.eachValue(v, func(e ast.Expr) {
		if t, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
			e = t.X
		}
		q, ok := patterns.PathOf(w.Info, e)
		kept = kept || ok && (len(q.Fields) > 0 || q.Global())
	})
	return kept
}

// answersRequest reports whether a call writes to the response that the function was
// given, by a function of net/http or through an encoder that was made for it here.
func (w *Window) answersRequest(c *ast.CallExpr) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if w.Info.Selections[sel] == nil {
		fn := patterns.CalleeOf(w.Info, c)
		return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http" && len(c.Args) > 0 && w.isResponse(c.Args[0])
	}
	made := ast.Unparen(sel.X)
	if id, ok := made.(*ast.Ident); ok {
		v := varOf(w.Info, id)
		if v == nil || v.IsField() || isGlobal(v) || !w.Program.Owns(w.Pkg, id) {
			return false
		}
		made = w.Unit.DefinedOnce(v)
	}
	by, ok := made.(*ast.CallExpr)
	return ok && len(by.Args) == 1 && w.isResponse(by.Args[0])
}

// isResponse reports whether an expression is the parameter of the function that is
// the response to one request.
func (w *Window) isResponse(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := varOf(w.Info, id)
	return v != nil && w.Unit.IsParam(v) && types.TypeString(v.Type(), nil) == "net/http.ResponseWriter" && !w.Unit.Assigned(v, w.Unit.Body.List)
}

// localReceiver reports whether an operation is made on an object that only
// this call of the function has.
func (w *Window) localReceiver(o *patterns.Op) bool {
	c, ok := o.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	return w.Program.Owns(w.Pkg, sel.X)
}

// eachValue calls f with every expression that a local variable is given its
// value by: for one of several results the call, for an element what is ranged
// over.
func (s *Site) eachValue(v *types.Var, f func(ast.Expr)) {
	note := func(lhs, rhs ast.Expr) {
		if id, ok := lhs.(*ast.Ident); ok && s.Info.ObjectOf(id) == v {
			f(rhs)
		}
	}
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				note(l, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if len(n.Values) > 0 {
					note(id, n.Values[min(i, len(n.Values)-1)])
				}
			}
		case *ast.RangeStmt:
			note(n.Key, n.X)
			note(n.Value, n.X)
		}
		return true
	})
}

// proveHalfDone is S10: no broken invariant is visible during the window.
func (w *Window) proveHalfDone() *Refusal {
	if r := w.proveFlags(); r != nil {
		return r
	}
	asked := w.askTakenBack()
	changes := slices.DeleteFunc(guardedChanges(w.pre), func(t *touch) bool {
		v := t.access.Var
		return w.countedOnly(v) || w.setAgain(v) || slices.ContainsFunc(asked, func(o undoneMark) bool { return o.done.of == v })
	})
	if len(changes) > 0 && w.seenAlready(changes) {
		return nil
	}
	if names := some(touchNames(changes)); len(changes) > 0 && !isBroken(S10) && w.dropQuestion(S8, changesAndCallsOf(names)) {
		w.ask(seenEarly, names, S10, changes[0].access.Pos(), "Others can now see the change to %s, and make calls of their own, before this call is over. Is that right?", names)
		w.obligations[len(w.obligations)-1].Also = []Condition{S8}
		return nil
	}
	if len(changes) > 0 {
		names := some(touchNames(changes))
		w.ask(seenEarly, names, S10, changes[0].access.Pos(), "Other goroutines can now see %s as changed here before the call is done. Is that a valid state?", names)
		return nil
	}
	if !w.has(S10) {
		w.proved(S10, "%s", map[bool]string{
			true:  "nothing is changed before the window",
			false: "what is changed before the window only counts, or is set anew after it",
		}[len(guardedChanges(w.pre)) == 0])
	}
	return nil
}
