package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Split releases the lock for the wait and takes it again afterwards: extract, unlock,
// wait, relock, commit.
//
// It applies if the section touches guarded state before and after the wait but not
// during it, and what comes after does not depend on what was seen before: letgo
// refuses tests that would have to be repeated, values that may be out of date, and
// writes that may undo somebody else's. The lock is taken again just before the first
// statement that needs it, so that error checks after the wait do not need it.
//
// If the wait is in a branch, the test of the branch, and the reads that it depends on,
// are repeated before the result is stored. An entry that the section deletes after the
// wait is deleted only if it is still the one that was found before it.
//
// The lock is released and taken wherever [placement.Place] finds it cheapest: in
// branches, and in each iteration of a loop, which may take it only to read a value. A
// deferred function literal that needs the lock takes it itself.
//
//	// before
//	func (c *Cache) Refresh(name string) error {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.tries++
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return err
//		}
//		c.data = data
//		return nil
//	}
//
//	// after
//	func (c *Cache) Refresh(name string) error {
//		c.mu.Lock()
//		c.tries++
//		c.mu.Unlock()
//
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return err
//		}
//
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.data = data
//		return nil
//	}
var Split = Shape{
	Name:      "split",
	Doc:       "release the lock for the wait and take it again to commit the result",
	Plan:      planSplit,
	AnyForm:   true,
	CondWaits: true,
}

func planSplit(s *site.Site) (*plan.Plan, *safety.Refusal) { return placed(s, "split") }
