package overlap

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/outside"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveOverlap is S9: several goroutines may make the waiting call at once.
func ProveOverlap(w *move.Window) *safety.Refusal {
	if w.Second != nil {
		askOthers(w)
		return nil
	}
	if r := proveConcurrent(w); r != nil {
		return r
	}
	for _, o := range w.Freed() {
		if (o.Effect == "wait" || o.Category == "chan") && o.Category != "sleep" && !w.Finding.NeverPassed(o) && !ReadsAgain(w, o) && !signals.JoinsOwn(w, o) && !signals.AsksOfAwaited(w, o) {
			w.Ask(safety.RunsMeanwhile, "", safety.S9, o.Pos(), "May other sections of %s run before %s is done?", w.Section.Lock, o.Activity())
		}
	}
	if r := signals.ProveAdds(w); r != nil {
		return r
	}
	if r := provePosition(w); r != nil {
		return r
	}
	if r := proveDialogue(w); r != nil {
		return r
	}
	if r := proveOffset(w); r != nil {
		return r
	}
	if r := provePacing(w); r != nil {
		return r
	}
	if r := proveExchange(w); r != nil {
		return r
	}
	askBeside(w)
	if !askProcess(w) {
		askProcessState(w)
	}
	askCommand(w)
	askPacing(w)
	askShared(w)
	askStreams(w)
	askMixed(w)
	askBarrier(w)
	switch {
	case w.Has(safety.S9):
	case slices.ContainsFunc(w.Freed(), w.Finding.NeverPassed):
		w.Proved(safety.S9, "no run has ever got past the call, which takes the lock that is held")
	default:
		w.Proved(safety.S9, "several goroutines may make the call at once")
	}
	return nil
}

// proveConcurrent is the part of S9 about what is called: it must be safe for concurrent use.
func proveConcurrent(w *move.Window) *safety.Refusal {
	for _, o := range w.Freed() {
		switch taken := unsafeOnTaken(w, o); {
		case w.Section.Mode == patterns.Shared || OwnRequest(w, o) || w.Finding.NeverPassed(o):
		case taken != nil:
			w.Assume(safety.S9, o.Pos(), "%s is not safe for concurrent use, and is called for %s, which the section has taken out before. Is it true that nobody else has it by another name?", o.What, taken.Name())
		case o.Safety == "unsafe" && len(o.Path) == 0 && !localReceiver(w, o):
			return safety.Refuse(safety.S9, "not-concurrent", o.Pos(), "%s is not safe for concurrent use, and this lock is what keeps callers apart", o.What)
		case o.Safety == "unsafe" && len(o.Path) > 0 && !localReceiver(w, o):
			w.Assume(safety.S9, o.Pos(), "%s, which is not safe for concurrent use, is reached through %s. Does each call use its own?", o.What, o.Path[0].Func)
		case o.Safety == "unknown" && !localReceiver(w, o):
			what := o.Call() + " can now run in several goroutines at once"
			w.Ask(safety.SafeUse, what, safety.S9, o.Pos(), "%s. Is it safe for concurrent use?", what)
		case o.Effect == "write" && (o.Category == "disk" || o.Category == "fsync") && !ClosesOwn(w, o) && !onOwnFile(w, o):
			what := o.Call() + " can now run in two goroutines at once, even for the same file" + comesBetween(w, o)
			w.Ask(safety.SameFile, what, safety.S9, o.Pos(), "%s. Does the file stay intact?", what)
		case o.Effect == "write" && o.Category != "chan" && !ClosesOwn(w, o):
			askAtOnce(w, o)
		}
	}
	return nil
}

// askAtOnce asks whether several goroutines may carry out an operation at once, in this
// section and in another one that the lock kept apart from it.
func askAtOnce(w *move.Window, o *waits.Op) {
	what := o.Call() + " can now run in several goroutines at once" + comesBetween(w, o)
	switch other := waitsToo(w, o); {
	case other != nil:
		what = atOnceToo(w, o, other) + comesBetween(w, o)
	case w.AtStart() && comesBetween(w, o) == "":
		return
	}
	w.Ask(safety.AtOnce, what, safety.S9, o.Pos(), "%s. Is that all right?", what)
}

// comesBetween says that another caller's operation can come between one that reads and one
// that writes: what is written may be out of date. Under the lock the two were one step,
// like header and body of a message.
func comesBetween(w *move.Window, o *waits.Op) string {
	for _, r := range w.Finding.Ops {
		first := r.Effect == "read" || r.Call() == o.Call() && len(r.Path) == 0
		if first && r.Category == o.Category && r.Pos() < o.Pos() && !r.Deferred && !OwnRequest(w, r) && !localReceiver(w, r) && !exclusively(w, r, o) {
			return ", and another one can come between " + r.Call() + " at " + w.Line(r.Pos()) + " and this one"
		}
	}
	return ""
}

// exclusively reports whether two operations are in different branches of one statement.
func exclusively(w *move.Window, a, b *waits.Op) bool {
	for n := w.Parents[a.Node]; n != nil; n = w.Parents[n] {
		switch n.(type) {
		case *ast.CaseClause, *ast.CommClause:
			return !syntax.Within(b.Node, n) && syntax.Within(b.Node, w.Parents[n])
		case *ast.BlockStmt:
			if ifs, ok := w.Parents[n].(*ast.IfStmt); ok && !syntax.Within(b.Node, n) && syntax.Within(b.Node, ifs) {
				return true
			}
		}
	}
	return false
}

// askBeside asks about operations that the lock kept from running at the same time as those of
// the window.
func askBeside(w *move.Window) {
	for _, o := range w.Freed() {
		other, at := "", token.NoPos
		if p := waitsToo(w, o); p != nil {
			other, at = p.Call(), p.Pos()
		} else if u := readsFile(w, o); u != nil {
			other, at = u.What, u.Last().Call.Pos()
		}
		asked := w.AsksAbout(safety.S9, at) || w.Section.Mode == patterns.Shared && w.AsksAbout(safety.S6, at)
		if other != "" && unsafeOnTaken(w, o) == nil && !asked {
			w.Ask(safety.Besides, other+" at "+w.Line(at), safety.S9, o.Pos(), "%s also runs under %s, at %s. Is it safe for the two to run at the same time?", other, w.Section.Lock, w.Line(at))
		}
	}
}

// readsFile returns what another section, which the lock kept apart from this one, reads of the
// file that an operation writes: it can now find it half written.
func readsFile(w *move.Window, o *waits.Op) *outside.Use {
	writes := func(u *outside.Use) bool {
		return u.Writes && u.Category == "disk" && u.Chain[0].Call == o.Node
	}
	own := outside.Uses(w.Program, w.Section)
	i := slices.IndexFunc(own, writes)
	if i < 0 {
		return nil
	}
	for _, other := range locks.SectionsOfLock(w.Program, w.Pkg, w.Section.LockVar()) {
		if !w.Section.KeptApart(other) {
			continue
		}
		for _, u := range outside.Uses(w.Program, other) {
			if u.Category == "disk" && !u.Writes && own[i].Same(u) {
				return u
			}
		}
	}
	return nil
}

// waitsToo returns an operation of the same category that another section of the
// lock encloses, or nil.
func waitsToo(w *move.Window, o *waits.Op) *waits.Op {
	return waits.WaitsUnder(w.Program, w.Pkg, w.Section, o.Category)
}

// atOnceToo says that an operation and another one can now run at the same time.
func atOnceToo(w *move.Window, o, other *waits.Op) string {
	if other.Call() == o.Call() {
		return fmt.Sprintf("%s can now run in several goroutines at once, here and at %s", o.Call(), w.Line(other.Pos()))
	}
	return fmt.Sprintf("%s can now run in several goroutines at once, and at the same time as %s at %s", o.Call(), other.Call(), w.Line(other.Pos()))
}

// ClosesOwn reports whether an operation closes an object that only this call of the
// function has: nobody can tell when that happens.
func ClosesOwn(w *move.Window, o *waits.Op) bool {
	return strings.HasSuffix(o.What, ").Close") && len(o.Path) == 0 && localReceiver(w, o)
}

// onOwnFile reports whether an operation makes a file under a name that nobody else uses, or
// works on such a file, which the function has made itself.
func onOwnFile(w *move.Window, o *waits.Op) bool {
	if len(o.Path) > 0 {
		return false
	}
	c, ok := o.Node.(*ast.CallExpr)
	makes := func(e ast.Expr) bool {
		made, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := patterns.CalleeOf(w.Info, made)
		return fn != nil && outside.MakesName(fn.FullName())
	}
	if !ok || makes(c) {
		return ok
	}
	id := patterns.IdentOf(patterns.ReceiverOf(c.Fun))
	v := syntax.VarOf(w.Info, id)
	if id == nil || v == nil || v.IsField() || w.Unit.IsParam(v) || w.Unit.Addressed(v) {
		return false
	}
	given := w.Unit.Given(v)
	return len(given) > 0 && !slices.ContainsFunc(given, func(e ast.Expr) bool { return !makes(e) })
}

// OwnRequest reports whether an operation is made on an object that belongs to the
// request being answered, unless it comes from a field, where it was kept for others, or the
// function keeps it there.
func OwnRequest(w *move.Window, o *waits.Op) bool {
	c, ok := o.Node.(*ast.CallExpr)
	if o.Own && behaviour.KeepsResponse(w.Site) {
		return false
	}
	if ok && len(o.Path) == 0 && AnswersRequest(w, c) {
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
		return len(p.Fields) == 0 && !kept(w, p.Root)
	}
	responses := 0
	own := true
	syntax.InspectOuter(c, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || !waits.IsResponse(w.Info.TypeOf(e)) {
			return true
		}
		p, ok := patterns.PathOf(w.Info, e)
		own = own && ok && len(p.Fields) == 0 && !p.Global() && !kept(w, p.Root)
		responses++
		return false
	})
	return own && responses > 0
}

// kept reports whether a local variable may have been taken from a field or a
// variable of the package, where it was kept for others.
func kept(w *move.Window, v *types.Var) bool {
	return slices.ContainsFunc(w.Unit.Given(v), func(e ast.Expr) bool {
		if t, ok := e.(*ast.TypeAssertExpr); ok {
			e = t.X
		}
		q, ok := patterns.PathOf(w.Info, e)
		return ok && (len(q.Fields) > 0 || q.Global())
	})
}

// AnswersRequest reports whether a call writes to the response that the function was
// given: by its methods, by a function of net/http, or through an encoder that was made for
// it here.
func AnswersRequest(w *move.Window, c *ast.CallExpr) bool {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if behaviour.IsResponse(w.Site, sel.X) {
		return true
	}
	if w.Info.Selections[sel] == nil {
		fn := patterns.CalleeOf(w.Info, c)
		return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http" && len(c.Args) > 0 && behaviour.IsResponse(w.Site, c.Args[0])
	}
	made := ast.Unparen(sel.X)
	if id, ok := made.(*ast.Ident); ok {
		v := syntax.VarOf(w.Info, id)
		if v == nil || v.IsField() || syntax.IsGlobal(v) || !w.Program.Owns(w.Pkg, id) {
			return false
		}
		made = w.Unit.DefinedOnce(v)
	}
	by, ok := made.(*ast.CallExpr)
	return ok && len(by.Args) == 1 && behaviour.IsResponse(w.Site, by.Args[0])
}

// localReceiver reports whether an operation is made on an object that only
// this call of the function, or of the one that it reaches, has.
func localReceiver(w *move.Window, o *waits.Op) bool {
	u, last := o.Innermost(w.Unit)
	if u == nil || u.Body == nil || last == nil || len(o.Chain) > 0 && !onlySafeBesides(w, o, last) {
		return false
	}
	c, ok := last.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	return w.Program.Owns(u.Pkg, sel.X) || w.Detach != nil && ofTakenOut(w, sel.X)
}

// onlySafeBesides reports whether everything else that the called functions wait for is safe for
// concurrent use, as far as they are seen.
func onlySafeBesides(w *move.Window, o *waits.Op, last *waits.Op) bool {
	seen := make(map[*patterns.Unit]bool)
	var safe func(u *patterns.Unit) bool
	safe = func(u *patterns.Unit) bool {
		if seen[u] {
			return true
		}
		seen[u] = true
		if u.Body == nil {
			return !waits.Reaches(u, func(string) bool { return true })
		}
		return !slices.ContainsFunc(waits.SitesOf(w.Program, u), func(st waits.Site) bool {
			return st.Op != nil && st.Op.Safety != blocking.SafetySafe && st.Node != last.Node || st.Callee != nil && !safe(st.Callee)
		})
	}
	return safe(o.Chain[0].Callee)
}

// unsafeOnTaken returns the local variable that an operation is called on which is not safe for
// concurrent use, if the section has taken the object out of a guarded variable and passed it to
// nobody since; or nil.
func unsafeOnTaken(w *move.Window, o *waits.Op) *types.Var {
	c, ok := o.Node.(*ast.CallExpr)
	if !ok || o.Safety != "unsafe" || len(o.Path) > 0 {
		return nil
	}
	v := syntax.VarOf(w.Info, patterns.IdentOf(patterns.ReceiverOf(c.Fun)))
	if v == nil || !w.Taken(v) {
		return nil
	}
	return v
}

// ofTakenOut reports whether an expression is a field of an object that the section takes out
// and that nobody else has.
func ofTakenOut(w *move.Window, e ast.Expr) bool {
	all := guards.AccessesIn(w.Unit, e)
	return len(all) > 0 && !slices.ContainsFunc(all, func(a *guards.Access) bool { return !behaviour.OfTakenContents(w.Site, a) })
}
