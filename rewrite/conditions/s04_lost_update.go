package conditions

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/emptied"
	"github.com/letgo-dev/letgo/rewrite/conditions/lost"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// proveUpdates is S4 and S5: what is written after the window does not destroy
// what others wrote meanwhile.
func proveUpdates(w *move.Window) *safety.Refusal {
	askDropped(w)
	for _, t := range w.PostTouches.List {
		if t.Class != site.GuardedUse || !t.Access.Kind.Changes() || onlyPart(w, t) {
			continue
		}
		if r := proveUpdate(w, t); r != nil {
			return r
		}
	}
	if r := proveAtomics(w); r != nil {
		return r
	}
	stale.AskUpdates(w)
	askStoredAgain(w)
	if !w.Has(safety.S4) {
		w.Proved(safety.S4, "%s", map[bool]string{
			true:  "nothing is written after the call",
			false: "what is written after the call is added to what is there, or does not depend on it",
		}[w.PostTouches.GuardedChange() == nil])
	}
	if !w.Has(safety.S5) {
		w.Proved(safety.S5, "no entry is looked up before the call and inserted after it")
	}
	return nil
}

// onlyPart reports whether a change is to a field of a struct that a variable holds, or to
// an element of it, and nobody else sets the struct as a whole: then only that field
// changes, and is judged by itself.
func onlyPart(w *move.Window, t *site.Touch) bool {
	v := t.Access.Var
	if t.Via == nil && syntax.IsSlice(v.Type()) && t.Access.Kind == guards.Content && w.InElement(t.Access) {
		return true
	}
	return t.Via == nil && t.Access.Leads && guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		return !a.Leads && w.OfOthers(a)
	}) == nil
}

func proveUpdate(w *move.Window, t *site.Touch) *safety.Refusal {
	v := t.Access.Var
	if slices.Contains(w.Lent, v) {
		return nil
	}
	before := readBefore(w, t)
	askReadLater(w, t)
	if r := refuseRemoval(w, t); r != nil {
		return r
	}
	if r := lost.RefuseCounted(w, w, t); r != nil {
		return r
	}
	kind := w.UpdateKind(t)
	lost.AskRemoved(w, t)
	if kind == move.Merge && syntax.IsSlice(v.Type()) && w.Recheck.TestsAgain(v) {
		emptied.FilledLate(w, t)
	}
	if kind == move.Merge || behaviour.NotesTime(w.Site, v) {
		return nil
	}
	if at := setMeanwhile(w, t); at != nil {
		return safety.Refuse(safety.S4, "changed-meanwhile", t.Access.Pos(), "%s is changed after the wait, and back at %s, where what the wait works on changes, too: if that happens during the wait, it is lost", t.Name(), w.Line(at.Pos()))
	}
	if kind == move.Insert && w.StoresPart(t.Access) {
		stale.AskPart(w, t)
		return nil
	}
	if w.TestsAgain(v) && !passesOn(w, v) {
		if kind == move.Insert {
			w.ProvedOnce(safety.S5, "the entry is looked up again before it is inserted")
		}
		if w.Recheck.TestsAgain(v) { // S3 asks about the results of other repeated tests
			emptied.FilledLate(w, t)
		}
		return nil
	}
	if stale.Status(w, v) {
		w.Again = append(w.Again, t)
		return nil
	}
	if w.PutsBackElement(t) {
		if other := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(w.OfOthers); other != nil {
			w.Ask(safety.PutBack, t.Name(), safety.S4, t.Access.Pos(), "What is taken out of %s is put back after the call: others find nothing there until then, and what they set there (%s) is replaced. Is that right?", t.Name(), w.Line(other.Pos()))
		}
		return nil
	}
	if before && kind == move.Insert {
		return safety.Refuse(safety.S5, "filled-meanwhile", t.Access.Pos(), "%s is looked up before the wait and filled after it: another goroutine may have filled it meanwhile", t.Name())
	}
	if before && stale.RenewedByCall(w, t) {
		w.Renewed = append(w.Renewed, move.ChangedToo{Touch: t, Other: guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(w.OfOthers)})
		return nil
	}
	if before {
		return safety.Refuse(safety.S4, "read-then-written", t.Access.Pos(), "%s is read before the wait and overwritten after it", t.Name())
	}
	return proveOverwrite(w, t, kind)
}

// readBefore reports whether the section looks at the variable of a change before the window, or
// reads it for the window.
func readBefore(w *move.Window, t *site.Touch) bool {
	v := t.Access.Var
	return slices.ContainsFunc(w.PreTouches.List, func(p *site.Touch) bool {
		return p.Access.Var == v && p.Class == site.GuardedUse && !w.Overwrites(p.Access) && !setsOnly(w, p) && !w.OfEarlierRound(p)
	}) ||
		slices.ContainsFunc(w.Values, func(x extract.Extraction) bool {
			return x.Reads(v) && x.RangedKey(w.Site) == nil && !lost.OnlySleeps(w, x) && !stale.ReadLater(w, x, t)
		})
}

// askReadLater asks whether others may set such a value in between, where the section waits for
// something else before it reads the value.
func askReadLater(w *move.Window, t *site.Touch) {
	for _, x := range w.Values {
		if !x.Reads(t.Access.Var) || !stale.ReadLater(w, x, t) {
			continue
		}
		if slices.ContainsFunc(w.Stmts, func(st ast.Stmt) bool {
			return w.Waits(st) && t.Access.Node.End() <= st.Pos() && st.End() <= x.Before.Pos()
		}) {
			w.Ask(safety.UsedAgain, t.Name(), safety.S3, t.Access.Pos(), "%s is set here and read again for the call at %s. Is that right if others change it in between?", t.Name(), w.Line(x.Uses[0].Pos()))
		}
	}
}

// proveOverwrite is proveUpdate for a change that ignores what is there.
func proveOverwrite(w *move.Window, t *site.Touch, kind move.Update) *safety.Refusal {
	v := t.Access.Var
	other := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(w.OfOthers)
	again := slices.ContainsFunc(w.PreTouches.List, func(p *site.Touch) bool {
		return p.Access.Var == v && p.Class == site.GuardedUse && !w.OfEarlierRound(p)
	})
	if other == nil && kind == move.Constant && !again && !differsByOutcome(w, t) {
		return nil // nobody else gives it another value
	}
	if other != nil && !w.Free && kind == move.Constant && !again && t.Access.Kind == guards.Write && syntax.RefsOf(v.Type(), 0) == syntax.Aliasing { // emptied, whatever was in it
		w.Assume(safety.S4, t.Access.Pos(), "%s is emptied after the call, and also changed at %s. Is it fine to lose what is added during the call?", t.Name(), w.Line(other.Pos()))
		return nil
	}
	if other != nil && !w.Free && (kind == move.Overwrite || kind == move.Constant) && !stale.ComparesAndSets(w) {
		if kind == move.Constant && syntax.IsBool(v.Type()) { // a flag is cleared that others may have set again
			return safety.Refuse(safety.S4, "changed-meanwhile", t.Access.Pos(), "%s is overwritten after the wait, and also changed at %s", t.Name(), w.Line(other.Pos()))
		}
		w.Ask(safety.Overwritten, t.Name()+" ("+w.Line(other.Pos())+")", safety.S4, t.Access.Pos(), "Is it fine to overwrite what %s sets %s to during the call?", w.Line(other.Pos()), t.Name())
		return nil
	}
	if w.Free && givesNothing(w) {
		return nil // as if the section had begun after the wait
	}
	if other != nil {
		w.Older = append(w.Older, move.ChangedToo{Touch: t, Other: other})
		return nil
	}
	w.Later = append(w.Later, t)
	return nil
}

// refuseRemoval refuses to remove something after the wait as if nothing had changed since
// the section looked.
func refuseRemoval(w *move.Window, t *site.Touch) *safety.Refusal {
	if at := stale.TakenLater(w, t); at != nil {
		return safety.Refuse(safety.S4, "taken-later", t.Access.Pos(), "what is taken out of %s after the wait need not be what was looked at before it, at %s", t.Name(), w.Line(at.Pos()))
	}
	if at := markedMeanwhile(w, t); at != nil {
		return safety.Refuse(safety.S4, "changed-meanwhile", t.Access.Pos(), "an entry of %s is deleted after the wait, and set at %s, where what the wait works on changes, too: if that happens during the wait, it is lost", t.Name(), w.Line(at.Pos()))
	}
	if lost.RemovesUnseen(w, t) {
		return safety.Refuse(safety.S4, "removed-unseen", t.Access.Pos(), "what is removed from %s after the wait need not be what was looked at before it: others may have added to it, or another caller may have got the same", t.Name())
	}
	return nil
}

// setMeanwhile returns where another section sets a flag regardless of its value, together
// with a change to something whose value the window got: then it is no longer true that the
// window has dealt with what was there, and a repeated test does not notice.
//
//	if !s.dirty { return }
//	data := encode(s.items)
//	err := write(data)        // meanwhile: s.items changes, s.dirty = true
//	s.dirty = false
func setMeanwhile(w *move.Window, t *site.Touch) *guards.Access {
	value := behaviour.FlagSet(t.Access)
	if value == nil {
		return nil
	}
	var from []*types.Var
	for _, v := range w.GuardedValues() {
		from = append(from, v.From...)
	}
	return guards.SharingOf(w.Program, w.PackageOf(t.Access.Var), t.Access.Var).Changed(func(a *guards.Access) bool {
		if w.Contains(a) || !a.Under(w.Section.LockVar()) {
			return false
		}
		other := behaviour.FlagSet(a)
		return other != nil && constant.BoolVal(other) != constant.BoolVal(value) &&
			slices.ContainsFunc(from, func(v *types.Var) bool { return v != a.Var && changes(w, a.Unit, v) })
	})
}

// markedMeanwhile is [setMeanwhile] for a map that marks changes as still to be dealt with:
// it returns where its entries are set together with a change to something whose value the
// window got.
//
//	data := encode(s.items[k])
//	err := write(data)          // meanwhile: s.items[k] = item, s.dirty[k] = true
//	delete(s.dirty, k)
func markedMeanwhile(w *move.Window, t *site.Touch) *guards.Access {
	v := t.Access.Var
	if t.Via != nil || !syntax.IsMapType(v.Type()) || !syntax.Deletes(t.Access) || syntax.RefsOf(syntax.ElementType(v.Type()), 0) != syntax.NoRefs {
		return nil
	}
	var from []*types.Var
	for _, u := range w.GuardedValues() {
		from = append(from, u.From...)
	}
	return guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool {
		return !w.Contains(a) && a.Under(w.Section.LockVar()) && !syntax.Deletes(a) &&
			slices.ContainsFunc(from, func(g *types.Var) bool { return g != v && changes(w, a.Unit, g) })
	})
}

// changes reports whether a function changes a variable, itself or through others.
func changes(w *move.Window, u *patterns.Unit, v *types.Var) bool {
	found, _ := behaviour.AnyReached(w.Program, []*patterns.Unit{u}, func(u *patterns.Unit) bool {
		return slices.ContainsFunc(guards.AccessesIn(u, u.Body), func(a *guards.Access) bool { return a.Var == v && a.Kind.Changes() })
	})
	return found
}

// setsOnly reports whether a touch by the section itself, before a window that a loop leads
// back to, only sets an element or counts, without looking at anything.
func setsOnly(w *move.Window, t *site.Touch) bool {
	if t.Via != nil || !slices.ContainsFunc(w.PostTouches.List, func(o *site.Touch) bool { return o.Access.Node == t.Access.Node }) {
		return false
	}
	if behaviour.CountsItself(t.Access) {
		return true
	}
	ix := w.Indexed(t.Access)
	if ix == nil {
		return false
	}
	as, ok := w.Parents[ix].(*ast.AssignStmt)
	return ok && as.Tok == token.ASSIGN && slices.Contains(as.Lhs, ast.Expr(ix))
}

// passesOn reports whether what the window makes, and the section uses after it, depends on
// a value read earlier from the variable: then it may be out of date even if a test of the
// variable still has the same outcome.
func passesOn(w *move.Window, v *types.Var) bool {
	is := func(t *site.Touch) bool { return t.Access.Var == v }
	if w.Lift != nil && slices.ContainsFunc(behaviour.Touches(w.Site, w.Lift.Part).List, is) {
		return true
	}
	from := make(map[*types.Var][]*site.Touch)
	for u, touches := range w.Derived {
		if !w.Replaced(u) && !w.Missed(u) {
			from[u] = slices.Clone(touches)
		}
	}
	for u, touches := range behaviour.DerivedFrom(w.Site, from, w.Stmts) {
		if !slices.ContainsFunc(touches, is) {
			continue
		}
		if w.Lift != nil && syntax.Mentions(w.Info, w.Lift.Part, u) {
			return true
		}
		if w.Unit.Assigned(u, w.Stmts) && slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return syntax.Mentions(w.Info, st, u) }) {
			return true
		}
	}
	return false
}

// givesNothing reports whether a window at the start of a section is a few calls and
// receives without results, of which those that wait only do that, and leaves nothing in
// variables that what follows uses:
//
//	close(s.quit)
//	<-s.done
//	s.mu.Lock()
//	...
func givesNothing(w *move.Window) bool {
	for _, o := range w.Freed() {
		if o.Effect != "wait" || o.Deferred {
			return false
		}
	}
	for _, st := range w.Stmts {
		if _, call := st.(*ast.ExprStmt); !call {
			return false
		}
	}
	leaves := false
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return !leaves
			}
			v, _ := w.Info.Uses[id].(*types.Var)
			if v == nil || v.IsField() || v == w.Section.Lock.Root || w.IsReceiver(v) || syntax.IsGlobal(v) {
				return !leaves
			}
			plain := syntax.RefsOf(v.Type(), 0) == syntax.NoRefs && !w.Unit.Addressed(v) && !w.Unit.Captured(v)
			leaves = leaves || !plain && slices.ContainsFunc(w.Post, func(st ast.Stmt) bool { return syntax.Mentions(w.Info, st, v) })
			return !leaves
		})
	}
	return !leaves
}
