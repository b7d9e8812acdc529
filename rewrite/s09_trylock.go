package rewrite

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
)

// refuseTryLock refuses to shorten a section of a lock that is tried for
// elsewhere: S9. Whoever fails to get it takes another way, and so relies on the
// lock being held for as long as something goes on.
//
//	if !j.mu.TryLock() {
//		return ErrBusy
//	}
//
// A read lock is not in the way of TryRLock.
func (s *Site) refuseTryLock() *Refusal {
	lock := s.Section.LockVar()
	if lock == nil {
		return nil
	}
	for _, p := range s.Program.Packages {
		if p != s.Pkg && !lock.Exported() {
			continue
		}
		for _, u := range s.Program.UnitsIn(p) {
			for _, c := range u.Calls() {
				name, tried := triedLock(u, c)
				switch {
				case tried == nil || name == "TryRLock" && s.Section.Mode == patterns.Shared:
				case tried == lock:
					return Refuse(S9, c.Pos(), "%s is called at %s: what fails to get the lock there relies on its being held until the work is done", types.ExprString(c.Fun), s.line(c.Pos()))
				case s.mayReach(tried):
					return Refuse(S9, c.Pos(), "%s at %s may be called on %s, whose address is taken: what fails to get the lock there relies on its being held until the work is done", types.ExprString(c.Fun), s.line(c.Pos()), s.Section.Lock)
				}
			}
		}
	}
	return nil
}

// triedLock returns the variable that holds the lock which a call tries to take,
// and the method; nil if the call does nothing of the kind.
func triedLock(u *patterns.Unit, c *ast.CallExpr) (string, *types.Var) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "TryLock" && sel.Sel.Name != "TryRLock" {
		return "", nil
	}
	p, ok := patterns.ReceiverPath(u.Pkg.Info, sel)
	if !ok {
		return "", nil
	}
	return sel.Sel.Name, p.Last()
}

// mayReach reports whether a parameter or local variable may refer to the
// section's lock: it is a pointer to one, or an interface, and the address of
// the lock is taken, or the lock is of that very kind.
func (s *Site) mayReach(v *types.Var) bool {
	if v.IsField() || isGlobal(v) {
		return false
	}
	lock := s.Section.LockVar()
	t := lock.Type()
	if types.IsInterface(v.Type()) {
		if !types.Implements(types.NewPointer(t), v.Type().Underlying().(*types.Interface)) {
			return false
		}
	} else if ptr, ok := v.Type().Underlying().(*types.Pointer); !ok || !types.Identical(ptr.Elem(), t) {
		return types.Identical(v.Type(), t) && !isGlobal(lock)
	}
	for _, f := range s.Pkg.Files {
		if takesAddress(s.Info, f.Syntax, lock) {
			return true
		}
	}
	return false
}

// takesAddress reports whether a node takes the address of a variable.
func takesAddress(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		if u, ok := m.(*ast.UnaryExpr); ok && !found {
			if p, ok := patterns.PathOf(info, u); ok && p.Last() == v {
				found = true
			}
		}
		return !found
	})
	return found
}
