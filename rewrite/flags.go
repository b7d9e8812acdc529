package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
)

// A flag is a variable of package sync/atomic that is part of what the lock
// guards although it can be read without it: a function changes it and then
// takes the lock, as in
//
//	func (p *Pool) Close() {
//		if !p.closed.CompareAndSwap(false, true) {
//			return
//		}
//		p.mu.Lock()
//		p.conns = nil
//		p.mu.Unlock()
//	}
//
// A section that tests it under the lock can rely on it until the lock is
// released: whoever has changed it waits for the lock.

// flagsIn lists the flags that an expression reads, itself or in the functions
// that it calls.
func (s *Site) flagsIn(e ast.Expr) []*types.Var {
	seen := make(map[*patterns.Unit]bool)
	var flags []*types.Var
	add := func(u *patterns.Unit, c *ast.CallExpr) {
		if v := atomicOf(u, c); v != nil && !slices.Contains(flags, v) && s.isFlag(v) {
			flags = append(flags, v)
		}
	}
	var visit func(u *patterns.Unit, n ast.Node, depth int)
	visit = func(u *patterns.Unit, n ast.Node, depth int) {
		eachSynchronousCall(n, func(c *ast.CallExpr) {
			add(u, c)
			callees, _ := s.Program.Callees(u, c)
			for _, v := range callees {
				if !seen[v] && v.Body != nil && depth < 3 && !synchronises(v.Pkg.Path) {
					seen[v] = true
					visit(v, v.Body, depth+1)
				}
			}
		})
	}
	visit(s.Unit, e, 0)
	return flags
}

// isFlag reports whether a function of the package changes the variable and then
// takes the section's lock.
func (s *Site) isFlag(v *types.Var) bool {
	lock := s.Section.LockVar()
	return slices.ContainsFunc(s.Program.UnitsIn(s.Pkg), func(u *patterns.Unit) bool {
		changed := false
		for _, c := range u.Calls() {
			if atomicOf(u, c) == v && !readsAtomic(u, c) {
				changed = true
			}
			if changed && locks(u, c, lock) {
				return true
			}
		}
		return false
	})
}

// locks reports whether a call takes the lock.
func locks(u *patterns.Unit, c *ast.CallExpr, lock *types.Var) bool {
	if !patterns.IsLockCall(u.Pkg.Info, c) {
		return false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !strings.HasSuffix(sel.Sel.Name, "Lock") {
		return false
	}
	p, ok := patterns.PathOf(u.Pkg.Info, sel.X)
	return ok && p.Last() == lock
}

// atomicOf returns the variable that a call of package sync/atomic is made on,
// as a method or with its address, or nil.
func atomicOf(u *patterns.Unit, c *ast.CallExpr) *types.Var {
	info := u.Pkg.Info
	fn := patterns.CalleeOf(info, c)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" {
		return nil
	}
	var e ast.Expr
	if sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		e = sel.X
	} else if len(c.Args) > 0 {
		if addr, ok := ast.Unparen(c.Args[0]).(*ast.UnaryExpr); ok {
			e = addr.X
		}
	}
	if e == nil {
		return nil
	}
	if p, ok := patterns.PathOf(info, e); ok {
		return p.Last()
	}
	return nil
}

// readsAtomic reports whether a call of package sync/atomic only reads.
func readsAtomic(u *patterns.Unit, c *ast.CallExpr) bool {
	return strings.HasPrefix(patterns.CalleeOf(u.Pkg.Info, c).Name(), "Load")
}
