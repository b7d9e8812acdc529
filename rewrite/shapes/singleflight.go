package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/singleflight"
)

// Singleflight fetches what a cache lacks without the lock, once for all
// goroutines that wait for the same key.
//
// It applies to a section that looks a value up, returns it if it is there and
// fresh, and else fetches, stores and returns it. A
// [golang.org/x/sync/singleflight.Group] next to the mutex takes over what the
// lock was held for: that a value is fetched once. The lock is held for the
// look-up and for the store only, so that a hit, and a miss of another key, no
// longer wait for the fetch. The store is made in the flight, and the look-up
// once more at its start: a goroutine that comes too late for one flight and
// begins the next one finds what the first one has stored.
//
// It relies on the cache handing one goroutine's value to all others anyway.
// New is that they share its error, too, and that others may empty the cache
// while a value is fetched. Those are questions for a reviewer, so no rewrite
// of this shape is safe without a look.
//
//	// before
//	func (r *Registry) Get(name string) (*Schema, error) {
//		r.mu.Lock()
//		defer r.mu.Unlock()
//		if s, ok := r.schemas[name]; ok {
//			return s, nil
//		}
//		s, err := r.download(name)
//		if err != nil {
//			return nil, err
//		}
//		r.schemas[name] = s
//		return s, nil
//	}
//
//	// after
//	func (r *Registry) Get(name string) (*Schema, error) {
//		r.mu.Lock()
//		s, ok := r.schemas[name]
//		r.mu.Unlock()
//		if ok {
//			return s, nil
//		}
//
//		v, err, _ := r.flight.Do(name, func() (any, error) {
//			r.mu.Lock()
//			s, ok := r.schemas[name]
//			r.mu.Unlock()
//			if ok {
//				return s, nil
//			}
//
//			s, err := r.download(name)
//			if err != nil {
//				return nil, err
//			}
//
//			r.mu.Lock()
//			defer r.mu.Unlock()
//			r.schemas[name] = s
//			return s, nil
//		})
//		if err != nil {
//			return nil, err
//		}
//		return v.(*Schema), nil
//	}
var Singleflight = Shape{
	Name: "singleflight",
	Doc:  "fetch what a cache lacks without the lock, once for all that wait for the same key",
	Plan: singleflight.Plan,
}
