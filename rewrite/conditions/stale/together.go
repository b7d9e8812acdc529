package stale

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/rewrite/behaviour"
	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// UsesTogether reports whether the function that makes an access under the section's lock also
// uses, in a way that counts, what a touch is of: in itself, its literals, a function that it
// calls, directly or not, or one that calls it.
func UsesTogether(w *move.Window, a *guards.Access, t *site.Touch, counts func(*guards.Access) bool) bool {
	v, lock := t.Access.Var, w.Section.LockVar()
	var users []*patterns.Unit
	for _, o := range guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses {
		switch {
		case !o.Under(lock) || !counts(o):
		case o.Unit.Decl == a.Unit.Decl:
			return true
		case !slices.Contains(users, o.Unit):
			users = append(users, o.Unit)
		}
	}
	reaches := func(from []*patterns.Unit, is func(*patterns.Unit) bool) bool {
		found, _ := behaviour.AnyReached(w.Program, from, is)
		return found
	}
	return len(users) > 0 && (reaches([]*patterns.Unit{a.Unit}, func(u *patterns.Unit) bool { return slices.Contains(users, u) }) ||
		reaches(users, func(u *patterns.Unit) bool { return u == a.Unit }))
}

// goesByCount reports whether another section looks at what is counted after the window where it
// changes what a value is made of: then the order of the two shows in both.
//
//	err := s.put(s.last)   // meanwhile: if s.free > 0 { s.last = key }
//	s.free--
func goesByCount(w *move.Window, x extract.Extraction) bool {
	looks := func(o *guards.Access) bool {
		_, counts := behaviour.CountOf(o)
		return !counts && !w.Contains(o)
	}
	for _, v := range x.Sources() {
		for _, a := range guards.SharingOf(w.Program, w.PackageOf(v), v).Accesses {
			changes := w.OfOthers(a) && a.Kind.Changes() && a.Under(w.Section.LockVar())
			if changes && slices.ContainsFunc(behaviour.GuardedChanges(w.PostTouches), func(t *site.Touch) bool { return t.Access.Var != v && UsesTogether(w, a, t, looks) }) {
				return true
			}
		}
	}
	return false
}
