package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Drain takes what the wait needs out of the guarded variable, releases the
// lock, and works on what it has taken.
//
// It applies where the section empties the variable anyway once the wait is
// over: s.conn = nil, s.pending = make(...), s.buf = s.buf[:0], or deletes each entry
// of a map after the wait for it. Emptied before,
// the old value belongs to this call of the function alone: no other section can
// reach it, so nothing has to be copied, and it may be closed.
//
// A flag that says that there is something to write is cleared before the write for the
// same reason, and set again where that fails: what comes meanwhile sets it anew.
//
// A section that can be left before it empties the variable, because the call
// failed, keeps the value for the next try: a list is put back there, in front of
// what has come meanwhile. Other values cannot be, and the shape refuses. That
// others find the variable empty while the call still runs, and that what is sent
// may be overtaken, is for a reviewer to judge.
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
	s, refusal := move.Detaching(s)
	if refusal != nil {
		return nil, refusal
	}
	p, refusal := placement.PlaceDetached(s)
	if refusal != nil {
		return nil, refusal
	}
	return planOf(s, p)
}
