package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/helper"
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
var Helper = Shape{
	Name:     "helper",
	Doc:      "release the callers' lock in the function that waits, and take it again",
	InCallee: true,
	Plan:     helper.Plan,
}
