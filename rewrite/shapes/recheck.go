package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/placement"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// Recheck is split in which what was tested before the wait is tested again
// after it.
//
// It applies where the section returns early because of guarded state (the entry is
// there already, the object is closed) and goes on to wait otherwise.
// Once it holds the lock again it makes the same tests, on values read anew: a
// cache entry that somebody else has filled meanwhile is returned and the own
// product dropped, and closed if it can be; an object that was closed meanwhile
// is not written to. What comes after then runs as if the section had begun
// there. Tests that do more than look, and a little on their way out, cannot be
// repeated, and are refused.
//
// Where the section waits once before it touches anything guarded, as one does that
// looks whether a file has changed and then reads it, the lock is taken after that.
//
// Several callers may now do the same work at the same time, all but one of them
// for nothing: the shape singleflight avoids that.
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
	Doc:     "release the lock for the wait, take it again, and test again what was tested before",
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
