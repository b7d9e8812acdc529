package patterns

import (
	"go/ast"
	"go/types"
)

// A condRef says which lock a sync.Cond releases while it waits (S18).
type condRef struct {
	path  Path       // of the condition variable; Root is nil if it has none
	mutex *types.Var // what its L was set to, or nil if that is not seen
}

// releases reports whether waiting may release the section's lock. Where the
// condition's lock is not seen it is taken to be the one that is held.
func (c *condRef) releases(o *Op, s *Section) bool {
	if len(o.Path) == 0 && c.path.Root != nil && c.path.Root != s.Lock.Root && len(c.path.Fields) > 0 && len(s.Lock.Fields) > 0 && !c.path.Global() {
		return false // of another object
	}
	if c.mutex == nil || c.mutex == s.LockVar() {
		return true
	}
	base, ok := s.Lock.Base()
	return ok && base.key() == c.path.key()
}

// condLock finds the mutex that a sync.Cond releases while it waits: the
// argument of the sync.NewCond that was assigned to it.
func (x *Program) condLock(u *Unit, c *ast.CallExpr) *condRef {
	ref := &condRef{}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return ref
	}
	if ref.path, ok = receiverPath(u.Pkg.Info, sel); !ok {
		return ref
	}
	ref.path = u.resolve(ref.path)
	exprs := []ast.Expr{u.definedOnce(ref.path.Root)}
	if v := ref.path.Last(); v.IsField() || isGlobal(v) {
		exprs = nil
		for _, a := range x.assignmentsIn(u.Pkg)[v] {
			exprs = append(exprs, a.expr)
		}
	}
	for _, e := range exprs {
		if v := newCondArg(u.Pkg.Info, e); v != nil {
			ref.mutex = v
		}
	}
	return ref
}

// newCondArg returns the mutex passed to sync.NewCond.
func newCondArg(info *types.Info, e ast.Expr) *types.Var {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	arg := ast.Unparen(call.Args[0])
	if inner, ok := arg.(*ast.CallExpr); ok { // mu.RLocker()
		if s, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr); ok {
			arg = s.X
		}
	}
	if q, ok := PathOf(info, arg); ok {
		return q.Last()
	}
	return nil
}
