package behaviour

import (
	"fmt"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// letgo cannot tell whether a variable changes under the lock if a function literal changes it,
// or a function used as a value, or code that has its address:
//
//	cells := make([]string, n)
//	return &Grid{cells: cells, put: func(i int, s string) { cells[i] = s }}
//
// Whoever calls the literal may hold the lock. So the window must not use the variable; its
// value is read before.

// changeByOthers returns a change of a variable that may run under the section's lock although
// the code around it does not hold the lock, or nil.
func changeByOthers(s *site.Site, sharing guards.Sharing) *guards.Access {
	return sharing.Changed(func(a *guards.Access) bool {
		return addressKept(s, a) || a.MayBeUnder(s.Section.LockVar()) && !readTogether(s, a)
	})
}

// addressKept reports whether an access gives the address of the variable to code that keeps it,
// or may keep it.
func addressKept(s *site.Site, a *guards.Access) bool {
	return a.Kind == guards.Escape && !a.Atomic || a.Alias && s.Program.StorageOf(a.Unit.Pkg).AddressKept(a.Var)
}

// whyByOthers explains why such a change counts.
func whyByOthers(s *site.Site, a *guards.Access) string {
	if addressKept(s, a) {
		return fmt.Sprintf("its address is taken at %s, and whoever has it may change it under the lock", s.Line(a.Pos()))
	}
	if a.Unit.Lit == nil {
		return fmt.Sprintf("it changes at %s in %s, which may run under the lock", s.Line(a.Pos()), a.Unit.Name())
	}
	return fmt.Sprintf("it changes at %s in a function literal, which may run under the lock", s.Line(a.Pos()))
}
