package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/move/detach"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Snapshot copies the map or slice that a loop ranges over, releases the lock, and
// loops over the copy.
//
// It applies if the loop waits for each element and needs nothing else that the lock
// guards. The copy is as deep as it must be: a map or slice of plain values, or of
// pointers to objects that the lock does not guard. The shape refuses if elements are
// slices or maps that a section changes, or objects whose fields the lock guards. An
// object is itself copied if it is passed to a function that only reads it, and refers
// to nothing else.
//
// The copy is a snapshot: the loop does not visit elements that are added meanwhile,
// and still visits those that are removed. Only a reviewer can say whether that
// matters, so a snapshot never has the grade safe.
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
var Snapshot = Shape{
	Name:    "snapshot",
	Doc:     "copy what a loop ranges over, release the lock, and loop over the copy",
	Plan:    planSnapshot,
	AnyForm: true,
}

func planSnapshot(s *site.Site) (*plan.Plan, *safety.Refusal) {
	if d, _ := detach.Site(s); d != nil && d.Detach.Entry != nil {
		if p, _ := planDrain(s); p != nil {
			s.Forget()
			return nil, safety.Inapplicable(s.Lock.Pos(), "the section deletes what it goes through, and with it what others add meanwhile: use drain")
		}
	}
	_, plain := planHoist(s)
	p, refusal := placed(move.Cloning(s), "snapshot")
	if refusal != nil && plain != nil && plain.Reason == refusal.Reason {
		return nil, safety.Inapplicable(s.Lock.Pos(), "a copy would not help")
	}
	return p, refusal
}
