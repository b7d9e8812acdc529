package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/move/detach"
	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Drain takes what the wait needs out of the guarded variable, releases the lock, and
// works on what it has taken.
//
// It applies if the section empties the variable anyway once the wait is over: s.conn =
// nil, s.pending = make(...), s.buf = s.buf[:0], or deletes each entry of a map after
// the wait for it, or one entry that is itself a map or slice. If the variable is emptied
// before the wait, only this call of the function has the old value: no other section can
// reach it, so nothing has to be copied, and it may be closed.
//
// For the same reason, a flag that says that there is something to write is cleared
// before the write, and set again if that fails: new data sets it again.
//
// A section that returns before it empties the variable, because the call failed, keeps
// the value for the next try: a list is put back in front of what was added meanwhile.
// Other values cannot be put back, and the shape refuses. A reviewer must judge whether
// others may find the variable empty while the call still runs, and whether what is
// sent may be overtaken.
//
//	// before
//	func (p *Pool) Close() {
//		p.mu.Lock()
//		defer p.mu.Unlock()
//		for _, c := range p.conns {
//			c.Shutdown()
//		}
//		p.conns = nil
//	}
//
//	// after
//	func (p *Pool) Close() {
//		p.mu.Lock()
//		conns := p.conns
//		p.conns = nil
//		p.mu.Unlock()
//
//		for _, c := range conns {
//			c.Shutdown()
//		}
//	}
var Drain = Shape{
	Name:    "drain",
	Doc:     "take what the wait needs out of the guarded variable, and release the lock",
	Plan:    planDrain,
	AnyForm: true,
}

func planDrain(s *site.Site) (*plan.Plan, *safety.Refusal) {
	s, refusal := detach.Site(s)
	if refusal != nil {
		return nil, refusal
	}
	p, refusal := placement.PlaceDetached(s)
	if refusal != nil {
		return nil, refusal
	}
	return planOf(s, p)
}
