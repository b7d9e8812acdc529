package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/helper"
)

// Helper opens the window in the function that waits, if its callers call it with the
// lock held.
//
// The function releases its callers' lock around the wait and takes it again. It must
// be unexported and not used as a value, so that letgo sees all callers. For each
// caller letgo checks what it read before the call and uses after it, what it tests
// before and acts on after, and what it has already changed, which others now see. It
// refuses calls in a loop. If a caller's release is deferred, a panic must find the
// lock held, so the function takes it again with a defer too.
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
