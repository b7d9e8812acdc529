package shapes

import (
	"strings"

	"github.com/letgo-dev/letgo/rewrite"
)

// Snapshot copies the map or slice that a loop goes through, releases the lock,
// and loops over the copy.
//
// It applies where the loop waits for each element and needs nothing else that
// the lock guards. The copy is as deep as it has to be: a map or slice of plain
// values, or of pointers to objects that the lock does not guard. If elements
// are slices or maps that a section changes, or objects whose fields the lock
// guards, the shape refuses.
//
// What is in the copy is of the moment when it was made. Elements that are
// added meanwhile are not visited, and those that are removed still are. Nobody
// but a reviewer can say whether that matters, so a snapshot is never safe.
//
//	// before
//	func (h *Hub) Broadcast(msg string) {
//		h.mu.Lock()
//		defer h.mu.Unlock()
//		for _, c := range h.conns {
//			c.Send(msg)
//		}
//	}
//
//	// after
//	func (h *Hub) Broadcast(msg string) {
//		h.mu.Lock()
//		conns := slices.Collect(maps.Values(h.conns))
//		h.mu.Unlock()
//
//		for _, c := range conns {
//			c.Send(msg)
//		}
//	}
var Snapshot = rewrite.Shape{
	Name:    "snapshot",
	Doc:     "copy what a loop goes through, release the lock, and loop over the copy",
	Plan:    planSnapshot,
	AnyForm: true,
}

func planSnapshot(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	if form := s.Form(); form != nil {
		return placed(s.Cloning(), "snapshot", form)
	}
	_, plain := planHoist(s)
	s = s.Cloning()
	p, w, refusal := hoist(s)
	if refusal != nil {
		first := refusal
		if p, w, refusal = split(s); refusal != nil && refusal.Condition == "" {
			refusal = first
		}
	}
	if refusal != nil {
		p, other := placed(s, "snapshot", refusal)
		if other == nil || refusal.Condition == rewrite.S1 {
			return p, other
		}
		if plain != nil && plain.Reason == refusal.Reason {
			return nil, rewrite.Inapplicable(s.Lock.Pos(), "a copy would not help")
		}
		return nil, refusal
	}
	clones := w.Clones()
	if len(clones) == 0 {
		return nil, rewrite.Inapplicable(s.Lock.Pos(), "no map or slice has to be copied for the wait")
	}
	if refusal := w.CanClone(); refusal != nil {
		return nil, refusal
	}
	var names []string
	for _, x := range clones {
		names = append(names, x.Path.String())
	}
	p.Title = "Copy " + strings.Join(names, " and ") + ", and release " + s.Section.Lock.String() + " before " + subject(s.Finding)
	return p, nil
}
