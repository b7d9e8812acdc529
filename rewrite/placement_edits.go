package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Ops are the operations that carry the placement out.
func (p *Placement) Ops() ([]tree.Op, *Refusal) {
	p.pairReleases()
	ops, refusal := p.opsInOrder()
	if refusal != nil {
		return nil, refusal
	}
	if p.Defer != nil && !slices.ContainsFunc(p.locks, p.movesDefer) {
		ops = append(ops, tree.Remove{Stmt: p.Defer, Gap: tree.None})
	}
	for _, x := range p.copies {
		code := p.copyOf(x)
		if code == "" {
			return nil, Inapplicable(x.Uses[0].Pos(), "the module's Go version has no function that copies %s", x.Path)
		}
		ops = append(ops, tree.ReplaceExpr{Expr: x.Uses[0], Code: code})
	}
	if refusal := p.askPanics(); refusal != nil {
		return nil, refusal
	}
	return ops, nil
}

// pairReleases finds the Unlocks of the source that move up to where they come now,
// with their comments.
func (p *Placement) pairReleases() {
	taken := make(map[ast.Stmt]bool)
	for _, r := range p.releases {
		for _, st := range p.steps {
			if st.order > r.order && st.mode.Kind == dropped && st.node != ast.Stmt(p.Lock) && !r.after && !taken[st.node] && p.parents[st.node] == p.parents[r.at] {
				r.moved = st.node
				taken[st.node] = true
				break
			}
		}
	}
}

// opsInOrder are the operations of the steps, and of the Locks and Unlocks between
// them, in the order of the function: of two that stand before the same statement the
// later one is to come nearer.
func (p *Placement) opsInOrder() ([]tree.Op, *Refusal) {
	var ops []tree.Op
	declared := make(map[ast.Node][]string)
	releases, steps, locks, leaves := p.releases, p.steps, p.locks, p.leaves
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

// releaseOps places an Unlock, and takes values out before it.
func (p *Placement) releaseOps(r *release, declared map[ast.Node][]string) []tree.Op {
	space := tree.Space{Before: tree.None, After: tree.Blank}
	if _, jump := r.at.(*ast.BranchStmt); jump || p.inherited != nil {
		space.After = tree.None
	}
	p.renew(r, declared)
	code := p.UnlockText()
	if r.gone {
		code, space.After = code+"\ndefer "+p.LockText(), tree.None
	}
	if r.after {
		return []tree.Op{tree.InsertAfter{Stmt: r.at, Code: code, Space: tree.Space{Before: tree.None}}}
	}
	prev := p.previous(r.at)
	if r.lifted || p.inherited != nil {
		prev = nil
	}
	switch {
	case prev != nil && len(r.values) == 0 && r.moved != nil:
		return []tree.Op{tree.MoveAfter{Stmts: []ast.Stmt{r.moved}, To: prev, Space: space}}
	case prev != nil && len(r.values) == 0:
		return []tree.Op{tree.InsertAfter{Stmt: prev, Code: code, Space: space}}
	}
	ops := append(p.ExtractOps(r.values, r.at), p.detachOps(r)...)
	if r.moved != nil {
		return append(ops, tree.MoveBefore{Stmts: []ast.Stmt{r.moved}, To: r.at, Space: space})
	}
	return append(ops, tree.InsertBefore{Stmt: r.at, Code: code, Space: space})
}

// renew sees to it that a value which is taken out a second time in the same block
// gets another name.
func (p *Placement) renew(r *release, declared map[ast.Node][]string) {
	block := p.parents[r.at]
	for _, x := range r.values {
		name := p.nameOf(x)
		for n := block; n != nil; n = p.parents[n] {
			if slices.Contains(declared[n], name) {
				p.valueNames = make(map[string]string)
				name = p.nameOf(x)
			}
		}
		declared[block] = append(declared[block], name)
	}
}

// previous returns the statement before another one in its list, if the lock can be
// released right after it.
func (p *Placement) previous(st ast.Stmt) ast.Stmt {
	list := p.listOf(st)
	i := slices.Index(list, st)
	if i < 1 || list[i-1] == ast.Stmt(p.Defer) || terminates(p.Info, list[i-1]) {
		return nil
	}
	return list[i-1]
}

// stepOps are the operations for what a step does besides being carried out.
func (p *Placement) stepOps(st *placedStep) ([]tree.Op, *Refusal) {
	switch st.mode.Kind {
	case releasing:
		if p.releasedByDefer(st) {
			return nil, nil
		}
		return p.releaseAtExit(st.node)
	case liftBefore:
		return p.liftOps(st.lift, nil)
	case commit:
		return p.liftOps(st.lift, st.liftOps)
	case dropped:
		if st.node == ast.Stmt(p.Lock) && p.moved() != nil || slices.ContainsFunc(p.releases, func(r *release) bool { return r.moved == st.node }) {
			return nil, nil
		}
		return []tree.Op{tree.Remove{Stmt: st.node}}, nil
	}
	return nil, nil
}

// moved returns the place to which the Lock of the source moves as it is, or nil.
func (p *Placement) moved() *lockPlace {
	if !p.dropped || len(p.locks) != 1 || p.locks[0].at == nil || p.locks[0].after || p.locks[0].commit != nil || !slices.Contains(p.List, p.locks[0].at) {
		return nil
	}
	return p.locks[0]
}

// movesDefer reports whether the deferred release of the source moves with the Lock.
func (p *Placement) movesDefer(l *lockPlace) bool {
	return l.deferred && l == p.moved() && p.parents[p.Defer] == p.parents[p.Lock]
}

// lockOps places a Lock.
func (p *Placement) lockOps(l *lockPlace) []tree.Op {
	if l.at == nil {
		return nil
	}
	code := p.LockText()
	if l.deferred {
		code += "\ndefer " + p.UnlockText()
	}
	if p.recheck != nil && l == p.again() {
		code += "\n" + p.recheck.Code()
	}
	space := tree.Space{Before: tree.Blank}
	if p.inherited != nil {
		space.Before = tree.None
	}
	if l == p.moved() {
		if p.movesDefer(l) {
			return []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{p.Lock, p.Defer}, To: l.at, Space: space}}
		}
		ops := []tree.Op{tree.MoveBefore{Stmts: []ast.Stmt{p.Lock}, To: l.at, Space: space}}
		if l.deferred {
			ops = append(ops, tree.InsertBefore{Stmt: l.at, Code: "defer " + p.UnlockText()})
		}
		return ops
	}
	if l.after {
		return []tree.Op{tree.InsertAfter{Stmt: l.at, Code: code, Space: space}}
	}
	ops := []tree.Op{tree.InsertBefore{Stmt: l.at, Code: code, Space: space}}
	if l.commit != nil {
		ops = append(ops, l.commit.lift.After()...)
	}
	return ops
}

// releaseAtExit releases the lock before a return or a panic; what they need the
// lock for is evaluated first.
func (p *Placement) releaseAtExit(st ast.Stmt) ([]tree.Op, *Refusal) {
	if r, ok := st.(*ast.ReturnStmt); ok {
		return p.releaseAtReturn(r)
	}
	return p.releaseAtPanic(st.(*ast.ExprStmt)), nil
}

// beforeRelease lists the operands of a return or panic that need the lock.
func (w *Window) beforeRelease(st ast.Stmt) []ast.Expr {
	var operands []ast.Expr
	switch st := st.(type) {
	case *ast.ReturnStmt:
		operands = st.Results
	case *ast.ExprStmt:
		operands = callOf(st.X).Args
	}
	return slices.DeleteFunc(slices.Clone(operands), func(e ast.Expr) bool {
		return w.touches(e).guarded() == nil && !w.readsDerivedObject(e)
	})
}

// releasedByDefer reports whether a step runs under the lock after a Lock whose release
// is deferred.
func (p *Placement) releasedByDefer(st *placedStep) bool {
	return slices.ContainsFunc(p.locks, func(l *lockPlace) bool {
		return l.deferred && (l.order < st.order && st.order <= l.end || l.commit == st)
	})
}

// askPanics is S12: what runs between a Lock and its explicit release.
func (p *Placement) askPanics() *Refusal {
	if p.Defer == nil || p.has(S12) {
		return nil
	}
	held := p.stmts(p.Site, func(st *placedStep) bool {
		if st.mode.Kind == commit && st.lift.IsInit() {
			return false // it comes before the Lock
		}
		return st.held() && !p.isLock(p.Site, st) && st.mode.Kind != releasing && !p.releasedByDefer(st)
	}, nil)
	var early []ast.Expr
	for _, r := range p.releases {
		for _, x := range r.values {
			early = append(early, x.Uses[0])
		}
	}
	for _, st := range p.steps {
		if st.mode.Kind == releasing && !p.releasedByDefer(st) {
			early = append(early, p.beforeRelease(st.node)...)
		}
	}
	return p.releaseExplicitly(held, nil, early...)
}

// liftOps are the operations that put a part of a statement before it. A second
// variable of a name that the block has declared by then, for a part that came before
// another statement of it, becomes the first one:
//
//	err := build()
//	...
//	err = push()
func (p *Placement) liftOps(l *Lift, xs []Extraction) ([]tree.Op, *Refusal) {
	ops := l.Before(xs)
	as, ok := l.init.(*ast.AssignStmt)
	if !ok || !l.IsInit() || as.Tok != token.DEFINE {
		return ops, nil
	}
	if p.lifted == nil {
		p.lifted = make(map[ast.Node]map[string]*types.Var)
	}
	block := p.parents[l.of]
	if p.lifted[block] == nil {
		p.lifted[block] = make(map[string]*types.Var)
	}
	declares := false
	for _, e := range as.Lhs {
		v := varOf(p.Info, e.(*ast.Ident))
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
				return nil, Refuse(S11, "second-variable", e.Pos(), "%s would be a second variable of that name in one block", v.Name())
			}
		}
	}
	if declares {
		return ops, nil
	}
	code := strings.Replace(p.source(l.init), ":=", "=", 1)
	return []tree.Op{tree.InsertBefore{Stmt: l.of, Code: code, Under: true}, tree.Remove{Stmt: l.init}}, nil
}
