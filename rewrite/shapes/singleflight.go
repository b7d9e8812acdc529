package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/singleflight"
)

// Singleflight fetches a missing cache entry without the lock, once for all goroutines
// that wait for the same key.
//
// It applies to a section that looks a value up, returns it if it is there and fresh,
// and otherwise fetches, stores and returns it. A
// [golang.org/x/sync/singleflight.Group] next to the mutex now ensures that a value is
// fetched once. The lock is held only for the look-up and for the store, so that a hit,
// and a miss of another key, no longer wait for the fetch. The flight ends with the
// store, and begins with another look-up: a goroutine that comes too late for one
// flight and starts the next one finds what the first one stored.
//
// It relies on the fact that the cache gives one goroutine's value to all others
// anyway. New is that they also share its error, and that others may empty the cache
// while a value is fetched. Those are questions for a reviewer, so no rewrite of this
// shape has the grade safe.
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
	Doc:  "fetch a missing cache entry without the lock, once for all callers that wait for the same key",
	Plan: singleflight.Plan,
}
