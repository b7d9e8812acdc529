package shapes

import (
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// Hoist releases the lock before the wait.
//
// It applies where nothing guarded is touched any more once the wait has
// begun. What the wait needs is read before the release: while the lock was
// held throughout nobody could change it in between, so the early value is the
// same value.
//
// A deferred release becomes an explicit one on each path. Where something
// between the lock and the release may panic, the lock would stay locked then,
// and whoever reviews it is asked whether that can happen. A function that
// recovers from such a panic is left alone: it would go on with a lock that
// nobody releases.
//
//	// before
//	func (c *Client) Send(msg string) error {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.sent++
//		return c.post(c.url, msg)
//	}
//
//	// after
//	func (c *Client) Send(msg string) error {
//		c.mu.Lock()
//		c.sent++
//		url := c.url
//		c.mu.Unlock()
//
//		return c.post(url, msg)
//	}
var Hoist = rewrite.Shape{
	Name:    "hoist",
	Doc:     "release the lock before the wait: nothing guarded is touched after it",
	Plan:    planHoist,
	AnyForm: true,

	CondWaits: true,
}

func planHoist(s *rewrite.Site) (*rewrite.Plan, *rewrite.Refusal) { return placed(s, "hoist") }

// hoist plans the shape and also returns the window that it is proved for.
func hoist(s *rewrite.Site) (*rewrite.Plan, *rewrite.Window, *rewrite.Refusal) {
	tails, refusal := s.Tails(s.Body)
	if refusal != nil {
		return nil, nil, refusal
	}
	last := s.LastNeeded(s.Body)
	if refusal := worthHoisting(s, tails, last); refusal != nil {
		return nil, nil, refusal
	}
	w := s.NewWindow(s.Body[:last+1], s.TailStmts(tails), nil)
	for _, t := range tails {
		w.Values = append(w.Values, t.Values...)
	}
	if _, refusal := w.Prove(); refusal != nil {
		return nil, nil, refusal
	}
	ops, refusal := w.ReleaseBeforeTails(s.Body, tails, false)
	if refusal != nil {
		return nil, nil, refusal
	}
	return &rewrite.Plan{
		Title:       "Release " + s.Section.Lock.String() + " before " + subject(s.Finding),
		Script:      tree.Script{Decl: s.Unit.Decl, Ops: ops},
		Obligations: w.Obligations(),
	}, w, nil
}

// worthHoisting refuses sections in which no wait would come after the release,
// or nothing would be left before it.
func worthHoisting(s *rewrite.Site, tails []rewrite.Tail, last int) *rewrite.Refusal {
	if len(s.TailStmts(tails)) == 0 {
		return rewrite.Inapplicable(s.Lock.Pos(), "no path ends with a wait")
	}
	if last >= 0 {
		return nil
	}
	for _, t := range tails {
		if len(t.Values) > 0 {
			return nil
		}
	}
	return rewrite.Refuse(rewrite.S9, "guards-the-wait", s.Lock.Pos(), "nothing that the section uses looks guarded, so the lock seems to protect the wait itself")
}
