package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// What a function that is not seen is given it may hand to functions of the
// program: the transport of a client gets the request, and with it what its
// context carries; a printer calls String.
//
//	ctx := context.WithValue(parent, key{}, c.trace)
//	req, err := http.NewRequestWithContext(ctx, "GET", u, nil)
//	...
//	resp, err := c.client.Do(req)
//
// If they change what other sections read under the lock, and do so without a lock
// of their own, then it may have been this section's lock that kept the two apart.

// provePassed looks at what a function that is not seen is given.
func (w *Window) provePassed(e ast.Expr) *Refusal {
	if v := w.holdsGuardedIn(e); v != nil {
		return Refuse(S1, "passed-on", e.Pos(), "%s is passed to the call, and its field %s changes under %s", types.ExprString(e), v.Name(), w.Section.Lock)
	}
	if refsOf(w.Info.TypeOf(e), 0) == noRefs || w.Program.Owns(w.Pkg, e) {
		return nil
	}
	if f, change := w.holdsChanging(w.Info.TypeOf(e), 0, make(map[types.Type]bool)); f != nil {
		w.assume(S1, e.Pos(), "%s is passed to the call, and its field %s, which other sections use under %s, changes at %s without a lock. Is it certain that this does not happen during the call?", types.ExprString(e), f.Name(), w.Section.Lock, w.line(change.Pos()))
	}
	return nil
}

// holdsChanging returns a field, reachable from a value of the type, that is used
// under the section's lock and changed elsewhere under none, with the change.
func (w *Window) holdsChanging(t types.Type, depth int, seen map[types.Type]bool) (*types.Var, *patterns.Access) {
	if t == nil || depth > 4 || seen[t] {
		return nil, nil
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return w.holdsChanging(u.Elem(), depth, seen)
	case *types.Slice:
		return w.holdsChanging(u.Elem(), depth+1, seen)
	case *types.Array:
		return w.holdsChanging(u.Elem(), depth+1, seen)
	case *types.Map:
		return w.holdsChanging(u.Elem(), depth+1, seen)
	case *types.Struct:
		for f := range u.Fields() {
			if f = f.Origin(); patterns.SelfSynchronised(f.Type()) {
				continue
			}
			p := w.packageOf(f)
			change := w.Program.SharingOf(p, f).Changed(func(a *patterns.Access) bool { return len(a.Held) == 0 && !a.Atomic })
			if change != nil && w.Program.AnyUnder(p, f, w.Section.LockVar()) {
				return f, change
			}
			if v, c := w.holdsChanging(f.Type(), depth+1, seen); v != nil {
				return v, c
			}
		}
	}
	return nil, nil
}

// proveContexts looks at what the section put into a context before the window
// that the window hands on.
func (w *Window) proveContexts() *Refusal {
	for _, st := range w.Pre {
		var refusal *Refusal
		inspectOuter(st, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || refusal != nil {
				return refusal == nil
			}
			if fn := patterns.CalleeOf(w.Info, c); fn != nil && fn.FullName() == "context.WithValue" && w.usedInWindow(st) {
				refusal = w.provePassed(c.Args[2])
			}
			return true
		})
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// usedInWindow reports whether the window uses a variable that a statement gives a value
// to, or that was made of one.
func (w *Window) usedInWindow(st ast.Stmt) bool {
	set := make(map[*types.Var]bool)
	for _, s := range append([]ast.Stmt{st}, w.Pre...) {
		as, ok := s.(*ast.AssignStmt)
		if !ok || s != st && !slices.ContainsFunc(sortedVars(set), func(v *types.Var) bool { return mentions(w.Info, as, v) }) {
			continue
		}
		for _, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); ok && varOf(w.Info, id) != nil {
				set[varOf(w.Info, id)] = true
			}
		}
	}
	return slices.ContainsFunc(w.Stmts, func(s ast.Stmt) bool {
		return slices.ContainsFunc(sortedVars(set), func(v *types.Var) bool { return mentions(w.Info, s, v) })
	})
}
