package shapes

import (
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Helper opens the window in the function that waits, where that is one that its
// callers call with the lock held.
//
// The function releases its callers' lock around the wait and takes it again.
// It must be unexported and not used as a value, so that all its callers are
// seen; each of them is looked at: what it has read before the call and uses
// after it, what it tests before and acts on after, and what it has changed
// already, which others now see. Calls from within a loop are refused. If a
// caller releases the lock by defer, a panic must find it held, so that the
// function takes it again by defer, too.
//
//	// before
//	func (l *Log) flush() error {
//		buf := l.buf
//		l.buf = nil
//		_, err := l.conn.Write(buf)
//		l.flushed++
//		return err
//	}
//
//	// after
//	func (l *Log) flush() error {
//		buf := l.buf
//		l.buf = nil
//		_, err := func() (int, error) {
//			l.mu.Unlock()
//			defer l.mu.Lock()
//			return l.conn.Write(buf)
//		}()
//		l.flushed++
//		return err
//	}
var Helper = rewrite.Shape{
	Name: "helper",
	Doc:  "release the callers' lock in the function that waits, and take it again",
	Plan: planHelper,
}

// planHelper plans the shape for a section, in the first of the functions that wait where it can.
func planHelper(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	sites, refusal := s.HelperSites()
	if len(sites) > 0 {
		refusal = nil // of functions that could not name the lock, or have other callers
	}
	near := false // whether the refusal is of a window that could be placed
	for _, h := range sites {
		plan, placed, r := planInside(s, h)
		if plan != nil {
			return plan, nil
		}
		if refusal == nil || placed && !near {
			refusal, near = r, placed
		}
	}
	return nil, refusal
}

// planInside opens the window in one of the functions that could. placed says that it
// could stand there, whatever the conditions say.
func planInside(s *rewrite.Site, h *rewrite.HelperSite) (made *rewrite.Plan, placed bool, refusal *rewrite.Refusal) {
	if refusal := h.WorthIt(); refusal != nil {
		return nil, false, refusal
	}
	if refusal := h.ProveLockOrder(); refusal != nil {
		return nil, false, refusal
	}
	if _, refusal := h.Place(); refusal != nil {
		return nil, false, refusal // whatever the callers do
	}
	if refusal := h.LookThrough(); refusal != nil {
		return nil, true, refusal
	}
	p, refusal := h.Place()
	if refusal != nil {
		return nil, true, refusal
	}
	if refusal := h.ProveCallers(p.Window); refusal != nil {
		return nil, true, refusal
	}
	if refusal := p.Prove(); refusal != nil {
		return nil, true, refusal
	}
	ops, refusal := h.Ops(p)
	if refusal != nil {
		return nil, true, refusal
	}
	return &rewrite.Plan{
		Title:       "Release " + s.Section.Lock.String() + " in " + h.Unit.Name() + " during " + subject(s.Finding),
		Script:      tree.Script{Decl: h.Unit.Decl, Ops: ops},
		Outside:     h.Doc(),
		Stays:       h.Stays(),
		Obligations: p.Obligations(),
	}, true, nil
}
