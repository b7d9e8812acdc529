// Package overlap looks at what may run in several goroutines at once when the lock is
// released.
package overlap
