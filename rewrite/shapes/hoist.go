package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
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
var Hoist = Shape{
	Name:    "hoist",
	Doc:     "release the lock before the wait: nothing guarded is touched after it",
	Plan:    planHoist,
	AnyForm: true,

	CondWaits: true,
}

func planHoist(s *site.Site) (*plan.Plan, *safety.Refusal) { return placed(s, "hoist") }
