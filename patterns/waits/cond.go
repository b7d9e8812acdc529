package waits

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/channels"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// A CondRef says which lock a sync.Cond releases while it waits (S18).
type CondRef struct {
	path  patterns.Path // of the condition variable; Root is nil if it has none
	mutex *types.Var    // what its L was set to, or nil if unseen

	// mutexID identifies mutex by varID, and is all that is known about a mutex of another
	// package. It is empty for a pointer or an interface, which may lead to any mutex.
	mutexID string

	// own: its L was made for it and has no other name, so sections of other locks keep
	// their lock during the wait.
	own bool
}

// Releases reports whether waiting may release the section's lock. If letgo does not see
// the condition's lock, it assumes that it is the held one.
func (c *CondRef) Releases(o *Op, s *locks.Section) bool {
	if len(o.Path) == 0 && c.path.Root != nil && c.path.Root != s.Lock.Root && len(c.path.Fields) > 0 && len(s.Lock.Fields) > 0 && !c.path.Global() {
		return false // of another object
	}
	if c.mutexID != "" && c.mutexID == patterns.VarID(s.Unit.Pkg.Fset, s.LockVar()) {
		return true
	}
	if base, ok := s.Lock.Base(); ok && c.path.Root != nil && base.Key() == c.path.Key() {
		return true
	}
	return !c.own && (c.mutexID == "" || s.LockVar() != nil && patterns.IsReference(s.LockVar().Type()))
}

// belongs reports whether waiting is sure to release the section's lock: the
// section itself waits, for a condition of the object whose lock it holds.
func (c *CondRef) belongs(o *Op, s *locks.Section) bool {
	return len(o.Path) == 0 && c.mutex != nil && c.mutex == s.LockVar() && (c.path.Root == s.Lock.Root || len(s.Lock.Fields) == 0)
}

// condLock finds the mutex that a sync.Cond releases while it waits: the
// argument of the sync.NewCond that was assigned to it, or what its L was set
// to.
func condLock(x *patterns.Program, u *patterns.Unit, c *ast.CallExpr) *CondRef {
	ref := &CondRef{}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return ref
	}
	if ref.path, ok = patterns.ReceiverPath(u.Pkg.Info, sel); !ok {
		return ref
	}
	ref.path = locks.Resolve(u, ref.path)
	var lockers []ast.Expr // nil for one that is not seen
	if v := ref.path.Last(); v.IsField() || patterns.IsGlobal(v) {
		for _, a := range x.AssignmentsIn(u.Pkg)[v] {
			lockers = append(lockers, condArg(u.Pkg.Info, a.Expr))
		}
		lockers = append(lockers, assignedLs(x, u.Pkg, v)...)
	} else {
		lockers = []ast.Expr{condArg(u.Pkg.Info, u.DefinedOnce(ref.path.Root))}
	}
	ref.own = len(lockers) > 0
	for _, l := range lockers {
		ref.own = ref.own && locks.MadeLock(u.Pkg.Info, l)
		if l == nil {
			continue
		}
		if q, ok := patterns.PathOf(u.Pkg.Info, l); ok {
			q = q.Join(channels.EmbeddedLock(q.Last().Type()))
			ref.mutex, ref.mutexID = q.Last(), ""
			if !patterns.IsReference(q.Last().Type()) {
				ref.mutexID = patterns.VarID(u.Pkg.Fset, q.Last())
			}
		}
	}
	return ref
}

// condArg returns the mutex from which an expression makes a sync.Cond: the argument of
// sync.NewCond, or the L of a literal; nil if it is neither.
func condArg(info *types.Info, e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = ast.Unparen(un.X)
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		if fn := patterns.CalleeOf(info, e); fn != nil && fn.FullName() == "sync.NewCond" && len(e.Args) == 1 {
			return lockerOf(e.Args[0])
		}
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok && isCondL(info, kv.Key) {
				return lockerOf(kv.Value)
			}
		}
	}
	return nil
}

// lockerOf looks through mu.RLocker().
func lockerOf(e ast.Expr) ast.Expr {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && s.Sel.Name == "RLocker" {
			return s.X
		}
	}
	return e
}

// isCondL reports whether an identifier names the field L of sync.Cond.
func isCondL(info *types.Info, e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := info.ObjectOf(id).(*types.Var)
	return ok && v.IsField() && v.Name() == "L" && v.Pkg().Path() == "sync"
}

// assignedLs lists what the L of a condition variable is set to in a package.
func assignedLs(x *patterns.Program, p *patterns.Package, cond *types.Var) []ast.Expr {
	of := conds.Get(x, p, func() map[*types.Var][]ast.Expr {
		of := make(map[*types.Var][]ast.Expr)
		for _, f := range p.Files {
			patterns.EachAssignment(f.Syntax, func(lhs, rhs ast.Expr) {
				sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
				if !ok || !isCondL(p.Info, sel.Sel) {
					return
				}
				if q, ok := patterns.PathOf(p.Info, sel.X); ok {
					of[q.Last()] = append(of[q.Last()], lockerOf(rhs))
				}
			})
		}
		return of
	})
	return of[cond]
}

var conds patterns.Memo[*patterns.Package, map[*types.Var][]ast.Expr]

// isCondWait reports whether a function is (*sync.Cond).Wait.
func isCondWait(fn *types.Func) bool {
	return fn != nil && fn.FullName() == "(*sync.Cond).Wait"
}

// condBehind returns the condition variable that a goroutine of the unit waits for, before
// it ends a receive or select of the unit:
//
//	done := make(chan struct{})
//	go func() { c.Wait(); close(done) }()
//	select {
//	case <-done:
//	case <-ctx.Done():
//	}
//
// The lock is released meanwhile, as by c.Wait itself. It is nil if there is none.
func condBehind(x *patterns.Program, u *patterns.Unit, n ast.Node) *CondRef {
	if len(u.Lits) == 0 {
		return nil
	}
	var ref *CondRef
	chans := receivedFrom(u.Pkg.Info, n)
	ast.Inspect(u.Body, func(n ast.Node) bool {
		g, ok := n.(*ast.GoStmt)
		if !ok || ref != nil {
			return ref == nil
		}
		lit, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit)
		if !ok || x.LitUnit(lit) == nil {
			return true
		}
		v := x.LitUnit(lit)
		for _, c := range v.Calls() {
			if isCondWait(patterns.CalleeOf(u.Pkg.Info, c)) && signalsAfter(v, c.End(), chans) {
				ref = condLock(x, v, c)
			}
		}
		return true
	})
	return ref
}

// receivedFrom lists the channels of a receive, or of the receives of a select.
func receivedFrom(info *types.Info, n ast.Node) (chans []patterns.Path) {
	add := func(n ast.Node) bool {
		if r, ok := n.(*ast.UnaryExpr); ok && r.Op == token.ARROW {
			if p, ok := patterns.PathOf(info, r.X); ok {
				chans = append(chans, p)
			}
		}
		return true
	}
	if s, ok := n.(*ast.SelectStmt); ok {
		for _, c := range s.Body.List {
			if comm := c.(*ast.CommClause).Comm; comm != nil {
				ast.Inspect(comm, add)
			}
		}
		return chans
	}
	add(n)
	return chans
}

// signalsAfter reports whether a unit closes one of the channels, or sends on it, after a
// place.
func signalsAfter(u *patterns.Unit, after token.Pos, chans []patterns.Path) bool {
	is := func(e ast.Expr) bool {
		p, ok := patterns.PathOf(u.Pkg.Info, e)
		return ok && slices.ContainsFunc(chans, func(ch patterns.Path) bool { return ch.Key() == p.Key() })
	}
	found := false
	ast.Inspect(u.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			found = found || n.Pos() > after && is(n.Chan)
		case *ast.CallExpr:
			found = found || n.Pos() > after && patterns.BuiltinOf(u.Pkg.Info, n) == "close" && is(n.Args[0])
		}
		return !found
	})
	return found
}
