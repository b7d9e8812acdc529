package shapes

import (
	"go/ast"

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

func planHelper(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) {
	h, refusal := s.NewHelperSite()
	if refusal != nil {
		return nil, refusal
	}
	first, last, refusal := opRange(h.Site)
	if refusal != nil {
		return nil, refusal
	}
	for _, o := range h.Finding.Ops {
		if o.Deferred {
			return nil, rewrite.Refuse(rewrite.S15, "deferred-wait", o.Pos(), "%s is deferred: it runs when %s returns, when the lock is held again", o.Call(), h.Unit.Name())
		}
	}
	if first < 0 {
		return nil, rewrite.Inapplicable(s.Lock.Pos(), "%s does not wait under the lock", h.Unit.Name())
	}
	window, post := h.Body[first:last+1], h.Body[last+1:]
	lift, ok := h.LiftOf(h.Body[first])
	switch {
	case ok && first == last && h.NeedsLock(h.Body[first]), ok && first == last && lift.IsInit():
		window, post = []ast.Stmt{lift.Part}, h.Body[first:]
	default:
		lift = nil
		for _, st := range window {
			if h.NeedsLock(st) {
				return nil, h.RefuseGuarded(window)
			}
		}
	}
	if refusal := h.ProveLockOrder(window); refusal != nil {
		return nil, refusal
	}
	xs := h.Extractions(window)
	w := h.NewWindow(h.Body[:first], window, post)
	w.TakeLift(lift)
	w.Values = xs
	if refusal := h.ProveCallers(w); refusal != nil {
		return nil, refusal
	}
	if _, refusal := w.Prove(); refusal != nil {
		return nil, refusal
	}
	ops, refusal := h.OpenWindow(w, xs, lift)
	if refusal != nil {
		return nil, refusal
	}
	return &rewrite.Plan{
		Title:       "Release " + s.Section.Lock.String() + " in " + h.Unit.Name() + " during " + subject(h.Finding),
		Script:      tree.Script{Decl: h.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, nil
}
