package overlap

import (
	"go/ast"
	"go/types"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// RefuseTryLock refuses to shorten a section of a lock on which other code calls
// TryLock: S9. Code that fails to get it does something else, and so relies on the lock
// being held for as long as the work goes on.
//
//	if !j.mu.TryLock() {
//		return ErrBusy
//	}
//
// A read lock does not make TryRLock fail.
func RefuseTryLock(s *site.Site) *safety.Refusal {
	lock := s.Section.LockVar()
	if lock == nil {
		return nil
	}
	for _, p := range s.Program.Packages {
		if p != s.Pkg && !lock.Exported() {
			continue
		}
		for _, t := range locks.TryLocks(s.Program, p) {
			if r := refuseTried(s, p.Info, t.Method, t.Called); r != nil {
				return r
			}
		}
	}
	return nil
}

// refuseTried refuses if an expression is the TryLock of the lock, whether it is
// called where it stands, or kept as a value and called elsewhere:
//
//	try := j.mu.TryLock
func refuseTried(s *site.Site, info *types.Info, sel *ast.SelectorExpr, called bool) *safety.Refusal {
	name, tried := triedLock(info, sel)
	verb := "may be called"
	switch {
	case tried == nil || name == "TryRLock" && s.Section.Mode == patterns.Shared:
		return nil
	case tried == s.Section.LockVar():
		if called {
			verb = "is called"
		}
		return safety.Refuse(safety.S9, "trylock", sel.Pos(), "%s %s at %s: code that fails to get the lock there relies on its being held until the work is done", types.ExprString(sel), verb, s.Line(sel.Pos()))
	case mayReach(s, tried):
		return safety.Refuse(safety.S9, "trylock", sel.Pos(), "%s at %s may be called on %s, whose address is taken: code that fails to get the lock there relies on its being held until the work is done", types.ExprString(sel), s.Line(sel.Pos()), s.Section.Lock)
	}
	return nil
}

// triedLock returns the method that an expression names, if that tries to take a lock, and
// the variable that holds the lock; otherwise nil. For the method expression
// (*sync.Mutex).TryLock, which is called on its argument, the variable is its parameter.
func triedLock(info *types.Info, sel *ast.SelectorExpr) (string, *types.Var) {
	m := info.Selections[sel]
	if m == nil {
		return "", nil
	}
	if sig, ok := m.Type().(*types.Signature); ok && m.Kind() == types.MethodExpr {
		return sel.Sel.Name, sig.Params().At(0)
	}
	p, ok := patterns.ReceiverPath(info, sel)
	if !ok {
		return "", nil
	}
	return sel.Sel.Name, p.Last()
}

// mayReach reports whether a parameter or local variable may refer to the
// section's lock: it is a pointer to one, or an interface, and the address of
// the lock is taken, or the lock is of that very kind.
func mayReach(s *site.Site, v *types.Var) bool {
	if v.IsField() || syntax.IsGlobal(v) {
		return false
	}
	lock := s.Section.LockVar()
	t := lock.Type()
	if types.IsInterface(v.Type()) {
		if !types.Implements(types.NewPointer(t), v.Type().Underlying().(*types.Interface)) {
			return false
		}
	} else if ptr, ok := v.Type().Underlying().(*types.Pointer); !ok || !types.Identical(ptr.Elem(), t) {
		return types.Identical(v.Type(), t) && !syntax.IsGlobal(lock)
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
