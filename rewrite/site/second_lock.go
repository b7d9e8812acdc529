package site

import (
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// A SecondLock is a mutex that a section takes before its own lock and keeps to its end, so
// that the lock can be released for the wait. Every section of the lock that does more than
// use memory takes it: only the others can run during the wait.
//
// It is always taken first, it is held wherever the lock was held, and nothing else is taken
// between the two, so it is in no order of locks in which the lock was not.
type SecondLock struct {
	There    *types.Var       // such a mutex that the code has already, or nil
	Sections []*locks.Section // that take it, the site's own first
	Others   []*locks.Section // of the lock that do not
	Vars     []*types.Var     // that are only used in Sections, so that it guards them
}

// Guards reports whether only sections that hold the second lock use a variable.
func (l *SecondLock) Guards(v *types.Var) bool { return l != nil && slices.Contains(l.Vars, v) }

// Covers reports whether an access is made in a section that holds the second lock.
func (l *SecondLock) Covers(a *guards.Access) bool {
	return l != nil && (l.There != nil && a.Under(l.There) || slices.ContainsFunc(l.Sections, func(s *locks.Section) bool { return s.Unit == a.Unit && s.CoversPos(a.Pos()) }))
}
