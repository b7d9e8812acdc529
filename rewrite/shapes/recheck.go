package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Recheck is split, and repeats after the wait what was tested before it.
//
// It applies if the section returns early because of guarded state (the entry is
// already there, the object is closed) and waits otherwise. Once it holds the lock
// again, it makes the same tests on values that it reads again: if somebody else has
// filled a cache entry meanwhile, it returns that, and drops, or closes, its own
// product; it does not write to an object that was closed meanwhile. What comes after
// runs as if the section had begun there. Tests that do more than look, and a little
// before they return, cannot be repeated; letgo refuses them.
//
// If the section waits once before it touches anything guarded, like one that checks
// whether a file has changed and then reads it, the lock is taken after that.
//
// Several callers may now do the same work at the same time, and all but one do it for
// nothing: the shape singleflight avoids that.
//
//	// before
//	func (c *Cache) Load(name string) ([]byte, error) {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		if data, ok := c.files[name]; ok {
//			return data, nil
//		}
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return nil, err
//		}
//		c.files[name] = data
//		return data, nil
//	}
//
//	// after
//	func (c *Cache) Load(name string) ([]byte, error) {
//		c.mu.Lock()
//		if data, ok := c.files[name]; ok {
//			c.mu.Unlock()
//			return data, nil
//		}
//		c.mu.Unlock()
//
//		data, err := os.ReadFile(name)
//		if err != nil {
//			return nil, err
//		}
//
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		// Look again: the lock was not held meanwhile.
//		if data, ok := c.files[name]; ok {
//			return data, nil
//		}
//		c.files[name] = data
//		return data, nil
//	}
var Recheck = Shape{
	Name:    "recheck",
	Doc:     "release the lock for the wait, take it again, and repeat the tests from before the wait",
	Plan:    planRecheck,
	AnyForm: true,
}

func planRecheck(s *site.Site) (*plan.Plan, *safety.Refusal) {
	p, refusal := placement.PlaceAndLookAgain(s)
	if refusal != nil {
		return nil, refusal
	}
	return planOf(s, p)
}
