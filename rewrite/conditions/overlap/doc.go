// Package overlap looks at what may run several times at once when the lock is
// released.
package overlap
