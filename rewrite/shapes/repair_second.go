package shapes

import (
	"slices"

	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes/secondlock"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Second gives what waits a mutex of its own, where the lock must keep callers apart during
// the wait: a writer that is not safe for concurrent use, a file that is written anew each
// time. Sections that only use memory no longer wait for it.
//
//	// before
//	func (s *Store) Set(name, value string) error {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		s.values[name] = value
//		return os.WriteFile(s.path, s.encode(), 0o600)
//	}
//
//	// after
//	func (s *Store) Set(name, value string) error {
//		s.writeMu.Lock()
//		defer s.writeMu.Unlock()
//		s.mu.Lock()
//		s.values[name] = value
//		data := s.encode()
//		s.mu.Unlock()
//
//		return os.WriteFile(s.path, data, 0o600)
//	}
var Second = Repair{
	Name:    "second",
	Doc:     "add a mutex that serializes what waits, where callers must be kept apart",
	Example: "hoist/second_file",
	In:      ofPlacement,
	Vary: func(s *site.Site, p *plan.Plan, r *safety.Refusal) *site.Site {
		if s.Second != nil || r == nil || !slices.Contains(keptApart, r.Name()) && (s.Cloning || !slices.Contains(usesGuarded, r.Name())) {
			return nil
		}
		l := secondlock.Find(s)
		if l == nil {
			return nil
		}
		t := *site.New(s.Program, s.Finding)
		t.List, t.Lock, t.Defer, t.Body, t.Final, t.Exits = s.List, s.Lock, s.Defer, s.Body, s.Final, s.Exits
		t.FormRefusal, t.Explicit, t.UnderLock, t.Imports = s.FormRefusal, s.Explicit, s.UnderLock, s.Imports
		t.Second, t.Cloning = l, s.Cloning
		return &t
	},
}

// keptApart are the refusals that say that the lock must keep callers apart.
var keptApart = []string{"S1/guards-file", "S1/guards-sequence", "S9/not-concurrent"}

// usesGuarded are those that say that the wait uses guarded state, which another mutex keeps
// others from. If it gets a copy of a map or slice, what the elements point to is what changes.
var usesGuarded = []string{"S1/wait-uses-guarded", "S1/needed-each-round"}
