package placement

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite/conditions/lifetime"
	"github.com/letgo-dev/letgo/rewrite/place"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// worthIt reports whether the waits that the placement frees are worth it.
func (p *Placement) worthIt(s *site.Site) bool {
	return WorthIt(s, p.left(s)) || p.joins(s) || p.clearsPath(s)
}

// WorthIt reports whether freeing the waits of the finding, except those in left, is worth it.
// If one may deadlock, it must be freed. Otherwise, no wait that stays may be as slow as those
// that are freed, on equally good evidence.
func WorthIt(s *site.Site, left []*waits.Op) bool {
	freed, stays := 0, 0
	for _, o := range s.Finding.Ops {
		switch {
		case slices.Contains(left, o):
			stays = max(stays, slowness(o))
		default:
			freed = max(freed, slowness(o))
		}
	}
	if d := s.Finding.Deadlock; d != nil {
		return freed > 0 && !slices.Contains(left, d.Op)
	}
	return freed > stays
}

// joins reports whether the placement closes a channel before it takes the lock, which tells a
// goroutine to end. Waiting for that without the lock is worth it, whatever else stays under it.
func (p *Placement) joins(s *site.Site) bool {
	return slices.ContainsFunc(p.Steps, func(st *PlacedStep) bool { return st.Free() && lifetime.LoneClose(s, st.node) })
}

// ofDisk is the slowness of a disk operation.
const ofDisk = 2

// slowness says how long an operation can take: a disk answers sooner or later, everything else
// may never answer. Weak evidence that the operation waits counts for less.
func slowness(o *waits.Op) int {
	slow := 4
	if o.Category == "disk" || o.Category == "fsync" {
		slow = ofDisk
	}
	if o.Weak != "" {
		slow--
	}
	return slow
}

// clearsPath reports whether the placement only releases the lock earlier, and frees a wait with
// no other wait under the lock on the way through it. What stays is on other paths.
//
//	if !s.open {
//		s.mu.Unlock()
//		s.replies <- errClosed
//		return
//	}
//	s.log.send(r)
//	s.mu.Unlock()
func (p *Placement) clearsPath(s *site.Site) bool {
	if s.Finding.MayDeadlock() || waitsDeferredIn(s, s.Unit.Body) || slices.ContainsFunc(p.Locks, func(l *LockPlace) bool { return l.At != nil }) {
		return false
	}
	next := place.Successors(p.body)
	var freed, left []*place.Step
	for _, st := range p.Steps {
		if st.Mode.To == place.Outside {
			next[st.leaf] = nil
		}
		switch {
		case st.Free() && waitsLong(s, st):
			freed = append(freed, st.leaf)
		case st.Mode.From == place.Held && st.Mode.Kind != CutBefore && p.waits(s, []*place.Step{st.leaf}):
			left = append(left, st.leaf)
		}
	}
	before := place.Reverse(next)
	return slices.ContainsFunc(freed, func(st *place.Step) bool {
		after, before := place.Reach(next, []*place.Step{st}), place.Reach(before, []*place.Step{st})
		return !slices.ContainsFunc(left, func(o *place.Step) bool { return after[o] || before[o] })
	})
}

// waitsLong reports whether a step waits for something other than a disk.
func waitsLong(s *site.Site, st *PlacedStep) bool {
	return slices.ContainsFunc(s.Finding.Ops, func(o *waits.Op) bool { return st.waitsIn(o) && slowness(o) > ofDisk })
}
