package placement

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/statements"
	"github.com/letgo-dev/letgo/rewrite/behaviour/panics"
	"github.com/letgo-dev/letgo/rewrite/edits"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/syntax"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Ops returns the operations that carry out the placement.
func (p *Placement) Ops() ([]tree.Op, *safety.Refusal) {
	p.pairReleases()
	ops, refusal := p.opsInOrder()
	if refusal != nil {
		return nil, refusal
	}
	ops = append(p.earlierOps(), ops...)
	for _, t := range p.Tests {
		if t.Repeats != nil {
			code := edits.RepeatedTest(p.Window.Site, t)
			if t.Missing != nil {
				code = p.lookAgain(t.Missing)
			}
			ops = append(ops, tree.Wrap{First: t.Repeats[0], Last: t.Repeats[len(t.Repeats)-1], Code: code})
		}
	}
	ops = append(ops, p.compareOps()...)
	ops = append(ops, p.atExitOps()...)
	if p.Defer != nil && !isAtExit(p.Site, p.Defer) && !slices.ContainsFunc(p.Locks, p.movesDefer) {
		ops = append(ops, tree.Remove{Stmt: p.deferredRelease(), Gap: tree.None})
	}
	for _, x := range p.Copies {
		if as, ok := p.Parents[x.Uses[0]].(*ast.AssignStmt); ok && len(as.Lhs) > len(as.Rhs) {
			x.Uses = as.Lhs[:1]
			code := p.CopyOf(x)
			if code == "" {
				return nil, safety.Inapplicable(x.Uses[0].Pos(), "the module's Go version has no function that copies %s", x)
			}
			ops = append(ops, tree.InsertAfter{Stmt: as, Code: types.ExprString(as.Lhs[0]) + " = " + code})
			continue
		}
		code := p.CopyOf(x)
		if code == "" {
			return nil, safety.Inapplicable(x.Uses[0].Pos(), "the module's Go version has no function that copies %s", x.Path)
		}
		ops = append(ops, tree.ReplaceExpr{Expr: x.Uses[0], Code: code})
	}
	if refusal := p.askPanics(); refusal != nil {
		return nil, refusal
	}
	return ops, p.refuseHeldAtExit()
}

// lookAgain returns the code that repeats the lookup of an entry, around the statements that
// store it.
func (p *Placement) lookAgain(m *move.Missing) string {
	at := p.Source(m.Index)
	switch {
	case m.Entry == nil && m.OK:
		return "if _, ok := " + at + "; !ok {\n" + tree.Body + "\n}"
	case m.Entry == nil:
		return "if " + at + " == nil {\n" + tree.Body + "\n}"
	}
	cur := p.FreshName("cur")
	look := cur + " := " + at + "; " + cur + " != nil"
	if m.OK {
		look = cur + ", ok := " + at + "; ok"
	}
	return "if " + look + " {\n" + m.Entry.Name() + " = " + cur + "\n} else {\n" + tree.Body + "\n}"
}

// pairReleases finds the Unlocks in the source that can move to the new places, so that they
// keep their comments.
func (p *Placement) pairReleases() {
	taken := make(map[ast.Stmt]bool)
	for _, r := range p.Releases {
		for _, st := range p.Steps {
			if st.order > r.order && st.Mode.Kind == Dropped && st.node != ast.Stmt(p.Lock) && !r.After && !taken[st.node] && p.Parents[st.node] == p.Parents[r.At] {
				r.moved = st.node
				taken[st.node] = true
				break
			}
		}
	}
}

// opsInOrder returns the operations of the steps, and of the Locks and Unlocks between them, in
// the order of the function. Of two insertions before the same statement, the later one goes
// closer to it.
func (p *Placement) opsInOrder() ([]tree.Op, *safety.Refusal) {
	var ops []tree.Op
	declared := make(map[ast.Node][]string)
	releases, steps, locks, leaves := p.Releases, p.Steps, p.Locks, p.Leaves
	for i := range p.last {
		switch {
		case len(releases) > 0 && releases[0].order == i:
			r := releases[0]
			releases = releases[1:]
			ops = append(ops, p.releaseOps(r, declared)...)
		case len(steps) > 0 && steps[0].order == i:
			more, refusal := p.stepOps(steps[0])
			if refusal != nil {
				return nil, refusal
			}
			ops, steps = append(ops, more...), steps[1:]
		case len(locks) > 0 && locks[0].order == i:
			ops = append(ops, p.lockOps(locks[0])...)
			locks = locks[1:]
		case len(leaves) > 0 && leaves[0].order == i:
			ops = append(ops, tree.InsertAfter{Stmt: leaves[0].at, Code: "return"})
			leaves = leaves[1:]
		}
	}
	return ops, nil
}

// releaseOps returns the operations that insert an Unlock and extract values before it.
func (p *Placement) releaseOps(r *Release, declared map[ast.Node][]string) []tree.Op {
	space := tree.Space{Before: tree.None, After: tree.Blank}
	if _, jump := r.At.(*ast.BranchStmt); jump || p.Inherited != nil || answersAndLeaves(p.Site, r.At) || isAtExit(p.Site, r.At) {
		space.After = tree.None
	}
	p.renew(r, declared)
	code := p.UnlockText()
	if r.Gone {
		code, space.After = code+"\ndefer "+p.LockText(), tree.None
	}
	if r.After {
		return []tree.Op{tree.InsertAfter{Stmt: r.At, Code: code, Space: tree.Space{Before: tree.None}}}
	}
	prev := p.previous(r.At)
	if r.lifted || p.Inherited != nil {
		prev = nil
	}
	if r == p.empties {
		prev = nil
	}
	switch {
	case prev != nil && len(r.Values) == 0 && r.moved != nil:
		return []tree.Op{tree.MoveAfter{Stmts: []ast.Stmt{r.moved}, To: prev, Space: space}}
	case prev != nil && len(r.Values) == 0:
		return []tree.Op{tree.InsertAfter{Stmt: prev, Code: code, Space: space}}
	}
	ops := append(edits.ExtractOps(p.Window, r.Values, r.At), p.detachOps(r)...)
	if r.moved != nil {
		return append(ops, tree.MoveBefore{Stmts: []ast.Stmt{r.moved}, To: r.At, Space: space})
	}
	return append(ops, tree.InsertBefore{Stmt: r.At, Code: code, Space: space})
}

// renew gives a new name to a value that is extracted a second time in the same block.
func (p *Placement) renew(r *Release, declared map[ast.Node][]string) {
	block := p.Parents[r.At]
	for _, x := range r.Values {
		name := extract.NameOf(p.Window.Site, x)
		for n := block; n != nil; n = p.Parents[n] {
			if slices.Contains(declared[n], name) {
				p.ValueNames = make(map[string]string)
				name = extract.NameOf(p.Window.Site, x)
			}
		}
		declared[block] = append(declared[block], name)
	}
}

// previous returns the statement before st in its list, if the lock can be released right after
// it, or nil.
func (p *Placement) previous(st ast.Stmt) ast.Stmt {
	list := p.ListOf(st)
	i := slices.Index(list, st)
	if i < 1 || list[i-1] == ast.Stmt(p.Defer) || syntax.Terminates(p.Info, list[i-1]) {
		return nil
	}
	return list[i-1]
}

// stepOps returns the operations for what a step does besides running.
func (p *Placement) stepOps(st *PlacedStep) ([]tree.Op, *safety.Refusal) {
	switch st.Mode.Kind {
	case Releasing:
		if p.releasedByDefer(st) {
			return p.putBackOps(st.node), nil
		}
		ops, refusal := p.releaseAtExit(st.node)
		return append(p.putBackOps(st.node), ops...), refusal
	case LiftBefore:
		return p.liftOps(st.Lift, nil)
	case Commit:
		return p.liftOps(st.Lift, st.liftOps)
	case Dropped:
		if st.node == ast.Stmt(p.Lock) && p.moved() != nil || slices.ContainsFunc(p.Releases, func(r *Release) bool { return r.moved == st.node }) {
			return nil, nil
		}
		return []tree.Op{tree.Remove{Stmt: st.node}}, nil
	}
	return p.putBackOps(st.node), nil
}

// moved returns the place that the Lock in the source moves to unchanged, or nil.
func (p *Placement) moved() *LockPlace {
	if !p.dropped || len(p.Locks) != 1 || p.Locks[0].At == nil || p.Locks[0].After || p.Locks[0].Commit != nil || !slices.Contains(p.List, p.Locks[0].At) {
		return nil
	}
	return p.Locks[0]
}

// movesDefer reports whether the deferred release in the source moves with the Lock.
func (p *Placement) movesDefer(l *LockPlace) bool {
	return l.deferred && l == p.moved() && !isAtExit(p.Site, p.Defer) && p.Parents[p.Defer] == p.Parents[p.Lock] && p.deferredRelease() == ast.Stmt(p.Defer)
}

// deferredRelease returns the statement of the deferred release: the first one of a deferred
// literal that does more, or the whole.
func (p *Placement) deferredRelease() ast.Stmt {
	if lit, ok := p.Defer.Call.Fun.(*ast.FuncLit); ok && len(lit.Body.List) > 1 {
		return lit.Body.List[0]
	}
	return p.Defer
}

// lockOps returns the operations that insert a Lock.
func (p *Placement) lockOps(l *LockPlace) []tree.Op {
	if l.At == nil {
		return nil
	}
	code := p.LockText()
	if l.deferred {
		code += "\ndefer " + p.UnlockText()
	}
	if p.Recheck != nil && l == p.again() {
		code += "\n" + edits.RecheckCode(p.Recheck)
	}
	space := tree.Space{Before: tree.Blank}
	if p.Inherited != nil {
		space.Before = tree.None
	}
	if l == p.moved() {
		if p.movesDefer(l) {
			return []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{p.Lock, p.Defer}, To: l.At, Space: space}}
		}
		ops := []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{p.Lock}, To: l.At, Space: space}}
		if l.deferred {
			ops = append(ops, tree.InsertBefore{Stmt: l.At, Code: "defer " + p.UnlockText()})
		}
		return ops
	}
	if l.After {
		return []tree.Op{tree.InsertAfter{Stmt: l.At, Code: code, Space: space}}
	}
	ops := []tree.Op{tree.InsertBefore{Stmt: l.At, Code: code, Space: space}}
	if l.Commit != nil {
		ops = append(ops, l.Commit.Lift.After()...)
	}
	return ops
}

// releaseAtExit returns the operations that release the lock before a return or a panic, after
// evaluating the operands that need the lock.
func (p *Placement) releaseAtExit(st ast.Stmt) ([]tree.Op, *safety.Refusal) {
	if r, ok := st.(*ast.ReturnStmt); ok {
		return edits.ReleaseAtReturn(p.Window, r)
	}
	return edits.ReleaseAtPanic(p.Window, st.(*ast.ExprStmt)), nil
}

// beforeRelease lists the operands of a return or panic that need the lock.
func beforeRelease(w *move.Window, st ast.Stmt) []ast.Expr {
	var operands []ast.Expr
	switch st := st.(type) {
	case *ast.ReturnStmt:
		operands = st.Results
	case *ast.ExprStmt:
		operands = syntax.CallOf(st.X).Args
	}
	return slices.DeleteFunc(slices.Clone(operands), func(e ast.Expr) bool {
		return !edits.NeedsLock(w, e)
	})
}

// releasedByDefer reports whether a step runs under the lock after a Lock whose release is
// deferred.
func (p *Placement) releasedByDefer(st *PlacedStep) bool {
	return slices.ContainsFunc(p.Locks, func(l *LockPlace) bool {
		return l.deferred && (l.order < st.order && st.order <= l.end || l.Commit == st)
	})
}

// askPanics checks S12 for the code between a Lock and its explicit release.
func (p *Placement) askPanics() *safety.Refusal {
	if p.Defer == nil || p.Has(safety.S12) {
		return nil
	}
	held := p.StmtsWhere(p.Site, func(st *PlacedStep) bool {
		if st.Mode.Kind == Commit && st.Lift.IsInit() {
			return false // it runs before the Lock
		}
		return st.held() && !p.isLock(p.Site, st) && st.Mode.Kind != Releasing && !p.releasedByDefer(st)
	}, nil)
	var early []*panics.Place
	for _, r := range p.Releases {
		for _, x := range r.Values {
			early = append(early, p.panicsEarly(r, x.Uses[0])...)
		}
	}
	for _, st := range p.Steps {
		if st.Mode.Kind == Releasing && !p.releasedByDefer(st) {
			for _, e := range beforeRelease(p.Window, st.node) {
				early = append(early, p.panicsRightBefore(st.node, st.order, e)...)
			}
		}
	}
	return edits.ReleaseExplicitly(p.Window, slices.Concat(p.heldBefore(), held), nil, early...)
}

// panicsEarly lists what may panic in a value that is read before a release.
func (p *Placement) panicsEarly(r *Release, e ast.Expr) []*panics.Place {
	if r.At == nil || r.After || !syntax.Within(e, r.At) {
		return panics.PanicsOf(p.Site, e)
	}
	return p.panicsRightBefore(r.At, r.order, e)
}

// panicsRightBefore lists what may panic in a value that is read before a release right before
// st. Earlier tests of fields count if the lock is held from the first Lock on.
func (p *Placement) panicsRightBefore(st ast.Stmt, order int, e ast.Expr) []*panics.Place {
	loops := statements.LoopsAround(p.Unit.Body, st.Pos())
	again := slices.ContainsFunc(p.Locks, func(l *LockPlace) bool {
		return l.At != nil && (l.order < order || slices.ContainsFunc(loops, func(loop ast.Node) bool { return syntax.Within(l.At, loop) }))
	})
	if again && p.readsAnew(e) {
		return panics.PanicsOf(p.Site, e)
	}
	if again {
		return panics.PanicsBefore(p.Site, e, st, st)
	}
	return panics.PanicsBefore(p.Site, e, st, p.Site.Lock)
}

// readsAnew reports whether an expression goes through a variable that is read again after the
// wait, so that earlier tests of it do not count.
func (p *Placement) readsAnew(e ast.Expr) bool {
	return syntax.Has(e, func(id *ast.Ident) bool {
		v := syntax.VarOf(p.Info, id)
		return v != nil && p.Rereads(v)
	})
}

// heldBefore lists the statements before the section that also run under the lock, and that come
// after its deferred release:
//
//	mu.Lock()
//	defer mu.Unlock()
//	...
//	mu.Unlock()
//	mu.Lock() // the section
//	...
func (p *Placement) heldBefore() []ast.Stmt {
	var out []ast.Stmt
	syntax.InspectOuter(p.Unit.Body, func(n ast.Node) bool {
		st, ok := n.(ast.Stmt)
		if !ok || st.Pos() < p.Defer.End() || st.End() > p.Lock.Pos() {
			return true
		}
		if slices.ContainsFunc(locks.MayHoldAt(p.Unit, st), func(l patterns.Path) bool { return l.String() == p.Section.Lock.String() }) {
			out = append(out, st)
		}
		return false
	})
	return out
}

// liftOps returns the operations that put part of a statement before it. If the block already
// declares a variable of the same name, because part of an earlier statement was moved there
// too, the second variable becomes the first one:
//
//	err := build()
//	...
//	err = push()
func (p *Placement) liftOps(l *extract.Lift, xs []extract.Extraction) ([]tree.Op, *safety.Refusal) {
	ops := l.Before(xs)
	as, ok := l.Init.(*ast.AssignStmt)
	if !ok || !l.IsInit() || as.Tok != token.DEFINE {
		return ops, nil
	}
	if p.lifted == nil {
		p.lifted = make(map[ast.Node]map[string]*types.Var)
	}
	block := p.Parents[l.Of]
	if p.lifted[block] == nil {
		p.lifted[block] = make(map[string]*types.Var)
	}
	declares := false
	for _, e := range as.Lhs {
		v := syntax.VarOf(p.Info, e.(*ast.Ident))
		if v == nil || v.Name() == "_" {
			continue
		}
		first := p.lifted[block][v.Name()]
		if first == nil {
			p.lifted[block][v.Name()] = v
			declares = true
			continue
		}
		for _, w := range []*types.Var{first, v} {
			if !types.Identical(first.Type(), v.Type()) || p.Unit.Captured(w) || p.Unit.Addressed(w) {
				return nil, safety.Refuse(safety.S11, "second-variable", e.Pos(), "%s would be a second variable of that name in one block", v.Name())
			}
		}
	}
	if declares {
		return ops, nil
	}
	code := strings.Replace(p.Source(l.Init), ":=", "=", 1)
	return []tree.Op{tree.InsertBefore{Stmt: l.Of, Code: code, Under: true}, tree.Remove{Stmt: l.Init}}, nil
}
