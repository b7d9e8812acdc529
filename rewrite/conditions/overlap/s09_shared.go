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
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// askShared asks about objects on which the window calls unseen methods and that another
// caller may have, too: those reached through guarded state, and those in fields and
// package-level variables. The lock kept those calls, and whole sequences of them, apart.
func askShared(w *move.Window) {
	if w.Section.Mode == patterns.Shared {
		return
	}
	calls := make(map[*types.Var][]string)
	first := make(map[*types.Var]calledShared)
	asked := make(map[*types.Var]bool)
	for _, st := range w.Stmts {
		syntax.InspectRun(w.Info, st, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				return false
			}
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := sharedCall(w, c)
			if ok && !slices.Contains(calls[s.of], s.method) {
				if calls[s.of] == nil {
					first[s.of] = s
				}
				calls[s.of] = append(calls[s.of], s.method)
			}
			return true
		})
	}
	for _, v := range syntax.SortedVars(calls) {
		asked[v] = true
		if slices.ContainsFunc(w.Freed(), func(o *waits.Op) bool { return unsafeOnTaken(w, o) == v }) {
			continue // whether others have it was asked
		}
		if from := behaviour.ReachedThrough(w.Derived[v]); from != nil {
			w.Ask(safety.SharedObject, syntax.JoinNames(calls[v]), safety.S9, first[v].pos, "%s was reached through %s, and two callers can now use the same one at once (%s). Is it safe for concurrent use, also as a sequence of calls?",
				v.Name(), from.Access.Var.Name(), syntax.JoinNames(calls[v]))
			continue
		}
		if askedUnseen(w, first[v], calls[v]) {
			continue
		}
		w.Assume(safety.S9, first[v].pos, "Two callers can now use %s at once (%s). Is it safe for concurrent use, also as a sequence of calls?", first[v].path, syntax.JoinNames(calls[v]))
	}
	askSharedBelow(w, asked)
}

// askedUnseen merges the questions whether an unseen method is safe without the lock, and
// whether two callers may use the object at once, if the first is asked.
func askedUnseen(w *move.Window, c calledShared, methods []string) bool {
	i := slices.IndexFunc(w.Recorded, func(o safety.Obligation) bool {
		return o.About == safety.Unseen && len(methods) == 1 && o.What == fmt.Sprintf("%s.%s", c.path, methods[0])
	})
	if i < 0 || safety.IsBroken(safety.S9) {
		return false
	}
	o := &w.Recorded[i]
	o.Text = strings.TrimSuffix(o.Text, "?") + ", also by two callers at once, and as a sequence of calls?"
	o.Also = append(o.Also, safety.S9)
	return true
}

// A calledShared is a call of an unseen method on an object that other callers may have.
type calledShared struct {
	of     *types.Var // the local variable, field or package-level variable
	path   patterns.Path
	method string
	pos    token.Pos
}

// sharedCall looks at the object that a method is called on.
func sharedCall(w *move.Window, c *ast.CallExpr) (s calledShared, ok bool) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return s, false
	}
	m := w.Info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal {
		return s, false
	}
	if callees, _ := w.Program.Callees(w.Unit, c); len(callees) > 0 {
		return s, false
	}
	fn := m.Obj().(*types.Func)
	s = calledShared{method: fn.Name(), pos: c.Pos()}
	isOp := func(o *waits.Op) bool { return o.Node == c }
	if v := derivedRoot(w, sel.X); v != nil {
		s.of = v
		if guards.UsedByMany(w.Program, fn) && slices.ContainsFunc(w.Recorded, func(o safety.Obligation) bool { return o.Status == safety.Assumed && o.Answers(safety.S9) }) {
			return s, false // that it runs several times at once is asked of the wait
		}
		safe := func(o *waits.Op) bool { return isOp(o) && o.Safety == blocking.SafetySafe }
		return s, !OwnState(w, w.Info.TypeOf(sel.X)) && !slices.ContainsFunc(w.Finding.Ops, safe)
	}
	p, ok := patterns.ReceiverPath(w.Info, sel)
	if !ok || !SharedPath(w, p) || slices.ContainsFunc(w.Finding.Ops, isOp) { // [ProveOverlap] asks
		return s, false
	}
	s.of, s.path = p.Last(), p
	t := p.Last().Type()
	return s, !OwnState(w, t) && !behaviour.HasNoEffect(w.Site, w.Unit, c) && !guards.UsedByMany(w.Program, fn) && !calledWithout(w, p.Last(), fn)
}

// SharedPath reports whether a path names a package-level variable, or a field of the
// object that has the lock or the method, so that other callers reach the same one. What is
// reached from other parameters, like a request, counts as the caller's own.
func SharedPath(w *move.Window, p patterns.Path) bool {
	if p.Global() {
		return true
	}
	return p.Last().IsField() && (p.Root == w.Section.Lock.Root || w.Unit.Obj != nil && p.Root == w.Unit.Obj.Signature().Recv())
}

// derivedRoot returns the variable, reached through guarded state, that an
// expression starts from, or nil.
func derivedRoot(w *move.Window, e ast.Expr) *types.Var {
	id, ok := syntax.RootIdent(e)
	if !ok {
		return nil
	}
	v, ok := w.Info.Uses[id].(*types.Var)
	if !ok || behaviour.ReachedThrough(w.Derived[v]) == nil {
		return nil
	}
	return v
}

// OwnState reports whether values of a type have no state through which calls could disturb
// each other, or protect that state themselves.
func OwnState(w *move.Window, t types.Type) bool {
	return syntax.RefsOf(t, 0) == syntax.NoRefs || guards.SelfSynchronised(t)
}

// calledWithout reports whether the package calls the same method on the
// variable without the section's lock: then that is not what keeps calls apart.
func calledWithout(w *move.Window, v *types.Var, fn *types.Func) bool {
	return slices.ContainsFunc(guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses, func(a *guards.Access) bool {
		return !a.Under(w.Section.LockVar()) && callsOn(a, fn)
	})
}

// callsOn reports whether an access of a variable is there to call a method on it.
func callsOn(a *guards.Access, fn *types.Func) bool {
	return a.Unit.Body != nil && syntax.Has(a.Unit.Body, func(c *ast.CallExpr) bool {
		return syntax.Within(a.Node, c.Fun) && patterns.CalleeOf(a.Unit.Pkg.Info, c) == fn
	})
}

// askStreams asks about streams that others have, too, and that the window reads
// from: the lock let one caller read all that it wanted before the next.
func askStreams(w *move.Window) {
	if w.Section.Mode == patterns.Shared {
		return
	}
	seen := make(map[*patterns.Unit]bool)
	for _, o := range w.Freed() {
		c, ok := o.Node.(*ast.CallExpr)
		if !ok || o.Deferred {
			continue
		}
		for _, e := range streamsOf(w.Info, c) {
			if ofOthers(w, e) {
				w.Assume(safety.S9, e.Pos(), "Two callers can now %s. Is that all right?", atOnceOn(w.Info, c, e, ""))
			}
		}
		askStreamsBelow(w, w.Unit, c, seen, func(recv ast.Expr) bool {
			id, ok := syntax.RootIdent(recv)
			if !ok {
				return false
			}
			v := syntax.VarOf(w.Info, id)
			return ofOthers(w, recv) || syntax.IsPlain(recv) && v != nil && (v == w.Section.Lock.Root || w.IsReceiver(v))
		})
	}
}

// askStreamsBelow is askStreams for the functions that a call of a unit leads to.
// The function ofOthers says which receivers of methods are other callers', too.
func askStreamsBelow(w *move.Window, from *patterns.Unit, c *ast.CallExpr, seen map[*patterns.Unit]bool, ofOthers func(ast.Expr) bool) {
	sel, isSel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	onShared := isSel && ofOthers(sel.X)
	callees, _ := w.Program.Callees(from, c)
	for _, u := range callees {
		if u.Body == nil || seen[u] {
			continue
		}
		seen[u] = true
		info := u.Pkg.Info
		shared := func(e ast.Expr) bool {
			id, ok := syntax.RootIdent(e)
			if !ok {
				return false
			}
			v := syntax.VarOf(info, id)
			return v != nil && (syntax.IsGlobal(v) || onShared && u.Obj != nil && v == u.Obj.Signature().Recv())
		}
		for _, k := range u.Calls() {
			for _, e := range streamsOf(info, k) {
				if shared(e) {
					w.Assume(safety.S9, c.Pos(), "Two callers can now %s. Is that all right?", atOnceOn(info, k, e, " in "+u.Name()))
				}
			}
			askStreamsBelow(w, u, k, seen, shared)
		}
	}
}

// atOnceOn says what two callers do with a stream at once: they read from it, unless the
// function that gets it can only write.
func atOnceOn(info *types.Info, c *ast.CallExpr, e ast.Expr, in string) string {
	sig, ok := info.TypeOf(c.Fun).Underlying().(*types.Signature)
	i := slices.Index(c.Args, e)
	if ok && i >= 0 && i < sig.Params().Len() && types.IsInterface(sig.Params().At(i).Type()) && !isReader(sig.Params().At(i).Type()) {
		return "write to " + types.ExprString(e) + " at once" + in + ", and one may come between two writes of the other"
	}
	return "read from " + types.ExprString(e) + " at once" + in + ", and each gets a part"
}

// streamsOf lists the streams that a call may read from.
func streamsOf(info *types.Info, c *ast.CallExpr) []ast.Expr {
	from := c.Args
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && consumes(sel.Sel.Name) {
		from = append([]ast.Expr{sel.X}, from...)
	}
	return slices.DeleteFunc(slices.Clone(from), func(e ast.Expr) bool { return !isReader(info.TypeOf(e)) })
}

// consumes reports whether the name of a reader's method suggests that what it returns is
// gone for the next caller.
func consumes(name string) bool {
	return strings.HasPrefix(name, "Read") && name != "ReadAt" && name != "ReadDir"
}

// isReader reports whether a type has the method of [io.Reader].
func isReader(t types.Type) bool {
	if t == nil {
		return false
	}
	m, _, _ := types.LookupFieldOrMethod(t, true, nil, "Read")
	fn, ok := m.(*types.Func)
	return ok && fn.Signature().Params().Len() == 1 && fn.Signature().Results().Len() == 2 &&
		types.Identical(fn.Signature().Params().At(0).Type(), types.NewSlice(types.Typ[types.Byte]))
}

// ofOthers reports whether other callers can reach the object that an expression names: it
// is reached through guarded state, or through a field or package-level variable.
func ofOthers(w *move.Window, e ast.Expr) bool {
	if derivedRoot(w, e) != nil {
		return true
	}
	id, ok := syntax.RootIdent(e)
	if !ok {
		return false
	}
	v := syntax.VarOf(w.Info, id)
	return v != nil && (syntax.IsGlobal(v) || !syntax.IsPlain(e) && (v == w.Section.Lock.Root || w.IsReceiver(v)))
}
