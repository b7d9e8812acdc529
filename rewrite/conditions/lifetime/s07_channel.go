package lifetime

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/conditions/stale"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveChannels is S7: a channel that the window sends on is not closed or
// replaced by a section.
func ProveChannels(w *move.Window) *safety.Refusal {
	var refusal *safety.Refusal
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				if at, ok := closedChan(w, n.Chan); ok && refusal == nil && !signals.AskAllEnded(w, n, at) {
					refusal = safety.Refuse(safety.S7, "send-on-closed", n.Pos(), "the channel may be closed at %s before the send, which would then panic", w.Line(at))
				}
			case *ast.CallExpr:
				switch {
				case refusal != nil || patterns.BuiltinOf(w.Info, n) != "close":
				case w.Free && closesAlone(w, n) && !mayBeUsedUnder(w, n):
				case w.Free && closesAlone(w, n):
					w.Assume(safety.S7, n.Pos(), "%s is now closed without %s. Is it true that nothing else under that lock uses it?", types.ExprString(n.Args[0]), w.Section.Lock)
				case !localChan(w, n.Args[0]):
					refusal = safety.Refuse(safety.S7, "closed-unlocked", n.Pos(), "the channel would be closed without the lock: others may send on it or close it at the same time")
				}
			}
			return true
		})
	}
	if refusal == nil {
		refusal = signals.ProveSends(w)
	}
	if refusal == nil {
		refusal = signals.ProveDrained(w)
	}
	for _, o := range w.Freed() {
		if refusal == nil && o.Category == "chan" && o.Effect == "write" && len(o.Path) > 0 && !w.Has(safety.S7) {
			w.Assume(safety.S7, o.Pos(), "Is it true that nobody closes the channel that %s sends on meanwhile?", o.Path[0].Func)
		}
	}
	for _, v := range w.GuardedValues() {
		if v.Own || syntax.RefsOf(v.Typ, 0) != syntax.ChanRef {
			continue
		}
		for _, g := range slices.DeleteFunc(slices.Clone(v.From), w.Detached) {
			sharing := guards.SharingOf(w.Program, w.PackageOf(g), g)
			if a := sharing.Changed(w.OfOthers); a != nil {
				if own := spawnedUse(w, sharing); own != nil && refusal == nil {
					refusal = safety.Refuse(safety.S7, "replaced-early", own.Pos(), "a goroutine uses %s here without %s, and the wait kept others from replacing it before (%s): it would use the new channel", g.Name(), w.Section.Lock, w.Line(a.Pos()))
				}
				if w.Cloned(g) {
					continue // S3 asks about the copy
				}
				what := stale.ChangedAt(v.Name, g, w.Line(a.Pos()))
				w.Ask(safety.StillHeld, what, safety.S7, v.Pos, "%s is replaced at %s. Is it fine to use the old channel?", v.Name, w.Line(a.Pos()))
			}
		}
	}
	if refusal == nil && !w.Has(safety.S7) {
		w.Proved(safety.S7, "no channel that is sent on without the lock is closed under the lock")
	}
	return refusal
}

// spawnedUse returns a use of a variable by a goroutine without the lock, or nil.
func spawnedUse(w *move.Window, sharing guards.Sharing) *guards.Access {
	for _, a := range sharing.Accesses {
		if !a.Kind.Changes() && !a.Fresh && !a.Under(w.Section.LockVar()) && guards.OnlySpawned(w.Program, a.Unit) {
			return a
		}
	}
	return nil
}

// closesAlone reports whether a call is a whole statement of the window that
// closes a channel which the lock does not guard.
func closesAlone(w *move.Window, c *ast.CallExpr) bool {
	st, ok := w.Parents[c].(*ast.ExprStmt)
	return ok && slices.Contains(w.Stmts, ast.Stmt(st)) && LoneClose(w.Site, st)
}

// mayBeUsedUnder reports whether anything but its maker and goroutines, which hold the lock
// only where they take it themselves, uses the channel that a call closes.
func mayBeUsedUnder(w *move.Window, c *ast.CallExpr) bool {
	p, ok := patterns.PathOf(w.Info, c.Args[0])
	if !ok {
		return true
	}
	v := p.Last()
	return slices.ContainsFunc(guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses, func(a *guards.Access) bool {
		return !syntax.Within(a.Node, c) && !a.Fresh && (a.Under(w.Section.LockVar()) || !guards.OnlySpawned(w.Program, a.Unit))
	})
}

func localChan(w *move.Window, e ast.Expr) bool {
	p, ok := patterns.PathOf(w.Info, e)
	return ok && len(p.Fields) == 0 && !p.Global() && !w.Unit.Captured(p.Root)
}

// closedChan finds a close of a channel of the same variable or, for a channel
// taken from a container, of the same type.
func closedChan(w *move.Window, ch ast.Expr) (token.Pos, bool) {
	var v *types.Var
	if p, ok := patterns.PathOf(w.Info, ch); ok {
		v = p.Last()
	}
	t := w.Info.TypeOf(ch)
	for _, c := range guards.ChannelCloses(w.Program, w.Pkg) {
		arg := c.Call.Args[0]
		if c.Unit.Pkg == w.Pkg && w.Program.StorageOf(w.Pkg).Apart(arg, ch) {
			continue
		}
		if p, ok := patterns.PathOf(c.Unit.Pkg.Info, arg); ok && v != nil && (v.IsField() || p.Last() == v) && p.Last().IsField() {
			if p.Last() == v || syntax.SameElem(p.Last().Type(), v.Type()) && signals.SameChannel(w, p.Last(), v) {
				return c.Call.Pos(), true
			}
			continue
		}
		if ct := c.Unit.Pkg.Info.TypeOf(arg); ct != nil && t != nil && syntax.SameElem(ct, t) {
			return c.Call.Pos(), true
		}
	}
	return token.NoPos, false
}

// LoneClose reports whether a statement only closes a channel with which nothing else
// happens under the lock: no send, no test whether it is closed, no replacement. Then the
// lock orders the close with nothing, and a second close panics with or without the lock.
func LoneClose(s *site.Site, st ast.Stmt) bool {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return false
	}
	touches := behaviour.Touches(s, st).List
	lock := s.Section.LockVar()
	for _, t := range touches {
		a := t.Access
		if a.Kind != guards.Close || a.Unit != s.Unit || !syntax.Within(a.Node, e) {
			return false
		}
		p := s.PackageOf(a.Var)
		sharing := guards.SharingOf(s.Program, p, a.Var)
		if sharing.Exported || p.UsedInOtherBuilds(a.Var) || slices.ContainsFunc(sharing.Accesses, func(o *guards.Access) bool {
			return o.Kind == guards.Write || o.Kind == guards.Escape || o.Under(lock) && !syntax.Within(o.Node, e)
		}) {
			return false
		}
	}
	return len(touches) == 1
}
