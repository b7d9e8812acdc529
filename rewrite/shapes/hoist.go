package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Hoist releases the lock before the wait.
//
// It applies if the section touches nothing guarded once the wait has begun. What the
// wait needs is read before the release: while the lock was held throughout, nobody
// could change it in between, so the early value is the same value.
//
// A deferred release becomes an explicit one on each path. If something between the
// lock and the release panics, the lock would now stay locked; letgo asks the reviewer
// whether that can happen. It refuses a function that recovers from such a panic, which
// would continue with a lock that nobody releases.
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
