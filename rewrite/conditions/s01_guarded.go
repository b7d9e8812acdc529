package conditions

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/conditions/external"
	"github.com/letgo-dev/letgo/rewrite/conditions/lent"
	"github.com/letgo-dev/letgo/rewrite/conditions/signals"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// ProveGuarded is S1: the lock does not protect what the window uses.
func ProveGuarded(w *move.Window) *safety.Refusal {
	if r := external.ProveOutside(w); r != nil {
		return r
	}
	var through, direct []*site.Touch // what called functions use, and the window itself
	for _, t := range w.Touches.List {
		if t.Via == nil && (w.Extracted(t.Access) || w.OfCopy(t.Access)) {
			continue
		}
		if t.Class == site.GuardedUse && t.Via == nil && !t.Access.Kind.Changes() && behaviour.Bare(w.Site, t.Access.Node) {
			w.Assume(safety.S1, t.Access.Pos(), "%s is already read here without %s on one path. Is that safe on the other one too?", t.Name(), w.Section.Lock)
			continue
		}
		switch t.Class {
		case site.GuardedUse:
			if t.Access.Kind == guards.Close {
				if r := signals.ProveClosed(w, t); r != nil {
					return r
				}
				continue // S7 looks at the rest
			}
			return safety.Refuse(safety.S1, "wait-uses-guarded", t.Access.Pos(), "the code that waits uses %s, which %s guards: %s", t.Name(), w.Section.Lock, t.Why)
		case site.Assumable:
			if t.Via != nil {
				through = append(through, t)
				continue
			}
			direct = append(direct, t)
		}
	}
	assumeDirect(w, direct)
	if r := assumeThrough(w, through); r != nil {
		return r
	}
	if r := refuseEarly(w); r != nil {
		return r
	}
	for _, u := range w.Touches.Unknown {
		w.Ask(safety.Unseen, u.What, safety.S1, u.Pos, "letgo cannot see into %s. Is it safe to call without %s?", u.What, w.Section.Lock)
	}
	if r := provePointers(w); r != nil {
		return r
	}
	if r := proveArguments(w); r != nil {
		return r
	}
	askPassed(w)
	lent.Ask(w)
	if !w.Has(safety.S1) {
		w.Proved(safety.S1, "the code without the lock uses only locals, parameters and values that do not change")
	}
	return nil
}

// refuseEarly refuses to extract a value before an unseen call that precedes its use: the
// call runs in this goroutine, and may change the value even though the lock is held.
func refuseEarly(w *move.Window) *safety.Refusal {
	values := slices.Concat(w.Values, w.Copies)
	if len(values) == 0 {
		return nil
	}
	changed := changedByCalls(w)
	for _, x := range values {
		if r := refuseUnlocked(w, x); r != nil {
			return r
		}
		for _, v := range x.Sources() {
			if c := changed[v]; c != nil {
				return safety.Refuse(safety.S1, "read-too-early", c.Pos(), "%s changes %s, which would now be read before that", syntax.CallName(c), x)
			}
		}
	}
	for _, x := range w.Values {
		for _, use := range x.Uses {
			for _, u := range w.Touches.Unknown {
				if w.Unit.Contains(u.Pos) && (u.Pos > use.Pos() || x.Before != nil && u.Pos < x.Before.Pos() || isForked(w, u.Pos) || isOperand(w, use, u)) {
					continue
				}
				if !w.Unit.Contains(u.Pos) && isOperandOfAll(w, use, u) {
					continue
				}
				for _, v := range x.Sources() {
					other := guards.SharingOf(w.Program, w.PackageOf(v), v).Changed(func(a *guards.Access) bool { return !w.Contains(a) && !waitsForLock(w, a) })
					if other != nil {
						return safety.Refuse(safety.S1, "read-too-early", use.Pos(), "%s is read after the call of %s, which letgo cannot see into and which may change it", x, u.What)
					}
				}
			}
		}
	}
	return nil
}

// waitsForLock reports whether the function that makes an access takes the section's lock for
// it. Whoever calls it waits until the section has released the lock.
func waitsForLock(w *move.Window, a *guards.Access) bool {
	lock := w.Section.LockVar()
	return a.UnderOwn(lock) && !a.UnderRead(lock)
}

// isOperand reports whether an expression is, or is in, an operand of a call, which evaluates it
// first.
func isOperand(w *move.Window, e ast.Expr, of site.UnknownCall) bool {
	for n := w.Parents[e]; n != nil; n = w.Parents[n] {
		if c, ok := n.(*ast.CallExpr); ok && c.Pos() == of.Pos && types.ExprString(c.Fun) == of.What {
			return true
		}
	}
	return false
}

// isOperandOfAll reports whether an expression is an operand of every call of the window that
// reaches an unseen call in another function.
func isOperandOfAll(w *move.Window, e ast.Expr, of site.UnknownCall) bool {
	if loop := w.LoopAround(e); loop != nil && w.InStmts(loop, w.Stmts) {
		return false // the next round evaluates it after the calls of this one
	}
	found, all := false, true
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if ok && slices.Contains(behaviour.CallTouches(w.Site, w.Unit, c).Unknown, of) {
				found, all = true, all && syntax.Within(e, c)
			}
			return true
		})
	}
	return found && all
}

// isForked reports whether a position is in a function literal that runs as a goroutine of its own.
func isForked(w *move.Window, pos token.Pos) bool {
	return syntax.Has(w.Unit.Body, func(g *ast.GoStmt) bool {
		lit, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit)
		return ok && lit.Pos() <= pos && pos < lit.End()
	})
}

// refuseUnlocked refuses to extract a value that the window reads under another lock, if
// that lock is not yet held where the value would be read, and is the only one that others
// hold when they change it:
//
//	s.a.Lock()
//	s.b.Lock()
//	http.Get(s.url)
//	return s.x + s.y // y changes under b
func refuseUnlocked(w *move.Window, x extract.Extraction) *safety.Refusal {
	later := func(l *types.Var) bool {
		return slices.ContainsFunc(w.Section.Others, func(o locks.OtherLock) bool { return o.Inner && o.Lock.Last() == l && o.Pos >= w.Stmts[0].Pos() })
	}
	for _, a := range guards.OwnAccesses(w.Program, w.Unit) {
		if !slices.ContainsFunc(x.Uses, func(use ast.Expr) bool { return syntax.Within(a.Node, use) }) {
			continue
		}
		if i := slices.IndexFunc(a.Held, later); i >= 0 {
			change := guards.SharingOf(w.Program, w.PackageOf(a.Var), a.Var).Changed(func(o *guards.Access) bool { return !o.Under(w.Section.LockVar()) })
			if change != nil {
				return safety.Refuse(safety.S1, "read-too-early", a.Pos(), "%s would be read before %s is locked, and it changes at %s, where %s is not held", x, a.Held[i].Name(), w.Line(change.Pos()), w.Section.Lock)
			}
		}
	}
	return nil
}

// changedByCalls returns the variables that functions called in the window change, under
// whatever lock, each with the call.
func changedByCalls(w *move.Window) map[*types.Var]*ast.CallExpr {
	out := make(map[*types.Var]*ast.CallExpr)
	inOperand := func(n ast.Node) bool {
		return slices.ContainsFunc(w.Values, func(x extract.Extraction) bool {
			return x.Operand && slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(n, u) })
		})
	}
	for _, st := range w.Stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || inOperand(c) {
				return true
			}
			seen := make(map[*patterns.Unit]bool)
			work, _ := behaviour.CalleesOf(w.Site, w.Unit, c)
			for len(work) > 0 && len(seen) < behaviour.MaxUnits {
				u := work[len(work)-1]
				work = work[:len(work)-1]
				if seen[u] || !behaviour.Follows(w.Site, u) {
					continue
				}
				seen[u] = true
				for _, a := range guards.OwnAccesses(w.Program, u) {
					if a.Kind.Changes() && !a.Fresh && out[a.Var] == nil {
						out[a.Var] = c
					}
				}
				for _, d := range u.Calls() {
					more, _ := behaviour.CalleesOf(w.Site, u, d)
					work = append(work, more...)
				}
			}
			return true
		})
	}
	return out
}

// provePointers looks at local variables that lead to guarded variables by their
// addresses: following such a pointer, or passing it on, is a use of the variable. Fields
// that are selected through it are looked at as accesses.
func provePointers(w *move.Window) *safety.Refusal {
	var refusal *safety.Refusal
	model := w.Program.StorageOf(w.Pkg)
	check := func(e ast.Expr) {
		id, ok := syntax.RootIdent(e)
		if !ok || refusal != nil {
			return
		}
		v, _ := w.Info.Uses[id].(*types.Var)
		for _, t := range w.Derived[v] {
			if g := t.Access.Var; t.Class == site.GuardedUse && g.Pkg() == w.Pkg.Types && model.LeadsTo(e, g) {
				refusal = safety.Refuse(safety.S1, "points-to-guarded", e.Pos(), "%s points to %s, which %s guards: %s", types.ExprString(e), t.Name(), w.Section.Lock, t.Why)
				return
			}
		}
	}
	for _, st := range w.WithDeferred() {
		syntax.InspectRun(w.Info, st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StarExpr:
				check(n.X)
				if refusal == nil {
					refusal = pointee(w, n)
				}
			case *ast.IndexExpr:
				if _, ok := w.Info.TypeOf(n.X).Underlying().(*types.Pointer); ok { // to an array
					check(n.X)
				}
			case *ast.CallExpr:
				for _, o := range model.Operands(n) {
					check(o.Expr)
				}
			case *ast.AssignStmt:
				for _, r := range n.Rhs {
					check(r)
				}
			case *ast.ValueSpec:
				for _, r := range n.Values {
					check(r)
				}
			}
			return refusal == nil
		})
	}
	return refusal
}

// pointee looks at the target of a pointer that was read from guarded state: the lock
// guards the target, too, if a section changes it or a part of it.
func pointee(w *move.Window, star *ast.StarExpr) *safety.Refusal {
	id, ok := ast.Unparen(star.X).(*ast.Ident)
	if !ok {
		if r := extractedPointee(w, star); r != nil {
			return r
		}
		return fieldPointee(w, star)
	}
	v := syntax.VarOf(w.Info, id)
	if v == nil || w.Taken(v) || behaviour.ReachedThrough(w.Derived[v]) == nil || w.Program.Owns(w.Pkg, id) {
		return nil
	}
	if f := behaviour.HoldsGuarded(w.Site, w.Info.TypeOf(star), 0, make(map[types.Type]bool)); f != nil {
		return safety.Refuse(safety.S1, "points-to-guarded", star.Pos(), "%s points to an object whose %s changes under %s", v.Name(), f.Name(), w.Section.Lock)
	}
	if _, isStruct := syntax.StructOf(w.Info.TypeOf(star)); isStruct {
		return nil // whose fields are looked at
	}
	for _, t := range w.Derived[v] {
		g := t.Access.Var
		if _, ptr := g.Type().Underlying().(*types.Pointer); ptr && !w.Detached(g) && (writtenTo(w, star) || behaviour.StorageChange(w.Site, g) != nil) {
			return safety.Refuse(safety.S1, "points-to-guarded", star.Pos(), "%s points to something reached through %s, which changes under %s", v.Name(), g.Name(), w.Section.Lock)
		}
	}
	if write := pointeeWrite(w, star.X); write != nil {
		return safety.Refuse(safety.S1, "points-to-guarded", star.Pos(), "%s points to something reached through %s, which changes at %s", v.Name(), w.Derived[v][0].Access.Var.Name(), w.Line(write.Pos()))
	}
	w.Assume(safety.S1, star.Pos(), "%s points to something reached through %s. Is it true that nobody changes it under %s?", v.Name(), w.Derived[v][0].Access.Var.Name(), w.Section.Lock)
	return nil
}

// pointeeWrite returns an expression through which the package writes to what a pointer
// may point to, when others can have that, or nil.
func pointeeWrite(w *move.Window, pointer ast.Expr) ast.Expr {
	model := w.Program.StorageOf(w.Pkg)
	to := model.Same(model.Refers(pointer))
	if to == 0 {
		return nil
	}
	for _, u := range model.Uses() {
		if u.Kind == storage.Write && model.Same(u.Class) == to && !w.Program.Owns(w.Pkg, u.Node) {
			return u.Node
		}
	}
	return nil
}

// fieldPointee is pointee for a pointer in a field, or in a field of a local copy.
func fieldPointee(w *move.Window, star *ast.StarExpr) *safety.Refusal {
	p, ok := patterns.PathOf(w.Info, star.X)
	if !ok || !p.Last().IsField() || w.Detached(p.Last()) || !behaviour.OthersReach(w.Site, star.X, p.Root) {
		return nil
	}
	taken := func(x extract.Extraction) bool {
		return slices.ContainsFunc(x.Uses, func(u ast.Expr) bool { return syntax.Within(star.X, u) })
	}
	if _, isStruct := syntax.StructOf(w.Info.TypeOf(star)); isStruct || slices.ContainsFunc(w.Values, taken) {
		return nil
	}
	if change := changedPointee(w, p.Last()); change != nil {
		return safety.Refuse(safety.S1, "points-to-guarded", star.Pos(), "what %s points to changes under %s, at %s", p, w.Section.Lock, w.Line(change.Pos()))
	}
	w.Assume(safety.S1, star.Pos(), "What %s points to is now used without %s. Is it true that nobody changes it under %s?", p, w.Section.Lock, w.Section.Lock)
	return nil
}

// writtenTo reports whether an expression is assigned to.
func writtenTo(w *move.Window, e ast.Expr) bool {
	switch p := w.Parents[e].(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		return slices.Contains(p.Lhs, e)
	}
	return false
}

// assumeDirect asks about what the window itself uses and, as far as letgo sees, never
// changes under the lock: one question for each reason.
func assumeDirect(w *move.Window, direct []*site.Touch) {
	for len(direct) > 0 {
		first := direct[0]
		var same, rest []*site.Touch
		for _, t := range direct {
			if t.Why == first.Why {
				same = append(same, t)
			} else {
				rest = append(rest, t)
			}
		}
		names := site.TouchNames(same)
		who, why := names[0]+" is", first.Why
		if len(names) > 1 {
			who = strings.Join(names, ", ") + " are"
			why = strings.NewReplacer("it changes", "they change", "it is ", "they are ").Replace(why)
		}
		w.Assume(safety.S1, first.Access.Pos(), "%s now used without %s, but %s. Is that as safe as before?", who, w.Section.Lock, why)
		direct = rest
	}
}

// maxThrough bounds how many variables of called functions a reviewer is asked
// about.
const maxThrough = 8

// assumeThrough asks about what called functions use without any lock that letgo sees.
func assumeThrough(w *move.Window, through []*site.Touch) *safety.Refusal {
	if len(through) == 0 {
		return nil
	}
	names := site.TouchNames(through)
	if len(names) > maxThrough {
		slices.SortStableFunc(through, func(a, b *site.Touch) int { return cmp.Compare(farther(w, a), farther(w, b)) })
		names = site.TouchNames(through)
		return safety.Refuse(safety.S1, "callees-use-shared", through[0].Access.Pos(), "the functions that would run without the lock use %s, %s and %d more variables that change elsewhere", names[0], names[1], len(names)-2)
	}
	w.Assume(safety.S1, through[0].Access.Pos(), "The called functions use %s without a lock of their own, and now also without %s. Is that as safe as before?", strings.Join(names, ", "), w.Section.Lock)
	return nil
}

// farther is 0 for what the section's own package declares, which the reader knows, and 1
// for anything else.
func farther(w *move.Window, t *site.Touch) int {
	if t.Access.Var.Pkg() == w.Pkg.Types {
		return 0
	}
	return 1
}

// proveArguments looks at what the window passes to unseen functions: they may read
// everything that an object holds.
func proveArguments(w *move.Window) *safety.Refusal {
	for _, st := range w.Stmts {
		refusal := syntax.FirstRun(w.Info, st, func(c *ast.CallExpr) *safety.Refusal {
			var refusal *safety.Refusal
			for _, a := range behaviour.HandedOn(w.Site, w.Unit, c) {
				for _, in := range behaviour.Contents(w.Unit, a) {
					refusal = cmp.Or(refusal, provePassed(w, c, in))
				}
			}
			return refusal
		})
		if refusal != nil {
			return refusal
		}
	}
	return proveContexts(w)
}

// extractedPointee refuses to extract a pointer that the window then follows to something
// that a section changes: its target has to be extracted instead.
func extractedPointee(w *move.Window, star *ast.StarExpr) *safety.Refusal {
	for _, x := range w.Values {
		if !slices.Contains(x.Uses, star.X) {
			continue
		}
		for _, g := range x.Sources() {
			if _, ptr := g.Type().Underlying().(*types.Pointer); !ptr || w.Detached(g) {
				continue
			}
			if a := behaviour.StorageChange(w.Site, g); a != nil {
				return safety.Refuse(safety.S1, "points-to-guarded", star.Pos(), "what %s points to changes under %s, at %s", types.ExprString(star.X), w.Section.Lock, w.Line(a.Pos()))
			}
		}
	}
	return nil
}
