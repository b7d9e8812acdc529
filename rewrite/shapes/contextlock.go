package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/contextlock"
)

// ContextLock turns a mutex that must stay held during a wait into a semaphore, so that
// goroutines waiting for it can give up when their context is done. Rust has tokio's
// Mutex for that.
//
// It is applied only on request: the lock is still held across the wait, and this
// rewrite does not say whether that is right. All uses of the mutex in the package
// change. A function that has a context and returns an error gives up with the
// context's error; any other one waits for the lock as before, which cannot fail
// because its context is never done.
//
// A [golang.org/x/sync/semaphore.Weighted] reads better than a channel with one slot,
// whose every use would be a select. It passes the lock on in the order of the
// requests, and panics, like a mutex, if it is released once too often. Its zero value
// does not work: letgo must see every place that makes the struct, and adds a semaphore
// there.
//
// Their cost in nanoseconds, for one Lock and Unlock by one goroutine, and by one of 64
// that all want the lock (two cores; cmd/holdbench, BenchmarkLock):
//
//	                        alone  64 goroutines
//	sync.Mutex                  7             34
//	sync.RWMutex, Lock         13             36
//	sync.RWMutex, RLock         7             12
//	semaphore.Weighted of 1    36          1,208
//	channel with one slot     142            648
//
// If the holder sleeps for a millisecond, all of them take that millisecond and 0.2 ms
// (only readers share it). So this rewrite is for a lock that must be held across a
// wait. It is better to release any other lock, which then stays a mutex.
//
// If the lock was not taken, the function returns the error with the same values that
// it returns with other errors.
//
//	// before
//	func NewDevice(conn net.Conn) *Device {
//		return &Device{conn: conn}
//	}
//
//	func (d *Device) Send(ctx context.Context, frame []byte) (int, error) {
//		d.mu.Lock()
//		defer d.mu.Unlock()
//		d.sent++
//		return d.conn.Write(frame)
//	}
//
//	// after
//	func NewDevice(conn net.Conn) *Device {
//		return &Device{conn: conn, mu: semaphore.NewWeighted(1)}
//	}
//
//	func (d *Device) Send(ctx context.Context, frame []byte) (int, error) {
//		if err := d.mu.Acquire(ctx, 1); err != nil {
//			return 0, err
//		}
//		defer d.mu.Release(1)
//		d.sent++
//		return d.conn.Write(frame)
//	}
var ContextLock = Shape{
	Name:      "context-lock",
	Doc:       "keep the lock, but let goroutines that wait for it give up with their context; only on request",
	OnRequest: true,
	Plan:      contextlock.Plan,
}
