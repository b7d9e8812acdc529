//go:build unix

package editor_test

import (
	"syscall"
	"time"
)

// processTime returns the processor time that this process has used, which
// does not depend on what else the machine does.
func processTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
