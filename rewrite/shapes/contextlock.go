package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/contextlock"
)

// ContextLock turns a mutex that must stay held while its holder waits into a
// semaphore, so that whoever waits for it can give up when its context is done.
// It is what Rust has tokio's Mutex for.
//
// It is offered and only carried out where it is asked for: the lock is still
// held across the wait, and whether that is right is not for this rewrite to
// say. All uses of the mutex in the package change. A function with a context
// and an error to return gives up with the error of its context; in any other
// one the lock is waited for as before, which cannot fail because that context
// is never done.
//
// A [golang.org/x/sync/semaphore.Weighted] reads better than a channel with one
// slot, whose every use would be a select; it hands the lock on in the order in
// which it was asked for, and panics, as the mutex does, where it is released
// once too often. Its zero value is of no use: every place where the struct is
// made must be seen, and gets one.
//
// What they cost, in nanoseconds for one Lock and Unlock by one goroutine, and by
// one of 64 that all want the lock (two cores; cmd/holdbench, BenchmarkLock):
//
//	                        alone  64 goroutines
//	sync.Mutex                  7             34
//	sync.RWMutex, Lock         13             36
//	sync.RWMutex, RLock         7             12
//	semaphore.Weighted of 1    36          1,208
//	channel with one slot     142            648
//
// If the holder sleeps for a millisecond, all of them take that millisecond and
// 0.2 ms (only readers share it). So this rewrite is for a lock that has to be
// held across a wait. One that has not is better released, and stays a mutex.
//
// The error of a lock that was not taken is returned with what the function
// returns along with other errors that it hands on.
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
	Doc:       "keep the lock, but let those who wait for it give up with their context; only where asked for",
	OnRequest: true,
	Plan:      contextlock.Plan,
}
