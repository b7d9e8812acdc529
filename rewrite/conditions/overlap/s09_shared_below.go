package overlap

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// This file is the part of [askShared] about unseen methods that functions called in the
// window call on a field of the object that has the lock, which they get as their receiver or
// capture:
//
//	func (g *gate) Add(name string) error {
//		return g.paced(func() error { return g.client.Add(name) })
//	}
//
//	func (g *gate) paced(call func() error) error {
//		g.mu.Lock()
//		defer g.mu.Unlock()
//		time.Sleep(g.pause)
//		return call()
//	}

// askSharedBelow asks about such objects, once for each, unless the variable is one of asked
// or S1 asks about its use.
func askSharedBelow(w *move.Window, asked map[*types.Var]bool) {
	b := sharedBelow{w: w, reached: make(map[*patterns.Unit]bool), holder: behaviour.Holder(w.Site, w.Section.LockVar())}
	for _, st := range w.Stmts {
		syntax.EachSynchronousCall(st, func(c *ast.CallExpr) { b.follow(w.Unit, c, c) })
	}
	for _, f := range b.found {
		if asked[f.of] || b.calledWithout(f) || slices.ContainsFunc(w.Touches.List, func(t *site.Touch) bool {
			return t.Via != nil && t.Class == site.Assumable && t.Access.Var == f.of
		}) {
			continue
		}
		asked[f.of] = true
		if askedUnseen(w, f.calledShared, []string{f.method}) {
			continue
		}
		w.Assume(safety.S9, f.pos, "Two callers can now use %s at once (%s in %s). Is it safe for concurrent use, also as a sequence of calls?", f.path, f.method, f.in.Name())
	}
}

// A sharedBelow collects the calls of unseen methods below the window.
type sharedBelow struct {
	w       *move.Window
	holder  *types.TypeName // the type of the objects that have the lock; nil if no field is the lock
	reached map[*patterns.Unit]bool
	found   []calledBelow
}

// A calledBelow is a call of an unseen method in a function that the window reaches.
type calledBelow struct {
	calledShared
	in *patterns.Unit
	fn *types.Func
}

// follow looks into the functions that a call of a unit runs. The call top of the window
// leads there.
func (b *sharedBelow) follow(from *patterns.Unit, c, top *ast.CallExpr) {
	callees, _ := behaviour.CalleesOf(b.w.Site, from, c)
	for _, u := range callees {
		if u.Body == nil || b.reached[u] || len(b.reached) >= behaviour.MaxUnits || !behaviour.Follows(b.w.Site, u) {
			continue
		}
		b.reached[u] = true
		for _, d := range u.Calls() {
			if f, ok := b.unseen(u, d); ok {
				f.pos = top.Pos()
				b.found = append(b.found, f)
			}
			b.follow(u, d, top)
		}
	}
}

// unseen looks at a call in a function that the window reaches: is it of an unseen method that
// may have an effect, on a field of the object that has the lock, and not known to block?
func (b *sharedBelow) unseen(u *patterns.Unit, c *ast.CallExpr) (f calledBelow, ok bool) {
	info := u.Pkg.Info
	sel, isSel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	fn := patterns.CalleeOf(info, c)
	if !isSel || fn == nil || info.Selections[sel] == nil {
		return f, false
	}
	p, isPath := patterns.ReceiverPath(info, sel)
	if !isPath || b.holder == nil || len(p.Fields) != 1 || behaviour.Holder(b.w.Site, p.Last()) != b.holder {
		return f, false
	}
	if callees, _ := b.w.Program.Callees(u, c); len(callees) > 0 {
		return f, false
	}
	if _, blocks := b.w.Program.Table().Entry(b.w.Program.KeyOf(fn)); blocks {
		return f, false // [ProveOverlap] asks
	}
	f = calledBelow{calledShared{of: p.Last(), path: p, method: fn.Name()}, u, fn}
	return f, !OwnState(b.w, p.Last().Type()) && !behaviour.HasNoEffect(b.w.Site, u, c) && !guards.UsedByMany(b.w.Program, fn)
}

// calledWithout reports whether the package calls the method on the variable without the
// section's lock, other than in a literal that the window runs: what a literal holds when it
// runs is up to its caller.
func (b *sharedBelow) calledWithout(f calledBelow) bool {
	return slices.ContainsFunc(guards.SharingOf(b.w.Program, b.w.PackageOf(f.of), f.of).Accesses, func(a *guards.Access) bool {
		ranByWindow := a.Unit.Obj == nil && b.reached[a.Unit]
		return !ranByWindow && !a.Under(b.w.Section.LockVar()) && callsOn(a, f.fn)
	})
}
